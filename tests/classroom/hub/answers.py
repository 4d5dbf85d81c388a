"""What the two students write into the first assignment."""

import json

from hub.classroom import ROOT

ASSIGNMENT = "ps1"
SOURCE = ROOT / "notebooks" / "assignments" / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
REASON = "Mixing: each drawing is as wide as the mean of all."
MARK = 4


def solution_cells() -> dict[str, str]:
    """Name of each answer cell of the instructor's version, and its text solved."""
    cells = json.loads(SOURCE.read_text(encoding="utf-8"))["cells"]
    named = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in cells}
    return {
        name: text_of(cell) for name, cell in named.items() if name and name.endswith("-answer")
    }


def text_of(cell: dict) -> str:
    """A cell's text without the marks around the solution, as a student would write it."""
    lines = "".join(cell["source"]).splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith("###"))


def answered(notebook: dict, how_many: int) -> dict:
    """Fill in the first answers and the written one, as a student does."""
    solutions = dict(list(solution_cells().items())[:how_many])
    for cell in notebook["cells"]:
        note = cell["metadata"].get("nbgrader", {})
        cell["source"] = solutions.get(note.get("grade_id"), cell["source"])
        if note.get("grade") and note.get("solution"):
            cell["source"] = REASON
    return notebook


def points(how_many: int) -> float:
    """What the first answers are worth, by the instructor's version."""
    names = [name.removesuffix("-answer") for name in list(solution_cells())[:how_many]]
    cells = json.loads(SOURCE.read_text(encoding="utf-8"))["cells"]
    notes = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    return sum(
        note["points"]
        for note in notes
        if note.get("grade") and note["grade_id"].rsplit("-", 1)[0] in names
    )
