"""The network bench: which pixels does a network average, and what if its sigma is wrong?"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lessons_lib.denoisers.bilateral import Bilateral
from lessons_lib.denoisers.network import Network
from lessons_lib.denoisers.non_local_means import NonLocalMeans
from lessons_lib.display import network_bench_text as text
from lessons_lib.display import view
from lessons_lib.display.network_bench_rows import rows_of
from lessons_lib.display.subjects import check_picture
from lessons_lib.image import Image
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.pictures import picture

SIZE = 256
CONTRAST = 0.2
EDGE, CAMERA, BRICKS = "slanted edge", "camera man", "brick wall"
PICTURES = (EDGE, CAMERA, BRICKS)
METHODS = {"network": Network(), "bilateral": Bilateral(), "non-local means": NonLocalMeans()}
MARGIN = max(METHODS[name].reach for name in ("bilateral", "non-local means"))


@dataclass(frozen=True, eq=False)
class Answer:
    """What the bench knows at one setting.

    Attributes
    ----------
    clean, noisy, estimate : ndarray, ``(256, 256)``
        Image units; the estimate is the network's.
    rows : dict
        Method -> its Jacobian row of the marked pixel, ``(256, 256)``.
    position : (int, int)
        (row, col) of the marked pixel.
    sigma, told : float
        Noise in the picture, and what all three methods are told, image units.
    """

    clean: Image
    noisy: Image
    estimate: Image
    rows: dict[str, Image]
    position: tuple[int, int]
    sigma: float
    told: float


class NetworkBench(view.CanvasView):
    """Click a pixel: its row of the network's Jacobian beside those of two filters.

    Parameters
    ----------
    picture : str
        One of ``PICTURES``.
    sigma : float
        Noise at first, image units; .02 to .4.
    told_ratio : float
        What the methods are told, x sigma; .1 to 3.
    position : (int, int)
        (row, col) of the pixel at first.
    seed : int
        Of the noise.

    Raises
    ------
    ValueError
        For a picture that does not exist.
    """

    def __init__(
        self, picture: str = CAMERA, sigma: float = 0.1, told_ratio: float = 1.0,
        position: tuple[int, int] = (150, 66), seed: int = 0,
    ) -> None:  # fmt: skip
        check_picture(picture, PICTURES)
        super().__init__("Network bench")
        self._noise = np.random.default_rng(seed).standard_normal((SIZE, SIZE), dtype=np.float32)
        self._finished: tuple[tuple, Image] | None = None
        self.controls = [
            view.choice("picture", "picture", PICTURES),
            view.slider("sigma", "noise σ", (0.02, 0.4, 0.02)),
            view.slider("told_ratio", "σ that is told", (0.1, 3.0, 0.1), "x the true one"),
        ]
        self.push(
            picture=picture, sigma=sigma, told_ratio=told_ratio, row=position[0], col=position[1]
        )
        self.react("picture", settled=True)

    @property
    def sigma(self) -> float:
        """Noise in the picture, image units."""
        return float(self.state["sigma"])

    @property
    def told(self) -> float:
        """What all three methods are told, image units."""
        return self.sigma * float(self.state["told_ratio"])

    @property
    def position(self) -> tuple[int, int]:
        """(row, col) of the marked pixel, kept so far inside that both filters' windows fit."""
        spot = (self.state["row"], self.state["col"])
        return tuple(int(np.clip(place, MARGIN, SIZE - 1 - MARGIN)) for place in spot)

    def react(self, source: str, settled: bool) -> None:
        """Estimate, and find the rows of the marked pixel."""
        answer = self.answer()
        self.show_panels(text.panels(answer))
        self.plots = text.plots(answer)
        self.readout = text.sentence(answer, str(self.state["picture"]), CONTRAST)

    def answer(self) -> Answer:
        """All that is shown, as numbers."""
        clean = _clean(str(self.state["picture"]))
        noisy = clean + np.float32(self.sigma) * self._noise
        rows = dict(rows_of(METHODS, noisy, self.told, self.position))
        estimate = self._estimate(noisy)
        return Answer(clean, noisy, estimate, rows, self.position, self.sigma, self.told)

    def _estimate(self, noisy: Image) -> Image:
        """The network's estimate; kept, for a click changes only where we look."""
        key = (self.state["picture"], self.sigma, self.told)
        if self._finished is None or self._finished[0] != key:
            self._finished = (key, METHODS["network"](noisy, self.told))
        return self._finished[1]


@cache
def _clean(name: str) -> Image:
    if name == EDGE:
        return SlantedEdge(size=SIZE, contrast=CONTRAST).image().astype(np.float32)
    return picture("camera" if name == CAMERA else "brick", SIZE).astype(np.float32)


def network_bench(
    picture: str = CAMERA, sigma: float = 0.1, told_ratio: float = 1.0
) -> NetworkBench:
    """Make a network bench; the settings are those of :class:`NetworkBench`."""
    return NetworkBench(picture, sigma, told_ratio)
