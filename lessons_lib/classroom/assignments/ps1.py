"""Judges of PS1: a camera's fixed pattern, its noise, and the dark; edges in the module beside."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import stats

from lessons_lib.classroom.assignments.ps1_edges import judge_blur_or_jitter, judge_place_bound
from lessons_lib.classroom.assignments.returned import array, call, near, none_of, number
from lessons_lib.classroom.checks import expect
from lessons_lib.image import Image
from lessons_lib.scenes.sensor import Sensor, expose

# ---------------------------------------------------------------- 1 the fixed pattern


def judge_pixel_response(answer: Callable, rng: np.random.Generator) -> None:
    """Two cameras with uneven pixels, and one whose pixels are all alike."""
    for gain, electrons, black in ((0.9, 4000, 520), (0.4, 6000, 250)):
        sensor = Sensor(
            gain=gain * rng.uniform(0.9, 1.1), black_level=float(black), full_well=30_000,
            bit_depth=14, prnu=rng.uniform(0.02, 0.035), dsnu=0.0, dark_current=0.0,
            fixed_pattern_seed=int(rng.integers(2**31)),
        )  # fmt: skip
        pair = _flat_pair(sensor, electrons, 128, rng)
        pattern = np.random.default_rng(sensor.fixed_pattern_seed).standard_normal((128, 128))
        found = number(call(answer, *pair, sensor.black_level), "the PRNU, a fraction")
        # 16,384 pixels know it to about 0.7 %; five times that.
        if not near(found, sensor.prnu * pattern.std(), rtol=0.035):
            _hint_on_response(found, pair, sensor.black_level)
    found = number(call(answer, *_even_pair(rng), 300.0), "the PRNU, a fraction")
    expect(
        found == 0,
        "For pixels that are all alike chance may make the pattern's variance negative. Then "
        f"return 0; you return {found:.3g}.",
    )


def _flat_pair(
    sensor: Sensor, electrons: float, size: int, rng: np.random.Generator
) -> list[Image]:
    light = np.full((size, size), electrons / sensor.quantum_efficiency)
    return [expose(light, 1.0, sensor, rng) for _ in range(2)]


def _even_pair(rng: np.random.Generator) -> list[Image]:
    """Two frames of even pixels in which every way to the pattern's variance is negative."""
    sensor = Sensor(prnu=0.0, dsnu=0.0, black_level=300.0)
    while True:
        first, second = _flat_pair(sensor, 500, 16, rng)
        if max(first.var(), second.var()) < (first - second).var() / 2.1:
            return [first, second]


def _hint_on_response(found: float, pair: list[Image], black: float) -> None:
    """Raise the hint that fits a wrong PRNU."""
    first, second = pair
    both, mean = first.var(), first.mean() - black
    noise = (first - second).var() / 2
    pattern = both - noise
    slips = {
        "That is the whole spread of one frame: pattern *and* noise. What do two frames share?": (
            np.sqrt(both) / mean
        ),
        "That is the noise without the pattern: the part that two frames do *not* share.": (
            np.sqrt(noise) / mean
        ),
        "Too small. The difference of two frames holds the noise of both.": (
            np.sqrt(abs(both - 2 * noise)) / mean
        ),
        "The light is counted from the black level, not from 0.": np.sqrt(pattern) / first.mean(),
        "That is a variance. PRNU is a standard deviation, as a fraction of the light.": (
            pattern / mean**2
        ),
        "That is in DN. PRNU is a fraction: divide by the mean above black.": np.sqrt(pattern),
        "A fraction is asked for, not percent.": 100 * np.sqrt(pattern) / mean,
    }
    none_of(found, np.sqrt(pattern) / mean, slips, rtol=0.03)
    expect(
        False,
        "Not the PRNU of these frames. Their covariance, or the variance of one frame minus half "
        "of the variance of the difference, is the pattern's variance in DN².",
    )


# ---------------------------------------------------------------- 2 sigma of a value


def judge_noise_of_value(answer: Callable, rng: np.random.Generator) -> None:
    """Low, middle and high ISO, and values of several shapes, some of them below black."""
    for gain, read, shape, white in ((0.11, 1.3, (9,), 4095), (7.0, 2.6, (4, 5), 16383),
                                     (0.8, 1.6, (6,), 4095)):  # fmt: skip
        value = rng.uniform(0.02, 0.9, shape)
        gain, read, black = gain * rng.uniform(0.8, 1.25), read * rng.uniform(0.9, 1.1), 200 + 57.0
        given = value, gain, read, black, float(white)
        found = array(call(answer, *given), shape, "sigma of each value")
        _hint_on_noise(found, *given)
    value = np.array([-0.01, 0.0, 0.02])
    found = call(answer, value, 0.8, 1.6, 256.0, 4095.0)
    expect(
        isinstance(found, np.ndarray) and np.isfinite(found).all(),
        "A value below black, -0.01, gets no number. Read noise makes such values; there is no "
        "light in them, so take the light as 0 there.",
    )
    found = array(found, (3,), "sigma of each value")
    expect(
        near(found[0], found[1]),
        "A value below black holds no light: it must have the sigma of value 0, the read noise's.",
    )


