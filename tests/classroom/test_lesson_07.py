"""Wrong answers to the exercises of lesson 07 and the hint that each one gets."""

import numpy as np
import pytest
from exercises import rejected
from scipy.ndimage import binary_dilation

from lessons_lib.classroom import lesson_07 as check


def flat(maps):
    return maps.reshape(len(maps), -1)


def mean_product(maps):
    return flat(maps) @ flat(maps).T / flat(maps).shape[1]


def zeroing(maps):
    maps[:] = 0
    return mean_product(maps)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda m: flat(m) @ flat(m).T, "the sum over all pixels"),
        (lambda m: mean_product(m) / len(m), "not by the number of all values"),
        (lambda m: np.cov(flat(m), bias=True), "Do not take the means off"),
        (lambda m: np.cov(flat(m)), "with n - 1"),
        (lambda m: np.corrcoef(flat(m)), "correlation"),
        (lambda m: np.outer(m.mean((1, 2)), m.mean((1, 2))), "product of the means"),
        (lambda m: np.eye(len(m)), "Not the Gram matrix"),
        (lambda m: m, "one number for each pair"),
        (lambda m: mean_product(m) * np.nan, "NaN"),
        (zeroing, "changes the maps"),
    ],
)
def test_wrong_grams(answer, words):
    rejected(check.check_gram_matrix(answer), words)


def normed(maps, mean=(1, 2), power=0.5, eps=1e-5, ddof=0):
    centred = maps - maps.mean(axis=mean, keepdims=True)
    return centred / (maps.var(axis=mean, keepdims=True, ddof=ddof) + eps) ** power


def in_place(maps):
    maps -= maps.mean(axis=(1, 2), keepdims=True)
    return maps


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda m: (m - m.mean()) / m.std(), "those of all maps together"),
        (lambda m: normed(m, power=1), "divide by the variance"),
        (lambda m: m / m.std(axis=(1, 2), keepdims=True), "The mean is still there"),
        (lambda m: m - m.mean(axis=(1, 2), keepdims=True), "The contrast is still there"),
        (lambda m: normed(m, mean=0), "each pixel over the maps"),
        (lambda m: 0 * m, "Not the instance norm"),
        (lambda m: m[0], "same shape"),
        (lambda m: normed(m, eps=0), "The 1e-5 is missing"),
        (lambda m: normed(m, ddof=1), "divide by n - 1"),
        (in_place, "changes the maps"),
    ],
)
def test_wrong_norms(answer, words):
    rejected(check.check_instance_norm(answer), words)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, k, s: np.full((n - 1) * s + k, k / s), "count sample by sample"),
        (lambda n, k, s: np.ones((n - 1) * s + k), "your counts sum to"),
        (lambda n, k, s: [n * k] + [0] * ((n - 1) * s + k - 1), "input sample i writes"),
        (lambda n, k, s: np.ones(n), "a count for each output sample"),
    ],
)
def test_wrong_counts(answer, words):
    rejected(check.check_written(answer), words)


def corr(one, two):
    return np.corrcoef(one.ravel(), two.ravel())[0, 1]


def raw(one, two):
    return np.sum(one * two) / np.sqrt(np.sum(one**2) * np.sum(two**2))


def both(rule):
    return lambda t, n, d: (rule(t, d), rule(n, d))


def shifting(t, n, d):
    d -= d.mean()
    return corr(t, d), corr(n, d)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda t, n, d: (corr(n, d), corr(t, d)), "The order is"),
        (both(raw), "Take the means off"),
        (both(lambda a, d: np.cov(a.ravel(), d.ravel(), bias=True)[0, 1] / a.var()), "a slope"),
        (both(lambda a, d: corr(a, d) ** 2), "Do not square"),
        (both(lambda a, d: 0.3), "Not the correlations"),
        (lambda t, n, d: 0.5, "Return 2 numbers"),
        (both(lambda a, d: a), "must be one number"),
        (both(lambda a, d: np.nan), "came out as nan"),
        (shifting, "changes its inputs"),
    ],
)
def test_wrong_pairs(answer, words):
    rejected(check.check_truth_and_leak(answer), words)


def test_the_sign_counts():
    rejected(check.check_truth_and_leak(both(lambda a, d: abs(corr(a, d)))), "Keep the sign")


def near(edges, radius, full=True):
    if radius == 0:
        return edges
    square = np.ones((2 * radius + 1,) * 2, dtype=bool)
    if full:
        return binary_dilation(edges, square)
    return binary_dilation(edges, iterations=radius)


def share(photo, mosaic, radius):
    return np.mean(~near(photo, radius)[mosaic]) if mosaic.any() else 0.0


def rolling(photo, mosaic, radius):
    steps = range(-radius, radius + 1)
    near_ = np.any([np.roll(photo, (i, j), (0, 1)) for i in steps for j in steps], axis=0)
    return np.mean(~near_[mosaic]) if mosaic.any() else 0.0


def clearing(photo, mosaic, radius):
    mosaic[0] = False
    return 0.5


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda p, m, r: 1 - share(p, m, r), "*not* invented"),
        (lambda p, m, r: share(m, p, r), "the photo's edges that were lost"),
        (lambda p, m, r: np.mean(m & ~near(p, r)), "not by that of all pixels"),
        (lambda p, m, r: share(p, m, 0), "may have moved"),
        (lambda p, m, r: share(p, m, r - 1) if r > 1 else share(p, m, r), "to *each* side"),
        (lambda p, m, r: np.mean(~near(p, r, full=False)[m]), "Corners of the square"),
        (rolling, "np.roll brings them in"),
        (lambda p, m, r: 0.123, "Not that share"),
        (lambda p, m, r: "much", "must be one number"),
        (lambda p, m, r: float(np.mean(~near(p, r)[m])) if m.any() else 1.0, "return 0"),
        (clearing, "changes its inputs"),
    ],
)
def test_wrong_shares(answer, words):
    rejected(check.check_invented(answer), words)
