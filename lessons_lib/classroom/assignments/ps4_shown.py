"""What PS4 shows of a learner's answers: how wide a ramp is, and what a sharp answer costs."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure
from scipy.ndimage import gaussian_filter1d

from lessons_lib.display.figures import Line, draw_lines, new_figure


def rise_width(signal: np.ndarray, contrast: float) -> float:
    """Samples between 10 and 90 per cent of the way up, read off between samples."""
    share = signal / contrast
    first = [int(np.argmax(share >= level)) for level in (0.1, 0.9)]
    low, high = (
        k - 1 + (level - share[k - 1]) / (share[k] - share[k - 1])
        for k, level in zip(first, (0.1, 0.9), strict=True)
    )
    return float(high - low)


def measure_ramps(
    ramp: Callable, contrast: float, rng: np.random.Generator, count: int = 100
) -> tuple[float, float, float]:
    """Measure best answers to a step in noise of sigma 1.

    Returns
    -------
    (float, float, float)
        Mean 10-90 % width of single answers, that after a Gaussian of 2 samples, and the squared
        error of the sharp answer (the median) over that of the best one.
    """
    length = int(64 + 800 / contrast**2)
    clean = np.where(np.arange(length) >= length // 2, contrast, 0.0)
    widths, errors = [], []
    for _ in range(count):
        best = ramp(clean + rng.standard_normal(length), 1.0, 0.0, contrast)
        sharp = np.where(best > contrast / 2, contrast, 0.0)
        widths.append(rise_width(best, contrast))
        errors.append([np.sum((one - clean) ** 2) for one in (best, sharp)])
    least, price = np.sum(errors, axis=0)
    blind = rise_width(gaussian_filter1d(clean, 2.0), contrast)
    return float(np.mean(widths)), blind, float(price / least)


def ramp_figure(ramp: Callable, ratios: np.ndarray, widths: np.ndarray) -> Figure:
    """One noisy step with its answers, and the widths against contrast / sigma."""
    figure, axes = new_figure(2, width=11, height=3.4, alt=(
        "Left: a step of contrast 1 in noise of 1, its best answer, a ramp over some nine "
        "samples, and the sharp answer. Right: width against contrast over sigma on two "
        "logarithmic axes: the ramp's falls along a line of slope minus 2, the Gaussian's is "
        "level."))  # fmt: skip
    clean = np.where(np.arange(80) >= 40, 1.0, 0.0)
    noisy = clean + np.random.default_rng(27).standard_normal(80)
    best = ramp(noisy, 1.0, 0.0, 1.0)
    sharp = np.where(best > 0.5, 1.0, 0.0)
    lines = [Line("noisy", range(80), noisy, "points"), Line("best answer", range(80), best)]
    draw_lines(axes[0, 0], [*lines, Line("sharp answer", range(80), sharp)],
               x_label="sample", y_label="value", title="contrast/σ = 1")  # fmt: skip
    axes[0, 0].set_xlim(20, 60)
    names = "best answer", "Gaussian"
    lines = [Line(name, ratios, one, "both") for name, one in zip(names, widths.T, strict=False)]
    draw_lines(axes[0, 1], lines, x_label="contrast / σ", y_label="10-90 % width [samples]",
               log_x=True, log_y=True)  # fmt: skip
    axes[0, 1].set_xticks(ratios, [f"{ratio:g}" for ratio in ratios])
    axes[0, 1].minorticks_off()
    return figure
