"""Test pictures whose every pixel is known exactly, also where an edge cuts through it.

A camera's pixel reports the mean light over its area. A phantom does the same: a pixel
that an edge cuts has the value of the two sides weighted by the *area* that each side
covers, from a closed form, so that edges can stand at any sub-pixel place and angle.

Pixel centres lie at whole numbers ``(row, col)``, pixel edges at halves, and the centre
of a ``size`` x ``size`` image is at ``((size - 1) / 2, (size - 1) / 2)``.
"""

import math
from dataclasses import dataclass

import numpy as np

from lessons_lib.image import Image
from lessons_lib.scenes.coverage import (
    SMALLEST_SIZE,
    check_levels,
    check_offset,
    check_positive,
    check_size,
    disc_coverage,
    half_plane_coverage,
)
from lessons_lib.scenes.dead_leaves import dead_leaves

__all__ = [
    "SMALLEST_SIZE",
    "SlantedEdge",
    "dead_leaves",
    "disc",
    "disc_coverage",
    "half_plane_coverage",
    "step_signal",
    "thin_line",
]


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
        check_size(self.size)
        if not abs(self.angle) <= 45:
            raise ValueError(
                f"angle must be between -45 and 45 degrees from the vertical, got {self.angle}; "
                "transpose the image for an edge nearer the horizontal"
            )
        check_positive(self.contrast, "contrast", "the light side is the right one")
        check_levels(mean=self.mean)
        check_offset(self.offset, self.size)

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
    check_size(size)
    check_positive(width, "width", "it is measured in pixels across the line")
    check_offset(offset, size)
    check_levels(angle=angle, background=background, level=level)
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
    check_size(size)
    check_positive(radius, "radius", "a disc of radius 0 covers nothing")
    check_levels(background=background, level=level)
    row, col = center if center is not None else ((size - 1) / 2, (size - 1) / 2)
    check_levels(row=row, col=col)
    borders = np.arange(size + 1) - 0.5
    covered = disc_coverage(borders - row, borders - col, radius)
    return background + (level - background) * covered


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
    check_size(length, "length")
    check_levels(low=low, high=high)
    if not -0.5 < position < length - 0.5:
        raise ValueError(
            f"position must lie inside the signal, between -0.5 and {length - 0.5}, "
            f"got {position}; otherwise there is no step to see"
        )
    right = np.clip(np.arange(length) + 0.5 - position, 0.0, 1.0)
    return low + (high - low) * right


def _distance_from_line(size: int, angle: float, offset: float) -> np.ndarray:
    centred = np.arange(size) - (size - 1) / 2
    radians = math.radians(angle)
    return math.sin(radians) * centred[:, None] + math.cos(radians) * centred[None, :] - offset
