"""From a broken submission to a notebook in the assignment's own form, cell by cell."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lessons_lib.classroom.grading.form import Form, metadata_of, read_form
from lessons_lib.classroom.grading.reading import Unreadable, find_notebook, read_notebook
from lessons_lib.classroom.grading.rebuilding import rebuild
from lessons_lib.classroom.grading.suspicion import suspicions

STUB = "def half(x):\n    raise NotImplementedError"


def graded(cell, name: str, **options: object):
    plain = {"grade": False, "solution": False, "locked": True, "points": 0, "schema_version": 3}
    cell.metadata = {"nbgrader": plain | {"grade_id": name} | options}
    return cell


def students_version():
    answer = {"solution": True, "locked": False}
    cells = [
        new_markdown_cell("# Halves"),
        graded(new_code_cell("import numpy as np"), "setup-1"),
        graded(new_code_cell(STUB), "half-answer", **answer),
        graded(new_code_cell('public_check("ps1", "half", half)'), "half-public", grade=True),
        graded(new_markdown_cell("*Write here*"), "written-1", grade=True, **answer),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def form(tmp_path: Path) -> Form:
    path = tmp_path / "ps1.ipynb"
    nbformat.write(students_version(), path)
    return read_form(path, path)


@pytest.fixture
def answered(form: Form):
    book = new_notebook(cells=[json_copy(each.cell) for each in form.cells])
    book.cells[2].source = "def half(x):\n    return x / 2"
    book.cells[4].source = "Because."
    return book


def json_copy(cell):
    return nbformat.from_dict(json.loads(json.dumps(cell)))


def saved(book, folder: Path) -> Path:
    path = folder / "came.ipynb"
    path.write_text(json.dumps(book), encoding="utf-8")
    return path


def checked(book, form: Form, folder: Path):
    """Rebuild what was saved; return the answers and what was found."""
    came, _ = read_notebook(saved(book, folder))
    made, findings = rebuild(came, form)
    nbformat.validate(made)
    by_name = {metadata_of(cell).get("grade_id"): cell.source for cell in made.cells}
    assert [each.grade_id for each in form.cells if each.grade_id] == [*filter(None, by_name)]
    return by_name, {finding.code: finding for finding in findings}


def test_the_form_knows_what_is_what(form):
    assert [each.role for each in form.cells] == ["free", "locked", "answer", "locked", "written"]
    assert form.checks == {"half-public": ("public", "half")}
    assert form.setup() == "import numpy as np"


def test_a_plain_submission_stays_as_it_is(form, answered, tmp_path):
    cells, found = checked(answered, form, tmp_path)
    assert cells["half-answer"] == "def half(x):\n    return x / 2" and not found


def strip(book):
    for cell in book.cells:
        cell.metadata = {}


def strip_all(book):
    for number, cell in enumerate(book.cells):
        cell.metadata, cell["id"] = {}, f"other-{number}"


def drop_test(book):
    del book.cells[3]


def overwrite_test(book):
    book.cells[3].source = "pass"


def double(book):
    book.cells.insert(2, json_copy(book.cells[2]))


def retype(book):
    book.cells[2].cell_type = "raw"


def turn(book):
    book.cells.reverse()


@pytest.mark.parametrize(
    ("harm", "code", "flag"),
    [
        (strip, "metadata", False),
        (strip_all, "metadata", False),
        (drop_test, "missing-cell", True),
        (overwrite_test, "changed-locked", True),
        (double, "duplicate-cell", False),
        (retype, "cell-type", True),
        (turn, None, None),
    ],
)
def test_what_can_be_repaired_is_repaired_and_reported(
    form, answered, tmp_path, harm, code, flag
):
    harm(answered)
    cells, found = checked(answered, form, tmp_path)
    assert cells["half-answer"] == "def half(x):\n    return x / 2"
    assert cells["half-public"] == 'public_check("ps1", "half", half)'
    assert set(found) - {"missing-cell", "unanswered"} == {code} - {None, "missing-cell"}
    if code:
        assert found[code].flag is flag


def test_a_deleted_and_an_emptied_answer_are_not_the_same(form, answered, tmp_path):
    empty = json_copy(answered)
    empty.cells[2].source = ""
    assert set(checked(empty, form, tmp_path)[1]) == {"empty-cell"}
    del answered.cells[2]
    cells, found = checked(answered, form, tmp_path)
    assert set(found) == {"missing-cell"} and cells["half-answer"] == STUB


def test_of_two_different_answers_the_last_counts_and_is_flagged(form, answered, tmp_path):
    double(answered)
    answered.cells[3].source = "def half(x):\n    return 0.5 * x"
    cells, found = checked(answered, form, tmp_path)
    assert cells["half-answer"].endswith("0.5 * x") and found["duplicate-cell"].flag


def test_cells_that_look_alike_and_a_written_answer_survive_without_metadata(tmp_path):
    book = students_version()
    hint = "# When it is graded, hidden checks run here."
    for name in ("a", "b"):
        book.cells.insert(4, graded(new_code_cell(hint), f"{name}-hidden", grade=True))
    book.cells.insert(6, new_markdown_cell("## Why?"))
    path = tmp_path / "ps1.ipynb"
    nbformat.write(book, path)
    form = read_form(path, path)
    came = new_notebook(cells=[json_copy(each.cell) for each in form.cells])
    came.cells[7].source = "Because."
    strip_all(came)
    cells, found = checked(came, form, tmp_path)
    assert cells["written-1"] == "Because."
    assert set(found) == {"metadata", "unanswered"}


def test_an_answer_in_a_cell_of_its_own_is_flagged(form, answered, tmp_path):
    answered.cells[2].source = STUB
    answered.cells.append(new_code_cell("def half(x):\n    return x / 2"))
    found = checked(answered, form, tmp_path)[1]
    assert set(found) == {"unanswered", "second-definition"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_usual_encoding_is_read(tmp_path, encoding):
    path = tmp_path / "ps1.ipynb"
    book = new_notebook(cells=[new_code_cell("# geprüft\r\nx = 1")])
    path.write_bytes(json.dumps(book, ensure_ascii=False).encode(encoding))
    came, found = read_notebook(path)
    assert came.cells[0].source == "# geprüft\nx = 1"
    assert bool(found) == (encoding != "utf-8")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"cells": [', "broken-json"),
        (b"PK\x03\x04", "broken-json"),
        (b"[1, 2]", "no-notebook"),
        (b'{"cells": 3, "nbformat": 4}', "no-notebook"),
        (b"[" * 100_000, "broken-json"),
    ],
    ids=["truncated", "zip", "list", "number", "deep"],
)
def test_what_is_no_notebook_is_flagged(tmp_path, data, code):
    path = tmp_path / "ps1.ipynb"
    path.write_bytes(data)
    with pytest.raises(Unreadable) as trouble:
        read_notebook(path)
    assert trouble.value.finding.code == code and trouble.value.finding.flag


def test_broken_cells_lose_nothing_else(tmp_path):
    odd = [None, {"cell_type": 5, "source": ["a", 7, "b"]}, {"source": "x = 1", "metadata": []}]
    path = tmp_path / "ps1.ipynb"
    path.write_text(json.dumps({"cells": odd, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert [cell.source for cell in read_notebook(path)[0].cells] == ["ab", "x = 1"]


def test_the_notebook_is_found_under_another_name(tmp_path):
    (tmp_path / "My homework.ipynb").write_text("{}")
    path, found = find_notebook(tmp_path, "ps1")
    assert path.name == "My homework.ipynb" and found[0].code == "file-name"
    (tmp_path / "ps1.ipynb").write_text("{}")
    path, found = find_notebook(tmp_path, "ps1")
    assert path.name == "ps1.ipynb" and found[0].code == "more-notebooks"


def test_no_notebook_or_only_a_link_is_flagged(tmp_path):
    (tmp_path / "ps1.ipynb").symlink_to("/etc/hostname")
    with pytest.raises(Unreadable, match="expected ps1.ipynb, came nothing"):
        find_notebook(tmp_path, "ps1")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("np.allclose = print", "assigns to np.allclose"),
        ("setattr(np, 'mean', 1)", "calls setattr"),
        ("import subprocess", "starts or stops processes"),
        ("open('x')", "opens files"),
        ("from lessons_lib.denoisers import BM3D", "imports BM3D from lessons_lib.denoisers"),
        ("def hidden_check(*a): pass", "uses the checks' own parts"),
    ],
)
def test_what_no_answer_needs_is_named(form, code, words):
    assert words in " ".join(finding.words for finding in suspicions([code], form))


def test_an_honest_answer_is_not_suspicious(form):
    code = "def half(x):\n    y = np.asarray(x)\n    y.flags.writeable = False\n    return y"
    assert suspicions([code], form) == []
