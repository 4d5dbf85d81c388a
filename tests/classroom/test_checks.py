"""The instant check's four outcomes, and that it never stops a lesson."""

import pytest

from lessons_lib.classroom.checks import Hint, expect, instant_check


@instant_check
def check_double(answer):
    """A check for a function that doubles."""
    expect(answer(3) != 3, "the answer is the input itself")
    if answer(3) != 6:
        raise Hint("try 3 by hand")
    return "2 x 3 is 6."


def unfinished(_value):
    raise NotImplementedError


def broken(value):
    return value / 0


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (lambda value: 2 * value, "passed", "2 x 3 is 6."),
        (lambda value: value, "hint", "input itself"),
        (lambda value: value + 1, "hint", "by hand"),
        (unfinished, "open", "NotImplementedError"),
        (broken, "error", "ZeroDivisionError"),
    ],
)
def test_every_outcome_is_a_message(answer, status, words):
    result = check_double(answer)
    assert result.status == status
    assert words in result.message
    assert result._LOOKS[status][0] in repr(result)


def test_the_box_is_safe_and_spoken():
    box = check_double(lambda value: "<script>")._repr_html_()
    assert 'role="status"' in box and "<script>" not in box


def test_passed_never_says_correct():
    assert "correct" not in repr(check_double(lambda value: 2 * value)).lower()
