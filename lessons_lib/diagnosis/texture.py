"""How much texture a denoiser keeps, frequency by frequency."""

import numpy as np

from lessons_lib.diagnosis.noise_level import rings_of_frequency
from lessons_lib.image import Image, check_image, check_same_shape, luminance


def texture_response(
    clean: Image, estimate: Image, rings: int = 24
) -> tuple[np.ndarray, np.ndarray]:
    """Cross-spectral gain from the clean texture to the estimate.

    Re(conj(X) Y) / |X|^2, both summed over a ring of frequencies, of the images without
    their mean, under a Hann window. It is the best gain g in Y = g X: what is kept *in
    phase*. Noise left in the estimate, or invented texture, is independent of X and adds
    no bias, where a ratio of power spectra would take it for texture.

    Parameters
    ----------
    clean, estimate : ndarray
        ``(H, W)`` or ``(H, W, C)`` (colour: luminance), image units; a texture with power
        at all frequencies, such as dead leaves.
    rings : int
        Number of rings between 0 and 0.5 cycles/px.

    Returns
    -------
    tuple of ndarray
        Frequencies, cycles/px, and response: 1 kept, 0 lost, below 0 reversed.

    Raises
    ------
    ValueError
        If the shapes differ, the image has too few frequencies, or the clean image has
        no texture.

    References
    ----------
    Cao, Guichard, Hornung, Measuring texture sharpness of a digital camera,
    10.1117/12.805853 (the dead leaves target).
    Kirk, Herzer, Artmann, Kunz, Description of texture loss using the dead leaves target,
    10.1117/12.2039689 (the cross spectrum).
    """
    check_image(clean, "clean")
    check_image(estimate, "estimate")
    check_same_shape(clean, estimate, "clean and estimate")
    ring, frequencies = rings_of_frequency(clean.shape[:2], rings)
    inside = ring >= 0
    clean_spectrum, estimate_spectrum = (
        _windowed_spectrum(image)[inside] for image in (clean, estimate)
    )
    cross = (clean_spectrum.conj() * estimate_spectrum).real
    kept = np.bincount(ring[inside], cross)
    present = np.bincount(ring[inside], np.abs(clean_spectrum) ** 2)
    # Rounding alone leaves about (1e-16)^2 of the largest power.
    if np.any(present <= 1e-25 * clean.size * max(float(np.abs(clean).max()), 1.0) ** 2):
        raise ValueError(
            "clean has no texture in some ring of frequencies, so no gain can be measured; "
            "use a textured image such as dead leaves"
        )
    return frequencies, kept / present


def texture_kept(
    clean: Image, estimate: Image, *, low: float = 0.1, high: float = 0.4, rings: int = 24
) -> float:
    """One number: the mean of :func:`texture_response` from ``low`` to ``high``.

    Every ring counts alike. Weighted by power, the coarse end of the band would decide
    alone, because the power of natural texture falls steeply with frequency.

    Parameters
    ----------
    clean, estimate : ndarray
        As in :func:`texture_response`.
    low, high : float
        Band, cycles/px, within [0, 0.5].
    rings : int
        Number of rings between 0 and 0.5 cycles/px.

    Returns
    -------
    float
        1 if all texture is kept, 0 if none is.

    Raises
    ------
    ValueError
        If no ring lies in the band.
    """
    frequencies, response = texture_response(clean, estimate, rings)
    band = (frequencies >= low) & (frequencies <= high)
    if not band.any():
        raise ValueError(
            f"no ring lies between {low} and {high} cycles/px; widen the band or raise rings"
        )
    return float(response[band].mean())


def _windowed_spectrum(image: Image) -> np.ndarray:
    """Fourier transform under a Hann window, which keeps the border's jump out of it."""
    grey = luminance(image)
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in grey.shape))
    # The mean under the window, so that exactly nothing is left at frequency zero.
    centred = grey - np.average(grey, weights=window)
    return np.fft.fft2(centred * window)
