"""PS5: its model answers pass in every class, and typical slips are named and fail."""

import numpy as np
import pytest
from mutants import (
    assert_accepted,
    assert_rejected,
    solutions,
)

from lessons_lib.classroom.assignments.judging import hidden_check, public_check


def right(name):
    return solutions("ps5")[name]


# -- 1


def after(noisy, points, chances, width, axis=1):
    distance = np.sum((noisy[:, None] - points) ** 2, axis=2)
    distance = distance - distance[:, chances > 0].min(axis=1, keepdims=True)
    weights = np.where(chances > 0, chances * np.exp(-np.maximum(distance, 0) / width), 0)
    return weights / weights.sum(axis=axis, keepdims=True)


def moments(p, points):
    mean = p @ points
    return mean, np.sqrt(np.maximum(p @ points**2 - mean**2, 0))


def known(width=lambda s: 2 * s**2, chances=lambda c: c, axis=1):
    def answer(noisy, sigma, points, given):
        return moments(after(noisy, points, chances(given), width(sigma), axis), points)

    return answer


def with_doubt(slip):
    """The right mean; the doubt by a slip of the arguments, the mean and the right doubt."""

    def answer(*given):
        mean, doubt = right("mean_and_doubt")(*given)
        return mean, slip(*given, mean, doubt)

    return answer


def underflowing(noisy, sigma, points, chances):
    distance = np.sum((noisy[:, None] - points) ** 2, axis=2)
    weights = chances * np.exp(-distance / (2 * sigma**2))
    return moments(weights / weights.sum(axis=1, keepdims=True), points)


def rounding_below_zero(noisy, sigma, points, chances):
    p = after(noisy, points, chances, 2 * sigma**2)
    mean = p @ points
    return mean, np.sqrt(p @ points**2 - mean**2 - 1e-12)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda y, s, x, c: (y.copy(), 0 * y), "Mean: that is the noisy signal"),
        (known(chances=lambda c: np.full(len(c), 1 / len(c))), "where are the chances"),
        (known(width=lambda s: s**2), "*twice* sigma squared"),
        (known(width=lambda s: 2 * s), "not 2 sigma"),
        (known(width=lambda s: 2 * (255 * s) ** 2), "The mean is not right"),
        (known(width=lambda s: np.inf), "forgets what was seen"),
        (known(axis=0), "not finite"),
        (underflowing, "not finite"),
        (rounding_below_zero, "not finite"),
        (
            lambda y, s, x, c: (x[after(y, x, c, 2 * s**2).argmax(axis=1)], 0 * y),
            "the most probable point",
        ),
        (with_doubt(lambda y, s, x, c, m, d: d**2), "that is the variance"),
        (with_doubt(lambda y, s, x, c, m, d: np.sqrt(d**2 + m**2)), "the square of the mean"),
        (with_doubt(lambda y, s, x, c, m, d: np.abs(y - m)), "how far the noisy signal"),
        (with_doubt(lambda y, s, x, c, m, d: np.full_like(y, s)), "the noise's sigma"),
        (
            with_doubt(lambda y, s, x, c, m, d: np.tile(moments(c, x)[1], (len(y), 1))),
            "before anything was seen",
        ),
        (with_doubt(lambda y, s, x, c, m, d: 0 * d), "The doubt is not right"),
        (with_doubt(lambda y, s, x, c, m, d: d[0]), "with the shape"),
    ],
)
def test_slips_in_mean_and_doubt(answer, words):
    assert_rejected("ps5", "mean_and_doubt", answer, words)


def test_the_difference_of_squares_passes_too():
    assert_accepted("ps5", "mean_and_doubt", known())


# -- 2


def step(mean=None, variance=None):
    """The model answer with a slip; both take (x, here, there, guess, doubt)."""

    def answer(x, here, there, points, chances):
        found = list(right("step_law")(x, here, there, points, chances))
        guess, doubt = (one[0] for one in right("mean_and_doubt")(x[None], here, points, chances))
        for which, slip in enumerate((mean, variance)):
            if slip is not None:
                found[which] = slip(x, here, there, guess, doubt) + 0 * x
        return tuple(found)

    return answer


