"""BM3D written out: one group after the other, in the words of the paper.

Slow and meant to be read. ``bm3d.py`` computes the same, and a test holds both equal.
"""

from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers.bm3d import HARD, WIENER, extended_planes, picture_of
from lessons_lib.denoisers.bm3d_stage import THRESHOLD, Stage
from lessons_lib.denoisers.bm3d_transforms import (
    BLOCK,
    biorthogonal_matrix,
    cosine_matrix,
    inverse,
    kaiser_window,
)
from lessons_lib.image import Image, check_image, check_sigma


def bm3d_by_definition(image: Image, sigma: float) -> Image:
    """Both stages of BM3D, block by block; see :func:`lessons_lib.denoisers.bm3d.bm3d`.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, 3)``; small, or it takes minutes.
    sigma : float
        Standard deviation of the white noise, image units, above 0.

    Returns
    -------
    ndarray
        Same shape and type.
    """
    check_image(image)
    check_sigma(sigma, zero_allowed=False)
    planes = extended_planes(image)
    basic = filter_stage(planes, None, sigma, HARD)
    final = filter_stage(planes, basic, sigma, WIENER)
    return picture_of(final, image)


def filter_stage(
    planes: np.ndarray, pilot: np.ndarray | None, sigma: float, stage: Stage
) -> np.ndarray:
    """One stage: group, filter together, aggregate; all arrays ``(C, H, W)``."""
    matrix = biorthogonal_matrix() if pilot is None else cosine_matrix()
    total, weights = np.zeros_like(planes), np.zeros_like(planes)
    guide = (planes if pilot is None else pilot)[0]
    height, width = guide.shape
    for row in range(0, height - BLOCK + 1, stage.step):
        for col in range(0, width - BLOCK + 1, stage.step):
            positions, _ = find_group(guide, (row, col), sigma, stage)
            for plane in range(len(planes)):
                noisy = cut(planes[plane], positions)
                seen = None if pilot is None else cut(pilot[plane], positions)
                estimate, weight = filter_group(noisy, seen, sigma, matrix)
                aggregate(estimate, weight, positions, total[plane], weights[plane])
    return total / weights


def find_group(
    guide: Image, position: tuple[int, int], sigma: float, stage: Stage
) -> tuple[np.ndarray, np.ndarray]:
    """Block matching: the blocks most like the one at ``position``, nearest first.

    Parameters
    ----------
    guide : ndarray, ``(H, W)``
        The noisy image in the first stage, the first estimate in the second.
    position : (int, int)
        (row, col) of the reference block's first pixel.
    sigma : float
        Image units.
    stage : Stage
        Window, threshold and largest size of the group.

    Returns
    -------
    positions : ndarray, ``(n, 2)``
        First pixels; the reference block itself first; n is a power of 2.
    distances : ndarray, ``(n,)``
        Mean squared difference to it, image units squared.
    """
    height, width = guide.shape
    tried = np.asarray(position) + stage.shifts().T
    inside = (tried >= 0).all(axis=1) & (tried <= (height - BLOCK, width - BLOCK)).all(axis=1)
    tried = tried[inside]
    reference = cut(guide, tried[:1])
    distances = ((cut(guide, tried) - reference) ** 2).mean(axis=(1, 2))
    distances[0] = -1  # itself first, even among equals
    near = np.flatnonzero(distances < stage.likeness * sigma**2)
    order = near[np.argsort(distances[near], kind="stable")][: stage.most]
    count = 2 ** int(np.log2(len(order)))
    distances[0] = 0
    return tried[order[:count]], distances[order[:count]]


def cut(plane: Image, positions: np.ndarray) -> np.ndarray:
    """The blocks at these positions, ``(n, 8, 8)``."""
    return np.stack([plane[row : row + BLOCK, col : col + BLOCK] for row, col in positions])


def haar_matrix(count: int) -> np.ndarray:
    """Orthonormal Haar transform of ``count`` (a power of 2) numbers; row 0 is the mean's."""
    matrix = np.ones((1, 1))
    while len(matrix) < count:
        means, details = np.kron(matrix, [1, 1]), np.kron(np.eye(len(matrix)), [1, -1])
        matrix = np.concatenate([means, details]) * np.sqrt(0.5)
    return matrix


