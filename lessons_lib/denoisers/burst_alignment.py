"""How far has the hand moved? Shifts between frames, to a small part of a pixel.

Two steps: a correlation finds the place among all places (scikit-image), and least squares
on the overlap make it as exact as the noise allows. The correlation alone stays some .03 px
off however little noise there is, because a part of each frame has no counterpart.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from skimage.registration import phase_cross_correlation

from lessons_lib.denoisers.burst_frames import (
    SMALLEST_SIDE,
    check_frames,
    grey_frame,
)
from lessons_lib.image import Image

# A light blur before the slopes are taken keeps the noise out of them.
SLOPE_WIDTH = 0.7
_STEPS = 6
_FINE, _COARSE = 1.0, 4.0  # px, of the two Gaussians whose difference shows outlines
_BORDER = 3  # px, where slopes and splines know too little
# The largest correlation of the outlines of white noise was 9.3 / sqrt(pixels) in 900 pairs of
# frames of 40 x 50 to 128 x 160 px; frames of the night street have 60 or more in dim light.
CHANCE = 15.0
MEDIAN_TO_SIGMA = 0.6745


def measure_shifts(
    frames: np.ndarray | Sequence[Image],
    *,
    reference: int = 0,
    largest: float | None = None,
    refine: bool = True,
) -> np.ndarray:
    """Measure how far each frame is displaced from the reference.

    Parameters
    ----------
    frames : ndarray or sequence of ndarray
        A burst, ``(N, H, W)`` or ``(N, H, W, C)``, at least 16 px in each direction. Colours
        are averaged.
    reference : int
        The frame that the others are compared with.
    largest : float, optional
        Shifts beyond it are refused, px; a quarter of the shorter side if not given.
    refine : bool
        False leaves the least squares out: what the correlation alone finds.

    Returns
    -------
    ndarray, ``(N, 2)``
        (rows, cols), px: what the reference shows at ``place`` stands at ``place + shift``.
        (0, 0) for the reference.

    Raises
    ------
    ValueError
        For what is no burst, frames that are too small or constant, a shift that is too
        large, and a frame that has nothing in common with the reference.

    References
    ----------
    Guizar-Sicairos, Thurman, Fienup, Efficient subpixel image registration algorithms, 2008,
    doi 10.1364/OL.33.000156 (what scikit-image uses). Lucas and Kanade, An iterative image
    registration technique, IJCAI 1981 (least squares).
    """
    frames = check_frames(frames, reference)
    _check_can_align(frames)
    still = grey_frame(frames[reference])
    limit = min(still.shape) / 4 if largest is None else float(largest)
    shifts = np.zeros((len(frames), 2))
    for number, frame in enumerate(frames):
        if number != reference:
            shifts[number] = _measure(still, grey_frame(frame), number, limit, refine)
    return shifts


def _measure(
    still: np.ndarray, frame: np.ndarray, number: int, limit: float, refine: bool
) -> np.ndarray:
    whole = correlate(still, frame, 1)
    if np.abs(whole).max() > limit:
        raise ValueError(
            f"frame {number} seems to be shifted by ({whole[0]:.0f}, {whole[1]:.0f}) px, more "
            f"than {limit:.0f} px: too large, or the frames do not show the same scene; leave it "
            "out, or raise largest"
        )
    seen_still, seen_frame = overlap(still, frame, whole.astype(int))
    _check_common(seen_still, seen_frame, number)
    shift = whole + correlate(seen_still, seen_frame, 50)
    return least_squares_shift(still, frame, shift)[0] if refine else shift


def correlate(still: np.ndarray, frame: np.ndarray, upsampling: int) -> np.ndarray:
    """Shift with the largest correlation of outlines, in steps of 1 / ``upsampling`` px.

    The border is faded out, because the correlation takes pictures to go round there.
    """
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in still.shape))
    # Without 'phase' normalisation: that would give each frequency the same weight, also
    # those that hold nothing but noise.
    found = phase_cross_correlation(
        outlines(still) * window, outlines(frame) * window,
        upsample_factor=upsampling, normalization=None,
    )  # fmt: skip
    return 0.0 - np.asarray(found[0], dtype=np.float64)


def outlines(image: np.ndarray) -> np.ndarray:
    """Details of 1 to 4 px, limited in height.

    So one bright lamp that moves does not outshine all that stands still.
    """
    details = ndimage.gaussian_filter(image, _FINE) - ndimage.gaussian_filter(image, _COARSE)
    typical = np.median(np.abs(details)) / MEDIAN_TO_SIGMA + 1e-12
    return details / np.hypot(1, details / (2 * typical)) / typical


def overlap(
    still: np.ndarray, frame: np.ndarray, shift: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The parts of two frames that show the same, for a shift of whole pixels."""
    still_part = tuple(
        slice(max(-part, 0), side - max(part, 0))
        for side, part in zip(still.shape, shift, strict=True)
    )
    frame_part = tuple(
        slice(max(part, 0), side + min(part, 0))
        for side, part in zip(still.shape, shift, strict=True)
    )
    return still[still_part], frame[frame_part]


