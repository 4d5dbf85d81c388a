"""Instant checks of lesson 01 that look at pictures: exercises 4 and 5."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.diagnosis.noise_level import autocorrelation, noise_against_intensity
from lessons_lib.image import Image
from lessons_lib.scenes.phantoms import SlantedEdge, disc

Patch = tuple[slice, slice]


def one_number(value: object, what: str) -> float:
    """Return the answer as a float, or say that one finite number was expected."""
    single = np.ndim(value) == 0 and np.issubdtype(np.asarray(value).dtype, np.number)
    expect(single, f"{what} should be one number, yours is {type(value).__name__}.")
    expect(bool(np.isfinite(value)), f"{what} is {value}; it should be a finite number.")
    return float(value)


# ---------------------------------------------------------------- 4 estimate noise


@dataclass(frozen=True, eq=False)
class _Scene:
    """A noisy picture with edges and a few bright points, and its sigma."""

    image: Image
    sigma: float


def _lamp_lit_scene(sigma: float, seed: int) -> _Scene:
    rng = np.random.default_rng(seed)
    picture = 0.5 * disc(256, 70.0) + 0.5 * SlantedEdge(256, angle=30.0).image()
    picture[rng.random(picture.shape) < 0.002] += 0.9  # far lamps: few, but bright
    return _Scene(picture + sigma * rng.standard_normal(picture.shape), sigma)


@instant_check
def check_estimate_noise(estimate_noise: Callable) -> str:
    """Check a blind noise estimate on pictures with edges and bright points.

    Parameters
    ----------
    estimate_noise : callable
        ``image -> sigma``.
    """
    scenes = [_lamp_lit_scene(sigma, seed) for sigma, seed in ((0.03, 7), (0.08, 8), (0.15, 9))]
    found = [one_number(estimate_noise(scene.image.copy()), "The estimate") for scene in scenes]
    expect(np.ptp(found) > 1e-9, "Three pictures with different noise get the same answer.")
    doubled = one_number(estimate_noise(2 * scenes[0].image + 0.1), "The estimate")
    expect(
        abs(doubled - 4 * found[0]) > 0.02 * found[0],
        "Twice the picture gives four times your answer. Is it a variance?",
    )
    expect(
        abs(doubled - 2 * found[0]) < 0.02 * found[0],
        "Twice the picture plus a constant should give twice the noise, yours does not.",
    )
    _hint_on_ratios(np.array([a / scene.sigma for a, scene in zip(found, scenes, strict=True)]))
    odd = one_number(estimate_noise(scenes[1].image[:255, :253]), "The estimate")
    expect(abs(odd / 0.08 - 1) < 0.06, "An image with odd sides gives another answer.")
    return "Within 6 % at three noise levels, with edges and lamps in the picture."


def _hint_on_ratios(ratios: np.ndarray) -> None:
    same = np.ptp(ratios) < 0.1 * ratios.mean()
    expect(
        same or ratios[0] < ratios[-1],
        f"At sigma 0.03 you say {ratios[0]:.2f} times as much, at 0.15 {ratios[-1]:.2f} times. "
        "The picture's own edges and lamps count as noise: what steps over a few large values?",
    )
    mean = float(ratios.mean())
    expect(
        not (same and abs(mean - 0.6745) < 0.03),
        "Always a third too low. For a normal distribution, how is the median of |n| related to "
        "sigma?",
    )
    expect(
        not (same and (mean > 1.3 or mean < 0.8)),
        f"Always {mean:.2f} times the truth. Which variance does your combination of pixels have "
        "if each one has variance 1?",
    )
    expect(
        bool(np.all(np.abs(ratios - 1) < 0.06)),
        "The ratios to the truth are " + ", ".join(f"{ratio:.2f}" for ratio in ratios) + ".",
    )


# ---------------------------------------------------------------- 5 the learner's photo


@instant_check
def check_describe_noise(describe_noise: Callable, plane: Image, patch: Patch) -> str:
    """Check the three numbers on made-up noise, then read the learner's own photo.

    Parameters
    ----------
    describe_noise : callable
        ``(plane, patch) -> (sigma_dark, sigma_bright, lag_1)``.
    plane : ndarray, ``(H, W)``
        One channel of the learner's photo.
    patch : tuple of slice
        Where its scene is flat.
    """
    for seed in (31, 32):
        _check_on(_ramp_with_streaks(seed), (slice(0, 64), slice(0, 160)), describe_noise)
    dark, bright, alike = (float(value) for value in describe_noise(plane, patch))
    grows = f"differences give a sigma of {dark:.4f} in the dark and {bright:.4f} in the bright"
    colour = "white" if abs(alike) < 0.1 else "coloured"
    return (
        f"In your photo {grows}; neighbours correlate {alike:.2f}, so its noise is {colour}. "
        "What in the camera explains both?"
    )


def _ramp_with_streaks(seed: int) -> Image:
    """A flat dark part with noise that is alike along rows only, above a bright noisy ramp."""
    rng = np.random.default_rng(seed)
    streaks = ndimage.correlate1d(rng.standard_normal((64, 160)), [1.0, 0.8], axis=1)
    ramp = np.linspace(0.3, 0.9, 160)[:, None] * np.ones(160)
    ramp += 0.06 * ramp * rng.standard_normal(ramp.shape)
    # The flat part is darker on one side, as a sky is.
    return np.concatenate([0.15 + 0.01 * streaks + np.linspace(-0.04, 0.04, 160), ramp])


def _without_slope(patch: Image) -> Image:
    rows, cols = np.indices(patch.shape)
    plane = np.stack([rows.ravel(), cols.ravel(), np.ones(patch.size)], axis=1)
    fitted = plane @ np.linalg.lstsq(plane, patch.ravel(), rcond=None)[0]
    return patch - fitted.reshape(patch.shape)


def _check_on(plane: Image, patch: Patch, describe_noise: Callable) -> None:
    answer = describe_noise(plane.copy(), patch)
    expect(np.shape(answer) == (3,), "Return three numbers, in the order of the docstring.")
    dark, bright, alike = (one_number(value, "Each of the three") for value in answer)
    curve = noise_against_intensity(plane)
    likeness = autocorrelation(_without_slope(plane[patch]), 1)
    sloping = autocorrelation(plane[patch], 1)
    wanted_dark, wanted_bright = curve.sigmas[0], curve.sigmas[-1]
    expect(
        not np.isclose(dark, wanted_bright, rtol=0.05),
        "The first number belongs to the brightest level. In which order do the levels come?",
    )
    expect(
        np.allclose([dark, bright], [wanted_dark, wanted_bright], rtol=0.05),
        f"The sigmas are {dark:.4f} and {bright:.4f}; the curve of this test picture begins at "
        "another value or ends at another one. Take the first and the last of its sigmas.",
    )
    expect(abs(alike - 1) > 1e-6, "The correlation of the noise with itself is 1: move by a lag.")
    expect(
        not np.isclose(alike, autocorrelation(plane, 1)[1, 2], atol=0.05),
        "That is the whole picture's correlation, and its scene is in it. Use the patch only.",
    )
    expect(
        abs(alike - (sloping[1, 2] + sloping[2, 1]) / 2) > 0.02,
        "The patch is darker on one side, and this slope is alike everywhere. Take it off first.",
    )
    expect(
        not any(np.isclose(alike, one, atol=0.02) for one in (likeness[1, 2], likeness[2, 1])),
        "That is one direction alone. This noise is not the same along rows and down columns.",
    )
    wanted = (likeness[1, 2] + likeness[2, 1]) / 2
    expect(
        abs(alike - wanted) < 0.02,
        "The correlation is another one: read it next to the centre of the autocorrelation, one "
        "pixel along the row and one pixel down, and take the mean.",
    )
