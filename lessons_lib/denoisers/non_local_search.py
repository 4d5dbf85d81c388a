"""All pairs of alike patches in an image, shift by shift: the engine of non-local means."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers.contract import check_fits, check_setting, check_window
from lessons_lib.image import Image, check_image, check_sigma

# The smallest unit, image units: differences are squared in it, and float32 must hold the
# sum over a patch.
NARROWEST = 1e-14
# Pixels that are worked on at once: few enough for the processor's cache, and enough that
# the margins around them cost little.
TILE_ROWS, TILE_COLUMNS = 128, 512


@dataclass(frozen=True)
class PatchSearch:
    """The settings of one run, ready for use.

    Attributes
    ----------
    patch_radius, search_radius : int
        px.
    unit : float
        h sqrt(n), image units: in these, the exponent is a sum of squares. 0 means that
        each pixel stays alone.
    floor : float
        2 sigma^2 n, in squared units.
    """

    patch_radius: int
    search_radius: int
    unit: float
    floor: float

    @classmethod
    def checked(
        cls, image: Image, sigma: float, patch_radius: int, search_radius: int, strength: float
    ) -> "PatchSearch":
        """Build it, or say what is wrong with the settings."""
        check_image(image)
        sigma = check_sigma(sigma)
        check_settings(patch_radius, search_radius, strength)
        check_fits(patch_radius, image, "patch_radius (px)")
        check_fits(search_radius, image, "search_radius (px)")
        if sigma * strength * search_radius == 0:
            return cls(int(patch_radius), int(search_radius), 0.0, 0.0)
        values = (2 * patch_radius + 1) ** 2 * (image.shape[2] if image.ndim == 3 else 1)
        unit = max(float(strength) * sigma * values**0.5, NARROWEST)
        floor = 2 * sigma**2 * values / unit**2
        return cls(int(patch_radius), int(search_radius), unit, floor)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px."""
        return self.patch_radius + self.search_radius

    def over_tiles(self, image: Image, work: Callable, threads: int = 1) -> np.ndarray:
        """Run ``work(search, tile)`` on overlapping mirrored tiles; ``(C', H, W)``.

        A tile is ``(C, h, w)`` in units of ``unit``; the answer is used without its margin.
        """
        reach = self.reach
        planes = np.moveaxis(image if image.ndim == 3 else image[..., None], 2, 0)
        scaled = np.ascontiguousarray(planes) / image.dtype.type(self.unit)
        padded = np.pad(scaled, ((0, 0), (reach, reach), (reach, reach)), mode="symmetric")
        height, width = image.shape[:2]
        inside = np.s_[:, reach:-reach, reach:-reach]

        def one(corner: tuple[int, int]) -> np.ndarray:
            top, left = corner
            window = np.s_[
                :, top : top + TILE_ROWS + 2 * reach, left : left + TILE_COLUMNS + 2 * reach
            ]
            return work(self, padded[window])[inside]

        corners = [
            [(top, left) for left in range(0, width, TILE_COLUMNS)]
            for top in range(0, height, TILE_ROWS)
        ]
        with ThreadPoolExecutor(max_workers=threads) as pool:
            parts = iter(pool.map(one, itertools.chain(*corners)))
            rows = [np.concatenate([next(parts) for _ in row], axis=2) for row in corners]
        return np.concatenate(rows, axis=1)

    def pairs(self, tile: np.ndarray) -> Iterator[tuple[slice, slice, np.ndarray, np.ndarray]]:
        """All pairs of pixels, shift by shift: where, where to, their change, their weight.

        Rows are joined to one long line, on which a shift by (down, across) is a shift by
        one number. Pairs that wrap around a row's end touch only the margin. Both arrays
        are written anew in each step.
        """
        channels, _, width = tile.shape
        line = tile.reshape(channels, -1)
        end = line.shape[1] - self.search_radius * width
        side, middle = 2 * self.patch_radius + 1, self.patch_radius * (width + 1)
        changes, buffers = np.empty_like(line), np.zeros((5, line.shape[1]), line.dtype)
        for down, across in half_square(self.search_radius):
            shift = down * width + across
            # Higher up, neither pixel of a pair is one whose estimate is wanted.
            start = (self.search_radius - down) * width
            count = min(end, line.shape[1] - shift) - start
            change = changes[:, :count]
            np.subtract(
                line[:, start + shift : start + shift + count],
                line[:, start : start + count], out=change,
            )  # fmt: skip
            weight = _patch_weights(change, side, width, self.floor, buffers)
            first = start + middle
            here = slice(first, first + weight.size)
            there = slice(first + shift, first + shift + weight.size)
            yield here, there, change[:, middle : middle + weight.size], weight


