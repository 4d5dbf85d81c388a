"""Blur against contrast / sigma: the curve that one number cannot replace.

A linear filter blurs every edge alike. A filter that looks for edges keeps those that it
can see in the noise and blurs the others, so its width grows as contrast / sigma falls.

A wide *mean* of many estimates has two possible causes: each estimate is **blurred**, or
each is sharp but the edge **jitters** about. The width of single estimates tells which.
A single one is noisy, so nothing is read off its pixels; an edge with free place, width
and plateaus is fitted to it, in short strips so that an edge that wriggles along its
length counts as moved and not as blurred.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from lessons_lib.diagnosis.edges import edge_spread, mtf50, plateaus, rise_width
from lessons_lib.image import Image, check_image, check_same_shape, check_sigma
from lessons_lib.scenes.phantoms import SlantedEdge

# Rows in a strip: with an angle of 5 degrees the edge crosses about one pixel in them, so
# that a strip sees every sub-pixel phase once.
STRIP_ROWS = 12
# A normal distribution function climbs from 10 to 90 % in this many standard deviations.
RISE = 2.5631031310892007
# The fit looks for the edge within +-6 px, and for blurs from 0.15 px (as good as none for
# a pixel of unit area) to 12 px.
_PLACES = np.arange(-6.0, 6.01, 0.25)
_BLURS = 0.15 * 1.2 ** np.arange(25)
# The fit sees this share of the distance to the border, away from the border's own
# effects, and at most so many px, which is enough and keeps large pictures cheap.
_FIT_SHARE, _FIT_REACH = 0.6, 30.0


@dataclass(frozen=True)
class BlurPoint:
    """What a denoiser did to an edge of one contrast.

    Attributes
    ----------
    ratio : float
        Contrast / sigma.
    width : float
        10-90 % width of the mean of all draws, px; infinite if no edge is left.
    width_per_draw : float
        10-90 % width of the edge in single draws, px: the median over draws and strips of
        12 rows, from a fitted normal distribution function. For edges sharper than a
        pixel it is biased low once contrast / sigma is 2 or less.
    jitter : float
        Standard deviation of the fitted place over draws and strips, px. Some of it is
        unavoidable: see :func:`lessons_lib.diagnosis.edge_position.position_bound`.
    plateau_contrast : float
        Light minus dark level of the mean, over the true contrast; 1 if all is kept.
    mtf50 : float
        Of the mean, cycles/px; 0.5 means at least 0.5, and 0 that no edge is left.
    """

    ratio: float
    width: float
    width_per_draw: float
    jitter: float
    plateau_contrast: float
    mtf50: float


def blur_curve(
    denoiser: Callable[[Image, float], Image],
    *,
    sigma: float = 0.05,
    ratios: Sequence[float] = (8, 4, 2, 1),
    draws: int = 24,
    size: int = 96,
    seed: int = 0,
) -> Iterator[BlurPoint]:
    """Measure a denoiser on edges of several contrasts, one point at a time.

    All ratios see the *same* noise, so that only the contrast differs between points.
    With 24 draws the width behind a Gaussian of 1.5 px has a standard error of 4 % at
    contrast / sigma 1; it falls as 1 / (ratio sqrt(draws)).

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    sigma : float
        Standard deviation of the noise, image units, above 0.
    ratios : sequence of float
        Contrast / sigma of each point, above 0.
    draws : int
        Noisy copies per point; at least 2.
    size : int
        Side of the edge picture, px; at least 24.
    seed : int
        Another seed, other noise.

    Yields
    ------
    BlurPoint
        One for each ratio, in the order given.

    Raises
    ------
    ValueError
        At once, for settings outside their ranges; later, for an estimate that is none.
    """
    check_sigma(sigma, zero_allowed=False)
    if draws < 2:
        raise ValueError(f"draws must be at least 2 to see an edge move, got {draws}")
    if size < 2 * STRIP_ROWS:
        raise ValueError(f"size must be at least {2 * STRIP_ROWS} px, got {size}")
    if len(ratios) == 0 or not all(0 < ratio < math.inf for ratio in ratios):
        raise ValueError(f"ratios must be numbers above 0 (contrast / sigma), got {ratios}")
    edges = [SlantedEdge(size=size, contrast=ratio * sigma) for ratio in ratios]
    strips = _strips(edges[0])
    return (_measure(denoiser, edge, sigma, draws, seed, strips) for edge in edges)


def edge_estimates(
    denoiser: Callable[[Image, float], Image],
    edge: SlantedEdge,
    sigma: float,
    draws: int,
    seed: int,
) -> np.ndarray:
    """Denoise several noisy copies of one edge.

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    edge : SlantedEdge
        The clean picture.
    sigma : float
        Standard deviation of the noise, image units.
    draws : int
        Number of copies.
    seed : int
        The same seed gives the same noise whatever the edge's contrast.

    Returns
    -------
    ndarray, ``(draws, size, size)``
        The estimates.

    Raises
    ------
    ValueError
        If the denoiser returns another shape, or NaN.
    """
    clean, rng = edge.image(), np.random.default_rng(seed)
    estimates = np.empty((draws, *clean.shape))
    for index in range(draws):
        noisy = clean + sigma * rng.standard_normal(clean.shape)
        estimate = check_image(denoiser(noisy, sigma), "estimate")
        check_same_shape(noisy, estimate, "noisy and estimate")
        estimates[index] = estimate
    return estimates


def _measure(
    denoiser: Callable[[Image, float], Image],
    edge: SlantedEdge,
    sigma: float,
    draws: int,
    seed: int,
    strips: list["_Strip"],
) -> BlurPoint:
    estimates = edge_estimates(denoiser, edge, sigma, draws, seed)
    spread = edge_spread(estimates.mean(axis=0), edge)
    places, widths = np.array([strip.fit(estimates) for strip in strips]).transpose(1, 0, 2)
    dark, light = plateaus(spread)
    return BlurPoint(
        ratio=float(edge.contrast / sigma),
        width=rise_width(spread),
        width_per_draw=float(np.median(widths)),
        jitter=float(places.std()),
        plateau_contrast=(light - dark) / edge.contrast,
        mtf50=mtf50(spread, edge_spread(edge.image(), edge)),
    )


@dataclass(frozen=True, eq=False)
class _Strip:
    """A few rows of the edge, and what blurred and shifted edges look like in them."""

    rows: slice
    near: np.ndarray  # (rows, size), which pixels count
    templates: np.ndarray  # (places * blurs, pixel), each of mean 0 and length 1

    def fit(self, estimates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Place and 10-90 % width of the edge in each estimate, px, ``(draws,)`` each.

        For free plateaus, least squares means the template with the largest projection.
        """
        pixels = estimates[:, self.rows][:, self.near]  # (draw, pixel)
        score = (pixels @ self.templates.T).reshape(len(pixels), _PLACES.size, _BLURS.size)
        place, blur = np.divmod(score.reshape(len(pixels), -1).argmax(axis=1), _BLURS.size)
        draw = np.arange(len(pixels))
        place_index = place + _vertex(score[draw, :, blur], place)
        blur_index = blur + _vertex(score[draw, place], blur)
        places = _PLACES[0] + place_index * (_PLACES[1] - _PLACES[0])
        return places, RISE * _BLURS[0] * (_BLURS[1] / _BLURS[0]) ** blur_index


