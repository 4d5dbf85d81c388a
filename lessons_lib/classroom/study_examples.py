"""The pictures in the instructions of block 2: what counts as an error."""

from functools import cache
from importlib.util import find_spec

import numpy as np

from lessons_lib.denoisers import BM3D, Gaussian
from lessons_lib.image import Image
from lessons_lib.scenes.pictures import picture

SIGMA = 0.12
CORNER, HEIGHT, WIDTH = (0, 100), 64, 96  # strokes, which are in no pair of the study
ENLARGED, GAP = 2, 8


@cache
def examples() -> dict[str, Image]:
    """Truth, blurred, invented and noisy: one crop of a printed page four times."""
    row, col = CORNER
    page = picture("text")
    clean = np.ascontiguousarray(page[row : row + HEIGHT, col : col + WIDTH], dtype=np.float32)
    noise = np.random.default_rng(3).standard_normal(clean.shape)
    noisy = (clean + SIGMA * noise).astype(np.float32)
    if find_spec("torch"):
        from lessons_lib.denoisers.sampler import PosteriorDraw

        invented = PosteriorDraw(seed=2)(noisy, SIGMA)
    else:
        invented = BM3D(strength=0.5)(noisy, SIGMA)
    blurred = Gaussian(2.0)(noisy, SIGMA)
    return {"truth": clean, "blurred": blurred, "invented": invented, "noisy": noisy}


def example_strip() -> Image:
    """The four examples side by side, each pixel enlarged to 2 x 2, with grey gaps."""
    tiles = [one.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1) for one in examples().values()]
    gap = np.full((len(tiles[0]), GAP), 0.69, dtype=np.float32)
    row = [tiles[0]]
    for tile in tiles[1:]:
        row += [gap, tile]
    return np.hstack(row)
