"""The canvas view: controls, pictures as raw bytes, plots, and one event from the page.

Everything that moves in the course is this one view with different contents. A widget
subclasses :class:`CanvasView`, says what its controls are, and answers :meth:`react`.
"""

import io
import math
import pathlib
from collections.abc import Callable, Sequence

import anywidget
import numpy as np
import traitlets
from PIL import Image as PillowImage

HERE = pathlib.Path(__file__).parent
FRAMES = 6
UPLOAD_LIMIT = 150_000_000


def slider(
    name: str,
    label: str,
    span: tuple[float, float, float],
    unit: str = "",
    *,
    texts: Sequence[str] | None = None,
    disabled: bool = False,
) -> dict:
    """Describe a slider.

    Parameters
    ----------
    name, label : str
        Key in ``state``; what stands before the slider.
    span : tuple of float
        Lowest value, highest value, step.
    unit : str
        Stands behind the value.
    texts : sequence of str, optional
        What to show instead of the number, one for each step: '64' where the value is 6.
    disabled : bool
        True where moving it would change nothing.
    """
    low, high, step = span
    return {
        "kind": "range", "name": name, "label": label, "unit": unit,
        "min": low, "max": high, "step": step, "disabled": disabled,
        "texts": list(texts) if texts else None,
    }  # fmt: skip


def choice(name: str, label: str, options: Sequence[str]) -> dict:
    """Describe a drop-down list."""
    return {"kind": "select", "name": name, "label": label, "options": list(options)}


def button(name: str, label: str) -> dict:
    """Describe a push button; its value counts the presses."""
    return {"kind": "button", "name": name, "label": label}


def file_picker(name: str, label: str, accept: str) -> dict:
    """Describe a file picker; the file goes to the kernel on this machine and nowhere else."""
    return {"kind": "file", "name": name, "label": label, "accept": accept}


def series(label: str, x: np.ndarray, y: np.ndarray, dots: bool = False) -> dict:
    """Describe one curve of a plot; values that are not finite leave a gap."""
    return {"label": label, "x": _short(x), "y": _short(y), "dots": dots}


def _short(values: Sequence[float]) -> list[float | None]:
    """Round to 1/10000 of the largest value or finer; what is not finite is None."""
    values = np.asarray(values, dtype=float)
    finite = np.abs(values[np.isfinite(values)])
    largest = finite.max() if finite.size else 0.0
    decimals = 5 - math.ceil(math.log10(largest)) if largest > 0 else 5
    return [v if math.isfinite(v) else None for v in np.round(values, decimals).tolist()]


