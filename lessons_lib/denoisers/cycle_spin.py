"""Cycle spinning: denoise shifted copies, shift the estimates back, average."""

from dataclasses import dataclass, replace

import numpy as np

from lessons_lib.denoisers.contract import Denoiser, Properties, check_setting, prepare
from lessons_lib.image import Image

MOST_SHIFTS = 32


def cycle_spin(denoiser: Denoiser, noisy: Image, sigma: float, shifts: int) -> Image:
    """Average a denoiser's estimates over ``shifts`` x ``shifts`` shifts of the image.

    A shift by (i, j) px puts i mirrored rows above the image and j mirrored columns to its
    left, and cuts them off the estimate again.

    Parameters
    ----------
    denoiser : Denoiser
        ``(noisy, sigma) -> estimate``.
    noisy : ndarray
        Float ``(H, W)`` or ``(H, W, C)``.
    sigma : float
        Standard deviation of the noise, image units.
    shifts : int
        Along each axis, 1 to 32; 1 is the denoiser itself.

    Returns
    -------
    ndarray
        Same shape and type.

    Raises
    ------
    ValueError
        For shifts outside their range.

    Why edges blur
    --------------
    A denoiser with a grid (wavelets, blocks) keeps an edge where it fits the grid and loses
    it between. The average over shifts is the average of both fates: less ringing, and an
    edge half lost where it was lost at half of the shifts. Jitter of a sharp edge on one
    grid becomes blur.

    References
    ----------
    Coifman and Donoho, Translation-invariant de-noising, 1995,
    doi 10.1007/978-1-4612-2544-7_9.
    """
    check_shifts(shifts)
    margin = int(shifts) - 1
    widths = ((margin, 0), (margin, 0)) + ((0, 0),) * (noisy.ndim - 2)
    padded = np.pad(noisy, widths, mode="symmetric")
    total = np.zeros(noisy.shape, dtype=np.float64)
    for down, across in np.ndindex(int(shifts), int(shifts)):
        shifted = np.ascontiguousarray(padded[margin - down :, margin - across :])
        total += denoiser(shifted, sigma)[down:, across:]
    return (total / shifts**2).astype(noisy.dtype)


def check_shifts(shifts: int) -> None:
    """Raise a ValueError unless ``shifts`` is a whole number from 1 to 32."""
    check_setting(shifts, "shifts (along each axis)", 1, MOST_SHIFTS)
    if shifts != int(shifts):
        raise ValueError(f"shifts must be a whole number, got {shifts:g}")


@dataclass(frozen=True)
class CycleSpin:
    """A denoiser around a denoiser: the mean over shifts; see :func:`cycle_spin`.

    Parameters
    ----------
    denoiser : Denoiser
        Any of them.
    shifts : int
        Along each axis, 1 to 32.
    """

    denoiser: Denoiser
    shifts: int = 4

    def __post_init__(self) -> None:
        if not callable(self.denoiser):
            raise ValueError(
                f"denoiser must be called as (noisy, sigma), got {self.denoiser!r}; "
                "pass one such as WaveletShrink()"
            )
        check_shifts(self.shifts)

    @property
    def properties(self) -> Properties:
        """What the inner denoiser promises: a mean over shifts keeps it all but the setting."""
        inner = getattr(self.denoiser, "properties", Properties(False, False, False, None))
        return replace(inner, identity_setting=None)

    @property
    def reach(self) -> int | None:
        """How far a pixel's influence goes, px: as far as in the inner denoiser."""
        return getattr(self.denoiser, "reach", None)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the mean estimate over all shifts; see :func:`cycle_spin`."""
        sigma = prepare(noisy, sigma)
        return cycle_spin(self.denoiser, noisy, sigma, self.shifts)
