"""Unsharp masking: what was taken for detail, added once more. Edges and noise alike."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.denoisers.linear import TRUNCATE, gaussian
from lessons_lib.image import Image


def unsharp_mask(image: Image, width: float, amount: float) -> Image:
    """Add the difference from a blurred copy: x + amount (x - G x).

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; channels are sharpened separately.
    width : float
        Standard deviation of the Gaussian G, px; [0, 50].
    amount : float
        How much of the difference is added; [0, 20]. 0 returns a copy.

    Returns
    -------
    ndarray
        Same shape and type; overshoots at edges, and is not clipped.

    Raises
    ------
    ValueError
        For settings outside their ranges.

    Why edges blur
    --------------
    They do not: they are steepened, by a filter that knows nothing of the scene. White noise
    grows by :func:`unsharp_noise_gain`. A fixed filter that can be undone brings no
    information: what the noise has hidden stays hidden.
    """
    check_setting(amount, "amount", 0, 20)
    blurred = gaussian(image, width)  # checks the width
    return image + image.dtype.type(amount) * (image - blurred)


def unsharp_noise_gain(width: float, amount: float) -> float:
    """Variance of white noise after :func:`unsharp_mask`, over the variance before.

    The sum of the squared weights: the kernel is (1 + a) delta - a g g^T with the Gaussian's
    weights g along one axis, so (1 + a)^2 - 2 a (1 + a) g_0^2 + a^2 (sum g^2)^2.

    Parameters
    ----------
    width, amount : float
        As for :func:`unsharp_mask`.

    Returns
    -------
    float
        1 or more; about 1 + 2 a + a^2 for wide Gaussians. Holds away from the border.
    """
    check_setting(amount, "amount", 0, 20)
    check_setting(width, "width (px)", 0, 50)
    if width == 0:
        return 1.0
    radius = int(TRUNCATE * width + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / width) ** 2)
    weights /= weights.sum()
    middle, squares = weights[radius] ** 2, np.sum(weights**2) ** 2
    kept = (1 + amount) ** 2 - 2 * amount * (1 + amount) * middle
    return float(kept + amount**2 * squares)


@dataclass(frozen=True)
class UnsharpMask:
    """Unsharp masking behind the same call as a denoiser; it takes no noise away.

    Parameters
    ----------
    width : float
        Standard deviation of the Gaussian, px; [0, 50].
    amount : float
        How much of the difference is added; [0, 20].
    """

    width: float = 1.5
    amount: float = 1.0

    properties: ClassVar[Properties] = Properties(True, True, True, "amount")

    def __post_init__(self) -> None:
        check_setting(self.width, "width (px)", 0, 50)
        check_setting(self.amount, "amount", 0, 20)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px."""
        return int(TRUNCATE * self.width + 0.5)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the sharpened image; see :func:`unsharp_mask`. ``sigma`` is only checked."""
        prepare(noisy, sigma)
        return unsharp_mask(noisy, self.width, self.amount)

    def pullback(self, noisy: Image, sigma: float, cotangent: Image) -> Image:
        """Apply the transposed filter, J^T v; with a mirrored border J^T = J."""
        prepare(noisy, sigma)
        return unsharp_mask(np.asarray(cotangent, dtype=noisy.dtype), self.width, self.amount)
