"""What a burst is: frames of one scene, of one size. And the error texts for what is none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lessons_lib.image import Image, check_image, check_sigma

SMALLEST_SIDE = 16  # px, for measuring a shift; merging takes any size
SHIFTS_FROM = "measure them with burst_alignment.measure_shifts"


@dataclass(frozen=True, eq=False)
class Aligned:
    """A burst whose frames have been moved onto the reference.

    Attributes
    ----------
    frames : ndarray, ``(N, H, W)`` or ``(N, H, W, C)``
        Each one at the reference's place.
    seen : ndarray, ``(N, H, W)``
        True where a frame shows the scene; what is False was filled from its mirrored border.
    gain : ndarray, ``(N,)`` or ``(N, H, W)``
        Share of the noise variance that the interpolation has left, (0, 1]; 1 for frames moved
        by whole pixels.
    shifts : ndarray, ``(N, 2)``
        By how much each frame had been displaced, (rows, cols), px; with tiles the mean.
    reference : int
        Number of the frame that the others were moved onto.
    """

    frames: np.ndarray
    seen: np.ndarray
    gain: np.ndarray
    shifts: np.ndarray
    reference: int = 0


def check_frames(frames: np.ndarray | Sequence[Image], reference: int = 0) -> np.ndarray:
    """Return the frames of a burst as one array if they are one.

    Parameters
    ----------
    frames : ndarray or sequence of ndarray
        ``(N, H, W)`` or ``(N, H, W, C)``, or a list of N images of one shape; N at least 2.
    reference : int
        Number of the frame that the others are compared with, from 0.

    Returns
    -------
    ndarray
        ``(N, H, W)`` or ``(N, H, W, C)``; the same array if it was one.

    Raises
    ------
    ValueError
        For one frame or none, frames of several shapes or types, what is no image, and a
        reference that is not there.
    """
    if isinstance(frames, np.ndarray) and frames.ndim in (0, 1, 2):
        raise ValueError(
            f"frames must hold at least 2 images, got one array of shape {frames.shape}; a burst "
            "is an array (N, H, W) or (N, H, W, C), or a list of images"
        )
    if len(frames) < 2:
        raise ValueError(
            f"a burst needs at least 2 frames, got {len(frames)}; for one frame take a denoiser "
            "of lessons_lib.denoisers"
        )
    for number, frame in enumerate(frames):
        check_image(frame, f"frame {number}")
        if frame.shape != frames[0].shape:
            raise ValueError(
                f"all frames must have one shape, got {frames[0].shape} for frame 0 and "
                f"{frame.shape} for frame {number}; crop them to one size"
            )
    if not 0 <= reference < len(frames) or reference != int(reference):
        raise ValueError(
            f"reference must be the number of a frame, 0 to {len(frames) - 1}, got {reference}"
        )
    return np.asarray(frames)


def check_shifts(shifts: np.ndarray, count: int) -> np.ndarray:
    """Return the shifts as a float array ``(count, 2)`` if they are finite numbers of it."""
    shifts = np.asarray(shifts, dtype=np.float64)
    if shifts.shape != (count, 2) or not np.isfinite(shifts).all():
        raise ValueError(
            f"shifts must be {count} finite pairs (rows, cols), one for each frame, got shape "
            f"{shifts.shape}; {SHIFTS_FROM}"
        )
    return shifts


def noise_level(sigma: float | np.ndarray, shape: tuple[int, ...]) -> float | np.ndarray:
    """Return the noise of one frame, a number or a map, if it fits a frame of ``shape``.

    Parameters
    ----------
    sigma : float or ndarray
        Image units, above 0: one number; ``(H, W)``; or the shape of a frame.
    shape : tuple of int
        Of a frame.

    Raises
    ------
    ValueError
        For another shape, and for what is not above 0.
    """
    if np.ndim(sigma) == 0:
        return check_sigma(sigma, zero_allowed=False)
    if sigma.shape not in (shape, shape[:2]):
        raise ValueError(
            f"sigma must be one number or a map of a frame's shape {shape}, got {sigma.shape}"
        )
    if not (np.isfinite(sigma).all() and sigma.min() > 0):
        raise ValueError("a map of sigma must be finite and above 0 everywhere")
    fits = sigma.ndim == len(shape)
    return sigma if fits else sigma[..., np.newaxis]


def grey_frame(frame: Image) -> Image:
    """Mean of the channels of one frame, ``(H, W)`` float64."""
    grey = frame if frame.ndim == 2 else frame.mean(axis=2)
    return grey.astype(np.float64)
