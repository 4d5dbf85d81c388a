"""The blur microscope: one picture, one denoiser, and every instrument at one pixel."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from lessons_lib.denoisers import CATALOGUE, Entry
from lessons_lib.denoisers.wrappers import in_strips
from lessons_lib.display import microscope_text, pixels
from lessons_lib.display.catalogue_view import CatalogueView
from lessons_lib.display.cost_meter import CostMeter
from lessons_lib.display.curve_store import CurveStore
from lessons_lib.display.look import Look, take_look
from lessons_lib.display.microscope_controls import PHOTO, THIRD, check_settings, controls
from lessons_lib.display.microscope_plots import profile_plot
from lessons_lib.display.profiles import strongest_edge
from lessons_lib.display.subjects import Subject, subject
from lessons_lib.scenes.photo import Photo, read_photo

SLOW = 0.25  # seconds; a denoiser above it waits for the slider's release and shows progress
PICTURE_STEP = 0.12  # share of a slow estimate after which the pictures are shown again


class BlurMicroscope(CatalogueView):
    """See blur appear: choose picture, noise and denoiser, move the strength, click a pixel.

    Parameters
    ----------
    picture : str
        Name in ``SUBJECTS``.
    noise, level : str, float
        Kind (one of ``NOISES``) and level of the noise that is added.
    denoiser : str
        Name in ``catalogue``.
    size : int
        Side of the square crop that is denoised and shown, px.
    position : (int, int), optional
        (row, col) in the picture where the crop is centred and the cross stands at first; the
        middle of the picture if not given.
    seed : int
        Of the noise.
    catalogue : mapping, optional
        The denoisers on offer; by default all of the course.
    photo : str or Path, optional
        A file of yours to start with, instead of ``picture``.

    Raises
    ------
    ValueError
        For a setting that does not exist, with the list of those that do, and for a file
        that is no photo.
    """

    def __init__(
        self,
        picture: str = "night street, photographed",
        noise: str = "as it is",
        level: float = 0.05,
        denoiser: str = "Gaussian (linear)",
        size: int = 256,
        position: tuple[int, int] | None = None,
        seed: int = 0,
        catalogue: Mapping[str, Entry] | None = None,
        photo: str | Path | None = None,
    ) -> None:
        state = {
            "picture": picture, "noise": noise, "level": level, "denoiser": denoiser,
            "third": THIRD[0], "sigma": 0.0,
        }  # fmt: skip
        check_settings(state, size)
        super().__init__("Blur microscope", catalogue or CATALOGUE, state)
        self.size, self.seed = size, seed
        self.photo: Subject | None = None
        self.look: Look | None = None
        self._cost = CostMeter()
        self._curves = CurveStore()
        self._settings: tuple = ()  # those that the crop was made with
        self._start = position
        self._no_clean = False  # whether the last picture had no clean version
        self._kept: list = []
        # Not guarded as an event is: what was asked for in code is refused in code.
        if photo is None:
            self.react("picture", settled=True)
        else:
            self.show_photo(read_photo(photo))

    # -- events

    def react(self, source: str, settled: bool) -> None:
        """Recompute what depends on ``source`` and show it; long work becomes a job."""
        self.begin(source)
        if source == "picture":
            self._new_picture()
        if source.startswith("overview"):
            self._move_crop()
        if source == "sigma":  # the user knows better than the estimate
            self.look = replace(self.look, sigma=self.state["sigma"], origin="set by you")
        else:
            self._load_crop()
        if source in ("picture", "denoiser", "noise"):
            self.controls = controls(
                self.state, self.denoiser_controls(),
                has_photo=self.photo is not None, has_clean=self.look.clean is not None,
            )  # fmt: skip
        slow = self._expected_seconds() > SLOW
        if slow and not settled:
            wait = self._expected_seconds()
            self.readout = f"Release the slider to compute: about {wait:.1f} s."
            return
        if not slow:
            self._show(self._estimate_now(), settled)
        if settled:
            self._job.start(self._slowly(slow))

    def receive(self, name: str, content: bytes) -> None:
        """Put the user's own file under the microscope; it stays on this machine."""
        self.show_photo(read_photo(content, name=name))

    def show_photo(self, photo: Photo) -> None:
        """Make a photo the picture, and say what was changed or lost on reading it."""
        self.photo = Subject(PHOTO, photo.display, noisy_already=True)
        self.push(picture=PHOTO)
        self.react("picture", settled=True)
        self.notes = " ".join([f"Opened {photo.name}.", *photo.notes])

    # -- what is chosen

    @property
    def _subject(self) -> Subject:
        if self.state["picture"] != PHOTO:
            return subject(self.state["picture"])
        if self.photo is None:
            raise ValueError("choose a file first: press 'open a photo'")
        return self.photo

    def _new_picture(self) -> None:
        """Start in the middle of a new picture, with noise if it has none of its own."""
        whole = self._subject
        self.notes = ""
        noise = self.state["noise"]
        if whole.noisy_already:
            noise = "as it is"
        elif noise == "as it is":
            noise = "Gaussian"
        middle = tuple(extent // 2 for extent in whole.image.shape[:2])
        middle = self._start or whole.centre or middle
        factor = pixels.shrink_factor(whole.image)
        self.state.update(
            noise=noise, crop_row=middle[0], crop_col=middle[1],
            overview_row=middle[0] // factor, overview_col=middle[1] // factor,
        )  # fmt: skip
        self._place_cross(whole, middle)
        has_clean = whole.truth is not None or not whole.noisy_already
        if not has_clean or self._no_clean:
            self.state["third"] = THIRD[0] if has_clean else "residual"
        self._no_clean = not has_clean
        self.push()

    def _place_cross(self, whole: Subject, middle: tuple[int, int]) -> None:
        """Put the cross where code asked for it, or on the crop's strongest edge."""
        top, left = self._corner()
        if self._start:
            spot = (middle[0] - top, middle[1] - left)
        else:
            spot = strongest_edge(whole.image[top : top + self.size, left : left + self.size])
        self._start = None  # the next picture chooses its own place
        self.state.update(row=spot[0], col=spot[1])

    def _move_crop(self) -> None:
        """Centre the crop where the whole picture was clicked."""
        factor = pixels.shrink_factor(self._subject.image)
        for axis in ("row", "col"):
            self.state[f"crop_{axis}"] = self.state[f"overview_{axis}"] * factor

    def _corner(self) -> tuple[int, int]:
        """First row and column of the crop, which stays inside the picture."""
        height, width = self._subject.image.shape[:2]
        top = np.clip(self.state["crop_row"] - self.size // 2, 0, max(0, height - self.size))
        left = np.clip(self.state["crop_col"] - self.size // 2, 0, max(0, width - self.size))
        return int(top), int(left)

    # -- computing

    def _load_crop(self) -> None:
        """Cut the crop out and add its noise, unless nothing of that changed."""
        state, whole = self.state, self._subject
        settings = tuple(state[name] for name in ("noise", "level", "crop_row", "crop_col"))
        if self.look is not None and self.look.subject is whole and settings == self._settings:
            return
        corner = self._corner()
        noise, level = state["noise"], state["level"]
        self.look = take_look(whole, corner, self.size, noise, level, self.seed)
        self._settings = settings
        if noise == "as it is":  # else the page shows the level, and is moving it
            self.push(sigma=round(self.look.sigma, 3))

    def _expected_seconds(self) -> float:
        return self._cost.expect(self.state["denoiser"], self.denoiser, self.look)

    def _estimate_now(self) -> np.ndarray:
        started = time.perf_counter()
        estimate = self.denoiser(self.look.noisy, self.look.sigma)
        seconds = time.perf_counter() - started
        self._cost.remember(self.state["denoiser"], seconds, estimate)
        return estimate

    def _slowly(self, slow: bool) -> Iterator[None]:
        """Steps of the work that a slider does not wait for: slow estimates, the blur curve."""
        if slow:
            spent, started, shown = 0.0, time.perf_counter(), 0.0
            for share, estimate in in_strips(self.denoiser, self.look.noisy, self.look.sigma):
                spent += time.perf_counter() - started
                self.progress = share
                if share == 1.0:
                    self._cost.remember(self.state["denoiser"], spent, estimate)
                if share == 1.0:
                    self._show(estimate, settled=True)
                elif share >= shown + PICTURE_STEP:
                    # Method noise would take another estimate, of the clean crop, each time.
                    self._show(estimate, settled=False, third="residual")
                    shown = share
                yield
                started = time.perf_counter()
        for share in self._curves.measure(self.denoiser, self.look.sigma):
            self.progress = share
            yield
        self.plots = [self.plots[0], self._curves.plot(self.denoiser, self.look.sigma)]
        self.progress = -1.0

    # -- showing

    def _show(self, estimate: np.ndarray, settled: bool, third: str = "") -> None:
        state = self.state
        spot = microscope_text.clamp((state["row"], state["col"]), estimate.shape)
        denoiser = self.denoiser
        shown = microscope_text.pictures(self.look, estimate, denoiser, third or state["third"])
        if settled or not self._kept:  # a drag leaves the kernel as it was, and stays fast
            per_pixel = self._cost.per_pixel(state["denoiser"])
            self._kept = microscope_text.guides(self.look, denoiser, spot, per_pixel)
        self.show_panels([*shown, *self._kept])
        profile, sentence = profile_plot(self.look, estimate, spot)
        self.plots = [profile, self._curves.plot(denoiser, self.look.sigma)]
        self.readout = microscope_text.sentence(
            self.look, estimate, denoiser, sentence, self._expected_seconds()
        )
