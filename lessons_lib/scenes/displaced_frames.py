"""Displaced frames that are exact: a random walk of the hand, and pixels that average areas.

A picture that is finer than the sensor is a mosaic of small squares of even light. A pixel's
area covers whole squares and parts of squares, so its mean is known at *any* displacement,
without interpolation.
"""

import math
from dataclasses import replace

import numpy as np

from lessons_lib.image import Image, check_image
from lessons_lib.scenes.noise import check_rng
from lessons_lib.scenes.phantoms import SlantedEdge


def hand_shake(count: int, step: float, rng: np.random.Generator) -> np.ndarray:
    """Draw a random walk: how a hand drifts between frames.

    Parameters
    ----------
    count : int
        Frames, at least 1.
    step : float
        Standard deviation of one step along each axis, px, 0 or more.
    rng : numpy.random.Generator
        Where the randomness comes from.

    Returns
    -------
    ndarray, ``(count, 2)``
        (rows, cols) from frame 0, whose own shift is (0, 0).

    Raises
    ------
    ValueError
        For no frames or an impossible step.
    """
    check_rng(rng)
    if count < 1:
        raise ValueError(f"count must be at least 1 frame, got {count}")
    if not 0 <= step < math.inf:
        raise ValueError(f"step must be 0 px or more, got {step}")
    steps = step * rng.standard_normal((count - 1, 2))
    return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])


def area_sample(
    scene: Image, corner: tuple[float, float], shape: tuple[int, int], oversampling: int
) -> Image:
    """Average a fine scene over the pixels of a sensor that stands anywhere on it, exactly.

    Parameters
    ----------
    scene : ndarray, ``(H, W)`` or ``(H, W, C)``
        Squares of even light.
    corner : (float, float)
        Upper left corner of the sensor, (row, col), in pixels of the *sensor* from the
        scene's upper left corner.
    shape : (int, int)
        Pixels of the sensor.
    oversampling : int
        Squares along a side of one pixel.

    Returns
    -------
    ndarray
        ``shape`` or ``shape + (C,)``, float64.

    Raises
    ------
    ValueError
        If the sensor reaches over the scene's border.
    """
    check_image(scene, "scene")
    room = [side / oversampling for side in scene.shape[:2]]
    if any(
        at < -1e-9 or at + side > end + 1e-9
        for at, side, end in zip(corner, shape, room, strict=True)
    ):
        raise ValueError(
            f"a sensor of {shape[0]} x {shape[1]} px at {tuple(np.round(corner, 2))} reaches over "
            f"the border of a scene of {room[0]:g} x {room[1]:g} px: the shift is too large; "
            "take a smaller shape or smaller shifts"
        )
    sampled = np.asarray(scene, dtype=np.float64)
    for axis in (0, 1):
        borders = (corner[axis] + np.arange(shape[axis] + 1)) * oversampling
        sampled = _mean_between(sampled, borders, axis) / oversampling
    return sampled


def _mean_between(squares: np.ndarray, borders: np.ndarray, axis: int) -> np.ndarray:
    """Integrate steps of width 1 between neighbouring borders along one axis."""
    # The integral of steps is a broken line through the running sums.
    borders = np.clip(borders, 0, squares.shape[axis])
    first = int(borders[0])
    used = np.moveaxis(squares, axis, 0)[first : int(math.ceil(borders[-1]))]
    sums = np.concatenate([np.zeros((1, *used.shape[1:])), np.cumsum(used, axis=0)])
    whole = np.minimum((borders - first).astype(int), len(used) - 1)
    part = (borders - first - whole).reshape(-1, *[1] * (used.ndim - 1))
    integral = sums[whole] + part * used[whole]
    return np.moveaxis(np.diff(integral, axis=0), 0, axis)


def check_shifts(shifts: np.ndarray) -> np.ndarray:
    """Return the shifts as floats if they are finite pairs (rows, cols), ``(N, 2)``."""
    shifts = np.asarray(shifts, dtype=np.float64)
    if shifts.ndim != 2 or shifts.shape[1:] != (2,) or not len(shifts):
        raise ValueError(
            f"shifts must have shape (N, 2), rows and columns of N frames, got {shifts.shape}; "
            "make them with hand_shake"
        )
    if not np.isfinite(shifts).all():
        raise ValueError("shifts must be finite numbers of pixels")
    return shifts


def edge_burst(
    edge: SlantedEdge, shifts: np.ndarray, sigma: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw one slanted edge as a burst of shifted frames with white Gaussian noise.

    Parameters
    ----------
    edge : SlantedEdge
        Where it stands at shift (0, 0).
    shifts : ndarray, ``(N, 2)``
        (rows, cols) of each frame, px.
    sigma : float
        Standard deviation of the noise, image units; 0 for none.
    rng : numpy.random.Generator
        Draws the noise.

    Returns
    -------
    ndarray, ``(N, size, size)``
        Exact coverage at each shift.
    """
    across = across_edge(edge, check_shifts(shifts))
    clean = [replace(edge, offset=edge.offset + float(moved)).image() for moved in across]
    return np.array(clean) + sigma * rng.standard_normal((len(clean), edge.size, edge.size))


def across_edge(edge: SlantedEdge, shifts: np.ndarray) -> np.ndarray:
    """Part of each shift that lies across the edge, px, ``(N,)``; the rest cannot be seen."""
    radians = math.radians(edge.angle)
    return np.asarray(shifts) @ np.array([math.sin(radians), math.cos(radians)])
