"""Non-local means: average pixels whose whole surroundings look alike."""

import itertools
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.denoisers.non_local_search import (
    PatchSearch,
    averaged_pixels,
    check_settings,
    mean_change,
)
from lessons_lib.image import Image, check_image, check_sigma


def non_local_means(
    image: Image,
    sigma: float,
    patch_radius: int = 2,
    search_radius: int = 6,
    strength: float = 0.75,
    *,
    threads: int = 1,
) -> Image:
    """Average each pixel with those around it whose patches look like its own.

    estimate_i = sum_j w_ij y_j with sum_j w_ij = 1 and, for two patches P_i and P_j of n
    values, w_ij ~ exp(-max(|P_i - P_j|^2 - 2 sigma^2 n, 0) / (h^2 n)) with
    h = strength sigma. Two noisy patches of one clean patch differ by 2 sigma^2 n on
    average, which is taken off. The pixel itself has the weight 1 (the largest other weight
    in its place costs 0.1 to 0.2 dB on BSD68 at sigma 25). Each *pair* is visited once.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``. In colour a patch holds all channels, so that
        they share one weight.
    sigma : float
        Standard deviation of the white noise, image units; [0, 2].
    patch_radius : int
        Half side of the patch, px; n = (2 patch_radius + 1)^2 C.
    search_radius : int
        Half side of the square in which alike patches are looked for, px.
    strength : float
        h as a ratio to sigma, [0, 20]; 0 returns a copy.
    threads : int
        How many tiles of the image are worked on at the same time.

    Returns
    -------
    ndarray
        Same shape and type; the border is mirrored.

    Raises
    ------
    ValueError
        For settings outside their ranges, and for a window larger than the image.

    Why edges blur
    --------------
    Mis-deciding: the patch distance has a noise floor of 2 sigma^2 n that scatters by
    sigma^2 sqrt(12 n) or less. An edge of contrast c that fills k pixels of the difference
    of two patches adds c^2 k: where that is less than h^2 n, both sides are averaged.

    References
    ----------
    Buades, Coll and Morel, A non-local algorithm for image denoising, 2005,
    10.1109/CVPR.2005.38. Darbon and others, Fast nonlocal filtering applied to electron
    cryomicroscopy, 2008, 10.1109/ISBI.2008.4541250. Froment, Parameter-free fast pixelwise
    non-local means denoising, 2014, 10.5201/ipol.2014.120.
    """
    search = PatchSearch.checked(image, sigma, patch_radius, search_radius, strength)
    if search.unit == 0:
        return image.copy()
    change = search.over_tiles(image, mean_change, threads)
    change *= image.dtype.type(search.unit)
    return image + np.moveaxis(change, 0, 2).reshape(image.shape)


def non_local_means_by_definition(
    image: Image, sigma: float,
    patch_radius: int = 2, search_radius: int = 6, strength: float = 0.75,
) -> Image:  # fmt: skip
    """The taught version of :func:`non_local_means`: one shift after another; grey only."""
    margin, n = patch_radius + search_radius, (2 * patch_radius + 1) ** 2
    padded = np.pad(image, margin, mode="symmetric")

    def shifted(down: int, across: int) -> Image:
        rows = slice(margin + down, margin + down + image.shape[0])
        return padded[rows, margin + across : margin + across + image.shape[1]]

    steps, patch = (range(-r, r + 1) for r in (search_radius, patch_radius))
    total, weights = np.zeros(image.shape), np.zeros(image.shape)
    for down, across in itertools.product(steps, steps):
        distance = sum(
            (shifted(down + i, across + j) - shifted(i, j)) ** 2
            for i, j in itertools.product(patch, patch)
        )
        excess = np.maximum(distance - 2 * sigma**2 * n, 0)
        weight = np.exp(-excess / ((strength * sigma) ** 2 * n))
        if (down, across) == (0, 0):
            weight = 1.0  # the pixel itself
        total += weight * shifted(down, across)
        weights += weight
    return (total / weights).astype(image.dtype)


