"""Instant checks of lesson 10; those on agreement and on one's own answers are beside.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_10_agreement import (
    check_crossover,
    check_judge_myself,
    check_many_kappa,
)

__all__ = [
    "check_change_again",
    "check_crossover",
    "check_judge_myself",
    "check_many_kappa",
    "check_raters_needed",
]

_SEED = 101_010


@instant_check
def check_raters_needed(raters_needed: Callable) -> str:
    """Exercise 1: classes with and without a number of raters that is enough."""
    cases = [
        (0.05, 20, 0.016, 0.016, 0.218), (0.04, 50, 0.03, 0.01, 0.21), (0.1, 8, 0.02, 0.04, 0.19),
        (0.03, 40, 0.0, 0.02, 0.23), (0.05, 30, 0.02, 0.0, 0.2),
    ]  # fmt: skip
    found = [raters_needed(*case) for case in cases]
    for one in found:
        single = np.ndim(one) == 0 and isinstance(one, (int, float, np.number))
        expect(single, f"Return one number; got {type(one).__name__}.")
        expect(not np.isnan(one), "The answer is NaN: look for a division of 0 by 0.")
    right = [_raters(*case) for case in cases]
    wrong = {
        "You treat all answers as independent. Which parts of the variance do not fall with the "
        "number of answers?": [_pooled(*case) for case in cases],
        "More raters do not shrink the part of the pairs. Take it off first; only what is left "
        "may come from the raters.": [_without_pairs(*case) for case in cases],
        "You forgot v_rest: each single answer is uncertain too.": [
            _raters(*case[:4], 0.0) for case in cases
        ],
        "v_rest is divided by raters *times pairs*.": [
            _raters(*case[:4], case[4] * case[1]) for case in cases
        ],
        "`error` is a standard error; the three v are variances.": [
            _raters(np.sqrt(case[0]), *case[1:]) for case in cases
        ],
    }
    for hint, values in wrong.items():
        expect(not np.array_equal(found, values) or np.array_equal(right, values), hint)
    impossible = raters_needed(0.02, 10, 0.02, 0.02, 0.2)
    expect(
        impossible == np.inf,
        "With error 0.02 and 10 pairs of variance 0.02 the pairs alone are too uncertain; "
        f"return np.inf there, not {impossible}.",
    )
    _judge_raters(np.array(found, dtype=float), np.array(right, dtype=float))
    return "Beyond that, only more pairs help."


def _judge_raters(found: np.ndarray, right: np.ndarray) -> None:
    expect(
        not np.allclose(found, np.maximum(right - 1, 1)) or np.allclose(found, right),
        "One too few: with your number the error is still above the limit. Round up.",
    )
    expect(
        bool(np.all(found == np.round(found))), "A class has whole raters: round up."
    )
    expect(not np.allclose(found, right + 1), "One too many: is a smaller number enough?")
    expect(
        np.array_equal(found, right),
        "Not the smallest number. Set v_rater / R + v_pair / P + v_rest / (R P) equal to error², "
        "solve for R, and round up.",
    )


def _raters(error: float, pairs: int, v_rater: float, v_pair: float, v_rest: float) -> float:
    left = error**2 - v_pair / pairs
    return np.inf if left <= 0 else max(1, int(np.ceil((v_rater + v_rest / pairs) / left - 1e-9)))


def _pooled(error: float, pairs: int, v_rater: float, v_pair: float, v_rest: float) -> float:
    return max(1, int(np.ceil((v_rater + v_pair + v_rest) / (error**2 * pairs) - 1e-9)))


def _without_pairs(error: float, pairs: int, v_rater: float, _v: float, v_rest: float) -> float:
    return _raters(error, pairs, v_rater, 0.0, v_rest)


@instant_check
def check_change_again(change_again: Callable) -> str:
    """Exercise 2: tables in which only raters, only pairs, or neither differ."""
    rng = np.random.default_rng(_SEED)
    raters, pairs = 6, 9
    before = rng.random((raters, pairs))
    given = before.copy()
    values = _draws(change_again, before, before + 0.25, rng, 5)
    expect(np.array_equal(given, before), "Your function changes its tables; leave them alone.")
    expect(
        np.allclose(values, 0.25),
        "Every cell rose by 0.25 here, so each draw of the change is 0.25. Draw raters and pairs "
        "*once*, and use the same for both tables (after minus before).",
    )
    rest = np.zeros((raters, pairs))
    by_rater = rest + rng.standard_normal((raters, 1))
    by_pair = rest + rng.standard_normal((1, pairs))
    spread = {
        name: _draws(change_again, rest, table, rng, 1500).std()
        for name, table in {"rater": by_rater, "pair": by_pair}.items()
    }
    law = {
        "rater": by_rater[:, 0].std() / np.sqrt(raters),
        "pair": by_pair[0].std() / np.sqrt(pairs),
    }
    for name, cure in (("rater", "raters"), ("pair", "pairs")):
        expect(spread[name] > 0.01 * law[name], f"Your draws never draw the {cure} anew.")
    for name in law:
        # 1,500 draws know a standard deviation to 1.8 %; six of those.
        expect(
            abs(spread[name] / law[name] - 1) < 0.11,
            f"Where only the {name}s differ, your draws spread by {spread[name]:.3f} instead of "
            f"{law[name]:.3f}. Draw as many as there are, *with* replacement, whole rows and "
            "whole columns.",
        )
    return "Like with like: what both blocks share cancels."


def _draws(
    answer: Callable, before: np.ndarray, after: np.ndarray, rng: np.random.Generator, count: int
) -> np.ndarray:
    values = [answer(before, after, rng) for _ in range(count)]
    for one in values[:1]:
        single = np.ndim(one) == 0 and isinstance(one, (int, float, np.number))
        expect(single, f"Return one number, the change of the mean; got {type(one).__name__}.")
    expect(bool(np.isfinite(values).all()), "The change came out as NaN or infinite.")
    return np.array(values, dtype=float)
