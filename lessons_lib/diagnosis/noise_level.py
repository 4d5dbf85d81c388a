"""How much noise there is, how it depends on brightness, and whether it is white."""

from typing import NamedTuple

import numpy as np

from lessons_lib.image import Image, check_image

# The median of |x| is 0.6745 standard deviations for Gaussian x.
MEDIAN_TO_SIGMA = 0.6745

# MAD estimates scatter by 1.17 / sqrt(n), relative: 12 % at 100 samples.
FEWEST_SAMPLES = 100


class NoiseCurve(NamedTuple):
    """Brightness levels and noise sigmas, both in image units, and counts of samples."""

    levels: np.ndarray
    sigmas: np.ndarray
    counts: np.ndarray


def estimate_sigma(image: Image) -> float:
    """Noise level of white noise, without a clean image.

    The median absolute value of the finest diagonal Haar band, / 0.6745. The median
    passes over edges, which are few; fine texture is everywhere and is taken for noise.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, C)``, image units, at least 2 x 2. Colour: the mean of the
        channels' estimates; one channel: ``estimate_sigma(image[..., c])``.

    Returns
    -------
    float
        Standard deviation, image units; relative standard error 2.3 / sqrt(H W).

    Raises
    ------
    ValueError
        If a side is below 2 px.

    References
    ----------
    Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage,
    10.1093/biomet/81.3.425.
    """
    _, diagonal = _haar(image)
    per_channel = np.median(np.abs(diagonal), axis=(0, 1)) / MEDIAN_TO_SIGMA
    return float(np.mean(per_channel))


def estimate_photo_sigma(image: Image) -> float:
    """Noise level of a developed photo, whose noise demosaicing has spread over neighbours.

    Such noise has little left in the finest Haar band, and :func:`estimate_sigma` reads two
    to four times too low. Sums of 2 x 2 pixels, halved, keep white noise as it is and show more
    of coloured noise; their own finest band is read. On the 15 real photos of CC15 this was
    .67 to 1.26 of the true root-mean-square error.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, C)``, image units, at least 4 x 4.

    Returns
    -------
    float
        A rough standard deviation, image units; texture is taken for noise more often than
        by :func:`estimate_sigma`.

    Raises
    ------
    ValueError
        If a side is below 4 px.
    """
    check_image(image)
    if min(image.shape[:2]) < 4:
        raise ValueError(f"image must be at least 4 x 4 px, got {image.shape[:2]}")
    height, width = (side // 2 * 2 for side in image.shape[:2])
    even = image[:height, :width]
    pairs = even[::2] + even[1::2]
    return estimate_sigma((pairs[:, ::2] + pairs[:, 1::2]) / 2)


def noise_against_intensity(image: Image, bins: int = 16) -> NoiseCurve:
    """Noise level in bins of brightness, without a clean image.

    Each block of 2 x 2 gives a local mean and a diagonal Haar difference; the median
    absolute difference of each bin of means, / 0.6745, is its sigma.

    Parameters
    ----------
    image : ndarray
        ``(H, W)``, image units; pass one channel of a colour image.
    bins : int
        Number of bins of equal width between the darkest and the brightest block mean.

    Returns
    -------
    NoiseCurve
        ``(levels, sigmas, counts)``: mean brightness, noise and number of blocks of each
        bin. Bins of fewer than 100 blocks are left out.

    Raises
    ------
    ValueError
        For colour, or if no bin has enough blocks.
    """
    check_grey(image, "image")
    means, differences = (band.ravel() for band in _haar(image))
    edges = np.linspace(means.min(), means.max(), bins + 1)
    index = np.clip(np.digitize(means, edges) - 1, 0, bins - 1)
    kept = np.flatnonzero(np.bincount(index, minlength=bins) >= FEWEST_SAMPLES)
    if kept.size == 0:
        raise ValueError(
            f"no brightness bin has {FEWEST_SAMPLES} blocks of 2 x 2; use a larger image "
            f"or fewer bins than {bins}"
        )
    members = [index == number for number in kept]
    sigmas = [np.median(np.abs(differences[member])) / MEDIAN_TO_SIGMA for member in members]
    levels = [means[member].mean() for member in members]
    counts = [np.count_nonzero(member) for member in members]
    return NoiseCurve(np.array(levels), np.array(sigmas), np.array(counts))


def autocorrelation(noise: Image, reach: int) -> Image:
    """How alike the noise is to itself, shifted: 1 at the centre, 0 elsewhere if white.

    The mean is removed, and each lag is divided by its own number of pixel pairs, so a
    large lag is noisier but not biased towards 0.

    Parameters
    ----------
    noise : ndarray
        ``(H, W)``; pass one channel of a colour image.
    reach : int
        Largest lag, px, below both sides.

    Returns
    -------
    ndarray
        ``(2 reach + 1, 2 reach + 1)``; entry [reach + i, reach + j] is the lag (i, j).

    Raises
    ------
    ValueError
        For colour, a reach outside the image, or noise that is constant.
    """
    check_grey(noise, "noise")
    if not 0 <= reach < min(noise.shape):
        raise ValueError(
            f"reach must be from 0 to {min(noise.shape) - 1} px for this image, got {reach}"
        )
    centred = noise - noise.mean()
    if np.ptp(noise) == 0:
        raise ValueError("noise is constant: nothing to correlate; pass noisy - clean")
    padded_shape = [side + reach for side in noise.shape]  # no wrapping up to the reach
    power = np.abs(np.fft.fft2(centred, padded_shape)) ** 2
    lags = np.arange(-reach, reach + 1)
    products = np.fft.ifft2(power).real[np.ix_(lags, lags)]
    pairs = np.outer(noise.shape[0] - np.abs(lags), noise.shape[1] - np.abs(lags))
    covariance = products / pairs
    return covariance / covariance[reach, reach]


def rings_of_frequency(shape: tuple[int, int], rings: int) -> tuple[np.ndarray, np.ndarray]:
    """Assign each Fourier coefficient of ``np.fft.fft2`` to a ring of radial frequency.

    Parameters
    ----------
    shape : tuple of int
        (H, W) of the image.
    rings : int
        Number of rings of equal width between 0 and 0.5 cycles/px.

    Returns
    -------
    tuple of ndarray
        ``(H, W)`` ring numbers, where -1 marks zero frequency and the corners beyond 0.5;
        and ``(rings,)`` mean frequencies of the rings, cycles/px.

    Raises
    ------
    ValueError
        If a ring would be empty.
    """
    radius = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None, :])
    ring = np.minimum((radius * 2 * rings).astype(int), rings - 1)
    ring[(radius == 0) | (radius > 0.5)] = -1
    counts = np.bincount(ring[ring >= 0], minlength=rings)
    if rings < 1 or np.any(counts == 0):
        raise ValueError(
            f"rings must be from 1 to about {min(shape) // 2} for an image of {shape[0]} x "
            f"{shape[1]}, got {rings}: a ring would have no frequency in it"
        )
    return ring, np.bincount(ring[ring >= 0], radius[ring >= 0]) / counts


