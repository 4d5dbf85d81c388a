"""What an answer returned: of the right kind, or a hint that says what came instead.

An answer is called with copies, so that a judge's own numbers cannot be changed by it.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy

import numpy as np

from lessons_lib.classroom.checks import expect


def call(answer: Callable, *arguments: object) -> object:
    """Return the answer to copies of the arguments; hint if it changes one of them."""
    given = deepcopy(arguments)
    with np.errstate(all="ignore"):  # a NaN gets a hint of its own
        result = answer(*given)
    for before, after in zip(arguments, given, strict=True):
        expect(
            same(before, after),
            "Your function changes what it was given. Work on a copy, or make a new array.",
        )
    return result


def same(before: object, after: object) -> bool:
    """Whether two arguments hold the same; arrays value by value."""
    if isinstance(before, np.ndarray):
        nan = before.dtype.kind == "f"
        return isinstance(after, np.ndarray) and np.array_equal(before, after, equal_nan=nan)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(same, before, after))
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(same(before[k], after[k]) for k in before)
    return bool(before == after)


def is_number(answer: object) -> bool:
    """Whether it is one real number; True and False are none."""
    kinds = (int, float, np.integer, np.floating)
    zero_d = isinstance(answer, np.ndarray) and answer.ndim == 0 and answer.dtype.kind in "iuf"
    return zero_d or (isinstance(answer, kinds) and not isinstance(answer, bool))


def number(answer: object, what: str) -> float:
    """One finite number, or a hint."""
    expect(is_number(answer), f"Return one number, {what}; got {describe(answer)}.")
    value = float(answer)
    expect(
        np.isfinite(value),
        f"Your number, {what}, came out as {value}: look for a division by zero or the root of a "
        "negative number.",
    )
    return value


def numbers(answer: object, *what: str) -> tuple[float, ...]:
    """As many numbers as there are words for them, or a hint."""
    parts(answer, *what)
    return tuple(number(one, word) for one, word in zip(answer, what, strict=True))


def parts(answer: object, *what: str) -> tuple:
    """As many values as there are words for them, whatever they are, or a hint."""
    right = isinstance(answer, (tuple, list)) and len(answer) == len(what)
    if isinstance(answer, np.ndarray):
        right = answer.ndim > 0 and len(answer) == len(what)
    expect(
        right,
        f"Return {len(what)} values, in this order: {'; '.join(what)}; got {describe(answer)}.",
    )
    return tuple(answer)


def array(answer: object, shape: tuple[int, ...], what: str) -> np.ndarray:
    """A finite real array of this shape, as float64, or a hint."""
    expect(
        isinstance(answer, np.ndarray), f"Return a numpy array, {what}; got {describe(answer)}."
    )
    expect(
        answer.shape == shape, f"Return {what} with the shape {shape}; yours has {answer.shape}."
    )
    expect(
        answer.dtype.kind in "iuf",
        f"Return real numbers, {what}; yours are {answer.dtype}. Is a .real missing?",
    )
    expect(
        bool(np.isfinite(answer).all()),
        f"{what[0].upper()}{what[1:]}: some of your values are not finite (NaN or infinite).",
    )
    return answer.astype(float)


def none_of(found: object, right: object, slips: Mapping[str, object], rtol: float = 1e-6) -> None:
    """Raise the hint of the slip whose result this is; keys are hints, values its results.

    A slip that gives the right result in this case, too, is no slip here.
    """
    for hint, wrong in slips.items():
        expect(not near(found, wrong, rtol) or near(wrong, right, rtol), hint)


def near(one: object, other: object, rtol: float = 1e-6) -> bool:
    """Whether two results agree, relative to the size of the larger one."""
    first, second = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    if first.shape != second.shape or not (np.isfinite(first) & np.isfinite(second)).all():
        return False
    size = max(np.abs(first).max(initial=0), np.abs(second).max(initial=0))
    return bool(np.abs(first - second).max(initial=0) <= rtol * size)


def describe(answer: object) -> str:
    """What came, in words, without its values."""
    if isinstance(answer, np.ndarray):
        return f"an array of the shape {answer.shape}"
    if isinstance(answer, (tuple, list)):
        return f"a {type(answer).__name__} of {len(answer)}"
    return "nothing (is a return missing?)" if answer is None else f"a {type(answer).__name__}"