def _patch_weights(
    change: np.ndarray, side: int, width: int, floor: float, buffers: np.ndarray
) -> np.ndarray:
    """exp(-max(sum over each patch of change^2 - floor, 0)); starts at the first centre."""
    zero, squared, first, second, third = (buffer[: change.shape[1]] for buffer in buffers)
    np.multiply(change[0], change[0], out=squared)
    for channel in change[1:]:
        squared += np.multiply(channel, channel, out=first)
    columns = sliding_sum(squared, side, width, (first, second, third))
    distance = sliding_sum(columns, side, 1, (first, second, squared))
    np.subtract(change.dtype.type(floor), distance, out=distance)
    np.minimum(distance, zero[: distance.size], out=distance)  # NumPy is slow with a plain 0
    return np.exp(distance, out=distance)


def sliding_sum(
    line: np.ndarray, count: int, stride: int, spare: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    """Sums of ``count`` neighbours ``stride`` apart, by doubling: about 2 log2(count) additions.

    Parameters
    ----------
    line : ndarray, ``(N,)``
        Not changed.
    count : int
        Odd.
    stride : int
        Distance between the neighbours.
    spare : three ndarrays, ``(N,)`` or longer
        Work space; the answer lies in the last one (or is ``line`` itself for 1).

    Returns
    -------
    ndarray, ``(N - (count - 1) stride,)``
    """
    power, total, size, covered = line, line, 1, 1
    spaces = itertools.cycle(spare[:2])
    while size * 2 <= count:
        step = size * stride
        power = np.add(power[:-step], power[step:], out=next(spaces)[: power.size - step])
        size *= 2  # each entry of power now sums this many
        if count & size:
            added = power[covered * stride :]
            total = np.add(total[: added.size], added, out=spare[2][: added.size])
            covered += size
    return total


def mean_change(search: PatchSearch, tile: np.ndarray) -> np.ndarray:
    """Weighted mean of y_j - y_i at every pixel i of a tile, ``(C, h, w)``."""
    line = tile.reshape(len(tile), -1)
    total, weights = np.zeros_like(line), np.ones_like(line[0])  # 1: the pixel itself
    for here, there, change, weight in search.pairs(tile):
        weights[here] += weight
        weights[there] += weight
        change *= weight
        total[:, here] += change
        total[:, there] -= change
    total /= weights
    return total.reshape(tile.shape)


def averaged_pixels(search: PatchSearch, tile: np.ndarray) -> np.ndarray:
    """(sum of weights)^2 / sum of squared weights at every pixel of a tile, ``(1, h, w)``."""
    weights, squares = np.ones((2, tile[0].size), tile.dtype)
    for here, there, _, weight in search.pairs(tile):
        for sums in (weights, squares):
            sums[here] += weight
            sums[there] += weight
            weight *= weight
    return (weights**2 / squares).reshape(1, *tile.shape[1:])


def half_square(radius: int) -> list[tuple[int, int]]:
    """One shift of each pair (shift, -shift) within a square, without (0, 0)."""
    return [
        (down, across)
        for down in range(radius + 1)
        for across in range(-radius, radius + 1)
        if (down, across) > (0, 0)
    ]


def check_settings(patch_radius: int, search_radius: int, strength: float) -> None:
    """Raise a ValueError that names the setting which is out of its range."""
    check_window(patch_radius, "patch_radius (px)")
    check_window(search_radius, "search_radius (px)")
    check_setting(strength, "strength (ratio to sigma)", 0, 20)
