"""The law bench: how wide should an average be? Bias against variance, and the cube root."""

from functools import cache

import numpy as np

from lessons_lib.denoisers.linear import gaussian
from lessons_lib.diagnosis.mixing import best_width, edge_bias, noise_variance
from lessons_lib.display import pixels, view
from lessons_lib.image import Image

SIZE = 192
SPACINGS = (8, 12, 16, 24, 32, 48, 64, 96)  # px between edges; each divides SIZE
WIDTHS = np.geomspace(0.5, 8.0, 25)


def stripes(spacing: int, contrast: float, size: int = SIZE) -> Image:
    """Vertical stripes with an edge every ``spacing`` px, ``(size, size)``.

    Each edge lies between two pixels, and the first one half a spacing from the border, so
    that there are exactly size / spacing of them.
    """
    number = (np.arange(size) + spacing // 2) // spacing
    return 0.5 + contrast * (number % 2 - 0.5) * np.ones((size, 1))


class LawBench(view.CanvasView):
    """Move the width of a Gaussian average and see bias trade against variance.

    Parameters
    ----------
    width : float
        Standard deviation of the Gaussian where its slider starts, px.
    sigma : float
        Standard deviation of the noise at first, image units.
    contrast : float
        Light minus dark level at first, image units.
    spacing : int
        Distance between two edges at first, px; one of ``SPACINGS``.
    seed : int
        Of the noise.

    Raises
    ------
    ValueError
        For a spacing that is not on the slider.
    """

    def __init__(
        self, width: float = 1.0, sigma: float = 0.2, contrast: float = 0.5, spacing: int = 64,
        seed: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(title="Law bench")
        if spacing not in SPACINGS:
            raise ValueError(f"spacing must be one of {SPACINGS} px, got {spacing}")
        self._noise = np.random.default_rng(seed).standard_normal((SIZE, SIZE))
        self.controls = [
            view.slider("width", "width of the average s", (0.5, 8.0, 0.05), "px"),
            view.slider("sigma", "sigma of the noise", (0.01, 0.4, 0.01)),
            view.slider("contrast", "contrast c", (0.05, 1.0, 0.05)),
            view.slider(
                "spacing", "one edge every", (0, len(SPACINGS) - 1, 1), "px",
                texts=[str(spacing) for spacing in SPACINGS],
            ),
        ]  # fmt: skip
        self.push(width=width, sigma=sigma, contrast=contrast, spacing=SPACINGS.index(spacing))
        self.react("width", settled=True)

    @property
    def spacing(self) -> int:
        """Distance between two edges, px."""
        return SPACINGS[int(self.state["spacing"])]

    def react(self, source: str, settled: bool) -> None:
        """Filter the noisy stripes and draw the three error curves."""
        width, sigma, contrast = (float(self.state[k]) for k in ("width", "sigma", "contrast"))
        clean = stripes(self.spacing, contrast)
        noisy = clean + sigma * self._noise
        estimate = gaussian(noisy, width)
        lost = clean - gaussian(clean, width)
        self.show_panels(_pictures(noisy, estimate, lost, sigma))
        bias, variance = measured(self.spacing, contrast, sigma)
        optimum = lowest(bias + variance)
        law = best_width(contrast, self.spacing, sigma)
        self.plots = [
            _error_plot(width, contrast, self.spacing, sigma, bias, variance),
            _law_plot(contrast, self.spacing, sigma, optimum, law),
        ]
        here = [np.mean((gaussian(clean, width) - clean) ** 2), noise_share(width) * sigma**2]
        self.readout = _sentence(width, here, law, optimum, self.spacing)


def measured(spacing: int, contrast: float, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean bias^2 and variance of a Gaussian average for each of ``WIDTHS``, without draws.

    The filter is linear: bias^2 comes from the clean stripes, the variance from the sum of
    the squared weights.
    """
    variance = np.array([noise_share(float(width)) for width in WIDTHS]) * sigma**2
    return _unit_bias(spacing) * contrast**2, variance


def lowest(errors: np.ndarray) -> float:
    """Width of the least error, between the samples: a parabola through the lowest three."""
    at = int(np.clip(np.argmin(errors), 1, len(WIDTHS) - 2))
    steps, near = np.log(WIDTHS[at - 1 : at + 2]), np.log(errors[at - 1 : at + 2])
    curve = np.polyfit(steps, near, 2)
    middle = -curve[1] / (2 * curve[0]) if curve[0] > 0 else np.inf
    return float(np.exp(np.clip(middle, steps[0], steps[-1])))


@cache
def noise_share(width: float) -> float:
    """Sum of the squared weights of a Gaussian average: variance left / variance."""
    pulse = np.zeros((1, 129))
    pulse[0, 64] = 1
    # The kernel is separable: along one axis, then squared.
    return float((gaussian(pulse, width) ** 2).sum()) ** 2


@cache
def _unit_bias(spacing: int) -> np.ndarray:
    row = stripes(spacing, 1.0)[:1]
    return np.array([np.mean((gaussian(row, float(width)) - row) ** 2) for width in WIDTHS])


def _pictures(
    noisy: Image, estimate: Image, lost: Image, sigma: float
) -> list[tuple[dict, np.ndarray]]:
    limit = max(float(np.abs(lost).max()), 0.5 * sigma)
    named = [("noisy", "noisy", noisy), ("estimate", "average", estimate)]
    panels = [
        ({"key": key, "title": title, "alt": f"{title}: vertical stripes"}, pixels.tones(image))
        for key, title, image in named
    ]
    description = {
        "key": "lost", "title": "what the average takes from the clean stripes",
        "alt": f"Clean minus averaged clean stripes; mid-grey is 0, white {limit:.2f}; pairs of "
               "lines along every edge are blur",
    }  # fmt: skip
    return [*panels, (description, pixels.mid_grey(lost, limit))]


def _error_plot(
    width: float, contrast: float, spacing: int, sigma: float, bias: np.ndarray,
    variance: np.ndarray,
) -> dict:  # fmt: skip
    law = edge_bias(WIDTHS, contrast, spacing) + noise_variance(WIDTHS, sigma)
    total = bias + variance
    low, high = min(bias.min(), variance.min()), total.max()
    now = np.interp(np.log(width), np.log(WIDTHS), total)
    return {
        "title": f"error against width: {now:.5f} at {width:.2f} px",
        "alt": f"Squared bias rises and variance falls with the width; their sum is least at "
               f"{lowest(total):.2f} px and is {now:.5f} at {width:.2f} px",
        "x_label": "width s [px]", "y_label": "mean squared error", "log_x": True,
        "log_y": True, "x_range": [0.48, 8.4], "y_range": [max(low, high * 1e-3), 1.2 * high],
        "series": [
            view.series("bias² + variance", WIDTHS, total, dots=True),
            view.series("bias²", WIDTHS, bias),
            view.series("variance", WIDTHS, variance),
            view.series("law", WIDTHS, law),
            view.series("this width", [width, width], [max(low, high * 1e-3), 1.2 * high]),
        ],
    }  # fmt: skip


def _law_plot(contrast: float, spacing: int, sigma: float, optimum: float, law: float) -> dict:
    load = sigma**2 * spacing / contrast**2
    loads = np.geomspace(0.5, 400, 40)  # below it the best width is under a pixel
    predicted = [best_width(1.0, 1.0, np.sqrt(one)) for one in loads]
    return {
        "title": f"best width: law {law:.2f} px, measured {optimum:.2f} px",
        "alt": f"Best width against sigma squared times spacing over contrast squared, on "
               f"logarithmic axes: a line of slope one third. Here: law {law:.2f} px, measured "
               f"{optimum:.2f} px",
        "x_label": "sigma² L / c² [px]", "y_label": "best width [px]", "log_x": True,
        "log_y": True, "x_range": [0.5, 400.0], "y_range": [0.5, 8.0],
        "series": [
            view.series("cube-root law", loads, np.array(predicted)),
            view.series("measured", [load], [optimum], dots=True),
        ],
    }  # fmt: skip


def _sentence(
    width: float, here: list[float], law: float, optimum: float, spacing: int
) -> str:
    bias, variance = here
    more = "bias (blur)" if bias > variance else "noise"
    parts = [
        f"width {width:.2f} px: bias² {bias:.5f}, variance {variance:.5f}, most of it {more}",
        f"least error at {optimum:.2f} px; law {law:.2f} px",
    ]
    if max(law, optimum) > spacing / 6:
        parts.append("edges so close blur into each other: the law does not count that")
    if law < 0.8:
        parts.append("below 0.8 px the pixel grid is too coarse for the law")
    return " · ".join(parts)


def law_bench(
    width: float = 1.0, sigma: float = 0.2, contrast: float = 0.5, spacing: int = 64
) -> LawBench:
    """Make a law bench; the settings are those of :class:`LawBench`."""
    return LawBench(width, sigma, contrast, spacing)
