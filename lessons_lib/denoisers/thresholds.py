"""What to do with a noisy coefficient, and three ways to say which ones are small."""

import math

import numpy as np


def soft(coefficients: np.ndarray, threshold: float) -> np.ndarray:
    """Move each coefficient towards 0 by the threshold; what is nearer becomes 0.

    Parameters
    ----------
    coefficients : ndarray
        Any shape.
    threshold : float
        0 or more, in the units of the coefficients.

    Returns
    -------
    ndarray
        sign(y) max(abs(y) - threshold, 0).

    Raises
    ------
    ValueError
        For a threshold that is negative or NaN.
    """
    check_threshold(threshold)
    # What soft thresholding takes away from y is y itself, cut off at the threshold.
    return coefficients - np.clip(coefficients, -threshold, threshold)


def hard(coefficients: np.ndarray, threshold: float) -> np.ndarray:
    """Keep each coefficient whose size is above the threshold; the others become 0.

    Parameters
    ----------
    coefficients : ndarray
        Any shape.
    threshold : float
        0 or more, in the units of the coefficients.

    Returns
    -------
    ndarray
        y where abs(y) > threshold, else 0.

    Raises
    ------
    ValueError
        For a threshold that is negative or NaN.
    """
    check_threshold(threshold)
    return coefficients * (np.abs(coefficients) > threshold)


def check_threshold(threshold: float) -> None:
    """Raise a ValueError unless ``threshold`` is a number from 0 up."""
    if not threshold >= 0:
        raise ValueError(
            f"threshold must be 0 or more, in the units of the coefficients, got {threshold}"
        )


def universal_threshold(sigma: float, count: int) -> float:
    """Return sigma sqrt(2 ln count): what the largest of ``count`` pure noises rarely exceeds.

    Rarely is not never: with 65,536 coefficients one of them does in 15 % of all draws, with
    10 in 28 %. As the count grows the probability goes to 0, though slowly.

    Parameters
    ----------
    sigma : float
        Standard deviation of the noise of one coefficient, 0 or more.
    count : int
        Number of coefficients, 1 or more.

    Returns
    -------
    float
        In the units of sigma.

    Raises
    ------
    ValueError
        For a count below 1.

    References
    ----------
    Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage, 1994,
    doi 10.1093/biomet/81.3.425.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1 coefficient, got {count}")
    return sigma * math.sqrt(2 * math.log(count))


def sure(coefficients: np.ndarray, threshold: float, sigma: float) -> float:
    """Stein's unbiased estimate of the mean squared error of soft thresholding.

    It needs no clean coefficient: sigma^2 - 2 sigma^2 (share with abs(y) <= threshold)
    + mean of min(abs(y), threshold)^2.

    Parameters
    ----------
    coefficients : ndarray
        Noisy, any shape; white Gaussian noise.
    threshold : float
        0 or more, in the units of the coefficients.
    sigma : float
        Standard deviation of the noise of one coefficient.

    Returns
    -------
    float
        Per coefficient, squared units; it can be negative, for it is only right on average.

    References
    ----------
    Stein, Estimation of the mean of a multivariate normal distribution, 1981,
    doi 10.1214/aos/1176345632.
    """
    check_threshold(threshold)
    sizes = np.abs(coefficients)
    taken_away = np.minimum(sizes, threshold)
    small = np.mean(sizes <= threshold)
    return float(sigma**2 * (1 - 2 * small) + np.mean(taken_away**2))


def sure_threshold(band: np.ndarray, sigma: float) -> float:
    """The threshold with the least SURE for soft thresholding of this band.

    Between two neighbouring sizes of coefficients SURE only rises with the threshold, so
    the sizes themselves (and 0) are all the candidates there are.

    Parameters
    ----------
    band : ndarray
        Noisy coefficients, any shape, at least one.
    sigma : float
        Standard deviation of their noise.

    Returns
    -------
    float
        0, or the size of one of the coefficients.

    References
    ----------
    Donoho and Johnstone, Adapting to unknown smoothness via wavelet shrinkage, 1995,
    doi 10.1080/01621459.1995.10476626 (without their switch to the universal threshold for
    sparse bands, and without their cap: they search up to the universal threshold only).
    """
    sizes = np.sort(np.abs(band), axis=None).astype(np.float64)
    count = sizes.size
    small = np.arange(1, count + 1)  # how many are deleted at each candidate
    squares = np.cumsum(sizes**2) + (count - small) * sizes**2
    risks = sigma**2 * (count - 2 * small) + squares
    best = int(np.argmin(risks))
    return float(sizes[best]) if risks[best] < sigma**2 * count else 0.0


def bayes_threshold(band: np.ndarray, sigma: float) -> float:
    """Return sigma^2 / sigma_x; sigma_x is the standard deviation of the clean band.

    sigma_x^2 = max(mean of y^2 - sigma^2, 0). A band that looks like pure noise
    (sigma_x = 0) is deleted: the threshold is its largest size.

    Parameters
    ----------
    band : ndarray
        Noisy coefficients, any shape, at least one.
    sigma : float
        Standard deviation of their noise.

    Returns
    -------
    float
        In the units of the coefficients.

    References
    ----------
    Chang, Yu and Vetterli, Adaptive wavelet thresholding for image denoising and
    compression, 2000, doi 10.1109/83.862633.
    """
    largest = float(np.abs(band).max())
    signal_variance = float(np.mean(np.square(band), dtype=np.float64)) - sigma**2
    if signal_variance <= 0:
        return largest
    return min(sigma**2 / math.sqrt(signal_variance), largest)
