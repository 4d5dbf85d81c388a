"""Judges of PS2: an average at an edge, and lines in windows; thresholds in the module beside."""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.assignments.ps2_thresholds import (
    judge_bayes_haar,
    judge_hard_risk,
    judge_two_shifts,
)
from lessons_lib.classroom.assignments.returned import array, call, near, none_of, numbers
from lessons_lib.classroom.checks import expect

# ---------------------------------------------------------------- 1 an average at an edge

_PARTS = "bias² summed over the samples", "the variance of one sample"


def judge_edge_error(answer: Callable, rng: np.random.Generator) -> None:
    """A smooth kernel, one with negative weights, and a longer one."""
    for radius, dip in ((2, 0.0), (3, 0.3), (6, 0.0)):
        side = np.sort(rng.uniform(0.2, 1.0, radius))  # climbs towards the centre
        side[0] -= dip
        weights = np.concatenate([side, [rng.uniform(1.0, 1.4)], side[::-1]])
        given = weights / weights.sum(), rng.uniform(0.2, 0.8), rng.uniform(0.05, 0.3)
        _hint_on_edge(numbers(call(answer, *given), *_PARTS), *given)


def _hint_on_edge(
    found: tuple[float, ...], weights: np.ndarray, contrast: float, sigma: float
) -> None:
    """Raise the hint that fits a wrong bias² or variance."""
    half = weights[weights.size // 2 :]  # from the centre outwards
    beyond = np.cumsum(half[::-1])[::-1]  # beyond[k]: all weights k or more samples to the right
    bias, squares = contrast * beyond[1:], np.sum(weights**2)  # on one side of the step
    right = 2 * np.sum(bias**2)
    expect(
        abs(found[0]) > 1e-9 * right,
        "Bias²: the biases of both sides cancel. Square them before you sum.",
    )
    none_of(found[0], right, {
        "Bias²: the edge has two sides. You sum over one of them.": right / 2,
        "Bias²: that is summed without the square.": 2 * np.abs(bias).sum(),
        "Bias²: the *sum* over the samples is asked for, not their mean.": right / weights.size,
        "Bias²: the sum, not the mean over the samples that are off.": right / 2 / bias.size,
        "Bias²: an edge of twice the contrast has four times the bias².": right / contrast,
        "Bias²: where is the contrast? It enters squared.": right / contrast**2,
        "Bias²: the step stands *between* two samples; no sample is half-way.": 2 * np.sum(
            (bias - contrast * half[1:] / 2) ** 2
        ),
        "Bias²: the sample at the step is on its own side: its own weight is no mistake.": (
            2 * np.sum((contrast * beyond) ** 2)
        ),
        "Bias²: only the two samples at the step? All within reach of the kernel are off.": (
            2 * bias[0] ** 2
        ),
    })  # fmt: skip
    expect(
        near(found[0], right),
        "Bias²: not yet. Without noise, what does a sample k px left of the step get? The "
        "contrast times all weights that reach over the step. Square, sum over both sides.",
    )
    none_of(found[1], sigma**2 * squares, {
        "Variance: sigma must be squared, too.": sigma * squares,
        "Variance: that is its root, a standard deviation.": sigma * np.sqrt(squares),
        "Variance: where is the noise? It enters as sigma².": squares,
        "Variance: the weights sum to 1, their squares do not.": sigma**2,
        "Variance: divided by the number of samples holds for equal weights only.": (
            sigma**2 / weights.size
        ),
        "Variance: this is one row. Its weights' squares are summed once.": sigma**2 * squares**2,
    })  # fmt: skip
    expect(
        near(found[1], sigma**2 * squares),
        "Variance: not yet. Each sample has the variance sigma², times its weight squared.",
    )


# ---------------------------------------------------------------- 2 lines in windows


def judge_guided_row(answer: Callable, rng: np.random.Generator) -> None:
    """Steps in noise with a cleaner guide, with itself as guide, and short rows."""
    for length, radius, own in ((40, 3, False), (25, 2, False), (31, 4, True)):
        clean = np.where(np.arange(length) < length // 2 + rng.integers(-2, 3), 0.2, 0.7)
        noisy = clean + 0.1 * rng.standard_normal(length)
        guide = 1.5 - 2.0 * clean + 0.05 * rng.standard_normal(length)
        given = noisy, noisy.copy() if own else guide, radius, rng.uniform(0.005, 0.05)
        found = array(call(answer, *given), (length,), "the estimate")
        _hint_on_guided(found, *given)


def guided_row(
    noisy: np.ndarray, guide: np.ndarray, radius: int, epsilon: float, pad: str = "symmetric",
    averaged: bool = True,
) -> np.ndarray:  # fmt: skip
    """Reference: the guided filter of a row, window by window."""

    def windows(row: np.ndarray) -> np.ndarray:
        return np.lib.stride_tricks.sliding_window_view(
            np.pad(row, radius, mode=pad), 2 * radius + 1
        )

    mean_y, mean_q = windows(noisy).mean(axis=1), windows(guide).mean(axis=1)
    covariance = np.mean(windows(noisy) * windows(guide), axis=1) - mean_y * mean_q
    slope = covariance / (windows(guide).var(axis=1) + epsilon)
    level = mean_y - slope * mean_q
    if averaged:
        slope, level = windows(slope).mean(axis=1), windows(level).mean(axis=1)
    return slope * guide + level


def _hint_on_guided(
    found: np.ndarray, noisy: np.ndarray, guide: np.ndarray, radius: int, epsilon: float
) -> None:
    """Raise the hint that fits a wrong guided filter."""
    right = guided_row(noisy, guide, radius, epsilon)
    count = 2 * radius + 1
    slips = {
        "Nothing is filtered: that is the noisy row.": noisy,
        "Each sample lies in many windows: average their slopes and their levels, too.": (
            guided_row(noisy, guide, radius, epsilon, averaged=False)
        ),
        "That is guided by the noisy row itself. The guide's values carry the line.": guided_row(
            noisy, noisy, radius, epsilon
        ),
        "You filter the guide. Its lines are wanted, but fitted to the noisy row.": guided_row(
            guide, guide, radius, epsilon
        ),
        "Epsilon is added to the guide's variance as it is; it is not squared.": guided_row(
            noisy, guide, radius, epsilon**2
        ),
        "Without epsilon a flat window follows every bit of noise.": guided_row(
            noisy, guide, radius, 0.0
        ),
        "A window reaches `radius` samples to *each* side of its middle.": guided_row(
            noisy, guide, radius // 2, epsilon
        ),
        "The variance divides by the number of samples of the window, not by one less.": (
            guided_row(noisy, guide, radius, epsilon * (count - 1) / count)
        ),
        "At the ends the row is mirrored (mode='symmetric'), not padded by 0.": guided_row(
            noisy, guide, radius, epsilon, pad="constant"
        ),
        "At the ends the row is mirrored with its last sample twice (mode='symmetric').": (
            guided_row(noisy, guide, radius, epsilon, pad="reflect")
        ),
        "At the ends: mode='symmetric' mirrors; yours repeats the last sample.": guided_row(
            noisy, guide, radius, epsilon, pad="edge"
        ),
    }
    none_of(found, right, slips)
    inside = slice(2 * radius, -2 * radius)
    expect(
        not near(found[inside], right[inside]) or near(found, right),
        "Right in the middle, wrong at the ends: mirror the rows, and then the slopes and levels, "
        "by np.pad(..., radius, mode='symmetric').",
    )
    expect(
        near(found, right),
        "Not yet. In each window: slope = covariance of both / (the guide's variance + epsilon), "
        "level = mean(noisy) - slope mean(guide). Average both; then slope times guide + level.",
    )


QUESTIONS = {
    "edge_error": judge_edge_error,
    "guided_row": judge_guided_row,
    "hard_risk": judge_hard_risk,
    "bayes_haar": judge_bayes_haar,
    "two_shifts": judge_two_shifts,
}
