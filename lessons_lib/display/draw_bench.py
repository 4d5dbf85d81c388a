"""The draw bench: ten answers to one noisy sign, drawn before your eyes."""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from lessons_lib.denoisers.sampler import PosteriorDraw
from lessons_lib.display import draw_bench_looks as looks
from lessons_lib.display import view
from lessons_lib.display.jobs import Job
from lessons_lib.display.subjects import check_picture, clean_street
from lessons_lib.image import Image, luminance
from lessons_lib.learning.diffusion import State
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.pictures import picture

SIZE = 64
DRAWS = 10
CAFE, STREET, PLATE, FACE, EDGE = (
    "café sign", "street sign", "number plate", "a face", "weak edge"
)  # fmt: skip
ESTIMATES, STATES = "clean estimates", "states, with their noise"
SHOWN = (ESTIMATES, STATES)


def _street(row: int, col: int, gain: float) -> Image:
    """A piece of the night street in grey, brightened by ``gain``."""
    return gain * luminance(clean_street())[row : row + SIZE, col : col + SIZE]


# Signs in the dark are brightened, as one does with a night photo.
PICTURES: dict[str, Callable[[], Image]] = {
    CAFE: lambda: _street(210, 271, 1.0),
    STREET: lambda: _street(222, 468, 2.0),
    PLATE: lambda: _street(352, 680, 2.0),
    FACE: lambda: luminance(picture("astronaut"))[88:152, 198:262],
    EDGE: lambda: SlantedEdge(size=SIZE, contrast=0.2).image(),
}


class DrawBench(view.CanvasView):
    """Ten posterior draws of one noisy picture, their film, their mean and their spread.

    Parameters
    ----------
    picture : str
        One of ``PICTURES``.
    sigma : float
        Noise at first, image units; [0.02, 0.4].
    steps : int
        Steps of the reverse process at first; [5, 60].
    seed : int
        Of the photo's noise; the draws count on from it.

    Raises
    ------
    ValueError
        For a picture that does not exist.
    """

    def __init__(
        self, picture: str = CAFE, sigma: float = 0.2, steps: int = 20, seed: int = 0
    ) -> None:
        check_picture(picture, PICTURES)
        super().__init__("Draw bench")
        self._job = Job(self.broke)
        self._seed, self._round = seed, 0
        self._film: list[State] = []
        self._cancelled = False
        self.controls = [
            view.choice("picture", "picture", list(PICTURES)),
            view.slider("sigma", "sigma of the noise", (0.02, 0.4, 0.01)),
            view.slider("steps", "steps", (5, 60, 5)),
            view.slider("film", "how far the process is", (0, 100, 5), "%"),
            view.choice("shown", "show", SHOWN),
            view.slider("drawn", "from mean (0) to draw (1)", (0.0, 1.0, 0.05)),
            view.slider("number", "how many are averaged", (1, DRAWS, 1)),
            view.button("again", "draw ten others"),
            view.button("cancel", "cancel"),
        ]
        self.push(
            picture=picture, sigma=sigma, steps=steps, film=100, shown=ESTIMATES, drawn=1.0,
            number=DRAWS, again=0, cancel=0,
        )  # fmt: skip
        self.react("picture", settled=True)

    @property
    def clean(self) -> Image:
        """The present picture without noise."""
        return _clean(self.state["picture"])

    @property
    def noisy(self) -> Image:
        """The photo: the same noise for each sigma, scaled."""
        noise = np.random.default_rng(self._seed).standard_normal((SIZE, SIZE), np.float32)
        return self.clean + np.float32(self.state["sigma"]) * noise

    @property
    def sampler(self) -> PosteriorDraw:
        """The first of the present draws."""
        return PosteriorDraw(seed=self._seed + self._round * DRAWS, steps=int(self.state["steps"]))

    def react(self, source: str, settled: bool) -> None:
        """Draw anew where the photo or the process changes; else only look again."""
        if source == "cancel":
            self._cancelled = self._cancelled or self._job.running
            self._job.cancel()
            self.progress = -1.0
        elif source in ("picture", "sigma", "steps", "again"):
            self._job.cancel()
            self.progress = -1.0
            if not settled:
                self.readout = "Release the slider: then ten pictures are drawn."
                return
            self._round = int(self.state["again"])
            self._film, self._cancelled = [], False
            self._job.start(self._draw())
            return
        self._show()

    def _draw(self) -> Iterator[None]:
        """Run the reverse process step by step; every step is shown."""
        steps = int(self.state["steps"])
        self.push(film=100)
        for state in self.sampler.states(self.noisy, float(self.state["sigma"]), DRAWS):
            self._film.append(state)
            self.progress = len(self._film) / (steps + 1)
            self._show()
            yield
        self.progress = -1.0

    def _show(self) -> None:
        if not self._film:
            self.readout = "Nothing was drawn yet: press 'draw ten others'."
            return
        last = len(self._film) - 1
        index = round(int(self.state["film"]) / 100 * int(self.state["steps"]))
        now = self._film[min(index, last)]
        mean = self._film[0].estimate[0, 0]
        draws = mean + np.float32(self.state["drawn"]) * (now.estimate[:, 0] - mean)
        tiles = now.picture[:, 0] if self.state["shown"] == STATES else draws
        seen = looks.Seen(
            clean=self.clean, noisy=self.noisy, mean=mean, draws=draws, tiles=tiles,
            number=int(self.state["number"]), drawn=float(self.state["drawn"]),
            sigma=float(self.state["sigma"]), level=now.sigma,
            step=min(index, last), steps=int(self.state["steps"]), cancelled=self._cancelled,
        )  # fmt: skip
        self.show_panels(looks.panels(seen))
        self.plots = [looks.error_plot(seen), looks.row_plot(seen)]
        self.readout = looks.sentence(seen)


@cache
def _clean(name: str) -> Image:
    return PICTURES[name]().astype(np.float32)


def draw_bench(picture: str = CAFE, sigma: float = 0.2, steps: int = 20) -> DrawBench:
    """Make a draw bench; the settings are those of :class:`DrawBench`."""
    return DrawBench(picture, sigma, steps)
