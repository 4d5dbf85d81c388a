"""Rows of the Jacobian for the network bench: fast enough to answer a click.

:func:`lessons_lib.diagnosis.kernels.gather` takes differences, two estimates for each
pixel that a filter sees; the two filters below have short derivatives instead.
"""

from collections.abc import Iterator

import numpy as np

from lessons_lib.denoisers.bilateral import Bilateral, bilateral_weights
from lessons_lib.denoisers.network import Network
from lessons_lib.denoisers.non_local_means import (
    NonLocalMeans,
    non_local_weights,
    patch_distances,
)
from lessons_lib.image import Image

SEEN = 64  # px to each side that the network's row is computed on
CELL = 8  # the network's coarsest cells; crops begin at multiples of it


def network_row(
    network: Network, noisy: Image, sigma: float, position: tuple[int, int]
) -> Image:
    """Row of the network's Jacobian, on a crop of about 64 px to each side.

    The network sees farther, up to 108 px, but next to nothing of its row lies there.

    Parameters
    ----------
    network : Network
        What estimates.
    noisy : ndarray, ``(H, W)``
        Image units.
    sigma : float
        What the network is told, image units.
    position : (int, int)
        (row, col) of the output pixel.

    Returns
    -------
    ndarray, ``(H, W)``
        d estimate[position] / d noisy; 0 outside the crop.
    """
    crop = tuple(
        slice(max((place - SEEN) // CELL * CELL, 0), min(place + SEEN, side))
        for place, side in zip(position, noisy.shape, strict=True)
    )
    pulse, row = np.zeros_like(noisy[crop]), np.zeros_like(noisy)
    pulse[position[0] - crop[0].start, position[1] - crop[1].start] = 1
    row[crop] = network.pullback(noisy[crop], sigma, pulse)
    return row


def bilateral_row(
    bilateral: Bilateral, noisy: Image, sigma: float, position: tuple[int, int]
) -> Image:
    """Row of the bilateral filter's Jacobian: the weights, and how they move.

    With weights w_j of sum 1, value width v and estimate e of the pixel i, the entry of a
    neighbour is w_j (1 - (y_j - e) (y_j - y_i) / v^2); the pixel itself gets what it takes
    to keep the sum 1.

    Parameters and return value as in :func:`network_row`; the pixel must lie so far inside
    that its window fits.
    """
    width = bilateral.value_ratio * sigma
    weights = bilateral_weights(noisy, position, bilateral.space_width, width)
    mean = np.sum(weights * noisy)
    pull = weights * (noisy - mean) * (noisy - noisy[position]) / width**2
    row = weights - pull
    row[position] += pull.sum()
    return row


def non_local_row(
    means: NonLocalMeans, noisy: Image, sigma: float, position: tuple[int, int]
) -> Image:
    """Row of non-local means' Jacobian: the weights, and how they move.

    A weight w_j falls with the distance of two patches, and each pixel of both patches
    moves that distance.

    Parameters and return value as in :func:`network_row`; the pixel must lie so far inside
    that its search window and the patches in it fit.
    """
    radius, (row, col) = means.patch_radius, position
    settings = (sigma, radius, means.search_radius, means.strength)
    weights = non_local_weights(noisy, position, *settings)
    count = (2 * radius + 1) ** 2
    distances = patch_distances(noisy, position, radius)
    moving = (weights > 0) & (distances > 2 * sigma**2 * count)
    mean = np.sum(weights * noisy)
    slopes = -weights * (noisy - mean) / ((means.strength * sigma) ** 2 * count)
    jacobian = weights.copy()
    mine = np.s_[row - radius : row + radius + 1, col - radius : col + radius + 1]
    for i, j in np.argwhere(moving):
        theirs = np.s_[i - radius : i + radius + 1, j - radius : j + radius + 1]
        change = 2 * slopes[i, j] * (noisy[mine] - noisy[theirs])
        jacobian[mine] += change
        jacobian[theirs] -= change
    return jacobian


def rows_of(
    methods: dict[str, object], noisy: Image, sigma: float, position: tuple[int, int]
) -> Iterator[tuple[str, Image]]:
    """Yield (name, row on the whole picture) of each method.

    Parameters
    ----------
    methods : dict
        Name -> Network, Bilateral or NonLocalMeans.
    noisy, sigma, position
        As in :func:`network_row`.
    """
    for name, method in methods.items():
        if isinstance(method, Network):
            yield name, network_row(method, noisy, sigma, position)
            continue
        rule = bilateral_row if isinstance(method, Bilateral) else non_local_row
        window = tuple(slice(place - method.reach, place + method.reach + 1) for place in position)
        whole = np.zeros(noisy.shape)
        middle = (method.reach, method.reach)
        whole[window] = rule(method, noisy[window].astype(float), sigma, middle)
        yield name, whole