def _strips(edge: SlantedEdge) -> list[_Strip]:
    """Cut the edge into strips; rows that are left over at the bottom are not used."""
    strips = []
    for first in range(0, edge.size - STRIP_ROWS + 1, STRIP_ROWS):
        rows = slice(first, first + STRIP_ROWS)
        away = edge.distance()[rows]
        near = np.abs(away) <= min(_FIT_SHARE * (edge.size - 1) / 2, _FIT_REACH)
        templates = ndtr((away[near] - _PLACES[:, None, None]) / _BLURS[:, None])
        templates = templates.reshape(-1, near.sum())
        templates -= templates.mean(axis=1, keepdims=True)
        templates /= np.linalg.norm(templates, axis=1, keepdims=True)
        strips.append(_Strip(rows, near, templates))
    return strips


def _vertex(scores: np.ndarray, peak: np.ndarray) -> np.ndarray:
    """Where the parabola through a peak and its neighbours is highest, in grid steps.

    0 for a peak at the end of the grid, which has only one neighbour.
    """
    draw, last = np.arange(len(scores)), scores.shape[1] - 1
    left, right = scores[draw, np.maximum(peak - 1, 0)], scores[draw, np.minimum(peak + 1, last)]
    bend = 2 * scores[draw, peak] - left - right
    inner = (peak > 0) & (peak < last) & (bend > 0)
    return np.where(inner, (right - left) / (2 * np.where(inner, bend, 1.0)), 0.0)
