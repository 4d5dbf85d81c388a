"""The outline bench: draw outlines in a noisy and in a denoised picture, and compare them.

An outline is a star of 12 spokes around a place that you choose. Moving the cross-hair sets
the spoke that points at it; so an outline is corrected by clicking again.
"""

import math

import numpy as np

from lessons_lib.classroom.agreement_looks import BLUE, GREEN, ORANGE, draw_star, enlarged
from lessons_lib.classroom.agreement_outlines import (
    MATCHED,
    SCENE,
    SIGMA,
    draw_scene,
    overlap,
    star_mask,
    true_masks,
)
from lessons_lib.denoisers import BM3D, Gaussian
from lessons_lib.display import view

NOISY, BLURRED, STACKED = "noisy", "Gaussian 2", "BM3D"
PICTURES = (NOISY, BLURRED, STACKED)
SPOKES, LARGE = 12, 5
START = 5.0  # px: the radius of a new outline


class OutlineBench(view.CanvasView):
    """Outline what you see in one picture, then in another; the truth stays hidden until asked.

    Parameters
    ----------
    seed : int
        Of the noise.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__("Outline bench")
        clean = draw_scene()
        noisy = clean + SIGMA * np.random.default_rng(seed).standard_normal(clean.shape)
        self.pictures = {
            NOISY: noisy, BLURRED: Gaussian(2.0)(noisy, SIGMA), STACKED: BM3D()(noisy, SIGMA)
        }  # fmt: skip
        # Outlines of each picture: [row, col, radii]; the first one shows how it is done.
        self.stars: dict[str, list] = {
            name: [[SCENE[0].row, SCENE[0].col, np.full(SPOKES, START)]] for name in PICTURES
        }
        self.current, self.judged = 0, False
        self.controls = [
            view.choice("picture", "picture", PICTURES),
            view.slider("size", "radius of this outline", (1.0, 20.0, 0.5), "px"),
            view.button("new", "new outline at the cross-hair"),
            view.button("next", "next outline"),
            view.button("delete", "delete this outline"),
            view.button("judge", "compare with the truth"),
        ]
        self.push(picture=NOISY, size=START, row=28, col=30, new=0, next=0, delete=0, judge=0)
        self._show()

    @property
    def own(self) -> list:
        """The outlines drawn in the picture on screen."""
        return self.stars[self.state["picture"]]

    def react(self, source: str, settled: bool) -> None:
        """Answer a button, the slider, or the cross-hair."""
        self.judged = source == "judge"
        spot = self.state["row"], self.state["col"]
        if source == "picture":
            self.current = 0
        elif source == "new":
            self.own.append([*spot, np.full(SPOKES, START)])
            self.current = len(self.own) - 1
        elif source == "next" and self.own:
            self.current = (self.current + 1) % len(self.own)
        elif source == "delete" and self.own:
            del self.own[self.current]
            self.current = max(0, self.current - 1)
        elif source == "size" and self.own:
            self.own[self.current][2][:] = float(self.state["size"])
        elif source in ("row", "col") and self.own:
            self._set_spoke(*spot)
        if source in ("new", "next", "delete", "picture") and self.own:
            self.push(size=round(2 * float(np.mean(self.own[self.current][2]))) / 2)
        self._show()

    def _set_spoke(self, row: int, col: int) -> None:
        """Let the spoke that points at the cross-hair end there; far away, nothing moves."""
        centre_row, centre_col, radii = self.own[self.current]
        away = math.hypot(row - centre_row, col - centre_col)
        if 0.5 <= away <= 24:
            turn = math.atan2(row - centre_row, col - centre_col) / (2 * math.pi) * SPOKES
            radii[round(turn) % SPOKES] = away

    def scores(self, name: str) -> tuple[list[float], int, int]:
        """Overlap of each object found, objects missed, and outlines of nothing."""
        masks = [star_mask((row, col), radii) for row, col, radii in self.stars[name]]
        table = [[overlap(mask, truth) for mask in masks] for truth in true_masks()]
        best = [max(row, default=0.0) for row in table]
        found = [value for value in best if value >= MATCHED]
        nothing = sum(
            all(row[k] < MATCHED for row in table) for k in range(len(masks))
        )
        return found, len(best) - len(found), nothing

    def _show(self) -> None:
        name = self.state["picture"]
        pixels = enlarged(self.pictures[name], LARGE)
        for k, (row, col, radii) in enumerate(self.own):
            draw_star(pixels, (row, col), radii, ORANGE if k == self.current else BLUE, LARGE)
        if self.judged:
            for disc in SCENE:
                draw_star(pixels, (disc.row, disc.col), np.full(72, disc.radius), GREEN, LARGE)
        self._panels(name, pixels)
        self.readout = self._words(name)

    def _panels(self, name: str, pixels: np.ndarray) -> None:
        alt = f"Discs in the {name} picture, with {len(self.own)} outlines drawn by you"
        plain = enlarged(self.pictures[name], 1)
        self.show_panels(
            [
                ({"key": "place", "title": f"{name}: click here, or use the arrow keys",
                  "alt": f"The {name} picture without outlines; the cross-hair moves in it",
                  "moves": ["row", "col"], "marked": True}, plain),
                ({"key": "drawn", "title": "your outlines (orange: the one at work)", "alt": alt},
                 pixels),
            ]
        )  # fmt: skip

    def _words(self, name: str) -> str:
        if not self.judged:
            return (
                f"{len(self.own)} outlines in the {name} picture. Moving the cross-hair sets the "
                "spoke that points at it; a new outline starts as a circle."
            )
        found, missed, nothing = self.scores(name)
        mean = f"{np.mean(found):.2f}" if found else "none"
        return (
            f"{name}: {len(found)} objects found with a mean overlap of {mean}, {missed} missed, "
            f"{nothing} outlines of nothing · green: the truth · {self._between()}"
        )

    def _between(self) -> str:
        """How well the learner agrees with himself, from picture to picture."""
        drawn = {
            name: np.any([star_mask((r, c), radii) for r, c, radii in stars], axis=0)
            for name, stars in self.stars.items()
            if len(stars) > 1
        }
        if len(drawn) < 2:
            return "with two outlines or more in two pictures, you are compared with yourself"
        names = list(drawn)
        parts = [
            f"{one} and {other} {overlap(drawn[one], drawn[other]):.2f}"
            for k, one in enumerate(names)
            for other in names[k + 1 :]
        ]
        return "you against yourself: " + ", ".join(parts)


def outline_bench(seed: int = 0) -> OutlineBench:
    """Make an outline bench."""
    return OutlineBench(seed)
