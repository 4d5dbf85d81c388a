"""Instant checks of lesson 01: sensors and counts here, pictures in the module beside."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_01_pictures import (
    check_describe_noise,
    check_estimate_noise,
    one_number,
)
from lessons_lib.image import Image
from lessons_lib.scenes.sensor import Sensor, expose

__all__ = [
    "check_describe_noise",
    "check_estimate_noise",
    "check_gain_from_pairs",
    "check_signal_to_noise",
    "check_stabilise",
]


# ---------------------------------------------------------------- 1 gain from pairs


def _flat_pairs(sensor: Sensor, brightest: float, seed: int) -> list[tuple[Image, Image]]:
    rng = np.random.default_rng(seed)
    frames = []
    for electrons in np.geomspace(30, brightest, 8):
        light = np.full((96, 96), electrons / sensor.quantum_efficiency)
        frames.append(tuple(expose(light, 1.0, sensor, rng) for _ in range(2)))
    return frames


@instant_check
def check_gain_from_pairs(gain_from_pairs: Callable) -> str:
    """Check a photon-transfer gain on two cameras with uneven pixels.

    Parameters
    ----------
    gain_from_pairs : callable
        ``(pairs, black_level) -> gain`` in DN per electron.
    """
    # So much read noise that variance over mean, a line through 0, gives a wrong gain.
    cameras = (
        (Sensor(gain=0.31, black_level=128, prnu=0.03, read_noise=12.0), 4000.0),
        (Sensor(gain=1.7, black_level=300, prnu=0.03, read_noise=12.0), 1800.0),
    )
    found = []
    for seed, (sensor, brightest) in enumerate(cameras, start=101):
        pairs = _flat_pairs(sensor, brightest, seed)
        found.append(one_number(gain_from_pairs(pairs, sensor.black_level), "The gain"))
    expect(
        abs(found[0] - found[1]) > 1e-9,
        "Two different cameras get the same answer. It has to come from the frames.",
    )
    for gain, (sensor, _) in zip(found, cameras, strict=True):
        _hint_on_gain(gain, sensor.gain)
    return "Two cameras gave their gain away. Nobody told you how many photons there were."


def _hint_on_gain(found: float, true: float) -> None:
    ratio = found / true
    expect(
        abs(found * true - 1) > 0.05 or abs(ratio - 1) < 0.05,
        "This looks like electrons per DN. Which unit was asked for?",
    )
    expect(
        abs(ratio - 2) > 0.12,
        "About twice too large. How many noises are there in the difference of two frames?",
    )
    expect(
        ratio < 1.05,
        f"Too large, by a factor of {ratio:.2f}. The pixels are not equally sensitive: how do two "
        "frames of the same light get rid of that? And does your line need to go through 0?",
    )
    expect(
        ratio > 0.95,
        f"Too small, by a factor of {ratio:.2f}. Is it a variance (and no standard deviation) "
        "that grows in proportion to the light? Is the mean counted from the black level?",
    )


# ---------------------------------------------------------------- 2 signal to noise


@instant_check
def check_signal_to_noise(signal_to_noise: Callable) -> str:
    """Check a predicted signal-to-noise ratio against its closed form.

    Parameters
    ----------
    signal_to_noise : callable
        ``(electrons, read_noise) -> ratio``; arrays of electrons must work.
    """
    bare = one_number(signal_to_noise(400.0, 0.0), "The ratio")
    expect(
        abs(bare - 20) < 1e-6,
        f"Without read noise 400 electrons give {bare:.4g}. The variance of a count is its mean: "
        "what then is its standard deviation, and what is 400 divided by it?",
    )
    mixed = one_number(signal_to_noise(100.0, 20.0), "The ratio")
    expect(abs(mixed - 10) > 1e-6, "The read noise changes nothing yet.")
    expect(
        abs(mixed - 100 / 30) > 1e-6,
        "You added two standard deviations. Which quantity of independent noises adds up?",
    )
    expect(
        abs(mixed - 100 / np.sqrt(120)) > 1e-6,
        "Under the root stand variances. The read noise is given as a standard deviation.",
    )
    true = 100 / np.sqrt(500)
    expect(
        abs(mixed - true) < 1e-6,
        f"100 electrons and 20 electrons of read noise give {mixed:.4g}; what is the variance of "
        "the sum of two independent noises?",
    )
    levels = np.array([3.0, 70.0, 5000.0])
    several = np.asarray(signal_to_noise(levels, 2.5))
    wanted = levels / np.sqrt(levels + 2.5**2)
    good = several.shape == levels.shape and np.allclose(several, wanted, rtol=1e-9)
    expect(good, "One number is right; an array of electrons is not. Use NumPy's functions.")
    return "Right at every light level tried: read noise rules in the dark, photons elsewhere."


# ---------------------------------------------------------------- 3 stabilise


@instant_check
def check_stabilise(stabilise: Callable) -> str:
    """Check a variance stabilisation by exact sums, and the bias of its plain inverse.

    Parameters
    ----------
    stabilise : callable
        ``(counts, variance) -> (stabilised, bias)``.
    """
    counts = np.arange(600)
    answer = stabilise(counts, 1.0)
    pair = isinstance(answer, (tuple, list)) and len(answer) == 2
    expect(pair, "Return two things: the stabilised counts and the bias.")
    stabilised = np.asarray(answer[0], dtype=float)
    shape = stabilised.shape == counts.shape
    expect(shape, f"For {counts.size} counts there came values of shape {stabilised.shape}.")
    expect(np.isfinite(stabilised).all(), "Some counts, such as 0, give no finite value.")
    means = np.array([4.0, 7.0, 15.0, 40.0, 150.0])
    chances = stats.poisson.pmf(counts, means[:, None])
    variances = chances @ stabilised**2 - (chances @ stabilised) ** 2
    _hint_on_variances(means, variances)
    _hint_on_bias(stabilise)
    return f"Variances {variances.min():.3f} to {variances.max():.3f} for means from 4 to 150."


def _hint_on_variances(means: np.ndarray, variances: np.ndarray) -> None:
    growth = variances[-1] / variances[2]
    expect(
        0.9 < growth < 1.1,
        f"From a mean of 15 to one of 150 your variance changes {growth:.3g}-fold. Which function "
        "has a slope that falls exactly as the counts' standard deviation rises?",
    )
    level = variances[-1]
    expect(
        abs(level - 1) < 0.02,
        f"The variance is the same for bright pixels, but it is {level:.3g} and not 1.",
    )
    worst = int(np.argmax(np.abs(variances - 1)))
    expect(
        abs(variances[worst] - 1) < 0.005,
        f"At a mean of {means[worst]:g} the variance is {variances[worst]:.3f}. A small number "
        "has to be added at the right place for it to hold down to a mean of 4.",
    )


def _hint_on_bias(stabilise: Callable) -> None:
    found = [one_number(stabilise(np.arange(3), v)[1], "The bias") for v in (1.0, 0.5, 0.17)]
    expect(
        max(abs(value) for value in found) > 1e-9,
        "The inverse is exact for one value, but here it is given the mean of many. Which is "
        "larger: the mean of squares, or the square of the mean?",
    )
    expect(found[0] < 0, "The sign: does the plain inverse come out too bright or too dark?")
    expect(
        abs(found[0] - found[1]) > 1e-9,
        "The bias has to depend on the variance: in the dark the variance is below 1.",
    )
    expect(
        np.allclose(found, [-0.25, -0.125, -0.0425], atol=1e-6),
        "Put the mean of t into the inverse and use E[t²] = Var[t] + (E[t])².",
    )
