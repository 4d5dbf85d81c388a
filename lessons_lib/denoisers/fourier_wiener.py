"""The Wiener filter in the frequency domain: keep what is mostly image, drop what is noise."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import fft

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.image import Image, check_image

RING_WIDTH = 1 / 64  # cycles/px


def wiener_gain(power: np.ndarray, noise_power: float) -> np.ndarray:
    """Share of each frequency that is kept: power / (power + noise_power).

    It is one half exactly where image and noise are equally strong.

    Parameters
    ----------
    power : ndarray
        Mean squared coefficient of the clean image at each frequency, 0 or more.
    noise_power : float
        The same of the noise: sigma^2 in an orthonormal transform; above 0.

    Returns
    -------
    ndarray
        In [0, 1]; least squares among all linear filters with this power.

    References
    ----------
    Wiener, Extrapolation, interpolation, and smoothing of stationary time series, 1949.
    """
    power = np.asarray(power)
    return power / np.maximum(power + noise_power, np.finfo(float).tiny)


def frequencies(shape: tuple[int, int]) -> np.ndarray:
    """Radial frequency of each coefficient of the cosine transform, cycles/px, ``(H, W)``."""
    down, across = (np.arange(side) / (2 * side) for side in shape)
    return np.hypot(down[:, None], across)


def ring_power(coefficients: np.ndarray) -> np.ndarray:
    """Mean square of the coefficients over each ring of frequencies, put back in its place.

    Parameters
    ----------
    coefficients : ndarray, ``(H, W)``
        Orthonormal cosine transform of an image.

    Returns
    -------
    ndarray, ``(H, W)``
        The same number on all of a ring 1/64 cycles/px wide.
    """
    ring = (frequencies(coefficients.shape) / RING_WIDTH).astype(int)
    # The mean brightness is no texture: it would swamp the lowest ring.
    squares = coefficients.astype(np.float64) ** 2
    squares[0, 0] = 0
    counts = np.bincount(ring.ravel())
    counts[0] = max(counts[0] - 1, 1)
    sums = np.bincount(ring.ravel(), weights=squares.ravel())
    return (sums / np.maximum(counts, 1))[ring]


def fourier_wiener(image: Image, sigma: float, power: np.ndarray | None = None) -> Image:
    """Multiply every frequency by its Wiener gain.

    The transform is the orthonormal cosine transform (DCT-II), which is the Fourier
    transform of the image mirrored at its borders: no seam, and white noise has the power
    sigma^2 at every frequency. The mean brightness is kept.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; channels are filtered separately.
    sigma : float
        Standard deviation of the noise, image units, above 0.
    power : ndarray, ``(H, W)``, optional
        Power of the clean image at each frequency. If left out it is estimated from the
        noisy image itself: :func:`ring_power` minus sigma^2, at least 0.

    Returns
    -------
    ndarray
        Same shape and type.

    Raises
    ------
    ValueError
        For a power of another shape, or a negative one.

    Why edges blur
    --------------
    Mixing: the filter is one fixed kernel for the whole picture. An edge needs its high
    frequencies, but in the mean over the picture noise is stronger there, so they go.

    References
    ----------
    Gonzalez and Woods, Digital image processing, has the filter for images.
    """
    check_image(image)
    if power is not None:
        _check_power(power, image.shape[:2])
    planes = image if image.ndim == 3 else image[..., None]
    estimate = np.empty_like(planes)
    for channel in range(planes.shape[2]):
        coefficients = fft.dctn(planes[..., channel], norm="ortho")
        known = power
        if known is None:
            known = np.maximum(ring_power(coefficients) - sigma**2, 0)
        gain = wiener_gain(known, sigma**2)
        gain[0, 0] = 1
        coefficients *= gain.astype(coefficients.dtype)
        estimate[..., channel] = fft.idctn(coefficients, norm="ortho")
    return estimate.reshape(image.shape)


def _check_power(power: np.ndarray, shape: tuple[int, int]) -> None:
    if np.shape(power) != shape:
        raise ValueError(
            f"power must have one number per frequency, shape {shape}, got {np.shape(power)}; "
            "take it from the cosine transform of an image of the same size"
        )
    if not np.min(power) >= 0:
        raise ValueError("power must be 0 or more everywhere; it is a mean of squares")


@dataclass(frozen=True)
class FourierWiener:
    """Wiener filter in the frequency domain, with the power estimated from the noisy image.

    Parameters
    ----------
    strength : float
        The filter is told strength x sigma; [0, 20]. 0 switches it off.
    """

    strength: float = 1.0

    properties: ClassVar[Properties] = Properties(True, True, True, "strength")
    reach: ClassVar[None] = None

    def __post_init__(self) -> None:
        check_setting(self.strength, "strength (ratio to sigma)", 0, 20)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the filtered image; see :func:`fourier_wiener`."""
        sigma = prepare(noisy, sigma)
        if self.strength == 0 or sigma == 0:
            return noisy.copy()
        return fourier_wiener(noisy, self.strength * sigma)
