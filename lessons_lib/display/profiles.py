"""The edge through one pixel of a real picture: which way it faces, and how wide it is."""

import numpy as np
from scipy import ndimage

from lessons_lib.diagnosis.edges import EdgeSpread
from lessons_lib.image import Image, luminance

PROFILE_REACH = 12.0  # px to each side
STEP = 0.25  # px between two samples
SIDE_STEPS = 2  # parallel profiles to each side that are averaged


def strongest_edge(image: Image) -> tuple[int, int]:
    """Where the picture climbs most steeply at a scale of 4 px, away from the border.

    The scale passes over fine texture and noise; the border is left out because a profile
    there would run out of the picture.
    """
    grey = luminance(image).astype(float)
    margin = int(min(PROFILE_REACH + 4, (min(grey.shape) - 1) // 2))
    steepness = ndimage.gaussian_gradient_magnitude(grey, 4.0, mode="nearest")
    inner = steepness[margin : len(grey) - margin, margin : grey.shape[1] - margin]
    row, col = np.unravel_index(np.argmax(inner), inner.shape)
    return int(row) + margin, int(col) + margin


def edge_direction(image: Image, position: tuple[int, int]) -> tuple[float, float]:
    """Unit vector (row, col) that points from dark to light at ``position``.

    The gradient is taken after a Gaussian of 2 px, because that of a noisy pixel points
    anywhere. In a perfectly flat place it points along the columns.
    """
    grey = luminance(image).astype(float)
    row, col = position
    window = grey[max(0, row - 12) : row + 13, max(0, col - 12) : col + 13]
    spot = (min(row, 12), min(col, 12))
    down = ndimage.gaussian_filter(window, 2.0, order=(1, 0), mode="nearest")[spot]
    across = ndimage.gaussian_filter(window, 2.0, order=(0, 1), mode="nearest")[spot]
    length = float(np.hypot(down, across))
    return (0.0, 1.0) if length < 1e-12 else (float(down) / length, float(across) / length)


def profile_through(
    image: Image, position: tuple[int, int], direction: tuple[float, float]
) -> EdgeSpread:
    """Brightness along a line through ``position``, averaged over five parallel lines.

    Sampled by linear interpolation every 0.25 px, which by itself adds about half a pixel
    of width to a perfectly sharp edge: compare profiles, do not quote one alone.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, 3)``; colour is read as luminance.
    position : (int, int)
        (row, col) in the image.
    direction : (float, float)
        Unit vector (row, col) from dark to light.

    Returns
    -------
    EdgeSpread
        Positions in px, 0 at ``position``.
    """
    along = np.arange(-PROFILE_REACH, PROFILE_REACH + STEP / 2, STEP)
    aside = np.arange(-SIDE_STEPS, SIDE_STEPS + 1)
    down, across = direction
    rows = position[0] + along * down + aside[:, None] * across
    cols = position[1] + along * across - aside[:, None] * down
    samples = ndimage.map_coordinates(
        luminance(image).astype(float), [rows, cols], order=1, mode="nearest"
    )
    return EdgeSpread(along, samples.mean(axis=0))
