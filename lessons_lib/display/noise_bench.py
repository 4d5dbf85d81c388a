"""The noise bench: exposure, read noise, gain and stage against what the noise looks like."""

import numpy as np

from lessons_lib.diagnosis.edges import format_width
from lessons_lib.diagnosis.noise_level import autocorrelation
from lessons_lib.display import noise_bench_frames as frames
from lessons_lib.display import pixels, view
from lessons_lib.display.noise_bench_frames import Exposure, Setting

REACH = 5  # px, largest lag of the autocorrelation
SHADE = 3.0  # the noise picture reaches from -3 to +3 of its own standard deviations


class NoiseBench(view.CanvasView):
    """Move light, read noise and gain; choose a stage; watch the noise change its kind.

    Parameters
    ----------
    picture : str
        One of ``noise_bench_frames.PICTURES``.
    stage : str
        One of ``noise_bench_frames.STAGES``.
    seed : int
        Of the photons and the read noise.
    """

    def __init__(
        self, picture: str = "night street", stage: str = "raw mosaic", seed: int = 0
    ) -> None:
        super().__init__(title="Noise bench")
        self.seed = seed
        first = Setting()
        self.push(
            picture=picture, stage=stage, light=float(np.log2(first.electrons)),
            read_noise=first.read_noise, iso_stops=first.iso_stops, quality=first.quality,
        )  # fmt: skip
        self.react("picture", settled=True)

    def react(self, source: str, settled: bool) -> None:
        """Take a frame with the new setting and show it at the chosen stage."""
        state = self.state
        stage = state["stage"]
        if stage not in frames.STAGES:
            raise ValueError(f"there is no stage {stage!r}; choose one of {frames.STAGES}")
        if source in ("picture", "stage"):
            self.controls = _controls(stage)
        setting = Setting(
            picture=state["picture"], electrons=2.0 ** state["light"],
            read_noise=state["read_noise"], iso_stops=int(state["iso_stops"]),
            quality=int(state["quality"]),
        )  # fmt: skip
        exposure = frames.take(setting, self.seed)
        noise = frames.noise_at(exposure, stage)
        # At the raw mosaic a sensor so dark or so full that nothing varies has no noise.
        alike = autocorrelation(noise, REACH) if np.ptp(noise) > 0 else _alone()
        points = frames.variance_points(exposure, stage)
        self.show_panels(
            [
                _picture(exposure, setting, stage),
                _noise_picture(noise, stage),
                _likeness_picture(alike, stage),
            ]
        )
        self.plots = [variance_plot(exposure, stage, points), likeness_plot(alike, stage)]
        self.readout = sentence(setting, exposure, stage, points, alike)


def _controls(stage: str) -> list[dict]:
    electrons = [f"{2**stop:.0f}" for stop in np.arange(2.0, 12.5, 0.5)]
    iso = [f"{100 * 2**stop}" for stop in range(6)]
    return [
        view.choice("picture", "picture", frames.PICTURES),
        view.slider("light", "electrons at white", (2.0, 12.0, 0.5), texts=electrons),
        view.slider("read_noise", "read noise", (0.0, 10.0, 0.1), "e-"),
        view.slider("iso_stops", "gain, as ISO", (0, 5, 1), texts=iso),
        view.choice("stage", "stage", frames.STAGES),
        view.slider("quality", "JPEG quality", (10, 100, 5), disabled=stage != "JPEG"),
    ]


def _alone() -> np.ndarray:
    """The autocorrelation of nothing: 1 at the centre, as for white noise."""
    likeness = np.zeros((2 * REACH + 1, 2 * REACH + 1))
    likeness[REACH, REACH] = 1.0
    return likeness


def _picture(exposure: Exposure, setting: Setting, stage: str) -> tuple[dict, np.ndarray]:
    lightened = "" if stage in frames.DISPLAY_VALUES else ", brightened for the screen"
    description = {
        "key": "picture", "title": f"{stage}{lightened}",
        "alt": f"{setting.picture} after the stage {stage}, {setting.electrons:.0f} electrons "
               "at white",
    }  # fmt: skip
    return description, pixels.tones(frames.on_screen(exposure, stage))


