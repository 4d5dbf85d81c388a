"""Judges of PS1: the two about edges."""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from lessons_lib.classroom.assignments.returned import call, near, none_of, number, numbers
from lessons_lib.classroom.checks import expect

# ---------------------------------------------------------------- 4 the bound of a place


def judge_place_bound(answer: Callable, rng: np.random.Generator) -> None:
    """Edges whose light side is noisier, and one with even noise."""
    for blur, rows, uneven in ((1.4, 12, True), (2.2, 40, True), (0.9, 7, False)):
        pixels, place = np.arange(30.0), rng.uniform(12, 18)
        dark, blur = rng.uniform(0.1, 0.3), blur * rng.uniform(0.9, 1.1)
        light = dark + rng.uniform(0.2, 0.5)
        climb = ndtr((pixels - place) / blur)
        sigmas = rng.uniform(0.02, 0.05) * np.sqrt(1 + (5 * climb if uneven else 0 * climb))
        sigmas *= rng.uniform(0.8, 1.25, 30) if uneven else 1
        given = pixels, place, dark, light, blur, sigmas, rows
        found = number(call(answer, *given), "the bound, in px")
        expect(found > 0, f"A standard deviation is above 0; yours is {found:.3g}.")
        _hint_on_bound(found, *given)


def _hint_on_bound(
    found: float, pixels: np.ndarray, place: float, dark: float, light: float, blur: float,
    sigmas: np.ndarray, rows: int,
) -> None:  # fmt: skip
    """Raise the hint that fits a wrong bound."""
    shape = norm.pdf((pixels - place) / blur) / blur
    slopes = (light - dark) * shape

    def bound(slopes: np.ndarray = slopes, variances: np.ndarray = sigmas**2,
              rows: float = rows) -> float:  # fmt: skip
        return float(1 / np.sqrt(rows * np.sum(slopes**2 / variances)))

    slips = {
        "That is a variance, in px². The bound on the standard deviation is its root.": (
            bound() ** 2
        ),
        "That is the information. The bound is one over its root.": 1 / bound() ** 2,
        "That is the root of the information; the bound is one over it.": 1 / bound(),
        "One mean sigma for all pixels? A pixel where the edge is steep *and* quiet tells more.": (
            bound(variances=np.mean(sigmas) ** 2)
        ),
        "One mean variance for all pixels? Divide each slope by its own pixel's sigma.": bound(
            variances=np.mean(sigmas**2)
        ),
        "A pixel's information is (slope / sigma)²; your sigma is not squared.": bound(
            variances=sigmas
        ),
        "You take a sigma for the variance's place twice over: sigma to the fourth.": bound(
            variances=sigmas**4
        ),
        "The rows are not in it: each row of pixels adds the same information.": bound(rows=1),
        "More rows make it worse? Each row adds information.": bound(rows=1 / rows),
        "Information adds up, so the rows stand under the root.": bound(rows=rows**2),
        "The slope of Phi((x - place) / blur) has a 1 / blur, by the chain rule.": bound(
            slopes * blur
        ),
        "How high is the edge? Its contrast, light minus dark, multiplies the slope.": (
            bound(shape)
        ),
        "The contrast is light minus dark, not the light level.": bound(light * shape),
        "You sum slopes / sigmas and square the sum: neighbours' errors are independent, so the "
        "squares add.": 1 / np.sqrt(rows) / np.sum(slopes / sigmas),
    }
    none_of(found, bound(), slips)
    expect(
        near(found, bound(), rtol=1e-3),
        "Not 1 / sqrt(I). Each pixel gives (slope / sigma)²; sum over the pixels, times the rows.",
    )


# ---------------------------------------------------------------- 5 blur or jitter

_NAMES = "the mean's width, px", "the typical width of one, px", "the jitter, px"


