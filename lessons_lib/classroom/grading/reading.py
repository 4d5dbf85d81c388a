"""From the file that a student handed in to a list of cells, whatever happened to it."""

import codecs
import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from lessons_lib.classroom.grading.findings import Finding

MOST_BYTES = 50 * 2**20
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Unreadable(Exception):
    """The file cannot be graded; the text says why and what to ask the student for."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.finding = Finding(code, words)


def find_notebook(folder: Path, assignment: str) -> tuple[Path, list[Finding]]:
    """Return the notebook of a submission, by its name or because there is no other.

    Raises
    ------
    Unreadable
        If there is none, or several of which none has the right name.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    wanted = folder / f"{assignment}.ipynb"
    if wanted in files:
        return wanted, _others(wanted, files)
    books = [path for path in files if ".ipynb" in path.suffixes]
    named = [path for path in books if path.name.lower() == wanted.name]
    chosen = named if len(named) == 1 else books
    if len(chosen) != 1:
        names = ", ".join(path.name for path in files if path.name != "timestamp.txt") or "nothing"
        raise Unreadable("no-notebook", f"expected {wanted.name}, came {names[:200]}")
    words = f"the file was named {chosen[0].relative_to(folder)} instead of {wanted.name}"
    return chosen[0], [Finding("file-name", words, flag=False), *_others(chosen[0], files)]


def _others(chosen: Path, files: list[Path]) -> list[Finding]:
    more = [path.name for path in files if ".ipynb" in path.suffixes and path != chosen]
    words = f"other notebooks came too and were not graded: {', '.join(more)[:200]}"
    return [Finding("more-notebooks", words)] if more else []


def read_notebook(path: Path) -> tuple[NotebookNode, list[Finding]]:
    """Read a notebook in any encoding and any version of the format.

    Raises
    ------
    Unreadable
        If it is too large, no JSON, or no notebook.
    """
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable("too-large", f"{path.name} has more than {MOST_BYTES // 2**20} MB")
    text, findings = decoded(path.read_bytes())
    try:
        content = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            "broken-json", f"{path.name} is not a whole notebook ({error}); ask for it again"
        ) from None
    if not isinstance(content, dict) or not ("cells" in content or "worksheets" in content):
        raise Unreadable("no-notebook", f"{path.name} holds no notebook")
    return _version_4(content, path.name), findings


def decoded(data: bytes) -> tuple[str, list[Finding]]:
    """Turn bytes into text: UTF-8, or what the mark at the beginning says, or Windows' own."""
    marks = [name for mark, name in MARKS.items() if data.startswith(mark)]
    for name in (*marks, "utf-8", "cp1252"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        found = [] if name == "utf-8" else [f"the file was saved as {name} instead of UTF-8"]
        return text, [Finding("encoding", words, flag=False) for words in found]
    words = "the file held bytes that no encoding knows; they were replaced"
    return data.decode("utf-8", errors="replace"), [Finding("encoding", words)]


def _version_4(content: dict, name: str) -> NotebookNode:
    """Return the cells as the present format has them, each with what it must have."""
    try:
        if "worksheets" in content or content.get("nbformat", 4) < 4:
            book = nbformat.convert(nbformat.from_dict(content), 4)
        else:
            book = nbformat.from_dict(content)
        cells = [cell for cell in book.cells if isinstance(cell, dict)]
        book.cells = [_whole(cell) for cell in cells]
    except Exception as error:  # a hostile or broken file may raise anything
        raise Unreadable(
            "no-notebook", f"{name} holds no notebook that can be read ({type(error).__name__})"
        ) from None
    return book


def _whole(cell: NotebookNode) -> NotebookNode:
    """Give a cell its type, one text as its source, and metadata."""
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str)).replace("\r\n", "\n")
    text = text.replace("\r", "\n").encode("utf-8", errors="replace").decode("utf-8")
    kind = cell.get("cell_type")
    metadata = cell.get("metadata")
    return NotebookNode(
        cell_type=kind if kind in ("code", "markdown", "raw") else "raw",
        source=text.replace("\0", ""),
        metadata=metadata if isinstance(metadata, dict) else NotebookNode(),
        id=str(cell.get("id", "")),
    )
