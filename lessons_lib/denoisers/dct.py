"""Local DCT denoising: every 8 x 8 block is written in cosines, and small ones are dropped.

Seen from afar it is a small network: a convolution with 64 fixed filters (the cosines), a
shrinkage of each of the 64 maps, and the transposed convolution back. Only the weights of
the blocks do not fit into that picture: they look at all 64 maps together.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.fft import dct

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.image import Image

LARGEST_BLOCK = 32
# Coefficients in work at one time, 64 for each pixel: few enough for the processor's cache.
CACHED = 400_000


def dct_matrix(block: int) -> np.ndarray:
    """The orthonormal cosine transform of ``block`` samples, ``(block, block)``.

    Row k holds the cosine of k half waves: (C y)_k = a_k sum_d cos(pi k (d + 1/2) / block) y_d
    with a_0 = sqrt(1 / block) and a_k = sqrt(2 / block) else.
    """
    return dct(np.eye(block), axis=0, norm="ortho")


def local_dct_readable(
    image: Image, sigma: float, block: int = 8, threshold_ratio: float = 2.7
) -> Image:
    """The taught version of :func:`local_dct`: one block after another; grey only."""
    margin, cosines = block - 1, dct_matrix(block)
    padded = np.pad(image, margin, mode="symmetric")
    total, weights = np.zeros(padded.shape), np.zeros(padded.shape)
    for row, col in np.ndindex(*(side - margin for side in padded.shape)):
        window = slice(row, row + block), slice(col, col + block)
        coefficients = cosines @ padded[window] @ cosines.T
        keep = np.abs(coefficients) > threshold_ratio * sigma
        keep[0, 0] = True  # the block's mean is never doubted
        weight = 1 / np.count_nonzero(keep)  # few coefficients: little noise is left
        total[window] += weight * (cosines.T @ (keep * coefficients) @ cosines)
        weights[window] += weight
    inside = tuple(slice(margin, margin + side) for side in image.shape)
    return (total[inside] / weights[inside]).astype(image.dtype)


def local_dct(
    image: Image, sigma: float, block: int = 8, threshold_ratio: float = 2.7
) -> Image:
    """Hard-threshold the cosines of every block of pixels, and average all blocks.

    Each pixel lies in ``block``^2 blocks. Their estimates are averaged with the weight
    1 / (number of coefficients kept): a block that needed few holds less noise. Those
    weights, the threshold and the untouched block mean are the course's choice; the idea of
    thresholding all blocks and averaging them is that of Yu and Sapiro.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; channels are treated separately. Any size, with
        mirrored borders.
    sigma : float
        Standard deviation of the white noise, image units.
    block : int
        Side of the blocks, px, 2 to 32.
    threshold_ratio : float
        Threshold, x sigma, [0, 20]; 0 returns a copy.

    Returns
    -------
    ndarray
        Same shape and type.

    Raises
    ------
    ValueError
        For settings outside their ranges.

    Why edges blur
    --------------
    Mis-deciding: an edge of contrast c along the block puts at most block c / 2 into its
    largest coefficient (somewhat less, since a cosine is no step) and the rest into
    several smaller ones. Those under the threshold are dropped, among them the fine ones
    that make the edge sharp.

    References
    ----------
    Yu and Sapiro, DCT image denoising: a simple and effective image denoising algorithm,
    2011, doi 10.5201/ipol.2011.ys-dct.
    """
    check_local_dct(block, threshold_ratio)
    if threshold_ratio == 0 or sigma == 0:
        return image.copy()
    if image.ndim == 3:
        planes = [image[..., channel] for channel in range(image.shape[2])]
        settings = (sigma, block, threshold_ratio)
        return np.stack([local_dct(plane, *settings) for plane in planes], axis=2)
    block, margin = int(block), int(block) - 1
    # Around its own mean the image's coefficients are small: less rounding in float32.
    centre = image.mean()
    padded = np.pad(image - centre, margin, mode="symmetric")
    total, weights = np.zeros((2, *padded.shape), dtype=image.dtype)
    cosines = dct_matrix(block).astype(image.dtype)
    rows = max(1, CACHED // (block**2 * padded.shape[1]))
    for top in range(0, padded.shape[0] - margin, rows):
        strip = padded[top : top + rows + margin]
        part, weight = _denoise_strip(strip, cosines, threshold_ratio * sigma)
        total[top : top + strip.shape[0]] += part
        weights[top : top + strip.shape[0]] += weight
    inside = tuple(slice(margin, margin + side) for side in image.shape)
    return total[inside] / weights[inside] + centre


def _denoise_strip(
    strip: Image, cosines: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted sums of all blocks inside a strip, and the sums of their weights."""
    block = len(cosines)
    maps = convolve(strip, cosines)  # (rows, block^2, cols)
    keep = np.abs(maps) > threshold
    keep[:, 0] = True  # the block's mean is never doubted
    maps *= keep
    # Bytes are quick to count where block^2 fits into one.
    counted = np.uint8 if block < 16 else np.uint16
    weight = 1 / np.add.reduce(keep.view(np.uint8), axis=1, dtype=counted).astype(strip.dtype)
    maps *= weight[:, None]
    return convolve_transposed(maps, cosines), _over_blocks(weight, block)


