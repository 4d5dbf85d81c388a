"""Many frames into one: a burst is averaged over time and not over places.

Frames are aligned, and each pixel becomes the mean of the N values that the *same* place had.
The noise falls as 1 / sqrt(N), and nothing on the other side of an edge is mixed in, unless
the alignment is wrong or something has moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers.burst_alignment import measure_shifts
from lessons_lib.denoisers.burst_frames import Aligned, check_frames, noise_level
from lessons_lib.denoisers.burst_merging import (
    merge,
    merged_sigma,
    robust_weights,
    seen_weights,
)
from lessons_lib.denoisers.burst_resampling import check_interpolation, move_frames
from lessons_lib.denoisers.burst_tiles import measure_tile_shifts, move_tiles
from lessons_lib.image import Image

__all__ = [
    "Aligned",
    "BurstMerge",
    "Merged",
    "check_frames",
    "measure_shifts",
    "measure_tile_shifts",
    "merge",
    "merged_sigma",
    "move_frames",
    "move_tiles",
    "robust_weights",
    "seen_weights",
]

RULES = ("mean", "robust")


@dataclass(frozen=True, eq=False)
class Merged:
    """One picture made of a burst.

    Attributes
    ----------
    image : ndarray, ``(H, W)`` or ``(H, W, C)``
        Weighted mean of the aligned frames; type of the frames.
    weights : ndarray, ``(N, H, W)``
        Of each frame, [0, 1]; 1 for the reference.
    sigma : float or ndarray
        Standard deviation of the noise that is left, image units, ``(H, W)`` or the shape of a
        frame. Neighbouring pixels are correlated where frames were interpolated.
    shifts : ndarray, ``(N, 2)``
        By how much each frame was displaced, px.
    """

    image: Image
    weights: np.ndarray
    sigma: np.ndarray
    shifts: np.ndarray

    @property
    def frames_used(self) -> np.ndarray:
        """Effective number of frames in each pixel, (sum w)^2 / sum w^2, ``(H, W)``."""
        return self.weights.sum(axis=0) ** 2 / (self.weights**2).sum(axis=0)


@dataclass(frozen=True)
class BurstMerge:
    """Align a burst and merge it: (frames, sigma) -> :class:`Merged`.

    Parameters
    ----------
    rule : str
        'robust', or 'mean' for equal weights.
    tile : int or None
        Side of the tiles that are aligned by themselves, px; None moves whole frames.
    interpolation : str
        'cubic', 'linear' or 'nearest' (whole pixels).
    radius, tolerance, shift_error : int, float, float
        Of the robust weights; see :func:`robust_weights`.
    reference : int
        The frame that the others are moved onto.

    Raises
    ------
    ValueError
        For an unknown rule or interpolation.

    Why edges blur
    --------------
    Hardly, and by a law: the variance of the line spread rises by the variance of the shift
    errors across the edge. Interpolation adds its own: see
    :func:`lessons_lib.denoisers.burst_resampling.move_frames`.

    References
    ----------
    Hasinoff et al., HDR+, 2016, doi 10.1145/2980179.2980254; Liba et al., Handheld mobile
    photography in very low light, arXiv 1910.11336.
    """

    rule: str = "robust"
    tile: int | None = None
    interpolation: str = "cubic"
    radius: int = 2
    tolerance: float = 2.0
    shift_error: float = 0.15
    reference: int = 0

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"rule must be one of {', '.join(RULES)}, got {self.rule!r}")
        check_interpolation(self.interpolation)

    def __call__(self, frames: np.ndarray | Sequence[Image], sigma: float | np.ndarray) -> Merged:
        """Measure the shifts, move the frames back, weigh and merge them.

        Parameters
        ----------
        frames : ndarray or sequence of ndarray
            ``(N, H, W)`` or ``(N, H, W, C)``, or a list of images; the inputs never change.
        sigma : float or ndarray
            Noise of one frame, image units, above 0; a map for noise that depends on
            brightness.

        Returns
        -------
        Merged

        Raises
        ------
        ValueError
            As :func:`measure_shifts` and :func:`robust_weights`.
        """
        frames = check_frames(frames, self.reference)
        noise_level(sigma, frames.shape[1:])
        return self.merge_aligned(self.align(frames), sigma)

    def align(self, frames: np.ndarray | Sequence[Image]) -> Aligned:
        """Measure the shifts and move the frames back."""
        settings = {"interpolation": self.interpolation, "reference": self.reference}
        if self.tile is None:
            shifts = measure_shifts(frames, reference=self.reference)
            return move_frames(frames, shifts, **settings)
        flows = measure_tile_shifts(frames, tile=self.tile, reference=self.reference)
        return move_tiles(frames, flows, **settings)

    def merge_aligned(self, aligned: Aligned, sigma: float | np.ndarray) -> Merged:
        """Weigh and merge frames that have been aligned already."""
        weights = seen_weights(aligned)
        if self.rule == "robust":
            weights = robust_weights(
                aligned, sigma, radius=self.radius, tolerance=self.tolerance,
                shift_error=self.shift_error,
            )  # fmt: skip
        noise = merged_sigma(aligned, weights, sigma)
        return Merged(merge(aligned, weights), weights, noise, aligned.shifts)
