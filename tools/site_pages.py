"""From an executed lesson to the notebook that Sphinx turns into a page."""

import base64
import hashlib
import io
import re
from pathlib import Path

from nbformat import NotebookNode
from PIL import Image as PillowImage
from site_execution import complaints
from site_widgets import other_widget_html, widget_html

WIDGET = "application/vnd.jupyter.widget-view+json"
INLINE = re.compile(r'<img ([^>]*?)src="data:image/png;base64,([^"]+)"([^>]*)>')
WIDE = 1.7  # width over height from which a figure is scrolled rather than shrunk on a phone
TABLE = re.compile(r"<table.*?</table>", re.DOTALL)


class Figures:
    """Pictures kept once each, under a name made of their content.

    Parameters
    ----------
    folder : Path
        Where they are written.
    address : str
        What stands before the name in a page.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        folder.mkdir(parents=True, exist_ok=True)

    def store(self, content: bytes) -> str:
        """Write a PNG unless it is there; returns its address."""
        name = hashlib.sha256(content).hexdigest()[:16] + ".png"
        (self.folder / name).write_bytes(content)
        return f"{self.address}/{name}"


def as_files(text: str, figures: Figures) -> str:
    """Take the pictures out of a piece of HTML, so that a page loads only what is looked at."""

    def link(match: re.Match) -> str:
        before, encoded, after = match.groups()
        content = base64.b64decode(encoded)
        width, height = PillowImage.open(io.BytesIO(content)).size
        address = figures.store(content)
        picture = (
            f'<img {before}src="{address}"{after} loading="lazy" width="{width}" '
            f'height="{height}">'
        )
        kind = "wide-figure" if width > WIDE * height else "figure"
        return f'<div class="scroll {kind}"><a href="{address}">{picture}</a></div>'

    return INLINE.sub(link, text)


def in_scroller(text: str) -> str:
    """Put each table into a box of its own that scrolls where the screen is narrow."""
    return TABLE.sub(lambda match: f'<div class="scroll">{match.group()}</div>', text)


def static_output(output: NotebookNode, widgets: dict, figures: Figures) -> NotebookNode:
    """One output without what needs a kernel."""
    data = output.get("data", {})
    if WIDGET in data:
        shown = widgets[data[WIDGET]["model_id"]]
        if "panels" in shown:
            text = widget_html(shown, figures.store)
        else:
            text = other_widget_html(shown["title"], data["image/png"], figures.store)
        output.data = NotebookNode({"text/html": text})
    elif "text/html" in data:
        data["text/html"] = in_scroller(as_files(data["text/html"], figures))
    return output


def one_title(cells: list[NotebookNode]) -> None:
    """Sink the parts of a lesson that are headed like the lesson itself below its one title."""
    titles, code = 0, False
    for cell in cells:
        if cell.cell_type != "markdown":
            continue
        lines = cell.source.split("\n")
        for number, line in enumerate(lines):
            code ^= line.startswith("```")
            titles += line.startswith("# ") and not code
            if titles > 1 and not code and re.match("#+ ", line):
                lines[number] = "#" + line
        cell.source = "\n".join(lines)


def page(notebook: NotebookNode, widgets: dict, figures: Figures) -> NotebookNode:
    """Make a lesson's page: no widget that needs a kernel, no picture inside the text.

    Parameters
    ----------
    notebook : NotebookNode
        Executed; is changed.
    widgets : dict
        Widget id -> what it showed in the end.
    figures : Figures
        Keeps the pictures.

    Raises
    ------
    ValueError
        If a cell warned, or failed without stopping the lesson.
    """
    if said := complaints(notebook):
        raise ValueError(f"expected no warning and no error in a lesson, got: {said[0]}")
    one_title(notebook.cells)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            static_output(output, widgets, figures)
    return notebook
