"""Instant check of lesson 08 on several draws, and how its answers are read and judged."""

from collections.abc import Callable, Mapping

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check

_SEED = 80_818


def read_array(answer: object, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Return the answer as an array of the right shape, or hint at what is wrong with it."""
    expect(
        isinstance(answer, (np.ndarray, float, np.floating)),
        f"Return {what} as an array; got {type(answer).__name__}.",
    )
    array = np.asarray(answer, dtype=float)
    expect(array.shape == shape, f"{what} must have the shape {shape}; got {array.shape}.")
    expect(bool(np.isfinite(array).all()), f"{what} is NaN or infinite: a division by zero?")
    return array


def judge_array(answer: np.ndarray, right: np.ndarray, wrong: Mapping[str, np.ndarray], hint: str):
    """Raise the hint of the first wrong answer that this one is, or ``hint`` if none fits."""
    for words, other in wrong.items():
        expect(np.allclose(other, right) or not np.allclose(answer, other), words)
    expect(np.allclose(answer, right, rtol=1e-6, atol=1e-9), hint)


@instant_check
def check_disputed(disputed: Callable) -> str:
    """Exercise 5: few draws, and a pixel that lies just at the limit."""
    rng = np.random.default_rng(_SEED)
    # Of two equal draws the spread is exactly 0, whatever formula one takes.
    tie = np.stack([np.zeros((3, 3)), 2.0 * np.eye(3)])
    for draws in (rng.random((4, 5, 7)), rng.random((7, 9, 4)), tie):
        shape, right = draws.shape[1:], draws.std(axis=0, ddof=1)
        limit = float(np.sort(right.ravel())[right.size // 2 - 1 :][:2].mean())
        answer = disputed(draws.copy(), limit)
        expect(
            isinstance(answer, (tuple, list)) and len(answer) == 2,
            "Return two pictures: the spread, and where it is above the limit.",
        )
        spread = read_array(answer[0], shape, "the spread")
        mean = draws.mean(axis=0)
        wrong = {
            "Divide by N - 1, not by N: with few draws it matters.": draws.std(axis=0),
            "That is the variance; take the root.": draws.var(axis=0, ddof=1),
            "That is the mean of the draws, not how much they differ.": mean,
            "That is the span from the lowest to the highest draw.": np.ptp(draws, axis=0),
            "The mean absolute deviation is not the standard deviation.": np.abs(
                draws - mean
            ).mean(axis=0),
        }
        judge_array(spread, right, wrong, "Not the standard deviation over the first axis.")
        where = np.asarray(answer[1])
        expect(
            where.shape == shape and where.dtype == bool,
            f"The second must be a boolean picture {shape}; got {where.dtype} {where.shape}.",
        )
        expect(not np.array_equal(where, spread < limit), "You marked where the draws *agree*.")
        above, at_it = (np.array_equal(where, one) for one in (spread > limit, spread >= limit))
        expect(above or not at_it, "*Above* the limit: just at it is not.")
        expect(above, "Not the pixels above the limit.")
    return "Where draws differ, the network does not know."