def _noise_picture(noise: np.ndarray, stage: str) -> tuple[dict, np.ndarray]:
    spread = float(noise.std())
    centre = tuple(slice(side // 4, 3 * side // 4) for side in noise.shape)
    description = {
        "key": "noise", "title": "noise alone (middle, enlarged)",
        "alt": f"Noise after {stage}, mid-grey is 0, black and white are {SHADE:.0f} standard "
               "deviations; blotches larger than a pixel mean coloured noise",
    }  # fmt: skip
    return description, pixels.mid_grey(noise[centre], SHADE * spread)


def _likeness_picture(alike: np.ndarray, stage: str) -> tuple[dict, np.ndarray]:
    description = {
        "key": "likeness", "title": f"autocorrelation, lags up to {REACH} px",
        "alt": f"Autocorrelation of the noise after {stage}: "
               f"{_correlation(alike[REACH, REACH + 1])} one pixel along the row, "
               f"{_correlation(alike[REACH + 1, REACH])} one pixel down; "
               "orange positive, purple negative",
    }  # fmt: skip
    return description, pixels.signed_colours(alike)


def variance_plot(
    exposure: Exposure, stage: str, points: tuple[np.ndarray, np.ndarray]
) -> dict:
    """Measured variances against the mean, and the sensor's law in the same units."""
    _, unit = frames.unit_of(exposure, stage)
    means, variances = points
    order = np.argsort(means)
    lowest, highest = float(means.min()), max(float(means.max()), 1e-6)
    encoded = stage in frames.DISPLAY_VALUES
    # A tone curve is so steep at black that the law would leave the plot there.
    line = frames.law(exposure, stage, highest, 0.6 * lowest if encoded else 0.0)
    at_points = np.interp(means, *line)
    share = float(np.median(variances / at_points))
    highest_law = 1.3 * min(at_points.max(), 4 * variances.max()) if encoded else line[1].max()
    tallest = max(float(highest_law), float(variances.max()), 1e-12)
    thousands, squared = _thousands(tallest, f"{unit}²")
    return {
        "title": f"variance against mean: {share:.2f} of the law (median of the points)",
        "alt": f"Variance of the noise after {stage} against the mean, with the sensor's law; "
               f"the points lie at {share:.2f} of the law",
        "x_label": f"mean [{unit}]", "y_label": f"variance [{squared}]",
        "x_range": [0.0, 1.03 * highest],
        "y_range": [0.0, 1.05 * tallest / thousands],
        "series": [
            view.series("measured", means[order], variances[order] / thousands, dots=True),
            view.series("law of the sensor, pixel by pixel", line[0], line[1] / thousands),
        ],
    }  # fmt: skip


def _thousands(tallest: float, unit: str) -> tuple[float, str]:
    """Step of 1,000 that keeps the axis' numbers short, and the unit with it."""
    if tallest >= 2000:
        return 1000.0, f"1000 {unit}"
    if tallest < 0.2:
        return 0.001, f"0.001 {unit}"
    return 1.0, unit


def likeness_plot(alike: np.ndarray, stage: str) -> dict:
    """Autocorrelation along the row and down the column."""
    lags = np.arange(REACH + 1)
    across, down = alike[REACH, REACH:], alike[REACH:, REACH]
    return {
        "title": f"autocorrelation: {_correlation(across[1])} at 1 px along the row",
        "alt": f"Autocorrelation of the noise after {stage} at lags 0 to {REACH}: along the row "
               + ", ".join(_correlation(value) for value in across),
        "x_label": "lag [px]", "y_label": "correlation",
        "x_range": [-0.15, REACH + 0.15], "y_range": [-0.3, 1.05],
        "series": [
            view.series("along the row", lags, across, dots=True),
            view.series("down the column", lags, down, dots=True),
        ],
    }  # fmt: skip


def _correlation(value: float) -> str:
    """Two digits, and never a minus before nothing."""
    return f"{round(float(value), 2) + 0.0:.2f}"


def _signed(value: float) -> str:
    """Four digits with a sign, but none before nothing."""
    return f"{value:+.4f}" if abs(value) >= 5e-5 else "0.0000"


def _ratio(points: tuple[np.ndarray, np.ndarray]) -> str:
    """Measured mean / standard deviation of the brightest group of pixels."""
    mean, variance = (values[-1] for values in points)
    return f"{mean / np.sqrt(variance):.1f}" if variance > 0 else "not defined: no noise is left"


def sentence(
    setting: Setting,
    exposure: Exposure,
    stage: str,
    points: tuple[np.ndarray, np.ndarray],
    alike: np.ndarray,
) -> str:
    """The read-out: light, signal-to-noise ratio, neighbours, shadows, and edge width."""
    full = exposure.sensor.saturation_electrons
    clean, noise = frames.plane(exposure.clean[stage]), frames.noise_at(exposure, stage)
    dark = clean <= np.quantile(clean, 0.1)
    parts = [
        f"white is {setting.electrons:.0f} electrons",
        f"signal-to-noise ratio of the brightest group {_ratio(points)}",
        f"neighbours correlate {_correlation(alike[REACH, REACH + 1])}",
        f"mean of the noise in the darkest tenth {_signed(noise[dark].mean())}",
    ]
    if setting.electrons > full:
        parts[0] += f" (the sensor is full at {full:.0f})"
    if setting.picture == "slanted edge":
        width = format_width(frames.edge_width(exposure, stage))
        parts.append(f"10-90 % width of the noise-free edge {width} px")
    return " · ".join(parts)
