"""How a denoiser is measured: fidelity on the standard sets, processor time, edge widths.

Everything here runs in worker processes that were started with one thread each.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from lessons_lib.diagnosis.blur_curve import blur_curve
from lessons_lib.diagnosis.fidelity import psnr, ssim
from lessons_lib.image import Image
from lessons_lib.scenes.standard_sets import standard_set

Denoise = Callable[[Image, float], Image]

# As in the lessons' scoreboard, where a step of contrast / sigma 8 stays within [0, 1].
EDGE_SIGMA, EDGE_RATIOS, EDGE_DRAWS = 0.05, (8, 4, 2, 1), 24


@lru_cache(maxsize=2)
def pictures(name: str, folder: str) -> tuple[Image, ...]:
    """Clean images of a standard set, float64 in [0, 1]."""
    return tuple(standard_set(name, folder).values())


def noisy_copy(clean: Image, level: int) -> Image:
    """Add white Gaussian noise of level / 255, from seed 0; neither clipped nor rounded.

    Returns
    -------
    ndarray
        float32, same shape.
    """
    noise = np.random.default_rng(0).standard_normal(clean.shape)
    return (clean + level / 255 * noise).astype(np.float32)


def fidelity(denoise: Denoise, images: Sequence[Image], level: int) -> dict[str, float]:
    """Mean PSNR (dB) and mean SSIM of the estimates, clipped to [0, 1]."""
    scores = []
    for clean in images:
        estimate = np.clip(denoise(noisy_copy(clean, level), level / 255), 0, 1)
        scores.append((psnr(clean, estimate), ssim(clean, estimate)))
    means = np.mean(scores, axis=0)
    return {"psnr": round(float(means[0]), 4), "ssim": round(float(means[1]), 5)}


def seconds_per_megapixel(
    denoisers: dict[str, Denoise],
    images: Sequence[Image],
    level: int,
    rounds: int = 5,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Processor seconds per million pixels: each method's median over the rounds.

    The methods take turns on every image, so that whatever else the machine does slows all
    of them alike, and the ratio of two medians is steadier than either. One image is
    denoised by each before the first round: libraries are loaded then, caches filled.
    """
    copies = [noisy_copy(clean, level) for clean in images]
    for denoise in denoisers.values():
        denoise(copies[0], level / 255)
    seconds: dict[str, list[float]] = {name: [] for name in denoisers}
    for _ in range(rounds):
        spent = dict.fromkeys(denoisers, 0.0)
        for noisy in copies:
            for name, denoise in denoisers.items():
                start = clock()
                denoise(noisy, level / 255)
                spent[name] += clock() - start
        for name, total in spent.items():
            seconds[name].append(total)
    megapixels = sum(noisy.size for noisy in copies) / 1e6
    return {name: statistics.median(times) / megapixels for name, times in seconds.items()}


def threads_seconds(
    one: Denoise, two: Denoise, images: Sequence[Image], level: int, rounds: int = 3
) -> dict[str, float]:
    """Seconds per megapixel that one passes waiting, with one thread and with two, in turns."""
    clocks = {"one": one, "two": two}
    megapixels = sum(image.size for image in images) / 1e6
    copies = [noisy_copy(clean, level) for clean in images]
    seconds: dict[str, list[float]] = {name: [] for name in clocks}
    for denoise in clocks.values():
        denoise(copies[0], level / 255)
    for _ in range(rounds):
        for name, denoise in clocks.items():
            start = time.perf_counter()
            for noisy in copies:
                denoise(noisy, level / 255)
            seconds[name].append((time.perf_counter() - start) / megapixels)
    return {name: statistics.median(times) for name, times in seconds.items()}


def edge_widths(denoise: Denoise) -> dict[str, list[float | None]]:
    """10-90 % widths (px) of an edge at contrast / sigma 8, 4, 2 and 1.

    Returns
    -------
    dict
        'mean': of the mean of 24 estimates, None where no edge is left; 'single': the
        median of single estimates.
    """
    points: Iterator = blur_curve(
        denoise, sigma=EDGE_SIGMA, ratios=EDGE_RATIOS, draws=EDGE_DRAWS
    )
    pairs = [(point.width, point.width_per_draw) for point in points]
    mean, single = zip(*pairs, strict=True)
    return {"mean": [_finite(width) for width in mean], "single": [_finite(w) for w in single]}


def _finite(width: float) -> float | None:
    # JSON knows no infinity.
    return round(float(width), 3) if np.isfinite(width) else None