def too_early(which):
    def answer(x, here, there, points, chances):
        found = list(right("step_law")(x, here, there, points, chances))
        guess, doubt = (one[0] for one in right("mean_and_doubt")(x[None], there, points, chances))
        kept = (there / here) ** 2
        found[which] = (
            guess + kept * (x - guess),
            (1 - kept) ** 2 * doubt**2 + there**2 * (1 - kept),
        )[which]
        return tuple(found)

    return answer


def fresh(h, t):
    return t**2 * (1 - (t / h) ** 2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (step(mean=lambda x, h, t, g, d: x), "The mean is not right"),
        (step(mean=lambda x, h, t, g, d: g), "only the guess"),
        (step(mean=lambda x, h, t, g, d: g + t / h * (x - g)), "an Euler step"),
        (step(mean=lambda x, h, t, g, d: x + (t / h) ** 2 * (g - x)), "the other way round"),
        (too_early(0), "at the level `here`"),
        (step(variance=lambda x, h, t, g, d: fresh(h, t)), "the fresh noise alone"),
        (step(variance=lambda x, h, t, g, d: t**2), "The variance is not right"),
        (
            step(variance=lambda x, h, t, g, d: (1 - (t / h) ** 2) ** 2 * d**2),
            "the doubt alone",
        ),
        (
            step(
                variance=lambda x, h, t, g, d: np.sqrt(
                    (1 - (t / h) ** 2) ** 2 * d**2 + fresh(h, t)
                )
            ),
            "a standard deviation",
        ),
        (
            step(variance=lambda x, h, t, g, d: (1 - (t / h) ** 2) * d**2 + fresh(h, t)),
            "enters with its square",
        ),
        (step(variance=lambda x, h, t, g, d: d**2 + fresh(h, t)), "in the step twice"),
        (
            step(variance=lambda x, h, t, g, d: (1 - (t / h) ** 2) ** 2 * d + fresh(h, t)),
            "*variance* adds up",
        ),
        (
            step(
                variance=lambda x, h, t, g, d: ((1 - (t / h) ** 2) * d + np.sqrt(fresh(h, t))) ** 2
            ),
            "do not add up",
        ),
        (
            step(
                variance=lambda x, h, t, g, d: (
                    (1 - (t / h) ** 2) ** 2 * d**2 + np.sqrt(fresh(h, t))
                )
            ),
            "has the standard deviation",
        ),
        (too_early(1), "at the level `here`"),
    ],
)
def test_slips_in_the_step(answer, words):
    assert_rejected("ps5", "step_law", answer, words)


# -- 3


def errors(which, slip):
    """The model answer with one of its numbers replaced by a slip of (points, chances, count)."""

    def answer(*given):
        found = list(right("expected_errors")(*given))
        found[which] = slip(*given, found[0])
        return tuple(found)

    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x, c, n: tuple(x.shape[1] * one for one in right("expected_errors")(x, c, n)),
         "A sum over the samples"),
        (errors(0, lambda x, c, n, e: np.var(x, axis=0).mean()), "weigh the points"),
        (errors(0, lambda x, c, n, e: np.sqrt(e)), "that is a root"),
        (errors(1, lambda x, c, n, e: e), "and so does the truth"),
        (errors(1, lambda x, c, n, e: 0.0), "moved together"),
        (errors(1, lambda x, c, n, e: 1.5 * e), "Not right in one case: a draw's"),
        (errors(2, lambda x, c, n, e: e / n), "the truth's own spread"),
        (errors(2, lambda x, c, n, e: 2 * e / n), "only the draws' own part"),
        (errors(2, lambda x, c, n, e: (1 + 1 / np.sqrt(n)) * e), "not 1/√N"),
        (errors(2, lambda x, c, n, e: e), "Not right in one case: a mean of draws'"),
        (errors(3, lambda x, c, n, e: e), "comes on top"),
        (
            errors(3, lambda x, c, n, e: np.mean((x[c.argmax()] - c @ x) ** 2)),
            "the truth varies, too",
        ),
        (errors(3, lambda x, c, n, e: 2 * e), "the most probable point's"),
    ],
)  # fmt: skip
def test_slips_in_the_errors(answer, words):
    assert_rejected("ps5", "expected_errors", answer, words)


# -- 4


def seen(image, filters):
    windows = np.lib.stride_tricks.sliding_window_view(image, filters.shape[1:])
    return np.einsum("ijab,kab->kij", windows, filters).reshape(len(filters), -1)


