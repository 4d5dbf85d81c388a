"""Judges of PS5: what is known of a drowned signal, what a draw costs, and who says it is better.

The questions about textures and raters are judged in the module beside.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.assignments.ps5_judging import judge_preference, judge_sliced_distance
from lessons_lib.classroom.assignments.returned import (
    array,
    call,
    near,
    none_of,
    numbers,
    parts,
)
from lessons_lib.classroom.checks import expect

_STEP = "the mean", "the variance"
_ERRORS = "the best answer's", "a draw's", "a mean of draws'", "the most probable point's"


def _world(rng: np.random.Generator, count: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Points and their chances; one chance is 0."""
    points = rng.integers(0, 3, (count, length)) + 0.5 * rng.random((count, length))
    chances = rng.random(count) ** 2 + 0.05
    chances[int(rng.integers(count))] = 0.0
    return points, chances / chances.sum()


def _after(noisy: np.ndarray, width: float, points: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Chance of each point for each signal, for exp(-|noisy - point|^2 / width): (m, k)."""
    distance = np.sum((noisy[:, None] - points) ** 2, axis=2)
    nearest = distance[:, chances > 0].min(axis=1, keepdims=True)
    fit = np.exp(-np.maximum(distance - nearest, 0) / width)
    weights = np.where(chances > 0, chances * fit, 0)
    return weights / weights.sum(axis=1, keepdims=True)


def _moments(after: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of the points, for each row of chances."""
    mean = after @ points
    away = (points - mean[:, None]) ** 2  # (m, k, n)
    return mean, np.einsum("mk,mkn->mn", after, away)


# -- 1


def judge_mean_and_doubt(answer: Callable, rng: np.random.Generator) -> None:
    """Few and many points, one impossible; weak noise over a long signal, where exp gives 0."""
    words = "the mean", "the doubt"
    for count, length, sigma in ((6, 4, 0.7), (9, 3, 1.4), (5, 1500, 0.25)):
        points, chances = _world(rng, count, length)
        truth = points[rng.choice(count, 7, p=chances)]
        noisy = truth + sigma * rng.standard_normal(truth.shape)
        if length > 1000:
            noisy[0] = points[chances == 0][0]  # an impossible point is nearest of all
        given = parts(call(answer, noisy, sigma, points, chances), *words)
        mean, doubt = (
            array(one, noisy.shape, word) for one, word in zip(given, words, strict=True)
        )
        _judge_mean(mean, noisy, sigma, points, chances)
        _judge_doubt(doubt, noisy, sigma, points, chances)


def _judge_mean(
    mean: np.ndarray, noisy: np.ndarray, sigma: float, points: np.ndarray, chances: np.ndarray
) -> None:
    """Raise the hint that fits a wrong posterior mean."""
    width, even = 2 * sigma**2, np.full(len(chances), 1 / len(chances))
    after = _after(noisy, width, points, chances)
    slips = {
        "Mean: the points are not equally likely; where are the chances?":
            _after(noisy, width, points, even) @ points,
        "Mean: the exponent has *twice* sigma squared below.":
            _after(noisy, width / 2, points, chances) @ points,
        "Mean: the exponent has 2 sigma² below, not 2 sigma.":
            _after(noisy, 2 * sigma, points, chances) @ points,
        "Mean: that is the most probable point, not the mean of all.":
            points[after.argmax(axis=1)],
        "Mean: that is the noisy signal.": noisy,
        "Mean: that forgets what was seen.": np.tile(chances @ points, (len(noisy), 1)),
    }  # fmt: skip
    none_of(mean, after @ points, slips)
    expect(
        near(mean, after @ points),
        "The mean is not right. Does each *row* of probabilities sum to 1, and has a point of "
        "chance 0 no weight, even if it lies nearest?",
    )


def _judge_doubt(
    doubt: np.ndarray, noisy: np.ndarray, sigma: float, points: np.ndarray, chances: np.ndarray
) -> None:
    """Raise the hint that fits a wrong posterior standard deviation."""
    after = _after(noisy, 2 * sigma**2, points, chances)
    mean, variance = _moments(after, points)
    before = np.sqrt(chances @ (points - chances @ points) ** 2)
    slips = {
        "Doubt: that is the variance. A standard deviation is its root.": variance,
        "Doubt: subtract the square of the mean.": np.sqrt(after @ points**2),
        "Doubt: that is the spread before anything was seen.": np.tile(before, (len(noisy), 1)),
        "Doubt: that is how far the noisy signal lies from the mean.": np.abs(noisy - mean),
        "Doubt: that is the noise's sigma.": np.full_like(noisy, sigma),
    }
    none_of(doubt, np.sqrt(variance), slips)
    # The difference of two means of squares is rounded; its root to about 1e-7.
    expect(
        bool(np.abs(doubt - np.sqrt(variance)).max() < 1e-5),
        "The doubt is not right: the root of the posterior mean of (point - mean)², sample by "
        "sample.",
    )


# -- 2


def judge_step_law(answer: Callable, rng: np.random.Generator) -> None:
    """Single states, far and near levels, with points that are still in doubt."""
    for count, length, there in ((5, 4, 0.6), (7, 3, 0.25), (4, 6, 0.9)):
        points, chances = _world(rng, count, length)
        here = float(rng.uniform(0.95, 1.5))
        x = points[rng.choice(count, p=chances)] + here * rng.standard_normal(length)
        given = parts(call(answer, x, here, there, points, chances), *_STEP)
        mean, variance = (
            array(one, x.shape, word) for one, word in zip(given, _STEP, strict=True)
        )
        (guess, doubt), (early, early_doubt) = (
            _moments(_after(x[None], 2 * level**2, points, chances), points)
            for level in (here, there)
        )
        kept = (there / here) ** 2
        _judge_step_mean(mean, x, kept, guess[0], early[0])
        _judge_variance(variance, there**2 * (1 - kept), kept, doubt[0], early_doubt[0])


def _judge_step_mean(
    mean: np.ndarray, x: np.ndarray, kept: float, guess: np.ndarray, early: np.ndarray
) -> None:
    """Raise the hint that fits a wrong mean of a step."""
    right = guess + kept * (x - guess)
    slips = {
        "Mean: that is an Euler step; the share of x - x_k that stays is (t/h)².":
            guess + np.sqrt(kept) * (x - guess),
        "Mean: that is only the guess; some of x - x_k stays.": guess,
        "Mean: what is known of x_k is known at the level `here`, not `there`.":
            early + kept * (x - early),
        "Mean: the other way round: (t/h)² of x stays, the rest is the point.":
            x + kept * (guess - x),
    }  # fmt: skip
    none_of(mean, right, slips)
    expect(near(mean, right), "The mean is not right: put the mean of x_k into the step.")


def _judge_variance(
    variance: np.ndarray, fresh: float, kept: float, doubt: np.ndarray, early: np.ndarray
) -> None:
    """Raise the hint that fits a wrong variance of a step; both doubts are variances."""
    right, share = fresh + (1 - kept) ** 2 * doubt, (1 - kept) ** 2
    slips = {
        "Variance: that is the fresh noise alone, as if the guess were the truth. x_k is not "
        "known, and varies, too.": np.full_like(right, fresh),
        "Variance: that is the doubt alone; the fresh noise varies as well.": share * doubt,
        "Variance: that is a standard deviation.": np.sqrt(right),
        "Variance: how much of x_k is in the step? Its factor enters with its square.":
            fresh + (1 - kept) * doubt,
        "Variance: x_k is in the step twice, once with the factor (t/h)² taken off.":
            fresh + doubt,
        "Variance: the doubt's *variance* adds up, not its standard deviation.":
            fresh + share * np.sqrt(doubt),
        "Variance: standard deviations do not add up.":
            (np.sqrt(fresh) + (1 - kept) * np.sqrt(doubt)) ** 2,
        "Variance: the fresh noise has the standard deviation t √(1 - (t/h)²).":
            np.sqrt(fresh) + share * doubt,
        "Variance: the doubt is that at the level `here`, not `there`.": fresh + share * early,
    }  # fmt: skip
    none_of(variance, right, slips)
    expect(
        near(variance, right),
        "The variance is not right. Two independent things vary: x_k, with the factor 1 - (t/h)² "
        "before it, and the fresh noise.",
    )


# -- 3


def judge_expected_errors(answer: Callable, rng: np.random.Generator) -> None:
    """Posteriors of several shapes; the errors as exact sums over the points."""
    for count, length, draws in ((5, 4, 3), (8, 7, 16), (4, 9, 1)):
        points = rng.random((count, length)) * 3
        chances = rng.random(count) ** 2 + 0.02
        chances /= chances.sum()
        found = numbers(call(answer, points, chances, draws), *_ERRORS)
        mean, likely = chances @ points, points[chances.argmax()]
        least, hit = (
            float(chances @ np.mean((points - one) ** 2, axis=1)) for one in (mean, likely)
        )
        right = least, 2 * least, (1 + 1 / draws) * least, hit
        even = float(np.mean(np.var(points, axis=0)))
        apart = float(np.mean((likely - mean) ** 2))
        for hint, (which, wrong) in _error_slips(least, draws, length, even, apart).items():
            none_of(found[which], right[which], {hint: wrong})
        for word, ours, yours in zip(_ERRORS, right, found, strict=True):
            expect(near(ours, yours), f"Not right in one case: {word} expected squared error.")


def _error_slips(
    least: float, draws: int, length: int, even: float, apart: float
) -> dict[str, tuple[int, float]]:
    """Hint -> (which of the four numbers, what the slip gives)."""
    return {
        "A sum over the samples? The mean over them is asked for.": (0, length * least),
        "The best answer: weigh the points by their chances.": (0, even),
        "The best answer: that is a root.": (0, np.sqrt(least)),
        "A draw varies around the mean, and so does the truth.": (1, least),
        "A draw: that is as if truth and draw moved together.": (1, 0.0),
        "Draws: the truth's own spread does not average away.": (2, least / draws),
        "Draws: only the draws' own part is divided by their number.": (2, 2 * least / draws),
        "Draws: a mean of N has 1/N of the variance, not 1/√N.": (
            2,
            (1 + 1 / np.sqrt(draws)) * least,
        ),
        "The most probable point: its distance from the mean comes on top.": (3, least),
        "The most probable point: the truth varies, too.": (3, apart),
    }


QUESTIONS = {
    "mean_and_doubt": judge_mean_and_doubt,
    "step_law": judge_step_law,
    "expected_errors": judge_expected_errors,
    "sliced_distance": judge_sliced_distance,
    "preference": judge_preference,
}
