"""Weigh aligned frames and merge them: how much each frame is trusted, pixel by pixel."""

import math

import numpy as np
from scipy import ndimage

from lessons_lib.denoisers.burst_frames import Aligned, noise_level
from lessons_lib.denoisers.contract import check_setting, check_window
from lessons_lib.image import Image


def seen_weights(aligned: Aligned) -> np.ndarray:
    """Equal weights: 1 where a frame shows the scene, else 0, ``(N, H, W)``."""
    return aligned.seen.astype(np.float64)


def robust_weights(
    aligned: Aligned, sigma: float | np.ndarray, *,
    radius: int = 2, tolerance: float = 2.0, shift_error: float = 0.15,
) -> np.ndarray:  # fmt: skip
    """Trust a frame where it differs from the reference by no more than noise explains.

    q is the squared difference over its expected value, averaged over a window of n values.
    Of noise alone q has the mean 1 and the standard deviation sqrt(2 / n). A frame counts with
    weight exp(-max((q - 1) / sqrt(2 / n) - tolerance, 0)).

    Parameters
    ----------
    aligned : Aligned
        The burst.
    sigma : float or ndarray
        Noise of a frame at the reference, image units, above 0: a number, ``(H, W)``, or the
        shape of a frame. After demosaicing it is that of the demosaiced pixels; their noise is
        alike in neighbours, so q scatters more and ``tolerance`` should be higher.
    radius : int
        Half side of the window, px; larger windows see weaker ghosts and reject more around
        them.
    tolerance : float
        Standard deviations of q that pass in full; [0, 100].
    shift_error : float
        Alignment error that is forgiven, px; [0, 1]: it adds (shift_error slope)^2 to what is
        expected. Resampling is not exact at edges sharper than a pixel either.

    Returns
    -------
    ndarray, ``(N, H, W)``
        [0, 1]; 1 for the reference, 0 where a frame does not show the scene.

    Raises
    ------
    ValueError
        For settings outside their ranges.

    Why edges blur
    --------------
    Mis-deciding: a moving thing whose contrast is below about sigma passes for noise, and its
    edge is mixed with what was behind it.

    References
    ----------
    Hasinoff et al., Burst photography for high dynamic range and low-light imaging on mobile
    cameras, 2016, doi 10.1145/2980179.2980254 (the idea, there on tiles of a Fourier
    transform).
    """
    check_window(radius)
    check_setting(tolerance, "tolerance (standard deviations)", 0, 100)
    check_setting(shift_error, "shift_error (px)", 0, 1)
    still = aligned.frames[aligned.reference].astype(np.float64)
    variance = np.broadcast_to(np.square(noise_level(sigma, still.shape)), still.shape)
    forgiven = shift_error**2 * _slope_squared(still)
    channels = 1 if still.ndim == 2 else still.shape[2]
    scatter = math.sqrt(2 / ((2 * int(radius) + 1) ** 2 * channels))
    weights = seen_weights(aligned)
    for number, frame in enumerate(aligned.frames):
        if number == aligned.reference:
            continue
        gain = _like(aligned.gain[number], still.ndim)
        expected = (1 + gain) * variance + forgiven
        excess = _window_mean((frame - still) ** 2 / expected, int(radius)) - 1
        weights[number] *= np.exp(-np.maximum(excess / scatter - tolerance, 0))
    return weights


def _slope_squared(image: np.ndarray) -> np.ndarray:
    """Squared slope from central differences; the border is mirrored, and may be one pixel."""
    kernel = [0.5, 0.0, -0.5]
    return sum(ndimage.correlate1d(image, kernel, axis, mode="reflect") ** 2 for axis in (0, 1))


def _window_mean(squares: np.ndarray, radius: int) -> np.ndarray:
    grey = squares if squares.ndim == 2 else squares.mean(axis=2)
    # Running sums may end a rounding below 0.
    return np.maximum(ndimage.uniform_filter(grey, 2 * radius + 1, mode="reflect"), 0.0)


def _like(gain: np.ndarray, dimensions: int) -> np.ndarray:
    return gain[..., np.newaxis] if np.ndim(gain) == 2 and dimensions == 3 else gain


def merge(aligned: Aligned, weights: np.ndarray) -> Image:
    """Weighted mean of the aligned frames, pixel by pixel.

    Parameters
    ----------
    aligned : Aligned
        The burst.
    weights : ndarray, ``(N, H, W)``
        0 or more; not all 0 in any pixel.

    Returns
    -------
    ndarray
        Shape and type of one frame.

    Raises
    ------
    ValueError
        For weights of another shape, or a pixel without any.
    """
    shape = aligned.frames.shape[:3]
    if weights.shape != shape:
        raise ValueError(f"weights must have shape {shape}, got {weights.shape}")
    total = weights.sum(axis=0)
    if not (weights.min() >= 0 and total.min() > 0):
        raise ValueError("weights must be 0 or more, and above 0 for one frame in each pixel")
    # Around the reference: so equal frames come out to the last bit. Frame by frame: so the
    # memory is that of a few frames, however many there are.
    still = aligned.frames[aligned.reference]
    merged = still.astype(np.float64)
    for frame, weight in zip(aligned.frames, weights, strict=True):
        share = weight / total
        merged += (share if frame.ndim == 2 else share[..., np.newaxis]) * (frame - still)
    return merged.astype(still.dtype)


def merged_sigma(
    aligned: Aligned, weights: np.ndarray, sigma: float | np.ndarray
) -> np.ndarray:
    """Standard deviation of the noise in the merged picture: sigma sqrt(sum w^2 g) / sum w.

    g is the share of variance that interpolation left in a frame. Holds for noise that is
    independent from frame to frame; a fixed pattern is not, and stays.

    Parameters
    ----------
    aligned : Aligned
        The burst.
    weights : ndarray, ``(N, H, W)``
        As merged with. The formula takes them for fixed; robust weights look at the noise.
    sigma : float or ndarray
        Noise of one frame, image units.

    Returns
    -------
    ndarray
        ``(H, W)``, or the shape of a frame if ``sigma`` has it.
    """
    gain = np.asarray(aligned.gain)
    gain = gain.reshape(-1, 1, 1) if gain.ndim == 1 else gain
    share = np.sqrt((weights**2 * gain).sum(axis=0)) / weights.sum(axis=0)
    level = noise_level(sigma, aligned.frames.shape[1:])
    return share[..., np.newaxis] * level if np.ndim(level) == 3 else share * level
