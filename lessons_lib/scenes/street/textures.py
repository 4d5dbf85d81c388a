"""Random surfaces of the night street: blotches, and bricks laid in courses."""

import numpy as np
from scipy import ndimage

from lessons_lib.scenes.street.canvas import Canvas


def cloudiness(shape: tuple[int, int], width: float, rng: np.random.Generator) -> np.ndarray:
    """Return smooth random blotches of mean 0 and standard deviation 1.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns.
    width : float
        Size of the blotches in pixels, at least 1.
    rng : Generator
        Where the randomness comes from.

    Returns
    -------
    ndarray
        float64 of ``shape``.
    """
    coarse = tuple(max(4, int(side / width) + 3) for side in shape)
    seeds = rng.standard_normal(coarse)
    row = np.arange(shape[0])[:, None] / width + 1
    column = np.arange(shape[1])[None, :] / width + 1
    row, column = np.minimum(row, coarse[0] - 1), np.minimum(column, coarse[1] - 1)
    across = ndimage.map_coordinates(
        seeds, [np.broadcast_to(row, shape), np.broadcast_to(column, shape)], order=1
    )
    return (across - across.mean()) / across.std()


def masonry(
    canvas: Canvas, size: tuple[float, float], joint: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Lay courses of bricks, tiles or slabs, each second course moved by half a brick.

    Parameters
    ----------
    canvas : Canvas
        Where they are laid.
    size : (float, float)
        Length and height of one brick with its joint, metres.
    joint : float
        Width of the joint, metres.
    rng : Generator
        Gives each brick its own tone.

    Returns
    -------
    cover : ndarray, ``(rows, columns)``
        1 on the bricks, 0 in the joints, softened by one texel.
    tone : ndarray, ``(rows, columns)``
        Standard normal, one value for each brick.
    """
    up, across = canvas.places()
    course = up / size[1]
    run = across / size[0] + 0.5 * (np.floor(course) % 2)
    tones = rng.standard_normal((int(course.max()) + 2, int(run.max()) + 2))
    tone = tones[np.floor(course).astype(int), np.floor(run).astype(int)]
    from_bed = size[1] * np.minimum(course % 1, 1 - course % 1)
    from_head = size[0] * np.minimum(run % 1, 1 - run % 1)
    inside = np.minimum(from_bed, from_head) - joint / 2
    return np.clip(inside * canvas.density + 0.5, 0, 1), tone
