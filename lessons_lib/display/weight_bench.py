"""The weight bench: whom does this pixel average with, and how does that depend on the noise?"""

from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers import Bilateral, Denoiser, Entry, Gaussian, Guided
from lessons_lib.diagnosis.kernels import effective_pixels, gather
from lessons_lib.display import pixels, view
from lessons_lib.display.catalogue_view import CatalogueView
from lessons_lib.display.subjects import check_picture
from lessons_lib.display.weight_lists import weights_of
from lessons_lib.image import Image
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.pictures import picture

SIZE = 96
SIGMA = 0.05
REACH = 8  # px shown to each side of the pixel
EDGE, CAMERA = "slanted edge", "camera man (crop)"
CAMERA_CORNER = (270, 150)  # the rim of the coat, the sleeve, and grass

CATALOGUE: dict[str, Entry] = {
    "Bilateral": Entry(Bilateral, "value_ratio", "value width, x sigma", (0.5, 10.0, 0.1), 3.0),
    "Guided": Entry(Guided, "strength", "sqrt(epsilon), x sigma", (0.1, 5.0, 0.1), 1.5),
    "Gaussian (never looks)": Entry(Gaussian, "width", "width, px", (0.1, 2.0, 0.1), 1.5),
}


@dataclass(frozen=True, eq=False)
class Gathered:
    """What is known about one pixel.

    Attributes
    ----------
    weights, row : ndarray, ``(17, 17)``
        Averaging weights and Jacobian row around the pixel.
    across : float or None
        Share of the weights on the other side of the edge; None where no edge is known.
    """

    weights: Image
    row: Image
    across: float | None


class WeightBench(CatalogueView):
    """Click a pixel: see its averaging weights beside the row of its Jacobian.

    Parameters
    ----------
    picture : str
        'slanted edge' or 'camera man (crop)'.
    denoiser : str
        Name in ``CATALOGUE``.
    ratio : float
        Contrast / sigma of the slanted edge at first; 1 to 12.
    position : (int, int)
        (row, col) of the pixel at first.
    seed : int
        Of the noise.

    Raises
    ------
    ValueError
        For a picture or denoiser that does not exist.
    """

    def __init__(
        self, picture: str = EDGE, denoiser: str = "Bilateral", ratio: float = 4.0,
        position: tuple[int, int] = (48, 46), seed: int = 0,
    ) -> None:  # fmt: skip
        check_picture(picture, (EDGE, CAMERA))
        state = {
            "picture": picture, "denoiser": denoiser, "ratio": ratio,
            "row": position[0], "col": position[1],
        }  # fmt: skip
        super().__init__("Weight bench", CATALOGUE, state)
        self._noise = SIGMA * np.random.default_rng(seed).standard_normal((SIZE, SIZE))
        self.react("denoiser", settled=True)

    @property
    def edge(self) -> SlantedEdge:
        """The slanted edge at its present contrast."""
        return SlantedEdge(size=SIZE, contrast=SIGMA * float(self.state["ratio"]))

    @property
    def position(self) -> tuple[int, int]:
        """(row, col) of the marked pixel, kept so far inside that its window fits."""
        spot = (self.state["row"], self.state["col"])
        return tuple(int(np.clip(place, REACH, SIZE - 1 - REACH)) for place in spot)

    def react(self, source: str, settled: bool) -> None:
        """Denoise, and look at the marked pixel."""
        self.begin(source)
        on_edge = self.state["picture"] == EDGE
        if source in ("denoiser", "picture"):
            self.controls = [
                view.choice("picture", "picture", (EDGE, CAMERA)),
                *self.denoiser_controls(),
                view.slider("ratio", "contrast / sigma", (1.0, 12.0, 0.5), disabled=not on_edge),
            ]
        clean = self.edge.image() if on_edge else _camera()
        noisy = clean + self._noise
        estimate = self.denoiser(noisy, SIGMA)
        seen = self._look(noisy, clean if on_edge else None)
        self.show_panels(_pictures(noisy, estimate, seen, self.position, on_edge))
        self.plots = [_cut_plot(seen), _value_plot(noisy, seen, self.position)]
        self.readout = _sentence(self.denoiser, self.position, seen)

    def _look(self, noisy: Image, edge: Image | None) -> Gathered:
        row, col = self.position
        window = np.s_[row - REACH : row + REACH + 1, col - REACH : col + REACH + 1]
        # A crop as wide as two windows holds all that the pixel can see.
        patch = np.s_[max(row - 2 * REACH, 0) : row + 2 * REACH + 1,
                      max(col - 2 * REACH, 0) : col + 2 * REACH + 1]  # fmt: skip
        spot = (min(row, 2 * REACH), min(col, 2 * REACH))
        jacobian = np.zeros(noisy.shape)
        jacobian[patch] = gather(self.denoiser, noisy[patch], SIGMA, spot)
        weights = weights_of(self.denoiser, noisy, SIGMA, (row, col))
        across = None
        if edge is not None:
            other_side = (edge > 0.5) != (edge[row, col] > 0.5)
            across = float(weights[other_side].sum())
        return Gathered(weights[window], jacobian[window], across)


