"""The fixed matrices of BM3D: two transforms of a block, and the window of the aggregation."""

from functools import cache

import numpy as np
import pywt
from scipy import fft
from scipy.signal import windows

BLOCK = 8


@cache
def cosine_matrix() -> np.ndarray:
    """Orthonormal DCT-II of 8 samples, ``(8, 8)``: row k is the k-th cosine."""
    return _frozen(fft.dct(np.eye(BLOCK), axis=0, norm="ortho"))


@cache
def biorthogonal_matrix() -> np.ndarray:
    """Biorthogonal 1.5 spline wavelet on 8 samples, down to one mean, ``(8, 8)``.

    Each row is scaled to length 1, so that white noise has the same variance in every
    coefficient. It is not orthogonal: the way back is :func:`inverse`.
    """
    halves = []
    for size in (8, 4, 2):
        columns = [
            np.concatenate(pywt.dwt(unit, "bior1.5", mode="periodization"))
            for unit in np.eye(size)
        ]
        halves.append(np.array(columns).T)
    matrix = np.eye(BLOCK)
    for half in halves:  # each level splits what the one before has left as the mean part
        size = len(half)
        matrix[:size] = half @ matrix[:size]
    return _frozen(matrix / np.linalg.norm(matrix, axis=1, keepdims=True))


@cache
def kaiser_window(beta: float = 2.0) -> np.ndarray:
    """Weight of each pixel of a block in the aggregation, ``(8, 8)``: less at its border."""
    line = windows.kaiser(BLOCK, beta)
    return _frozen(np.outer(line, line))


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The way back from a block transform."""
    return np.linalg.inv(matrix)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)  # the cache hands the same array to everyone
    return array
