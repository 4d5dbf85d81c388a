"""A denoiser that takes a large picture tile by tile: memory is bounded by the tile."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lessons_lib.denoisers.colour import Wrapping
from lessons_lib.denoisers.contract import Denoiser, check_setting, prepare
from lessons_lib.image import Image

# Tiles start at multiples of it, as the cells of a network's coarsest maps do.
CELL = 8  # px


class Span(NamedTuple):
    """One tile along one side of the picture.

    Attributes
    ----------
    seen : slice
        Pixels of the picture that the denoiser is given.
    kept : slice
        Pixels of the picture that its estimate has a share in.
    inside : slice
        The kept pixels, counted from the first that is seen.
    weights : ndarray
        Share of each kept pixel, 0 to 1; those of all tiles sum to 1 in every pixel.
    """

    seen: slice
    kept: slice
    inside: slice
    weights: np.ndarray


def spans(side: int, tile: int, margin: int, blend: int) -> list[Span]:
    """Cut one side of a picture into tiles.

    Parameters
    ----------
    side, tile : int
        Length of the side and of a tile, px; the last tile may be shorter.
    margin : int
        How much more is seen at either end of a tile, px.
    blend : int
        Width of the band around each cut in which two neighbours are mixed, px; an even
        number up to 2 margin and up to half a tile. 0 cuts hard.

    Returns
    -------
    list of Span

    Notes
    -----
    In the band the weight of one tile falls linearly, at the middles of its pixels, and
    that of the next is what is missing to 1.
    """
    cuts = [*range(0, side, tile), side]
    if len(cuts) > 2 and cuts[-1] - cuts[-2] < blend:
        cuts.pop(-2)  # too short a rest to be mixed at both ends joins its neighbour
    fall = 1 - (np.arange(blend) + 0.5) / blend if blend else np.empty(0)
    found = []
    for start, stop in zip(cuts[:-1], cuts[1:], strict=True):
        first, last = start > 0, stop < side
        kept = slice(start - blend // 2 * first, stop + blend // 2 * last)
        seen = slice(max(start - margin, 0), min(stop + margin, side))
        kept = slice(kept.start, min(kept.stop, side))
        weights = np.ones(kept.stop - kept.start)
        if blend and first:
            weights[:blend] = 1 - fall
        if blend and last:
            weights[-blend:] = fall[: len(weights)]
        inside = slice(kept.start - seen.start, kept.stop - seen.start)
        found.append(Span(seen, kept, inside, weights))
    return found


@dataclass(frozen=True)
class Tiled(Wrapping):
    """A denoiser that sees one tile at a time, with more around it than it keeps.

    Where the inner denoiser has a finite reach, each tile is seen with that many pixels on
    every side, and the estimate is that of one call on the whole picture, up to rounding.
    Where its reach is global, no margin is enough: each tile is seen with ``overlap`` px
    more, and half of them on either side of a cut are mixed, so that a difference
    between two tiles fades over ``overlap`` px instead of showing as a line.

    Parameters
    ----------
    denoiser : Denoiser
        The inner one.
    tile : int
        Side of a tile, px; [64, 8192], rounded up to a multiple of 8.
    overlap : int
        Margin of a denoiser with global reach, px; [0, 512], rounded up to a multiple of 8.

    Raises
    ------
    ValueError
        For settings outside their ranges.

    Notes
    -----
    Beside the noisy picture and the estimate, which the caller holds anyway, memory goes with
    (tile + 2 margin)^2 and not with the picture; time goes with the number of pixels. What
    a denoiser finds out about the *whole* picture (a spectrum, a threshold from all its
    coefficients) it finds out about each tile instead.

    Why edges blur
    --------------
    As in the inner denoiser. A non-local one finds fewer blocks alike, which in a tile of 512
    px and more are plenty: it rarely looks farther than 20 px anyway.
    """

    denoiser: Denoiser
    tile: int = 1024
    overlap: int = 48

    def __post_init__(self) -> None:
        check_setting(self.tile, "tile (px)", 64, 8192)
        check_setting(self.overlap, "overlap (px)", 0, 512)

    @property
    def margin(self) -> int:
        """What is seen around a tile, px: the reach, or the overlap if that is global."""
        return self.overlap_in_cells if self.reach is None else self.reach

    @property
    def overlap_in_cells(self) -> int:
        """The overlap, rounded up."""
        return _whole(self.overlap)

    def tiles(self, shape: tuple[int, ...]) -> list[tuple[Span, Span]]:
        """Cut a picture: (rows, columns) of each tile, in the order of computing."""
        side = _whole(self.tile)
        blend = 0 if self.reach is not None else min(self.margin, side // 2)
        down, across = (spans(length, side, self.margin, blend) for length in shape[:2])
        return [(rows, cols) for rows in down for cols in across]

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the estimate, same shape and type as ``noisy``."""
        return deque(self.progress(noisy, sigma), maxlen=1).pop()[1]

    def progress(self, noisy: Image, sigma: float) -> Iterator[tuple[float, Image]]:
        """Denoise tile by tile, so that a caller can show progress or stop in between.

        Yields
        ------
        (float, ndarray)
            The share of tiles that is done, (0, 1], and the estimate so far: the noisy
            picture where nothing was computed yet. It is the same array each time.
        """
        sigma = prepare(noisy, sigma)
        estimate = noisy.copy()
        tiles = self.tiles(noisy.shape) if sigma else []
        for number, (rows, cols) in enumerate(tiles, start=1):
            part = self.denoiser(np.ascontiguousarray(noisy[rows.seen, cols.seen]), sigma)
            _put(estimate, noisy, part[rows.inside, cols.inside], rows, cols)
            yield number / len(tiles), estimate
        if not tiles:
            yield 1.0, estimate


def _put(estimate: Image, noisy: Image, part: Image, rows: Span, cols: Span) -> None:
    """Add a tile's share: whole where it stands alone, weighted where two or four meet."""
    place = rows.kept, cols.kept
    weights = np.outer(rows.weights, cols.weights).astype(noisy.dtype)
    if weights.min() == 1:
        estimate[place] = part
        return
    weights = weights.reshape(weights.shape + (1,) * (noisy.ndim - 2))
    # The noisy picture, which stands there at first, goes out by the same share.
    estimate[place] += weights * (part - noisy[place])


def _whole(pixels: float) -> int:
    """Round up to a multiple of the cell."""
    return -(-int(pixels) // CELL) * CELL
