"""Instant checks of lesson 04; shifts and the learner's photo are in the module beside.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_04_pictures import check_deleted_part, check_spin
from lessons_lib.denoisers.thresholds import (
    bayes_threshold,
    sure,
    sure_threshold,
    universal_threshold,
)
from lessons_lib.image import Image

__all__ = [
    "check_best_threshold",
    "check_chance",
    "check_deleted_part",
    "check_haar_bands",
    "check_spin",
]

_SEED = 20_504
_NAMES = ("approximation", "horizontal", "vertical", "diagonal")


@instant_check
def check_haar_bands(haar_bands: Callable) -> str:
    """Exercise 1: random images, one of them not square."""
    rng = np.random.default_rng(_SEED)
    for shape in ((6, 10), (8, 4)):
        image = rng.random(shape)
        given = image.copy()
        answer = haar_bands(given)
        expect(np.array_equal(given, image), "Your function changes the image; leave it as it is.")
        expect(
            isinstance(answer, (tuple, list)) and len(answer) == 4,
            "Return four bands: approximation, horizontal, vertical, diagonal.",
        )
        bands = [np.asarray(band, dtype=float) for band in answer]
        half = (shape[0] // 2, shape[1] // 2)
        expect(
            all(band.shape == half for band in bands),
            f"Each band must have half the sides, {half}; got {[band.shape for band in bands]}.",
        )
        _judge_bands(image, bands)
    return "Four bands, and the energy is kept."


def _judge_bands(image: Image, bands: list[Image]) -> None:
    """Raise the hint that fits what is wrong with four bands."""
    blocks = image.reshape(image.shape[0] // 2, 2, image.shape[1] // 2, 2)
    signs = (((1, 1), (1, 1)), ((1, 1), (-1, -1)), ((1, -1), (1, -1)), ((1, -1), (-1, 1)))
    truth = [np.einsum("hawb,ab->hw", blocks, np.array(sign) / 2) for sign in signs]
    energy = sum(np.sum(band**2) for band in bands) / np.sum(image**2)
    shape_is_right = all(
        np.allclose(np.abs(found) * np.linalg.norm(right), np.abs(right) * np.linalg.norm(found))
        for found, right in zip(bands, truth, strict=True)
    )
    expect(
        not shape_is_right or bool(np.isclose(energy, 1)),
        f"The sums are right, but the energy becomes {energy:.2f} times what it was. By what do "
        "you divide a sum of four pixels so that lengths stay as they are?",
    )
    expect(
        not (np.allclose(bands[1], truth[2]) and np.allclose(bands[2], truth[1])),
        "Horizontal and vertical are swapped: the vertical band answers to vertical edges, where "
        "columns differ.",
    )
    for name, found, right in zip(_NAMES, bands, truth, strict=True):
        expect(
            not np.allclose(found, -right),
            f"The {name} band has the wrong sign: the first pixel of a block counts positive.",
        )
        expect(
            np.allclose(found, right),
            f"The {name} band is wrong. Which of the four pixels count positive there?",
        )


@instant_check
def check_chance(chance_to_survive: Callable) -> str:
    """Exercise 2: contrasts from 0 up, small and large thresholds, several sigmas."""
    cases = [(c * s, t * s, s) for s in (0.05, 1.0, 7.0) for c in (0, 1.3, 4) for t in (0.4, 3)]
    answers = [chance_to_survive(*case) for case in cases]
    for answer in answers:
        expect(
            np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number)),
            f"Return one number, the probability; got {answer!r}.",
        )
    found = np.array(answers, dtype=float)
    contrast, threshold, sigma = np.array(cases).T
    expect(bool(np.isfinite(found).all()), "Your probability is NaN or infinite somewhere.")

    def kept(theta: np.ndarray) -> np.ndarray:
        return ndtr((theta - threshold) / sigma) + ndtr((-theta - threshold) / sigma)

    truth = kept(contrast)
    wrong = {
        "That is the chance to be deleted.": 1 - truth,
        "That is the coefficient of a 1-D signal. In two dimensions, how many rows does it sum, "
        "and by what does it divide?": kept(contrast / np.sqrt(2)),
        "Nearly. A coefficient far below -T survives as well; that matters for small "
        "thresholds.": ndtr((contrast - threshold) / sigma),
        "That is what happens without noise: all or nothing.": (contrast > threshold) * 1.0,
        "Is sigma in your formula? A contrast is large or small only against the "
        "noise.": ndtr(contrast - threshold) + ndtr(-contrast - threshold),
    }
    for hint, values in wrong.items():
        expect(not np.allclose(found, values, atol=1e-6) or np.allclose(values, truth), hint)
    expect(
        bool(((found > -1e-9) & (found < 1 + 1e-9)).all()),
        "A probability lies between 0 and 1; yours does not always.",
    )
    expect(
        np.allclose(found, truth, atol=1e-3),
        "Not the right chance. What is the coefficient without noise, and how far is it from the "
        "threshold, in units of sigma?",
    )
    return "The chance of an edge to get past the threshold."


@instant_check
def check_best_threshold(best_threshold: Callable) -> str:
    """Exercise 3: a sparse band, a loud one and one of pure noise, at other sigmas."""
    rng = np.random.default_rng(_SEED)
    for sigma, share, size in ((0.07, 0.15, 5.0), (2.0, 0.9, 1.5), (0.3, 0.01, 20.0)):
        clean = np.where(rng.random((60, 50)) < share, size, 0) * rng.standard_normal((60, 50))
        band = sigma * (clean + rng.standard_normal(clean.shape))
        given = band.copy()
        answer = best_threshold(given, sigma)
        expect(np.array_equal(given, band), "Your function changes the band; leave it as it was.")
        expect(
            np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number)),
            f"Return one number, the threshold; got {type(answer).__name__}.",
        )
        expect(
            bool(np.isfinite(answer)) and answer >= 0,
            f"A threshold is a number from 0 up; got {answer}.",
        )
        _judge_threshold(float(answer), band, sigma)
    return "The lowest point of SURE, found without a clean coefficient."


def _judge_threshold(found: float, band: np.ndarray, sigma: float) -> None:
    """Raise the hint that fits a threshold that is not the best one."""

    def loss(threshold: float) -> float:
        least = sure(band, sure_threshold(band, sigma), sigma)
        return (sure(band, threshold, sigma) - least) / sigma**2

    if loss(found) < 0.0101:
        return
    others = {
        "That is the universal threshold, which never looks at the band.": universal_threshold(
            sigma, band.size
        ),
        "That is BayesShrink's threshold; the exercise asks for the minimum of "
        "SURE.": bayes_threshold(band, sigma),
    }
    for hint, value in others.items():
        expect(not np.isclose(found, value, rtol=1e-3), hint)
    expect(
        loss(found * sigma) > 0.0101,
        "Your threshold is in units of sigma; return it in the units of the band.",
    )
    expect(
        loss(found) < 0.0101,
        f"At your threshold SURE is {loss(found):.2f} sigma² above its minimum. Do you count "
        "|y| <= T for the deleted ones, divide by how many there are, and search from 0 to the "
        "largest size?",
    )