def _hint_on_noise(
    found: np.ndarray, value: Image, gain: float, read: float, black: float, white: float
) -> None:
    """Raise the hint that fits a wrong sigma in image units."""
    span = white - black
    level = value * span

    def sigma(level: Image = level, light: float = gain, floor: float = (gain * read) ** 2,
              rounding: float = 1 / 12, unit: float = span) -> Image:  # fmt: skip
        return np.sqrt(light * level + floor + rounding) / unit

    right = sigma()
    slips = {
        "That is in DN. In image units 1 is white: divide by how many DN lie between black and "
        "white.": right * span,
        "That is the variance; sigma is its root.": right**2,
        "That is the variance in DN². Sigma is its root, and in image units.": (right * span) ** 2,
        "White stands at value 1 and black at 0: one unit is white_level - black_level DN.": sigma(
            unit=white
        ),
        "The DN of a value are counted above black: value times (white_level - black_level).": (
            sigma(level=value * white)
        ),
        "The black level is no light: it adds no noise.": sigma(level=level + black),
        "The read noise is in electrons; in DN it is multiplied by the gain.": (
            sigma(floor=read**2)
        ),
        "The read noise is a standard deviation: its square adds up.": sigma(floor=gain**2 * read),
        "Rounding to whole DN is missing.": sigma(rounding=0),
        "Rounding adds a variance of 1/12 DN², not 1/12 DN of standard deviation.": sigma(
            rounding=1 / 144
        ),
        "The variance in DN² is the gain times the mean in DN; you left the gain out.": sigma(
            light=1
        ),
        "You multiply the mean in DN by the gain squared. It is the mean in *electrons* that "
        "takes the square.": sigma(light=gain**2),
    }
    none_of(found, right, slips)
    expect(
        near(found, right),
        "Not the law's sigma. Mean above black in DN, then K mean + K² r² + 1/12 in DN², the "
        "root, and back to image units.",
    )


# ---------------------------------------------------------------- 3 back from the root


def expected_root(count: np.ndarray, offset: float) -> np.ndarray:
    """Mean of 2 sqrt(N + offset) over Poisson counts N of these means, summed exactly."""
    counts = np.arange(400)
    chances = stats.poisson.pmf(counts, np.asarray(count)[..., None])
    return chances @ (2 * np.sqrt(counts + offset))


def judge_mean_count(answer: Callable, rng: np.random.Generator) -> None:
    """Dark and bright means, with several constants under the root."""
    for offset, shape in ((3 / 8, (8,)), (0.0, (3, 4)), (rng.uniform(0.2, 1.0), (6,))):
        truth = np.exp(rng.uniform(np.log(0.1), np.log(90), shape))
        truth.flat[:3] = 0.0, rng.uniform(0.3, 0.6), rng.uniform(60, 90)
        root = expected_root(truth, offset)
        found = array(call(answer, root, offset), shape, "the mean counts, in electrons")
        _hint_on_count(found, truth, root, offset)
    below = 2 * np.sqrt(0.375) - np.array([0.05, 0.2])
    found = array(call(answer, below, 0.375), (2,), "the mean counts, in electrons")
    expect(
        bool((np.abs(found) < 0.005).all()),
        "A mean below that of no light at all came out of a denoiser: return 0 electrons for it.",
    )


def _hint_on_count(
    found: np.ndarray, truth: np.ndarray, root: np.ndarray, offset: float
) -> None:
    """Raise the hint that fits a wrong inverse."""
    plain = (root / 2) ** 2 - offset
    slips: Mapping[str, object] = {
        "That solves t = 2 sqrt(N + offset) for N. It is too dark by up to a quarter of an "
        "electron, because the mean of a root is not the root of the mean.": plain,
        "That returns N + offset: what stands under the root.": plain + offset,
    }
    none_of(found, truth, slips, rtol=1e-4)
    off = np.abs(found - truth)
    allowed = 0.005 + 0.001 * truth
    bright = truth > 20
    expect(
        bool((off[bright] <= 0.05 + allowed[bright]).all()),
        "Wrong even where there is much light. Does your table reach to 100 electrons, and does "
        "it use the offset that was given?",
    )
    expect(
        not ((off[bright] <= allowed[bright]).all() and (off > allowed).any()),
        "Right where there is light, wrong in the dark: a formula for many electrons? Sum the "
        "root over the counts with their Poisson chances, for a fine table of means.",
    )
    expect(
        bool((off <= allowed).all()),
        f"Off by up to {off.max():.3f} electrons. A finer table, and exact Poisson chances in "
        "place of drawn numbers, bring you within 0.005 + 0.1 %.",
    )


QUESTIONS = {
    "pixel_response": judge_pixel_response,
    "noise_of_value": judge_noise_of_value,
    "mean_count": judge_mean_count,
    "place_bound": judge_place_bound,
    "blur_or_jitter": judge_blur_or_jitter,
}
