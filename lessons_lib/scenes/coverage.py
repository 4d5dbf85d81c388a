"""Exact shares of a pixel that a half plane or a disc covers, and checks of sizes and levels."""

import math
import numbers

import numpy as np

SMALLEST_SIZE = 8


def half_plane_coverage(distance: np.ndarray, angle: float) -> np.ndarray:
    """Area of a unit square on the positive side of a line.

    With ``long`` and ``short`` the absolute cosine and sine of the angle, the area is the
    distribution function of a trapezium: straight in the middle, a parabola where the
    line cuts off only one corner.

    Parameters
    ----------
    distance : ndarray
        Signed distance of the square's centre from the line, in sides of the square.
    angle : float
        Between the line and a side of the square, degrees.

    Returns
    -------
    ndarray
        Same shape, [0, 1], exact to rounding.
    """
    across = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    long, short = max(across), min(across)
    away = np.abs(distance)
    straight = 0.5 + np.minimum(away, (long - short) / 2) / long
    if short > 0:
        # The corner that is cut off is a triangle of this height.
        height = np.clip((long + short) / 2 - away, 0.0, short)
        corner = 1.0 - height * (height / short) / (2 * long)
        straight = np.where(away > (long - short) / 2, corner, straight)
    return np.where(np.asarray(distance) >= 0, straight, 1.0 - straight)


def disc_coverage(rows: np.ndarray, cols: np.ndarray, radius: float) -> np.ndarray:
    """Area that a disc around (0, 0) covers of each cell of a grid of unit squares.

    Parameters
    ----------
    rows, cols : ndarray, ``(M + 1,)`` and ``(N + 1,)``
        Borders of the cells, px, one apart.
    radius : float
        In px.

    Returns
    -------
    ndarray, ``(M, N)``
        [0, 1]; absolute rounding error about 1e-15 radius^2.
    """
    y, x = np.clip(rows, -radius, radius)[:, None], np.clip(cols, -radius, radius)[None, :]
    # Area of the disc inside the rectangle from its centre to (y, x), signed by quadrant.
    height, reach = np.abs(y), np.abs(x)
    # Up to here the rectangle stays below the circle; the product is never negative.
    inside = np.sqrt((radius - height) * (radius + height))
    below = np.minimum(reach, inside)
    quadrant = height * below + _under_circle(np.maximum(reach, inside), radius)
    quadrant = np.sign(y) * np.sign(x) * (quadrant - _under_circle(inside, radius))
    return np.clip(np.diff(np.diff(quadrant, axis=0), axis=1), 0.0, 1.0)


def _under_circle(reach: np.ndarray, radius: float) -> np.ndarray:
    """Integral of sqrt(radius^2 - t^2) for t from 0 to ``reach``."""
    share = np.minimum(reach / radius, 1.0)
    return 0.5 * radius**2 * (share * np.sqrt(1.0 - share**2) + np.arcsin(share))


def check_size(size: int, name: str = "size") -> None:
    """Raise a ValueError unless ``size`` is a whole number of at least SMALLEST_SIZE px."""
    if not isinstance(size, numbers.Integral) or size < SMALLEST_SIZE:
        raise ValueError(f"{name} must be a whole number, {SMALLEST_SIZE} px or more, got {size}")


def check_positive(value: float, name: str, why: str) -> None:
    """Raise a ValueError, with the reason ``why``, unless ``value`` is above 0 and finite."""
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be above 0 and finite, got {value}; {why}")


def check_offset(offset: float, size: int) -> None:
    """Raise a ValueError unless the edge or line still lies inside the picture."""
    if not abs(offset) < size / 2:
        raise ValueError(
            f"offset must be smaller than half the size ({size / 2} px), got {offset}; "
            "otherwise nothing of it is in the image"
        )


def check_levels(**levels: float) -> None:
    """Raise a ValueError unless every level is a finite number."""
    for name, value in levels.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value}")
