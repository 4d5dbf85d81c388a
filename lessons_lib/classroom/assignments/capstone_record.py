"""Judges of the capstone's places, edge widths and record."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from lessons_lib.classroom.assignments.returned import call, near, none_of, number
from lessons_lib.classroom.checks import expect
from lessons_lib.image import Image

PLACES = ("piece", "strong", "weak", "flat")
KEYS = (
    "sigma", "removed_over_sigma", "noise_left", "strong_before", "strong_after",
    "weak_before", "weak_after", "weak_contrast_over_sigma",
)  # fmt: skip
LEAST, LARGEST = 12, 1000  # px, sides of a place
WIDTH = 16  # px, least width of an edge's place: four of each quarter


# -- places


def judge_my_places(answer: Callable, rng: np.random.Generator) -> None:
    """Four rectangles in whole pixels; only the learner knows whether they are well chosen."""
    height, width = (int(side) for side in rng.integers(3000, 5000, 2))
    found = call(answer, height, width)
    expect(isinstance(found, dict), "Return a dict: name of the place -> its four numbers.")
    missing = [name for name in PLACES if name not in found]
    expect(not missing, f"Return all four places; missing: {', '.join(missing)}.")
    for name in PLACES:
        _judge_rectangle(name, found[name])
    top, bottom, left, right = found["piece"]
    for name in PLACES[1:]:
        inside = found[name][1] <= bottom - top and found[name][3] <= right - left
        expect(inside, f"'{name}' must lie inside the piece: its numbers count from its corner.")
    for name in ("strong", "weak"):
        expect(
            found[name][3] - found[name][2] >= WIDTH, f"'{name}' needs {WIDTH} columns or more."
        )
        apart = not _overlap(found[name], found["flat"])
        expect(apart, f"'flat' and '{name}' share pixels; where an edge is, it is not flat.")


def _overlap(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    rows = max(one[0], other[0]) < min(one[1], other[1])
    return rows and max(one[2], other[2]) < min(one[3], other[3])


def _judge_rectangle(name: str, place: object) -> None:
    """Four whole numbers: top, bottom, left, right."""
    four = isinstance(place, (tuple, list)) and len(place) == 4
    expect(
        four and all(isinstance(one, (int, np.integer)) and one >= 0 for one in place),
        f"'{name}' must be four whole numbers of 0 or more, (top, bottom, left, right), in px.",
    )
    sides = place[1] - place[0], place[3] - place[2]
    expect(
        min(sides) >= LEAST,
        f"'{name}' is {sides[0]} x {sides[1]} px: bottom - top and right - left must be at least "
        f"{LEAST}.",
    )
    expect(max(sides) <= LARGEST, f"'{name}' has a side above {LARGEST} px; take a smaller one.")


# -- edges


def _profile(patch: Image) -> np.ndarray:
    """Mean over the rows, from 0 to 1, rising."""
    profile = patch.mean(axis=0)
    quarter = len(profile) // 4
    first, last = profile[:quarter].mean(), profile[-quarter:].mean()
    return (profile - first) / (last - first) if last > first else _profile(patch[:, ::-1])


def width_by_definition(patch: Image, low: float = 0.1, high: float = 0.9) -> float:
    """Distance from the last crossing of ``low`` to the first of ``high`` after it, px."""
    share = _profile(patch)
    end = _crossings(share, high)[0]
    start = [place for place in _crossings(share, low) if place <= end][-1]
    return float(end - start)


def _crossings(share: np.ndarray, level: float) -> np.ndarray:
    """Where a profile rises through a level, between the samples."""
    up = np.flatnonzero((share[:-1] < level) & (share[1:] >= level))
    return up + (level - share[up]) / (share[up + 1] - share[up])


def _edge_patch(rng: np.random.Generator, blur: float, sigma: float) -> Image:
    """12 rows of a vertical edge, 32 px wide, area-sampled at a place between pixels."""
    fine = (np.arange(320) >= 160 + rng.integers(-30, 30)).astype(float)
    edge = gaussian_filter1d(fine, 10 * blur).reshape(32, 10).mean(axis=1)
    dark, contrast = rng.uniform(0.1, 0.3), rng.uniform(0.2, 0.5)
    edge = edge[::-1] if rng.random() < 0.5 else edge
    return dark + contrast * edge + contrast * sigma * rng.standard_normal((12, 32))


def judge_edge_width(answer: Callable, rng: np.random.Generator) -> None:
    """Sharp and soft edges, rising and falling, clean and in some noise."""
    what = "the 10-90 % width in px"
    for blur, sigma in ((0.8, 0.0), (1.5, 0.0), (2.2, 0.03), (1.2, 0.08)):
        patch = _edge_patch(rng, blur, sigma)
        found, right = number(call(answer, patch), what), width_by_definition(patch)
        slips = {
            "Negative: on a falling edge turn the profile round.": -right,
            "That is the width from 20 to 80 per cent.": width_by_definition(patch, 0.2, 0.8),
            "In standard deviations? The 10-90 % width is 2.563 of them.": right / 2.563,
            "The mean over the *rows* is the profile; this one is of the first row.":
                _or_nan(patch[:1]),
        }  # fmt: skip
        none_of(
            found, right, {hint: wrong for hint, wrong in slips.items() if right != wrong}, 1e-3
        )
        whole = found == round(found)
        expect(
            near(found, right, 5e-3) or not whole,
            f"Whole pixels ({found:g}): read the crossings off between two samples.",
        )
        expect(
            near(found, right, 5e-3),
            f"Not the width of one edge: yours is {found / right:.2f} times that. The two levels "
            "are the means of the outer quarters; the crossings are read off a straight line "
            "between samples: the first of 90 %, and the last of 10 % before it.",
        )


def _or_nan(patch: Image) -> float:
    try:
        return width_by_definition(patch)
    except IndexError:  # a single noisy row may never cross
        return float("nan")


# -- the record


def _cut(image: Image, place: tuple[int, int, int, int]) -> Image:
    return image[place[0] : place[1], place[2] : place[3]]


def record_by_definition(
    before: Image, after: Image, sigma: float, places: dict[str, tuple[int, int, int, int]]
) -> dict[str, float]:
    """All that the record must hold."""
    strong, weak, flat = ([_cut(one, places[name]) for one in (before, after)]
                          for name in PLACES[1:])  # fmt: skip
    quarter = weak[0].shape[1] // 4
    sides = weak[0][:, :quarter].mean(), weak[0][:, -quarter:].mean()
    values = (
        sigma, np.sqrt(np.mean((before - after) ** 2)) / sigma, flat[1].std() / flat[0].std(),
        *map(width_by_definition, (*strong, *weak)), abs(sides[1] - sides[0]) / sigma,
    )  # fmt: skip
    return dict(zip(KEYS, map(float, values), strict=True))


def _record_case(rng: np.random.Generator) -> tuple[Image, Image, float, dict]:
    """A photo with a strong and a weak edge, before and after a Gaussian."""
    sigma, clean = float(rng.uniform(0.008, 0.015)), np.full((64, 64), 0.3)
    clean[:24, int(rng.integers(28, 36)) :] += 0.4
    clean[28:52, : int(rng.integers(28, 36))] += 0.1
    before = gaussian_filter(clean, 0.6) + sigma * rng.standard_normal(clean.shape)
    places = {
        "piece": (0, 64, 0, 64), "strong": (2, 20, 16, 48), "weak": (32, 48, 16, 48),
        "flat": (54, 64, 6, 60),
    }  # fmt: skip
    return before, gaussian_filter(before, float(rng.uniform(1.2, 1.8))), sigma, places


def judge_record(answer: Callable, rng: np.random.Generator) -> None:
    """Keys, kinds, and the numbers of a photo whose record is computed here as well."""
    before, after, sigma, places = _record_case(rng)
    found = call(answer, before, after, sigma, places)
    expect(isinstance(found, dict), "Return a dict: key -> number.")
    missing = [key for key in KEYS if key not in found]
    expect(not missing, f"Return all keys; missing: {', '.join(missing)}.")
    right = record_by_definition(before, after, sigma, places)
    for key in KEYS:
        value = number(found[key], key)
        hints = _record_slips(key, before, after, sigma, places, right)
        none_of(value, right[key], hints)
        expect(near(value, right[key], 5e-3), f"'{key}' is not right for one photo.")


def _record_slips(
    key: str, before: Image, after: Image, sigma: float, places: dict, right: dict
) -> dict[str, float]:
    """Hint -> what a likely slip in one of the numbers gives."""
    flat = [_cut(one, places["flat"]) for one in (before, after)]
    twins = {"strong_before": "strong_after", "weak_before": "weak_after"}
    twins |= {after_: before_ for before_, after_ in twins.items()}
    slips = {
        "sigma": {"'sigma': as it was given, in image units.": 255 * sigma},
        "removed_over_sigma": {
            "'removed_over_sigma': divide by sigma.": right[key] * sigma,
            "'removed_over_sigma': that is the mean square; take its root.":
                right[key] ** 2 * sigma,
            "'removed_over_sigma': squares over squares? Take the root.": right[key] ** 2,
        },
        "noise_left": {
            "'noise_left': after over before, not the other way round.": 1 / right[key],
            "'noise_left': a ratio of standard deviations, not of variances.": right[key] ** 2,
            "'noise_left': over what was there before, in the same place.": flat[1].std(),
        },
        "weak_contrast_over_sigma": {
            "'weak_contrast_over_sigma': divide by sigma.": right[key] * sigma,
            "'weak_contrast_over_sigma': without its sign, please.": -right[key],
        },
    }  # fmt: skip
    if key in twins:
        return {f"'{key}': that is '{twins[key]}'.": right[twins[key]]}
    return slips[key]
