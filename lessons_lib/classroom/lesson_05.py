"""Instant checks of lesson 05; those on groups of blocks are in the module beside.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check, one_number
from lessons_lib.classroom.lesson_05_groups import check_aggregate, check_filter_group

__all__ = [
    "check_aggregate",
    "check_filter_group",
    "check_nlm_signal",
    "check_rare_pixels",
    "check_visible_contrast",
]

_SEED = 50_505


@instant_check
def check_visible_contrast(visible_contrast: Callable) -> str:
    """Exercise 1: several patch sizes, shares of differing pixels, and numbers of scatters."""
    cases = [(n, k, z) for n in (9, 49, 121) for k in (3, 7, 9) for z in (0.5, 1.0, 3.0)]
    answers = (visible_contrast(*case) for case in cases)
    found = np.array([one_number(answer, "contrast over sigma") for answer in answers])
    n, k, z = np.array(cases, dtype=float).T
    squared = z * np.sqrt(8 * n) / k
    wrong = {
        "That is the *square* of the contrast over sigma.": squared,
        "Here all n pixels differ. How many of them add c² to D?": np.sqrt(z * np.sqrt(8 * n) / n),
        "You compare D with the *variance* of the distance; the scatter is its root.": np.sqrt(
            z * 8 * n / k
        ),
        "You compare D with the floor itself. That is known and taken off; its scatter is what "
        "hides things.": np.sqrt(z * 2 * n / k),
        "That is a scatter of patches that overlap; these do not.": np.sqrt(
            z * np.sqrt(12 * n) / k
        ),
        "The scatter of the *floor* is asked for: the one that two patches have when D is "
        "0.": np.sqrt((4 * z**2 + z * np.sqrt(16 * z**2 + 8 * n)) / k),
        "Where is z in your answer?": np.sqrt(np.sqrt(8 * n) / k),
        "z multiplies the scatter, and so D, which goes with the square of the contrast.": z
        * np.sqrt(np.sqrt(8 * n) / k),
    }
    for hint, values in wrong.items():
        expect(not np.allclose(found, values, rtol=1e-3), hint)
    expect(
        np.allclose(found, np.sqrt(squared), rtol=1e-3),
        "Not the contrast. Write D for `different` pixels that differ by c, set it equal to z "
        "times the scatter at D = 0, and solve for c / sigma.",
    )
    return "What is smaller than that, the noise hides."


def _distances(signal: np.ndarray, r: int, mode: str = "symmetric") -> np.ndarray:
    """Squared distances of all pairs of patches of a signal."""
    padded = np.pad(signal, r, mode=mode)
    patches = np.array([padded[k : k + 2 * r + 1] for k in range(len(signal))])
    return np.sum((patches[:, None] - patches[None]) ** 2, axis=2)


def _signal_means(
    signal: np.ndarray, sigma: float, r: int, h: float, *, mode: str = "symmetric",
    floor: float = 1.0, own: float = 1.0, divided: bool = True,
) -> np.ndarray:  # fmt: skip
    """The right answer of exercise 2, and several wrong ones."""
    n, d = 2 * r + 1, _distances(signal, r, mode)
    weights = np.exp(-np.maximum(d - floor * 2 * sigma**2 * n, 0) / (h**2 * n))
    np.fill_diagonal(weights, own)
    return weights @ signal / (weights.sum(axis=1) if divided else 1)


@instant_check
def check_nlm_signal(nlm_signal: Callable) -> str:
    """Exercise 2: random steps, several patch radii, 0 among them."""
    rng = np.random.default_rng(_SEED)
    cases = ((24, 0.1, 2, 0.08), (31, 0.3, 1, 0.2), (17, 0.05, 0, 0.06))
    for length, sigma, r, h in cases:
        clean = 3 * sigma * rng.integers(0, 3, length)
        signal = clean + sigma * rng.standard_normal(length)
        given = signal.copy()
        answer = np.asarray(nlm_signal(given, sigma, r, h), dtype=float)
        expect(np.array_equal(given, signal), "Your function changes the signal; leave it alone.")
        expect(
            answer.shape == signal.shape,
            f"Return one estimate per sample, shape {signal.shape}; got {answer.shape}.",
        )
        _judge_signal(answer, signal, (sigma, r, h))
    return "Every sample has looked at all the others."


def _judge_signal(answer: np.ndarray, signal: np.ndarray, settings: tuple) -> None:
    """Raise the hint that fits what is wrong with a 1-D non-local means."""
    sigma, r, h = settings
    n = 2 * r + 1
    expect(bool(np.isfinite(answer).all()), "Your estimate is NaN or infinite somewhere.")
    wrong = {
        "The noise floor 2 sigma² n is still in your distances.": {"floor": 0.0},
        "You take 2 sigma² off the distance. A distance sums n squares, so its floor does too.": {
            "floor": 1 / n
        },
        "Half the floor is still there: *both* patches are noisy.": {"floor": 0.5},
        "The sample itself is left out; its weight is 1.": {"own": 0.0},
        'Mirror the ends with mode="symmetric": the last sample is repeated.': {"mode": "reflect"},
        "Do not let the signal go round at its ends; mirror it.": {"mode": "wrap"},
    }
    for hint, change in wrong.items():
        if change.get("mode") and r == 0:
            continue
        other = _signal_means(signal, sigma, r, h, **change)
        right = _signal_means(signal, sigma, r, h)
        expect(not np.allclose(answer, other) or np.allclose(other, right), hint)
    wider = _signal_means(signal, sigma, r, h / np.sqrt(n))
    expect(
        r == 0 or not np.allclose(answer, wider),
        "The exponent is divided by h² n, not by h² alone: a distance is a sum over n values.",
    )
    uncut = np.exp(-(_distances(signal, r) - 2 * sigma**2 * n) / (h**2 * n))
    np.fill_diagonal(uncut, 1.0)
    expect(
        not np.allclose(answer, uncut @ signal / uncut.sum(axis=1)),
        "A distance below the floor is chance: cut it off at 0, or such a weight is above 1.",
    )
    right = _signal_means(signal, sigma, r, h)
    summed = _signal_means(signal, sigma, r, h, divided=False)
    expect(
        not np.allclose(answer, summed),
        "That is the weighted sum: divide by the sum of the weights.",
    )
    expect(
        np.allclose(answer, right, rtol=1e-7, atol=1e-9),
        "Not the weighted mean. Build all patches, all distances between them, then the weights "
        "exp(-max(d - 2 sigma² n, 0) / (h² n)), and divide by their sum.",
    )


@instant_check
def check_rare_pixels(rare_pixels: Callable) -> str:
    """Exercise 5: random numbers, with some that are just at the limit."""
    rng = np.random.default_rng(_SEED)
    for shape, fewest in (((7, 9), 8), ((12, 5), 3.5)):
        number = 1 + 40 * rng.random(shape) ** 3
        number[0, :2] = fewest
        answer = rare_pixels(number.copy(), fewest)
        expect(
            isinstance(answer, (tuple, list)) and len(answer) == 2,
            "Return two things: the boolean picture and the share.",
        )
        rare, share = np.asarray(answer[0]), one_number(answer[1], "share")
        expect(
            rare.shape == shape and rare.dtype == bool,
            f"The first must be a boolean picture {shape}; got {rare.dtype} {rare.shape}.",
        )
        expect(not np.array_equal(rare, number >= fewest), "You marked the pixels *with* friends.")
        expect(
            not np.array_equal(rare, number <= fewest),
            "*Fewer than* `fewest`: a pixel that averages just that many is not rare.",
        )
        expect(np.array_equal(rare, number < fewest), "Not the pixels below `fewest`.")
        _judge_share(share, number, rare)
    return "Few pixels, and a good part of the noise."


def _judge_share(share: float, number: np.ndarray, rare: np.ndarray) -> None:
    """Raise the hint that fits a wrong share of the variance."""
    right = np.sum(1 / number[rare]) / np.sum(1 / number)
    wrong = {
        "That is the share of the *pixels*. Rare ones hold more noise each.": rare.mean(),
        "The variance left goes with 1 / N, not with N.": np.sum(number[rare]) / number.sum(),
        "That sums standard deviations; variances are asked for.": np.sum(number[rare] ** -0.5)
        / np.sum(number**-0.5),
        "That is the share in all *other* pixels.": 1 - right,
        "That is in percent; return a share from 0 to 1.": 100 * right,
        "That is the variance in the rare pixels. Divide it by that of all pixels.": np.sum(
            1 / number[rare]
        ),
    }
    for hint, value in wrong.items():
        expect(not np.isclose(share, value), hint)
    expect(
        np.isclose(share, right),
        "Not the share. Sum 1 / N over the rare pixels, and divide by the sum over all.",
    )
