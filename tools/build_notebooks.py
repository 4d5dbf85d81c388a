#!/usr/bin/env python3
"""Build notebooks/*.ipynb from notebooks/source/*.py: one source, two versions.

    python tools/build_notebooks.py            write the learners' notebooks
    python tools/build_notebooks.py --check    only say which ones are out of date
    python tools/build_notebooks.py --force    also replace notebooks that were worked in

The learner's version holds stubs that raise NotImplementedError, each with its solution
folded away in a text cell below. The solved version, which only the tests use, has the
solution in the stub's place. Nothing else differs, and a test holds it to that.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "notebooks" / "source"
NOTEBOOKS = ROOT / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return cell.metadata.get("tags", [])


def read_source(path: Path) -> NotebookNode:
    """Read a lesson's source, check its exercises, and give each cell a lasting id."""
    lesson = jupytext.read(path, fmt="py:percent")
    lesson.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    lesson.nbformat, lesson.nbformat_minor = 4, 5
    check_exercises(lesson, path.name)
    seen: set[str] = set()
    for cell in lesson.cells:
        cell.id = lasting_id(cell, seen)
        cell.metadata = NotebookNode({"tags": tags(cell)} if tags(cell) else {})
    return lesson


def lasting_id(cell: NotebookNode, seen: set[str]) -> str:
    """An id that stays as long as the cell's text stays, so that diffs stay small."""
    digest = hashlib.sha256((cell.cell_type + cell.source).encode()).hexdigest()[:12]
    while digest in seen:
        digest = hashlib.sha256(digest.encode()).hexdigest()[:12]
    seen.add(digest)
    return digest


def check_exercises(lesson: NotebookNode, name: str) -> None:
    """Refuse a source whose exercises are not stub, check, solution in this order."""
    order = [tag for cell in lesson.cells for tag in tags(cell)]
    order = [tag for tag in order if tag in ("exercise", "check", "solution")]
    if order != ["exercise", "check", "solution"] * (len(order) // 3):
        raise SystemExit(
            f"{name}: each exercise must be three cells tagged exercise, check, solution, "
            f"in this order; found {order}"
        )


def solution_code(path: Path) -> str:
    """All solutions of a lesson source, as one piece of Python."""
    cells = read_source(path).cells
    return "\n".join(cell.source for cell in cells if "solution" in tags(cell))


def learner_version(lesson: NotebookNode) -> NotebookNode:
    """The notebook that a learner opens: solutions become folded text."""
    built = nbformat.from_dict(lesson)
    for cell in built.cells:
        if "solution" in tags(cell):
            cell.cell_type = "markdown"
            cell.source = (
                "<details><summary>A solution (try first)</summary>\n\n"
                f"```python\n{cell.source}\n```\n\n</details>"
            )
    return code_without_outputs(built)


def solved_version(lesson: NotebookNode) -> NotebookNode:
    """The notebook that the tests run: each stub is replaced by its solution."""
    built = nbformat.from_dict(lesson)
    solutions = [cell.source for cell in built.cells if "solution" in tags(cell)]
    built.cells = [cell for cell in built.cells if "solution" not in tags(cell)]
    stubs = [cell for cell in built.cells if "exercise" in tags(cell)]
    for stub, solution in zip(stubs, solutions, strict=True):
        stub.source = solution
    return code_without_outputs(built)


def code_without_outputs(built: NotebookNode) -> NotebookNode:
    """Make every cell valid for its type, with nothing executed."""
    for cell in built.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    return built


def text_of(notebook: NotebookNode) -> str:
    """The exact file content."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4) + "\n"


def build(path: Path) -> tuple[Path, str]:
    """Return where the learner's version of a source belongs, and its content."""
    return NOTEBOOKS / f"{path.stem}.ipynb", text_of(learner_version(read_source(path)))


def worked_in(path: Path) -> bool:
    """Whether somebody has run cells of this notebook: their answers must not be lost."""
    if not path.exists():
        return False
    cells = nbformat.read(path, as_version=4).cells
    return any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def main() -> int:
    """Build all lessons, or report those that are out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    parser.add_argument("--force", action="store_true", help="replace notebooks with answers too")
    options = parser.parse_args()
    stale, kept = [], []
    for source in sorted(SOURCES.glob("*.py")):
        target, text = build(source)
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        if worked_in(target) and not (options.check or options.force):
            kept.append(target.name)
            continue
        stale.append(target.name)
        if not options.check:
            target.write_text(text, encoding="utf-8", newline="\n")
    print(f"{'out of date' if options.check else 'written'}: {', '.join(stale) or 'nothing'}")
    if kept:
        print(f"kept, for they were worked in: {', '.join(kept)}. Move them, or use --force.")
    return int(bool(kept) or (options.check and bool(stale)))


if __name__ == "__main__":
    sys.exit(main())
