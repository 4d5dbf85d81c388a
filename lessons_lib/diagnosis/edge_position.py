"""How well can anybody know where an edge is? A bound, and a method that reaches it.

This is the first cause of blur: before any algorithm, the noise has hidden the place.

With pixel values ``low + contrast * Phi((x - x0) / blur)`` at whole ``x`` plus Gaussian
noise of standard deviation sigma, each row tells about ``x0`` the Fisher information
``sum of (d value / d x0)^2 / sigma^2 = (contrast / sigma)^2 / (2 blur sqrt(pi))``; the
sum over whole pixels strays from the integral by a share of at most
``2 exp(-(pi blur)^2)``: 17 % at half a pixel (8 % of the bound), 0.01 % at one.
"""

import math

import numpy as np
from scipy.special import ndtr

# Candidate positions stand this many blur widths apart; Newton's steps do the rest.
_GRID = 0.05
_STEPS = 6


def position_bound(contrast: float, sigma: float, blur: float, rows: int) -> float:
    """Smallest standard deviation that an unbiased estimate of an edge's place can have.

    (sigma / contrast) sqrt(2 blur sqrt(pi) / rows): the Cramer-Rao bound for known levels,
    known blur and a known direction.

    Parameters
    ----------
    contrast : float
        Light minus dark level, image units, above 0.
    sigma : float
        Noise, image units, at least 0.
    blur : float
        Standard deviation of the edge's Gaussian blur, px; at least 0.5, because below
        that pixels a whole unit apart can miss the slope.
    rows : int
        Rows of pixels along the edge that share one place.

    Returns
    -------
    float
        px. Trust it only where it is well below ``blur``.

    Raises
    ------
    ValueError
        For values outside these ranges.

    References
    ----------
    Kay, Fundamentals of Statistical Signal Processing: Estimation Theory, 1993, chapter 3.
    """
    _check_edge(contrast, blur)
    if not 0 <= sigma < math.inf:
        raise ValueError(f"sigma must be at least 0 and finite, got {sigma}")
    if rows < 1:
        raise ValueError(f"rows must be at least 1, got {rows}")
    return sigma / contrast * math.sqrt(2 * blur * math.sqrt(math.pi) / rows)


def locate_edge(
    profiles: np.ndarray, contrast: float, blur: float, *, low: float = 0.0
) -> np.ndarray:
    """Fit the place of a blurred step in each profile by maximum likelihood.

    In Gaussian noise the likeliest place is that of least squares. The best of a grid of
    candidates is improved by Newton steps that stay within its neighbourhood.
    For several rows with one place, pass their mean: it tells as much as the rows do.

    Parameters
    ----------
    profiles : ndarray, ``(..., N)``
        Pixel values across the edge, sampled at x = 0 .. N - 1; image units. Pixels that
        integrate over their unit area look like samples with
        ``blur = sqrt(blur**2 + 1 / 12)``.
    contrast, blur : float
        Known; as for :func:`position_bound`.
    low : float
        Known level of the dark side, at x = 0, image units.

    Returns
    -------
    ndarray, ``(...)``
        Place x0 of each edge, px, within [0, N - 1].

    Raises
    ------
    ValueError
        For fewer than 8 pixels, NaN, or impossible settings.
    """
    _check_edge(contrast, blur)
    profiles = np.asarray(profiles, dtype=np.float64)
    if profiles.ndim == 0 or profiles.shape[-1] < 8 or not np.isfinite(profiles).all():
        raise ValueError(
            "profiles must hold at least 8 finite pixels across the edge on the last axis, got "
            f"shape {profiles.shape}; pass rows that cross the edge"
        )
    climb = ((profiles - low) / contrast).reshape(-1, profiles.shape[-1])  # (profile, pixel)
    places = _best_candidate(climb, blur)
    first, last = places - _GRID * blur, places + _GRID * blur
    for _ in range(_STEPS):
        places = np.clip(places + _newton_step(climb, places, blur), first, last)
    return np.clip(places, 0, profiles.shape[-1] - 1).reshape(profiles.shape[:-1])


def _best_candidate(climb: np.ndarray, blur: float) -> np.ndarray:
    """Least squares over a grid: |climb - model|^2, without the term that all share."""
    pixels = np.arange(climb.shape[1])
    candidates = np.arange(0, climb.shape[1] - 1 + _GRID * blur, _GRID * blur)
    models = ndtr((pixels - candidates[:, None]) / blur)  # (candidate, pixel)
    misfit = (models**2).sum(axis=1) - 2 * climb @ models.T  # (profile, candidate)
    return candidates[misfit.argmin(axis=1)]


def _newton_step(climb: np.ndarray, places: np.ndarray, blur: float) -> np.ndarray:
    """Newton's step to where half the squared misfit is least, px."""
    away = (np.arange(climb.shape[1]) - places[:, None]) / blur
    residual = climb - ndtr(away)
    slope = -np.exp(-(away**2) / 2) / (blur * math.sqrt(2 * math.pi))  # d model / d place
    information = (slope**2).sum(axis=1)
    curvature = information - (residual * slope * away / blur).sum(axis=1)
    # Where noise has bent the misfit the wrong way, its expected curvature still leads down.
    curvature = np.where(curvature > 0, curvature, information)
    return (residual * slope).sum(axis=1) / curvature


def _check_edge(contrast: float, blur: float) -> None:
    if not 0 < contrast < math.inf:
        raise ValueError(
            f"contrast must be above 0, got {contrast}; mirror the profile if it falls"
        )
    if not 0.5 <= blur < math.inf:
        raise ValueError(
            f"blur must be at least 0.5 px, got {blur}; "
            "a sharper edge can hide between two pixels, and the formula no longer holds"
        )
