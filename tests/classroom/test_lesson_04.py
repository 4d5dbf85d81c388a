"""Wrong answers to the exercises of lesson 04 and the hint that each one gets."""

import ast
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from lessons_lib.classroom import lesson_04 as check
from lessons_lib.denoisers.filter_bank import HAAR, inverse, transform
from lessons_lib.denoisers.thresholds import (
    bayes_threshold,
    sure,
    sure_threshold,
    universal_threshold,
)

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "source" / "04_wavelets.py"


def solutions() -> dict:
    """The solutions as they stand in the lesson, run with the lesson's own names."""
    cells = SOURCE.read_text(encoding="utf-8").split("\n# %%")
    code = "\n".join(
        cell.split("\n", 1)[1] for cell in cells if cell.startswith(' tags=["solution"]')
    )
    names = {
        "np": np, "ndtr": ndtr, "HAAR": HAAR, "transform": transform, "inverse": inverse,
        "sure_by_hand": sure,
    }  # fmt: skip
    exec(compile(ast.parse(code), str(SOURCE), "exec"), names)
    return names


CHECKS = {
    "haar_bands": check.check_haar_bands,
    "chance_to_survive": check.check_chance,
    "best_threshold": check.check_best_threshold,
    "spin": check.check_spin,
    "deleted_part": check.check_deleted_part,
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_solution_in_the_lesson_passes(name):
    result = CHECKS[name](solutions()[name])
    assert result.status == "passed", result.message


@pytest.mark.parametrize("name", CHECKS)
def test_an_unanswered_stub_is_open(name):
    def stub(*arguments):
        raise NotImplementedError

    assert CHECKS[name](stub).status == "open"


@pytest.mark.parametrize("name", CHECKS)
def test_an_answer_that_crashes_is_an_error(name):
    def crash(*arguments):
        raise KeyError("oops")

    assert CHECKS[name](crash).status == "error"


def rejected(result, words):
    assert result.status == "hint", result
    assert words in result.message, result.message


# -- exercise 1


def right_bands(image):
    a, b = image[0::2, 0::2], image[0::2, 1::2]
    c, d = image[1::2, 0::2], image[1::2, 1::2]
    return [(a + b + c + d) / 2, (a + b - c - d) / 2, (a - b + c - d) / 2, (a - b - c + d) / 2]


def changed(image):
    bands = right_bands(image)
    image += 1
    return bands


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: [band / 2 for band in right_bands(x)], "energy becomes 0.25"),
        (lambda x: [band * 2 for band in right_bands(x)], "energy becomes 4.00"),
        (lambda x: [right_bands(x)[i] for i in (0, 2, 1, 3)], "swapped"),
        (lambda x: [*right_bands(x)[:3], -right_bands(x)[3]], "diagonal band has the wrong sign"),
        (lambda x: [*right_bands(x)[:3], right_bands(x)[2]], "diagonal band is wrong"),
        (lambda x: right_bands(x)[0], "four bands"),
        (lambda x: right_bands(x)[:3], "four bands"),
        (lambda x: [x, x, x, x], "half the sides"),
        (changed, "changes the image"),
    ],
)
def test_wrong_bands(answer, words):
    rejected(check.check_haar_bands(answer), words)


# -- exercise 2


def both(theta, t, s):
    return ndtr((theta - t) / s) + ndtr((-theta - t) / s)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda c, t, s: 1 - both(c, t, s), "chance to be deleted"),
        (lambda c, t, s: both(c / np.sqrt(2), t, s), "1-D signal"),
        (lambda c, t, s: ndtr((c - t) / s), "far below -T"),
        (lambda c, t, s: float(c > t), "all or nothing"),
        (lambda c, t, s: both(c, t, 1), "Is sigma in your formula"),
        (lambda c, t, s: both(c / 2, t, s), "Not the right chance"),
        (lambda c, t, s: 2 * both(c, t, s), "between 0 and 1"),
        (lambda c, t, s: np.nan, "NaN"),
        (lambda c, t, s: None, "one number"),
    ],
)
def test_wrong_chances(answer, words):
    rejected(check.check_chance(answer), words)


