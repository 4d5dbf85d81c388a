"""Denoisers around denoisers."""

from collections.abc import Iterator

import numpy as np

from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.image import Image


def in_strips(
    denoiser: Denoiser, noisy: Image, sigma: float, strips: int = 8
) -> Iterator[tuple[float, Image]]:
    """Denoise strip by strip, so that a caller can show progress or stop in between.

    Each strip is computed with ``denoiser.reach`` more rows on each side, so the result
    equals that of one call. A denoiser with ``progress`` of its own is asked for that;
    one without a finite reach is called once.

    Parameters
    ----------
    denoiser : Denoiser
        With ``reach`` in px, or None.
    noisy : ndarray
        ``(H, W)`` or ``(H, W, C)``.
    sigma : float
        Standard deviation of the noise, image units.
    strips : int
        How many.

    Yields
    ------
    (float, ndarray)
        The share that is done, (0, 1], and the estimate so far, with the noisy image
        where nothing was computed yet.
    """
    if hasattr(denoiser, "progress"):
        yield from denoiser.progress(noisy, sigma)
        return
    reach = getattr(denoiser, "reach", None)
    height = noisy.shape[0]
    if reach is None:
        yield 1.0, denoiser(noisy, sigma)
        return
    estimate = noisy.copy()
    edges = np.linspace(0, height, min(strips, height) + 1).astype(int)
    for top, bottom in zip(edges[:-1], edges[1:], strict=True):
        start = max(0, top - reach)
        part = denoiser(noisy[start : bottom + reach], sigma)
        estimate[top:bottom] = part[top - start : bottom - start]
        yield float(bottom / height), estimate
