"""Test pictures whose every pixel is known exactly, also where an edge cuts through it.

A camera's pixel reports the mean light over its area. A phantom does the same: a pixel
that an edge cuts has the value of the two sides weighted by the *area* that each side
covers, from a closed form, so that edges can stand at any sub-pixel place and angle.

Pixel centres lie at whole numbers ``(row, col)``, pixel edges at halves, and the centre
of a ``size`` x ``size`` image is at ``((size - 1) / 2, (size - 1) / 2)``.
"""

import math
import numbers
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lessons_lib.image import Image

SMALLEST_SIZE = 8
# Light that still comes through when a pixel of the dead leaves counts as covered.
_OPEN = 0.01
_BATCH = 1024


@dataclass(frozen=True)
class SlantedEdge:
    """A straight, nearly vertical edge between two flat sides; dark left, light right.

    The slant makes each row meet the edge at another sub-pixel place, which is what lets
    an instrument see the edge more finely than the pixels are spaced.

    Attributes
    ----------
    size : int
        Side of the square image, px; at least 8.
    angle : float
        From the vertical, degrees, [-45, 45].
    contrast : float
        Light level minus dark level, image units, above 0.
    mean : float
        Level half-way between the sides, image units.
    offset : float
        Distance of the edge from the image centre along its normal, px, towards the
        light side if positive; smaller than size / 2.

    Raises
    ------
    ValueError
        If a value lies outside its range.

    References
    ----------
    ISO 12233 describes the slanted-edge chart and its measurement.
    """

    size: int = 96
    angle: float = 5.0
    contrast: float = 0.5
    mean: float = 0.5
    offset: float = 0.0

    def __post_init__(self) -> None:
        _check_size(self.size)
        if not abs(self.angle) <= 45:
            raise ValueError(
                f"angle must be between -45 and 45 degrees from the vertical, got {self.angle}; "
                "transpose the image for an edge nearer the horizontal"
            )
        _check_positive(self.contrast, "contrast", "the light side is the right one")
        _check_levels(mean=self.mean)
        _check_offset(self.offset, self.size)

    def distance(self) -> np.ndarray:
        """Signed distance of each pixel's centre from the edge.

        Returns
        -------
        ndarray, ``(size, size)``
            In px; positive on the light side.
        """
        return _distance_from_line(self.size, self.angle, self.offset)

    def image(self) -> Image:
        """Draw the edge with the exact area that each side covers of each pixel.

        Returns
        -------
        ndarray, ``(size, size)``
            float64, from ``mean - contrast / 2`` to ``mean + contrast / 2``.
        """
        light = half_plane_coverage(self.distance(), self.angle)
        return self.mean + self.contrast * (light - 0.5)


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


def thin_line(
    size: int,
    width: float,
    *,
    angle: float = 5.0,
    offset: float = 0.0,
    background: float = 0.25,
    level: float = 0.75,
) -> Image:
    """Draw a straight line of any width, also thinner than a pixel; exact coverage.

    Parameters
    ----------
    size : int
        Side of the image, px; at least 8.
    width : float
        Across the line, px; above 0.
    angle : float
        From the vertical, degrees.
    offset : float
        Distance of the line's middle from the image centre, px; smaller than size / 2.
    background, level : float
        Beside and on the line, image units.

    Returns
    -------
    ndarray, ``(size, size)``

    Raises
    ------
    ValueError
        For an impossible size, width, offset or level.
    """
    _check_size(size)
    _check_positive(width, "width", "it is measured in pixels across the line")
    _check_offset(offset, size)
    _check_levels(angle=angle, background=background, level=level)
    middle = _distance_from_line(size, angle, offset)
    left = half_plane_coverage(middle + width / 2, angle)
    right = half_plane_coverage(middle - width / 2, angle)
    return background + (level - background) * (left - right)


def disc(
    size: int,
    radius: float,
    *,
    center: tuple[float, float] | None = None,
    background: float = 0.25,
    level: float = 0.75,
) -> Image:
    """Draw a disc with the exact area that it covers of each pixel.

    Parameters
    ----------
    size : int
        Side of the image, px; at least 8.
    radius : float
        In px; above 0, and it may reach over the image's border.
    center : (float, float), optional
        (row, col) of the disc's centre; the image's centre if left out.
    background, level : float
        Outside and inside, image units.

    Returns
    -------
    ndarray, ``(size, size)``

    Raises
    ------
    ValueError
        For an impossible size, radius or level.
    """
    _check_size(size)
    _check_positive(radius, "radius", "a disc of radius 0 covers nothing")
    _check_levels(background=background, level=level)
    row, col = center if center is not None else ((size - 1) / 2, (size - 1) / 2)
    _check_levels(row=row, col=col)
    borders = np.arange(size + 1) - 0.5
    covered = disc_coverage(borders - row, borders - col, radius)
    return background + (level - background) * covered


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


def step_signal(length: int, position: float, low: float = 0.25, high: float = 0.75) -> np.ndarray:
    """Sample a 1-D step by pixels that integrate over their unit of length.

    Parameters
    ----------
    length : int
        Number of pixels; at least 8.
    position : float
        Where the step stands, px, with pixel centres at 0 .. length - 1; the pixel that
        contains it gets both levels in proportion. (-0.5, length - 0.5).
    low, high : float
        Left and right of the step, image units.

    Returns
    -------
    ndarray, ``(length,)``

    Raises
    ------
    ValueError
        For an impossible length or level, or a step outside the signal.
    """
    _check_size(length, "length")
    _check_levels(low=low, high=high)
    if not -0.5 < position < length - 0.5:
        raise ValueError(
            f"position must lie inside the signal, between -0.5 and {length - 0.5}, "
            f"got {position}; otherwise there is no step to see"
        )
    right = np.clip(np.arange(length) + 0.5 - position, 0.0, 1.0)
    return low + (high - low) * right


