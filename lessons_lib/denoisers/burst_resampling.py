"""Move frames onto the reference, and know what the moving does to noise and to edges."""

import math

import numpy as np
from scipy import ndimage

from lessons_lib.denoisers.burst_frames import Aligned, check_frames, check_shifts

# Order of the splines. 'nearest' moves by whole pixels: it keeps the noise as it is, and
# leaves up to half a pixel of shift.
INTERPOLATIONS = {"nearest": 0, "linear": 1, "cubic": 3}
_IMPULSE_REACH = 24  # px; a cubic spline's weights fall by 3.7 with each of them


def move_frames(
    frames: np.ndarray, shifts: np.ndarray, *, interpolation: str = "cubic", reference: int = 0
) -> Aligned:
    """Move each frame back by its shift.

    Parameters
    ----------
    frames : ndarray or sequence of ndarray
        A burst, ``(N, H, W)`` or ``(N, H, W, C)``.
    shifts : ndarray, ``(N, 2)``
        Displacement of each frame, (rows, cols), px: what the reference shows at ``place``
        stands at ``place + shift``. The reference's own is taken off all of them.
    interpolation : str
        'nearest', 'linear' or 'cubic' (a spline).
    reference : int
        The frame that stays.

    Returns
    -------
    Aligned

    Raises
    ------
    ValueError
        For what is no burst, an unknown interpolation, and a frame that does not overlap the
        reference.

    Why edges blur
    --------------
    Mixing. Linear interpolation at a distance t from a pixel averages two neighbours with
    weights 1 - t and t: variance t (1 - t), 1/6 px^2 on the mean over t. Moving by whole
    pixels leaves shift errors of variance 1/12 px^2, half as much.
    """
    frames = check_frames(frames, reference)
    shifts = check_shifts(shifts, len(frames))
    shifts = shifts - shifts[reference]
    order = check_interpolation(interpolation)
    _check_overlap(shifts, frames.shape[1:3])
    moved = [_move(frame, shift, order) for frame, shift in zip(frames, shifts, strict=True)]
    seen = [_seen(frames.shape[1:3], shift, order) for shift in shifts]
    gain = [interpolation_gain(shift, interpolation) for shift in shifts]
    return Aligned(np.array(moved), np.array(seen), np.array(gain), shifts, int(reference))


def check_interpolation(interpolation: str) -> int:
    """Return the spline order of a known interpolation."""
    if interpolation not in INTERPOLATIONS:
        raise ValueError(
            f"interpolation must be one of {', '.join(INTERPOLATIONS)}, got {interpolation!r}"
        )
    return INTERPOLATIONS[interpolation]


def interpolation_gain(shift: tuple[float, float], interpolation: str) -> float:
    """Share of white noise's variance that is left after moving by ``shift``.

    The sum of the squared weights; for 'linear' (1 - t)^2 + t^2 along each axis, with t the
    part of a pixel, so on the mean over t 2/3 an axis and 4/9 in all: a standard deviation of
    .67 (its own mean over t is .66). A cubic spline's is .87, both on the mean over t.

    Parameters
    ----------
    shift : (float, float)
        (rows, cols), px.
    interpolation : str
        'nearest', 'linear' or 'cubic'.

    Returns
    -------
    float
        (0, 1].
    """
    order = check_interpolation(interpolation)
    impulse = np.zeros(2 * _IMPULSE_REACH + 1)
    impulse[_IMPULSE_REACH] = 1
    # How an impulse spreads by moving is, mirrored, with which weights a pixel is made.
    parts = [
        np.sum(ndimage.shift(impulse, part - round(part), order=order, mode="reflect") ** 2)
        for part in map(float, shift)
    ]
    return float(math.prod(parts))


def _move(frame: np.ndarray, shift: np.ndarray, order: int) -> np.ndarray:
    if order == 0 or not shift.any():
        shift = np.rint(shift)
    back = (*-shift, *[0.0] * (frame.ndim - 2))
    # Whole pixels must come out to the last bit, which splines do not do.
    order = 0 if np.array_equal(shift, np.rint(shift)) else order
    return ndimage.shift(frame, back, order=order, mode="reflect")


def _seen(shape: tuple[int, int], shift: np.ndarray, order: int) -> np.ndarray:
    moved = np.rint(shift) if order == 0 else shift
    inside = [
        (np.arange(side) + part >= 0) & (np.arange(side) + part <= side - 1)
        for side, part in zip(shape, moved, strict=True)
    ]
    return inside[0][:, np.newaxis] & inside[1]


def warp_frame(frame: np.ndarray, flow: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Move each pixel of a frame back by its own shift.

    Parameters
    ----------
    frame : ndarray, ``(H, W)`` or ``(H, W, C)``
        What is moved.
    flow : ndarray, ``(2, H, W)``
        Shift of each pixel, rows and columns, px.
    order : int
        Of the spline, 0, 1 or 3.

    Returns
    -------
    moved : ndarray
        Same shape and type.
    seen : ndarray, ``(H, W)``
        True where the frame shows the scene.
    """
    places = np.indices(frame.shape[:2]) + (np.rint(flow) if order == 0 else flow)
    planes = frame[..., np.newaxis] if frame.ndim == 2 else frame
    moved = np.stack(
        [
            ndimage.map_coordinates(planes[..., channel], places, order=order, mode="reflect")
            for channel in range(planes.shape[2])
        ],
        axis=-1,
    )
    ends = np.array(frame.shape[:2]).reshape(2, 1, 1) - 1
    seen = ((places >= 0) & (places <= ends)).all(axis=0)
    return moved.reshape(frame.shape).astype(frame.dtype), seen


def _check_overlap(shifts: np.ndarray, shape: tuple[int, int]) -> None:
    for number, shift in enumerate(shifts):
        if (np.abs(shift) > np.array(shape) - 1).any():
            raise ValueError(
                f"frame {number} is shifted by ({shift[0]:.1f}, {shift[1]:.1f}) px and does not "
                f"overlap the reference of {shape[0]} x {shape[1]} px; leave it out"
            )
