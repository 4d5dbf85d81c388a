"""The wavelet coefficients of every shift at once, for any orthonormal filter.

Each level and orientation gets one coefficient for each pixel. On a periodic image these are
convolutions, so the Fourier transform does them in one product. Averaging the inverses of all
shifts is the transposed convolution, divided by 4^level.
"""

from collections.abc import Sequence

import numpy as np
from scipy.fft import irfft2, rfft2

from lessons_lib.denoisers.filter_bank import Bands, high_pass
from lessons_lib.image import Image


class AllShifts:
    """The transform for one image size, filter and number of levels.

    Parameters
    ----------
    shape : (int, int)
        Of the images; both sides divisible by 2^levels.
    low_pass : ndarray, ``(taps,)``
        Orthonormal low-pass filter, as in :mod:`lessons_lib.denoisers.filter_bank`.
    levels : int
        1 or more.

    Raises
    ------
    ValueError
        For sides that 2^levels does not divide.

    References
    ----------
    Nason and Silverman, The stationary wavelet transform and some statistical applications,
    1995, doi 10.1007/978-1-4612-2544-7_17.
    """

    def __init__(self, shape: tuple[int, int], low_pass: np.ndarray, levels: int) -> None:
        if any(side % 2**levels for side in shape):
            raise ValueError(
                f"both sides must be divisible by 2^levels = {2**levels}, got {shape}; "
                "crop the image or take fewer levels"
            )
        self.shape, self.levels = tuple(shape), levels
        rows = _responses(np.fft.fftfreq(shape[0]), low_pass, levels)
        cols = _responses(np.fft.rfftfreq(shape[1]), low_pass, levels)
        self._coarse = np.outer(rows[-1][0], cols[-1][0]).astype(np.complex64)
        # (horizontal, vertical, diagonal): differences down, across, and both.
        kinds = ((1, 0), (0, 1), (1, 1))
        self._details = [
            [np.outer(down[a], across[b]).astype(np.complex64) for a, b in kinds]
            for down, across in zip(rows, cols, strict=True)
        ]

    def split(self, image: Image) -> tuple[Image, list[Bands]]:
        """Coefficients of all shifts.

        Parameters
        ----------
        image : ndarray, ``shape``
            Periodic: its right border is joined to its left one.

        Returns
        -------
        approximation : ndarray, ``shape``
        bands : list of (horizontal, vertical, diagonal), each ``shape``
            Finest level first; float32.
        """
        spectrum = rfft2(image.astype(np.float32, copy=False))
        bands = [tuple(self._back(spectrum * one) for one in level) for level in self._details]
        return self._back(spectrum * self._coarse), bands

    def merge(self, approximation: Image, bands: Sequence[Bands]) -> Image:
        """The mean over all shifts of the images with these coefficients."""
        total = rfft2(approximation) * self._coarse.conj() / 4**self.levels
        for level, (answers, three) in enumerate(zip(self._details, bands, strict=True), 1):
            for answer, band in zip(answers, three, strict=True):
                total += rfft2(band) * (answer.conj() / 4**level)
        return self._back(total)

    def _back(self, spectrum: np.ndarray) -> Image:
        return irfft2(spectrum, self.shape)


def _responses(
    frequencies: np.ndarray, low_pass: np.ndarray, levels: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """(low, high) of each level: what a filter with holes does to each frequency."""
    taps, low = np.arange(len(low_pass)), np.ones(len(frequencies), dtype=complex)
    found = []
    for level in range(levels):
        waves = np.exp(2j * np.pi * 2**level * np.outer(frequencies, taps))
        found.append((low * (waves @ low_pass), low * (waves @ high_pass(low_pass))))
        low = found[-1][0]
    return found
