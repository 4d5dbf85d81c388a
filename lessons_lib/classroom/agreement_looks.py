"""Outlines on pictures: enlarged pixels with thin coloured lines, for canvas and figure."""

from collections.abc import Mapping, Sequence

import numpy as np
from skimage.draw import polygon_perimeter

from lessons_lib.image import Image, to_uint8

BLUE, ORANGE, GREEN = (0, 114, 178), (213, 94, 0), (0, 158, 115)
Colour = tuple[int, int, int]


def enlarged(image: Image, times: int) -> np.ndarray:
    """RGB pixels of a grey picture, each as a block of ``times`` x ``times``."""
    grey = to_uint8(image).repeat(times, axis=0).repeat(times, axis=1)
    return np.repeat(grey[..., None], 3, axis=2)


def draw_star(
    pixels: np.ndarray, centre: tuple[float, float], radii: Sequence[float], colour: Colour,
    times: int,
) -> None:  # fmt: skip
    """Draw a star outline into enlarged pixels, in place, two screen pixels wide."""
    angles = 2 * np.pi * np.arange(len(radii)) / len(radii)
    rows = (centre[0] + 0.5 + np.asarray(radii) * np.sin(angles)) * times
    cols = (centre[1] + 0.5 + np.asarray(radii) * np.cos(angles)) * times
    for wide in (0, 1):
        line = polygon_perimeter(
            np.rint(rows).astype(int) + wide, np.rint(cols).astype(int) + wide,
            shape=pixels.shape[:2], clip=False,
        )  # fmt: skip
        pixels[line] = colour


def with_rings(image: Image, rings: Mapping[Colour, float], times: int) -> np.ndarray:
    """A picture with circles around its centre."""
    pixels = enlarged(image, times)
    centre = (image.shape[0] - 1) / 2, (image.shape[1] - 1) / 2
    for colour, radius in rings.items():
        draw_star(pixels, centre, np.full(180, radius), colour, times)
    return pixels
