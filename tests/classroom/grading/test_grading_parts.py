"""The parts that lean on nbgrader: what a test cell keeps, and how two verdicts become one."""

import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import NotebookNode

pytest.importorskip("nbgrader", reason="nbgrader is an instructor's package")
pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's own

ROOT = Path(__file__).resolve().parents[3]


def cell(source: str, *outputs: dict) -> NotebookNode:
    metadata = {"nbgrader": {"grade": True, "grade_id": "half-hidden", "points": 3}}
    made = [NotebookNode(output) for output in outputs]
    return NotebookNode(
        cell_type="code", source=source, metadata=NotebookNode(metadata), outputs=made
    )


def error(name: str, words: str) -> dict:
    return {"output_type": "error", "ename": name, "evalue": words, "traceback": [words]}


def stream(text: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": text}


def kept(one: NotebookNode) -> list[NotebookNode]:
    from lessons_lib.classroom.grading.preprocessors import PlainVerdicts

    return PlainVerdicts().preprocess_cell(one, {}, 0)[0].outputs


def test_a_hidden_test_keeps_nothing_that_an_answer_printed():
    one = cell('hidden_check("ps1", "half", half)', stream("case 0.123"), stream("w", "stderr"))
    assert kept(one) == []


def test_a_failed_hidden_test_says_so_and_no_value():
    words = "half: expected 0.123"
    one = cell('hidden_check("ps1", "half", half)', stream("0.123"), error("KeyError", words))
    (said,) = kept(one)
    assert said.output_type == "error" and said.evalue == "half: a hidden check failed"
    assert "0.123" not in str(said)


def test_a_failed_public_test_keeps_its_hint_and_a_time_out_its_name():
    one = cell('public_check("ps1", "half", half)', error("AssertionError", "half: too wide"))
    assert kept(one)[0].evalue == "half: too wide"
    both = error("KeyboardInterrupt", ""), error("CellTimeoutError", "")
    one = cell('public_check("ps1", "half", half)', *both)
    assert kept(one)[0].ename == "CellTimeoutError" and "too long" in kept(one)[0].evalue


def test_a_forged_number_gives_no_points():
    result = {"output_type": "execute_result", "data": {"text/plain": "3"}, "execution_count": 1}
    one = cell('public_check("ps1", "half", half)', result, error("AssertionError", "half: no"))
    assert [output.output_type for output in kept(one)] == ["error"]


def test_other_cells_keep_their_outputs():
    one = cell("print(1)", stream("1"))
    assert kept(one) == [stream("1")]


class Grade:
    def __init__(self, score: float) -> None:
        self.auto_score, self.needs_manual_grade = score, False


class Book:
    def __init__(self, grades: dict[str, Grade]) -> None:
        self.grades, self.db = grades, self

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def commit(self) -> None:
        self.committed = True

    def find_grade(self, name: str, *_: str) -> Grade:
        return self.grades[name]


@pytest.mark.parametrize(
    ("kernel", "judge", "score", "code"),
    [
        (3, True, 3, None),
        (3, False, 0, "recheck-failed"),
        (0, True, 0, "recheck-passed"),
        (0, False, 0, None),
    ],
)
def test_points_need_both_verdicts(monkeypatch, kernel, judge, score, code):
    from lessons_lib.classroom.grading import recheck
    from lessons_lib.classroom.grading.form import Form

    grade = Grade(kernel)
    monkeypatch.setattr(recheck, "Gradebook", lambda url: Book({"half-hidden": grade}))
    form = Form("ps1", (), {"half-hidden": ("hidden", "half")}, NotebookNode())
    verdict = recheck.Verdict("half", "hidden", judge, "Hint: too wide")
    found = recheck.compare("", form, "ada", [verdict])
    assert grade.auto_score == score and [each.code for each in found] == ([code] if code else [])
    assert grade.needs_manual_grade is (code == "recheck-failed")
    if code == "recheck-failed":
        assert found[0].flag and "Hint: too wide" in found[0].words


def test_only_the_students_own_code_goes_to_the_worker():
    from lessons_lib.classroom.grading.form import Form, FormCell
    from lessons_lib.classroom.grading.recheck import own_code

    setup = cell("import numpy as np")
    setup.metadata.nbgrader = {"grade_id": "setup-1", "locked": True}
    answer = cell("def half(x): ...")
    answer.metadata.nbgrader = {"grade_id": "half-answer", "solution": True}
    test = cell('hidden_check("ps1", "half", half)')
    own = NotebookNode(cell_type="code", source="a = 1", metadata={})
    form = Form("ps1", (FormCell(setup, "setup-1", "locked", ""),), {}, NotebookNode())
    book = NotebookNode(cells=[setup, own, answer, test])
    assert own_code(book, form) == [setup.source, own.source, answer.source]


def test_what_the_setup_needs_is_not_hidden_from_the_worker():
    from lessons_lib.classroom.grading.recheck import judge_files

    names = {Path(path).name for path in judge_files("from x.ps1_edges import two_programs")}
    assert "ps1.py" in names
    assert not {"ps1_edges.py", "judging.py", "__init__.py"} & names


def test_every_command_explains_itself():
    call = [sys.executable, "-m", "lessons_lib.classroom.grading", "--help"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=True)
    for word in ("create", "generate", "collect-zip", "grade", "feedback", "export"):
        assert word in done.stdout


def test_what_would_run_for_a_reader_is_taken_out_and_the_courses_text_is_not():
    from lessons_lib.classroom.grading.preprocessors import SafeForReaders

    script = "<script>alert(1)</script><img src=x onerror='alert(1)'>"
    own = NotebookNode(cell_type="markdown", source=f"My thoughts {script}", metadata={})
    cleaned = SafeForReaders().preprocess_cell(own, {}, 0)[0].source
    assert "My thoughts" in cleaned and "<script" not in cleaned and "<img" not in cleaned
    locked = {"nbgrader": {"grade_id": "text-1", "locked": True}}
    text = NotebookNode(cell_type="markdown", source="$a < b & c$", metadata=locked)
    assert SafeForReaders().preprocess_cell(text, {}, 0)[0].source == "$a < b & c$"
