"""Two steps of nbgrader's autograding, made robust: running a notebook, and reading its tests."""

import re

from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Bool, Integer

from lessons_lib.classroom.grading.form import CHECK, metadata_of

STOPPED = "Output stopped here: it was more than is kept."


NOT_RUN = "Not run in grading: it shows something and gives no points."
MOST_TIME_OUTS = 3
LATE = "CellTimeoutError"
PICTURE = re.compile(
    r'<img alt="[^"<>]*" style="max-width:100%" src="data:image/png;base64,([\w+/=]+)"/?>',
    re.ASCII,
)
"""What the course's figures are in a page."""


class StuckKernel(Exception):
    """Cell after cell takes too long: the kernel no longer listens."""


class LimitedExecute(Execute):
    """Run what is graded, and keep only so much of a cell's output."""

    output_bytes = Integer(2**20, help="what is kept of a cell's output").tag(config=True)
    figures = Bool(False, help="whether to run cells that only show something").tag(config=True)
    time_outs = 0

    def __init__(self, *arguments: object, **kwargs: object) -> None:
        super().__init__(*arguments, **kwargs)
        self.said: dict[int, int] = {}

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Run a cell, unless it is locked, gives no points and is not the setup."""
        metadata = metadata_of(cell)
        shows = metadata.get("locked") and not metadata.get("grade")
        setup = str(metadata.get("grade_id", "")).startswith("setup")
        if cell.cell_type == "code" and shows and not setup and not self.figures:
            cell.outputs = [_said(f"{NOT_RUN}\n")]
            return cell, resources
        return super().preprocess_cell(cell, resources, index)

    def on_cell_executed(self, **kwargs: object) -> None:
        """Give up on a kernel that took too long several times in a row."""
        super().on_cell_executed(**kwargs)
        content = kwargs["execute_reply"]["content"]
        late = content.get("ename") == LATE
        self.time_outs = self.time_outs + 1 if late else 0
        if self.time_outs == MOST_TIME_OUTS:
            raise StuckKernel(f"{MOST_TIME_OUTS} cells in a row took too long")

    def process_message(
        self, msg: dict[str, object], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take a message from the kernel, unless the cell has said enough."""
        kind = msg["msg_type"]
        if kind == "status" or kind in ("execute_input", "error", "clear_output"):
            return super().process_message(msg, cell, cell_index)
        if kind.startswith("comm") or kind == "update_display_data":
            return None  # widgets cannot be moved here, and what they keep has no limit
        self.said[cell_index] = self.said.get(cell_index, 0) + _size(msg["content"])
        if self.said[cell_index] > self.output_bytes:
            if not any(STOPPED in output.get("text", "") for output in cell.outputs):
                note = {"output_type": "stream", "name": "stdout", "text": f"\n{STOPPED}\n"}
                cell.outputs.append(NotebookNode(note))
            return None
        return super().process_message(msg, cell, cell_index)


def _size(content: dict[str, object]) -> int:
    """How many characters an output holds, about."""
    parts = [content.get("text", ""), *content.get("data", {}).values()]
    return sum(len(part) if isinstance(part, str) else len(str(part)) for part in parts)


class PlainVerdicts(NbGraderPreprocessor):
    """Leave in a test cell what says passed or failed, and nothing that an answer put there.

    An answer may print the hidden cases that it is called with, write on standard error (which
    nbgrader takes for a failure), or show a number (which nbgrader takes for points).
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Clean a test cell's outputs; leave every other cell alone."""
        found = CHECK.search(cell.source)
        if cell.cell_type == "code" and metadata_of(cell).get("grade") and found:
            errors = [output for output in cell.outputs if output.output_type == "error"]
            errors.sort(key=lambda error: error.ename != LATE)  # before what the interrupt said
            cell.outputs = [_verdict(found, error) for error in errors[:1]]
            if found[1] == "public" and not errors:
                cell.outputs = [_said(f"{found[3]}: public checks passed.\n")]
        return cell, resources


class SafeForReaders(SanitizeHTML):
    """Take out of a student's text and outputs what would run where somebody reads them.

    The course's own text stays as it is: cleaning would spoil its equations.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: ResourcesDict, index: int
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Clean code cells' outputs, and the text of cells that a student wrote."""
        metadata = metadata_of(cell)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            picture = PICTURE.fullmatch(str(data.get("text/html", "")).strip())
            if picture:  # cleaning would leave its megabytes as text
                data["image/png"] = picture[1]
                del data["text/html"]
        if cell.cell_type == "code" or not metadata or metadata.get("solution"):
            return super().preprocess_cell(cell, resources, index)
        return cell, resources


def _verdict(found: object, error: NotebookNode) -> NotebookNode:
    """Return the error as a student may see it."""
    if error.ename == LATE:
        words = "it took too long"
    elif found[1] == "public":
        words = str(error.evalue)[:500]
    else:
        words = "a hidden check failed"
    text = words if words.startswith(found[3]) else f"{found[3]}: {words}"
    return NotebookNode(output_type="error", ename=error.ename, evalue=text, traceback=[text])


def _said(text: str) -> NotebookNode:
    return NotebookNode(output_type="stream", name="stdout", text=text)


