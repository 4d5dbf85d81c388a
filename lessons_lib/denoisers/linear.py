"""Linear filters: fixed weights, the same everywhere, blind to what they average."""

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

# Beyond four standard deviations a Gaussian's weights add up to 6e-5 along each axis.
TRUNCATE = 4.0


def gaussian(image: Image, width: float) -> Image:
    """Convolve with a Gaussian of standard deviation ``width``; the border is mirrored.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; channels are filtered separately.
    width : float
        Standard deviation of the kernel, px; [0, 50]. 0 returns a copy.

    Returns
    -------
    ndarray
        Same shape and type.

    Raises
    ------
    ValueError
        For a width outside its range.

    Why edges blur
    --------------
    Mixing: pixels of both sides are averaged with fixed weights. The 10-90 % width of a
    step is 2.563 sqrt(width^2 + 1/12) px whatever the contrast.
    """
    check_setting(width, "width (px)", 0, 50)
    if width == 0:
        return image.copy()
    widths = (width, width) + (0,) * (image.ndim - 2)
    return ndimage.gaussian_filter(image, widths, mode="reflect", truncate=TRUNCATE)


def box(image: Image, radius: int) -> Image:
    """Replace each pixel by the plain mean of the square window around it.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; channels are filtered separately.
    radius : int
        Half side of the window, px: n = (2 radius + 1)^2 pixels. 0 to 50; 0 returns a copy.

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
    Mixing: a step becomes a ramp as wide as the window, whatever the contrast. The noise
    that is left is sigma / (2 radius + 1).
    """
    check_window(radius)
    check_fits(radius, image)
    if radius == 0:
        return image.copy()
    side = 2 * int(radius) + 1
    # Running sums drift by rounding; around the image's own mean they stay small.
    centre = image.mean(dtype=np.float64).astype(image.dtype)
    size = (side, side) + (1,) * (image.ndim - 2)
    return ndimage.uniform_filter(image - centre, size, mode="reflect") + centre


@dataclass(frozen=True)
class Box(Windowed):
    """Box filter (moving average) as a denoiser; it does not look at sigma.

    Parameters
    ----------
    radius : int
        Half side of the window, px; 0 to 50.
    """

    radius: int = 2

    properties: ClassVar[Properties] = Properties(True, True, True, "radius")

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the averaged image; see :func:`box`."""
        prepare(noisy, sigma)
        return box(noisy, self.radius)

    def pullback(self, noisy: Image, sigma: float, cotangent: Image) -> Image:
        """Apply the transposed filter, J^T v; with a mirrored border J^T = J."""
        prepare(noisy, sigma)
        return box(np.asarray(cotangent, dtype=noisy.dtype), self.radius)


@dataclass(frozen=True)
class Gaussian:
    """Gaussian blur as a denoiser; it does not look at sigma.

    Parameters
    ----------
    width : float
        Standard deviation of the kernel, px; [0, 50].
    """

    width: float = 1.5

    properties: ClassVar[Properties] = Properties(True, True, True, "width")

    def __post_init__(self) -> None:
        check_setting(self.width, "width (px)", 0, 50)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px."""
        return int(TRUNCATE * self.width + 0.5)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the blurred image; see :func:`gaussian`."""
        prepare(noisy, sigma)
        return gaussian(noisy, self.width)

    def pullback(self, noisy: Image, sigma: float, cotangent: Image) -> Image:
        """Apply the transposed filter: J^T v.

        With a mirrored border the filter is symmetric (an input pixel is folded back
        onto itself exactly as often as it is read), so J^T = J.
        """
        prepare(noisy, sigma)
        return gaussian(np.asarray(cotangent, dtype=noisy.dtype), self.width)
