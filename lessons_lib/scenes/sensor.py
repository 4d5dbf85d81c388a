"""An image sensor counted in electrons, after the EMVA 1288 model.

photons -> photo-electrons -> dark current -> fixed pattern -> read noise -> gain ->
rounding -> clipping. The mean and the variance of the numbers that come out are known
in closed form (:func:`raw_mean`, :func:`raw_variance`), which is what makes a camera's
noise a thing to calculate with.
"""

from dataclasses import dataclass

import numpy as np

from lessons_lib.scenes.noise import check_rng

# Rounding to whole numbers is an error spread evenly over one step: variance 1/12.
ROUNDING_VARIANCE = 1 / 12

# (field, lowest, highest) of what makes sense; None is no bound.
_RANGES = (
    ("quantum_efficiency", 0.0, 1.0),
    ("read_noise", 0.0, None),
    ("dark_current", 0.0, None),
    ("full_well", 1.0, None),
    ("gain", 1e-9, None),
    ("black_level", 0, None),
    ("bit_depth", 1, 16),
    ("prnu", 0.0, 0.1),
    ("dsnu", 0.0, None),
)


@dataclass(frozen=True)
class Sensor:
    """Settings of one sensor; the defaults are plausible for a phone, not measured.

    Attributes
    ----------
    quantum_efficiency : float
        Photo-electrons per photon, (0, 1].
    read_noise : float
        Standard deviation of the readout, electrons.
    dark_current : float
        Electrons per second that come without light.
    full_well : float
        Electrons that a pixel can hold; more are lost.
    gain : float
        K, raw numbers per electron [DN/e-]. A higher ISO setting is a higher gain and
        nothing else: it brings no photon more.
    black_level : float
        Raw number that no light gives [DN]. At 0 the lower half of the read noise is
        clipped away and the shadows become too bright.
    bit_depth : int
        The highest raw number is 2**bit_depth - 1.
    prnu : float
        Photo-response non-uniformity: standard deviation of the pixels' sensitivity, as
        a fraction, [0, 0.1].
    dsnu : float
        Dark-signal non-uniformity: standard deviation of the pixels' offset, electrons.
    fixed_pattern_seed : int
        Makes PRNU and DSNU; they are the same in each frame of the same size.
    channel_sensitivity : tuple of float
        Response to white light of the red, green and blue pixels, relative to green.

    Raises
    ------
    ValueError
        If a setting is outside its range.

    References
    ----------
    EMVA Standard 1288, release 4.0, 2021: mathematical model of a linear camera.
    """

    quantum_efficiency: float = 0.7
    read_noise: float = 1.6
    dark_current: float = 0.5
    full_well: float = 6000.0
    gain: float = 0.64
    black_level: float = 256.0
    bit_depth: int = 12
    prnu: float = 0.005
    dsnu: float = 0.3
    fixed_pattern_seed: int = 1288
    channel_sensitivity: tuple[float, float, float] = (0.55, 1.0, 0.65)

    def __post_init__(self) -> None:
        for field, lowest, highest in _RANGES:
            _check_range(field, getattr(self, field), lowest, highest)
        if self.quantum_efficiency == 0:
            raise ValueError("quantum_efficiency must be above 0, or the sensor sees nothing")
        if int(self.bit_depth) != self.bit_depth:
            raise ValueError(f"bit_depth must be a whole number, got {self.bit_depth}")
        if self.black_level >= self.white_level:
            raise ValueError(
                f"black_level must be below {self.white_level} (2**bit_depth - 1), "
                f"got {self.black_level:g}; more bits or a lower black level"
            )
        if len(self.channel_sensitivity) != 3 or min(self.channel_sensitivity) <= 0:
            raise ValueError(
                "channel_sensitivity must be three numbers above 0 (red, green, blue), "
                f"got {self.channel_sensitivity}"
            )

    @property
    def white_level(self) -> int:
        """Highest raw number [DN]."""
        return 2 ** int(self.bit_depth) - 1

    @property
    def saturation_electrons(self) -> float:
        """Electrons at which the pixel or the converter is full, whichever comes first."""
        return min(self.full_well, (self.white_level - self.black_level) / self.gain)

    @property
    def neutral_white_balance(self) -> tuple[float, float, float]:
        """Factors that make white light grey again: 1 / channel_sensitivity."""
        red, green, blue = self.channel_sensitivity
        return (1 / red, 1 / green, 1 / blue)


def _check_range(field: str, value: float, lowest: float, highest: float | None) -> None:
    top = np.inf if highest is None else highest
    if not (lowest <= value <= top and np.isfinite(value)):
        bound = f"from {lowest:g} to {highest:g}" if highest is not None else f"{lowest:g} or more"
        raise ValueError(f"{field} must be {bound}, got {value}; see help(Sensor) for its unit")


# Plausible, not measured. The gain is eight times the default's ('ISO 800'), so the
# converter is full at 750 electrons; amplifying early lowers the read noise.
PHONE_NIGHT = Sensor(gain=5.12, read_noise=1.2)

