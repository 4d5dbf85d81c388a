"""Each exercise of lessons 05 to 11: its solution passes, a stub is open, a crash is an error."""

from importlib import import_module

import pytest
from exercises import checks_of, solutions

EXERCISES = [
    (lesson, function, check)
    for lesson in ("05", "06", "07", "08", "09", "10", "11")
    for function, check in checks_of(lesson).items()
]
every_exercise = pytest.mark.parametrize(("lesson", "function", "check"), EXERCISES)


def check_of(lesson, name):
    return getattr(import_module(f"lessons_lib.classroom.lesson_{lesson}"), name)


def test_every_lesson_has_three_to_five_exercises():
    counts = [sum(one[0] == lesson for one in EXERCISES) for lesson in {e[0] for e in EXERCISES}]
    assert len(counts) == 7 and all(3 <= count <= 5 for count in counts)


@every_exercise
def test_the_solution_in_the_lesson_passes(lesson, function, check):
    result = check_of(lesson, check)(solutions(lesson)[function])
    assert result.status == "passed", result.message


@every_exercise
def test_an_unanswered_stub_is_open(lesson, function, check):
    def stub(*arguments):
        raise NotImplementedError

    assert check_of(lesson, check)(stub).status == "open"


@every_exercise
def test_an_answer_that_crashes_is_an_error(lesson, function, check):
    def crash(*arguments):
        raise KeyError("oops")

    assert check_of(lesson, check)(crash).status == "error"
