"""The photo bench: a photo of yours, a denoiser set for it, and what it took away."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.denoisers.photo_choice import (
    METHODS,
    NothingToDenoise,
    PhotoChoice,
    choose_denoiser,
)
from lessons_lib.denoisers.photo_colours import EvenColours
from lessons_lib.denoisers.photo_rules import HIGHEST_LEVEL
from lessons_lib.denoisers.stabilised import Stabilised
from lessons_lib.diagnosis.photo_noise import PhotoNoise, measure_photo_noise
from lessons_lib.display import photo_bench_text as text
from lessons_lib.display import pixels, view
from lessons_lib.display.microscope_controls import PHOTO_TYPES
from lessons_lib.display.subjects import SHOP, photographed_street
from lessons_lib.image import Image
from lessons_lib.scenes.development import srgb_decode, srgb_encode
from lessons_lib.scenes.photo import Photo, read_photo

SIZE = 192
DISPLAY, LINEAR = "display values", "linear light"
DOMAINS = (DISPLAY, LINEAR)
SLOW = ("network", "bm3d")  # they wait for the slider's release


def bundled_street() -> Photo:
    """The photographed night street, as if it had been read from a file."""
    image = photographed_street().astype(np.float32)
    return Photo(image, "the night street", "srgb", {}, ())


class PhotoBench(view.CanvasView):
    """Open a photo, choose denoiser, strength and domain, and look at what was taken.

    Nothing is ever added to the photo. Its noise is measured on all of it; the crop alone is
    denoised.

    Parameters
    ----------
    photo : Photo, str, Path or None
        A photo or its file; the night street if None.
    method : str
        One of :data:`lessons_lib.denoisers.photo_choice.METHODS`.
    domain : str
        'display values' or 'linear light'; what suits the file if not given.
    strength : float
        Times what the rule says; 0 to 3.

    Raises
    ------
    ValueError
        For a method or domain that does not exist, and a photo without noise.
    PhotoError
        For a file that is no photo.
    """

    def __init__(
        self, photo: Photo | str | Path | None = None, method: str = "nlm",
        domain: str | None = None, strength: float = 1.0,
    ) -> None:  # fmt: skip
        for given, known, kind in (
            (method, tuple(METHODS), "method"), (domain or DISPLAY, DOMAINS, "domain"),
        ):  # fmt: skip
            if given not in known:
                raise ValueError(f"there is no {kind} {given!r}; choose one of {', '.join(known)}")
        super().__init__("Photo bench")
        self.photo = bundled_street()
        self._choices: dict[tuple, PhotoChoice] = {}
        self._noises: dict[str, PhotoNoise] = {}
        self.push(method=method, strength=strength, row=SIZE // 2, col=SIZE // 2)
        self.controls = [
            view.file_picker("file", "open a photo", PHOTO_TYPES),
            view.choice("method", "denoiser", tuple(METHODS)),
            view.slider("strength", "strength", (0.0, 3.0, 0.1), "x the rule"),
            view.choice("domain", "computed in", DOMAINS),
        ]
        if photo is None:
            self.show_photo(self.photo, SHOP, domain)
        else:
            opened = photo if isinstance(photo, Photo) else read_photo(photo)
            self.show_photo(opened, None, domain)

    # -- what is looked at

    def receive(self, name: str, content: bytes) -> None:
        """Open the user's own file; it stays on this machine."""
        self.show_photo(read_photo(content, name=name))

    def show_photo(
        self, photo: Photo, centre: tuple[int, int] | None = None, domain: str | None = None
    ) -> None:
        """Make a photo the bench's, and say what was changed or lost on reading it."""
        self.photo = photo
        self._choices, self._noises = {}, {}
        place = centre or tuple(side // 2 for side in photo.image.shape[:2])
        factor = pixels.shrink_factor(photo.image)
        suited = LINEAR if photo.encoding == "linear" else DISPLAY
        self.push(
            domain=domain or suited, overview_row=place[0] // factor,
            overview_col=place[1] // factor,
        )  # fmt: skip
        self.react("domain", settled=True)
        self.notes = " ".join([f"Opened {photo.name}.", *photo.notes])

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the crop, inside the photo."""
        factor, found = pixels.shrink_factor(self.photo.image), []
        for axis, side in zip(("row", "col"), self.photo.image.shape[:2], strict=True):
            middle = int(self.state[f"overview_{axis}"]) * factor
            start = int(np.clip(middle - SIZE // 2, 0, max(side - SIZE, 0)))
            found.append(slice(start, start + SIZE))
        return found[0], found[1]

    # -- what is computed

    def numbers_in(self, domain: str) -> tuple[Image, str]:
        """The photo's numbers in a domain, and what they are called in the library."""
        if domain == DISPLAY:
            return self.photo.display, "srgb"
        linear = self.photo.encoding == "linear"
        return (self.photo.image if linear else srgb_decode(self.photo.image)), "linear"

    def noise(self, domain: str) -> PhotoNoise:
        """The photo's noise in a domain, measured once."""
        if domain not in self._noises:
            self._noises[domain] = measure_photo_noise(self.numbers_in(domain)[0])
        return self._noises[domain]

    def choice(self) -> PhotoChoice:
        """What the library sets for this photo, at strength 1; found once for each method."""
        key = (str(self.state["method"]), str(self.state["domain"]))
        if key not in self._choices:
            image, encoding = self.numbers_in(key[1])
            try:
                self._choices[key] = choose_denoiser(
                    image, encoding, lambda one: self._measured(one, image, key[1]), method=key[0]
                )
            except NothingToDenoise as error:
                raise NothingToDenoise(f"{self.photo.name} {error}") from error
        return self._choices[key]

    def _measured(self, one: Image, image: Image, domain: str) -> PhotoNoise:
        return self.noise(domain) if one is image else measure_photo_noise(one)

    def denoiser(self) -> Denoiser:
        """The chosen denoiser at the present strength."""
        return stronger(self.choice().denoiser, float(self.state["strength"]))

    def estimate(self) -> Image:
        """The crop, denoised; display values, not clipped in the display domain."""
        image, encoding = self.numbers_in(str(self.state["domain"]))
        crop = np.ascontiguousarray(image[self.window])
        found = crop if self.state["strength"] == 0 else self.denoiser()(crop, self.choice().sigma)
        return srgb_encode(np.clip(found, 0, 1)) if encoding == "linear" else found

    def react(self, source: str, settled: bool) -> None:
        """Denoise the crop and show it."""
        if not settled and self.state["method"] in SLOW:
            self.readout = "Release the slider to compute."
            return
        look = text.Look(
            self.photo, self.window, self.photo.display[self.window], self.estimate(),
            self.noise(DISPLAY), self.choice(), float(self.state["strength"]),
        )  # fmt: skip
        self.show_panels(text.panels(look))
        self.plots = [text.noise_plot(look), text.correlation_plot(look)]
        self.readout = text.sentence(look)


def stronger(denoiser: Denoiser, factor: float) -> Denoiser:
    """The same denoiser, told ``factor`` times its levels.

    Parameters
    ----------
    denoiser : Stabilised or EvenColours
        As :attr:`PhotoChoice.denoiser`.
    factor : float
        0 or more.
    """
    if isinstance(denoiser, Stabilised):
        return replace(denoiser, denoiser=stronger(denoiser.denoiser, factor))
    if not isinstance(denoiser, EvenColours):
        raise ValueError(f"strength can be set for a photo's denoiser, got {denoiser!r}")
    levels = tuple(min(factor * level, HIGHEST_LEVEL) for level in denoiser.levels)
    return replace(denoiser, levels=levels)


def photo_bench(
    photo: Photo | str | Path | None = None, method: str = "nlm", strength: float = 1.0
) -> PhotoBench:
    """Make a photo bench; the settings are those of :class:`PhotoBench`."""
    return PhotoBench(photo, method, None, strength)
