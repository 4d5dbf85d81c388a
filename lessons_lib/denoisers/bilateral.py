"""The bilateral filter: average what is near *and* looks alike."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lessons_lib.denoisers.contract import Properties, check_fits, check_setting, prepare
from lessons_lib.image import Image, check_image

# The window is a disc of this many space widths, beyond which a weight is below 5 %.
TRUNCATE = 2.5
# Value widths, image units, beyond which nothing changes any more: differences are squared
# in these units, and float32 must hold that.
NARROWEST, WIDEST = 1e-15, 1e6
# Rows that are worked on at once: few enough for the processor's cache.
STRIP_ROWS = 96


def bilateral(image: Image, space_width: float, value_width: float) -> Image:
    """Average each pixel with its neighbours, weighted by distance and by likeness.

    estimate_i = sum_j w_ij y_j with sum_j w_ij = 1 and
    w_ij ~ exp(-|i - j|^2 / (2 space_width^2)) exp(-(y_i - y_j)^2 / (2 value_width^2)),
    over the disc |i - j| <= 2.5 space_width (rounded). It visits each *pair* of pixels once, shift
    by shift, and computes what :func:`bilateral_weights` defines.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``. In colour the value difference is the root mean
        square over the channels, so that all channels share one weight.
    space_width : float
        Standard deviation of the spatial Gaussian, px; [0, 20]. 0 returns a copy.
    value_width : float
        Standard deviation of the value Gaussian, image units; above 0. Infinity (and what
        is above a million) makes it a Gaussian filter with a round window.

    Returns
    -------
    ndarray
        Same shape and type; the border is mirrored.

    Raises
    ------
    ValueError
        For widths outside their ranges, and for a window larger than the image.

    Why edges blur
    --------------
    Mis-deciding: likeness is judged from noisy values. An edge of contrast c separates
    its sides only if c is large against value_width, and value_width has to be a few
    sigma, or noise would not be averaged. Weak edges look alike and are mixed.

    References
    ----------
    Tomasi and Manduchi, Bilateral filtering for gray and color images, 1998,
    10.1109/ICCV.1998.710815.
    """
    check_image(image)
    _check_widths(space_width, value_width)
    reach = window_radius(space_width)
    check_fits(reach, image)
    if reach == 0:
        return image.copy()
    # In units of sqrt(2) value_width the exponent is just the squared difference.
    unit = np.clip(float(value_width) * np.sqrt(2), NARROWEST, WIDEST)
    planes = image if image.ndim == 3 else image[..., None]
    scaled = np.ascontiguousarray(np.moveaxis(planes, 2, 0)) / image.dtype.type(unit)
    padded = np.pad(scaled, ((0, 0), (reach, reach), (reach, reach)), mode="symmetric")
    change = np.empty_like(scaled)
    height, width = image.shape[:2]
    for top in range(0, height, STRIP_ROWS):
        rows = min(STRIP_ROWS, height - top)
        strip = padded[:, top : top + rows + 2 * reach]
        mean = _mean_difference(strip, space_width, reach)
        change[:, top : top + rows] = mean[:, reach : reach + rows, reach : reach + width]
    change *= image.dtype.type(unit)
    return image + np.moveaxis(change, 0, 2).reshape(image.shape)


def _mean_difference(strip: np.ndarray, space_width: float, reach: int) -> np.ndarray:
    """Weighted mean of y_j - y_i at every pixel i of a padded strip, ``(C, h, w)``.

    Rows are joined to one long line, on which a shift by (down, across) is a shift by one
    number. Pairs that wrap around a row's end touch only the padding. The weight of a
    pair serves both of its pixels, with the opposite difference.
    """
    channels, _, width = strip.shape
    line = strip.reshape(channels, -1)
    count = line.shape[1]
    total = np.zeros_like(line)
    weights = np.ones_like(line[0])  # of the pixel itself, whose difference is 0
    difference, weight = np.empty_like(line), np.empty_like(line[0])
    for down, across in half_disc(reach):
        shift = down * width + across
        spatial = line.dtype.type(-(down**2 + across**2) / (2 * space_width**2))
        change, w = difference[:, : count - shift], weight[: count - shift]
        np.subtract(line[:, shift:], line[:, : count - shift], out=change)
        _squared_size(change, out=w)
        np.subtract(spatial, w, out=w)
        np.exp(w, out=w)
        weights[: count - shift] += w
        weights[shift:] += w
        change *= w
        total[:, : count - shift] += change
        total[:, shift:] -= change
    total /= weights
    return total.reshape(strip.shape)


def _squared_size(change: np.ndarray, out: np.ndarray) -> None:
    """Mean over the channels of the squared change."""
    if len(change) == 1:
        np.multiply(change[0], change[0], out=out)
    else:
        np.mean(change**2, axis=0, out=out)


def bilateral_weights(
    image: Image, position: tuple[int, int], space_width: float, value_width: float
) -> Image:
    """The weights with which one pixel averages its neighbours: the filter's definition.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``.
    position : (int, int)
        (row, col) of the pixel, which must be farther from the border than the window's
        radius if nothing is to be cut off.
    space_width, value_width : float
        As in :func:`bilateral`.

    Returns
    -------
    ndarray
        ``(H, W)``, float64, at least 0, sum 1. Weights of mirrored pixels are left out.
    """
    check_image(image)
    _check_widths(space_width, value_width)
    rows, cols = np.indices(image.shape[:2])
    distance_squared = (rows - position[0]) ** 2 + (cols - position[1]) ** 2
    difference = image.astype(np.float64) - image[position]
    if image.ndim == 3:
        difference = np.sqrt(np.mean(difference**2, axis=2))
    reach = window_radius(space_width)
    near = np.exp(-distance_squared / (2 * max(space_width, 1e-12) ** 2))
    alike = np.exp(-(difference**2) / (2 * max(value_width, 1e-30) ** 2))
    weights = np.where(distance_squared <= reach**2, near * alike, 0.0)
    return weights / weights.sum()


def window_radius(space_width: float) -> int:
    """Radius of the disc that is averaged over, px."""
    return int(TRUNCATE * space_width + 0.5)


def half_disc(radius: int) -> list[tuple[int, int]]:
    """One shift of each pair (shift, -shift) within a disc, without (0, 0)."""
    return [
        (down, across)
        for down in range(radius + 1)
        for across in range(-radius, radius + 1)
        if (down, across) > (0, 0) and down**2 + across**2 <= radius**2
    ]


def _check_widths(space_width: float, value_width: float) -> None:
    check_setting(space_width, "space_width (px)", 0, 20)
    if not value_width > 0:
        raise ValueError(
            f"value_width (image units) must be above 0, got {value_width}; a few sigma is usual"
        )


@dataclass(frozen=True)
class Bilateral:
    """Bilateral filter as a denoiser.

    Parameters
    ----------
    space_width : float
        Standard deviation of the spatial Gaussian, px; [0, 20].
    value_ratio : float
        Value width as a ratio to sigma; [0, 100]. 0 averages only equal pixels, which is
        to say nothing.
    """

    space_width: float = 1.5
    value_ratio: float = 3.0

    properties: ClassVar[Properties] = Properties(True, True, True, "value_ratio")

    def __post_init__(self) -> None:
        check_setting(self.space_width, "space_width (px)", 0, 20)
        check_setting(self.value_ratio, "value_ratio (ratio to sigma)", 0, 100)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px."""
        return window_radius(self.space_width)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the filtered image; see :func:`bilateral`."""
        sigma = prepare(noisy, sigma)
        if sigma * self.value_ratio == 0:
            return noisy.copy()
        return bilateral(noisy, self.space_width, self.value_ratio * sigma)
