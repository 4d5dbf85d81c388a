"""Every assignment: built from its source, gradable, and a student's way through it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import build_assignments as builder
import nbclient
import nbformat
import pytest
from traitlets.config import Config

from lessons_lib.classroom.assignments.judging import ASSIGNMENTS, SEED_VARIABLE, questions

SOURCES = sorted(builder.SOURCES.glob("*.py"))
LONGEST_CELL = 15  # lines of code in a cell that shows something
LONGEST_READ = 120  # words between two things to look at or run
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"  # what nbgrader puts in
STRICT = "import warnings; warnings.simplefilter('error')"

every_assignment = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def built(source):
    return nbformat.reads(builder.build(source)[1], as_version=4)


def student_version(notebook):
    """What nbgrader makes of a built notebook; where it is installed, a test compares them."""
    for cell in notebook.cells:
        stub = STUB if cell.cell_type == "code" else "YOUR ANSWER HERE"
        found = re.search(r"^( *)### BEGIN SOLUTION.*### END SOLUTION", cell.source, re.M | re.S)
        if found:
            lines = "\n".join(found[1] + line for line in stub.splitlines())
            cell.source = cell.source.replace(found[0], lines)
        cell.source = re.sub(
            r"### BEGIN HIDDEN TESTS.*### END HIDDEN TESTS", "", cell.source, flags=re.S
        ).rstrip("\n")
    return notebook


def execute(notebook):
    """Run all cells in a clean kernel, warnings as errors, in a folder that holds nothing else."""
    notebook.cells = [nbformat.v4.new_code_cell(STRICT), *notebook.cells]
    with TemporaryDirectory() as place:
        sockets = {} if sys.platform == "win32" else {"transport": "ipc", "ip": f"{place}/kernel"}
        nbclient.NotebookClient(
            notebook, timeout=240, resources={"metadata": {"path": place}},
            config=Config(KernelManager=sockets),
        ).execute()  # fmt: skip
    return notebook


@every_assignment
def test_the_committed_notebook_is_the_built_one(source):
    target, text = builder.build(source)
    assert target.exists(), "run: python tools/build_assignments.py"
    assert target.read_text(encoding="utf-8") == text, "run: python tools/build_assignments.py"


def test_each_notebook_has_a_source_and_each_source_is_an_assignment():
    names = {path.stem for path in SOURCES}
    assert names <= set(ASSIGNMENTS)
    assert {path.stem for path in builder.ASSIGNMENTS.glob("*/*.ipynb")} == names


@every_assignment
def test_it_asks_for_what_the_judges_judge(source):
    cells = builder.read_source(source).cells
    asked = [builder.question(cell) for cell in cells if builder.role(cell) == "answer"]
    assert asked == list(questions(source.stem)) and 4 <= len(asked) <= 6


@every_assignment
def test_its_head_tells_what_a_student_must_know(source):
    head = builder.read_source(source).cells[0].source
    for part in ("You will", "Time", "Needs", "Points", "Honesty", "Run All", "The question"):
        assert part in head, f"the head has no {part!r}"


@every_assignment
def test_points(source):
    cells = [cell.metadata.nbgrader for cell in built(source).cells if cell.metadata]
    graded = {cell["grade_id"]: cell["points"] for cell in cells if cell["grade"]}
    public = {name: value for name, value in graded.items() if name.endswith("-public")}
    hidden = {name: value for name, value in graded.items() if name.endswith("-hidden")}
    assert set(public.values()) == {1} and set(hidden.values()) <= {3, 4}
    assert 6 <= sum(graded.values()) - sum((public | hidden).values()) <= 20
    head = builder.HEAD_POINTS.search(builder.read_source(source).cells[0].source)
    assert int(head[1]) == sum(graded.values())


@every_assignment
def test_grade_ids_are_unique_and_cells_that_grade_are_locked(source):
    cells = [cell for cell in built(source).cells if cell.metadata]
    names = [cell.metadata.nbgrader["grade_id"] for cell in cells]
    assert len(set(names)) == len(names) and all(re.fullmatch(r"[\w-]+", name) for name in names)
    for cell in cells:
        about = cell.metadata.nbgrader
        assert about["locked"] != about["solution"] and about["cell_type"] == cell.cell_type
        assert about["schema_version"] == 3 and about["task"] is False


@every_assignment
def test_no_hidden_value_and_no_solution_reaches_a_student(source):
    cells = builder.read_source(source).cells
    text = "\n".join(cell.source for cell in student_version(built(source)).cells)
    assert "hidden_check(" not in text and "Points: " not in text.split("=== ")[-1]
    for mark in ("SOLUTION", "HIDDEN", "MARK SCHEME", SEED_VARIABLE):
        assert mark not in text
    for cell in cells:
        marks = {"answer": builder.SOLUTION, "written": builder.SCHEME}.get(builder.role(cell))
        if marks:
            inner = cell.source.split(marks[0])[1].split(marks[1])[0].strip()
            assert inner and inner not in text


@every_assignment
def test_cells_are_short(source):
    cells = builder.read_source(source).cells
    shown = [cell.source for cell in cells if builder.role(cell) in ("show", "demo")]
    filled = [[line for line in text.splitlines() if line.strip()] for text in shown]
    assert {lines[0]: len(lines) for lines in filled if len(lines) > LONGEST_CELL} == {}


@every_assignment
def test_no_wall_of_text(source):
    words, walls = 0, []
    for cell in builder.read_source(source).cells[1:]:
        if cell.cell_type == "code" or builder.role(cell) == "written":
            words = 0
            continue
        prose = re.sub(r"\$[^$]*\$|\|.*\||^#.*$|!\[.*?\)", " ", cell.source, flags=re.MULTILINE)
        words += len(re.findall(r"\w[\w'-]*", prose))
        if words > LONGEST_READ * 1.15:  # 'about'
            walls.append((words, cell.source[:60]))
    assert walls == []


@pytest.mark.notebook
@every_assignment
def test_the_solved_notebook_passes_all_its_checks(source, monkeypatch):
    monkeypatch.setenv(SEED_VARIABLE, "20261130")
    done = execute(built(source))
    printed = "".join(
        output.get("text", "") for cell in done.cells for output in cell.get("outputs", [])
    )
    assert printed.count("public checks passed") == len(questions(source.stem))
    assert " is open" not in printed, "a demo did not see the answers"


@pytest.mark.notebook
@every_assignment
def test_a_students_version_stops_at_the_first_public_check(source):
    notebook = student_version(built(source))
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="is not answered yet"):
        execute(notebook)
    cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader")]
    stopped = [
        cell.metadata.nbgrader.grade_id for cell in cells
        if any(output.output_type == "error" for output in cell.get("outputs", []))
    ]  # fmt: skip
    assert stopped == [f"{next(iter(questions(source.stem)))}-public"]


@pytest.mark.notebook
@every_assignment
def test_what_is_shown_needs_no_answer(source):
    notebook = student_version(built(source))
    graded = ("-public", "-hidden")
    notebook.cells = [
        cell for cell in notebook.cells
        if not cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith(graded)
    ]  # fmt: skip
    execute(notebook)


GENERATE = """
import sys
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

