"""The coefficient plane: all bands in their usual nested layout, kept and deleted ones apart."""

from collections.abc import Sequence

import numpy as np
import pywt

KEPT = np.array([255, 190, 60])  # orange
DELETED = np.array([86, 180, 233])  # sky blue; both from Okabe and Ito's palette, lightened
LINE = 90  # grey level of the lines between the bands
FULL = 6.0  # sizes from this many sigma on get the full colour


def nest(coefficients: Sequence) -> np.ndarray:
    """Put PyWavelets' list of bands into one plane, the coarsest at the top left.

    Parameters
    ----------
    coefficients : list
        As ``pywt.wavedec2`` returns it, with mode='periodization'.

    Returns
    -------
    ndarray, ``(H, W)``
    """
    return pywt.coeffs_to_array(list(coefficients))[0]


def coefficient_plane(coefficients: Sequence, threshold: float, sigma: float) -> np.ndarray:
    """Draw the coefficients: orange those that are kept, blue those that are deleted.

    The brightness grows with the size, and is full from 6 sigma on. The approximation at
    the top left is drawn as a grey picture, from its smallest to its largest value.

    Parameters
    ----------
    coefficients : list
        Noisy, as ``pywt.wavedec2`` returns it, with mode='periodization'.
    threshold : float
        A detail is deleted where its size is at most this.
    sigma : float
        Standard deviation of the noise, above 0.

    Returns
    -------
    ndarray
        uint8, ``(H, W, 3)``.
    """
    plane = np.abs(nest(coefficients))
    height, width = plane.shape
    brightness = np.sqrt(np.minimum(plane / (FULL * sigma), 1))[..., None]
    colours = np.where((plane > threshold)[..., None], KEPT * (0.6 + 0.4 * brightness),
                       DELETED * 0.9 * brightness)  # fmt: skip
    levels = len(coefficients) - 1
    for level in range(levels):
        row, col = height >> (level + 1), width >> (level + 1)
        colours[row, : 2 * col] = LINE
        colours[: 2 * row, col] = LINE
    coarse = coefficients[0]
    tones = (coarse - coarse.min()) / max(float(np.ptp(coarse)), 1e-12)
    colours[: height >> levels, : width >> levels] = 255 * tones[..., None]
    return colours.astype(np.uint8)
