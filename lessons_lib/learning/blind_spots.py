"""Hide pixels from a network: grids of them, and what stands in their place.

A network that guesses a hidden pixel from the others cannot pass its noise on: the guess is
E[pixel | all others], and with noise that is independent from pixel to pixel, that is the
mean of the *clean* pixel given them.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.image import Image

Filling = Callable[[Image, np.ndarray, np.random.Generator], Image]
"""(noisy, hidden pixels, rng) -> a copy with something else in the place of these."""


def check_stride(stride: int) -> None:
    """Raise a ValueError for a grid that is too dense to hide anything."""
    if stride < 3 or stride != int(stride):
        raise ValueError(
            f"stride must be a whole number of at least 3 px, got {stride}; closer pixels "
            "would stand in for each other"
        )


def grid(shape: tuple[int, int], stride: int, number: int) -> np.ndarray:
    """Mark every ``stride``-th pixel, bool ``(H, W)``; ``number`` 0 ... stride^2 - 1 moves it."""
    hidden = np.zeros(shape, dtype=bool)
    hidden[number // stride :: stride, number % stride :: stride] = True
    return hidden


def mean_of_neighbours(
    noisy: Image, hidden: np.ndarray, rng: np.random.Generator | None = None
) -> Image:
    """Put the mean of the four neighbours in the place of each hidden pixel.

    Outside the border is the mirror image. Nothing is drawn at random.
    """
    rows, cols = np.nonzero(hidden)
    steps = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    neighbours = [noisy[beside(rows, cols, step, hidden.shape)] for step in steps]
    filled = noisy.copy()
    filled[hidden] = sum(neighbours) / 4
    return filled


def random_neighbour(noisy: Image, hidden: np.ndarray, rng: np.random.Generator) -> Image:
    """Put one of the 24 pixels around (5 x 5 px) in the place of each hidden pixel."""
    rows, cols = np.nonzero(hidden)
    choice = rng.integers(24, size=len(rows))
    choice += choice >= 12  # the middle one is the pixel itself
    step = choice // 5 - 2, choice % 5 - 2
    filled = noisy.copy()
    filled[hidden] = noisy[beside(rows, cols, step, hidden.shape)]
    return filled


def beside(
    rows: np.ndarray, cols: np.ndarray, step: tuple, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Positions one step away; a step over the border is made to the other side.

    In a picture of one or two pixels across there may be no other side: it stays inside.
    """
    moved = []
    for place, by, size in zip((rows, cols), step, shape, strict=True):
        there = np.where((place + by < 0) | (place + by >= size), place - by, place + by)
        moved.append(np.clip(there, 0, size - 1))
    return moved[0], moved[1]


def blind_spot_estimate(
    denoise: Callable[[Image, float], Image],
    noisy: Image,
    sigma: float,
    stride: int = 4,
    filling: Filling = mean_of_neighbours,
) -> Image:
    """Estimate each pixel while it is hidden: stride^2 pictures, each with another grid.

    Parameters
    ----------
    denoise : callable
        ``(noisy, sigma) -> estimate``.
    noisy : ndarray
        ``(H, W)`` or ``(H, W, C)``.
    sigma : float
        Standard deviation of the noise, image units.
    stride : int
        Distance between hidden pixels, px.
    filling : callable
        What stands in their place; the same draws at each call.

    Returns
    -------
    ndarray
        Same shape and type. No pixel has seen its own noisy value.
    """
    check_stride(stride)
    rng, estimate = np.random.default_rng(0), noisy.copy()
    for number in range(stride**2):
        hidden = grid(noisy.shape[:2], stride, number)
        if hidden.any():
            estimate[hidden] = denoise(filling(noisy, hidden, rng), sigma)[hidden]
    return estimate
