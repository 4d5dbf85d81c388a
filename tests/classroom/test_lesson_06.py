"""Wrong answers to the exercises of lesson 06 and the hint that each one gets."""

import numpy as np
import pytest
from exercises import rejected, solutions

from lessons_lib.classroom import lesson_06 as check

CHECKS = {
    "hedge": check.check_hedge,
    "best_answer": check.check_best_answer,
    "read_row": check.check_read_row,
    "hide": check.check_hide,
    "neighbour_correlation": check.check_neighbour_correlation,
}


# -- exercise 1


def weights_for(points, chances, noisy, width, shift=True):
    exponent = -np.sum((noisy - points) ** 2, axis=1) / width
    if shift:
        exponent = exponent - exponent[chances > 0].max()
    weights = np.where(chances > 0, chances * np.exp(np.minimum(exponent, 0)), 0)
    return weights / weights.sum()


def most_probable(points, chances, noisy, sigma):
    return points[weights_for(points, chances, noisy, 2 * sigma**2).argmax()]


def unnormalised(points, chances, noisy, sigma):
    return (chances * np.exp(-np.sum((noisy - points) ** 2, axis=1) / (2 * sigma**2))) @ points


def changing(points, chances, noisy, sigma):
    points -= noisy
    return noisy


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            lambda x, p, y, s: weights_for(x, np.full(len(p), 1 / len(p)), y, 2 * s**2) @ x,
            "where are the chances?",
        ),
        (lambda x, p, y, s: p @ x, "forgets the noisy signal"),
        (lambda x, p, y, s: weights_for(x, p, y, s**2) @ x, "over *twice* sigma squared"),
        (lambda x, p, y, s: weights_for(x, p, y, 2 * s) @ x, "not by 2 sigma"),
        (most_probable, "most probable point (MAP)"),
        (unnormalised, "divide by their sum"),
        (
            lambda x, p, y, s: weights_for(x, p, y, 2 * s**2, shift=False) @ x,
            "take the largest exponent off",
        ),
        (lambda x, p, y, s: y, "Not the posterior mean"),
        (lambda x, p, y, s: p, "one value per sample"),
        (changing, "changes its inputs"),
    ],
)
def test_wrong_hedges(answer, words):
    rejected(check.check_hedge(answer), words)


# -- exercise 2


def median_of(values, chances):
    order = np.argsort(values)
    return values[order][np.searchsorted(np.cumsum(chances[order]), 0.5)]


def answering(squared=None, absolute=None, hit=None):
    """Right answers, but for those given."""

    def answer(values, chances, loss):
        rules = {
            "squared": squared or (lambda v, p: p @ v),
            "absolute": absolute or median_of,
            "hit": hit or (lambda v, p: v[p.argmax()]),
        }
        return rules[loss](values, chances)

    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (answering(squared=lambda v, p: v.mean()), "not equally probable"),
        (answering(squared=median_of), "set the derivative"),
        (answering(absolute=lambda v, p: p @ v), "that is the mean again"),
        (answering(absolute=lambda v, p: np.median(v)), "the middle of the list"),
        (
            answering(absolute=lambda v, p: v[np.searchsorted(np.cumsum(p), 0.5)]),
            "Sort them, and their chances",
        ),
        (answering(absolute=lambda v, p: v.min()), "half of the probability"),
        (answering(hit=lambda v, p: v.max()), "the largest value"),
        (answering(hit=lambda v, p: p @ v), "only an exact hit counts"),
        (answering(hit=lambda v, p: p.argmax() * 1.0), "only an exact hit counts"),
        (lambda v, p, loss: [1.0], "Return one number"),
        (lambda v, p, loss: None, "Return one number"),
    ],
)
def test_wrong_best_answers(answer, words):
    rejected(check.check_best_answer(answer), words)


def test_a_median_between_two_values_is_as_good():
    def upper(values, chances):
        order = np.argsort(values)
        return values[order][np.searchsorted(np.cumsum(chances[order]), 0.5, side="right")]

    assert check.check_best_answer(answering(absolute=upper)).status == "passed"


# -- exercise 3


def reading(total=None, noise=None, across=None):
    """Right numbers, but for those given."""

    def answer(row, same):
        size = np.abs(row)
        return (
            total(row, same) if total else row.sum(),
            noise(row, same) if noise else np.sqrt(np.sum(row**2)),
            across(row, same) if across else size[~same].sum() / size.sum(),
        )

    return answer


def zeroing(row, same):
    row[~same] = 0
    return row.sum(), 1.0, 0.0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reading(total=lambda r, s: np.abs(r).sum()), "the sum of all entries"),
        (reading(noise=lambda r, s: np.sum(r**2)), "that is the variance"),
        (reading(noise=lambda r, s: np.abs(r).sum()), "add in their variances"),
        (reading(noise=lambda r, s: np.sqrt(np.mean(r**2))), "do not average"),
        (reading(noise=lambda r, s: r.sum() ** 2 / np.sum(r**2)), "effective number"),
        (reading(noise=lambda r, s: r.std()), "standard deviation of the entries"),
        (reading(noise=lambda r, s: 3.0), "the standard deviation of that sum"),
        (reading(across=lambda r, s: np.abs(r[s]).sum() / np.abs(r).sum()), "*own* side"),
        (reading(across=lambda r, s: r[~s].sum() / r.sum()), "count by their size"),
        (reading(across=lambda r, s: np.mean(~s)), "counts pixels"),
        (reading(across=lambda r, s: np.abs(r[~s]).sum()), "divide by the sum of the sizes"),
        (reading(across=lambda r, s: np.sum(r[~s] ** 2) / np.sum(r**2)), "not squares"),
        (reading(across=lambda r, s: np.abs(r[~s]).sum() / r.sum()), "not by the row sum"),
        (reading(across=lambda r, s: 0.123), "over the sum of |row|"),
        (reading(across=lambda r, s: np.nan), "came out as nan"),
        (lambda r, s: r.sum(), "Return 3 numbers"),
        (lambda r, s: (r, r, r), "must be one number"),
        (zeroing, "changes the row"),
    ],
)
def test_wrong_readings(answer, words):
    rejected(check.check_read_row(answer), words)


