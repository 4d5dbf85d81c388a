"""The model cards say what the files say."""

import model_cards
import pytest

from lessons_lib.learning import weights
from lessons_lib.learning.committed import NETWORKS


def test_the_cards_are_those_of_the_committed_files():
    assert model_cards.CARDS.read_text(encoding="utf-8") == model_cards.cards(), (
        "run: python tools/model_cards.py"
    )


@pytest.mark.parametrize("name", weights.table())
def test_each_network_was_trained_by_its_plan(name):
    plan = NETWORKS[name].plan
    made = model_cards.header(weights.FOLDER / f"{name}.safetensors")
    assert made["name"] == name and made["steps done"] == plan.steps
    assert made["plan"]["seed"] == plan.seed and made["plan"]["steps"] == plan.steps
    assert made["plan"]["recipe_name"] == type(plan.recipe).__name__
    assert weights.load(name).shape == plan.shape


def test_a_score_is_only_shown_with_the_file_that_it_was_measured_with():
    assert model_cards.scores("grey", "0" * 64) == "not measured yet"
    assert model_cards.scores("colour", "0" * 64) == "not measured yet"
