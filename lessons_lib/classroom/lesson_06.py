"""Instant checks of lesson 06; those on pictures are in the module beside.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_06_pictures import (
    check_hide,
    check_neighbour_correlation,
    check_read_row,
)

__all__ = [
    "check_best_answer",
    "check_hedge",
    "check_hide",
    "check_neighbour_correlation",
    "check_read_row",
]

_SEED = 60_606


def _posterior(
    points: np.ndarray, chances: np.ndarray, noisy: np.ndarray, width: float
) -> np.ndarray:
    """Chances after seeing ``noisy``, for exp(-|noisy - point|^2 / width)."""
    distance = np.sum((noisy - points) ** 2, axis=1)
    distance = distance - distance[chances > 0].min()
    weights = np.where(chances > 0, chances * np.exp(-np.maximum(distance, 0) / width), 0.0)
    return weights / weights.sum()


@instant_check
def check_hedge(hedge: Callable) -> str:
    """Exercise 1: random points and chances, weak and strong noise, one long signal."""
    rng = np.random.default_rng(_SEED)
    for count, length, sigma in ((5, 3, 0.6), (4, 6, 1.5), (7, 2, 0.3), (9, 2000, 0.1)):
        points = rng.integers(0, 3, (count, length)) + rng.random((count, length))
        chances = rng.random(count) ** 2
        chances[1] = 0.0
        chances /= chances.sum()
        truth = points[rng.choice(count, p=chances)]
        noisy = truth + sigma * rng.standard_normal(length)
        given = points.copy(), chances.copy(), noisy.copy()
        with np.errstate(all="ignore"):
            answer = np.asarray(hedge(*given, sigma), dtype=float)
        same = (np.array_equal(a, b) for a, b in zip(given, (points, chances, noisy), strict=True))
        expect(all(same), "Your function changes its inputs; leave them as they were.")
        expect(
            answer.shape == (length,),
            f"Return one value per sample, shape {(length,)}; got {answer.shape}.",
        )
        _judge_hedge(answer, points, chances, noisy, sigma)
    far = np.repeat([[0.0], [1.0]], 2000, axis=1)  # the nearest point is impossible
    with np.errstate(all="ignore"):
        answer = np.asarray(hedge(far, np.array([0.0, 1.0]), far[0].copy(), 0.1), dtype=float)
    expect(
        np.allclose(answer, 1.0),
        "A point of chance 0 lies nearest to the signal, and all others become 0 beside it. Take "
        "off the largest exponent of the *possible* points.",
    )
    return "No answer has a smaller mean squared error."


def _judge_hedge(
    answer: np.ndarray, points: np.ndarray, chances: np.ndarray, noisy: np.ndarray, sigma: float
) -> None:
    """Raise the hint that fits what is wrong with a posterior mean."""
    expect(
        bool(np.isfinite(answer).all()),
        "Your estimate is NaN or infinite. For a long signal every exp(...) is 0 in a computer: "
        "take the largest exponent off all of them first; the quotient stays the same.",
    )
    width = 2 * sigma**2
    right = _posterior(points, chances, noisy, width) @ points
    even = np.full(len(chances), 1 / len(chances))
    after = _posterior(points, chances, noisy, width)
    match = np.exp(-np.sum((noisy - points) ** 2, axis=1) / width) * chances
    wrong = {
        "The points are not equally likely: where are the chances?": _posterior(
            points, even, noisy, width
        )
        @ points,
        "That forgets the noisy signal: it is the mean before anything was seen.": chances
        @ points,
        "The exponent is the squared distance over *twice* sigma squared.": _posterior(
            points, chances, noisy, sigma**2
        )
        @ points,
        "The exponent is divided by 2 sigma squared, not by 2 sigma.": _posterior(
            points, chances, noisy, 2 * sigma
        )
        @ points,
        "That is the most probable point (MAP). The mean of *all* points is asked for, each "
        "with its probability.": points[after.argmax()],
        "That is the nearest point. The mean of *all* points is asked for, each with its "
        "probability.": points[np.sum((noisy - points) ** 2, axis=1).argmin()],
        "The probabilities have to sum to 1: divide by their sum.": match @ points,
    }
    for hint, other in wrong.items():
        expect(not np.allclose(answer, other) or np.allclose(other, right), hint)
    expect(
        np.allclose(answer, right, rtol=1e-6, atol=1e-9),
        "Not the posterior mean. Give each point the weight chance * exp(-|y - point|² / "
        "(2 sigma²)), divide the weights by their sum, and take the mean of the points.",
    )


@instant_check
def check_best_answer(best_answer: Callable) -> str:
    """Exercise 2: lopsided chances in random order, so that mean, median and mode differ."""
    rng = np.random.default_rng(_SEED)
    for count in (4, 5, 9):
        values = rng.permutation(np.cumsum(0.3 + rng.random(count)) ** 2)
        chances = rng.random(count) ** 3 + 0.02
        chances /= chances.sum()
        found = {}
        for loss in ("squared", "absolute", "hit"):
            answer = best_answer(values.copy(), chances.copy(), loss)
            single = np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number))
            expect(single, f"Return one number for {loss!r}; got {type(answer).__name__}.")
            found[loss] = float(answer)
        _judge_answers(found, values, chances)
    return "Three losses, three answers: none of them is 'the truth'."


def _cost(answer: float, values: np.ndarray, chances: np.ndarray, loss: str) -> float:
    """What an answer costs on average."""
    losses = {
        "squared": (values - answer) ** 2,
        "absolute": np.abs(values - answer),
        "hit": 1.0 - np.isclose(values, answer),
    }
    return float(chances @ losses[loss])


def _judge_answers(found: dict[str, float], values: np.ndarray, chances: np.ndarray) -> None:
    """Raise the hint that fits a wrong best answer."""
    mean, order = chances @ values, np.argsort(values)
    median = values[order][np.searchsorted(np.cumsum(chances[order]), 0.5)]
    squared, absolute, hit = found["squared"], found["absolute"], found["hit"]
    expect(
        not np.isclose(squared, values.mean()) or np.isclose(mean, values.mean()),
        "'squared': the values are not equally probable; weigh them with their chances.",
    )
    expect(
        np.isclose(squared, mean),
        "'squared': set the derivative of sum chances (values - a)² by a to 0.",
    )
    expect(
        not np.isclose(absolute, mean),
        "'absolute': that is the mean again. Ask when a step to the right costs as much as it "
        "saves.",
    )
    expect(
        not np.isclose(absolute, np.median(values)) or np.isclose(median, np.median(values)),
        "'absolute': that is the middle of the list of values; go by their chances.",
    )
    unsorted = values[np.searchsorted(np.cumsum(chances), 0.5)]
    expect(
        not np.isclose(absolute, unsorted) or np.isclose(median, unsorted),
        "'absolute': the values do not come in order. Sort them, and their chances with them.",
    )
    best = _cost(median, values, chances, "absolute")
    expect(
        _cost(absolute, values, chances, "absolute") <= best + 1e-9,
        "'absolute': there is a better answer: at least half of the probability must lie at or "
        "below it, and at least half at or above.",
    )
    expect(
        not np.isclose(hit, values.max()) or np.isclose(values.max(), values[chances.argmax()]),
        "'hit': that is the largest value; the most probable one is asked for.",
    )
    expect(
        _cost(hit, values, chances, "hit") <= 1 - chances.max() + 1e-9,
        "'hit': only an exact hit counts, so which single value is right most often?",
    )
