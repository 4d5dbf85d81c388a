"""Haar shrinkage averaged over all shifts at once: the undecimated ('a trous') transform.

Cycle spinning denoises every shifted copy of the image and averages. With Haar wavelets and
a threshold that does not depend on the shift, all 4^levels copies together need no more
coefficients than one for each pixel, level and orientation. The result is the same, as a
test shows.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.denoisers.wavelet import MODES, check_choice, check_levels
from lessons_lib.image import Image

BORDERS = {"mirror": "symmetric", "periodic": "wrap"}
DEEPEST = 8  # the border is 2^levels wide
# Pixels in work at one time, each with about 18 numbers: 18 MB in float32. A tile is at least
# twice as wide as its two borders, so 7 levels take 55 MB and 8 take 240 MB.
AT_ONCE = 250_000


def undecimated_haar_shrink(
    image: Image,
    sigma: float,
    levels: int = 4,
    threshold_ratio: float = 3.3,
    falloff: float = 0.8,
    mode: str = "hard",
    border: str = "mirror",
) -> Image:
    """Average Haar shrinkage over all 2^levels x 2^levels shifts of the image.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; channels are treated separately. Any size.
    sigma : float
        Standard deviation of the white noise, image units.
    levels : int
        1 to 8.
    threshold_ratio : float
        Threshold of the finest level, x sigma, [0, 20]; 0 returns a copy.
    falloff : float
        Each coarser level's threshold is this many times the one before, [0.01, 1]. Coarse
        coefficients average more pixels, so a picture's are larger there and the noise's
        are not: a weaker suspicion will do. 1: the same threshold everywhere.
    mode : str
        'hard' or 'soft'.
    border : str
        'mirror', or 'periodic' (the right border is joined to the left one).

    Returns
    -------
    ndarray
        Same shape and type.

    Raises
    ------
    ValueError
        For settings outside their ranges, with the range.

    Why edges blur
    --------------
    Mis-deciding, averaged: some shifts kept the edge's coefficients and others did not. On
    one grid a weak edge is drawn sharply at a place that jitters from draw to draw; the mean
    over shifts draws it blurred, near its own place.

    References
    ----------
    Coifman and Donoho, Translation-invariant de-noising, 1995,
    doi 10.1007/978-1-4612-2544-7_9.
    """
    check_undecimated(levels, threshold_ratio, falloff, mode)
    check_choice(border, "border", tuple(BORDERS))
    if threshold_ratio == 0 or sigma == 0:
        return image.copy()
    if image.ndim == 3:
        planes = [image[..., channel] for channel in range(image.shape[2])]
        settings = (sigma, levels, threshold_ratio, falloff, mode, border)
        return np.stack([undecimated_haar_shrink(plane, *settings) for plane in planes], axis=2)
    reach = 2 ** int(levels) - 1
    padded = np.pad(image, reach, mode=BORDERS[border])
    thresholds = [threshold_ratio * falloff**level * sigma for level in range(int(levels))]
    estimate = image.copy()
    rows = max(4 * reach, AT_ONCE // image.shape[1])  # tiles overlap by 2 reach
    cols = max(4 * reach, AT_ONCE // rows)
    for top in range(0, image.shape[0], rows):
        for left in range(0, image.shape[1], cols):
            tile = padded[top : top + rows + 2 * reach, left : left + cols + 2 * reach]
            taken = _taken_away(tile, thresholds, mode)
            estimate[top : top + rows, left : left + cols] -= taken
    return estimate


def _taken_away(padded: Image, thresholds: list[float], mode: str) -> Image:
    """What shrinkage removes, averaged over all shifts; the padding is used up.

    Working with what is *removed* keeps constants to the last bit: nothing is removed.
    """
    approximation, removed = padded, []
    for level, threshold in enumerate(thresholds):
        approximation, bands = split_all_shifts(approximation, 2**level)
        # Plain sums of pixels are 2^(level + 1) times the orthonormal coefficients.
        removed.append([_remove(band, threshold * 2 ** (level + 1), mode) for band in bands])
    taken = np.zeros_like(approximation)
    for level in reversed(range(len(thresholds))):
        margin = 2 ** len(thresholds) - 2 ** (level + 1)
        height, width = (side - 2 * margin for side in removed[level][0].shape)
        window = slice(margin, margin + height), slice(margin, margin + width)
        taken = merge_all_shifts(taken, [band[window] for band in removed[level]], 2**level)
    return taken


def _remove(band: np.ndarray, threshold: float, mode: str) -> np.ndarray:
    """The band minus its shrunk self, written into the band."""
    if mode == "soft":
        return np.clip(band, -threshold, threshold, out=band)
    band *= np.abs(band) <= threshold
    return band


def split_all_shifts(image: Image, step: int) -> tuple[Image, list[np.ndarray]]:
    """Sums and differences of each pixel with those ``step`` further on.

    Parameters
    ----------
    image : ndarray, ``(H, W)``
        Pixels, or the sums of the level before.
    step : int
        1 at the finest level, then 2, 4, ...

    Returns
    -------
    sums : ndarray, ``(H - step, W - step)``
    [horizontal, vertical, diagonal] : ndarrays of that shape
        2^(level + 1) times the orthonormal Haar coefficients of every shift, levels from 0.
    """
    low = image[:, :-step] + image[:, step:]
    high = image[:, :-step] - image[:, step:]
    return low[:-step] + low[step:], [
        low[:-step] - low[step:], high[:-step] + high[step:], high[:-step] - high[step:],
    ]  # fmt: skip


def merge_all_shifts(sums: Image, bands: list[np.ndarray], step: int) -> Image:
    """Undo :func:`split_all_shifts`: the mean of what the four shifts say of each pixel.

    Returns
    -------
    ndarray, ``(H - step, W - step)``
        For H x W coefficients: the pixels of which all four are there.
    """
    horizontal, vertical, diagonal = bands
    low = _add_transposed(sums, horizontal, step)
    high = _add_transposed(vertical, diagonal, step)
    pixels = low[:, step:] + low[:, :-step]
    pixels += high[:, step:]
    pixels -= high[:, :-step]
    pixels *= 1 / 16  # 4 shifts, and sums of 4 pixels
    return pixels


def _add_transposed(sums: np.ndarray, differences: np.ndarray, step: int) -> np.ndarray:
    """Down the columns: each row from the pair that it begins and the pair that it ends."""
    total = sums[step:] + sums[:-step]
    total += differences[step:]
    total -= differences[:-step]
    return total


def check_undecimated(levels: int, threshold_ratio: float, falloff: float, mode: str) -> None:
    """Check everything that :func:`undecimated_haar_shrink` is set by."""
    check_setting(levels, "levels (of the transform)", 1, DEEPEST)
    check_levels(levels)
    check_setting(threshold_ratio, "threshold_ratio (x sigma)", 0, 20)
    check_setting(falloff, "falloff (factor per level)", 0.01, 1)
    check_choice(mode, "mode", tuple(MODES))


@dataclass(frozen=True)
class UndecimatedHaar:
    """Haar shrinkage over all shifts as a denoiser; see :func:`undecimated_haar_shrink`.

    Parameters
    ----------
    levels : int
        1 to 8.
    threshold_ratio : float
        Threshold of the finest level, x sigma; 0 switches the denoiser off.
    falloff : float
        Factor from each level's threshold to the next coarser one's.
    mode : str
        'hard' or 'soft'.
    """

    levels: int = 4
    threshold_ratio: float = 3.3
    falloff: float = 0.8
    mode: str = "hard"

    properties: ClassVar[Properties] = Properties(True, True, True, "threshold_ratio")

    def __post_init__(self) -> None:
        check_undecimated(self.levels, self.threshold_ratio, self.falloff, self.mode)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px."""
        return 2 ** int(self.levels) - 1

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the mean over all shifts; see :func:`undecimated_haar_shrink`."""
        sigma = prepare(noisy, sigma)
        return undecimated_haar_shrink(
            noisy, sigma, self.levels, self.threshold_ratio, self.falloff, self.mode
        )
