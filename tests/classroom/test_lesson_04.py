"""Wrong answers to the exercises of lesson 04 and the hint that each one gets."""

from pathlib import Path

import build_notebooks as builder
import numpy as np
import pytest
from scipy.special import ndtr

from lessons_lib.classroom import lesson_04 as check
from lessons_lib.denoisers.filter_bank import HAAR, inverse, merge_image, transform
from lessons_lib.denoisers.shrink_statistics import shrunk_variance
from lessons_lib.denoisers.thresholds import sure, sure_threshold

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "source" / "04_wavelets.py"


def solutions() -> dict:
    """The solutions as they stand in the lesson, run with the lesson's own names."""
    names = {
        "np": np, "ndtr": ndtr, "HAAR": HAAR, "transform": transform, "inverse": inverse,
        "sure_by_hand": sure,
    }  # fmt: skip
    exec(compile(builder.solution_code(SOURCE), str(SOURCE), "exec"), names)
    return names


CHECKS = {
    "haar_picture": check.check_haar_picture,
    "chance_to_survive": check.check_chance,
    "best_ratio": check.check_best_ratio,
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


def right_picture(approximation, *details):
    return merge_image(approximation, details, HAAR)


def with_details(change):
    def answer(approximation, horizontal, vertical, diagonal):
        return right_picture(approximation, *change(horizontal, vertical, diagonal))

    return answer


def changed(approximation, *details):
    picture = right_picture(approximation, *details)
    approximation += 1
    return picture


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *bands: right_picture(*bands) / 2, "0.5 times as large"),
        (lambda *bands: right_picture(*bands) * 2, "2 times as large"),
        (with_details(lambda h, v, d: (v, h, d)), "swapped"),
        # A wrong factor does not hide what else is wrong.
        (lambda a, h, v, d: right_picture(a, v, h, d) / 2, "swapped"),
        (with_details(lambda h, v, d: (h, v, -d)), "sign of the diagonal band is turned"),
        (with_details(lambda h, v, d: (-h, -v, d)), "the horizontal and the vertical band"),
        (lambda a, h, v, d: np.kron(a, np.full((2, 2), 0.5)), "approximation alone"),
        (with_details(lambda h, v, d: (h, v, v)), "sum of each block is right"),
        (lambda a, h, v, d: right_picture(h, a, v, d), "leaves one pixel alone"),
        (lambda a, h, v, d: (a + h + v + d) / 2, "make a picture of (6, 10)"),
        (lambda *bands: bands, "an array; got tuple"),
        (changed, "changes the bands"),
    ],
)
def test_wrong_pictures(answer, words):
    rejected(check.check_haar_picture(answer), words)


# -- exercise 2


def both(theta, t, s):
    return ndtr((theta - t) / s) + ndtr((-theta - t) / s)


def worth(c, k, j):
    return c * min(k, 2**j - k)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda c, k, j, t, s: 1 - both(worth(c, k, j), t, s), "chance to be deleted"),
        # The formula as the lesson shows it, for the best place of level 1.
        (lambda c, k, j, t, s: both(c, t, s), "Not the right chance"),
        (lambda c, k, j, t, s: both(c * 2 ** (j - 1), t, s), "best place"),
        (lambda c, k, j, t, s: both(c * max(0, 1 - abs(k % 2 - 1)), t, s), "That is level 1"),
        (lambda c, k, j, t, s: both(c * k, t, s), "beyond the middle"),
        (lambda c, k, j, t, s: both(worth(c, k, j) / 2 ** (j - 1), t, s), "from level to level"),
        (lambda c, k, j, t, s: both(worth(c, k, j) / 2 ** (j / 2), t, s), "1-D signal"),
        (lambda c, k, j, t, s: ndtr((worth(c, k, j) - t) / s), "far below -T"),
        (lambda c, k, j, t, s: float(worth(c, k, j) > t), "all or nothing"),
        (lambda c, k, j, t, s: both(worth(c, k, j), t, 1), "Is sigma in your formula"),
        (lambda c, k, j, t, s: 2 * both(worth(c, k, j), t, s), "between 0 and 1"),
        (lambda c, k, j, t, s: np.nan, "NaN"),
        (lambda c, k, j, t, s: None, "one number"),
    ],
)
def test_wrong_chances(answer, words):
    rejected(check.check_chance(answer), words)


def test_the_law_of_exercise_2_is_the_transform():
    for level in (1, 2, 3):
        for place in range(2**level + 1):
            edge = 0.7 * (np.arange(16) >= place) * np.ones((16, 1))
            found = np.abs(transform(edge, HAAR, level)[1][0][1][0, 0])
            assert found == pytest.approx(worth(0.7, place, level), abs=1e-12)


# -- exercise 3


def on_a_grid(grid, weight=lambda band, sigma: band.size, risk=sure, units=lambda t, s: t):
    def answer(bands, sigmas):
        def total(ratio):
            pairs = zip(bands, sigmas, strict=True)
            return sum(weight(b, s) * risk(b, ratio * s, s) for b, s in pairs)

        return units(float(min(grid, key=total)), sigmas)

    return answer


def counts_the_kept(band, threshold, sigma):
    sizes = np.abs(band)
    return sigma**2 * (1 - 2 * np.mean(sizes > threshold)) + np.mean(
        np.minimum(sizes, threshold) ** 2
    )


def joined(bands, sigmas):
    """The library's rule on all coefficients at once, as if they had one sigma."""
    every = np.concatenate([band.ravel() for band in bands])
    return sure_threshold(every, sigmas[0]) / sigmas[0]


