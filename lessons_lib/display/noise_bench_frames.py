"""What the noise bench computes: one frame with its noise after each stage of developing.

Plain functions of a :class:`Setting`; the widget in ``noise_bench.py`` only connects
them to the sliders. The sensor has no fixed pattern here, so that its law is a straight
line.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.image import Image
from lessons_lib.scenes import camera
from lessons_lib.scenes.night_street import night_street
from lessons_lib.scenes.phantoms import SlantedEdge

SIZE = 256
PICTURES = ("night street", "flat field", "slanted edge")
STAGES = (
    "raw mosaic", "demosaiced", "white balanced", "exposed", "clipped", "tone curve", "8 bits",
    "JPEG",
)  # fmt: skip
ISO_100_GAIN = 0.64  # DN/e-
SECONDS = 1 / 15
EDGE = SlantedEdge(size=SIZE, contrast=0.4, mean=0.4)
_CORNER = (205, 180)  # of the night street's crop: shop window, sign, dark wall
_GROUPS, _FEWEST = 16, 100
DISPLAY_VALUES = STAGES[5:]


@dataclass(frozen=True)
class Setting:
    """What the sliders say.

    Attributes
    ----------
    picture : str
        One of ``PICTURES``.
    electrons : float
        Mean photo-electrons that white leaves in a green pixel.
    read_noise : float
        Standard deviation, electrons.
    iso_stops : int
        Doublings of the gain above ISO 100.
    quality : int
        Of the JPEG.
    """

    picture: str = "night street"
    electrons: float = 64.0
    read_noise: float = 1.6
    iso_stops: int = 0
    quality: int = 90

    @property
    def sensor(self) -> camera.Sensor:
        """The sensor at this gain, without fixed pattern."""
        gain = ISO_100_GAIN * 2.0**self.iso_stops
        return camera.Sensor(gain=gain, read_noise=self.read_noise, prnu=0.0, dsnu=0.0)


@dataclass(frozen=True, eq=False)
class Exposure:
    """One noisy frame and the same frame without noise, after every stage.

    Attributes
    ----------
    noisy, clean : dict of str to ndarray
        Stage name to image, as :func:`lessons_lib.scenes.camera.develop_stages` gives it.
    sensor : Sensor
        What took the frame.
    exposure_gain : float
        What the developing multiplied linear light by.
    """

    noisy: dict[str, Image]
    clean: dict[str, Image]
    sensor: camera.Sensor
    exposure_gain: float


@cache
def bench_scene(name: str) -> Image:
    """Linear light of a picture of the bench, ``(SIZE, SIZE, 3)``; 1 is white."""
    if name == "night street":
        top, left = _CORNER
        return night_street()[top : top + SIZE, left : left + SIZE]
    if name == "slanted edge":
        return np.stack([EDGE.image()] * 3, axis=-1)
    if name == "flat field":
        return np.full((SIZE, SIZE, 3), 0.4)
    raise ValueError(f"there is no picture {name!r}; choose one of {', '.join(PICTURES)}")


@lru_cache(maxsize=2)
def take(setting: Setting, seed: int = 0) -> Exposure:
    """Expose and develop one frame, and the frame that its mean would make.

    Parameters
    ----------
    setting : Setting
        Picture, light and camera.
    seed : int
        Of the photons and the read noise.

    Returns
    -------
    Exposure
        Shared between callers: do not write into it.
    """
    scene, sensor = bench_scene(setting.picture), setting.sensor
    raw = camera.capture(
        scene, electrons_at_white=setting.electrons, sensor=sensor,
        rng=np.random.default_rng(seed), seconds=SECONDS,
    )  # fmt: skip
    development = camera.Development(quality=setting.quality).matched(sensor, setting.electrons)
    stages = camera.develop_stages(raw, sensor, development)
    ideal = camera.develop_stages(_mean_frame(scene, setting), sensor, development)
    return Exposure(stages, ideal, sensor, development.exposure_gain)


def _mean_frame(scene: Image, setting: Setting) -> np.ndarray:
    """Raw numbers without noise and without rounding, clipped where the sensor is full."""
    sensor = setting.sensor
    response = np.asarray(sensor.channel_sensitivity)[camera.bayer_colours(scene.shape[:2])]
    electrons = camera.mosaic(scene) * response * setting.electrons
    held = np.minimum(electrons, sensor.full_well)
    return np.minimum(camera.raw_mean(held, SECONDS, sensor), sensor.white_level)


def plane(image: Image) -> Image:
    """The one plane whose noise is measured: the whole mosaic, or green."""
    return image if image.ndim == 2 else image[..., 1]


def noise_at(exposure: Exposure, stage: str) -> Image:
    """Noisy minus noise-free after a stage, ``(SIZE, SIZE)``, in that stage's values."""
    return plane(exposure.noisy[stage]) - plane(exposure.clean[stage])


