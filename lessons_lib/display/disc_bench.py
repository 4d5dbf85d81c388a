"""The disc bench: total variation leaves edges in place and lets small things fade."""

import numpy as np

from lessons_lib.denoisers.total_variation import total_variation
from lessons_lib.display import pixels, view
from lessons_lib.image import Image
from lessons_lib.scenes.phantoms import disc

SIZE = 128
RADII = (3.0, 6.0, 10.0, 16.0)
CENTRES = ((32.0, 32.0), (32.0, 94.0), (94.0, 32.0), (94.0, 94.0))
BACKGROUND, LEVEL = 0.2, 0.8
CONTRAST = LEVEL - BACKGROUND
# At rest the picture is within 1 grey level (root mean square) of the minimum. While a slider
# moves it is a preview: at the largest lambda up to 10 grey levels away.
ITERATIONS, DRAG_ITERATIONS = 1000, 120
LARGEST = 2.0  # lambda


def four_discs() -> Image:
    """Four discs of radius 3, 6, 10 and 16 px on one background, ``(128, 128)``."""
    picture = np.full((SIZE, SIZE), BACKGROUND)
    for radius, centre in zip(RADII, CENTRES, strict=True):
        picture += disc(SIZE, radius, center=centre, background=0.0, level=CONTRAST)
    return picture


def contrast_left(weight: float, radius: float) -> float:
    """Height of a disc above its background that total variation leaves, closed form.

    contrast - 2 weight / radius - 2 pi (sum of radii) weight / area of the background,
    while that is above 0; then the disc has gone.
    """
    background = SIZE**2 - np.pi * np.sum(np.square(RADII))
    rise = 2 * np.pi * np.sum(RADII) * weight / background
    return max(CONTRAST - 2 * weight / radius - rise, 0.0)


def contrast_found(estimate: Image, radius: float, centre: tuple[float, float]) -> float:
    """Height of a disc in an estimate: its middle minus a ring around it."""
    away = np.hypot(*(np.indices(estimate.shape) - np.reshape(centre, (2, 1, 1))))
    middle = away <= max(radius - 2, 1.0)
    ring = (away >= radius + 4) & (away <= radius + 8)
    return float(estimate[middle].mean() - estimate[ring].mean())


class DiscBench(view.CanvasView):
    """Turn lambda up and see the smallest disc fade first.

    Parameters
    ----------
    weight : float
        lambda of the total variation where its slider starts, image units; [0, 2].
    sigma : float
        Standard deviation of the noise at first, image units; [0, 0.3].
    seed : int
        Of the noise.
    """

    def __init__(self, weight: float = 0.3, sigma: float = 0.1, seed: int = 0) -> None:
        super().__init__(title="Disc bench")
        self._clean = four_discs()
        self._noise = np.random.default_rng(seed).standard_normal(self._clean.shape)
        self.controls = [
            view.slider("weight", "lambda", (0.0, LARGEST, 0.02)),
            view.slider("sigma", "sigma of the noise", (0.0, 0.3, 0.01)),
        ]
        self.push(weight=weight, sigma=sigma)
        self.react("weight", settled=True)

    def react(self, source: str, settled: bool) -> None:
        """Solve for the present lambda; more exactly once the slider rests."""
        weight, sigma = float(self.state["weight"]), float(self.state["sigma"])
        noisy = self._clean + sigma * self._noise
        estimate = total_variation(noisy, weight, ITERATIONS if settled else DRAG_ITERATIONS)
        found = [
            contrast_found(estimate, radius, centre)
            for radius, centre in zip(RADII, CENTRES, strict=True)
        ]
        self.show_panels(_pictures(noisy, estimate))
        self.plots = [_fading_plot(weight, found), _profile_plot(self._clean, noisy, estimate)]
        self.readout = _sentence(weight, sigma, found)


def _pictures(noisy: Image, estimate: Image) -> list[tuple[dict, np.ndarray]]:
    limit = max(float(np.abs(noisy - estimate).max()), 0.05)
    return [
        (
            {"key": "noisy", "title": "noisy", "alt": "Four noisy discs, radius 3, 6, 10, 16 px"},
            pixels.tones(noisy),
        ),
        (
            {"key": "estimate", "title": "total variation",
             "alt": "The same after total variation: flat, with edges in place; small discs are "
                    "nearer to the background"},
            pixels.tones(estimate),
        ),
        (
            {"key": "residual", "title": "noisy - estimate",
             "alt": f"What was taken away; mid-grey is 0, white {limit:.2f}; a disc seen here has "
                    "lost contrast evenly, up to its edge"},
            pixels.mid_grey(noisy - estimate, limit),
        ),
    ]  # fmt: skip


def _fading_plot(weight: float, found: list[float]) -> dict:
    weights = np.linspace(0, LARGEST, 101)
    lines = [
        view.series(
            f"radius {radius:g} px", weights, [contrast_left(w, radius) for w in weights]
        )
        for radius in RADII
    ]
    said = ", ".join(
        f"{radius:g} px: {value:.2f}" for radius, value in zip(RADII, found, strict=True)
    )
    return {
        "title": "contrast left: lines predicted, dots found",
        "alt": f"Contrast of each disc falls in a straight line with lambda, the smaller the "
               f"faster. Found at lambda {weight:.2f}: {said}",
        "x_label": "lambda", "y_label": "contrast", "x_range": [0.0, LARGEST],
        "y_range": [-0.03, 0.65],
        "series": [*lines, view.series("found", np.full(len(found), weight), found, dots=True)],
    }  # fmt: skip


def _profile_plot(clean: Image, noisy: Image, estimate: Image) -> dict:
    row = int(CENTRES[0][0])
    cols = np.arange(SIZE)
    return {
        "title": "row 32, through the two smallest discs",
        "alt": "Values along row 32: the clean discs are boxes; the estimate has the same steep "
               f"walls, lower: {estimate[row, 32]:.2f} and {estimate[row, 94]:.2f} instead of "
               f"{LEVEL}",
        "x_label": "column [px]", "y_label": "value", "x_range": [0.0, SIZE - 1.0],
        "y_range": [-0.05, 1.05],
        "series": [
            view.series("estimate", cols, estimate[row]),
            view.series("clean", cols, clean[row]),
            view.series("noisy", cols, noisy[row]),
        ],
    }  # fmt: skip


def _sentence(weight: float, sigma: float, found: list[float]) -> str:
    kept = [
        f"radius {radius:g} px {value / CONTRAST:.0%} (predicted "
        f"{contrast_left(weight, radius) / CONTRAST:.0%})"
        for radius, value in zip(RADII, found, strict=True)
    ]
    ratio = f" = {weight / sigma:.1f} sigma" if sigma > 0 else ""
    return f"lambda {weight:.2f}{ratio} · contrast kept: " + ", ".join(kept)


def disc_bench(weight: float = 0.3, sigma: float = 0.1) -> DiscBench:
    """Make a disc bench; the settings are those of :class:`DiscBench`."""
    return DiscBench(weight, sigma)
