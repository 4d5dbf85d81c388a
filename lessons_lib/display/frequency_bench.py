"""The frequency bench: which noise makes tissue of a mask? Flat regions, worms, or grain."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from torch import nn

from lessons_lib.display import frequency_bench_looks as looks
from lessons_lib.display import view
from lessons_lib.display.jobs import Job
from lessons_lib.display.network_bench_training import advance
from lessons_lib.image import Image
from lessons_lib.learning import tissue
from lessons_lib.learning.tissue_network import generate
from lessons_lib.learning.tissue_training import (
    TissueProgress,
    distance,
    extra_channel,
    train_tissue,
)
from lessons_lib.learning.tissue_weights import load_tissue
from lessons_lib.scenes.tissue import Tissue

MASK_ONLY, NOISE, PIXELS, REAL, IGNORED = (
    "mask only", "mask + noise", "mask + single pixels", "mask + real structure",
    "mask + noise, plain squared error",
)  # fmt: skip
GIVEN = (NOISE, MASK_ONLY, PIXELS, REAL, IGNORED)
WITHOUT_BAND = {
    MASK_ONLY: tissue.NONE, PIXELS: tissue.SPARSE, REAL: tissue.STRUCTURE, IGNORED: tissue.SQUARED
}  # fmt: skip
BANDS = (*(tissue.band(f) for f in tissue.BANDS), tissue.WHITE)
TEXTS = (*(f"{f:g} cycles/px" for f in tissue.BANDS), "white: all of them")
COLUMNS = np.s_[224:416]  # of the first test strip: a gland, its hollow, and what is between
TRAIN_SEED = 7  # not one of the stored ones


@dataclass(frozen=True, eq=False)
class Seen:
    """What the bench knows at one setting.

    Attributes
    ----------
    condition : str
        Name in the table.
    piece : Tissue
        The piece of the slide that nobody learnt from.
    extra, drawn : ndarray, ``(H, W)``
        What stands beside the mask; what the stored generator makes of both.
    again : ndarray or None
        The same of a generator that was trained just now.
    seed : int
        Of the noise.
    stored : ndarray
        Distances in the table, one for each training seed.
    """

    condition: str
    piece: Tissue
    extra: Image
    drawn: Image
    again: Image | None
    seed: int
    stored: np.ndarray

    def distance(self, picture: Image) -> float:
        """Sliced Wasserstein distance of a picture from this piece."""
        return distance(picture, self.piece.brown)


class FrequencyBench(view.CanvasView):
    """Slide the noise's frequency and see what a generator makes of it; or train it again.

    Parameters
    ----------
    given : str
        One of ``GIVEN``: what stands beside the mask.
    frequency : float
        Of the noise at first; one of the table's bands, cycles/px.
    seed : int
        Of the noise at first, 0 to 20.
    steps : int
        Of a training by the button; None for as many as the stored generators had.

    Raises
    ------
    ValueError
        For something else beside the mask, or a frequency that is not in the table.
    """

    def __init__(
        self, given: str = NOISE, frequency: float = 0.05, seed: int = 0, steps: int | None = None
    ) -> None:
        if given not in GIVEN:
            raise ValueError(f"given must be one of {', '.join(GIVEN)}; got {given!r}")
        if tissue.band(frequency) not in BANDS:
            known = ", ".join(f"{f:g}" for f in tissue.BANDS)
            raise ValueError(
                f"no generator was trained for {frequency:g} cycles/px; choose one of {known}"
            )
        super().__init__("Frequency bench")
        self._job, self._steps = Job(self.broke), steps
        self._again: dict[str, nn.Module] = {}
        self.controls = controls_for(given)
        self.push(given=given, band=BANDS.index(tissue.band(frequency)), seed=seed, train=0,
                  cancel=0)  # fmt: skip
        self._show()

    @property
    def condition(self) -> str:
        """Name of the present condition in the table."""
        given = str(self.state["given"])
        return WITHOUT_BAND.get(given) or BANDS[int(self.state["band"])]

    def react(self, source: str, settled: bool) -> None:
        """Show another condition; or begin or stop a training."""
        self._job.cancel()
        self.progress = -1.0
        if source == "train":
            self._job.start(self._train(self.condition))
        elif source == "cancel":
            self.readout = "Stopped. The stored generator is still shown."
        else:
            if source == "given":
                self.controls = controls_for(str(self.state["given"]))
            self._show()

    def seen(self) -> Seen:
        """All that is shown, as numbers."""
        name, seed = self.condition, int(self.state["seed"])
        piece = shown_piece()
        extra = extra_channel(tissue.plan_of(name), piece, np.random.default_rng(seed))
        network = self._again.get(name)
        again = None if network is None else generate(network, piece.mask, extra)
        drawn = generate(load_tissue(name), piece.mask, extra)
        stored = stored_scores()[name]
        return Seen(name, piece, extra, drawn, again, seed, stored)

    def _show(self) -> None:
        seen = self.seen()
        self.show_panels(looks.panels(seen))
        self.plots = [looks.spectrum_plot(seen), looks.distance_plot(stored_scores(), BANDS, seen)]
        self.readout = looks.sentence(seen)

    def _train(self, name: str) -> Iterator[None]:
        """Train the present condition with another seed, then show both."""
        plan = tissue.plan_of(name, TRAIN_SEED)
        plan = plan if self._steps is None else replace(plan, steps=self._steps)
        training, self.progress = train_tissue(plan, tissue.pieces_for(name)[0]), 0.0
        last: TissueProgress | None = None
        while (now := advance(training)) is not None:
            last = now
            if now.step % 8 == 0:
                self.progress = now.step / now.steps
                self.readout = f"{name}: step {now.step} of {now.steps}, loss {now.losses[-1]:.3f}"
            yield
        self.progress = -1.0
        self._again[name] = last.network
        self._show()


def controls_for(given: str) -> list[dict]:
    """The controls; sliders that would change nothing cannot be moved."""
    last, still = len(BANDS) - 1, given in (MASK_ONLY, REAL)
    return [
        view.choice("given", "the generator is given", GIVEN),
        view.slider("band", "noise frequency", (0, last, 1), texts=TEXTS, disabled=given != NOISE),
        view.slider("seed", "seed of the noise", (0, 20, 1), disabled=still),
        view.button("train", "train this one again"),
        view.button("cancel", "cancel"),
    ]


@cache
def shown_piece() -> Tissue:
    """A piece of the slide's test strips."""
    return tissue.pieces_for(tissue.WHITE)[1][0].part(np.s_[:], COLUMNS)


@cache
def stored_scores() -> dict[str, np.ndarray]:
    """Distances of all conditions in the committed table."""
    return tissue.scores()


def frequency_bench(given: str = NOISE, frequency: float = 0.05, seed: int = 0) -> FrequencyBench:
    """Make a frequency bench; the settings are those of :class:`FrequencyBench`."""
    return FrequencyBench(given, frequency, seed)
