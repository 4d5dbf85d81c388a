"""What the tests of all assignments share: solutions, wrong answers, and how they must fare."""

import functools

import build_assignments as builder
import numpy as np
import pytest

from lessons_lib.classroom.assignments.judging import (
    PUBLIC_SEED,
    hidden_check,
    judge_of,
    public_check,
)

CLASS_SEEDS = range(20)


@functools.cache
def solutions(assignment: str) -> dict:
    """Names of the setup cell and of all model answers of an assignment's source."""
    source, names = builder.SOURCES / f"{assignment}.py", {}
    for cell in builder.read_source(source).cells:
        if builder.role(cell) in ("setup", "answer"):
            exec(compile(cell.source, str(source), "exec"), names)
    return names


def assert_accepted(assignment: str, name: str, answer) -> None:
    """An answer passes in public and with the seeds of twenty classes."""
    public_check(assignment, name, answer)
    for seed in CLASS_SEEDS:
        hidden_check(assignment, name, answer, seed)


def assert_rejected(assignment: str, name: str, answer, words: str) -> None:
    """An answer gets this hint in public, and fails the hidden check of every class."""
    with pytest.raises(AssertionError) as public:
        public_check(assignment, name, answer)
    assert words in str(public.value), str(public.value)
    for seed in CLASS_SEEDS[:3]:
        with pytest.raises(AssertionError, match="a hidden check failed"):
            hidden_check(assignment, name, answer, seed)


def assert_memory_is_useless(assignment: str, name: str, solution) -> None:
    """Someone who knows all outputs of the public seed passes there, and in no class."""
    known = []

    def record(*arguments):
        known.append(solution(*arguments))
        return known[-1]

    judge_of(assignment, name)(record, np.random.default_rng([PUBLIC_SEED, number_of(name)]))

    def replay():
        replies = iter(known * 10)
        return lambda *arguments: next(replies)

    public_check(assignment, name, replay())
    for seed in CLASS_SEEDS:
        with pytest.raises(AssertionError, match="a hidden check failed"):
            hidden_check(assignment, name, replay(), seed)


def number_of(name: str) -> int:
    """As the judging module numbers a question."""
    return int.from_bytes(name.encode(), "big") % (2**61 - 1)


def changed(reply, change):
    """Apply a change to a reply, or to the first part of a reply of several parts."""
    return (change(reply[0]), *reply[1:]) if isinstance(reply, tuple) else change(reply)


def not_a_number(reply):
    """A NaN of the same shape."""
    return np.nan * np.asarray(reply) if np.ndim(reply) else float("nan")


KINDS = {
    "none": lambda reply: None,
    "text": str,
    "list": lambda reply: reply.tolist() if np.ndim(reply) else [reply],
    "one axis more": lambda reply: np.asarray(reply)[None],
    "nan": not_a_number,
    "complex": lambda reply: np.asarray(reply) + 1j if np.ndim(reply) else complex(reply, 1),
}
KIND_HINTS = ("Return", "not finite", "came out as", "must be real")


def assert_wrong_kinds_get_a_hint(assignment: str, name: str, solution) -> None:
    """Replies of a wrong kind, and a changed input, get a hint and never crash the check."""
    for kind, change in KINDS.items():

        def wrong(*arguments, change=change):
            return changed(solution(*arguments), change)

        with pytest.raises(AssertionError) as said:
            public_check(assignment, name, wrong)
        assert any(hint in str(said.value) for hint in KIND_HINTS), (kind, str(said.value))
    assert_rejected(assignment, name, lambda *arguments: None, "Return")


def assert_changing_the_input_gets_a_hint(assignment: str, name: str, solution) -> None:
    """A right answer that writes into the first array that it was given is told so."""

    def careless(*arguments):
        reply = solution(*arguments)
        array = next(one for one in arguments if isinstance(one, np.ndarray))
        array.flat[0] += 1
        return reply

    assert_rejected(assignment, name, careless, "changes what it was given")