def judge_blur_or_jitter(answer: Callable, rng: np.random.Generator) -> None:
    """Stacks of edges that are blurred, that jitter, and that do both."""
    for blur, jitter, count in ((1.6, 0.1, 60), (0.7, 1.3, 90), (1.1, 0.9, 45)):
        positions = np.linspace(-14, 14, int(rng.integers(70, 110)))
        dark = rng.uniform(0.1, 0.3)
        light = dark + rng.uniform(0.2, 0.6)
        blurs = blur * np.exp(0.35 * rng.standard_normal(count))
        aside = rng.choice([-1, 1]) * rng.uniform(0.5, 0.8)  # px; all of them stand off
        places = aside + jitter * rng.standard_normal(count)
        profiles = dark + (light - dark) * ndtr((positions - places[:, None]) / blurs[:, None])
        given = positions, profiles, dark, light
        _hint_on_widths(numbers(call(answer, *given), *_NAMES), *given)


def crossing(positions: np.ndarray, profile: np.ndarray, level: float) -> float:
    """Where a climbing profile reaches a level, by straight lines between the samples."""
    return float(np.interp(level, profile, positions))


def _hint_on_widths(
    found: tuple[float, ...], positions: np.ndarray, profiles: np.ndarray, dark: float,
    light: float,
) -> None:  # fmt: skip
    """Raise the hint that fits a wrong width or jitter."""
    climbs = (profiles - dark) / (light - dark)
    widths = np.array([_width(positions, climb) for climb in climbs])
    places = np.array([crossing(positions, climb, 0.5) for climb in climbs])
    whole, jitter = _width(positions, climbs.mean(axis=0)), places.std()
    samples = positions[1] - positions[0]
    right = whole, float(np.median(widths)), float(jitter)
    none_of(found[0], right[0], {
        "The mean's width: average the *profiles* first, then measure one width.": widths.mean(),
        "The mean's width: average the profiles, do not take their median.": _width(
            positions, np.median(climbs, axis=0)
        ),
        "The mean's width is in samples; it belongs in px.": whole / samples,
        "The mean's width: 10 and 90 % of the way from dark to light, not of the value 1.": _width(
            positions, profiles.mean(axis=0)
        ),
        "The mean's width: that is half of it, or a blur's standard deviation. From 10 to 90 %.": (
            whole / 2.563
        ),
    })  # fmt: skip
    expect(near(found[0], whole, 1e-6), _ways(found[0], whole, samples, "the mean profile"))
    none_of(found[1], right[1], {
        "The typical width of one: you return the mean's width once more.": whole,
        "The typical width of one: the *median* is asked for, for a few odd ones pull the mean.": (
            widths.mean()
        ),
        "The typical width of one is in samples; it belongs in px.": right[1] / samples,
    })  # fmt: skip
    expect(near(found[1], right[1], 1e-6), _ways(found[1], right[1], samples, "each profile"))
    if near(found[2], jitter, rtol=0.02):  # over the draws, or over the draws less one
        return
    none_of(found[2], right[2], {
        "The jitter: that is a variance, in px².": jitter**2,
        "The jitter is in samples; it belongs in px.": jitter / samples,
        "The jitter: not how the widths scatter, but how the places do, where half of the way is "
        "reached.": widths.std(),
        "The jitter is how the places scatter about *their own mean*, not about 0.": np.sqrt(
            np.mean(places**2)
        ),
    }, rtol=0.002)  # fmt: skip
    expect(
        False,
        "The jitter is the standard deviation of the places where half of the way is reached, px.",
    )


def _width(positions: np.ndarray, climb: np.ndarray) -> float:
    return crossing(positions, climb, 0.9) - crossing(positions, climb, 0.1)


def _ways(found: float, right: float, samples: float, what: str) -> str:
    """A hint on a width that no known slip explains."""
    if abs(found - right) < samples:
        return (
            f"Close, but off by less than a sample for {what}: read the places of 10 and 90 % "
            "between the samples, by a straight line."
        )
    return f"Not the distance from 10 to 90 % of the way from dark to light, in px, of {what}."
