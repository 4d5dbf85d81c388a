"""What thresholding does to a coefficient on average: mean and variance in closed form.

A noisy coefficient is y = theta + n with n normal of standard deviation sigma. All formulas
below are in units of sigma; F is the normal distribution function and f its density.
"""

import numpy as np
from scipy.special import ndtr

from lessons_lib.denoisers.thresholds import check_threshold
from lessons_lib.denoisers.wavelet import MODES, check_choice


def _density(values: np.ndarray) -> np.ndarray:
    return np.exp(-np.square(values) / 2) / np.sqrt(2 * np.pi)


def survival(clean: np.ndarray, threshold: float, sigma: float) -> np.ndarray:
    """Probability that a noisy coefficient is not deleted.

    Parameters
    ----------
    clean : ndarray or float
        The coefficient without noise, theta.
    threshold : float
        0 or more, in the same units.
    sigma : float
        Standard deviation of the noise, above 0.

    Returns
    -------
    ndarray
        F(theta - T) + F(-theta - T), in [0, 1].
    """
    check_threshold(threshold)
    theta, limit = np.asarray(clean) / sigma, threshold / sigma
    return ndtr(theta - limit) + ndtr(-theta - limit)


def shrunk_mean(
    clean: np.ndarray, threshold: float, sigma: float, mode: str = "soft"
) -> np.ndarray:
    """Mean of a noisy coefficient after thresholding.

    soft: u F(u) + f(u) - v F(v) - f(v) with u = theta - T and v = -theta - T;
    hard: theta (F(u) + F(v)) + f(u) - f(v).

    Parameters
    ----------
    clean, threshold, sigma
        As for :func:`survival`.
    mode : str
        'soft' or 'hard'.

    Returns
    -------
    ndarray
        In the units of ``clean``; minus ``clean`` it is the bias.

    Raises
    ------
    ValueError
        For an unknown mode or a negative threshold.
    """
    check_choice(mode, "mode", tuple(MODES))
    theta, above, below = _places(clean, threshold, sigma)
    if mode == "hard":
        mean = theta * (ndtr(above) + ndtr(below)) + _density(above) - _density(below)
    else:
        mean = above * ndtr(above) + _density(above) - below * ndtr(below) - _density(below)
    return sigma * mean


def shrunk_variance(
    clean: np.ndarray, threshold: float, sigma: float, mode: str = "soft"
) -> np.ndarray:
    """Variance of a noisy coefficient after thresholding.

    With P = F(u) + F(v), the chance to survive, the mean square of the *error* is
    (1 + T^2) P - (T + theta) f(u) - (T - theta) f(v) + theta^2 (1 - P) (soft), or
    P - u f(u) - v f(v) + theta^2 (1 - P) (hard). The square of the bias is taken off.

    Parameters
    ----------
    clean, threshold, sigma, mode
        As for :func:`shrunk_mean`.

    Returns
    -------
    ndarray
        In the squared units of ``clean``; at ``clean`` = 0 the noise power that is left.

    Raises
    ------
    ValueError
        For an unknown mode or a negative threshold.
    """
    check_choice(mode, "mode", tuple(MODES))
    theta, above, below = _places(clean, threshold, sigma)
    limit, deleted = threshold / sigma, ndtr(-above) - ndtr(below)
    # Errors, not values, are squared: squares of a large theta would cancel to nothing.
    bias = _density(above) - _density(below) - theta * deleted
    if mode == "hard":
        square = 1 - deleted - above * _density(above) - below * _density(below)
    else:
        bias -= limit * (ndtr(above) - ndtr(below))
        square = (1 + limit**2) * (1 - deleted)
        square -= (limit + theta) * _density(above) + (limit - theta) * _density(below)
    return sigma**2 * np.maximum(square + theta**2 * deleted - bias**2, 0)


def _places(
    clean: np.ndarray, threshold: float, sigma: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """theta, theta - T and -theta - T in units of sigma."""
    check_threshold(threshold)
    theta, limit = np.asarray(clean) / sigma, threshold / sigma
    return theta, theta - limit, -theta - limit
