"""The form of an assignment: its cells in order, as the students got them."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

CHECK = re.compile(r'\b(public|hidden)_check\("(\w+)", "(\w+)"')


@dataclass(frozen=True)
class FormCell:
    """One cell of the students' version.

    Attributes
    ----------
    cell : NotebookNode
        The cell itself.
    grade_id : str
        nbgrader's name for it; '' if it has none.
    role : str
        'answer' (code to write), 'written' (text to write), 'locked', or 'free' (any other).
    function : str
        The function that an answer defines; '' otherwise.
    """

    cell: NotebookNode
    grade_id: str
    role: str
    function: str

    @property
    def locked(self) -> bool:
        """Whether a submission must leave it as it is."""
        return self.role in ("locked", "free")


@dataclass(frozen=True)
class Form:
    """All cells of an assignment, and what is graded by which function.

    Attributes
    ----------
    name : str
        The assignment.
    cells : tuple of FormCell
        In order.
    checks : dict
        Grade id of a test cell to ('public' or 'hidden', function).
    metadata : NotebookNode
        Of the notebook: its kernel and language.
    """

    name: str
    cells: tuple[FormCell, ...]
    checks: dict[str, tuple[str, str]]
    metadata: NotebookNode

    def setup(self) -> str:
        """The source of the first locked code cell: imports and constants."""
        found = [each.cell for each in self.cells if each.locked and each.cell.cell_type == "code"]
        return found[0].source if found else ""


def read_form(release: Path, source: Path) -> Form:
    """Read the form from the students' version; which cells test what, from the source.

    Raises
    ------
    FileNotFoundError
        If the assignment was not generated yet.
    """
    if not release.is_file():
        raise FileNotFoundError(
            f"expected the students' version in {release}; make it with: "
            f"python -m lessons_lib.classroom.grading generate FOLDER {release.stem}"
        )
    book = nbformat.read(release, as_version=4)
    cells = tuple(_form_cell(cell) for cell in book.cells)
    tested = [
        (metadata_of(cell).get("grade_id", ""), CHECK.search(cell.source))
        for cell in nbformat.read(source, as_version=4).cells
        if metadata_of(cell).get("grade")
    ]
    checks = {name: (found[1], found[3]) for name, found in tested if found}
    return Form(release.stem, cells, checks, book.metadata)


def metadata_of(cell: NotebookNode) -> dict:
    """Return nbgrader's metadata of a cell; empty if there are none, or they are no dictionary."""
    found = cell.get("metadata", {})
    found = found.get("nbgrader", {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def first_function(source: str) -> str:
    """Name the first function that a cell defines; '' if there is none."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        found = re.search(r"^def (\w+)\(", source, re.MULTILINE)
        return found[1] if found else ""
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    return names[0] if names else ""


def _form_cell(cell: NotebookNode) -> FormCell:
    metadata = metadata_of(cell)
    if metadata.get("solution"):
        role = "answer" if cell.cell_type == "code" else "written"
    else:
        role = "locked" if metadata else "free"
    function = first_function(cell.source) if role == "answer" else ""
    return FormCell(cell, str(metadata.get("grade_id", "")), role, function)
