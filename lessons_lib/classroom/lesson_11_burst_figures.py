"""Figures of lesson 11 on bursts: arrays in, figure with alternative text out."""

import numpy as np

from lessons_lib.denoisers.burst import Merged
from lessons_lib.display.figures import AltFigure, draw_image, draw_signed, new_figure
from lessons_lib.image import Image
from lessons_lib.scenes.development import srgb_encode
from lessons_lib.scenes.hand_held_burst import Burst

WHITE = 0.45  # linear light that is drawn white; the street is dark


def developed(light: Image) -> Image:
    """Linear light through the tone curve, for the eye only."""
    return srgb_encode(np.clip(light / WHITE, 0, 1))


def ghost_figure(burst: Burst, plain: Merged, robust: Merged) -> AltFigure:
    """Frame 0, plain mean, robust merge, and how many frames the robust merge averages."""
    figure, axes = new_figure(
        4, width=12, height=2.9,
        alt="A café at night and a bright disc. One frame is grainy; in the plain mean the disc "
        "has a pale trail of doubles to its right; the robust merge has one disc and no trail. "
        "The map of averaged frames is 1 on the disc, a few less than all on its path, and "
        "nearly all elsewhere.",
    )  # fmt: skip
    titles = ("one frame", "plain mean", "robust merge")
    for panel, title, image in zip(
        axes[0], titles, (burst.frames[0], plain.image, robust.image), strict=False
    ):
        draw_image(panel, developed(image), title)
    draw_count(axes[0, 3], robust.frames_used)
    return figure


def draw_count(axes: object, used: np.ndarray) -> None:
    """Draw a map of effective numbers of frames with its scale."""
    drawn = axes.imshow(used, cmap="viridis", vmin=1, interpolation="nearest")
    axes.set_title("frames averaged", fontsize=10)
    axes.set_axis_off()
    axes.figure.colorbar(drawn, ax=axes, shrink=0.8)


def compared_figure(pictures: dict[str, Image], alt: str) -> AltFigure:
    """Pictures in linear light side by side, through the tone curve."""
    figure, axes = new_figure(len(pictures), width=12, height=3.4, alt=alt)
    for panel, (title, image) in zip(axes[0], pictures.items(), strict=True):
        draw_image(panel, developed(image), title)
    return figure


def errors_figure(errors: dict[str, list[Image]]) -> AltFigure:
    """One error of each way above, the mean over all draws below: what is always lost."""
    figure, axes = new_figure(
        len(errors), 2, width=9, height=6.2,
        alt="Errors on roof and wall in units of sigma. Single draws: the burst's error is even "
        "grain; the network's shows roof tiles and window frames. Mean of the draws: the "
        "burst's grain nearly vanishes, the network's tiles, bricks and outlines stay.",
    )  # fmt: skip
    for column, (name, draws) in enumerate(errors.items()):
        draw_signed(axes[0, column], draws[0], f"{name}: error of one draw [σ]", 1.0)
        mean = np.mean(draws, axis=0)
        draw_signed(axes[1, column], mean, f"{name}: mean error of {len(draws)} draws", 1.0)
    return figure