def transform(blocks: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """3-D transform of a group: ``matrix`` along rows and columns, Haar along the group."""
    flat = matrix @ blocks @ matrix.T
    return np.tensordot(haar_matrix(len(blocks)), flat, axes=1)


def transform_back(spectrum: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Undo :func:`transform`."""
    flat = np.tensordot(haar_matrix(len(spectrum)).T, spectrum, axes=1)
    return inverse(matrix) @ flat @ inverse(matrix).T


def filter_group(
    blocks: np.ndarray, pilot: np.ndarray | None, sigma: float, matrix: np.ndarray
) -> tuple[np.ndarray, float]:
    """Collaborative filtering: estimates of all blocks of a group, and the group's weight.

    Without a pilot: hard threshold at 2.7 sigma, weight 1 / number of coefficients kept.
    With one: Wiener gains from the pilot's spectrum, weight 1 / sum of squared gains. The
    mean of the group (coefficient 0, 0, 0) is always kept.
    """
    spectrum = transform(blocks, matrix)
    if pilot is None:
        gains = (np.abs(spectrum) >= THRESHOLD * sigma).astype(float)
    else:
        power = transform(pilot, matrix) ** 2
        gains = power / (power + sigma**2)
    gains[0, 0, 0] = 1
    return transform_back(gains * spectrum, matrix), 1 / (gains**2).sum()


def aggregate(
    estimate: np.ndarray, weight: float, positions: np.ndarray, total: Image, weights: Image
) -> None:
    """Add the blocks of a group where they belong, and their weights, in place."""
    window = kaiser_window()
    for block, (row, col) in zip(estimate, positions, strict=True):
        place = np.s_[row : row + BLOCK, col : col + BLOCK]
        total[place] += weight * window * block
        weights[place] += weight * window


@dataclass(frozen=True, eq=False)
class Group:
    """One group of BM3D, to look at.

    Attributes
    ----------
    positions : ndarray, ``(n, 2)``
        (row, col) of each block's first pixel; the reference block first.
    distances : ndarray, ``(n,)``
        Mean squared difference to the reference block, image units squared.
    blocks : ndarray, ``(n, 8, 8)``
        The noisy blocks.
    spectrum : ndarray, ``(n, 8, 8)``
        Their 3-D transform; [0, 0, 0] is the mean of the group.
    kept : ndarray of bool, ``(n, 8, 8)``
        Which coefficients pass the threshold; in the Wiener stage, whose gain is above 1/2.
    estimate : ndarray, ``(n, 8, 8)``
        The filtered blocks.
    """

    positions: np.ndarray
    distances: np.ndarray
    blocks: np.ndarray
    spectrum: np.ndarray
    kept: np.ndarray
    estimate: np.ndarray


def block_group(
    noisy: Image, sigma: float, position: tuple[int, int], pilot: Image | None = None
) -> Group:
    """The group that BM3D makes for one reference block, and what it does to it.

    Parameters
    ----------
    noisy : ndarray, ``(H, W)``
        At least 8 x 8 px.
    sigma : float
        Image units, above 0.
    position : (int, int)
        (row, col) of the block's first pixel; the block must lie inside.
    pilot : ndarray, optional
        The first stage's estimate, for the Wiener stage.

    Returns
    -------
    Group

    Raises
    ------
    ValueError
        For colour, and for a block that is not inside.
    """
    check_image(noisy, "noisy")
    sigma = check_sigma(sigma, zero_allowed=False)
    if noisy.ndim != 2:
        raise ValueError(f"noisy must be grey, (H, W), got {noisy.shape}; pass the luminance")
    row, col = (int(place) for place in position)
    height, width = noisy.shape
    if not (0 <= row <= height - BLOCK and 0 <= col <= width - BLOCK):
        raise ValueError(
            f"position must leave room for a block of {BLOCK} px in an image of {height} x "
            f"{width}, got {(row, col)}; it is the block's first row and column"
        )
    stage, matrix = (HARD, biorthogonal_matrix()) if pilot is None else (WIENER, cosine_matrix())
    positions, distances = find_group(noisy if pilot is None else pilot, (row, col), sigma, stage)
    blocks = cut(noisy, positions)
    seen = None if pilot is None else cut(pilot, positions)
    spectrum = transform(blocks, matrix)
    estimate, _ = filter_group(blocks, seen, sigma, matrix)
    limit, judged = (THRESHOLD, spectrum) if pilot is None else (1.0, transform(seen, matrix))
    kept = np.abs(judged) >= limit * sigma
    kept[0, 0, 0] = True
    return Group(positions, distances, blocks, spectrum, kept, estimate)
