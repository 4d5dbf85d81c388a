"""A burst from a hand that shakes: the same scene, displaced by known parts of a pixel.

The frames are exact at any displacement (see ``displaced_frames.py``, whose names can be
imported from here), so the true shifts are known to rounding and an alignment can be judged
by them. The noise is that of the camera model.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lessons_lib.image import Image, luminance
from lessons_lib.scenes.camera import capture
from lessons_lib.scenes.coverage import disc_coverage
from lessons_lib.scenes.development import demosaic, white_balance
from lessons_lib.scenes.displaced_frames import (
    across_edge,
    area_sample,
    check_shifts,
    edge_burst,
    hand_shake,
)
from lessons_lib.scenes.night_street import night_street
from lessons_lib.scenes.sensor import Sensor, expose

__all__ = [
    "Burst",
    "MovingDisc",
    "across_edge",
    "area_sample",
    "edge_burst",
    "fine_street",
    "hand_held_burst",
    "hand_shake",
    "light_sigma",
]

OVERSAMPLING = 4  # squares of the scene along a side of one pixel


@dataclass(frozen=True)
class MovingDisc:
    """Something bright that moves through the picture while the burst is taken.

    Attributes
    ----------
    start : (float, float)
        (row, col) of its centre in frame 0, px.
    velocity : (float, float)
        Rows and columns that it moves from frame to frame, px, beside the hand's shift.
    radius : float
        In px, above 0.
    level : float
        Its linear light, 0 or more.
    """

    start: tuple[float, float]
    velocity: tuple[float, float] = (0.0, 4.0)
    radius: float = 5.0
    level: float = 0.5

    def coverage(
        self, shape: tuple[int, int], number: int, shift: tuple[float, float]
    ) -> np.ndarray:
        """Share of each pixel that the disc covers in one frame, ``(H, W)``, [0, 1]."""
        borders = [
            np.arange(side + 1) - 0.5 - (first + number * step + moved)
            for side, first, step, moved in zip(
                shape, self.start, self.velocity, shift, strict=True
            )
        ]
        return disc_coverage(*borders, self.radius)


@dataclass(frozen=True, eq=False)
class Burst:
    """Frames of one scene, and what is true about them.

    Attributes
    ----------
    frames : ndarray, ``(N, H, W)`` or ``(N, H, W, 3)``
        Noisy, in linear light; not clipped below 0.
    shifts : ndarray, ``(N, 2)``
        How far the scene stands from its place in frame 0, (rows, cols), px: frame k shows
        at ``place + shifts[k]`` what frame 0 shows at ``place``.
    clean : ndarray, ``(N, H, W)`` or ``(N, H, W, 3)``
        The frames without noise and fixed pattern.
    moving : ndarray, ``(N, H, W)``
        Share of each pixel that the moving thing covers; all 0 if there is none.
    sigma : ndarray, ``(N, H, W)`` or ``(N, H, W, 3)``
        True standard deviation of the noise from frame to frame, by the sensor's closed
        form; for frames of the Bayer camera that of the raw pixel, before demosaicing.
    """

    frames: np.ndarray
    shifts: np.ndarray
    clean: np.ndarray
    moving: np.ndarray
    sigma: np.ndarray


def hand_held_burst(
    scene: Image,
    shifts: np.ndarray,
    *,
    shape: tuple[int, int],
    electrons_at_white: float,
    rng: np.random.Generator,
    sensor: Sensor | None = None,
    oversampling: int = OVERSAMPLING,
    centre: tuple[float, float] | None = None,
    moving: MovingDisc | None = None,
    seconds: float = 1 / 15,
) -> Burst:
    """Take a burst of a fine scene with a hand that shakes.

    A grey scene goes through a sensor without colour filters, and the noise is white. A
    colour scene goes through the Bayer camera: mosaic, demosaicing and white balance in
    linear light, which spread the noise over neighbours.

    Parameters
    ----------
    scene : ndarray, ``(H, W)`` or ``(H, W, 3)``
        Linear light, 1 is white, finer than the sensor.
    shifts : ndarray, ``(N, 2)``
        (rows, cols) of each frame, px; the first row is taken as it is.
    shape : (int, int)
        Pixels of a frame.
    electrons_at_white : float
        Mean photo-electrons that white leaves in a pixel of *one* frame.
    rng : numpy.random.Generator
        Draws photons and read noise.
    sensor : Sensor, optional
        ``Sensor()`` if not given; its fixed pattern is the same in each frame.
    oversampling : int
        Squares of the scene along a side of one pixel, at least 1.
    centre : (float, float), optional
        (row, col) of the scene, in squares, that the middle of frame 0 looks at.
    moving : MovingDisc, optional
        Something that moves.
    seconds : float
        Exposure time of one frame, for the dark current.

    Returns
    -------
    Burst

    Raises
    ------
    ValueError
        For shifts that are no ``(N, 2)`` or reach over the scene's border, and as
        :func:`lessons_lib.scenes.camera.capture`.
    """
    sensor, shifts = sensor or Sensor(), check_shifts(shifts)
    clean, covered = [], []
    for number, shift in enumerate(shifts):
        corner = _corner(scene, shape, oversampling, centre) - shift
        frame = area_sample(scene, tuple(corner), shape, oversampling)
        share = moving.coverage(shape, number, shift) if moving else np.zeros(shape)
        # The disc hides what is behind it.
        hidden = share if frame.ndim == 2 else share[..., np.newaxis]
        clean.append(frame + hidden * ((moving.level if moving else 0.0) - frame))
        covered.append(share)
    take = _grey_frame if scene.ndim == 2 else _colour_frame
    frames = [take(one, electrons_at_white, sensor, rng, seconds) for one in clean]
    sigma = [light_sigma(one, electrons_at_white, sensor, seconds) for one in clean]
    return Burst(
        np.array(frames), shifts, np.array(clean), np.array(covered), np.array(sigma)
    )


def _corner(
    scene: Image, shape: tuple[int, int], oversampling: int, centre: tuple[float, float] | None
) -> np.ndarray:
    middle = np.array(scene.shape[:2]) / 2 if centre is None else np.array(centre)
    return middle / oversampling - np.array(shape) / 2


def light_sigma(
    light: Image, electrons_at_white: float, sensor: Sensor, seconds: float = 1 / 15
) -> Image:
    """Give the standard deviation of the noise in linear light, by the sensor's closed form.

    Parameters
    ----------
    light : ndarray
        Linear light, 1 is white; what is below 0 counts as 0, so a noisy frame will do
        where the clean one is not known.
    electrons_at_white : float
        Mean photo-electrons of white.
    sensor : Sensor
        Read noise, dark current, gain.
    seconds : float
        Exposure time.

    Returns
    -------
    ndarray
        sqrt(electrons + dark + read^2 + 1 / (12 gain^2)) / electrons_at_white.
    """
    electrons = electrons_at_white * np.maximum(light, 0.0)
    rounding = 1 / 12 / sensor.gain**2
    counted = electrons + sensor.dark_current * seconds + sensor.read_noise**2 + rounding
    return np.sqrt(counted) / electrons_at_white


def _grey_frame(
    light: Image, electrons_at_white: float, sensor: Sensor, rng: np.random.Generator,
    seconds: float,
) -> Image:  # fmt: skip
    photons = light * (electrons_at_white / sensor.quantum_efficiency / seconds)
    raw = expose(photons, seconds, sensor, rng)
    return _to_light(raw, electrons_at_white, sensor, seconds)


def _colour_frame(
    light: Image, electrons_at_white: float, sensor: Sensor, rng: np.random.Generator,
    seconds: float,
) -> Image:  # fmt: skip
    raw = capture(
        light, electrons_at_white=electrons_at_white, sensor=sensor, rng=rng, seconds=seconds
    )
    linear = demosaic(_to_light(raw, electrons_at_white, sensor, seconds))
    return white_balance(linear, sensor.neutral_white_balance)


def _to_light(
    raw: np.ndarray, electrons_at_white: float, sensor: Sensor, seconds: float
) -> Image:
    electrons = (raw - sensor.black_level) / sensor.gain - sensor.dark_current * seconds
    return electrons / electrons_at_white


@cache
def fine_street(height: int = 1024, width: int = 1536) -> Image:
    """The night street, grey and fine enough for frames of a quarter of its size.

    Returns
    -------
    ndarray, ``(height, width)``
        Linear light, read-only: it is shared. 5 s at the default size.
    """
    light = luminance(night_street(height, width))
    light.flags.writeable = False
    return light