def _camera() -> Image:
    top, left = CAMERA_CORNER
    return picture("camera")[top : top + SIZE, left : left + SIZE]


def _pictures(
    noisy: Image, estimate: Image, seen: Gathered, position: tuple[int, int], on_edge: bool
) -> list[tuple[dict, np.ndarray]]:
    name = "a nearly vertical edge" if on_edge else "a man's dark coat against the grass"
    cross = {"moves": ["row", "col"], "marked": True}
    peak = max(float(seen.weights.max()), 1e-9)
    side = 2 * REACH + 1
    shown = [
        ({"key": key, "title": title, "alt": f"{title}: {name}; click to choose a pixel", **cross},
         pixels.tones(image))
        for key, title, image in (("noisy", "noisy", noisy), ("estimate", "estimate", estimate))
    ]  # fmt: skip
    for key, title, array in (
        ("weights", "averaging weights", seen.weights), ("row", "Jacobian row", seen.row),
    ):  # fmt: skip
        text = (
            f"{title} of the pixel at {position}, {side} by {side} pixels; orange positive, "
            f"purple negative, full colour at {peak:.3f}; sum {array.sum():.2f}"
        )
        shown.append(
            ({"key": key, "title": f"{title}: sum {array.sum():.2f}", "alt": text},
             _colours(array, peak))
        )  # fmt: skip
    return shown


def _colours(array: np.ndarray, limit: float) -> np.ndarray:
    """Signed colours on a scale shared by several pictures; what is beyond it is cut."""
    framed = np.pad(np.clip(array, -limit, limit), ((0, 1), (0, 0)))
    framed[-1, 0] = limit  # a pixel that sets the scale, cut off again
    return pixels.signed_colours(framed)[:-1]


def _cut_plot(seen: Gathered) -> dict:
    columns = np.arange(-REACH, REACH + 1)
    return {
        "title": "along the row through the pixel",
        "alt": "Weights and Jacobian row along the pixel's own row: "
               + ", ".join(f"{value:.3f}" for value in seen.weights[REACH, REACH - 3 : REACH + 4])
               + " for the weights from 3 px left to 3 px right",
        "x_label": "columns from the pixel [px]", "y_label": "weight",
        "series": [
            view.series("averaging weights", columns, seen.weights[REACH], dots=True),
            view.series("Jacobian row", columns, seen.row[REACH], dots=True),
        ],
    }  # fmt: skip


def _value_plot(noisy: Image, seen: Gathered, position: tuple[int, int]) -> dict:
    row, col = position
    window = noisy[row - REACH : row + REACH + 1, col - REACH : col + REACH + 1]
    used = seen.weights != 0
    values, weights = window[used], seen.weights[used]
    # A gap after every point: they are dots, not a curve.
    apart = np.full((2, 2 * len(values)), np.nan)
    apart[:, ::2] = values, weights
    apart[0, 1::2] = values
    return {
        "title": "weight of each neighbour against its value",
        "alt": f"Every neighbour's weight against its noisy value; the pixel itself has the value "
               f"{noisy[position]:.2f}",
        "x_label": "noisy value of the neighbour", "y_label": "weight",
        "series": [view.series("averaging weights", *apart, dots=True)],
    }  # fmt: skip


def _sentence(denoiser: Denoiser, position: tuple[int, int], seen: Gathered) -> str:
    parts = [
        f"{denoiser!r}",
        f"pixel {position}: weights average about {effective_pixels(seen.weights):.1f} pixels",
    ]
    if seen.across is not None:
        parts.append(f"{seen.across:.0%} of the weight is across the edge")
    negative = int(np.sum(seen.row < -1e-4))
    largest = float(np.abs(seen.row - seen.weights).max())
    parts.append(
        f"Jacobian row: {negative} negative entries, differs from the weights by up to "
        f"{largest:.3f}"
    )
    return " · ".join(parts)


def weight_bench(
    picture: str = EDGE, denoiser: str = "Bilateral", ratio: float = 4.0
) -> WeightBench:
    """Make a weight bench; the settings are those of :class:`WeightBench`."""
    return WeightBench(picture, denoiser, ratio)
