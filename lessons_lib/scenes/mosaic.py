"""A procedural mosaic: Voronoi tiles of glazed stone with grout between; nobody's picture."""

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from lessons_lib.image import Image
from lessons_lib.scenes.coverage import check_levels, check_positive, check_size

# Glazes, display-encoded: deep blue, sky, turquoise, white, sand, ochre, terracotta, wine.
PALETTE = np.array(
    [
        [0.09, 0.16, 0.45],
        [0.25, 0.55, 0.85],
        [0.10, 0.60, 0.55],
        [0.93, 0.91, 0.84],
        [0.90, 0.76, 0.45],
        [0.88, 0.55, 0.12],
        [0.76, 0.27, 0.14],
        [0.38, 0.08, 0.16],
    ]
)
GROUT = np.array([0.16, 0.14, 0.13])
# A tile's nearest border may belong to a neighbour that is not the nearest one; in a jittered
# grid it is always among the next eight.
_NEIGHBOURS = 9


def mosaic(
    size: int, seed: int, *, tile: float = 12.0, grout: float = 1.5, unevenness: float = 0.06
) -> Image:
    """Draw a mosaic of irregular tiles, as one lays them: same stones near each other.

    A tile is the set of all points that are nearer to its seed than to any other (Voronoi).
    The seeds stand on a hexagonal grid and are pushed about at random.

    Parameters
    ----------
    size : int
        Side of the image, px; at least 8.
    seed : int
        Another seed, another mosaic.
    tile : float
        Distance between the rows of seeds, px: about a tile's width. At least 3.
    grout : float
        Width of the joint between two tiles, px; at least 1, so that it covers a pixel, and
        narrower than a tile.
    unevenness : float
        Standard deviation of the tiles' brightness about their glaze, image units.

    Returns
    -------
    ndarray, ``(size, size, 3)``
        float64 in [0, 1], display-encoded. Pixels at a joint's rim hold both in proportion.

    Raises
    ------
    ValueError
        For an impossible size, tile or joint.
    """
    check_size(size)
    check_positive(tile, "tile", "it is about the width of a tile in pixels")
    check_levels(unevenness=unevenness)
    if not 3 <= tile or not 1 <= grout < tile:
        raise ValueError(
            f"tile must be at least 3 px and grout from 1 px up to below tile, got tile {tile} "
            f"and grout {grout}"
        )
    rng = np.random.default_rng(seed)
    seeds = tile_seeds(size, tile, rng)
    colours = tile_colours(seeds, size, tile, unevenness, rng)
    owner, border = nearest_tile(size, seeds)
    stone = np.clip(border - grout / 2 + 0.5, 0, 1)[..., np.newaxis]
    return stone * colours[owner] + (1 - stone) * GROUT


def tile_seeds(size: int, tile: float, rng: np.random.Generator) -> np.ndarray:
    """Seeds on a hexagonal grid that reaches over the border, each pushed by up to .35 tile.

    Returns
    -------
    ndarray, ``(n, 2)``
        (row, col) in px.
    """
    count = int(np.ceil(size / tile)) + 5
    row, col = np.meshgrid(np.arange(count + 2.0), np.arange(count + 0.0), indexing="ij")
    col = col + 0.5 * (row % 2)
    grid = np.stack([row * np.sqrt(0.75) - 2, col - 2], axis=-1).reshape(-1, 2)
    return tile * (grid + rng.uniform(-0.35, 0.35, grid.shape))


def tile_colours(
    seeds: np.ndarray, size: int, tile: float, unevenness: float, rng: np.random.Generator
) -> np.ndarray:
    """A glaze for each tile: a smooth random landscape, cut into as many levels as glazes.

    Returns
    -------
    ndarray, ``(n, 3)``
        In [0, 1].
    """
    cells = int(np.ceil(size / tile)) + 16
    heights = gaussian_filter(rng.standard_normal((cells, cells)), 1.5, mode="wrap")
    place = np.clip(np.rint(seeds / tile).astype(int) + 4, 0, cells - 1)
    # Ranks, not heights: each glaze is used for about as many tiles.
    ranks = heights[place[:, 0], place[:, 1]].argsort().argsort()
    glaze = rng.permutation(len(PALETTE))[ranks * len(PALETTE) // len(ranks)]
    light = 1 + rng.normal(0, unevenness, (len(seeds), 1)) / 0.5
    return np.clip(PALETTE[glaze] * light, 0, 1)


def nearest_tile(size: int, seeds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whose tile each pixel's centre lies in, and how far from the tile's border.

    Returns
    -------
    (ndarray, ndarray)
        Index of the seed, ``(size, size)``; distance from the nearest bisector, px.
    """
    pixels = np.stack(np.indices((size, size)), axis=-1)
    distance, index = cKDTree(seeds).query(pixels, k=_NEIGHBOURS)
    own, others = seeds[index[..., :1]], seeds[index[..., 1:]]
    apart = np.linalg.norm(others - own, axis=-1)
    to_bisectors = (distance[..., 1:] ** 2 - distance[..., :1] ** 2) / (2 * apart)
    return index[..., 0], to_bisectors.min(axis=-1)
