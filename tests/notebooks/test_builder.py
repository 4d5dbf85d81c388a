"""The notebook builder on a small made-up lesson."""


import build_notebooks as builder
import pytest

LESSON = '''# %% [markdown]
# # A lesson
# %%
value = 1
# %% tags=["exercise"]
def double(x):
    raise NotImplementedError
# %% tags=["check"]
check(double)
# %% tags=["solution"]
def double(x):
    return 2 * x
# %%
value = 1
'''


@pytest.fixture
def lesson(tmp_path):
    path = tmp_path / "09_made_up.py"
    path.write_text(LESSON)
    return path


def test_ids_do_not_move_when_another_cell_changes(lesson):
    before = [cell.id for cell in builder.read_source(lesson).cells]
    lesson.write_text(LESSON.replace("# # A lesson", "# # Another title"))
    after = [cell.id for cell in builder.read_source(lesson).cells]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False] + [True] * 5
    assert len(set(after)) == 6, "equal cells get different ids"


def test_building_twice_gives_the_same_bytes(lesson):
    assert builder.build(lesson) == builder.build(lesson)


def test_learner_and_solved(lesson):
    source = builder.read_source(lesson)
    learner = [cell.source for cell in builder.learner_version(source).cells]
    solved = [cell.source for cell in builder.solved_version(source).cells]
    assert "raise NotImplementedError" in learner[2] and "2 * x" not in learner[2]
    assert learner[4].startswith("<details><summary>") and "return 2 * x" in learner[4]
    assert "return 2 * x" in solved[2] and len(solved) == 5


def test_an_exercise_without_a_check_is_refused(lesson):
    lesson.write_text(LESSON.replace('# %% tags=["check"]', "# %%"))
    with pytest.raises(SystemExit, match="exercise, check, solution"):
        builder.read_source(lesson)


def test_a_notebook_with_answers_is_not_overwritten(lesson, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(builder, "SOURCES", tmp_path)
    monkeypatch.setattr(builder, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(builder.sys, "argv", ["build_notebooks.py"])
    assert builder.main() == 0
    target = tmp_path / "09_made_up.ipynb"
    assert not builder.worked_in(target)
    answered = target.read_text().replace('"execution_count": null', '"execution_count": 3', 1)
    target.write_text(answered)
    assert builder.main() == 1
    assert "kept, for they were worked in: 09_made_up.ipynb" in capsys.readouterr().out
    assert target.read_text() == answered
    monkeypatch.setattr(builder.sys, "argv", ["build_notebooks.py", "--force"])
    assert builder.main() == 0 and target.read_text() != answered
