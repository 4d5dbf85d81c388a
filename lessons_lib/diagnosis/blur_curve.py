"""Blur against contrast / sigma: the curve that one number cannot replace.

A linear filter blurs every edge alike. A filter that looks for edges keeps those that it
can see in the noise and blurs the others, so its width grows as contrast / sigma falls.

A wide *mean* of many estimates has two possible causes: each estimate is **blurred**, or
each is sharp but the edge **jitters** about. The width of single estimates, which
:mod:`lessons_lib.diagnosis.edge_fit` fits, tells which.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lessons_lib.diagnosis.edge_fit import RISE, STRIP_ROWS, fit_edge
from lessons_lib.diagnosis.edges import edge_spread, mtf50, plateaus, rise_width
from lessons_lib.image import Image, check_image, check_same_shape, check_sigma
from lessons_lib.scenes.phantoms import SlantedEdge

__all__ = [
    "RISE",
    "STRIP_ROWS",
    "BlurPoint",
    "blur_curve",
    "edge_estimates",
    "measure_estimates",
]


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
    _check_draws(draws)
    _check_size(size)
    if len(ratios) == 0 or not all(0 < ratio < math.inf for ratio in ratios):
        raise ValueError(f"ratios must be numbers above 0 (contrast / sigma), got {ratios}")
    edges = [SlantedEdge(size=size, contrast=ratio * sigma) for ratio in ratios]
    return (
        measure_estimates(edge_estimates(denoiser, edge, sigma, draws, seed), edge, sigma)
        for edge in edges
    )


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


def measure_estimates(
    estimates: np.ndarray | Sequence[Image], edge: SlantedEdge, sigma: float
) -> BlurPoint:
    """Measure one point of the curve on estimates that are there already.

    Parameters
    ----------
    estimates : ndarray or sequence of ndarray, ``(draws, size, size)``
        What a denoiser made of noisy copies of ``edge``; at least 2.
    edge : SlantedEdge
        The clean picture; at least 24 px in size.
    sigma : float
        Standard deviation of the noise in those copies, image units, above 0; it only
        enters the ratio.

    Returns
    -------
    BlurPoint
        What :func:`blur_curve` gives for the same estimates.

    Raises
    ------
    ValueError
        For a single estimate, one of another shape than the edge's or with NaN, and for a
        size or sigma outside its range.
    """
    check_sigma(sigma, zero_allowed=False)
    _check_size(edge.size)
    _check_draws(len(estimates))
    clean = edge.image()
    for estimate in estimates:
        check_same_shape(clean, check_image(estimate, "estimate"), "edge and estimate")
    stack = np.asarray(estimates, dtype=np.float64)
    spread = edge_spread(stack.mean(axis=0), edge)
    places, widths = fit_edge(stack, edge)
    dark, light = plateaus(spread)
    return BlurPoint(
        ratio=float(edge.contrast / sigma),
        width=rise_width(spread),
        width_per_draw=float(np.median(widths)),
        jitter=float(places.std()),
        plateau_contrast=(light - dark) / edge.contrast,
        mtf50=mtf50(spread, edge_spread(clean, edge)),
    )


def _check_size(size: int) -> None:
    if size < 2 * STRIP_ROWS:
        raise ValueError(f"size must be at least {2 * STRIP_ROWS} px, got {size}")


def _check_draws(draws: int) -> None:
    if draws < 2:
        raise ValueError(f"draws must be at least 2 to see an edge move, got {draws}")
