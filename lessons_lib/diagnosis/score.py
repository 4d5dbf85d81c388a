"""The numbers of one denoiser: fidelity on a picture, edges, a small disc, noise, cost."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lessons_lib.diagnosis.blur_curve import edge_estimates
from lessons_lib.diagnosis.edges import (
    edge_spread,
    mtf50,
    rise_width,
)
from lessons_lib.diagnosis.fidelity import psnr, ssim
from lessons_lib.image import Image, check_image, check_sigma
from lessons_lib.scenes.phantoms import SlantedEdge, disc

# The phantoms are measured at this noise level, so that even contrast / sigma 8 stays
# within [0, 1], where trained denoisers are at home.
PHANTOM_SIGMA = 0.05
DISC_RADIUS, DISC_SIZE, DISC_RATIO = 4.0, 64, 4.0
TIMING_SIZE, TIMING_RUNS, REST_SECONDS = 256, 3, 0.1


@dataclass(frozen=True)
class ScoreRow:
    """What one denoiser scored.

    Attributes
    ----------
    name : str
        The denoiser and its settings.
    sigma : float
        Noise in the natural picture, image units.
    psnr : float
        On the natural picture, dB.
    ssim : float
        On the natural picture, at most 1.
    width_8, width_4, width_2, width_1 : float
        10-90 % width of the mean estimate of an edge of contrast / sigma 8, 4, 2 and 1,
        px; infinite if no edge is left.
    mtf50_8, mtf50_2 : float
        Of the same at 8 and 2, cycles/px; 0.5 means at least 0.5, 0 means no edge left.
    contrast_kept : float
        Of a disc of radius 4 px at contrast / sigma 4; 1 if all is kept.
    residual_noise : float
        Standard deviation left in a flat picture, over sigma.
    seconds_per_megapixel : float
        Processor time (of all cores together) for a grey picture, s.
    """

    name: str
    sigma: float
    psnr: float
    ssim: float
    width_8: float
    width_4: float
    width_2: float
    width_1: float
    mtf50_8: float
    mtf50_2: float
    contrast_kept: float
    residual_noise: float
    seconds_per_megapixel: float


def score(
    denoiser: Callable[[Image, float], Image],
    clean: Image,
    sigma: float = 25 / 255,
    *,
    seed: int = 0,
    draws: int = 16,
    name: str = "",
) -> ScoreRow:
    """Measure one denoiser with every instrument of the scoreboard.

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    clean : ndarray, ``(H, W)`` or ``(H, W, C)``
        A natural picture for PSNR and SSIM; the rest is measured on grey phantoms with
        noise of 0.05.
    sigma : float
        Noise to add to ``clean``, image units, above 0.
    seed : int
        For all noise.
    draws : int
        Noisy copies of each phantom; at least 2.
    name : str
        What to call it; if empty, the denoiser's repr, or a plain function's name.

    Returns
    -------
    ScoreRow
        The numbers.

    Raises
    ------
    ValueError
        For what is no image or noise level, and for too few draws.
    """
    check_image(clean, "clean")
    check_sigma(sigma, zero_allowed=False)
    if draws < 2:
        raise ValueError(f"draws must be at least 2, got {draws}; 16 give steady widths")
    noisy = clean + sigma * np.random.default_rng(seed).standard_normal(clean.shape)
    estimate = denoiser(noisy.astype(clean.dtype), sigma)
    return ScoreRow(
        name=name or _name(denoiser),
        sigma=float(sigma),
        psnr=psnr(clean, estimate),
        ssim=ssim(clean, estimate),
        **_edge_scores(denoiser, draws, seed),
        contrast_kept=disc_contrast_kept(denoiser, draws=draws, seed=seed),
        residual_noise=residual_noise(denoiser, draws=max(draws // 4, 2), seed=seed),
        seconds_per_megapixel=seconds_per_megapixel(denoiser),
    )


def _name(denoiser: Callable[[Image, float], Image]) -> str:
    # The repr of a function holds its address in memory, which changes with every run.
    return getattr(denoiser, "__name__", "") or repr(denoiser)


def _edge_scores(
    denoiser: Callable[[Image, float], Image], draws: int, seed: int
) -> dict[str, float]:
    scores = {}
    for ratio in (8, 4, 2, 1):
        edge = SlantedEdge(contrast=ratio * PHANTOM_SIGMA)
        mean = edge_estimates(denoiser, edge, PHANTOM_SIGMA, draws, seed).mean(axis=0)
        spread = edge_spread(mean, edge)
        scores[f"width_{ratio}"] = rise_width(spread)
        if ratio in (8, 2):
            scores[f"mtf50_{ratio}"] = mtf50(spread, edge_spread(edge.image(), edge))
    return scores


def disc_contrast_kept(
    denoiser: Callable[[Image, float], Image],
    *,
    ratio: float = DISC_RATIO,
    draws: int = 16,
    seed: int = 0,
) -> float:
    """Share of a small disc's contrast that is left in the mean of many estimates.

    The disc has a radius of 4 px. Its level is the mean weighted by the area that it
    covers of each pixel; the background is read in a ring 16 to 24 px from the centre.

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    ratio : float
        Contrast / sigma, with sigma = 0.05.
    draws : int
        Noisy copies.
    seed : int
        For the noise.

    Returns
    -------
    float
        1 if all is kept, 0 if the disc has gone; the mean of the noise itself leaves an
        standard error of 0.007 for 16 draws.
    """
    contrast = ratio * PHANTOM_SIGMA
    covered = disc(DISC_SIZE, DISC_RADIUS, background=0.0, level=1.0)
    clean = 0.5 + contrast * (covered - 0.5)
    away = np.hypot(*(np.indices(clean.shape) - (DISC_SIZE - 1) / 2))
    ring = (away >= 4 * DISC_RADIUS) & (away <= 6 * DISC_RADIUS)
    rng, mean = np.random.default_rng(seed), np.zeros_like(clean)
    for _ in range(draws):
        noisy = clean + PHANTOM_SIGMA * rng.standard_normal(clean.shape)
        mean += denoiser(noisy, PHANTOM_SIGMA) / draws

    def height(image: Image) -> float:
        return float(np.average(image, weights=covered) - image[ring].mean())

    return height(mean) / height(clean)


def residual_noise(
    denoiser: Callable[[Image, float], Image], *, draws: int = 4, seed: int = 0
) -> float:
    """Standard deviation that is left in a flat grey picture, over sigma (0.05).

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    draws : int
        Noisy copies of 96 x 96 px.
    seed : int
        For the noise.

    Returns
    -------
    float
        1 if nothing is removed.
    """
    rng = np.random.default_rng(seed)
    noise = PHANTOM_SIGMA * rng.standard_normal((draws, 96, 96))
    left = [np.std(denoiser(0.5 + one, PHANTOM_SIGMA)) for one in noise]
    return float(np.sqrt(np.mean(np.square(left))) / PHANTOM_SIGMA)


def seconds_per_megapixel(denoiser: Callable[[Image, float], Image]) -> float:
    """Processor time per million pixels: median of 3 runs on 256 x 256, after one more.

    Returns
    -------
    float
        s, of all cores together, so that it hardly matters what else the machine does.
    """
    noisy = 0.5 + PHANTOM_SIGMA * np.random.default_rng(0).standard_normal([TIMING_SIZE] * 2)
    # The threads of an earlier matrix product spin for a while before they rest, and
    # processor time would count them.
    time.sleep(REST_SECONDS)
    seconds = []
    for _ in range(TIMING_RUNS + 1):
        start = time.process_time()
        denoiser(noisy, PHANTOM_SIGMA)
        seconds.append(time.process_time() - start)
    # The first run may load libraries and fill caches.
    return float(np.median(seconds[1:])) / TIMING_SIZE**2 * 1e6
