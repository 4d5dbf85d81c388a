"""The edge bench: one slanted edge, many draws of the noise, and the question blur or jitter?"""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers import CATALOGUE, Entry, Gaussian, LocalWiener, Median
from lessons_lib.diagnosis.blur_evidence import Evidence, measure_evidence
from lessons_lib.display import edge_bench_text as text
from lessons_lib.display import view
from lessons_lib.display.catalogue_view import CatalogueView
from lessons_lib.display.edge_bench_text import Look, rise_marks, verdict
from lessons_lib.image import Image
from lessons_lib.scenes.phantoms import SlantedEdge

__all__ = [
    "BENCH",
    "KEPT",
    "SIGMA",
    "EdgeBench",
    "Evidence",
    "SharpGuess",
    "edge_bench",
    "measure_evidence",
    "rise_marks",
    "verdict",
]

SIGMA = 0.05
SIZE = 96
MOST_DRAWS = 32
BUDGET = 0.025  # seconds of denoising in one event; what is left becomes a job
KEPT = 8  # settings whose estimates stay in memory, 2.4 MB each


@dataclass(frozen=True)
class SharpGuess:
    """A toy 'denoiser' that draws a perfectly sharp edge, but at a random place.

    It throws its dice with two neighbouring pixels of the dark corner: their difference
    is pure noise. So it is repeatable, and every draw of the noise gets another place.

    Parameters
    ----------
    jitter : float
        Standard deviation of the place, px; 0 or more.
    """

    jitter: float = 1.5

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return a sharp slanted edge with the levels of ``noisy``, ``(N, N)``."""
        quarter = len(noisy) // 4
        dark, light = noisy[:, :quarter].mean(), noisy[:, -quarter:].mean()
        dice = (noisy[0, 0] - noisy[1, 0]) / (max(sigma, 1e-12) * math.sqrt(2))
        drawn = SlantedEdge(size=len(noisy), contrast=1.0, offset=self.jitter * float(dice))
        return dark + (light - dark) * drawn.image()


BENCH: dict[str, Entry] = {
    **{
        name: entry
        for name, entry in CATALOGUE.items()
        if entry.make in (Gaussian, Median, LocalWiener)
    },
    "Sharp guess (toy)": Entry(SharpGuess, "jitter", "jitter, px", (0.0, 3.0, 0.1), 1.5),
}


class EdgeBench(CatalogueView):
    """Choose a denoiser and contrast / sigma; compare one estimate with the mean of many.

    Parameters
    ----------
    denoiser : str
        Name in ``catalogue``.
    ratio : float
        Contrast / sigma where the slider starts; it goes from 1 to 12.
    draws : int
        Draws of the noise where the slider starts, 1 to 32.
    seed : int
        Of the noise.
    catalogue : mapping, optional
        The denoisers on offer.
    """

    def __init__(
        self,
        denoiser: str = "Median (order statistic)",
        ratio: float = 4.0,
        draws: int = 16,
        seed: int = 0,
        catalogue: Mapping[str, Entry] | None = None,
    ) -> None:
        state = {"denoiser": denoiser, "ratio": ratio, "draws": draws, "shown": 1}
        super().__init__("Edge bench", catalogue or BENCH, state)
        rng = np.random.default_rng(seed)
        self._noise = SIGMA * rng.standard_normal((MOST_DRAWS, SIZE, SIZE))
        self._estimates: dict[tuple, list[Image]] = {}
        self._evidence: tuple[tuple, Evidence] | None = None
        self.react("denoiser", settled=True)

    def react(self, source: str, settled: bool) -> None:
        """Show what fits into one event at once; the other draws and the fit are a job."""
        self.begin(source)
        if source == "denoiser":
            self.controls = self._controls()
        self._denoise_for(BUDGET)
        self._show()
        if settled:
            self._job.start(self._rest())

    @property
    def edge(self) -> SlantedEdge:
        """The clean edge at its present contrast."""
        return SlantedEdge(size=SIZE, contrast=SIGMA * float(self.state["ratio"]))

    def _controls(self) -> list[dict]:
        return [
            *self.denoiser_controls(),
            view.slider("ratio", "contrast / sigma", (1.0, 12.0, 0.5)),
            view.slider("draws", "draws in the mean", (1, MOST_DRAWS, 1)),
            view.slider("shown", "draw shown", (1, MOST_DRAWS, 1)),
        ]

    @property
    def _key(self) -> tuple[str, float, float]:
        """What the estimates depend on, besides the noise."""
        state = self.state
        return state["denoiser"], float(state["strength"]), float(state["ratio"])

    def _wanted(self) -> int:
        """How many draws are needed: for the mean, and for the one that is shown."""
        return int(max(self.state["draws"], self.state["shown"]))

    def _denoise_for(self, seconds: float) -> bool:
        """Denoise further draws until all are there (True) or the time is over."""
        done = self._estimates.setdefault(self._key, [])
        while len(self._estimates) > KEPT:
            self._estimates.pop(next(iter(self._estimates)))
        clean, denoiser = self.edge.image(), self.denoiser
        end = time.perf_counter() + seconds
        while len(done) < self._wanted():
            done.append(denoiser(clean + self._noise[len(done)], SIGMA))
            if time.perf_counter() > end:
                break
        return len(done) >= self._wanted()

    def _rest(self) -> Iterator[None]:
        """The work that a slider does not wait for: more draws, then blur or jitter."""
        while not self._denoise_for(BUDGET):
            self.progress = len(self._estimates[self._key]) / self._wanted()
            yield
        self._show()
        draws = int(self.state["draws"])
        if draws > 1:
            yield
            estimates = np.array(self._estimates[self._key][:draws])
            self._evidence = ((*self._key, draws), measure_evidence(estimates, self.edge, SIGMA))
            self._show()
        self.progress = -1.0

    def _show(self) -> None:
        done = self._estimates[self._key]
        used = min(int(self.state["draws"]), len(done))
        shown = min(int(self.state["shown"]), len(done)) - 1
        clean = self.edge.image()
        look = Look(
            self.edge, SIGMA, clean, clean + self._noise[shown], done[shown],
            np.mean(done[:used], axis=0), shown + 1, used,
        )  # fmt: skip
        self.show_panels(text.pictures(look))
        self.plots = [text.spread_plot(look), text.transfer_plot(look)]
        wanted = int(self.state["draws"])
        measured = self._evidence is not None and self._evidence[0] == (*self._key, wanted)
        evidence = self._evidence[1] if measured else None
        self.readout = text.sentence(look, self.denoiser, wanted, evidence)


def edge_bench(**settings: object) -> EdgeBench:
    """Make an edge bench; the settings are those of :class:`EdgeBench`."""
    return EdgeBench(**settings)
