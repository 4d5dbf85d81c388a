"""Seeded noise models in image units, and where each one puts its variance.

The transforms that make the variance constant are in ``stabilisation.py``; their names
can be imported from here.
"""

import numpy as np

from lessons_lib.image import Image, check_image, check_sigma
from lessons_lib.scenes.stabilisation import (
    anscombe,
    generalised_anscombe,
    inverse_anscombe_algebraic,
    inverse_anscombe_unbiased,
    inverse_generalised_anscombe_algebraic,
    inverse_generalised_anscombe_unbiased,
)

__all__ = [
    "add_gaussian",
    "add_poisson",
    "add_poisson_gaussian",
    "add_salt_and_pepper",
    "anscombe",
    "check_rng",
    "generalised_anscombe",
    "inverse_anscombe_algebraic",
    "inverse_anscombe_unbiased",
    "inverse_generalised_anscombe_algebraic",
    "inverse_generalised_anscombe_unbiased",
    "sigma_map",
]


def add_gaussian(clean: Image, sigma: float, rng: np.random.Generator) -> Image:
    """Add white Gaussian noise: mean ``clean``, variance ``sigma**2`` everywhere.

    Parameters
    ----------
    clean : ndarray, ``(H, W)`` or ``(H, W, C)``
        Image units.
    sigma : float
        Standard deviation, image units, 0 or more.
    rng : numpy.random.Generator
        Where the randomness comes from.

    Returns
    -------
    ndarray
        Same shape and dtype; not clipped, so values may leave [0, 1].

    Raises
    ------
    ValueError
        If ``clean`` is no image, ``sigma`` no noise level or ``rng`` no generator.
    """
    check_image(clean, "clean")
    check_rng(rng)
    noise = check_sigma(sigma) * rng.standard_normal(clean.shape)
    return (clean + noise).astype(clean.dtype)


def add_poisson(clean: Image, peak: float, rng: np.random.Generator) -> Image:
    """Count photo-electrons: mean ``clean``, variance ``clean / peak``.

    Parameters
    ----------
    clean : ndarray, ``(H, W)`` or ``(H, W, C)``
        Linear light, 0 or more.
    peak : float
        Mean electrons at value 1, above 0; fewer are noisier.
    rng : numpy.random.Generator
        Where the randomness comes from.

    Returns
    -------
    ndarray
        Same shape and dtype, multiples of ``1 / peak``; not clipped.

    Raises
    ------
    ValueError
        For negative values in ``clean`` and for a peak of 0 or less.
    """
    _check_light(clean, peak)
    check_rng(rng)
    return (rng.poisson(clean * float(peak)) / peak).astype(clean.dtype)


def add_poisson_gaussian(
    clean: Image, peak: float, sigma: float, rng: np.random.Generator
) -> Image:
    """Count electrons and read them out: mean ``clean``, variance ``clean / peak + sigma**2``.

    Parameters
    ----------
    clean : ndarray, ``(H, W)`` or ``(H, W, C)``
        Linear light, 0 or more.
    peak : float
        Mean electrons at value 1, above 0.
    sigma : float
        Standard deviation of the read noise, image units (electrons / peak).
    rng : numpy.random.Generator
        Where the randomness comes from.

    Returns
    -------
    ndarray
        Same shape and dtype; not clipped.

    Raises
    ------
    ValueError
        As :func:`add_poisson` and :func:`add_gaussian`.
    """
    return add_gaussian(add_poisson(clean, peak, rng), sigma, rng)


def add_salt_and_pepper(clean: Image, fraction: float, rng: np.random.Generator) -> Image:
    """Replace a fraction f of the values by 0 (pepper) or 1 (salt), each half of the time.

    The mean is (1 - f) x + f / 2 and the variance (1 - f) x^2 + f / 2 - mean^2, with x
    for ``clean``: unlike the other models this one is biased, towards 1/2.

    Parameters
    ----------
    clean : ndarray, ``(H, W)`` or ``(H, W, C)``
        Image units. Each channel is hit by itself.
    fraction : float
        Probability that a value is replaced, [0, 1].
    rng : numpy.random.Generator
        Where the randomness comes from.

    Returns
    -------
    ndarray
        Same shape and dtype.

    Raises
    ------
    ValueError
        For fractions outside [0, 1].
    """
    check_image(clean, "clean")
    check_rng(rng)
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction must be from 0 to 1, got {fraction}; divide per cent by 100")
    # One draw decides both: below f / 2 pepper, from there to f salt.
    draw = rng.random(clean.shape)
    return np.where(draw < fraction, draw >= fraction / 2, clean).astype(clean.dtype)


def sigma_map(clean: Image, peak: float, sigma: float = 0.0) -> Image:
    """Give the standard deviation of Poisson-Gaussian noise at each pixel.

    Parameters
    ----------
    clean : ndarray, ``(H, W)`` or ``(H, W, C)``
        Linear light, 0 or more.
    peak : float
        Mean electrons at value 1, above 0.
    sigma : float
        Standard deviation of the read noise, image units.

    Returns
    -------
    ndarray
        sqrt(clean / peak + sigma^2), same shape and dtype.

    Raises
    ------
    ValueError
        As :func:`add_poisson` and :func:`add_gaussian`.
    """
    _check_light(clean, peak)
    return np.sqrt(clean / peak + check_sigma(sigma) ** 2).astype(clean.dtype)


def check_rng(rng: np.random.Generator) -> None:
    """Raise a ValueError that says how to make one if ``rng`` is no Generator."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(
            f"rng must be a numpy.random.Generator, got {rng!r}; make one with "
            "np.random.default_rng(seed)"
        )


def _check_light(clean: Image, peak: float) -> None:
    check_image(clean, "clean")
    if clean.min() < 0:
        raise ValueError(
            f"clean must be 0 or more, got {clean.min():.3g}: there is no negative light; "
            "clip it yourself with np.maximum(clean, 0)"
        )
    if not 0 < peak < np.inf:
        raise ValueError(f"peak must be above 0 (mean electrons at value 1), got {peak}")
