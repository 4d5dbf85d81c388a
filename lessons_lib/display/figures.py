"""Static figures: arrays in, a figure with alternative text out.

The figures use ``matplotlib.figure.Figure`` directly, never pyplot, so that nothing
global piles up while a slider moves.
"""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lessons_lib.image import Image

# Okabe and Ito's palette, which colour-blind readers can tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)), "-")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


class AltFigure(Figure):
    """A Figure that knows its alternative text and shows itself in a notebook."""

    alt: str = ""

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=self.dpi, facecolor="white")
        encoded = base64.b64encode(buffer.getvalue()).decode()
        alt = html.escape(self.alt, quote=True)
        picture = f'<img alt="{alt}" style="max-width:100%" src="data:image/png;base64,{encoded}">'
        return {"text/html": picture, "text/plain": f"Figure: {self.alt}"}


def new_figure(
    columns: int = 1, rows: int = 1, *, alt: str, width: float = 10.0, height: float = 3.4
) -> tuple[AltFigure, np.ndarray]:
    """Make an empty figure and its grid of axes.

    Parameters
    ----------
    columns, rows : int
        Number of panels.
    alt : str
        What a person who cannot see the figure should know; required.
    width, height : float
        Size of the whole figure in inches.

    Returns
    -------
    AltFigure
    ndarray of Axes, ``(rows, columns)``
    """
    figure = AltFigure(figsize=(width, height), dpi=100, layout="constrained")
    figure.alt = alt
    return figure, figure.subplots(rows, columns, squeeze=False)


def draw_image(axes: Axes, image: Image, title: str, low: float = 0.0, high: float = 1.0) -> None:
    """Draw one image without smoothing; values outside [low, high] are clipped on screen only."""
    shown = np.clip((np.asarray(image, dtype=float) - low) / (high - low), 0, 1)
    axes.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.set_xticks([])
    axes.set_yticks([])


def draw_signed(
    axes: Axes, image: Image, title: str, limit: float, *, scale: bool = True
) -> None:
    """Draw a signed image: zero is white, positive orange, negative purple.

    ``scale=False`` leaves the colour bar out, where a neighbour with the same limit has one.
    """
    drawn = axes.imshow(image, cmap="PuOr_r", vmin=-limit, vmax=limit, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.set_xticks([])
    axes.set_yticks([])
    if scale:
        axes.figure.colorbar(drawn, ax=axes, shrink=0.8)


def image_row(
    images: Mapping[str, Image], *, alt: str, low: float = 0.0, high: float = 1.0
) -> AltFigure:
    """Show images side by side, each under its title.

    Parameters
    ----------
    images : mapping from title to image
        Grey or colour.
    alt : str
        Alternative text.
    low, high : float
        Image values drawn black and white.
    """
    height, width = next(iter(images.values())).shape[:2]
    panel = 12.0 / len(images)
    figure, axes = new_figure(
        len(images), alt=alt, width=12.0, height=min(panel * height / width, 6.0) + 0.4
    )
    for panel_axes, (title, image) in zip(axes[0], images.items(), strict=True):
        draw_image(panel_axes, image, title, low, high)
    return figure


@dataclass(frozen=True)
class Line:
    """One curve of a plot.

    Attributes
    ----------
    label : str
        Name in the legend.
    x, y : sequence of float
        Same length.
    style : str
        'line', 'points' or 'both'.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    style: str = "line"


def draw_lines(
    axes: Axes,
    lines: Sequence[Line],
    *,
    x_label: str,
    y_label: str,
    title: str = "",
    log_x: bool = False,
    log_y: bool = False,
) -> None:
    """Draw curves that differ in colour *and* in dash or marker."""
    for index, line in enumerate(lines):
        look = index % len(COLOURS)
        axes.plot(
            line.x,
            line.y,
            color=COLOURS[look],
            linestyle="none" if line.style == "points" else DASHES[look],
            marker=None if line.style == "line" else MARKERS[look],
            markersize=4,
            label=line.label,
        )
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_title(title, fontsize=10)
    if log_x:
        axes.set_xscale("log")
    if log_y:
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    if any(line.label for line in lines):
        axes.legend(fontsize=8)


def line_plot(lines: Sequence[Line], *, alt: str, width: float = 7.0, **labels) -> AltFigure:
    """One plot of several curves; the keywords are those of :func:`draw_lines`."""
    figure, axes = new_figure(alt=alt, width=width)
    draw_lines(axes[0, 0], lines, **labels)
    return figure
