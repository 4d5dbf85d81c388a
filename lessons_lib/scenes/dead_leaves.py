"""Dead leaves: discs of all sizes on top of each other, a texture with known statistics."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lessons_lib.image import Image
from lessons_lib.scenes.coverage import check_levels, check_size, disc_coverage

# Light that still comes through when a pixel counts as covered.
_OPEN = 0.01
_BATCH = 1024


def dead_leaves(
    size: int,
    seed: int,
    *,
    smallest_radius: float = 2.0,
    largest_radius: float = 40.0,
    low: float = 0.1,
    high: float = 0.9,
) -> Image:
    """Draw a wood's floor: discs of all sizes that cover one another, each of one grey.

    The radii follow the density r^-3, which makes the picture look alike at every scale
    and gives it about the power spectrum of natural images. The leaves are laid from the
    front to the back until each pixel is covered, so the picture is one draw of the
    stationary process, without a last leaf on top.

    Parameters
    ----------
    size : int
        Side of the image, px; at least 8.
    seed : int
        Another seed, another floor.
    smallest_radius, largest_radius : float
        In px; 0.5 <= smallest < largest.
    low, high : float
        The greys are uniform between these two, image units.

    Returns
    -------
    ndarray, ``(size, size)``
        float64 in [low, high]. A leaf's rim is area-sampled; where several rims meet in
        one pixel, what a leaf lets through is treated as independent of where.

    Raises
    ------
    ValueError
        For an impossible size, radius or level.

    References
    ----------
    Lee, Mumford and Huang, Occlusion models for natural images, 2001,
    DOI 10.1023/A:1011109015675.
    """
    check_size(size)
    check_levels(low=low, high=high)
    if not 0.5 <= smallest_radius < largest_radius < math.inf:
        raise ValueError(
            "radii must satisfy 0.5 <= smallest_radius < largest_radius (px), got "
            f"{smallest_radius} and {largest_radius}"
        )
    through, picture = np.ones((size, size)), np.zeros((size, size))
    rng = np.random.default_rng(seed)
    while (through > _OPEN).any():
        for leaf in _leaf_batch(rng, through, smallest_radius, largest_radius):
            box, share = leaf.coverage(size)
            picture[box] += through[box] * share * (low + (high - low) * leaf.grey)
            through[box] *= 1.0 - share
    # At most _OPEN of a pixel is still bare; the leaves in it share that in proportion.
    return picture / (1.0 - through)


@dataclass(frozen=True)
class _Leaf:
    """One disc: centre and radius in px, grey between 0 (low) and 1 (high)."""

    row: float
    col: float
    radius: float
    grey: float

    def coverage(self, size: int) -> tuple[tuple[slice, slice], np.ndarray]:
        """Which part of the image the leaf touches, and how much of each pixel there."""
        slices, borders = [], []
        for middle in (self.row, self.col):
            first = max(math.floor(middle - self.radius + 0.5), 0)
            last = min(math.floor(middle + self.radius + 0.5), size - 1)
            slices.append(slice(first, last + 1))
            borders.append(np.arange(first, last + 2) - 0.5 - middle)
        return tuple(slices), disc_coverage(*borders, self.radius)


def _leaf_batch(
    rng: np.random.Generator, through: np.ndarray, smallest: float, largest: float
) -> Iterator[_Leaf]:
    """Draw many leaves at once and pass on those with something still bare beneath them."""
    size = len(through)
    # Inverse of the distribution function of the density r^-3: 1 / r^2 is uniform.
    radius = rng.uniform(largest**-2, smallest**-2, _BATCH) ** -0.5
    # Centres reach over the border by the largest radius, so the border is like the middle.
    row, col = rng.uniform(-0.5 - largest, size - 0.5 + largest, (2, _BATCH))
    grey = rng.uniform(0.0, 1.0, _BATCH)
    first_row, last_row = (_cell(row + sign * radius, size, sign) for sign in (-1, 1))
    first_col, last_col = (_cell(col + sign * radius, size, sign) for sign in (-1, 1))
    bare = np.zeros((size + 1, size + 1), dtype=int)
    bare[1:, 1:] = (through > _OPEN).cumsum(axis=0).cumsum(axis=1)
    count = bare[last_row, last_col] - bare[first_row, last_col]
    count = count - bare[last_row, first_col] + bare[first_row, first_col]
    for index in np.flatnonzero(count > 0):
        yield _Leaf(row[index], col[index], radius[index], grey[index])


def _cell(place: np.ndarray, size: int, sign: int) -> np.ndarray:
    """Number of whole pixels before ``place``, or up to its pixel's end if sign is 1."""
    return np.clip(np.floor(place + 0.5).astype(int) + (sign > 0), 0, size)