def dead_leaves(
    size: int,
    seed: int,
    *,
    smallest_radius: float = 2.0,
    largest_radius: float = 40.0,
    low: float = 0.1,
    high: float = 0.9,
) -> Image:
    """Draw a wood's floor: discs of all sizes that cover one another, each of one grey.

    The radii follow the density r^-3, which makes the picture look alike at every scale
    and gives it about the power spectrum of natural images. The leaves are laid from the
    front to the back until each pixel is covered, so the picture is one draw of the
    stationary process, without a last leaf on top.

    Parameters
    ----------
    size : int
        Side of the image, px; at least 8.
    seed : int
        Another seed, another floor.
    smallest_radius, largest_radius : float
        In px; 0.5 <= smallest < largest.
    low, high : float
        The greys are uniform between these two, image units.

    Returns
    -------
    ndarray, ``(size, size)``
        float64 in [low, high]. A leaf's rim is area-sampled; where several rims meet in
        one pixel, what a leaf lets through is treated as independent of where.

    Raises
    ------
    ValueError
        For an impossible size, radius or level.

    References
    ----------
    Lee, Mumford and Huang, Occlusion models for natural images, 2001,
    DOI 10.1023/A:1011109015675.
    """
    _check_size(size)
    _check_levels(low=low, high=high)
    if not 0.5 <= smallest_radius < largest_radius < math.inf:
        raise ValueError(
            "radii must satisfy 0.5 <= smallest_radius < largest_radius (px), got "
            f"{smallest_radius} and {largest_radius}"
        )
    through, picture = np.ones((size, size)), np.zeros((size, size))
    rng = np.random.default_rng(seed)
    while (through > _OPEN).any():
        for leaf in _leaf_batch(rng, through, smallest_radius, largest_radius):
            box, share = leaf.coverage(size)
            picture[box] += through[box] * share * (low + (high - low) * leaf.grey)
            through[box] *= 1.0 - share
    # At most _OPEN of a pixel is still bare; the leaves in it share that in proportion.
    return picture / (1.0 - through)


@dataclass(frozen=True)
class _Leaf:
    """One disc: centre and radius in px, grey between 0 (low) and 1 (high)."""

    row: float
    col: float
    radius: float
    grey: float

    def coverage(self, size: int) -> tuple[tuple[slice, slice], np.ndarray]:
        """Which part of the image the leaf touches, and how much of each pixel there."""
        slices, borders = [], []
        for middle in (self.row, self.col):
            first = max(math.floor(middle - self.radius + 0.5), 0)
            last = min(math.floor(middle + self.radius + 0.5), size - 1)
            slices.append(slice(first, last + 1))
            borders.append(np.arange(first, last + 2) - 0.5 - middle)
        return tuple(slices), disc_coverage(*borders, self.radius)


def _leaf_batch(
    rng: np.random.Generator, through: np.ndarray, smallest: float, largest: float
) -> Iterator[_Leaf]:
    """Draw many leaves at once and pass on those with something still bare beneath them."""
    size = len(through)
    # Inverse of the distribution function of the density r^-3: 1 / r^2 is uniform.
    radius = rng.uniform(largest**-2, smallest**-2, _BATCH) ** -0.5
    # Centres reach over the border by the largest radius, so the border is like the middle.
    row, col = rng.uniform(-0.5 - largest, size - 0.5 + largest, (2, _BATCH))
    grey = rng.uniform(0.0, 1.0, _BATCH)
    first_row, last_row = (_cell(row + sign * radius, size, sign) for sign in (-1, 1))
    first_col, last_col = (_cell(col + sign * radius, size, sign) for sign in (-1, 1))
    bare = np.zeros((size + 1, size + 1), dtype=int)
    bare[1:, 1:] = (through > _OPEN).cumsum(axis=0).cumsum(axis=1)
    count = bare[last_row, last_col] - bare[first_row, last_col]
    count = count - bare[last_row, first_col] + bare[first_row, first_col]
    for index in np.flatnonzero(count > 0):
        yield _Leaf(row[index], col[index], radius[index], grey[index])


def _cell(place: np.ndarray, size: int, sign: int) -> np.ndarray:
    """Number of whole pixels before ``place``, or up to its pixel's end if sign is 1."""
    return np.clip(np.floor(place + 0.5).astype(int) + (sign > 0), 0, size)


def _distance_from_line(size: int, angle: float, offset: float) -> np.ndarray:
    centred = np.arange(size) - (size - 1) / 2
    radians = math.radians(angle)
    return math.sin(radians) * centred[:, None] + math.cos(radians) * centred[None, :] - offset


def _check_size(size: int, name: str = "size") -> None:
    if not isinstance(size, numbers.Integral) or size < SMALLEST_SIZE:
        raise ValueError(f"{name} must be a whole number, {SMALLEST_SIZE} px or more, got {size}")


def _check_positive(value: float, name: str, why: str) -> None:
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be above 0 and finite, got {value}; {why}")


def _check_offset(offset: float, size: int) -> None:
    if not abs(offset) < size / 2:
        raise ValueError(
            f"offset must be smaller than half the size ({size / 2} px), got {offset}; "
            "otherwise nothing of it is in the image"
        )


def _check_levels(**levels: float) -> None:
    for name, value in levels.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value}")
