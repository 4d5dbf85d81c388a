"""The edge bench: one slanted edge, many draws of the noise, and the question blur or jitter?"""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers import CATALOGUE, Denoiser, Entry, Gaussian, LocalWiener, Median
from lessons_lib.diagnosis.blur_curve import RISE, BlurPoint, blur_curve
from lessons_lib.diagnosis.edges import (
    EdgeSpread,
    edge_spread,
    format_mtf50,
    format_width,
    modulation_transfer,
    mtf50,
    plateaus,
    rise_width,
)
from lessons_lib.display import pixels, view
from lessons_lib.display.jobs import Job
from lessons_lib.image import Image
from lessons_lib.scenes.phantoms import SlantedEdge

SIGMA = 0.05
SIZE = 96
MOST_DRAWS = 32
BUDGET = 0.025  # seconds of denoising in one event; what is left becomes a job
KEPT = 8  # settings whose estimates stay in memory, 2.4 MB each
SHARP = 1.1  # a mean edge below this many clean widths counts as sharp
SPREAD_REACH = 8.0  # px shown to each side of the edge


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


def measure_estimates(estimates: list[Image], ratio: float) -> BlurPoint:
    """One point of the blur curve from estimates that were computed already.

    Parameters
    ----------
    estimates : list of ndarray
        At least 2, of the default slanted edge with contrast ``ratio`` SIGMA.
    ratio : float
        Contrast / sigma.
    """
    replay = iter(estimates)
    curve = blur_curve(
        lambda noisy, sigma: next(replay),
        sigma=SIGMA, ratios=(ratio,), draws=len(estimates), size=SIZE,
    )  # fmt: skip
    return next(curve)


def verdict(point: BlurPoint, clean_width: float) -> str:
    """Say whether a wide mean edge comes from blurred draws or from a moving edge.

    Blur is what the width of single draws has beyond the clean edge's, jitter the spread
    of their places times 2.563; the larger one of the two squares wins.
    """
    if not math.isfinite(point.width):
        return "no edge is left"
    if point.width <= SHARP * clean_width:
        return "sharp: neither blur nor jitter"
    blurred = point.width_per_draw**2 - clean_width**2
    moved = (RISE * point.jitter) ** 2
    return "BLUR: single draws are wide" if blurred >= moved else "JITTER: single draws move"


def rise_marks(spread: EdgeSpread) -> tuple[np.ndarray, np.ndarray]:
    """Where a spread reaches 10 and 90 % of its own contrast: positions and values.

    Returns
    -------
    tuple of ndarray
        Two positions, px, and two values, image units; NaN where there is no edge.
    """
    middle = 0.5 + 1e-9
    width = rise_width(spread)
    if not math.isfinite(width):
        return np.full(2, np.nan), np.full(2, np.nan)
    dark, light = plateaus(spread)
    climb = (spread.values - dark) / (light - dark)
    crossed = np.flatnonzero((climb[:-1] < 0.5) & (climb[1:] >= 0.5))
    at = crossed[np.argmin(np.abs(spread.positions[crossed]))]
    share = (0.5 - climb[at]) / (climb[at + 1] - climb[at])
    half = spread.positions[at] + share * (spread.positions[at + 1] - spread.positions[at])
    # The instrument itself says how far the 10 % and the 90 % level are from half-way.
    up = rise_width(spread, 1 - middle, 0.9)
    down = rise_width(spread, 0.1, middle)
    return np.array([half - down, half + up]), dark + (light - dark) * np.array([0.1, 0.9])


