"""A class that hands in everything that classes hand in, with the grade that each should get.

The submissions are made from an assignment's own source: its solutions, and what students, their
computers and a few bad ideas do to them. Used by tools/class_demo.py and by the tests.
"""

import io
import json
import os
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
from nbformat import NotebookNode

DUE = datetime(2026, 12, 1, 18, tzinfo=UTC)
ON_TIME, LATE = DUE - timedelta(hours=5), DUE + timedelta(hours=30)


@dataclass(frozen=True)
class Handed:
    """One file that a student hands in: its content, its ending, and when."""

    data: bytes
    ending: str = ".ipynb"
    time: datetime = ON_TIME


@dataclass(frozen=True)
class Kind:
    """A kind of submission and what grading must say of it.

    Attributes
    ----------
    name : str
        In a few words.
    make : callable
        Makes the files from a :class:`Maker`.
    lost : tuple of str
        Grade ids that give no points; ('all',) for all.
    flags : collection of str
        Codes of the findings that a person must look at, exactly.
    repaired : collection of str
        Codes of the repairs that must be reported; others may be.
    state : str
        'graded' or 'not graded'.
    """

    name: str
    make: Callable[["Maker"], list[Handed]]
    lost: tuple[str, ...] = ()
    flags: Collection[str] = ()
    repaired: Collection[str] = ()
    state: str = "graded"


class Maker:
    """Makes submissions of one assignment.

    Parameters
    ----------
    source, release : Path
        The assignment's notebook with and without solutions.
    secrets : tuple of Path
        Where a hostile submission looks for the sources and the gradebook.
    """

    def __init__(self, source: Path, release: Path, secrets: tuple[Path, Path]) -> None:
        self.release, self.secrets = nbformat.read(release, as_version=4), secrets
        answers = [
            cell for cell in nbformat.read(source, as_version=4).cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        ]  # fmt: skip
        self.solutions = {cell.metadata.nbgrader.grade_id: solved(cell.source) for cell in answers}
        names = [cell.metadata.nbgrader.grade_id for cell in answers if cell.cell_type == "code"]
        self.functions = [name.removesuffix("-answer") for name in names]
        self.first, self.release_name = self.functions[0], release.stem

    def solved(self, but: tuple[str, ...] = ()) -> NotebookNode:
        """Return a notebook with every answer but some."""
        book = nbformat.from_dict(json.loads(json.dumps(self.release)))
        for cell in book.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name in self.solutions and name.removesuffix("-answer") not in but:
                cell.source = self.solutions[name]
        return book

    def head(self, function: str) -> str:
        """Return the line of a function with its name and arguments."""
        return self.solutions[f"{function}-answer"].split("\n")[0]

    def with_body(self, body: str, before: str = "", extra: str = "") -> NotebookNode:
        """Return a solved notebook whose first answer has another body, and an own cell more."""
        book = self.solved()
        lines = "\n".join(f"    {line}" for line in body.split("\n"))
        cell = cell_of(book, f"{self.first}-answer")
        cell.source = f"{before}{self.head(self.first)}\n{lines}\n"
        return self.with_cell(extra, book) if extra else book

    def with_cell(self, code: str, book: NotebookNode | None = None) -> NotebookNode:
        """Return a solved notebook with an own code cell before the first answer."""
        book = book or self.solved()
        at = book.cells.index(cell_of(book, f"{self.first}-answer"))
        book.cells.insert(at, nbformat.v4.new_code_cell(code))
        return book

    def before_return(self, code: str) -> NotebookNode:
        """Return a solved notebook whose first answer does something more before it answers."""
        book = self.solved()
        cell = cell_of(book, f"{self.first}-answer")
        head, body = cell.source.split("\n", 1)
        lines = "\n".join(f"    {line}" for line in code.split("\n"))
        cell.source = f"{head}\n{lines}\n{body}"
        return book


def solved(source: str) -> str:
    """Take nbgrader's marks out of a solution."""
    lines = source.split("\nPoints:")[0].split("\n")  # a rubric is no answer
    return "\n".join(line for line in lines if "### BEGIN" not in line and "### END" not in line)


def cell_of(book: NotebookNode, name: str) -> NotebookNode:
    """Return the cell of that grade id."""
    found = [c for c in book.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
    return found[0]


def handed(book: NotebookNode, **options: object) -> list[Handed]:
    """Hand a notebook in as it is."""
    return [Handed(text_of(book).encode(), **options)]


def text_of(book: NotebookNode) -> str:
    """Return a notebook as Jupyter saves it; nothing in it is checked or repaired."""
    return json.dumps(book, indent=1, ensure_ascii=False)


def zipped(files: dict[str, bytes], **options: object) -> list[Handed]:
    """Hand files in as an archive; names go in as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo("x", (2026, 12, 1, 12, 0, 0))
            entry.filename = name  # ZipInfo itself would turn \\ into /
            archive.writestr(entry, data)
    return [Handed(buffer.getvalue(), ending=".zip", **options)]


def put(folder: Path, student: str, several: list[Handed]) -> None:
    """Put a student's files where the instructor gets them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(several):
        note = f"__{number + 1}" if len(several) > 1 else ""
        path = folder / f"{student}{note}{each.ending}"
        path.write_bytes(each.data)
        os.utime(path, (each.time.timestamp(), each.time.timestamp()))


def points_expected(kind: Kind, worth: dict[str, float]) -> dict[str, float]:
    """Return the points of each graded cell, but for the written ones, that a kind should get."""
    gone = worth if "all" in kind.lost else kind.lost
    return {name: 0.0 if name in gone else points for name, points in worth.items()}
