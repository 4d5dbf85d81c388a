"""Instant checks of lesson 07; those on truth, leak and invented edges are in the module beside.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_07_pictures import check_invented, check_truth_and_leak

__all__ = [
    "check_gram_matrix",
    "check_instance_norm",
    "check_invented",
    "check_truth_and_leak",
    "check_written",
]

_SEED = 70_707


def _array(answer: object, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Return the answer as floats, or hint which shape is wanted."""
    found = np.asarray(answer, dtype=float)
    expect(found.shape == shape, f"Return {what}, shape {shape}; got {found.shape}.")
    expect(bool(np.isfinite(found).all()), "Your answer has entries that are NaN or infinite.")
    return found


@instant_check
def check_gram_matrix(gram_matrix: Callable) -> str:
    """Exercise 1: maps of several sizes, some not square."""
    rng = np.random.default_rng(_SEED)
    for shape in ((3, 5, 7), (6, 4, 4), (2, 9, 3)):
        maps = rng.standard_normal(shape) + 0.5
        given = maps.copy()
        answer = _array(gram_matrix(given), (shape[0],) * 2, "one number for each pair of maps")
        expect(np.array_equal(given, maps), "Your function changes the maps; leave them alone.")
        _judge_gram(answer, maps)
    return "Moving all pixels about in the same way would change nothing."


def _judge_gram(answer: np.ndarray, maps: np.ndarray) -> None:
    """Raise the hint that fits a wrong Gram matrix."""
    flat = maps.reshape(len(maps), -1)
    pixels = flat.shape[1]
    right = flat @ flat.T / pixels
    wrong = {
        "That is the sum over all pixels; a Gram matrix that shall not depend on the size of the "
        "picture is a mean.": flat @ flat.T,
        "Divide by the number of pixels, not by the number of all values.": right / len(maps),
        "Do not take the means off: that is the covariance.": np.cov(flat, bias=True),
        "That is the covariance, and with n - 1.": np.cov(flat),
        "That is the correlation: the sizes of the maps count, too.": np.corrcoef(flat),
        "That is the product of the means, not the mean of the products.": np.outer(
            flat.mean(axis=1), flat.mean(axis=1)
        ),
    }
    for hint, other in wrong.items():
        expect(not np.allclose(answer, other), hint)
    expect(
        np.allclose(answer, right),
        "Not the Gram matrix: entry (k, l) is the mean over all pixels of map k times map l.",
    )


@instant_check
def check_instance_norm(instance_norm: Callable) -> str:
    """Exercise 2: bright, dark, strong and weak maps, and one without any contrast."""
    rng = np.random.default_rng(_SEED)
    for shape in ((3, 6, 8), (5, 7, 4)):
        # For the weakest map the 1e-5, and where it stands, count.
        scale = np.resize([1e-3, 3e-3, 1.0, 100.0], shape[0])[:, None, None]
        maps = scale * (rng.standard_normal(shape) + 3)
        given = maps.copy()
        answer = _array(instance_norm(given), shape, "maps of the same shape")
        expect(np.array_equal(given, maps), "Your function changes the maps; work on a copy.")
        _judge_norm(answer, maps)
    _judge_flat(instance_norm)
    return "a x + b goes in, and nobody can tell."


def _judge_flat(instance_norm: Callable) -> None:
    """Raise a hint if a map of one value does not become 0."""
    with np.errstate(all="ignore"):
        flat = np.asarray(instance_norm(np.full((2, 4, 4), 7.0)), dtype=float)
    expect(
        bool(np.isfinite(flat).all()) and np.allclose(flat, 0),
        "A map of one value only must become 0: that is what the 1e-5 is for.",
    )


def _judge_norm(answer: np.ndarray, maps: np.ndarray) -> None:
    """Raise the hint that fits a wrong instance norm."""
    axes = (1, 2)
    centred = maps - maps.mean(axis=axes, keepdims=True)
    right = centred / np.sqrt(maps.var(axis=axes, keepdims=True) + 1e-5)
    deviation = maps.std(axis=axes, keepdims=True)
    wrong = {
        "The 1e-5 is added to the variance, under the root, not to the standard deviation.": (
            centred / (deviation + 1e-5)
        ),
        "The 1e-5 is missing; for a weak map it counts.": centred / deviation,
        "You divide by n - 1 (ddof=1); the variance here is a mean over all n pixels.": centred
        / np.sqrt(maps.var(axis=axes, keepdims=True, ddof=1) + 1e-5),
        "Each map has a mean and a standard deviation of its own; you used those of all maps "
        "together.": (maps - maps.mean()) / maps.std(),
        "You divide by the variance; its root is asked for.": centred
        / (maps.var(axis=axes, keepdims=True) + 1e-5),
        "The mean is still there: take it off first.": maps / deviation,
        "The contrast is still there: divide by the standard deviation.": centred,
        "You normalise each pixel over the maps; go over the pixels of each map.": (
            maps - maps.mean(axis=0)
        )
        / np.sqrt(maps.var(axis=0) + 1e-5),
    }
    for hint, other in wrong.items():
        expect(not np.allclose(answer, other, rtol=1e-4), hint)
    expect(
        np.allclose(answer, right, rtol=1e-4, atol=1e-6),
        "Not the instance norm: (map - its mean) / sqrt(its variance + 1e-5), map by map.",
    )


@instant_check
def check_written(written: Callable) -> str:
    """Exercise 3: strides that divide the filter's side, and some that do not."""
    cases = [(5, 3, 2), (4, 4, 2), (6, 5, 3), (3, 2, 4), (1, 7, 2), (7, 3, 1)]
    for length, side, stride in cases:
        shape = ((length - 1) * stride + side,)
        answer = _array(written(length, side, stride), shape, "a count for each output sample")
        right = _written(length, side, stride)
        expect(
            not np.array_equal(answer, np.full(shape, side / stride)),
            "On average, yes. But count sample by sample.",
        )
        expect(
            answer.sum() == length * side,
            f"All filters together write {length} x {side} times; your counts sum to "
            f"{answer.sum():g}.",
        )
        expect(
            np.array_equal(answer, right),
            "Not these counts: input sample i writes to i * stride, i * stride + 1, ... "
            "i * stride + side - 1.",
        )
    return "Even where the stride divides the side, uneven where it does not."


def _written(length: int, side: int, stride: int) -> np.ndarray:
    """How often each output sample of a 1-D transposed convolution is written."""
    counts = np.zeros((length - 1) * stride + side)
    for start in range(0, length * stride, stride):
        counts[start : start + side] += 1
    return counts
