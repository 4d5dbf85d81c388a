"""The guided filter: a straight line in every window, fitted to a guide."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import ndimage

from lessons_lib.denoisers.contract import (
    Properties,
    check_fits,
    check_setting,
    check_window,
    prepare,
)
from lessons_lib.image import Image, check_image, check_same_shape


def guided(image: Image, guide: Image, radius: int, epsilon: float) -> Image:
    """Fit image ~ a guide + b in every window, and average the fits that meet at a pixel.

    In each window a = cov(guide, image) / (var(guide) + epsilon), b = mean(image) -
    a mean(guide). The estimate is mean(a) guide + mean(b), both means over the windows
    that contain the pixel.

    Parameters
    ----------
    image, guide : ndarray
        Float, same shape ``(H, W)`` or ``(H, W, C)``; channels are filtered separately.
        With ``guide = image`` it is a denoiser.
    radius : int
        Half side of the window, px; [0, 50]. 0 returns a copy.
    epsilon : float
        Variance below which a window counts as flat, image units squared; 0 or more.

    Returns
    -------
    ndarray
        Same shape and type; the border is mirrored.

    Raises
    ------
    ValueError
        For different shapes, for settings outside their ranges, and for a window larger than
        the image.

    Why edges blur
    --------------
    Mis-deciding: an edge of contrast c through the middle of the window has the variance
    c^2 / 4. Its slope a is about c^2 / (c^2 + 4 epsilon): where c^2 drowns in epsilon, which
    has to exceed sigma^2 to remove noise, the window counts as flat and is averaged.

    References
    ----------
    He, Sun, Tang, Guided image filtering, 10.1109/TPAMI.2012.213.
    """
    check_image(image)
    check_same_shape(image, guide, "image and guide")
    check_window(radius)
    check_fits(radius, image)
    _check_epsilon(epsilon)
    if radius == 0:
        return image.copy()
    size = _window_size(radius, image.ndim)
    own_guide = guide is image
    centre = guide.mean(dtype=np.float64).astype(guide.dtype)  # small squares: less rounding
    guide, values = guide - centre, image - centre
    guide_mean, value_mean = _box(guide, size), _box(values, size)
    variance = np.maximum(_box(guide * guide, size) - guide_mean**2, 0)
    covariance = variance
    if not own_guide:
        covariance = _box(guide * values, size) - guide_mean * value_mean
    slope = covariance / np.maximum(variance + epsilon, np.finfo(image.dtype).tiny)
    intercept = value_mean - slope * guide_mean
    estimate = _box(slope, size) * guide + _box(intercept, size) + centre
    return estimate.astype(image.dtype, copy=False)


def _box(image: Image, size: tuple[int, ...]) -> Image:
    return ndimage.uniform_filter(image, size, mode="reflect")


def _window_size(radius: int, dimensions: int) -> tuple[int, ...]:
    side = 2 * int(radius) + 1
    return (side, side) + (1,) * (dimensions - 2)


def guided_weights(
    guide: Image, position: tuple[int, int], radius: int, epsilon: float
) -> Image:
    """The weights with which one pixel averages its neighbours, for a fixed guide.

    w_ij = sum over the windows k that contain both pixels of
    (1 + (g_i - m_k)(g_j - m_k) / (v_k + epsilon)) / n^2, with the mean m_k and the variance
    v_k of the guide in window k of n pixels (He, Sun, Tang, equation 11).

    Parameters
    ----------
    guide : ndarray
        Float ``(H, W)``.
    position : (int, int)
        (row, col), at least 2 radius away from the border.
    radius, epsilon
        As in :func:`guided`.

    Returns
    -------
    ndarray
        ``(H, W)``, float64, sum 1; entries can be negative.

    Raises
    ------
    ValueError
        For colour, and for a position too near the border.
    """
    check_image(guide, "guide")
    check_window(radius)
    _check_epsilon(epsilon)
    if guide.ndim != 2:
        raise ValueError(f"guide must be grey, (H, W), got {guide.shape}; pass one channel")
    row, col = position
    if min(row, col, guide.shape[0] - 1 - row, guide.shape[1] - 1 - col) < 2 * radius:
        raise ValueError(
            f"position {position} must be at least {2 * radius} px away from the border of "
            f"{guide.shape}; choose another one or a smaller radius"
        )
    weights = np.zeros(guide.shape)
    count = (2 * radius + 1) ** 2
    for middle_row in range(row - radius, row + radius + 1):
        for middle_col in range(col - radius, col + radius + 1):
            window = np.s_[
                middle_row - radius : middle_row + radius + 1,
                middle_col - radius : middle_col + radius + 1,
            ]
            values = guide[window].astype(np.float64)
            deviation = values - values.mean()
            own = guide[position] - values.mean()
            share = deviation * own / max(values.var() + epsilon, np.finfo(float).tiny)
            weights[window] += (1 + share) / count**2
    return weights


def _check_epsilon(epsilon: float) -> None:
    if not 0 <= epsilon < np.inf:
        raise ValueError(
            f"epsilon (image units squared) must be 0 or more, got {epsilon}; sigma^2 is usual"
        )


@dataclass(frozen=True)
class Guided:
    """The guided filter, guided by the noisy image itself, as a denoiser.

    Parameters
    ----------
    radius : int
        Half side of the window, px; 0 to 50.
    strength : float
        sqrt(epsilon) as a ratio to sigma; [0, 20]. 0 switches the filter off.
    """

    radius: int = 2
    strength: float = 1.5

    properties: ClassVar[Properties] = Properties(True, True, True, "strength")

    def __post_init__(self) -> None:
        check_window(self.radius)
        check_setting(self.strength, "strength (ratio to sigma)", 0, 20)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px: two windows."""
        return 2 * int(self.radius)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the filtered image; see :func:`guided`."""
        sigma = prepare(noisy, sigma)
        if self.strength == 0 or sigma == 0:
            return noisy.copy()
        return guided(noisy, noisy, self.radius, (self.strength * sigma) ** 2)