# Gain and read noise are a photon transfer fit to the green pixels of real raw crops of a
# Nikon D7000 at ISO 100: variance = 0.396 mean + 1.90 DN^2, so 2.53 e-/DN and 3.4 e-. (All
# colours in one line give 0.406 DN/e-, 2.46 e-/DN, with weights 1 / mean; but that camera
# multiplies red and blue before it writes the file, and the line mixes three gains.) All
# other values are plausible, not measured. The black level is off already in that data.
NIKON_D7000_GAIN = Sensor(
    quantum_efficiency=0.5,
    read_noise=3.4,
    dark_current=0.2,
    full_well=40000.0,
    gain=0.396,
    black_level=0.0,
    bit_depth=14,
    prnu=0.004,
    dsnu=0.5,
    channel_sensitivity=(0.5, 1.0, 0.7),
)


def fixed_pattern(shape: tuple[int, int], sensor: Sensor) -> tuple[np.ndarray, np.ndarray]:
    """Make the sensitivity (mean 1) and the offset (electrons, mean 0) of every pixel.

    Returns
    -------
    sensitivity, offset : ndarray, both of ``shape``
        Always the same for the same shape and sensor.
    """
    rng = np.random.default_rng(sensor.fixed_pattern_seed)
    sensitivity = 1 + sensor.prnu * rng.standard_normal(shape)
    return sensitivity, sensor.dsnu * rng.standard_normal(shape)


def expose(
    photons_per_second: np.ndarray, seconds: float, sensor: Sensor, rng: np.random.Generator
) -> np.ndarray:
    """Take one raw frame.

    Parameters
    ----------
    photons_per_second : ndarray, ``(H, W)``
        Mean photons that reach each pixel in a second, 0 or more.
    seconds : float
        Exposure time, above 0.
    sensor : Sensor
        Its noise, gain and limits.
    rng : numpy.random.Generator
        Draws the photons and the read noise; the fixed pattern has its own seed.

    Returns
    -------
    ndarray, ``(H, W)`` float64
        Whole numbers from 0 to ``sensor.white_level`` [DN]. Clipped at both ends, as a
        converter does.

    Raises
    ------
    ValueError
        For light that is negative, not finite or not 2-D, and for times of 0 or less.
    """
    _check_light(photons_per_second, seconds)
    check_rng(rng)
    sensitivity, offset = fixed_pattern(photons_per_second.shape, sensor)
    photo_electrons = sensor.quantum_efficiency * seconds * photons_per_second * sensitivity
    # Two independent Poisson counts add up to one Poisson count of the summed mean.
    counted = rng.poisson(photo_electrons + sensor.dark_current * seconds)
    held = np.minimum(counted, sensor.full_well)
    read = held + offset + sensor.read_noise * rng.standard_normal(held.shape)
    numbers = np.rint(sensor.gain * read + sensor.black_level)
    return np.clip(numbers, 0, sensor.white_level)


def _check_light(photons_per_second: np.ndarray, seconds: float) -> None:
    if not (np.isfinite(seconds) and seconds > 0):
        raise ValueError(f"seconds must be a time above 0, got {seconds}")
    if getattr(photons_per_second, "ndim", None) != 2:
        shape = np.shape(photons_per_second)
        raise ValueError(
            f"photons_per_second must have shape (H, W), got {shape}; a sensor sees one colour "
            "per pixel: make it with lessons_lib.scenes.camera.mosaic"
        )
    if not (np.isfinite(photons_per_second).all() and photons_per_second.min() >= 0):
        raise ValueError("photons_per_second must be finite and 0 or more; there is no dark light")


def raw_mean(electrons: float, seconds: float, sensor: Sensor) -> float:
    """Mean raw number [DN] for a mean of ``electrons`` photo-electrons, unclipped."""
    return sensor.black_level + sensor.gain * (electrons + sensor.dark_current * seconds)


def raw_variance(
    electrons: float, seconds: float, sensor: Sensor, *, within_frame: bool = False
) -> float:
    """Variance of the raw number [DN^2]: K^2 (read^2 + dark + photo-electrons) + 1/12.

    Parameters
    ----------
    electrons : float or ndarray
        Mean photo-electrons.
    seconds : float
        Exposure time, for the dark current.
    sensor : Sensor
        Its noise and gain.
    within_frame : bool
        False: of one pixel over many frames (half the variance of the difference of two
        flat frames, where the fixed pattern cancels). True: over the pixels of one flat
        frame, which adds K^2 ((PRNU electrons)^2 + DSNU^2).

    Returns
    -------
    float or ndarray
        Holds away from both ends of the range, and where the noise is wider than half a
        raw number, so that the rounding error is spread evenly.
    """
    counted = sensor.read_noise**2 + sensor.dark_current * seconds + electrons
    pattern = (sensor.prnu * electrons) ** 2 + sensor.dsnu**2 if within_frame else 0.0
    return sensor.gain**2 * (counted + pattern) + ROUNDING_VARIANCE
