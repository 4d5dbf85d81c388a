"""Instant checks of lesson 02: width, MTF50, bias and variance, kernel, and a photo's edge.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.diagnosis.edges import EdgeSpread, rise_width
from lessons_lib.display.profiles import profile_through
from lessons_lib.image import Image

_SEED = 20_502
_RISE = 2.5631031310892007


def _number(answer: object, what: str) -> float:
    """Return the answer as a float, or hint that one number is wanted."""
    single = np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number))
    expect(single, f"Return one number, the {what}; got {type(answer).__name__}.")
    expect(not np.isnan(answer), f"The {what} came out as NaN: look for a division by zero.")
    return float(answer)


@instant_check
def check_width(width_10_90: Callable) -> str:
    """Exercise 1: ramps and blurred steps of random place, levels and sampling."""
    rng = np.random.default_rng(_SEED)
    ramp = np.arange(-20.0, 20.5, 0.5)
    width = _number(width_10_90(ramp, np.clip(ramp / 10, 0, 1), 0.0, 1.0), "width in px")
    expect(
        abs(width - 8) < 0.01,
        "Try a straight ramp that climbs from dark to light within 10 px. Where is it at 10 % "
        f"and at 90 %? Your function says {width:.3g} px for the distance between these places.",
    )
    for _ in range(5):
        dark, contrast, place = rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.5), rng.uniform(-2, 2)
        slope = np.clip((ramp - place) / 8 + 0.5, 0, 1)
        width = _number(width_10_90(ramp, dark + contrast * slope, dark, dark + contrast), "width")
        expect(
            abs(width - 6.4) < 0.6,  # one sample: rounding to samples is the next case's matter
            "The levels are shares of the way from dark to light, wherever these two lie: an "
            "edge from 0.3 to 0.5 has its 10 % level at 0.32.",
        )
    for _ in range(5):
        step, blur, place = rng.uniform(0.2, 0.5), rng.uniform(1.0, 3.0), rng.uniform(-1, 1)
        positions = np.arange(-15, 15, step)
        climb = ndtr((positions - place) / blur)
        width = _number(width_10_90(positions, climb, 0.0, 1.0), "width in px")
        # Straight lines between samples of a curve that bends: below 1 % here.
        expect(
            abs(width / (_RISE * blur) - 1) < 0.012,
            "Nearly. The crossings rarely fall on a sample: find the place between two samples, "
            "and give it in px, not in samples.",
        )
    return "Your width does not care about the contrast, the place or the sampling."


def _lines(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Line spreads with a known MTF50: a Gaussian, a box and a two-sided exponential."""
    cases = []
    step = 0.1
    positions = np.arange(-300, 300) * step
    for _ in range(3):
        shift, half = rng.integers(-30, 30), rng.integers(15, 35)
        away = positions - shift * step
        blur, decay, box = rng.uniform(1, 3), rng.uniform(1, 2), (2 * half + 1) * step
        share = rng.uniform(0.05, 0.6)
        cases += [
            (positions, share * np.exp(-(away**2) / (2 * blur**2)), 0.187390 / blur),
            # sinc(0.603355) = 1/2
            (positions, share * (np.abs(away) <= (half + 0.25) * step), 0.603355 / box),
            # 1 / (1 + (2 pi f d)^2) = 1/2
            (positions, share * np.exp(-np.abs(away) / decay), 1 / (2 * np.pi * decay)),
        ]
    return cases


