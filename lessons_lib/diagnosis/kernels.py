"""The equivalent kernel of any denoiser: one row or one column of its Jacobian.

*Gather* asks where one output pixel takes from, *scatter* where one input pixel goes
to. For a linear filter the row holds the averaging weights. For an adaptive filter it
holds the weights plus how the weights themselves react to the pixel, so entries can be
negative and the row is a sensitivity, not a list of weights.

A denoiser may declare an attribute ``reach``: ``estimate[p]`` depends only on the noisy
pixels within ``reach`` px of p (rows and columns), and on nothing but them and the image
borders: not on a global statistic, not on where a block grid starts. The instruments
then work on a crop. Without the attribute, or with None, they use the whole image.
"""

import operator
from collections.abc import Callable

import numpy as np

from lessons_lib.image import LUMINANCE_WEIGHTS, Image, check_image, check_sigma, luminance

Position = tuple[int, int]
Region = tuple[slice, slice]

LARGEST_WHOLE_IMAGE = 33  # px a side: beyond it, differencing every pixel takes seconds


def gather(
    denoiser: Callable[[Image, float], Image], noisy: Image, sigma: float, position: Position,
    reach: int | None = None, step: float = 1e-4,
) -> Image:  # fmt: skip
    """Jacobian row: how one output pixel reacts to each input pixel.

    Uses ``denoiser.pullback(noisy, sigma, cotangent)`` (J^T v) where there is one, and
    central differences otherwise: two evaluations per pixel of the window.

    In colour, an input pixel is changed by the same amount in all channels and the
    luminance of the output pixel is read, so that a filter that keeps grey constants
    has a row sum of 1 in colour as well.

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    noisy : ndarray
        ``(H, W)`` or ``(H, W, C)``, image units.
    sigma : float
        Noise level given to the denoiser, image units.
    position : tuple of int
        (row, col) of the output pixel.
    reach : int, optional
        Half width of the window in px; 0 outside it. Default: ``denoiser.reach`` where
        declared, else the whole image (at most 33 px a side unless there is a pullback).
    step : float
        Change of the input pixel as a fraction of sigma (of 1 where sigma is 0). A
        median is piecewise linear: its row is one-hot as long as the step stays within
        its rank, hence so small; a denoiser that rounds to float32 needs about 1e-2.

    Returns
    -------
    ndarray
        ``(H, W)`` float64: d estimate[position] / d noisy, without unit.

    Raises
    ------
    ValueError
        If the position is outside the image, or a large image comes without a reach.

    References
    ----------
    Milanfar, A tour of modern image filtering, 10.1109/MSP.2011.2179329.
    """
    noisy, position = _checked(noisy, sigma, position, step)
    declared = getattr(denoiser, "reach", None)
    crop = _around(position, declared, noisy.shape)
    local = _shifted(position, crop)
    weights = _channel_weights(noisy)

    def read(image: Image) -> float:
        return float(np.dot(weights, denoiser(image, sigma)[local]))

    if hasattr(denoiser, "pullback"):
        window = _around(position, reach, noisy.shape)
        cotangent = np.zeros_like(noisy[crop])
        cotangent[local] = weights
        row = np.asarray(denoiser.pullback(noisy[crop], sigma, cotangent), dtype=np.float64)
        row = row if row.ndim == 2 else row.sum(axis=2)
    else:
        window = _difference_window(position, reach, declared, noisy.shape)
        row = _difference_row(read, noisy[crop], _within(window, crop), step * (sigma or 1.0))
    return _place(row, crop, window, noisy.shape)


def scatter(
    denoiser: Callable[[Image, float], Image], noisy: Image, sigma: float, position: Position,
    reach: int | None = None, step: float = 1e-4,
) -> Image:  # fmt: skip
    """Jacobian column, by one pair of evaluations: where one input pixel goes to.

    Parameters
    ----------
    denoiser, noisy, sigma, step
        As in :func:`gather`; colour is treated in the same way.
    position : tuple of int
        (row, col) of the input pixel.
    reach : int, optional
        Half width of the window in px; 0 outside it. Default: ``denoiser.reach`` where
        declared, else the whole image.

    Returns
    -------
    ndarray
        ``(H, W)`` float64: d estimate / d noisy[position], without unit.

    Raises
    ------
    ValueError
        If the position is outside the image.
    """
    noisy, position = _checked(noisy, sigma, position, step)
    declared = getattr(denoiser, "reach", None)
    # An output pixel at distance `reach` looks as far again beyond it.
    crop = _around(position, None if declared is None else 2 * declared, noisy.shape)
    window = _around(position, _smaller(reach, declared), noisy.shape)
    pulse = np.zeros_like(noisy[crop])
    pulse[_shifted(position, crop)] = amount = step * (sigma or 1.0)
    above, below = denoiser(noisy[crop] + pulse, sigma), denoiser(noisy[crop] - pulse, sigma)
    column = luminance(np.asarray(above, dtype=np.float64) - below) / (2 * amount)
    return _place(column, crop, window, noisy.shape)


