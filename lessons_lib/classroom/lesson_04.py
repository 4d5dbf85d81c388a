"""Instant checks of lesson 04; shifts and the learner's photo are in the module beside.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from scipy.special import ndtr

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_04_pictures import check_deleted_part, check_spin
from lessons_lib.denoisers.filter_bank import HAAR, merge_image
from lessons_lib.denoisers.thresholds import sure
from lessons_lib.image import Image

__all__ = [
    "check_best_ratio",
    "check_chance",
    "check_deleted_part",
    "check_haar_picture",
    "check_spin",
]

_SEED = 20_504
_DETAILS = ("horizontal", "vertical", "diagonal")


@instant_check
def check_haar_picture(haar_picture: Callable) -> str:
    """Exercise 1: random bands, not square, so that no band can stand for another."""
    rng = np.random.default_rng(_SEED)
    for shape in ((3, 5), (4, 2)):
        bands = rng.standard_normal((4, *shape))
        given = bands.copy()
        answer = haar_picture(*given)
        expect(np.array_equal(given, bands), "Your function changes the bands; leave them alone.")
        wanted = (2 * shape[0], 2 * shape[1])
        expect(
            isinstance(answer, np.ndarray) and answer.shape == wanted,
            f"Bands of {shape} make a picture of {wanted}, an array; got "
            f"{getattr(answer, 'shape', type(answer).__name__)}.",
        )
        _judge_picture(answer, bands)
    return "Four bands, and the picture is back."


def _judge_picture(answer: Image, bands: np.ndarray) -> None:
    """Raise the hint that fits what is wrong with a picture made of four bands."""

    def drawn(signs: Sequence[int] = (1, 1, 1), order: Sequence[int] = (1, 2, 3)) -> Image:
        details = tuple(sign * bands[k] for sign, k in zip(signs, order, strict=True))
        return merge_image(bands[0], details, HAAR)

    def factor(candidate: Image) -> float:
        """By what the candidate must be multiplied to be the answer; 0 if by nothing."""
        size = float(np.sum(answer * candidate) / np.sum(candidate**2))
        return size if np.allclose(answer, size * candidate, atol=1e-9) else 0.0

    for order, signs in product(((1, 2, 3), (2, 1, 3)), product((1, -1), repeat=3)):
        size = factor(drawn(signs, order))
        if size == 0:
            continue
        expect(
            order == (1, 2, 3),
            "Horizontal and vertical are swapped: the vertical band says how columns differ.",
        )
        turned = [name for name, sign in zip(_DETAILS, signs, strict=True) if sign < 0]
        expect(
            not turned,
            f"The sign of the {' and the '.join(turned)} band is turned. In which of the four "
            "pixels did it count positive?",
        )
        expect(
            bool(np.isclose(size, 1, rtol=1e-9)),
            f"All pixels are {size:.3g} times as large as they should be. The transform keeps "
            "lengths both ways: what do you divide by?",
        )
        return
    flat = np.kron(bands[0], np.full((2, 2), 0.5))
    expect(
        not np.allclose(answer, flat),
        "That is the approximation alone: all four pixels of a block are the same.",
    )
    blocks = answer.reshape(bands.shape[1], 2, bands.shape[2], 2)
    expect(
        not np.allclose(blocks.sum(axis=(1, 3)), 2 * bands[0]),
        "The sum of each block is right, so the approximation is. Look at the signs of the "
        "details in each of the four pixels, one pixel at a time.",
    )
    expect(
        False,
        "Not the picture with these bands. Write down the four sums again; which signed sum of "
        "them leaves one pixel alone?",
    )


@instant_check
def check_chance(chance_to_survive: Callable) -> str:
    """Exercise 2: all places in blocks of 2, 4 and 8 px, several thresholds and sigmas."""
    cases = [
        (c * s, place, level, t * s, s)
        for s, t in product((0.05, 1.0, 7.0), (0.4, 3))
        for level in (1, 2, 3)
        for c, place in product((0.6, 1.3, 3), (*range(2**level + 1), 0.75))
    ]
    answers = [chance_to_survive(*case) for case in cases]
    for answer in answers:
        expect(
            np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number)),
            f"Return one number, the probability; got {answer!r}.",
        )
    found = np.array(answers, dtype=float)
    expect(bool(np.isfinite(found).all()), "Your probability is NaN or infinite somewhere.")
    contrast, place, level, threshold, sigma = np.array(cases).T
    block = 2**level
    theta = contrast * np.minimum(place, block - place)

    def kept(size: np.ndarray) -> np.ndarray:
        return ndtr((size - threshold) / sigma) + ndtr((-size - threshold) / sigma)

    truth = kept(theta)
    pair = contrast * np.maximum(0, 1 - np.abs(place % 2 - 1))
    wrong = {
        "That is the chance to be deleted.": 1 - truth,
        "That is the chance at the best place of the block. What is left of it elsewhere? Sum "
        "the left half of the block, then the right half.": kept(contrast * block / 2),
        "That is level 1, whatever the level is. How many pixels does a coefficient of level j "
        "sum, and by what does it divide?": kept(pair),
        "That grows with the place all the way. What happens once the edge is beyond the middle "
        "of the block?": kept(contrast * place),
        "A coefficient of a block of 2^j x 2^j pixels is a signed sum divided by 2^j; yours is "
        "off by a factor from level to level.": kept(theta / (block / 2)),
        "That is the coefficient of a 1-D signal. In two dimensions, how many rows does it sum, "
        "and by what does it divide?": kept(theta / np.sqrt(block)),
        "Nearly. A coefficient far below -T survives as well; that matters for small "
        "thresholds.": ndtr((theta - threshold) / sigma),
        "That is what happens without noise: all or nothing.": (theta > threshold) * 1.0,
        "Is sigma in your formula? A contrast is large or small only against the "
        "noise.": ndtr(theta - threshold) + ndtr(-theta - threshold),
    }
    for hint, values in wrong.items():
        expect(not np.allclose(found, values, atol=1e-6), hint)
    expect(
        bool(((found > -1e-9) & (found < 1 + 1e-9)).all()),
        "A probability lies between 0 and 1; yours does not always.",
    )
    off = int(np.argmax(np.abs(found - truth)))
    expect(
        bool(np.abs(found - truth).max() < 1e-3),
        f"Not the right chance, for example at place {place[off]:g} in a block of {block[off]:g} "
        "px. What is the coefficient there without noise, and how far is it from the threshold, "
        "in units of sigma?",
    )
    return "The chance of an edge to get past the threshold, at every level and place."


_ENOUGH = 0.0101  # of the noise power


@instant_check
def check_best_ratio(best_ratio: Callable) -> str:
    """Exercise 3: sparse, loud and small bands of several sigmas, and one of pure noise."""
    rng = np.random.default_rng(_SEED)
    kinds = (  # (share of large coefficients, their size / sigma, shape, sigma)
        ((0.15, 5.0, (60, 50), 0.3), (0.8, 2.0, (40, 30), 0.6)),
        ((0.9, 1.5, (80, 60), 2.0),),
        ((0.0, 1.0, (70, 60), 0.3), (0.0, 1.0, (30, 20), 0.5)),
        ((1.0, 3.0, (30, 40), 0.02), (0.02, 6.0, (90, 80), 0.04)),
    )
    for number, case in enumerate(kinds):
        bands, sigmas = [], [sigma for *_, sigma in case]
        for share, size, shape, sigma in case:
            clean = np.where(rng.random(shape) < share, size, 0) * rng.standard_normal(shape)
            bands.append(sigma * (clean + rng.standard_normal(shape)))
        given = [band.copy() for band in bands]
        answer = best_ratio(given, list(sigmas))
        expect(
            all(np.array_equal(one, other) for one, other in zip(given, bands, strict=True)),
            "Your function changes the bands; leave them as they were.",
        )
        expect(
            np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number)),
            f"Return one number, the ratio; got {type(answer).__name__}.",
        )
        expect(
            bool(np.isfinite(answer)) and answer >= 0,
            f"A ratio is a number from 0 up; got {answer}.",
        )
        _judge_ratio(float(answer), bands, sigmas, only_noise=number == 2)
    return (
        "The lowest point of SURE, found without a clean coefficient. (In bands of pure noise no "
        "threshold is too high; but from 3 sigma on less than 0.1 % is left to win.)"
    )


def _judge_ratio(found: float, bands: list, sigmas: list, only_noise: bool) -> None:
    """Raise the hint that fits a ratio that is not the best one."""
    pairs = list(zip(bands, sigmas, strict=True))
    power = sum(band.size * sigma**2 for band, sigma in pairs)
    grid = np.linspace(0, 6, 301)

    def totals(weight: Callable) -> np.ndarray:
        return np.array([sum(weight(b, s) * sure(b, t * s, s) for b, s in pairs) for t in grid])

    risks = totals(lambda band, sigma: band.size) / power
    best = float(grid[np.argmin(risks)])

    def loss(ratio: float) -> float:
        return sum(b.size * sure(b, ratio * s, s) for b, s in pairs) / power - risks.min()

    lost = loss(found)
    if lost < _ENOUGH:
        return
    expect(
        not only_noise,
        f"One case is nothing but noise, and your ratio there is {found:.2f}. Does your search "
        "end too early, or do you take one band's own sigma for another's?",
    )
    expect(
        not any(loss(found / sigma) < _ENOUGH for sigma in sigmas),
        "That looks like a threshold in the units of a band. Return the ratio T / sigma, which "
        "is the same for all bands.",
    )
    others = {
        "You add the SUREs of the bands as if all had the same number of coefficients. SURE is a "
        "mean: how much does each band weigh in the total?": lambda band, sigma: 1.0,
        "You divide each band's SURE by its own sigma². The total error is in the units of the "
        "picture: a loud band counts more.": lambda band, sigma: band.size / sigma**2,
    }
    for hint, weight in others.items():
        expect(abs(found - float(grid[np.argmin(totals(weight))])) > 0.021, hint)
    near = " You are close: is your grid fine enough?" if abs(found - best) < 0.3 else (
        " Do you count |y| <= T for the deleted ones, divide by how many coefficients there are, "
        "and use each band's own sigma?"
    )  # fmt: skip
    expect(
        False,
        f"At your ratio {found:.2f} the total SURE is {lost:.1%} of the noise power above its "
        f"minimum.{near}",
    )
