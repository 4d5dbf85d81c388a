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


def test_what_could_not_be_run_stands_in_the_form_and_runs_nothing_there(tmp_path):
    import nbformat

    from lessons_lib.classroom.grading.autograding import show_unrun

    text = nbformat.v4.new_markdown_cell("A mixes <script>alert(1)</script>")
    text.metadata = NotebookNode({"nbgrader": {"grade_id": "written-1", "solution": True}})
    book, path = nbformat.v4.new_notebook(cells=[text]), tmp_path / "ada" / "ps1" / "ps1.ipynb"
    show_unrun(book, path)
    assert "A mixes" in path.read_text() and "<script" not in path.read_text()
    assert "<script" in book.cells[0].source  # the second look gets it as it came


@pytest.mark.parametrize(
    ("state", "shown", "asked"),
    [("graded", True, []), ("graded", False, ["ada"]), ("not graded", False, [])],
)
def test_what_the_forms_button_removed_is_graded_again(tmp_path, monkeypatch, state, shown, asked):
    from lessons_lib.classroom.grading import batch
    from lessons_lib.classroom.grading.course import Course
    from lessons_lib.classroom.grading.findings import Report
    from lessons_lib.classroom.grading.one import digest

    course = Course(tmp_path)
    course.submitted("ps1", "ada").mkdir(parents=True)
    Report("ada", "ps1", state, digest=digest(course, "ps1", "ada")).write(
        course.report("ps1", "ada")
    )
    if shown:
        course.autograded("ps1", "ada").parent.mkdir(parents=True)
        course.autograded("ps1", "ada").touch()
    seen = []
    monkeypatch.setattr(batch, "choose", lambda kind: None)
    monkeypatch.setattr(batch, "_in_processes", lambda *words: seen.extend(words[2]) or ())
    batch.grade(course, "ps1")
    assert seen == asked


def test_the_courses_figures_stay_pictures_and_other_html_is_cleaned():
    from lessons_lib.classroom.grading.preprocessors import SafeForReaders
    from lessons_lib.display.figures import new_figure

    figure, _ = new_figure(alt='An edge of "strong" contrast < 1.')
    real = NotebookNode(output_type="display_data", data=figure._repr_mimebundle_(), metadata={})
    forged = (
        '<img alt="" style="max-width:100%" src="data:image/png;base64,AA" onerror="alert(1)">'
    )
    data = NotebookNode({"text/html": forged})
    other = NotebookNode(output_type="display_data", data=data, metadata={})
    kept = SafeForReaders().preprocess_cell(cell("x", real, other), {}, 0)[0].outputs
    assert set(kept[0].data) == {"image/png", "text/plain"}
    assert set(kept[1].data) == {"text/html"} and "<img" not in kept[1].data["text/html"]


@pytest.mark.parametrize(("assignment", "shown"), [("ps1", False), ("capstone", True)])
def test_the_capstones_record_is_printed_again_for_who_judges_it(tmp_path, assignment, shown):
    from lessons_lib.classroom.grading.autograding import Place, settings
    from lessons_lib.classroom.grading.course import create
    from lessons_lib.classroom.grading.preprocessors import LimitedExecute
    from lessons_lib.classroom.grading.sandbox import Limits

    course = create(tmp_path / "course")
    made = settings(course, Place(tmp_path, "weak", Limits()), assignment)
    step = LimitedExecute(config=made)
    assert step.figures == shown
    assert step.output_bytes == (8 if shown else 1) * Limits().output_bytes


def test_only_the_sandbox_runs_a_submission(tmp_path):
    from nbgrader.converters import Autograde

    from lessons_lib.classroom.grading.autograding import Place, settings
    from lessons_lib.classroom.grading.course import create
    from lessons_lib.classroom.grading.sandbox import Limits
    from lessons_lib.classroom.hub.sandbox_only import SandboxOnly

    def first_steps(config):
        return Autograde(config=config).sanitize_preprocessors

    course = create(tmp_path / "course")
    assert first_steps(course.config()) == [f"{SandboxOnly.__module__}.SandboxOnly"]
    sandboxed = settings(course, Place(tmp_path, "weak", Limits()), "ps1")
    assert first_steps(sandboxed) == Autograde.sanitize_preprocessors.default()


@pytest.mark.parametrize(
    ("logs", "tries"),
    [
        (["database is locked", ""], 2),
        (["an error that nobody has seen before", ""], 2),
        (["DeadKernelError: Kernel died before replying to kernel_info", ""], 2),
        (["DeadKernelError: Kernel died"], 1),
        (["StuckKernel: 3 cells in a row took too long"], 1),
        (["out of luck"] * 9, 3),
    ],
)
def test_trouble_of_the_machine_is_tried_again_and_a_submissions_own_is_not(
    tmp_path, monkeypatch, capsys, logs, tries
):
    from lessons_lib.classroom.grading import autograding
    from lessons_lib.classroom.grading.course import create
    from lessons_lib.classroom.grading.sandbox import Limits

    left = list(logs)

    class Api:
        def __init__(self, *words, **named):
            pass

        def autograde(self, *words, **named):
            log = left.pop(0)
            return {"success": log == "", "log": log}

    monkeypatch.setattr(autograding, "NbGraderAPI", Api)
    monkeypatch.setattr(autograding.time, "sleep", lambda seconds: None)
    for name in ("JUPYTER_PATH", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, "")
    place = autograding.Place(tmp_path, "weak", Limits())
    done, log = autograding.autograde(create(tmp_path / "course"), "ps1", "ada", place)
    assert len(logs) - len(left) == tries and done == (log.strip() == "")
    assert all(each in capsys.readouterr().out for each in logs[:1])
