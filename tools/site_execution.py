"""Run the lessons for the site: each in a clean kernel, some at a time, none twice.

A result is kept under a key made of all that it depends on: the notebook's text, the library, the
weights, the stored benchmark results, the pinned versions. What did not change is not run again.
"""

import ast
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import build_notebooks as builder
import nbclient
import nbformat
from nbformat import NotebookNode
from traitlets.config import Config

ROOT = builder.ROOT
CACHE = ROOT / "build" / "site-cache"
RESULTS = ROOT / "benchmarks" / "results"
CELL_SECONDS = 900  # a whole cell; on a busy machine training takes minutes
READ = ("lessons_lib/**/*.tsv", "data/weights/**/*.safetensors", "benchmarks/results/*.json",
        "requirements.txt")  # fmt: skip

STRICT = "import warnings; warnings.simplefilter('error')"
# Long work goes on beside a live page: the last cell waits for it, then says what widgets show.
WIDGETS = """
import asyncio as _asyncio, base64 as _base64, json as _json
from ipywidgets.widgets.widget import _instances
from lessons_lib.display.jobs import Job as _Job
from lessons_lib.display.view import CanvasView as _View
_names = ("title", "controls", "values", "panels", "plots", "readout", "notes", "message")
_shown = {}
for _id, _view in list(_instances.items()):
    if not isinstance(_view, _View):
        _shown[_id] = {"title": getattr(_view, "title", "")}
        continue
    for _part in vars(_view).values():
        while isinstance(_part, _Job) and _part.running:
            await _asyncio.sleep(0.05)
    _shown[_id] = {_name: getattr(_view, _name) for _name in _names}
    _shown[_id]["frames"] = [
        _base64.b64encode(getattr(_view, f"frame_{_i}")).decode()
        for _i in range(len(_view.panels))
    ]
warnings.resetwarnings()  # what the kernel says while it ends is not the lesson's
print(_json.dumps(_shown))
"""


def imported(code: str) -> Iterator[str]:
    """Names of all modules of the library that a piece of Python may import, at any depth."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules_behind(code: str) -> list[Path]:
    """Files of the library that ``code`` depends on, directly or through others, sorted."""
    found, waiting = set(), list(imported(code))
    while waiting:
        parts = waiting.pop().split(".")
        if parts[0] != "lessons_lib":
            continue
        # Importing a module also runs the __init__ of each room on the way to it.
        places = [ROOT.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
        files = [place / "__init__.py" for place in places] + [places[-1].with_suffix(".py")]
        for file in files:
            if file.exists() and file not in found:
                found.add(file)
                waiting.extend(imported(file.read_text(encoding="utf-8")))
    return sorted(found)


def key_of(notebook: NotebookNode) -> str:
    """One hash of everything that decides what a lesson shows."""
    text = sys.version + STRICT + WIDGETS + builder.text_of(notebook)
    digest = hashlib.sha256(text.encode())
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    data = (path for pattern in READ for path in sorted(ROOT.glob(pattern)))
    for path in [*modules_behind(code), *data]:
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder like notebooks/ to run in, so that nobody's own photos and results are touched."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "notebooks"
        folder.mkdir()
        shutil.copytree(RESULTS, Path(place) / "benchmarks" / "results")
        yield folder


def execute(notebook: NotebookNode) -> dict:
    """Run all cells with warnings as errors; fill in their outputs.

    Parameters
    ----------
    notebook : NotebookNode
        Gets outputs and execution counts.

    Returns
    -------
    dict
        For each widget's id what it showed in the end.

    Raises
    ------
    CellExecutionError
        If a cell failed, with the cell and its traceback.
    """
    first, last = (nbformat.v4.new_code_cell(code) for code in (STRICT, WIDGETS))
    notebook.cells = [first, *notebook.cells, last]
    with workplace() as folder:
        # Two kernels that start at once may pick the same TCP port; files cannot.
        sockets = {"transport": "ipc", "ip": f"{folder.parent}/kernel"}
        config = Config(KernelManager={} if sys.platform == "win32" else sockets)
        resources = {"metadata": {"path": str(folder)}}
        nbclient.NotebookClient(
            notebook, timeout=CELL_SECONDS, resources=resources, config=config
        ).execute()
    shown = json.loads(notebook.cells[-1].outputs[0].text)
    notebook.cells = notebook.cells[1:-1]
    notebook.metadata.pop("widgets", None)  # the pages show pictures instead
    return shown


def run_or_read(source: Path) -> tuple[NotebookNode, dict, bool]:
    """The learner's version of a lesson with its outputs, its widgets, and whether it was run."""
    notebook = builder.learner_version(builder.read_source(source))
    kept = CACHE / f"{source.stem}-{key_of(notebook)}.json"
    if kept.exists():
        content = json.loads(kept.read_text(encoding="utf-8"))
        return nbformat.from_dict(content["notebook"]), content["widgets"], False
    widgets = execute(notebook)
    if complaints(notebook):
        return notebook, widgets, True  # not kept: the next build runs it again
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    content = {"notebook": notebook, "widgets": widgets}
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    for old in CACHE.glob(f"{source.stem}-*.json"):
        old.unlink()
    unfinished.replace(kept)
    return notebook, widgets, True


def complaints(notebook: NotebookNode) -> list[str]:
    """What an executed lesson warned of, and errors that did not stop it."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [
        output.get("evalue") or output.get("text")
        for output in outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def run_all(sources: list[Path], jobs: int) -> Iterator[tuple[Path, NotebookNode, dict, bool]]:
    """Run the lessons, ``jobs`` at a time, and hand each over in the lessons' order."""
    with ThreadPoolExecutor(jobs) as pool:
        done = pool.map(run_or_read, sources)
        for source, result in zip(sources, done, strict=True):
            yield source, *result
