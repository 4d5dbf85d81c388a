"""What the capstone shows and saves: the learner's places, crops before and after, the record."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lessons_lib.display.figures import draw_image, new_figure
from lessons_lib.image import Image, luminance

Place = tuple[int, int, int, int]
"""Alias for annotations: top, bottom, left, right, px."""
NAMES = "strong", "weak", "flat"


def cut(image: Image, place: Place) -> Image:
    """A rectangle of a picture."""
    return image[place[0] : place[1], place[2] : place[3]]


def cut_piece(photo: Image, place: Place) -> Image:
    """The part of the photo to work on.

    Raises
    ------
    ValueError
        If it reaches out of the photo.
    """
    height, width = photo.shape[:2]
    if place[1] > height or place[3] > width:
        raise ValueError(
            f"the piece {tuple(place)} reaches out of the photo, which is {height} x {width} px; "
            "choose it again"
        )
    return np.ascontiguousarray(cut(photo, place))


def photo_figure(photo: Image) -> Figure:
    """The whole photo with px at its sides, as large as can be read."""
    height, width = photo.shape[:2]
    step = max(1, width // 1000)
    shown = photo[::step, ::step]
    figure, axes = new_figure(width=10, height=0.8 + 9.5 * height / width, alt=(
        "The whole photo, with rows and columns in px at its sides."))  # fmt: skip
    draw_image(axes[0, 0], shown, "the photo", 0, float(np.quantile(shown, 0.99)))
    _mark(axes[0, 0], height, width, step)
    return figure


def _mark(panel: Axes, height: int, width: int, step: int = 1) -> None:
    """Rows and columns at the sides, six to twelve of them, in px of the photo."""
    for side, put in ((height, panel.set_yticks), (width, panel.set_xticks)):
        apart = max(20, max(height, width) // 60 * 10)
        px = np.arange(0, side, apart)
        put(px / step, px, fontsize=7)


def places_figure(before: Image, places: Mapping[str, Place]) -> Figure:
    """The piece with three frames in it, and the three places enlarged."""
    figure, axes = new_figure(4, width=12, height=3.4, alt=(
        "The piece with three frames in it, and the three places enlarged: the strong edge, the "
        "weak edge, and the part where nothing is."))  # fmt: skip
    bright = float(np.quantile(before, 0.99))
    draw_image(axes[0, 0], before, "piece, luminance", 0, bright)
    _mark(axes[0, 0], *before.shape)
    for panel, name in zip(axes[0, 1:], NAMES, strict=True):
        top, bottom, left, right = places[name]
        frame = [left, right, right, left, left], [top, top, bottom, bottom, top]
        axes[0, 0].plot(*frame, color="tab:orange")
        draw_image(panel, cut(before, places[name]), name, 0, bright)
    return figure


def crops_figure(
    before: Image, estimates: Mapping[str, Image], places: Mapping[str, Place]
) -> Figure:
    """Three rows of crops: before, and after each denoiser, each row in greys of its own."""
    shown = {"before": before, **{name: luminance(one) for name, one in estimates.items()}}
    figure, axes = new_figure(len(shown), 3, width=1 + 2.6 * len(shown), height=8, alt=(
        "Three crops in rows (strong edge, weak edge, where nothing is): before, and after each "
        "denoiser."))  # fmt: skip
    for row, name in zip(axes, NAMES, strict=True):
        low, high = np.quantile(cut(before, places[name]), (0.01, 0.99))
        for panel, (title, image) in zip(row, shown.items(), strict=True):
            draw_image(
                panel, cut(image, places[name]), f"{name}, {title}", float(low), float(high)
            )
    return figure


def print_records(records: Mapping[str, Mapping[str, float]]) -> None:
    """A line for each key, a column for each denoiser."""
    print(" " * 26, *(f"{name:>14}" for name in records))
    for key in next(iter(records.values()), {}):
        print(f"{key:26}", *(f"{found[key]:14.3f}" for found in records.values()))


def save_results(folder: Path, photo: str, records: Mapping, figure: Figure) -> None:
    """Write record and crops beside the notebook; where that is not allowed, say so."""
    try:
        text = json.dumps({"photo": photo, "records": records}, indent=1)
        (folder / "capstone_record.json").write_text(text + "\n", encoding="utf-8")
        figure.savefig(folder / "capstone_crops.png", dpi=110)
        print("saved: capstone_record.json, capstone_crops.png")
    except OSError as refusal:
        print(f"record and crops could not be saved here ({refusal}); they stand above")