# -- exercise 3


def counts_the_kept(band, sigma):
    sizes = np.linspace(0, np.abs(band).max(), 300)
    return min(
        sizes,
        key=lambda t: sigma**2 * (1 - 2 * np.mean(np.abs(band) > t))
        + np.mean(np.minimum(np.abs(band), t) ** 2),
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda band, sigma: universal_threshold(sigma, band.size), "universal threshold"),
        (bayes_threshold, "BayesShrink's threshold"),
        (lambda band, sigma: sure_threshold(band, sigma) / sigma, "in units of sigma"),
        (counts_the_kept, "above its minimum"),
        (lambda band, sigma: 0.0, "above its minimum"),
        (lambda band, sigma: -1.0, "from 0 up"),
        (lambda band, sigma: band, "one number"),
    ],
)
def test_wrong_thresholds(answer, words):
    rejected(check.check_best_threshold(answer), words)


def test_the_exact_minimum_passes_too():
    assert check.check_best_threshold(sure_threshold).status == "passed"


# -- exercise 4


def spin_by(pairs, back=True, divide=lambda n: n**2, pass_sigma=True):
    def answer(denoiser, noisy, sigma, shifts):
        total = np.zeros(noisy.shape)
        for i, j in pairs(shifts):
            estimate = denoiser(np.roll(noisy, (i, j), (0, 1)), sigma if pass_sigma else 0.05)
            total += np.roll(estimate, (-i, -j), (0, 1)) if back else estimate
        return total / divide(shifts)

    return answer


def grid(n):
    return [(i, j) for i in range(n) for j in range(n)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (spin_by(grid, divide=lambda n: 1), "That is the sum"),
        (spin_by(grid, divide=lambda n: n), "along both axes"),
        (spin_by(grid, back=False), "Shift each estimate back"),
        (spin_by(lambda n: [(i, i) for i in range(n)], divide=lambda n: n), "same number"),
        (spin_by(lambda n: [(i, 0) for i in range(n)], divide=lambda n: n), "only the rows"),
        (spin_by(lambda n: [(0, i) for i in range(n)], divide=lambda n: n), "only the columns"),
        (spin_by(lambda n: [(-i, -j) for i, j in grid(n)]), "up and to the left"),
        (spin_by(grid, pass_sigma=False), "Pass sigma on"),
        (spin_by(lambda n: grid(n) * 2, divide=lambda n: 2 * n**2), "is called 9 times"),
        (lambda d, y, s, n: d(y, s), "Not the mean over shifts"),
        (lambda d, y, s, n: 0.5, "same shape"),
    ],
)
def test_wrong_spins(answer, words):
    rejected(check.check_spin(answer), words)


# -- exercise 5


def split_by(keep, coarse=False, levels=3, cut=True):
    def answer(image, sigma, ratio):
        rows, cols = (side // 8 * 8 for side in image.shape)
        rest, bands = transform(image[:rows, :cols], HAAR, levels)
        bands = [tuple(np.where(keep(one, sigma, ratio), one, 0) for one in b) for b in bands]
        return inverse(rest if coarse else np.zeros_like(rest), bands, HAAR)

    return answer


def small(one, sigma, ratio):
    return np.abs(one) <= ratio * sigma


def large(one, sigma, ratio):
    return ~small(one, sigma, ratio)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (split_by(large, coarse=True), "what the threshold keeps"),
        (split_by(large), "kept the large details"),
        (split_by(small, coarse=True), "approximation is in it"),
        (split_by(lambda one, sigma, ratio: one <= ratio * sigma), "*size*"),
        (split_by(lambda one, sigma, ratio: np.abs(one) <= ratio), "ratio times sigma"),
        (split_by(small, levels=2), "three levels"),
        (lambda image, sigma, ratio: image, "8 divides both sides"),
        (lambda image, sigma, ratio: 0.1, "a picture"),
    ],
)
def test_wrong_deleted_parts(answer, words):
    rejected(check.check_deleted_part(answer), words)
