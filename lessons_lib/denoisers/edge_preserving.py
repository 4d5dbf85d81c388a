"""Filters that look before they average: they decide from the noisy values, and can err."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import ndimage

from lessons_lib.denoisers.contract import (
    Properties,
    Windowed,
    check_fits,
    check_setting,
    check_window,
    prepare,
)
from lessons_lib.image import Image


def median(image: Image, radius: int) -> Image:
    """Replace each pixel by the median of the square window around it.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; channels are filtered separately.
    radius : int
        Half side of the window, px: the window has (2 radius + 1)^2 pixels. 0 to 50.

    Returns
    -------
    ndarray
        Same shape and type; the border is mirrored.

    Raises
    ------
    ValueError
        For a radius that is not a whole number in its range, or too large for the image.

    Why edges blur
    --------------
    Mis-deciding: on a clean step the majority of the window is always on one side and
    the edge stays sharp; noise mixes up the order, so weak edges blur. Corners, and lines
    no wider than the radius, are in the minority and vanish even without noise.
    """
    check_window(radius)
    check_fits(radius, image)
    if radius == 0:
        return image.copy()
    side = 2 * int(radius) + 1
    size = (side, side) + (1,) * (image.ndim - 2)
    return ndimage.median_filter(image, size=size, mode="reflect")


@dataclass(frozen=True)
class Median(Windowed):
    """Median filter as a denoiser; it does not look at sigma.

    Parameters
    ----------
    radius : int
        Half side of the window, px; 0 to 50.
    """

    radius: int = 2

    properties: ClassVar[Properties] = Properties(True, True, True, "radius")

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the filtered image; see :func:`median`."""
        prepare(noisy, sigma)
        return median(noisy, self.radius)


def local_wiener(image: Image, sigma: float, radius: int, strength: float = 1.0) -> Image:
    """Pull each pixel towards its local mean, the more the less the window varies.

    estimate = mean + gain (image - mean), gain = max(variance - n, 0) / variance, where
    mean and variance are taken over the window and n = (strength sigma)^2 is the
    variance that the noise alone would cause.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; channels are filtered separately.
    sigma : float
        Standard deviation of the noise, image units.
    radius : int
        Half side of the window, px; 0 to 50.
    strength : float
        Ratio to sigma, [0, 20]; 0 returns a copy, 1 is Lee's filter.

    Returns
    -------
    ndarray
        Same shape and type; the border is mirrored.

    Raises
    ------
    ValueError
        For settings outside their ranges.

    Why edges blur
    --------------
    Mis-deciding: an edge of contrast c through the middle of the window adds c^2 / 4 to
    the variance. Where that drowns in the noise variance, the gain falls to 0 and the
    filter is a plain box average over the edge.

    References
    ----------
    J.-S. Lee, Digital image enhancement and noise filtering by use of local statistics,
    1980, doi 10.1109/TPAMI.1980.4766994.
    """
    check_window(radius)
    check_fits(radius, image)
    check_setting(strength, "strength (ratio to sigma)", 0, 20)
    if radius == 0 or strength == 0 or sigma == 0:
        return image.copy()
    side = 2 * int(radius) + 1
    size = (side, side) + (1,) * (image.ndim - 2)
    # Around its own mean the image's squares stay small: less rounding in the variance.
    centre = image.mean()
    mean = ndimage.uniform_filter(image - centre, size, mode="reflect")
    square = ndimage.uniform_filter((image - centre) ** 2, size, mode="reflect")
    variance = np.maximum(square - mean**2, 0)
    # Not below the smallest number, or a flat window would divide 0 by 0.
    noise_variance = max((strength * sigma) ** 2, float(np.finfo(image.dtype).tiny))
    gain = np.maximum(variance - noise_variance, 0) / np.maximum(variance, noise_variance)
    mean += centre
    return (mean + gain * (image - mean)).astype(image.dtype)


@dataclass(frozen=True)
class LocalWiener(Windowed):
    """Lee's local Wiener filter as a denoiser.

    Parameters
    ----------
    radius : int
        Half side of the window, px; 0 to 50.
    strength : float
        Ratio to sigma; 0 switches the filter off, 1 is Lee's filter.
    """

    radius: int = 2
    strength: float = 1.0

    properties: ClassVar[Properties] = Properties(True, True, True, "strength")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_setting(self.strength, "strength (ratio to sigma)", 0, 20)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the filtered image; see :func:`local_wiener`."""
        sigma = prepare(noisy, sigma)
        return local_wiener(noisy, sigma, self.radius, self.strength)
