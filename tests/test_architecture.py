"""The arrows between the rooms point one way, and importing the library is cheap."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "lessons_lib"
MODULES = sorted(LIBRARY.rglob("*.py"))

# Which rooms a room may import from; itself is always allowed.
ALLOWED = {
    "image": set(),
    "scenes": {"image"},
    "denoisers": {"image", "scenes", "learning"},
    "learning": {"image", "scenes"},
    "diagnosis": {"image", "scenes"},
    "display": {"image", "scenes", "denoisers", "learning", "diagnosis"},
    "classroom": {"image", "scenes", "denoisers", "learning", "diagnosis", "display"},
    "command_line": {"image", "scenes", "denoisers", "diagnosis"},
    "__main__": {"command_line"},
}
# Third-party packages that only some modules may import.
TORCH_MODULES = {"network", "sampler", "kernels"}
WIDGET_MODULES = {"study"}


def room(path: Path) -> str:
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imported_modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def imported_rooms(path: Path) -> set[str]:
    parts = [name.split(".") for name in imported_modules(path)]
    return {name[1] for name in parts if name[0] == "lessons_lib" and len(name) > 1}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_arrows_point_one_way(path: Path):
    here = room(path)
    if here == "__init__":
        assert not imported_rooms(path), "lessons_lib/__init__.py imports nothing"
        return
    assert here in ALLOWED, f"a new room {here!r} needs a line in ALLOWED"
    strays = (imported_rooms(path) & ALLOWED.keys()) - ALLOWED[here] - {here}
    assert not strays, f"{path.name} in {here} must not import {sorted(strays)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_heavy_packages_stay_in_their_rooms(path: Path):
    packages = {name.split(".")[0] for name in imported_modules(path)}
    if room(path) != "learning" and path.stem not in TORCH_MODULES:
        assert "torch" not in packages or room(path) == "display"
    if room(path) != "display" and path.stem not in WIDGET_MODULES:
        assert not packages & {"ipywidgets", "anywidget"}


def test_the_checker_sees_a_wrong_arrow(tmp_path: Path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from lessons_lib.denoisers.linear import Gaussian\n")
    assert imported_rooms(wrong) == {"denoisers"}


def import_report(statement: str) -> tuple[float, bool]:
    """Seconds that an import takes in a new interpreter, and whether torch came along."""
    code = (
        "import time, sys; start = time.process_time(); "
        f"{statement}; print(time.process_time() - start, 'torch' in sys.modules)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    return float(output[0]), output[1] == "True"


def test_importing_the_library_is_cheap_and_free_of_torch():
    seconds, torch_came = import_report("import lessons_lib")
    assert not torch_came
    # CPU time, a hundred times below the limit of 0.5 s when nothing is imported eagerly.
    assert seconds < 0.5


@pytest.mark.parametrize("name", ["display.widgets", "diagnosis.scoreboard", "scenes.photo"])
def test_no_early_lesson_pays_for_torch(name: str):
    assert import_report(f"import lessons_lib.{name}")[1] is False


def test_modules_are_short_enough_to_read_in_one_sitting():
    # The aim is about 250 lines; the limit leaves room for long docstrings.
    long = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: lines for name, lines in long.items() if lines > 260} == {}


# -- small rooms: what keeps a reader's way short


LONGEST_MODULE = 250  # lines
LONGEST_REPEAT = 5  # lines of code that may stand twice
MEDIAN_BODY = 12  # lines of a function without its docstring


def test_no_module_is_long():
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def code_lines(source: str) -> list[tuple[int, str]]:
    """Number and text of each line that is neither empty, a comment, a docstring nor an import."""
    other = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Import, ast.ImportFrom)) or is_text(node):
            other |= set(range(node.lineno, node.end_lineno + 1))
    lines = ((number, line.strip()) for number, line in enumerate(source.splitlines(), 1))
    return [(n, line) for n, line in lines if n not in other and line and line[0] != "#"]


def repeats(sources: dict[str, str]) -> dict[str, list[tuple[str, int]]]:
    """Each block of LONGEST_REPEAT + 1 lines of code that stands twice, and where."""
    places: dict[str, list[tuple[str, int]]] = {}
    for name, source in sources.items():
        lines = code_lines(source)
        for first in range(len(lines) - LONGEST_REPEAT):
            block = lines[first : first + LONGEST_REPEAT + 1]
            places.setdefault("\n".join(t for _, t in block), []).append((name, block[0][0]))
    return {text: found for text, found in places.items() if len(found) > 1}


def test_no_block_of_code_stands_twice():
    sources = {str(p.relative_to(LIBRARY)): p.read_text(encoding="utf-8") for p in MODULES}
    assert repeats(sources) == {}


def test_the_search_for_repeats_finds_one():
    block = "".join(f"x = {number}\n" for number in range(LONGEST_REPEAT + 1))
    found = repeats({"one.py": f"import os\n{block}", "two.py": f'"""Words."""\n\n{block}y = 1\n'})
    assert list(found.values()) == [[("one.py", 2), ("two.py", 3)]]
    assert repeats({"one.py": block[:-6], "two.py": block[:-6]}) == {}


def test_functions_are_short_as_a_rule():
    lengths = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[is_text(node.body[0]) :]
                lengths.append(node.end_lineno - body[0].lineno + 1 if body else 0)
    assert sorted(lengths)[len(lengths) // 2] <= MEDIAN_BODY