def sliced(compare, order=np.sort, flip=False):
    def answer(one, other, filters):
        filters = filters[:, ::-1, ::-1] if flip else filters
        return float(compare(order(seen(one, filters)), order(seen(other, filters))))

    return answer


def gap(u, v):
    return np.mean((u - v) ** 2, axis=1)


def relative(u, v):
    return np.mean(gap(u, v) / np.mean(v**2, axis=1))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (sliced(relative, order=lambda u: u), "place by place"),
        (sliced(relative, order=lambda u: np.sort(u, axis=None)[None]), "by itself"),
        (sliced(lambda u, v: relative(v, u)), "*second* picture"),
        (sliced(lambda u, v: np.mean(gap(u, v) / v.var(axis=1))), "not by the variance"),
        (sliced(lambda u, v: gap(u, v).mean() / np.mean(v**2)), "filter by filter"),
        (sliced(lambda u, v: gap(u, v).mean()), "Relative, please"),
        (sliced(lambda u, v: np.sqrt(relative(u, v))), "A root too many"),
        (sliced(lambda u, v: len(u) * relative(u, v)), "not their sum"),
        (sliced(relative, order=lambda u: np.sort(np.abs(u))), "Sizes without signs"),
        (sliced(relative, flip=True), "turned by 180 degrees"),
        (sliced(lambda u, v: 0.0), "Not the distance"),
        (lambda one, other, filters: float(np.mean((one - other) ** 2)), "Not the distance"),
    ],
)
def test_slips_in_the_sliced_distance(answer, words):
    assert_rejected("ps5", "sliced_distance", answer, words)


# -- 5


def bootstrap(who=True, what=True, ends=(0.025, 0.975), gaps=np.nanmean, fixed=None):
    """A bootstrap by fancy indexing: right as it stands, written in another way."""

    def answer(table, seed):
        rng, drawn = np.random.default_rng(seed if fixed is None else fixed), []
        for _ in range(2000):
            raters, pairs = (
                rng.integers(size, size=size) if vary else np.arange(size)
                for size, vary in zip(table.shape, (who, what), strict=True)
            )
            drawn.append(gaps(table[raters][:, pairs]))
        return (float(gaps(table)), *(float(one) for one in np.quantile(drawn, ends)))

    return answer


def single_answers(table, seed):
    rng, given = np.random.default_rng(seed), table[np.isfinite(table)]
    means = rng.choice(given, (2000, given.size)).mean(axis=1)
    return (given.mean(), *np.quantile(means, (0.025, 0.975)))


def textbook(table, seed):
    share, count = np.nanmean(table), np.isfinite(table).sum()
    half = 1.96 * np.sqrt(share * (1 - share) / count) + 1e-9 * (seed % 97)
    return share, share - half, share + half


def no_for_missing(table):
    return np.nansum(table) / table.size


def mean_of_raters(table):
    return np.mean(np.nanmean(table, axis=1))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (bootstrap(gaps=no_for_missing), "no 'no'"),
        (bootstrap(gaps=mean_of_raters), "the raters' means"),
        (bootstrap(gaps=lambda t: np.nanmean(t) + 0.01), "not that of the given answers"),
        (bootstrap(what=False), "draws raters alone"),
        (bootstrap(who=False), "draws pairs alone"),
        (single_answers, "single answers"),
        (textbook, "single answers"),
        (bootstrap(ends=(0.05, 0.95)), "an interval of 90 %"),
        (bootstrap(ends=(0.159, 0.841)), "one standard deviation"),
        (bootstrap(ends=(0, 1)), "Too wide"),
        (bootstrap(ends=(0.975, 0.025)), "The lower end must come first"),
        (bootstrap(fixed=3), "Another seed"),
    ],
)
def test_slips_in_the_preference(answer, words):
    assert_rejected("ps5", "preference", answer, words)


def test_unseeded_dice_are_told():
    def answer(table, seed):
        return bootstrap()(table, None)

    assert_rejected("ps5", "preference", answer, "The same seed")


def test_a_bootstrap_by_indices_passes_too():
    public_check("ps5", "preference", bootstrap())
    for seed in range(5):
        hidden_check("ps5", "preference", bootstrap(), seed)
