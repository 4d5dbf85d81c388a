"""What stands in a widget's place on the site: its pictures, its plots, and a sentence."""

import base64
import html
import io
from collections.abc import Callable

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from lessons_lib.display.figures import Line, draw_lines, new_figure

LEAST_SIDE = 320  # px; smaller pictures are enlarged so that their pixels stay visible
NOTE = (
    "In the notebook the widget <strong>{title}</strong> stands here, and moves. "
    "This is a picture of it, set as follows: {settings}."
)
OTHER_NOTE = (
    "In the notebook <strong>{title}</strong> stands here, and answers. This is its first picture."
)
Store = Callable[[bytes], str]  # keeps a PNG, returns the address to show it from


def picture(panel: dict, frame: bytes, spot: list[int]) -> bytes:
    """One panel as a PNG, its box and its cross-hair drawn in.

    Parameters
    ----------
    panel : dict
        As :meth:`CanvasView.show_panels` describes it.
    frame : bytes
        uint8 pixels, height x width x channels.
    spot : list of int
        Row and column of the cross-hair; empty if there is none.
    """
    size = panel["width"], panel["height"]
    image = PillowImage.frombytes("L" if panel["channels"] == 1 else "RGB", size, frame)
    scale = max(1, -(-LEAST_SIDE // max(size)))
    large = image.convert("RGB").resize((scale * size[0], scale * size[1]), PillowImage.NEAREST)
    pen = ImageDraw.Draw(large)
    for colour, width in (("black", 5), ("white", 2)):
        if panel.get("box"):
            top, left, bottom, right = (scale * edge for edge in panel["box"])
            pen.rectangle((left, top, right, bottom), outline=colour, width=width)
        if panel.get("marked") and spot:
            row, col = (scale * (place + 0.5) for place in spot)
            for near, far in ((-14, -5), (5, 14)):
                pen.line((col + near, row, col + far, row), fill=colour, width=width)
                pen.line((col, row + near, col, row + far), fill=colour, width=width)
    buffer = io.BytesIO()
    large.save(buffer, "PNG")
    return buffer.getvalue()


def plot_picture(plot: dict) -> bytes:
    """One plot as a PNG, in the colours and dashes of the widgets."""
    figure, axes = new_figure(alt=plot["alt"], width=4.4, height=2.9)
    lines = [
        Line(line["label"], line["x"], [np.nan if y is None else y for y in line["y"]],
             "both" if line["dots"] else "line")
        for line in plot["series"]
    ]  # fmt: skip
    draw_lines(
        axes[0, 0], lines, x_label=plot["x_label"], y_label=plot["y_label"],
        log_x=bool(plot.get("log_x")), log_y=bool(plot.get("log_y")),
    )  # fmt: skip
    for axis in "xy":
        if plot.get(f"{axis}_range"):
            axes[0, 0].set(**{f"{axis}lim": plot[f"{axis}_range"]})
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=140, facecolor="white")
    return buffer.getvalue()


def settings(shown: dict) -> str:
    """The controls and their values in words."""
    said = []
    for control in shown["controls"]:
        value = shown["values"].get(control["name"])
        if control["kind"] == "range" and value is not None:
            place = round((value - control["min"]) / control["step"])
            text = control["texts"][place] if control.get("texts") else f"{value:g}"
            said.append(f"{control['label']} {text} {control['unit']}".strip())
        elif control["kind"] == "select":
            said.append(f"{control['label']} <em>{html.escape(str(value))}</em>")
        else:
            said.append(f"a button <em>{html.escape(control['label'])}</em>")
    return ", ".join(said)


def figure(title: str, alt: str, address: str) -> str:
    """One picture under its title."""
    title, alt = html.escape(title), html.escape(alt, quote=True)
    shown = f'<img loading="lazy" alt="{alt}" src="{address}">'
    return f"<figure><figcaption>{title}</figcaption>{shown}</figure>"


def widget_html(shown: dict, store: Store) -> str:
    """What stands in the place of one widget.

    Parameters
    ----------
    shown : dict
        What the widget showed in the end: title, controls, values, panels, frames, plots,
        readout, notes.
    store : callable
        Keeps a PNG and returns its address.
    """
    spot = [shown["values"][name] for name in ("row", "col") if name in shown["values"]]
    main, side = [], []
    for panel, frame in zip(shown["panels"], shown["frames"], strict=True):
        address = store(picture(panel, base64.b64decode(frame), spot))
        (side if panel.get("side") else main).append(figure(panel["title"], panel["alt"], address))
    plots = [figure(p["title"], p["alt"], store(plot_picture(p))) for p in shown["plots"]]
    note = NOTE.format(title=html.escape(shown["title"]), settings=settings(shown))
    said = [html.escape(shown[name]) for name in ("readout", "notes") if shown[name]]
    return "".join(
        [
            '<div class="widget-picture">',
            f'<p class="widget-note">{note}</p>',
            f'<div class="widget-main">{"".join(main)}</div>',
            f'<div class="widget-lower">{"".join(plots + side)}</div>',
            *(f"<p>{text}</p>" for text in said),
            "</div>",
        ]
    )


def other_widget_html(title: str, encoded: str, store: Store) -> str:
    """What stands in the place of a widget that is no canvas view: a PNG (base64) of it."""
    title = html.escape(title, quote=True)
    address = store(base64.b64decode(encoded))
    return (
        f'<div class="widget-picture"><p class="widget-note">{OTHER_NOTE.format(title=title)}</p>'
        f'<img loading="lazy" alt="{title} Its first picture." src="{address}"></div>'
    )