@instant_check
def check_mtf50(mtf50_of_line: Callable) -> str:
    """Exercise 2: line spreads of several shapes, heights and places."""
    cases = _lines(np.random.default_rng(_SEED))
    answers = [_number(mtf50_of_line(x.copy(), y.copy()), "MTF50") for x, y, _ in cases]
    ratios = np.array(answers) / [truth for *_, truth in cases]
    gaussians = ratios[::3]
    expect(
        not np.allclose(ratios, 2 * np.pi, rtol=0.03),
        "Your frequencies are in radians per px; the exercise asks for cycles per px.",
    )
    expect(
        not np.allclose(gaussians, np.sqrt(0.5), rtol=0.03),
        "You found where the *power* is one half. Use the size of the transform, not its square.",
    )
    expect(
        np.ptp(answers) > 0,
        "Your function gives the same answer for a wide and for a narrow line spread.",
    )
    expect(
        not (np.allclose(gaussians, 1, rtol=0.03) and not np.allclose(ratios, 1, rtol=0.03)),
        "Right for a Gaussian, wrong for other shapes, such as a box: transform the line spread "
        "itself instead of assuming a shape.",
    )
    # Half a percent is asked for; the samples of 0.1 px move the closed forms by as much.
    expect(
        np.allclose(ratios, 1, rtol=0.015),
        "Not for all line spreads: divide by the transform at frequency 0, take its size (a "
        "shifted line has a complex transform), and search finely enough.",
    )
    narrow = np.where(np.abs(cases[0][0]) < 0.3, 1.0, 0.0)
    sharp = _number(mtf50_of_line(cases[0][0], narrow), "MTF50")
    expect(
        abs(sharp - 0.5) < 1e-9,
        f"A line of 0.6 px keeps more than half of the contrast up to Nyquist, and you report "
        f"{sharp:.3g}. What is the honest answer there?",
    )
    return "Gaussian, box and exponential agree with their closed forms."


@instant_check
def check_bias_and_variance(bias_and_variance: Callable) -> str:
    """Exercise 3: random stacks with a bias that differs from pixel to pixel."""
    rng = np.random.default_rng(_SEED)
    for draws, shape in ((3, (5, 7)), (40, (6, 4))):
        clean, offset = rng.random(shape), 0.2 * rng.standard_normal(shape)
        noise = rng.uniform(0.02, 0.1, shape) * rng.standard_normal((draws, *shape))
        estimates = clean + offset + noise
        answer = bias_and_variance(clean.copy(), estimates.copy())
        expect(
            isinstance(answer, (tuple, list)) and len(answer) == 2,
            "Return two things: the map of bias squared and the map of the variance.",
        )
        bias, variance = (np.asarray(part, dtype=float) for part in answer)
        expect(
            bias.shape == shape and variance.shape == shape,
            f"Both maps must have the shape of the image, {shape}; got {bias.shape} and "
            f"{variance.shape}. Average over the draws, not over the pixels.",
        )
        error = ((estimates - clean) ** 2).mean(axis=0)
        _judge_maps(bias, variance, (estimates.mean(axis=0) - clean) ** 2, error)
    return "bias² + variance = MSE at every pixel."


def _judge_maps(bias: Image, variance: Image, truth: Image, error: Image) -> None:
    """Raise the hint that fits what is wrong with the two maps."""
    expect(
        not (np.allclose(bias, error - truth) and np.allclose(variance, truth)),
        "The two maps are swapped: what the mean misses comes first.",
    )
    expect(
        not np.allclose(np.abs(bias), np.sqrt(truth)),
        "The first map is the bias; the exercise asks for its square.",
    )
    expect(
        not np.allclose(variance**2, error - truth),
        "The second map is the standard deviation; the exercise asks for the variance.",
    )
    expect(
        np.allclose(bias, truth, rtol=1e-6, atol=1e-12),
        "The first map is wrong. Average the estimates first; only then compare with the clean "
        "image and square.",
    )
    expect(
        np.allclose(bias + variance, error, rtol=1e-6, atol=1e-12),
        "Your bias² is right, but bias² + variance is not the mean squared error. Around what do "
        "the estimates vary, and by what number do you divide?",
    )


def _odd_denoiser(matrix: np.ndarray) -> Callable[[Image, float], Image]:
    """A denoiser without any symmetry, curved in each pixel, that looks at sigma."""

    def denoiser(noisy: Image, sigma: float) -> Image:
        pixels = noisy.ravel()
        return (matrix @ (sigma * pixels + 3.0 * pixels**2)).reshape(noisy.shape)

    return denoiser


@instant_check
def check_jacobian_row(jacobian_row: Callable) -> str:
    """Exercise 4: curved, asymmetric denoisers whose Jacobian is known in closed form."""
    rng = np.random.default_rng(_SEED)
    for shape, sigma in (((4, 5), 0.3), ((6, 3), 0.8)):
        matrix = rng.standard_normal((shape[0] * shape[1],) * 2)
        noisy = rng.random(shape)
        position = (int(rng.integers(1, shape[0])), int(rng.integers(1, shape[1])))
        slope = sigma + 6.0 * noisy.ravel()  # of each pixel's curve
        number = position[0] * shape[1] + position[1]
        given, step = noisy.copy(), 0.05
        row = np.asarray(
            jacobian_row(_odd_denoiser(matrix), given, sigma, position, step), dtype=float
        )
        expect(np.array_equal(given, noisy), "Your function changes noisy; leave it as it was.")
        expect(
            row.shape == shape,
            f"Return one number per input pixel, shape {shape}; got {row.shape}.",
        )
        truth = (matrix[number] * slope).reshape(shape)
        column = (matrix[:, number] * slope[number]).reshape(shape)
        _judge_row(row, truth, column, matrix[number].reshape(shape), step)
    return "A row of the Jacobian, for a denoiser you could not look into."


