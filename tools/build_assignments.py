#!/usr/bin/env python3
"""Build notebooks/assignments/source/psN/psN.ipynb from notebooks/source/assignments/psN.py.

    python tools/build_assignments.py            write nbgrader's source notebooks
    python tools/build_assignments.py --check    only say which ones are out of date

A source is in the percent format; the tags of a cell say what it is for (ROLES below). The built
notebook carries nbgrader's metadata, and nbgrader makes the students' version from it. Each
graded cell is named after its question: `name-answer`, `name-public`, `name-hidden`.
"""

import argparse
import ast
import re
import sys
from pathlib import Path

import jupytext
from build_notebooks import KERNEL, code_without_outputs, lasting_id, tags, text_of
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "notebooks" / "source" / "assignments"
ASSIGNMENTS = ROOT / "notebooks" / "assignments" / "source"

ROLES = ("setup", "answer", "public", "hidden", "written", "demo")
ORDER = ["answer", "public", "hidden"]
CHECK = re.compile(r'^(public|hidden)_check\("(\w+)", "(\w+)", (\w+)\)$')
HEAD_POINTS = re.compile(r"\*\*Points:\*\* (\d+)")
SCHEME = "=== BEGIN MARK SCHEME ===", "=== END MARK SCHEME ==="
SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
HIDDEN = (
    "# When it is graded, hidden checks with other cases run here.\n"
    "### BEGIN HIDDEN TESTS\n{line}\n### END HIDDEN TESTS"
)


def role(cell: NotebookNode) -> str:
    """What a cell is for: one of ROLES, 'show' for other code, 'text' for other text."""
    named = [tag for tag in tags(cell) if tag in ROLES]
    return named[0] if named else "show" if cell.cell_type == "code" else "text"


def points(cell: NotebookNode) -> int:
    """How many points a cell gives: its tag 'points=3' says so."""
    found = [tag.split("=")[1] for tag in tags(cell) if tag.startswith("points=")]
    return int(found[0]) if found else 0


def question(cell: NotebookNode) -> str:
    """The name of the graded function that an answer, public or hidden cell belongs to."""
    if role(cell) == "answer":
        body = ast.parse(cell.source).body
        return body[0].name if len(body) == 1 and isinstance(body[0], ast.FunctionDef) else ""
    found = CHECK.match(cell.source.strip())
    return found[3] if found and found[1] == role(cell) and found[3] == found[4] else ""


def read_source(path: Path) -> NotebookNode:
    """Read an assignment's source and refuse one whose form is not kept."""
    book = jupytext.read(path, fmt="py:percent")
    book.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    book.nbformat, book.nbformat_minor = 4, 5
    for trouble in form_troubles(book, path.stem):
        raise SystemExit(f"{path.name}: {trouble}")
    return book


def form_troubles(book: NotebookNode, assignment: str) -> list[str]:
    """Everything in an assignment's source that would make a notebook that cannot be graded."""
    code = [role(cell) for cell in book.cells if cell.cell_type == "code"]
    found = []
    if code.count("setup") != 1 or code[0] != "setup":
        found.append("the first code cell, and only this one, must be tagged setup")
    if not any(role(cell) == "written" for cell in book.cells):
        found.append("there must be a text cell tagged written")
    found += question_troubles(book, assignment)
    for cell in book.cells:
        marks = {"answer": SOLUTION, "written": SCHEME}.get(role(cell), ())
        if any(cell.source.count(mark) != 1 for mark in marks):
            found.append(f"expected one {marks[0]!r} and one {marks[1]!r} in: {cell.source[:60]}")
    return found + point_troubles(book)


def question_troubles(book: NotebookNode, assignment: str) -> list[str]:
    """What is wrong with the order and the names of answers and checks."""
    graded = [cell for cell in book.cells if role(cell) in ORDER]
    order, names = [role(cell) for cell in graded], [question(cell) for cell in graded]
    if order != ORDER * (len(order) // 3):
        return [f"each question must be cells tagged {', '.join(ORDER)}, in this order: {order}"]
    found = [
        f"expected one def, then public_check and hidden_check of it, each a line; came {three}"
        for three in (names[k : k + 3] for k in range(0, len(names), 3))
        if not three[0] or len(set(three)) != 1
    ]
    lines = [cell.source for cell in graded if role(cell) != "answer"]
    strays = [line for line in lines if CHECK.match(line) and CHECK.match(line)[2] != assignment]
    return found + [f"expected a check of {assignment}, came {line}" for line in strays]


def point_troubles(book: NotebookNode) -> list[str]:
    """What is wrong with the points: the head must promise what the cells give."""
    graded = [cell for cell in book.cells if role(cell) in ("public", "hidden", "written")]
    found = [f"no tag points=... on: {cell.source[:60]}" for cell in graded if not points(cell)]
    total, head = sum(map(points, graded)), HEAD_POINTS.search(book.cells[0].source)
    if not head or int(head[1]) != total:
        said = head[1] if head else "nothing"
        found.append(f"the first cell must say '**Points:** {total}', it says {said}")
    return found


def grade_ids(book: NotebookNode) -> list[str]:
    """A lasting name for each cell: its question and role, or its role and number."""
    counts, names = {}, []
    for cell in book.cells:
        kind = role(cell)
        counts[kind] = counts.get(kind, 0) + 1
        graded = kind in ORDER
        names.append(f"{question(cell)}-{kind}" if graded else f"{kind}-{counts[kind]}")
    return names


def nbgrader_metadata(cell: NotebookNode, name: str) -> dict:
    """What nbgrader 0.9 (schema 3) must know of a cell that is locked, answered or graded."""
    kind = role(cell)
    graded, answered = kind in ("public", "hidden", "written"), kind in ("answer", "written")
    metadata = {
        "schema_version": 3,
        "grade_id": name,
        "grade": graded,
        "solution": answered,
        "locked": not answered,
        "task": False,
        "cell_type": cell.cell_type,
    }
    return metadata | ({"points": points(cell)} if graded else {})


def graded_version(book: NotebookNode) -> NotebookNode:
    """Return the notebook that nbgrader takes: metadata on each cell that is not free text."""
    seen: set[str] = set()
    for cell, name in zip(book.cells, grade_ids(book), strict=True):
        kind, metadata = role(cell), {}
        if kind != "text":
            metadata = {"nbgrader": nbgrader_metadata(cell, name)}
        if kind == "hidden":
            cell.source = HIDDEN.format(line=cell.source.strip())
        if kind == "written":  # nbgrader's own mark scheme is for cells that nobody answers
            for mark, own in zip(SCHEME, SOLUTION, strict=True):
                cell.source = cell.source.replace(mark, own)
        cell.id, cell.metadata = lasting_id(cell, seen), NotebookNode(metadata)
    return code_without_outputs(book)


def build(path: Path) -> tuple[Path, str]:
    """Return where the notebook of a source belongs, and its content."""
    book = graded_version(read_source(path))
    return ASSIGNMENTS / path.stem / f"{path.stem}.ipynb", text_of(book)


def main() -> int:
    """Build all assignments, or report those that are out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    options = parser.parse_args()
    stale = []
    for source in sorted(SOURCES.glob("*.py")):
        target, text = build(source)
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        stale.append(target.name)
        if not options.check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{'out of date' if options.check else 'written'}: {', '.join(stale) or 'nothing'}")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