# -- exercise 4


def neighbours(noisy, mode="reflect", corners=False, itself=False):
    framed, (height, width) = np.pad(noisy, 1, mode=mode), noisy.shape
    places = [(0, 1), (2, 1), (1, 0), (1, 2)]
    places += [(0, 0), (0, 2), (2, 0), (2, 2)] * corners + [(1, 1)] * itself
    return np.mean([framed[i : i + height, j : j + width] for i, j in places], axis=0)


def hiding(fill=neighbours, grid=None):
    def answer(noisy, stride, first):
        hidden = np.zeros(noisy.shape, dtype=bool)
        hidden[first[0] :: stride, first[1] :: stride] = True
        hidden = hidden if grid is None else grid(noisy, stride, first)
        return np.where(hidden, fill(noisy), noisy), hidden

    return answer


def swapped(noisy, stride, first):
    hidden = np.zeros(noisy.shape, dtype=bool)
    hidden[first[1] :: stride, first[0] :: stride] = True
    return hidden


def lines(noisy, stride, first):
    hidden = np.zeros(noisy.shape, dtype=bool)
    hidden[first[0] :: stride] = True
    hidden[:, first[1] :: stride] = True
    return hidden


def in_place(noisy, stride, first):
    noisy[first[0] :: stride, first[1] :: stride] = 0
    return noisy, noisy == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (hiding(lambda y: y), "can still be seen"),
        (hiding(lambda y: neighbours(y, "symmetric")), "its own neighbour"),
        (hiding(lambda y: neighbours(y, "wrap")), "go round"),
        (hiding(lambda y: neighbours(y, corners=True, itself=True)), "lets it be seen"),
        (hiding(lambda y: neighbours(y, corners=True)), "not all eight"),
        (hiding(lambda y: 0 * y), "Do not put 0 there"),
        (hiding(lambda y: y[::-1]), "Not the mean of the four neighbours"),
        (
            lambda y, s, f: (neighbours(y), hiding()(y, s, f)[1]),
            "Only hidden pixels are replaced",
        ),
        (lambda y, s, f: (2 * y, hiding()(y, s, f)[1]), "must stay as they are"),
        (lambda y, s, f: (hiding()(y, s, f)[0], ~hiding()(y, s, f)[1]), "where a pixel *is*"),
        (hiding(grid=swapped), "(row, col), in this order"),
        (hiding(grid=lines), "whole rows and columns"),
        (hiding(grid=lambda y, s, f: y > 0.5), "Not that grid"),
        (lambda y, s, f: (y, 1.0 * hiding()(y, s, f)[1]), "boolean"),
        (lambda y, s, f: y.copy(), "Return two things"),
        (in_place, "changes the picture"),
    ],
)
def test_wrong_hidings(answer, words):
    rejected(check.check_hide(answer), words)


# -- exercise 5


def pair(noise, power):
    return (
        np.mean(noise[:, 1:] * noise[:, :-1]) / power,
        np.mean(noise[1:] * noise[:-1]) / power,
    )


def centring(piece):
    piece -= piece.mean()
    return pair(piece, np.mean(piece**2))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda y: pair(y, np.mean(y**2)), "Take the mean off first"),
        (lambda y: pair(y - y.mean(), y.var())[::-1], "The order is"),
        (lambda y: pair(y - y.mean(), 1.0), "divide it by the mean square"),
        (lambda y: pair(y - y.mean(), y.std()), "not by the standard deviation"),
        (lambda y: (0.0, 0.0), "Not the correlations"),
        (lambda y: 0.5, "Return 2 numbers"),
        (lambda y: (np.nan, 0.0), "came out as nan"),
        (centring, "changes the piece"),
    ],
)
def test_wrong_correlations(answer, words):
    rejected(check.check_neighbour_correlation(answer), words)


def test_corrcoef_is_accepted_too():
    def answer(piece):
        return (
            np.corrcoef(piece[:, 1:].ravel(), piece[:, :-1].ravel())[0, 1],
            np.corrcoef(piece[1:].ravel(), piece[:-1].ravel())[0, 1],
        )

    assert check.check_neighbour_correlation(answer).status == "passed"


def test_an_impossible_point_may_lie_nearest():
    def hedge(points, chances, noisy, sigma):
        exponent = -np.sum((noisy - points) ** 2, axis=1) / (2 * sigma**2)
        weights = chances * np.exp(exponent - exponent.max())
        return weights @ points / weights.sum()

    rejected(check.check_hedge(hedge), "A point of chance 0 lies nearest")


def test_the_nearest_point_is_not_the_mean():
    def hedge(points, chances, noisy, sigma):
        return points[np.sum((noisy - points) ** 2, axis=1).argmin()]

    rejected(check.check_hedge(hedge), "That is the nearest point")


def test_answers_may_come_as_lists_or_arrays():
    given = solutions("06")
    for name in ("read_row", "hide"):
        kind = np.array if name == "read_row" else list
        result = CHECKS[name](lambda *a, name=name, kind=kind: kind(given[name](*a)))
        assert result.status == "passed", result.message
