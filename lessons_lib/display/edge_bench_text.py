"""What the edge bench shows: pictures with alternative text, two plots, and the verdict."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lessons_lib.denoisers import Denoiser
from lessons_lib.diagnosis.blur_evidence import Evidence
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
from lessons_lib.image import Image
from lessons_lib.scenes.phantoms import SlantedEdge

# All widths of the verdict come from the same fit. In its clean widths (0.81 px) a mean edge is
SHARP = 1.1  # sharp up to here (0.9 px),
HARDLY = 1.6  # hardly blurred up to here (1.3 px; by crossings too), and blurred beyond.
CERTAIN = 2.0  # standard errors that a cause must be ahead of the other
SCATTER = 2.0  # factor by which the widths of single draws may scatter about the typical one
SPREAD_REACH = 8.0  # px shown to each side of the edge


@dataclass(frozen=True, eq=False)
class Look:
    """One edge on the bench: a single draw, and the mean of many.

    Attributes
    ----------
    edge : SlantedEdge
        The edge at its present contrast.
    sigma : float
        Standard deviation of the noise, image units.
    clean, noisy, estimate, mean : ndarray
        The edge without noise, one draw with noise, what the denoiser made of it, and the
        mean of several estimates.
    number : int
        Number of the draw that is shown, counted from 1.
    used : int
        Estimates in the mean.
    """

    edge: SlantedEdge
    sigma: float
    clean: Image
    noisy: Image
    estimate: Image
    mean: Image
    number: int
    used: int

    @cached_property
    def clean_spread(self) -> EdgeSpread:
        """Edge spread of the clean edge."""
        return edge_spread(self.clean, self.edge)

    @cached_property
    def estimate_spread(self) -> EdgeSpread:
        """Edge spread of the estimate that is shown."""
        return edge_spread(self.estimate, self.edge)

    @cached_property
    def mean_spread(self) -> EdgeSpread:
        """Edge spread of the mean."""
        return edge_spread(self.mean, self.edge)


def verdict(evidence: Evidence) -> str:
    """Say how wide the mean edge is, and whether from blurred draws or from a moving edge.

    Squares of widths add. Blur is what single draws have beyond the clean edge, jitter what
    the mean has beyond single draws; the larger square wins. They are equal where the mean is
    ``even = sqrt(2 draw**2 - clean**2)`` wide. The verdict is 'too noisy to tell' if the mean
    is less than two standard errors from there, or if the widths of single draws scatter by
    more than a factor of 2: then the fit saw noise, and what it says of draws is biased.
    """
    clean, mean, draw = evidence.clean_width, evidence.mean_width, evidence.point.width_per_draw
    if not math.isfinite(evidence.point.width):
        return "no edge is left"
    # Skirts that the fit passes over show in the crossings.
    hardly = max(mean, evidence.point.width) <= HARDLY * clean
    narrow = hardly and mean + CERTAIN * evidence.mean_error <= HARDLY * clean
    if mean <= SHARP * clean and narrow:
        return "sharp: neither blur nor jitter"
    even = math.sqrt(max(2 * draw**2 - clean**2, 0.0))
    # A small change of the draws' width moves the even width 2 draw / even times as far.
    slope = 2 * draw / even if even > 0 else 0.0
    error = math.hypot(evidence.mean_error, slope * evidence.draw_error)
    if evidence.scatter > SCATTER or abs(mean - even) < CERTAIN * error:
        wide = "hardly wider than the clean edge, " if narrow else ""
        return wide + "too noisy to tell blur from jitter"
    if hardly:
        return "hardly blurred" if mean < even else "hardly jittered"
    if mean < even:
        return f"BLUR: single draws are {draw / clean:.1f} times as wide as the clean edge"
    return f"JITTER: the mean is {mean / draw:.1f} times as wide as single draws"


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


def pictures(look: Look) -> list[tuple[dict, np.ndarray]]:
    """Noisy and estimate of the shown draw, the mean, and what the mean has lost."""
    # One grey scale for all pictures, wide enough for the noise of the noisy one.
    half = look.edge.contrast / 2 + 3 * look.sigma
    scale = f"black is {0.5 - half:.2f}, white {0.5 + half:.2f}"
    limit = max(look.edge.contrast / 2, look.sigma / 2)
    named = [
        ("noisy", f"noisy, draw {look.number}", look.noisy),
        ("estimate", f"estimate of draw {look.number}", look.estimate),
        ("mean", f"mean of {look.used} estimate{'s' if look.used > 1 else ''}", look.mean),
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
    return [*panels, (lost, pixels.mid_grey(look.mean - look.clean, limit))]


def spread_plot(look: Look) -> dict:
    """Edge spreads of the draw, the mean and the clean edge, with their 10 and 90 % marks."""
    clean, one, mean = look.clean_spread, look.estimate_spread, look.mean_spread
    said = f"mean {format_width(rise_width(mean))}, clean {format_width(rise_width(clean))} px"
    near = np.abs(clean.positions) <= SPREAD_REACH
    lines = [
        view.series(name, spread.positions[near], spread.values[near])
        for name, spread in (
            (f"mean of {look.used}", mean), (f"draw {look.number}", one), ("clean", clean),
        )
    ]  # fmt: skip
    for name, spread in (("mean: 10 and 90 %", mean), ("draw: 10 and 90 %", one)):
        places, values = rise_marks(spread)
        # The gap in the middle leaves two dots without a line between them.
        gap = np.insert(places, 1, places.mean()), np.insert(values, 1, np.nan)
        if np.isfinite(places).all():
            lines.append(view.series(name, *gap, dots=True))
    half = 0.5 * look.edge.contrast + 1.5 * look.sigma
    return {
        "title": f"edge spread, 10-90 %: {said}",
        "alt": f"Edge spread functions of draw {look.number}, the mean of {look.used} estimates "
               f"and the clean edge. 10-90 % widths: {said}",
        "x_label": "distance from the true edge [px]", "y_label": "value",
        "x_range": [-SPREAD_REACH, SPREAD_REACH], "y_range": [0.5 - half, 0.5 + half],
        "series": lines,
    }  # fmt: skip


def transfer_plot(look: Look) -> dict:
    """Share of contrast that the mean keeps, by frequency."""
    frequencies, response = modulation_transfer(look.mean_spread, look.clean_spread)
    half = format_mtf50(mtf50(look.mean_spread, look.clean_spread))
    return {
        "title": f"MTF of the mean of {look.used}: MTF50 {half} cycles/px",
        "alt": f"Share of contrast kept by the mean estimate against frequency; it falls to "
               f"one half at {half} cycles/px",
        "x_label": "frequency [cycles/px]", "y_label": "contrast kept",
        "x_range": [0.0, 0.5], "y_range": [0.0, 1.2],
        "series": [
            view.series("mean", frequencies, response),
            view.series("one half", np.array([0.0, 0.5]), np.array([0.5, 0.5])),
        ],
    }  # fmt: skip


def sentence(look: Look, denoiser: Denoiser, wanted: int, evidence: Evidence | None) -> str:
    """The read-out: settings, the mean's width, and blur or jitter once that is measured.

    Parameters
    ----------
    look, denoiser : Look, callable
        What is shown, and what made it.
    wanted : int
        Draws that the mean shall have; ``look.used`` of them are there.
    evidence : Evidence or None
        Of those draws; None while it is not measured yet.
    """
    ratio, width = look.edge.contrast / look.sigma, format_width(rise_width(look.mean_spread))
    if evidence is not None and math.isfinite(evidence.crossing_error):
        width += f" ± {evidence.crossing_error:.2f}"
    parts = [
        f"{denoiser!r}", f"contrast/sigma {ratio:g}",
        f"10-90 % width of the mean of {look.used}: {width} px by crossings",
    ]  # fmt: skip
    if wanted == 1:
        parts.append("one draw cannot tell blur from jitter: raise the draws")
    elif evidence is None:
        parts.append("single draws are measured once the slider rests")
    else:
        parts.append(
            f"by fit: mean {evidence.mean_width:.2f} ± {evidence.mean_error:.2f} px, "
            f"single draws {evidence.point.width_per_draw:.2f} ± {evidence.draw_error:.2f} px, "
            f"clean {evidence.clean_width:.2f} px"
        )
        parts.append(f"places differ by {evidence.point.jitter:.2f} px")
        parts += [verdict(evidence), "± is one standard error"]
    return " · ".join(parts)
