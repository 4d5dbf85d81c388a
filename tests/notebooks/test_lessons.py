"""Every lesson: built from its source, runs from the top without a warning, within memory."""

import re
import sys
from tempfile import TemporaryDirectory

import build_notebooks as builder
import nbclient
import nbformat
import pytest
from traitlets.config import Config

SOURCES = sorted(builder.SOURCES.glob("*.py"))
MEMORY_LIMIT_MB = 1500
LONGEST_CELL = 15  # lines of code; imports and widgets included
LONGEST_READ = 120  # words between two things to look at or run

every_lesson = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)

STRICT = "import warnings; warnings.simplefilter('error')"
# The kernel's own peak. getrusage would also count what the test's process held when it started
# the kernel, so Linux is asked for the peak since then.
PEAK = """
import pathlib as _p, resource as _r, sys as _s
_status = _p.Path('/proc/self/status')
if _status.exists():
    _peak = float(_status.read_text().split('VmHWM:')[1].split()[0]) / 1e3
else:
    _peak = _r.getrusage(_r.RUSAGE_SELF).ru_maxrss / (1e6 if _s.platform == 'darwin' else 1e3)
print('peak', _peak)
"""


def execute(notebook):
    """Run all cells in a clean kernel with warnings as errors; returns the outputs' notebook."""
    strict, peak = nbformat.v4.new_code_cell(STRICT), nbformat.v4.new_code_cell(PEAK)
    notebook.cells = [strict, *notebook.cells, peak]
    folder = {"metadata": {"path": str(builder.NOTEBOOKS)}}
    with TemporaryDirectory() as place:
        config = Config(KernelManager=sockets(place))
        nbclient.NotebookClient(notebook, timeout=240, resources=folder, config=config).execute()
    return notebook


def sockets(place: str) -> dict[str, str]:
    """Where a kernel listens. Two that start at once may pick the same TCP port; files cannot."""
    return {} if sys.platform == "win32" else {"transport": "ipc", "ip": f"{place}/kernel"}


def texts(cell) -> str:
    """All that a code cell printed or showed, as plain text."""
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


def stubs_then_solutions(lesson):
    """Each exercise as stub, check, solution, and the check once more."""
    cells = []
    for cell in nbformat.from_dict(lesson).cells:
        cells.append(cell)
        if "check" in builder.tags(cell):
            check = nbformat.from_dict(cell)
        if "solution" in builder.tags(cell):
            again = nbformat.from_dict(check)
            again.id = f"{check.id}-again"
            cells.append(again)
    lesson.cells = cells
    return builder.code_without_outputs(lesson)


def check_results(notebook) -> list[str]:
    return [texts(cell) for cell in notebook.cells if "check" in builder.tags(cell)]


@every_lesson
def test_the_committed_notebook_is_the_built_one(source):
    target, text = builder.build(source)
    assert target.exists(), "run: make notebooks"
    assert target.read_text(encoding="utf-8") == text, "out of date; run: make notebooks"


def test_no_notebook_without_a_source():
    names = {path.stem for path in builder.NOTEBOOKS.glob("*.ipynb")}
    assert names == {path.stem for path in SOURCES}


@every_lesson
def test_versions_differ_only_in_the_exercises(source):
    lesson = builder.read_source(source)
    learner = [c for c in builder.learner_version(lesson).cells if "solution" not in c.get(
        "metadata", {}).get("tags", [])]  # fmt: skip
    solved = builder.solved_version(lesson).cells
    different = [a for a, b in zip(learner, solved, strict=True) if a.source != b.source]
    assert all("exercise" in builder.tags(cell) for cell in different)
    stubs = [cell for cell in learner if "exercise" in builder.tags(cell)]
    assert different == stubs, "each stub differs from its solution"
    assert all("raise NotImplementedError" in cell.source for cell in stubs)


@every_lesson
def test_solutions_are_folded_and_complete(source):
    lesson = builder.read_source(source)
    solutions = [cell.source for cell in lesson.cells if "solution" in builder.tags(cell)]
    folded = [c.source for c in builder.learner_version(lesson).cells if "<details>" in c.source]
    assert len(solutions) == len(folded)
    for solution, fold in zip(solutions, folded, strict=True):
        assert solution in fold and "NotImplementedError" not in solution


@every_lesson
def test_the_form_of_a_lesson(source):
    text = "\n".join(cell.source for cell in builder.read_source(source).cells)
    for part in ("You will", "Time", "Needs", "Predict", "Why this edge blurred", "References"):
        assert part in text, f"the lesson has no {part!r}"
    assert text.count("raise NotImplementedError") >= 3


@every_lesson
def test_cells_are_short(source):
    lesson = builder.read_source(source)
    long = {}
    for number, cell in enumerate(lesson.cells):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if cell.cell_type == "code" and len(lines) > LONGEST_CELL:
            if not all(re.match(r"(from|import|\s|\)|#|rng|[A-Z_]+ =)", line) for line in lines):
                long[number] = lines[0]
    free = {"exercise", "solution"}
    stubs = {number for number, cell in enumerate(lesson.cells) if free & set(builder.tags(cell))}
    assert {number: line for number, line in long.items() if number not in stubs} == {}


@every_lesson
def test_no_wall_of_text(source):
    words, walls = 0, []
    for cell in builder.read_source(source).cells:
        if cell.cell_type == "code":
            words = 0
            continue
        prose = re.sub(r"\$[^$]*\$|\|.*\||^#.*$|!\[.*?\)", " ", cell.source, flags=re.MULTILINE)
        if "References" in cell.source or "You will" in cell.source:
            continue
        words += len(re.findall(r"\w[\w'-]*", prose))
        if words > LONGEST_READ * 1.15:  # 'about'
            walls.append((words, cell.source[:60]))
    assert walls == []


@pytest.mark.notebook
@every_lesson
def test_a_lesson_runs_and_its_checks_tell_stub_from_solution(source, record_property):
    """One run serves both versions; the browser tests run the learner's own from the top."""
    done = execute(stubs_then_solutions(builder.read_source(source)))
    results = check_results(done)
    assert len(results) >= 6
    assert all("Not answered yet" in result for result in results[0::2]), results[0::2]
    assert all("Public checks passed" in result for result in results[1::2]), results[1::2]
    peak = float(texts(done.cells[-1]).split("peak ")[1])
    record_property("peak_mb", peak)
    assert peak < MEMORY_LIMIT_MB


@every_lesson
def test_notebooks_are_small_and_carry_no_outputs(source):
    target = builder.NOTEBOOKS / f"{source.stem}.ipynb"
    assert target.stat().st_size < 1_500_000
    notebook = nbformat.read(target, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    assert "widgets" not in notebook.metadata