def unit_of(exposure: Exposure, stage: str) -> tuple[float, str]:
    """Factor and name of the unit that a stage is plotted in: raw numbers, or values."""
    if stage in ("raw mosaic", "demosaiced", "white balanced"):
        return exposure.sensor.white_level - exposure.sensor.black_level, "DN"
    return 1.0, "value"


def variance_points(exposure: Exposure, stage: str) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the noise against the mean, in groups of about equally bright pixels.

    Returns
    -------
    means, variances : ndarray, ``(N,)``
        In the unit of :func:`unit_of`, and its square.
    """
    factor, _ = unit_of(exposure, stage)
    clean = plane(exposure.clean[stage]).ravel() * factor
    noise = noise_at(exposure, stage).ravel() * factor
    # Rounded, because equal levels that differ in the last digit would split a group.
    limits = np.unique(np.quantile(clean, np.linspace(0, 1, _GROUPS + 1)).round(9))
    group = np.digitize(clean.round(9), limits[1:-1])
    counts = np.bincount(group)
    kept = counts >= _FEWEST
    counts = np.maximum(counts, 1)
    means, offsets = np.bincount(group, clean) / counts, np.bincount(group, noise) / counts
    variances = np.bincount(group, noise**2) / counts - offsets**2
    return means[kept], variances[kept]


def law(
    exposure: Exposure, stage: str, top: float, bottom: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The sensor's law K^2 (read^2 + electrons) + 1/12, carried to a stage pixel by pixel.

    What the stage does to *one* pixel is in it (factors, the slope of the tone curve);
    what it does between pixels, and clipping, is not: there the points leave the line.

    Parameters
    ----------
    exposure : Exposure
        Gives the sensor and the brightening.
    stage : str
        One of ``STAGES``.
    top, bottom : float
        Largest and smallest mean, in the unit of :func:`unit_of`.

    Returns
    -------
    means, variances : ndarray, ``(41,)``
    """
    sensor = exposure.sensor
    span = sensor.white_level - sensor.black_level
    scale, unit = unit_of(exposure, stage)
    factor = scale if unit == "DN" else exposure.exposure_gain
    encoded = stage in DISPLAY_VALUES
    means = np.linspace(bottom, top, 41)
    if encoded:  # evenly spaced on the axis, not in linear light
        means = camera.srgb_decode(means)
    electrons = means / factor * span / sensor.gain
    variances = camera.raw_variance(electrons, SECONDS, sensor) * (factor / span) ** 2
    if not encoded:
        return means, variances
    step = 1e-6
    slopes = (camera.srgb_encode(means + step) - camera.srgb_encode(means)) / step
    return camera.srgb_encode(means), variances * slopes**2


def edge_width(exposure: Exposure, stage: str) -> float:
    """10-90 % width [px] of the noise-free slanted edge after a stage, in its own values."""
    image = plane(exposure.clean[stage])
    if stage == "raw mosaic":
        balance = np.asarray(exposure.sensor.neutral_white_balance)
        image = image * balance[camera.bayer_colours(image.shape)]
    return rise_width(edge_spread(image, EDGE))


def on_screen(exposure: Exposure, stage: str) -> Image:
    """A stage as it can be looked at: linear stages brightened and tone-mapped."""
    image = exposure.noisy[stage]
    if stage in DISPLAY_VALUES:
        return image
    brightened = stage in ("exposed", "clipped")
    return camera.srgb_encode(image if brightened else image * exposure.exposure_gain)