def least_squares_shift(
    still: np.ndarray, frame: np.ndarray, start: np.ndarray, prior: float = math.inf
) -> tuple[np.ndarray, float]:
    """Improve a shift by Gauss-Newton steps on the squared difference.

    Pixels that differ by far more than the others (a thing that moves, a bright and so noisy
    lamp) get less weight: 1 / (1 + (difference / 3 scatters)^2).

    Parameters
    ----------
    still, frame : ndarray, ``(H, W)``
        Reference, and the frame that is displaced.
    start : ndarray, ``(2,)``
        Shift to begin with, px, less than about 1 px off.
    prior : float
        Standard deviation with which ``start`` is believed, px; infinite: not at all.

    Returns
    -------
    shift : ndarray, ``(2,)``
        px.
    scatter : float
        Standard deviation of the difference that is left, image units, after the light blur.
    """
    still, frame = (ndimage.gaussian_filter(one, SLOPE_WIDTH) for one in (still, frame))
    shift, scatter = np.array(start, dtype=np.float64), 0.0
    for _ in range(_STEPS):
        inside = _inside(still.shape, shift)
        moved = ndimage.shift(frame, -shift, order=3, mode="nearest")
        slopes = np.array([one[inside] for one in np.gradient((still + moved) / 2)])
        difference = (moved - still)[inside]
        scatter = float(np.median(np.abs(difference))) / MEDIAN_TO_SIGMA
        trust = 1 / (1 + (difference / (3 * scatter + 1e-12)) ** 2)
        normal = np.einsum("iab,jab,ab->ij", slopes, slopes, trust)
        pull = np.einsum("iab,ab,ab->i", slopes, difference, trust)
        # The blur has taken noise away and correlated what is left: about as if only one
        # pixel in 4 pi width^2 counted.
        belief = 4 * math.pi * SLOPE_WIDTH**2 * (scatter / prior) ** 2
        normal = normal + (belief + 1e-15 * np.trace(normal) + 1e-30) * np.eye(2)
        step = np.linalg.solve(normal, pull + belief * (shift - start))
        shift = shift - np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-4:
            break
    return shift, scatter


def _inside(shape: tuple[int, int], shift: np.ndarray) -> tuple[slice, slice]:
    """Where both frames show the scene, without a border; at least a few pixels."""
    margins = [
        min(int(math.ceil(abs(part))) + _BORDER, side // 2 - 1)
        for side, part in zip(shape, shift, strict=True)
    ]
    return tuple(slice(margin, side - margin) for side, margin in zip(shape, margins, strict=True))


def _check_can_align(frames: np.ndarray) -> None:
    if min(frames.shape[1:3]) < SMALLEST_SIDE:
        raise ValueError(
            f"frames must be at least {SMALLEST_SIDE} x {SMALLEST_SIDE} px to be aligned, got "
            f"{frames.shape[1]} x {frames.shape[2]}; merge them without alignment"
        )
    for number, frame in enumerate(frames):
        if np.ptp(frame) <= 1e-12 * max(1.0, abs(float(frame.flat[0]))):
            raise ValueError(
                f"frame {number} is constant: there is nothing in it to align; leave it out, or "
                "merge without alignment"
            )


def _check_common(still: np.ndarray, frame: np.ndarray, number: int) -> None:
    """Refuse two frames whose outlines agree no better than chance."""
    first, second = outlines(still).ravel(), outlines(frame).ravel()
    correlation = np.corrcoef(first, second)[0, 1]
    if not correlation * math.sqrt(still.size) > CHANCE:
        raise ValueError(
            f"frame {number} has nothing in common with the reference (correlation of outlines "
            f"{correlation:.2f}): no overlap, or too much noise to see any; leave it out, or "
            "average frames in pairs first"
        )
