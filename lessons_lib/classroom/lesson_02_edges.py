"""Instant checks of lesson 02 that measure edges: width, MTF50, and a photo's edge."""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.diagnosis.edge_fit import RISE
from lessons_lib.diagnosis.edges import EdgeSpread, rise_width
from lessons_lib.display.profiles import profile_through
from lessons_lib.image import Image

_SEED = 20_502


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
            abs(width / (RISE * blur) - 1) < 0.012,
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