def row_sum(kernel: Image) -> float:
    """Sum of the entries; 1 where adding a constant to the input adds it to the output."""
    return float(kernel.sum())


def effective_pixels(kernel: Image) -> float:
    """Number of equal weights that would average noise as well: (sum w)^2 / sum w^2.

    n for a mean of n pixels; below 1 is possible with negative entries; 0 for all zeros.
    """
    energy = float((kernel**2).sum())
    return float(kernel.sum()) ** 2 / energy if energy > 0 else 0.0


def kernel_width(kernel: Image, position: Position) -> float:
    """Root mean square distance from ``position`` along one axis, px; s for a Gaussian of s.

    sqrt(sum |w| d^2 / (2 sum |w|)): absolute values, so that negative entries cannot
    cancel distance. A kernel of zeros gives 0.
    """
    weights = np.abs(kernel)
    rows, cols = np.indices(kernel.shape)
    distance_squared = (rows - position[0]) ** 2 + (cols - position[1]) ** 2
    total = float(weights.sum())
    return float(np.sqrt((weights * distance_squared).sum() / (2 * total))) if total > 0 else 0.0


def _checked(
    noisy: Image, sigma: float, position: Position, step: float
) -> tuple[Image, Position]:
    """Validate, and work in float64 so that a small step survives the subtraction."""
    check_image(noisy, "noisy")
    check_sigma(sigma)
    if not step > 0:
        raise ValueError(f"step must be above 0, got {step}; it is a fraction of sigma, try 1e-4")
    row, col = (operator.index(coordinate) for coordinate in position)
    height, width = noisy.shape[:2]
    if not (0 <= row < height and 0 <= col < width):
        raise ValueError(
            f"position must be (row, col) inside the {height} x {width} image, got "
            f"{(row, col)}; rows count from the top, columns from the left, both from 0"
        )
    return noisy.astype(np.float64), (row, col)


def _difference_window(
    position: Position, reach: int | None, declared: int | None, shape: tuple[int, ...]
) -> Region:
    limit = _smaller(reach, declared)
    if limit is None and max(shape[:2]) > LARGEST_WHOLE_IMAGE:
        raise ValueError(
            f"gather needs two evaluations per pixel, too many for an image of {shape[0]} x "
            f"{shape[1]}; pass reach (px around the position) or a crop of at most "
            f"{LARGEST_WHOLE_IMAGE} px a side"
        )
    return _around(position, limit, shape)


def _difference_row(
    read: Callable[[Image], float], noisy: Image, window: Region, amount: float
) -> Image:
    row = np.zeros(noisy.shape[:2])
    work = noisy.copy()
    for r in range(window[0].start, window[0].stop):
        for c in range(window[1].start, window[1].stop):
            work[r, c] = noisy[r, c] + amount
            above = read(work)
            work[r, c] = noisy[r, c] - amount
            row[r, c] = (above - read(work)) / (2 * amount)
            work[r, c] = noisy[r, c]
    return row


def _channel_weights(image: Image) -> np.ndarray | float:
    if image.ndim == 2:
        return 1.0
    return LUMINANCE_WEIGHTS if image.shape[2] == 3 else np.ones(1)


def _smaller(first: int | None, second: int | None) -> int | None:
    given = [value for value in (first, second) if value is not None]
    return min(given) if given else None


def _around(position: Position, reach: int | None, shape: tuple[int, ...]) -> Region:
    """Slices of +-reach px around the position, cut off at the image borders."""
    reach = max(shape) if reach is None else reach
    return tuple(
        slice(max(centre - reach, 0), min(centre + reach + 1, side))
        for centre, side in zip(position, shape[:2], strict=True)
    )


def _shifted(position: Position, crop: Region) -> Position:
    return position[0] - crop[0].start, position[1] - crop[1].start


def _within(window: Region, crop: Region) -> Region:
    """The window in the crop's own coordinates; it must lie inside the crop."""
    return tuple(
        slice(part.start - whole.start, part.stop - whole.start)
        for part, whole in zip(window, crop, strict=True)
    )


def _place(values: Image, crop: Region, window: Region, shape: tuple[int, ...]) -> Image:
    """Put what was measured on a crop back at its place; 0 outside the window."""
    whole, kernel = np.zeros(shape[:2]), np.zeros(shape[:2])
    whole[crop] = values
    kernel[window] = whole[window]
    return kernel
