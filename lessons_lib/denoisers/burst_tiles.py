"""A shift for each tile: for a hand that turns, and for things at several distances."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from scipy.interpolate import make_interp_spline

from lessons_lib.denoisers.burst_alignment import least_squares_shift, measure_shifts
from lessons_lib.denoisers.burst_frames import (
    SMALLEST_SIDE,
    Aligned,
    check_frames,
    grey_frame,
)
from lessons_lib.denoisers.burst_resampling import (
    check_interpolation,
    interpolation_gain,
    warp_frame,
)
from lessons_lib.image import Image

# How far a tile may stray from the frame's own shift: believed to this standard deviation.
# A tile without structure so keeps the frame's shift.
STRAY = 2.0  # px
_GAINS = 11  # parts of a pixel in the table of interpolation gains


def measure_tile_shifts(
    frames: np.ndarray | Sequence[Image], *, tile: int = 64, reference: int = 0
) -> np.ndarray:
    """Measure the shift of each tile of each frame.

    Tiles of ``tile`` px stand half a tile apart. Each begins at the shift of its whole frame
    and is improved by least squares, held back by the belief that it strays by about 2 px;
    what the noise leaves open stays at the frame's own shift.

    Parameters
    ----------
    frames : ndarray or sequence of ndarray
        A burst; see :func:`lessons_lib.denoisers.burst_alignment.measure_shifts`.
    tile : int
        Side of a tile, px, at least 16. Smaller tiles follow more and know less.
    reference : int
        The frame that the others are compared with.

    Returns
    -------
    ndarray, ``(N, 2, H, W)``
        Shift of each pixel, by straight lines between the middles of the tiles, px.

    Raises
    ------
    ValueError
        As ``measure_shifts``, and for tiles below 16 px.

    Notes
    -----
    scikit-image's dense flow (``optical_flow_tvl1``) was tried in its place. It follows a hand
    that turns better while light is good (.06 px of error against .09 with tiles of 40 px), and
    invents motion where the noise counts (.25 px against .07 with tiles of 64 px on a street in
    the light of 40 electrons).
    """
    if not SMALLEST_SIDE <= tile < np.inf or tile != int(tile):
        raise ValueError(
            f"tile must be a whole number of {SMALLEST_SIDE} px or more, got {tile}"
        )
    frames = check_frames(frames, reference)
    shifts = measure_shifts(frames, reference=reference)
    still = grey_frame(frames[reference])
    flows = np.zeros((len(frames), 2, *still.shape))
    for number, (frame, shift) in enumerate(zip(frames, shifts, strict=True)):
        if number != reference:
            flows[number] = _tile_flow(still, grey_frame(frame), shift, int(tile))
    return flows


def move_tiles(
    frames: np.ndarray | Sequence[Image], flows: np.ndarray, *,
    interpolation: str = "cubic", reference: int = 0,
) -> Aligned:  # fmt: skip
    """Move each pixel of each frame back by its own shift.

    Parameters
    ----------
    frames : ndarray or sequence of ndarray
        A burst, ``(N, H, W)`` or ``(N, H, W, C)``.
    flows : ndarray, ``(N, 2, H, W)``
        As :func:`measure_tile_shifts` gives them.
    interpolation : str
        'nearest', 'linear' or 'cubic'.
    reference : int
        The frame that stays.

    Returns
    -------
    Aligned
        With a map of the interpolation's gain for each frame.

    Raises
    ------
    ValueError
        For flows of another shape and for an unknown interpolation.
    """
    frames, order = check_frames(frames, reference), check_interpolation(interpolation)
    if flows.shape != (len(frames), 2, *frames.shape[1:3]):
        raise ValueError(
            f"flows must have shape {(len(frames), 2, *frames.shape[1:3])}, got {flows.shape}; "
            "make them with measure_tile_shifts"
        )
    pairs = [warp_frame(one, flow, order) for one, flow in zip(frames, flows, strict=True)]
    moved, seen = (np.array(part) for part in zip(*pairs, strict=True))
    moved[reference], seen[reference] = frames[reference], True
    gain = np.array([_gain_map(flow, interpolation) for flow in flows])
    return Aligned(moved, seen, gain, flows.mean(axis=(2, 3)), int(reference))


def _tile_flow(
    still: np.ndarray, frame: np.ndarray, shift: np.ndarray, tile: int
) -> np.ndarray:
    """Flow of one frame, ``(2, H, W)``: tiles measured, medians of neighbours, straight lines."""
    starts = [_starts(side, tile) for side in still.shape]
    whole = np.rint(shift).astype(int)
    grid = np.zeros((2, len(starts[0]), len(starts[1])))
    for i, j in np.ndindex(grid.shape[1:]):
        corner = np.array((starts[0][i], starts[1][j]))
        piece = tuple(slice(at, at + tile) for at in corner)
        there = _piece_at(frame, corner + whole, still[piece].shape)
        grid[:, i, j] = whole + least_squares_shift(still[piece], there, shift - whole, STRAY)[0]
    middles = [np.array(start) + (min(tile, side) - 1) / 2
               for side, start in zip(still.shape, starts, strict=True)]  # fmt: skip
    return np.array([_between(_outvoted(one), middles, still.shape) for one in grid])


def _outvoted(grid: np.ndarray) -> np.ndarray:
    """Replace tiles that a moving thing has taken along by the median of their neighbours."""
    median = ndimage.median_filter(grid, size=3, mode="nearest")
    return np.where(np.abs(grid - median) > STRAY / 2, median, grid)


def _between(
    grid: np.ndarray, middles: list[np.ndarray], shape: tuple[int, int]
) -> np.ndarray:
    """Straight lines between the middles of the tiles, and on beyond the outermost ones."""
    for axis, (places, side) in enumerate(zip(middles, shape, strict=True)):
        if len(places) == 1:
            grid = np.repeat(grid, side, axis=axis)
            continue
        line = make_interp_spline(places, grid, k=1, axis=axis)
        grid = line(np.arange(side))
    return grid


def _starts(side: int, tile: int) -> list[int]:
    last = max(side - tile, 0)
    count = int(np.ceil(last / (tile / 2))) + 1
    return [int(at) for at in np.rint(np.linspace(0, last, count))]


def _piece_at(frame: np.ndarray, corner: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A piece of a frame; what lies outside repeats the frame's border."""
    rows, cols = (
        np.clip(np.arange(at, at + size), 0, side - 1)
        for at, size, side in zip(corner, shape, frame.shape, strict=True)
    )
    return frame[np.ix_(rows, cols)]


def _gain_map(flow: np.ndarray, interpolation: str) -> np.ndarray:
    """Interpolation gain of each pixel, from a table along one axis."""
    parts = np.linspace(-0.5, 0.5, _GAINS)
    table = [interpolation_gain((part, 0.0), interpolation) for part in parts]
    rows, cols = (np.interp(one - np.rint(one), parts, table) for one in flow)
    return rows * cols
