"""Hide pixels from a denoiser: grids of them, and what stands in their place."""

import numpy as np
from scipy.ndimage import convolve

from lessons_lib.denoisers.contract import check_setting, check_window
from lessons_lib.image import Image


def mask_grids(
    shape: tuple[int, int], stride: int, blind_radius: int = 0, count: int = 1
) -> list[np.ndarray]:
    """Regular grids of single pixels, each with another position of the first one.

    Parameters
    ----------
    shape : (int, int)
        Height and width, px.
    stride : int
        Distance between the pixels of one grid, px; at least 2 blind_radius + 2, so that a
        visible pixel stands between two blind spots. At most 50.
    blind_radius : int
        Half side of the square that will be hidden around each pixel, px.
    count : int
        How many of the stride^2 positions, spread evenly; 1 takes a middle one, stride^2
        gives every pixel its turn. Small images have fewer positions.

    Returns
    -------
    list of ndarray, bool ``(H, W)``
        True at the pixels of the grid; disjoint, none empty.

    Raises
    ------
    ValueError
        For a stride that leaves nothing visible and a count outside its range.
    """
    check_window(blind_radius, "blind_radius (px)")
    check_setting(stride, "stride (px)", 2 * blind_radius + 2, 50)
    check_window(stride, "stride (px)")
    check_setting(count, "masks", 1, stride**2)
    rows, cols = (min(int(stride), side) for side in shape)
    available = rows * cols
    count = min(int(count), available)
    grids = []
    for number in range(count):
        first = (available // 2 + number * available // count) % available
        grid = np.zeros(shape, bool)
        grid[first // cols :: int(stride), first % cols :: int(stride)] = True
        grids.append(grid)
    return grids


def blind_spots(grid: np.ndarray, blind_radius: int) -> np.ndarray:
    """Mark the square of 2 blind_radius + 1 px around each pixel of a grid, ``(H, W)``."""
    hidden = grid.copy()
    for row, col in np.argwhere(grid):
        top, left = max(row - blind_radius, 0), max(col - blind_radius, 0)
        hidden[top : row + blind_radius + 1, left : col + blind_radius + 1] = True
    return hidden


def fill_hidden(
    noisy: Image,
    hidden: np.ndarray,
    radius: int = 1,
    sigma: float = 0.0,
    rng: np.random.Generator | None = None,
) -> Image:
    """Replace hidden pixels by a weighted mean of *visible* ones near by.

    Weights are 1 / distance^2 for pixels within ``radius`` steps along rows and columns:
    for single pixels and radius 1 the mean of the four neighbours.

    Parameters
    ----------
    noisy : ndarray
        ``(H, W)`` or ``(H, W, C)``; all channels of a pixel are hidden together, because
        a demosaiced pixel's colours share their noise.
    hidden : ndarray, bool ``(H, W)``
        Which pixels must not be looked at.
    radius : int
        Steps; blind_radius + 1 is enough to see out of a blind spot's middle.
    sigma : float
        Standard deviation of white noise, image units; used with ``rng``.
    rng : numpy.random.Generator, optional
        Draws the noise that the mean has averaged away and gives it back: a mean with
        weights w (sum 1) gets a variance of (1 - sum w^2) sigma^2.

    Returns
    -------
    ndarray
        A new image of the same type that holds nothing of the hidden values.

    Raises
    ------
    ValueError
        If no pixel is visible.
    """
    if hidden.all():
        raise ValueError(
            f"no pixel of the {hidden.shape[0]} x {hidden.shape[1]} px image stays visible; "
            "use a larger image or a smaller blind_radius"
        )
    weights = _near_weights(radius)
    visible = (~hidden).astype(np.float64)
    # Mirrored about the border pixel: repeating it would show a hidden pixel to itself.
    total = convolve(visible, weights, mode="mirror")[hidden]
    alone = total == 0  # sees no visible pixel near by: takes the mean of all of them
    total[alone] = 1
    lost = 1 - convolve(visible, weights**2, mode="mirror")[hidden] / total**2
    filled = noisy.copy()
    for plane in np.moveaxis(filled.reshape(*hidden.shape, -1), -1, 0):
        nearby = convolve(plane * visible, weights, mode="mirror")[hidden] / total
        estimate = np.where(alone, plane[~hidden].mean(), nearby)
        if rng is not None:
            estimate += sigma * np.sqrt(lost) * rng.standard_normal(estimate.shape)
        plane[hidden] = estimate
    return filled


def _near_weights(radius: int) -> np.ndarray:
    """1 / distance^2 up to ``radius`` steps along rows and columns; 0 for the pixel itself."""
    down, across = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    near = (np.abs(down) + np.abs(across) <= radius) & ((down != 0) | (across != 0))
    return near / np.maximum(down**2 + across**2, 1)
