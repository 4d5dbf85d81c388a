"""What the tests of PS4, PS5 and the capstone share: the model answers, replays, wrong kinds."""

import pytest
from mutants import (
    assert_accepted,
    assert_changing_the_input_gets_a_hint,
    assert_memory_is_useless,
    assert_wrong_kinds_get_a_hint,
    solutions,
)

from lessons_lib.classroom.assignments.judging import questions

ALL = [(sheet, name) for sheet in ("ps4", "ps5", "capstone") for name in sorted(questions(sheet))]
# The places on one's photo are a choice, and its answer a constant.
MEASURED = [pair for pair in ALL if pair[1] != "my_places"]
ARRAYS = [pair for pair in MEASURED if pair[1] != "record"]
CHANGEABLE = [pair for pair in MEASURED if pair[1] != "cost_and_view"]  # that one gets a tuple


@pytest.mark.parametrize(("sheet", "name"), ALL)
def test_the_model_answer_passes_in_every_class(sheet, name):
    assert_accepted(sheet, name, solutions(sheet)[name])


@pytest.mark.parametrize(("sheet", "name"), MEASURED)
def test_known_outputs_of_the_public_seed_are_useless(sheet, name):
    assert_memory_is_useless(sheet, name, solutions(sheet)[name])


@pytest.mark.parametrize(("sheet", "name"), ARRAYS)
def test_wrong_kinds_get_a_hint(sheet, name):
    assert_wrong_kinds_get_a_hint(sheet, name, solutions(sheet)[name])


@pytest.mark.parametrize(("sheet", "name"), CHANGEABLE)
def test_changing_the_input_gets_a_hint(sheet, name):
    assert_changing_the_input_gets_a_hint(sheet, name, solutions(sheet)[name])