def _judge_row(row: Image, truth: Image, column: Image, weights: Image, step: float) -> None:
    """Raise the hint that fits what is wrong with a Jacobian row."""
    expect(
        not np.allclose(row, column, rtol=1e-2),
        "That is the column: where one input pixel goes. Change each input pixel in turn and "
        "read one output pixel.",
    )
    expect(
        not (np.allclose(row, truth * step) or np.allclose(row, 2 * truth * step)),
        "You have the change itself. Divide by how far the input pixel was moved in all.",
    )
    expect(
        not (np.allclose(row, 2 * truth) or np.allclose(row, truth / 2)),
        "Off by a factor of two: how far apart are the two inputs that you compare?",
    )
    one_sided = [truth + sign * 3.0 * step * weights for sign in (-1, 1)]
    expect(
        not any(np.allclose(row, wrong) for wrong in one_sided),
        "That is a one-sided difference. Move the pixel both ways, up and down, and compare.",
    )
    # Central differences are exact for a parabola, up to rounding.
    expect(
        np.allclose(row, truth, rtol=1e-6, atol=1e-8),
        "Some entries are wrong. Is only one pixel changed at a time, is sigma passed on, and do "
        "you read the output at position?",
    )


def _straight_edge(degrees: float, blur: float, rng: np.random.Generator) -> Image:
    """A noisy edge through the middle of 96 x 96 px, light towards ``degrees``."""
    rows, cols = np.indices((96, 96)) - 47.5
    across = np.cos(np.radians(degrees)) * cols + np.sin(np.radians(degrees)) * rows
    clean = 0.5 + 0.3 * (ndtr(across / blur) - 0.5)
    return clean + 0.08 * rng.standard_normal(clean.shape)


def _reference_width(image: Image, start: np.ndarray, end: np.ndarray, degrees: float) -> float:
    direction = (np.sin(np.radians(degrees)), np.cos(np.radians(degrees)))
    points = np.linspace(start, end, 40)
    profiles = [profile_through(image, tuple(point), direction) for point in points]
    values = np.mean([profile.values for profile in profiles], axis=0)
    return rise_width(EdgeSpread(profiles[0].positions, values))


@instant_check
def check_width_along(width_along: Callable) -> str:
    """Exercise 5: noisy straight edges in all directions, grey and colour."""
    rng = np.random.default_rng(_SEED)
    found, wanted = [], []
    for index, degrees in enumerate((17.0, 107.0, 197.0, 287.0, 152.0, 332.0)):
        image = _straight_edge(degrees, (1.0, 2.0)[index % 2], rng)
        along = 26.0 * np.array([np.cos(np.radians(degrees)), -np.sin(np.radians(degrees))])
        along *= 1 if index % 3 else -1  # the learner cannot rely on one sense of direction
        start, end = 47.5 - along, 47.5 + along
        picture = np.repeat(image[..., None], 3, axis=2) if index == 0 else image
        width = width_along(picture, tuple(start), tuple(end))
        found.append(_number(width, "width in px"))
        wanted.append(_reference_width(image, start, end, degrees))
    expect(
        not all(np.isinf(found)),
        "No edge was found anywhere. The profiles must run *across* the edge: at a right angle "
        "to the line from start to end.",
    )
    expect(
        np.isfinite(found).all(),
        "Some of the edges came out without a width: those that are light on the other side. "
        "If the mean profile falls, turn the direction round.",
    )
    # The points may be chosen a little differently: 15 % of a width, in all six edges.
    expect(
        np.allclose(found, wanted, rtol=0.15),
        "The widths scatter too much or are off. Average the profiles of many points between "
        "start and end *before* you read the width, and read it from 10 to 90 %.",
    )
    return "Your width works in every direction, also in colour."
