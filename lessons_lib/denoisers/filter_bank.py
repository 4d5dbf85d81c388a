"""Orthonormal wavelet transforms in a few readable lines; PyWavelets is the fast twin.

One step splits a signal into two halves: ``approximation``, what a low-pass filter sees at
every second place, and ``detail``, what is left. The next level splits the approximation
again. The signal is periodic (its end is joined to its beginning), which is what makes the
transform orthonormal: PyWavelets calls it mode='periodization'.
"""

from collections.abc import Sequence

import numpy as np

HAAR = np.array([1.0, 1.0]) / np.sqrt(2)
# Daubechies' filter with two vanishing moments: ramps have no detail ('db2').
DAUBECHIES_2 = (
    np.array([1 + np.sqrt(3), 3 + np.sqrt(3), 3 - np.sqrt(3), 1 - np.sqrt(3)])
    / (4 * np.sqrt(2))
)  # fmt: skip


def high_pass(low_pass: np.ndarray) -> np.ndarray:
    """The partner of an orthonormal low-pass filter: reversed, every second sign turned."""
    return np.where(np.arange(len(low_pass)) % 2 == 0, 1.0, -1.0) * low_pass[::-1]


def _places(length: int, taps: int) -> np.ndarray:
    """Which samples each coefficient looks at, ``(length / 2, taps)``; PyWavelets' order."""
    starts = 2 * np.arange(length // 2) - (taps // 2 - 1)
    return (starts[:, None] + np.arange(taps)) % length


def split(signal: np.ndarray, low_pass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One level along the last axis.

    Parameters
    ----------
    signal : ndarray, ``(..., N)``
        N even.
    low_pass : ndarray, ``(taps,)``
        Orthonormal: its squares sum to 1, and to 0 against itself moved by 2, 4, ...

    Returns
    -------
    approximation, detail : ndarray, ``(..., N / 2)``

    Raises
    ------
    ValueError
        For an odd length.
    """
    length = signal.shape[-1]
    if length % 2:
        raise ValueError(f"the length must be even to be split in two, got {length}")
    windows = signal[..., _places(length, len(low_pass))]  # (..., N / 2, taps)
    return windows @ low_pass, windows @ high_pass(low_pass)


def merge(approximation: np.ndarray, detail: np.ndarray, low_pass: np.ndarray) -> np.ndarray:
    """Undo :func:`split`: the transposed operation, since the transform is orthonormal."""
    length = 2 * approximation.shape[-1]
    signal = np.zeros((*approximation.shape[:-1], length))
    places = _places(length, len(low_pass))
    for tap, (low, high) in enumerate(zip(low_pass, high_pass(low_pass), strict=True)):
        # The places of one tap are all different, so nothing is added twice.
        signal[..., places[:, tap]] += low * approximation + high * detail
    return signal


Bands = tuple[np.ndarray, np.ndarray, np.ndarray]


def split_image(image: np.ndarray, low_pass: np.ndarray) -> tuple[np.ndarray, Bands]:
    """One level of the separable transform: along the rows, then down the columns.

    Parameters
    ----------
    image : ndarray, ``(H, W)``
        Even sides.
    low_pass : ndarray, ``(taps,)``
        As for :func:`split`.

    Returns
    -------
    approximation : ndarray, ``(H / 2, W / 2)``
    (horizontal, vertical, diagonal) : ndarrays, ``(H / 2, W / 2)``
        In PyWavelets' order: horizontal edges, vertical edges, and both at once.
    """
    low, high = split(image, low_pass)
    approximation, horizontal = (part.T for part in split(low.T, low_pass))
    vertical, diagonal = (part.T for part in split(high.T, low_pass))
    return approximation, (horizontal, vertical, diagonal)


def merge_image(approximation: np.ndarray, bands: Bands, low_pass: np.ndarray) -> np.ndarray:
    """Undo :func:`split_image`."""
    horizontal, vertical, diagonal = bands
    low = merge(approximation.T, horizontal.T, low_pass).T
    high = merge(vertical.T, diagonal.T, low_pass).T
    return merge(low, high, low_pass)


def transform(
    image: np.ndarray, low_pass: np.ndarray, levels: int
) -> tuple[np.ndarray, list[Bands]]:
    """Split the approximation again and again.

    Parameters
    ----------
    image : ndarray, ``(H, W)``
        Sides divisible by 2^levels.
    low_pass : ndarray, ``(taps,)``
        As for :func:`split`.
    levels : int
        0 or more.

    Returns
    -------
    approximation : ndarray
        ``(H / 2^levels, W / 2^levels)``.
    bands : list of (horizontal, vertical, diagonal)
        Coarsest first, as PyWavelets orders them.

    Raises
    ------
    ValueError
        For sides that 2^levels does not divide.
    """
    if any(side % 2**levels for side in image.shape):
        raise ValueError(
            f"both sides must be divisible by 2^levels = {2**levels}, got {image.shape}; "
            "pad the image or take fewer levels"
        )
    approximation, bands = image, []
    for _ in range(levels):
        approximation, details = split_image(approximation, low_pass)
        bands.insert(0, details)
    return approximation, bands


def inverse(
    approximation: np.ndarray, bands: Sequence[Bands], low_pass: np.ndarray
) -> np.ndarray:
    """Undo :func:`transform`."""
    for details in bands:
        approximation = merge_image(approximation, details, low_pass)
    return approximation