def power_spectrum(noise: Image, rings: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Noise power against frequency, averaged over directions; flat at sigma^2 if white.

    Parameters
    ----------
    noise : ndarray
        ``(H, W)``, image units; pass one channel of a colour image. No window is applied.
    rings : int
        Number of rings between 0 and 0.5 cycles/px.

    Returns
    -------
    tuple of ndarray
        Frequencies, cycles/px, and power |F|^2 / (H W), image units squared.

    Raises
    ------
    ValueError
        For colour, or more rings than the image has frequencies for.
    """
    check_grey(noise, "noise")
    ring, frequencies = rings_of_frequency(noise.shape, rings)
    power = np.abs(np.fft.fft2(noise)) ** 2 / noise.size
    inside = ring >= 0
    return frequencies, np.bincount(ring[inside], power[inside]) / np.bincount(ring[inside])


def _haar(image: Image) -> tuple[Image, Image]:
    """Mean and orthonormal diagonal difference of each 2 x 2 block; an odd last line is cut."""
    check_image(image)
    if min(image.shape[:2]) < 2:
        raise ValueError(f"image must be at least 2 x 2 px, got {image.shape}")
    rows, cols = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    a, b = image[0:rows:2, 0:cols:2], image[0:rows:2, 1:cols:2]
    c, d = image[1:rows:2, 0:cols:2], image[1:rows:2, 1:cols:2]
    return (a + b + c + d) / 4, (a - b - c + d) / 2


def check_grey(image: Image, name: str) -> None:
    """Raise a ValueError unless ``image`` is a grey image, ``(H, W)``."""
    check_image(image, name)
    if image.ndim != 2:
        raise ValueError(
            f"{name} must be grey (H, W), got {image.shape}; pass one channel: {name}[..., 0]"
        )