class EdgeBench(view.CanvasView):
    """Choose a denoiser and contrast / sigma; compare one estimate with the mean of many.

    Parameters
    ----------
    denoiser : str
        Name in ``catalogue``.
    ratio : float
        Contrast / sigma where the slider starts.
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
        super().__init__(title="Edge bench")
        self.catalogue = dict(catalogue or BENCH)
        rng = np.random.default_rng(seed)
        self._noise = SIGMA * rng.standard_normal((MOST_DRAWS, SIZE, SIZE))
        self._estimates: dict[tuple, list[Image]] = {}
        self._point: tuple[tuple, BlurPoint] | None = None
        self._job = Job(self.broke)
        self.state = {
            "denoiser": denoiser, "strength": self.catalogue[denoiser].default,
            "ratio": ratio, "draws": draws, "shown": 1,
        }  # fmt: skip
        self._answer(lambda: self.react("denoiser", settled=True))

    def react(self, source: str, settled: bool) -> None:
        """Show what fits into one event at once; the other draws and the fit are a job."""
        self._job.cancel()
        self.progress = -1.0
        if source == "denoiser":
            self.push(strength=self._entry.default)
            self.controls = self._controls()
        self._denoise_for(BUDGET)
        self._show()
        if settled:
            self._job.start(self._rest())

    @property
    def _entry(self) -> Entry:
        return self.catalogue[self.state["denoiser"]]

    @property
    def denoiser(self) -> Denoiser:
        """The denoiser at its present strength."""
        return self._entry.build(self.state["strength"])

    @property
    def edge(self) -> SlantedEdge:
        """The clean edge at its present contrast."""
        return SlantedEdge(size=SIZE, contrast=SIGMA * float(self.state["ratio"]))

    def _controls(self) -> list[dict]:
        return [
            view.choice("denoiser", "denoiser", list(self.catalogue)),
            view.slider("strength", self._entry.label, self._entry.span),
            view.slider("ratio", "contrast / sigma", (0.5, 12.0, 0.5)),
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
        draws, ratio = int(self.state["draws"]), float(self.state["ratio"])
        if draws > 1:
            yield
            point = measure_estimates(self._estimates[self._key][:draws], ratio)
            self._point = ((*self._key, draws), point)
            self._show()
        self.progress = -1.0

    # -- showing

    def _show(self) -> None:
        done = self._estimates[self._key]
        used = min(int(self.state["draws"]), len(done))
        shown = min(int(self.state["shown"]), len(done)) - 1
        mean = np.mean(done[:used], axis=0)
        self.show_panels(self._pictures(shown, done[shown], mean, used))
        edge = self.edge
        spreads = [edge_spread(image, edge) for image in (edge.image(), done[shown], mean)]
        self.plots = [self._spread_plot(spreads, shown, used), self._transfer_plot(spreads, used)]
        self.readout = self._sentence(spreads, used)

    def _pictures(
        self, shown: int, estimate: Image, mean: Image, used: int
    ) -> list[tuple[dict, np.ndarray]]:
        clean = self.edge.image()
        # One grey scale for all pictures, wide enough for the noise of the noisy one.
        half = self.edge.contrast / 2 + 3 * SIGMA
        scale = f"black is {0.5 - half:.2f}, white {0.5 + half:.2f}"
        limit = max(self.edge.contrast / 2, SIGMA / 2)
        named = [
            ("noisy", f"noisy, draw {shown + 1}", clean + self._noise[shown]),
            ("estimate", f"estimate of draw {shown + 1}", estimate),
            ("mean", f"mean of {used} estimates" if used > 1 else "mean of 1 estimate", mean),
        ]
        panels = [
            (
                {"key": key, "title": title, "alt": f"{title}: a nearly vertical edge; {scale}"},
                pixels.tones(0.5 + (image - 0.5) / (2 * half)),
            )
            for key, title, image in named
        ]
        lost = {
            "key": "bias", "title": "mean - clean",
            "alt": f"Mean estimate minus clean edge; mid-grey is 0, white {limit:.3f} too light, "
                   "black as much too dark; a dark and a light stripe are blur",
        }  # fmt: skip
        return [*panels, (lost, pixels.mid_grey(mean - clean, limit))]

    def _spread_plot(self, spreads: list[EdgeSpread], shown: int, used: int) -> dict:
        clean, one, mean = spreads
        said = f"mean {format_width(rise_width(mean))}, clean {format_width(rise_width(clean))} px"
        near = np.abs(clean.positions) <= SPREAD_REACH
        lines = [
            view.series(f"mean of {used}", mean.positions[near], mean.values[near]),
            view.series(f"draw {shown + 1}", one.positions[near], one.values[near]),
            view.series("clean", clean.positions[near], clean.values[near]),
        ]
        for name, spread in (("mean: 10 and 90 %", mean), ("draw: 10 and 90 %", one)):
            places, values = rise_marks(spread)
            # The gap in the middle leaves two dots without a line between them.
            gap = np.insert(places, 1, places.mean()), np.insert(values, 1, np.nan)
            if np.isfinite(places).all():
                lines.append(view.series(name, *gap, dots=True))
        half = 0.5 * self.edge.contrast + 1.5 * SIGMA
        return {
            "title": f"edge spread, 10-90 %: {said}",
            "alt": f"Edge spread functions of draw {shown + 1}, the mean of {used} estimates and "
                   f"the clean edge. 10-90 % widths: {said}",
            "x_label": "distance from the true edge [px]", "y_label": "value",
            "x_range": [-SPREAD_REACH, SPREAD_REACH], "y_range": [0.5 - half, 0.5 + half],
            "series": lines,
        }  # fmt: skip

    def _transfer_plot(self, spreads: list[EdgeSpread], used: int) -> dict:
        clean, _, mean = spreads
        frequencies, response = modulation_transfer(mean, clean)
        half = format_mtf50(mtf50(mean, clean))
        return {
            "title": f"MTF of the mean of {used}: MTF50 {half} cycles/px",
            "alt": f"Share of contrast kept by the mean estimate against frequency; it falls to "
                   f"one half at {half} cycles/px",
            "x_label": "frequency [cycles/px]", "y_label": "contrast kept",
            "x_range": [0.0, 0.5], "y_range": [0.0, 1.2],
            "series": [
                view.series("mean", frequencies, response),
                view.series("one half", np.array([0.0, 0.5]), np.array([0.5, 0.5])),
            ],
        }  # fmt: skip

    def _sentence(self, spreads: list[EdgeSpread], used: int) -> str:
        clean, _, mean = spreads
        parts = [
            f"{self.denoiser!r}", f"contrast/sigma {self.state['ratio']:g}",
            f"10-90 % width of the mean of {used}: {format_width(rise_width(mean))} px",
        ]  # fmt: skip
        wanted = int(self.state["draws"])
        if wanted == 1:
            parts.append("one draw cannot tell blur from jitter: raise the draws")
        elif self._point is not None and self._point[0] == (*self._key, wanted):
            point = self._point[1]
            parts.append(
                f"of single draws: {format_width(point.width_per_draw)} px, "
                f"their places differ by {point.jitter:.2f} px"
            )
            parts.append(verdict(point, rise_width(clean)))
        else:
            parts.append("single draws are measured once the slider rests")
        return " · ".join(parts)


def edge_bench(**settings: object) -> EdgeBench:
    """Make an edge bench; the settings are those of :class:`EdgeBench`."""
    return EdgeBench(**settings)