class CanvasView(anywidget.AnyWidget):
    """The base of every widget of the course.

    Attributes
    ----------
    title : str
        Accessible name of the whole widget.
    state : dict
        The value of each control, plus whatever the pictures' cross-hairs move. Plain
        Python: the page owns what the user moves, and hears back only through
        :meth:`push`, or a slider would jump back under the user's hand.
    notes : str
        What stays true while sliders move, such as what was changed in a file on reading.
    message : str
        What went wrong, in words; empty if nothing did.
    """

    _esm = HERE / "view.js"
    _css = HERE / "view.css"

    title = traitlets.Unicode("widget").tag(sync=True)
    controls = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    panels = traitlets.List().tag(sync=True)
    plots = traitlets.List().tag(sync=True)
    readout = traitlets.Unicode("").tag(sync=True)
    notes = traitlets.Unicode("").tag(sync=True)
    message = traitlets.Unicode("").tag(sync=True)
    progress = traitlets.Float(-1.0).tag(sync=True)
    done = traitlets.Int(0).tag(sync=True)
    event = traitlets.Dict().tag(sync=True, echo_update=False)
    upload_limit = traitlets.Int(UPLOAD_LIMIT).tag(sync=True)
    frame_0 = traitlets.Bytes(b"").tag(sync=True)
    frame_1 = traitlets.Bytes(b"").tag(sync=True)
    frame_2 = traitlets.Bytes(b"").tag(sync=True)
    frame_3 = traitlets.Bytes(b"").tag(sync=True)
    frame_4 = traitlets.Bytes(b"").tag(sync=True)
    frame_5 = traitlets.Bytes(b"").tag(sync=True)

    def __init__(self, title: str) -> None:
        super().__init__(title=title)
        self.state: dict[str, object] = {}
        self._pushes = 0
        self._parts: dict[str, list[bytes]] = {}
        self.observe(self._on_event, names="event")
        self.on_msg(self._on_message)

    # -- what a widget answers

    def react(self, source: str, settled: bool) -> None:
        """Answer a change of ``self.state[source]``; ``settled`` is False during a drag."""
        raise NotImplementedError

    def receive(self, name: str, content: bytes) -> None:
        """Answer a file that the user picked."""
        raise NotImplementedError

    # -- what a widget shows

    def show_panels(self, panels: Sequence[tuple[dict, np.ndarray]]) -> None:
        """Show up to six pictures; only those that changed travel.

        Parameters
        ----------
        panels : sequence of (description, pixels)
            Description: key, title, alt and, where the picture moves a cross-hair,
            ``moves`` (names of the row and column values). Pixels: uint8 ``(H, W)`` or
            ``(H, W, 3)``.
        """
        described = []
        for index, (description, pixels) in enumerate(panels):
            channels = 1 if pixels.ndim == 2 else 3
            height, width = pixels.shape[:2]
            described.append(
                {**description, "height": height, "width": width, "channels": channels}
            )
            setattr(self, f"frame_{index}", np.ascontiguousarray(pixels).tobytes())
        self.panels = described

    def push(self, **values: object) -> None:
        """Move controls on the page without answering."""
        self.state.update(values)
        self._pushes += 1
        # The count makes each push a change, even back to a value pushed before.
        self.values = {**self.state, "pushes": self._pushes}

    def set(self, **values: object) -> None:
        """Move controls from code exactly as a user would, and answer."""
        self.push(**values)
        self._answer(lambda: self.react(next(reversed(values)), settled=True))

    # -- plumbing

    def _on_event(self, change: dict) -> None:
        event = change["new"]
        with self.hold_sync():
            self.state.update(event["values"])
            self._answer(lambda: self.react(event["source"], event["settled"]))
            self.done = event["serial"]

    def _on_message(self, _widget: object, content: dict, buffers: list) -> None:
        if content.get("kind") != "upload":
            return
        parts = self._parts.setdefault(content["id"], [])
        parts.append(bytes(buffers[0]))
        self.progress = len(parts) / content["parts"]
        if len(parts) == content["parts"]:
            file = b"".join(self._parts.pop(content["id"]))
            self._answer(lambda: self.receive(content["name"], file))
            self.progress = -1.0

    def _answer(self, work: Callable[[], None]) -> None:
        self.message = ""
        try:
            work()
        except ValueError as error:  # something the user can mend: say it where they look
            self.message = str(error)
        except Exception as error:
            self.broke(error)

    def broke(self, error: Exception) -> None:
        """Say in the widget that the course made a mistake, and log the whole story."""
        self.message = f"This widget broke: {type(error).__name__}: {error}"
        self.log.exception(self.message, exc_info=error)

    def snapshot(self) -> bytes:
        """All pictures side by side as a PNG, for pages where no kernel runs."""
        tiles = []
        for index, panel in enumerate(self.panels):
            mode = "L" if panel["channels"] == 1 else "RGB"
            size = (panel["width"], panel["height"])
            tile = PillowImage.frombytes(mode, size, getattr(self, f"frame_{index}"))
            tiles.append(tile.convert("RGB").resize((256, 256 * size[1] // size[0])))
        if not tiles:
            tiles = [PillowImage.new("RGB", (256, 32), "white")]
        sheet = PillowImage.new(
            "RGB", (264 * len(tiles), max(tile.height for tile in tiles)), "white"
        )
        for index, tile in enumerate(tiles):
            sheet.paste(tile, (264 * index, 0))
        buffer = io.BytesIO()
        sheet.save(buffer, "PNG")
        return buffer.getvalue()

    def _repr_mimebundle_(self, **keywords: object) -> object:
        bundle = super()._repr_mimebundle_(**keywords)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if data is not None:
            data = {**data, "image/png": self.snapshot()}
        return data, metadata