def convolve(strip: Image, cosines: np.ndarray) -> np.ndarray:
    """Correlate an image with all products of two cosines: its map of each of them.

    Parameters
    ----------
    strip : ndarray, ``(H, W)``
        Not padded here.
    cosines : ndarray, ``(block, block)``
        From :func:`dct_matrix`.

    Returns
    -------
    ndarray, ``(H - block + 1, block^2, W - block + 1)``
        Entry [row, block i + j, col]: half waves i down and j across, of the block whose
        first pixel is (row, col).
    """
    block = len(cosines)
    rows, cols = (side - block + 1 for side in strip.shape)
    neighbours = np.stack([strip[:, place : place + cols] for place in range(block)], axis=1)
    across = np.matmul(cosines, neighbours)  # (H, block, cols)
    line = across.strides[0]
    # The same memory read as overlapping stacks of ``block`` lines: nothing is copied.
    stacks = np.lib.stride_tricks.as_strided(
        across, (rows, block, block * cols), (line, line, across.itemsize), writeable=False
    )
    return np.matmul(cosines, stacks).reshape(rows, block**2, cols)


def convolve_transposed(maps: np.ndarray, cosines: np.ndarray) -> Image:
    """Write every coefficient back as its cosines, and add up where blocks overlap.

    Parameters
    ----------
    maps : ndarray, ``(rows, block^2, cols)``
        As :func:`convolve` returns them.
    cosines : ndarray, ``(block, block)``
        From :func:`dct_matrix`.

    Returns
    -------
    ndarray, ``(rows + block - 1, cols + block - 1)``
    """
    block = len(cosines)
    rows, _, cols = maps.shape
    stacks = np.matmul(cosines.T, maps.reshape(rows, block, block * cols))
    across = np.zeros((rows + block - 1, block * cols), dtype=maps.dtype)
    for place in range(block):
        across[place : place + rows] += stacks[:, place]
    neighbours = np.matmul(cosines.T, across.reshape(-1, block, cols))
    strip = np.zeros((rows + block - 1, cols + block - 1), dtype=maps.dtype)
    for place in range(block):
        strip[:, place : place + cols] += neighbours[:, place]
    return strip


def _over_blocks(weight: np.ndarray, block: int) -> np.ndarray:
    """Give each pixel the sum of the weights of the blocks that it lies in."""
    rows, cols = weight.shape
    down = np.zeros((rows + block - 1, cols), dtype=weight.dtype)
    total = np.zeros((rows + block - 1, cols + block - 1), dtype=weight.dtype)
    for place in range(block):
        down[place : place + rows] += weight
    for place in range(block):
        total[:, place : place + cols] += down
    return total


def check_local_dct(block: int, threshold_ratio: float) -> None:
    """Check everything that :func:`local_dct` is set by."""
    check_setting(block, "block (px)", 2, LARGEST_BLOCK)
    if block != int(block):
        raise ValueError(f"block must be a whole number of pixels, got {block:g}")
    check_setting(threshold_ratio, "threshold_ratio (x sigma)", 0, 20)


@dataclass(frozen=True)
class LocalDCT:
    """Local DCT thresholding as a denoiser; see :func:`local_dct`.

    Parameters
    ----------
    block : int
        Side of the blocks, px, 2 to 32.
    threshold_ratio : float
        Threshold, x sigma; 0 switches the denoiser off.
    """

    block: int = 8
    threshold_ratio: float = 2.7

    properties: ClassVar[Properties] = Properties(True, True, True, "threshold_ratio")

    def __post_init__(self) -> None:
        check_local_dct(self.block, self.threshold_ratio)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px."""
        return int(self.block) - 1

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the average of all blocks; see :func:`local_dct`."""
        sigma = prepare(noisy, sigma)
        return local_dct(noisy, sigma, self.block, self.threshold_ratio)