FINE = np.arange(0, 4.01, 0.1)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (on_a_grid(FINE, units=lambda t, s: t * s[0]), "Return the ratio T / sigma"),
        (on_a_grid(np.arange(0, 2.01, 0.1)), "nothing but noise, and your ratio there is 2.00"),
        (on_a_grid(np.arange(0, 5, 0.5)), "is your grid fine enough"),
        (on_a_grid(FINE, weight=lambda b, s: 1), "how much does each band weigh"),
        (on_a_grid(FINE, weight=lambda b, s: b.size / s**2), "a loud band counts more"),
        (on_a_grid(FINE, risk=counts_the_kept), "above its minimum"),
        (lambda bands, s: sure_threshold(bands[0], s[0]) / s[0], "above its minimum"),
        (joined, "one band's own sigma for another's"),
        (lambda bands, s: sure_threshold(bands[0], s[0]), "above its minimum"),
        (lambda bands, s: 3.0, "above its minimum"),
        (lambda bands, s: 0.0, "above its minimum"),
        (lambda bands, s: -1.0, "from 0 up"),
        (lambda bands, s: bands[0], "one number"),
    ],
)
def test_wrong_ratios(answer, words):
    rejected(check.check_best_ratio(answer), words)


@pytest.mark.parametrize("end", [3.0, 4.0, 8.0])
def test_a_grid_up_to_3_sigma_is_long_enough(end):
    """Pure noise: from 3 sigma on 0.0004 sigma^2 are left to win, 0.0115 from 2 sigma on."""
    assert shrunk_variance(0.0, 3.0, 1.0, "soft") < 5e-4
    assert shrunk_variance(0.0, 2.0, 1.0, "soft") > 0.0101
    result = check.check_best_ratio(on_a_grid(np.arange(0, end + 0.01, 0.1)))
    assert result.status == "passed", result.message


# -- exercise 4


def spin_by(change=lambda shifts: shifts, back=True, mean=np.mean, std=np.std, sigma_of=float):
    def answer(denoiser, noisy, sigma, shifts):
        found = []
        for i, j in change(shifts):
            estimate = denoiser(np.roll(noisy, (i, j), (0, 1)), sigma_of(sigma))
            found.append(np.roll(estimate, (-i, -j), (0, 1)) if back else estimate)
        return mean(found, axis=0), std(found, axis=0)

    return answer


def sample_std(found, axis):
    return np.std(found, axis=axis, ddof=1 if len(found) > 1 else 0)


def full_square(shifts):
    return list(np.ndindex(6, 6)) if len(shifts) == 5 else shifts


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (spin_by(mean=np.sum), "That is the sum"),
        (spin_by(mean=lambda f, axis: np.sum(f, axis) / len(f) ** 2), "the square"),
        (spin_by(back=False), "Shift each estimate back"),
        (spin_by(lambda s: [(i, 0) for i, _ in s]), "only the rows"),
        (spin_by(lambda s: [(0, j) for _, j in s]), "only the columns"),
        (spin_by(lambda s: [(j, i) for i, j in s]), "Rows and columns are swapped"),
        (spin_by(lambda s: [(-i, -j) for i, j in s]), "up and to the left"),
        # The lesson's own cell, which takes all shifts.
        (spin_by(full_square), "a full square of shifts"),
        (spin_by(std=np.var), "That is the variance"),
        (spin_by(std=sample_std), "not by one less"),
        (spin_by(std=np.ptp), "standard deviation is not"),
        (spin_by(sigma_of=lambda sigma: 0.05), "Pass sigma on"),
        (spin_by(lambda s: s * 2), "is called 5 times; yours called it 10"),
        (lambda d, y, s, n: (d(y, s), y), "The mean is wrong"),
        (lambda d, y, s, n: d(y, s), "Return two pictures"),
        (lambda d, y, s, n: (0.5, 0.5), "same shape"),
    ],
)
def test_wrong_spins(answer, words):
    rejected(check.check_spin(answer), words)


def test_two_pictures_in_a_list_pass():
    right = spin_by()
    assert check.check_spin(lambda *given: list(right(*given))).status == "passed"


# -- exercise 5


def split_by(keep, coarse=lambda rest, limit: 0 * rest, levels=3):
    def answer(image, sigma, ratio):
        rows, cols = (side // 8 * 8 for side in image.shape)
        rest, bands = transform(image[:rows, :cols], HAAR, levels)
        bands = [tuple(np.where(keep(one, sigma, ratio), one, 0) for one in b) for b in bands]
        return inverse(coarse(rest, ratio * sigma), bands, HAAR)

    return answer


def small(one, sigma, ratio):
    return np.abs(one) <= ratio * sigma


def large(one, sigma, ratio):
    return ~small(one, sigma, ratio)


def all_of_it(rest, limit):
    return rest


def if_small(rest, limit):
    return np.where(np.abs(rest) <= limit, rest, 0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (split_by(large, all_of_it), "what the threshold keeps"),
        (split_by(large), "kept the large details"),
        (split_by(small, all_of_it), "approximation is in it"),
        (split_by(small, if_small), "In a dark picture"),
        (split_by(lambda one, sigma, ratio: one <= ratio * sigma), "*size*"),
        (split_by(lambda one, sigma, ratio: np.abs(one) <= ratio), "ratio times sigma"),
        (split_by(small, levels=2), "three levels"),
        (lambda image, sigma, ratio: image, "8 divides both sides"),
        (lambda image, sigma, ratio: 0.1, "a picture"),
    ],
)
def test_wrong_deleted_parts(answer, words):
    rejected(check.check_deleted_part(answer), words)