def patch_distances(image: Image, position: tuple[int, int], patch_radius: int) -> Image:
    """|P_i - P_j|^2 from the patch of one pixel i to that of every pixel j.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; mirrored at the border.
    position : (int, int)
        (row, col) of the pixel i.
    patch_radius : int
        Half side of the patch, px.

    Returns
    -------
    ndarray, ``(H, W)``
        float64, squared image units; 0 at the pixel itself.
    """
    check_image(image)
    planes = image.astype(np.float64) if image.ndim == 3 else image.astype(np.float64)[..., None]
    r, (height, width) = patch_radius, image.shape[:2]
    padded = np.pad(planes, ((r, r), (r, r), (0, 0)), mode="symmetric")
    distance = np.zeros((height, width))
    for i, j in itertools.product(range(2 * r + 1), repeat=2):
        own = padded[position[0] + i, position[1] + j]
        distance += np.sum((padded[i : i + height, j : j + width] - own) ** 2, axis=2)
    return distance


def non_local_weights(
    image: Image,
    position: tuple[int, int],
    sigma: float,
    patch_radius: int = 2,
    search_radius: int = 6,
    strength: float = 0.75,
) -> Image:
    """The weights with which one pixel averages the others: the filter's definition.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``.
    position : (int, int)
        (row, col) of the pixel, which must be farther from the border than the search
        radius if nothing is to be cut off.
    sigma, patch_radius, search_radius, strength
        As in :func:`non_local_means`.

    Returns
    -------
    ndarray
        ``(H, W)``, float64, at least 0, sum 1. Weights of mirrored pixels are left out.
    """
    sigma = check_sigma(sigma)
    check_settings(patch_radius, search_radius, strength)
    n = (2 * patch_radius + 1) ** 2 * (image.shape[2] if image.ndim == 3 else 1)
    excess = patch_distances(image, position, patch_radius) - 2 * sigma**2 * n
    width_squared = max((strength * sigma) ** 2, 1e-28)
    weights = np.exp(-np.maximum(excess, 0) / (width_squared * n))
    rows, cols = np.indices(image.shape[:2])
    far = np.maximum(np.abs(rows - position[0]), np.abs(cols - position[1])) > search_radius
    weights[far | (sigma * strength == 0)] = 0
    weights[position] = 1  # the pixel itself, whose distance of 0 says nothing
    return weights / weights.sum()


def effective_number(
    image: Image, sigma: float,
    patch_radius: int = 2, search_radius: int = 6, strength: float = 0.75,
) -> Image:  # fmt: skip
    """How many pixels each estimate averages: 1 / sum_j w_ij^2.

    If the weights did not depend on the noise, the estimate's variance would be sigma^2
    over this number. It falls to 1 where a patch is the only one of its kind. Within the
    search radius of the border mirrored copies count as pixels of their own: there the
    number is too high.

    Parameters
    ----------
    image, sigma, patch_radius, search_radius, strength
        As in :func:`non_local_means`.

    Returns
    -------
    ndarray, ``(H, W)``
        From 1 to (2 search_radius + 1)^2.
    """
    search = PatchSearch.checked(image, sigma, patch_radius, search_radius, strength)
    if search.unit == 0:
        return np.ones(image.shape[:2], image.dtype)
    return search.over_tiles(image, averaged_pixels)[0]


@dataclass(frozen=True)
class NonLocalMeans:
    """Non-local means as a denoiser.

    Parameters
    ----------
    patch_radius : int
        Half side of the patch, px; [0, 50].
    search_radius : int
        Half side of the square that is searched, px; [0, 50].
    strength : float
        Filter width h as a ratio to sigma; [0, 20]. 0 switches it off.
    threads : int
        How many tiles are worked on at the same time; [1, 64].
    """

    patch_radius: int = 2
    search_radius: int = 6
    strength: float = 0.75
    threads: int = field(default=1, repr=False)

    properties: ClassVar[Properties] = Properties(True, True, True, "strength")

    def __post_init__(self) -> None:
        check_settings(self.patch_radius, self.search_radius, self.strength)
        check_setting(self.threads, "threads", 1, 64)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px."""
        return self.patch_radius + self.search_radius

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the estimate; see :func:`non_local_means`."""
        sigma = prepare(noisy, sigma)
        return non_local_means(
            noisy, sigma, self.patch_radius, self.search_radius, self.strength,
            threads=self.threads,
        )  # fmt: skip