api = NbGraderAPI(config=Config(CourseDirectory={"root": sys.argv[1]}))
for name in sys.argv[2:]:
    assert api.generate_assignment(name)["success"], name
"""


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """What nbgrader itself makes of all assignments: name -> its student version."""
    pytest.importorskip("nbgrader", reason="nbgrader comes with requirements-class.txt")
    root = tmp_path_factory.mktemp("course")
    for source in SOURCES:
        target, text = builder.build(source)
        place = root / "source" / target.parent.name / target.name
        place.parent.mkdir(parents=True)
        place.write_text(text, encoding="utf-8")
    # nbgrader calls alembic by name, which lies beside this Python.
    here = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-c", GENERATE, str(root), *(path.stem for path in SOURCES)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=here)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return {path.stem: nbformat.read(path, 4) for path in (root / "release").glob("*/*.ipynb")}


@every_assignment
def test_nbgrader_makes_the_same_student_version(source, released):
    theirs = [cell.source.rstrip() for cell in released[source.stem].cells]
    assert theirs == [cell.source for cell in student_version(built(source)).cells]


MADE_UP = '''# %% [markdown]
# # Made up
# **Points:** 8
# %% tags=["setup"]
import numpy as np
# %%
np.pi
# %% tags=["answer"]
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
# %% tags=["public", "points=1"]
public_check("made_up", "double", double)
# %% tags=["hidden", "points=3"]
hidden_check("made_up", "double", double)
# %% [markdown] tags=["written", "points=4"]
# *Your answer:*
# === BEGIN MARK SCHEME ===
# Because.
# === END MARK SCHEME ===
'''


@pytest.fixture
def made_up(tmp_path):
    path = tmp_path / "made_up.py"
    path.write_text(MADE_UP)
    return path


def test_the_builder_names_and_marks_the_cells(made_up):
    book = builder.graded_version(builder.read_source(made_up))
    about = [cell.metadata.get("nbgrader") for cell in book.cells]
    assert [one and one["grade_id"] for one in about] == [
        None, "setup-1", "show-1", "double-answer", "double-public", "double-hidden", "written-1"
    ]  # fmt: skip
    solved = [one["grade_id"] for one in about if one and one["solution"]]
    assert solved == ["double-answer", "written-1"]
    assert [one and one.get("points") for one in about] == [None, None, None, None, 1, 3, 4]
    assert "BEGIN HIDDEN TESTS" in book.cells[5].source
    student = [cell.source for cell in student_version(book).cells]
    assert student[3] == "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert student[6] == "*Your answer:*\nYOUR ANSWER HERE"


def test_building_twice_gives_the_same_bytes_and_a_new_head_moves_no_id(made_up):
    assert builder.build(made_up) == builder.build(made_up)
    before = [cell.id for cell in nbformat.reads(builder.build(made_up)[1], 4).cells]
    made_up.write_text(MADE_UP.replace("# # Made up", "# # Another title"))
    after = [cell.id for cell in nbformat.reads(builder.build(made_up)[1], 4).cells]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False] + [True] * 6


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("**Points:** 8", "**Points:** 9", "must say '\\*\\*Points:\\*\\* 8', it says 9"),
        ('# %% tags=["setup"]', "# %%", "must be tagged setup"),
        ('"public", "points=1"', '"public"', "no tag points"),
        ('tags=["hidden", "points=3"]', 'tags=["demo"]', "in this order"),
        ('"double", double)\n# %% [', '"double", triple)\n# %% [', "hidden_check of it"),
        ('hidden_check("made_up"', 'hidden_check("ps1"', "expected a check of made_up"),
        ("    ### END SOLUTION\n", "", "one '### BEGIN SOLUTION'"),
        ('tags=["written", "points=4"]', "", "tagged written"),
        ("# === END MARK SCHEME ===\n", "", "END MARK SCHEME"),
    ],
)
def test_a_source_that_cannot_be_graded_is_refused(made_up, old, new, words):
    assert old in MADE_UP
    made_up.write_text(MADE_UP.replace(old, new))
    with pytest.raises(SystemExit, match=words):
        builder.read_source(made_up)


def test_the_check_option_tells_what_is_stale(made_up, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(builder, "SOURCES", tmp_path)
    monkeypatch.setattr(builder, "ASSIGNMENTS", tmp_path / "built")
    monkeypatch.setattr(sys, "argv", ["build_assignments.py", "--check"])
    assert builder.main() == 1 and "out of date: made_up.ipynb" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["build_assignments.py"])
    assert builder.main() == 0 and Path(tmp_path / "built/made_up/made_up.ipynb").exists()
    monkeypatch.setattr(sys, "argv", ["build_assignments.py", "--check"])
    assert builder.main() == 0
