"""How an assignment's questions are judged: one judge, in public on one seed, hidden on others.

A judge takes an answer, which is the learner's function, and a random generator. It makes its
own cases with that generator, checks properties of what the function returns, and raises
:class:`~lessons_lib.classroom.checks.Hint` with the first one that does not hold. Since each
seed makes other cases, an answer that was copied or hard-coded passes on the public seed only.
"""

import os
from collections.abc import Callable
from importlib import import_module

import numpy as np

from lessons_lib.classroom.checks import Hint

Judge = Callable[[Callable, np.random.Generator], None]
ASSIGNMENTS = ("ps1", "ps2", "ps3", "ps4", "ps5", "capstone")
PUBLIC_SEED = 2026
SEED_VARIABLE = "WHY_EDGES_BLUR_CLASS_SEED"
HIDDEN_ROUNDS = 2
"""How many times the hidden checks repeat each judge, with different cases each time."""


def questions(assignment: str) -> dict[str, Judge]:
    """Name of each graded function of an assignment, and its judge.

    Raises
    ------
    ValueError
        If there is no such assignment.
    """
    if assignment not in ASSIGNMENTS:
        raise ValueError(f"assignment must be one of {', '.join(ASSIGNMENTS)}, got {assignment!r}")
    return import_module(f"lessons_lib.classroom.assignments.{assignment}").QUESTIONS


def judge_of(assignment: str, name: str) -> Judge:
    """Return the judge of one question.

    Raises
    ------
    ValueError
        If the assignment has no question of that name.
    """
    known = questions(assignment)
    if name not in known:
        raise ValueError(f"{assignment} asks for {', '.join(known)}; not for {name!r}")
    return known[name]


def public_check(assignment: str, name: str, answer: Callable) -> None:
    """Judge an answer on the public seed, and say what is wrong with it.

    Raises
    ------
    AssertionError
        With a hint, or with the words that the question is open.
    """
    judge = judge_of(assignment, name)
    try:
        judge(answer, np.random.default_rng([PUBLIC_SEED, _number_of(name)]))
    except Hint as hint:
        raise AssertionError(f"{name}: {hint}") from None
    except NotImplementedError:
        raise AssertionError(
            f"{name} is not answered yet: replace the line that raises NotImplementedError."
        ) from None
    print(f"{name}: public checks passed. Hidden ones, with other cases, follow in grading.")


def hidden_check(
    assignment: str, name: str, answer: Callable, class_seed: int | None = None
) -> None:
    """Judge an answer on the class's own seed; the failure names no value and no property.

    Parameters
    ----------
    assignment, name : str
        Which question.
    answer : callable
        The learner's function.
    class_seed : int, optional
        Taken from the environment (WHY_EDGES_BLUR_CLASS_SEED) if not given.

    Raises
    ------
    AssertionError
        If a property does not hold or the answer raises.
    RuntimeError
        If no class seed is set.
    """
    judge, seed = judge_of(assignment, name), read_class_seed(class_seed)
    for each in range(HIDDEN_ROUNDS):
        try:
            judge(answer, np.random.default_rng([seed, _number_of(name), each]))
        except Exception:  # whatever it is, its text may hold a value of the hidden cases
            raise AssertionError(
                f"{name}: a hidden check failed. It asks for the same properties as the public "
                "checks, on cases that you have not seen."
            ) from None


def read_class_seed(given: int | None = None) -> int:
    """Return the class seed, a whole number of at least 0, from here or from the environment."""
    text = os.environ.get(SEED_VARIABLE, "") if given is None else str(given)
    if not text.isdigit():
        raise RuntimeError(
            f"the class seed must be a whole number of at least 0, got {text!r}; the instructor "
            f"sets it in {SEED_VARIABLE}"
        )
    return int(text)


def _number_of(name: str) -> int:
    """Turn a question's name into a number, so that no two questions share their cases."""
    return int.from_bytes(name.encode(), "big") % (2**61 - 1)
