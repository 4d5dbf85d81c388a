"""Wrong answers to the exercises of lesson 10 and the hint that each one gets."""

from itertools import combinations

import numpy as np
import pytest
from exercises import rejected

from lessons_lib.classroom import lesson_10 as check
from lessons_lib.classroom.lesson_10 import _pooled, _raters

# -- exercise 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (_pooled, "all answers as independent"),
        (lambda e, p, a, b, v: _raters(e, p, a, 0.0, v), "do not shrink the part of the pairs"),
        (lambda e, p, a, b, v: _raters(e, p, a, b, 0.0), "forgot v_rest"),
        (lambda e, p, a, b, v: _raters(e, p, a, b, v * p), "raters *times pairs*"),
        (lambda e, p, a, b, v: _raters(np.sqrt(e), p, a, b, v), "the three v are variances"),
        (lambda *case: min(_raters(*case), 9999), "return np.inf"),
        (lambda *case: _raters(*case) - 1, "One too few"),
        (lambda *case: _raters(*case) - 0.5, "whole raters"),
        (lambda *case: _raters(*case) + 1, "One too many"),
        (lambda *case: 2 * _raters(*case), "solve for R"),
        (lambda *case: [3], "one number"),
        (lambda *case: np.nan, "NaN"),
    ],
)
def test_wrong_numbers_of_raters(answer, words):
    rejected(check.check_raters_needed(answer), words)


# -- exercise 2


def picks(x, rng, rows=True, columns=True, replace=True):
    who, what = (
        rng.choice(n, n, replace=replace) if wanted else np.arange(n)
        for n, wanted in zip(x.shape, (rows, columns), strict=True)
    )
    return x[who][:, what]


def unpaired(before, after, rng):
    return picks(after, rng).mean() - picks(before, rng).mean()


def cell_by_cell(before, after, rng):
    change = (after - before).ravel()
    return rng.choice(change, change.size).mean()


def overwriting(before, after, rng):
    before[:] = 0
    return 0.25


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (unpaired, "use the same for both tables"),
        (lambda b, a, rng: -picks(a - b, rng).mean(), "after minus before"),
        (lambda b, a, rng: picks(a - b, rng, rows=False).mean(), "never draw the raters anew"),
        (lambda b, a, rng: picks(a - b, rng, columns=False).mean(), "never draw the pairs anew"),
        (lambda b, a, rng: picks(a - b, rng, replace=False).mean(), "never draw the raters anew"),
        (cell_by_cell, "whole rows"),
        (lambda b, a, rng: picks(a - b, rng), "one number"),
        (lambda b, a, rng: np.nan, "NaN"),
        (overwriting, "changes its tables"),
    ],
)
def test_wrong_changes(answer, words):
    rejected(check.check_change_again(answer), words)


# -- exercise 3


def parts(labels):
    counts = np.array([(labels == one).sum(axis=0) for one in np.unique(labels)])
    raters = len(labels)
    o = np.mean((counts * (counts - 1)).sum(axis=0) / (raters * (raters - 1)))
    return counts, raters, o, np.sum((counts.sum(axis=1) / labels.size) ** 2)


def observed(labels):
    return parts(labels)[2]


def undivided(labels):
    if np.all(labels == labels[0]):
        return 1.0
    _, _, o, e = parts(labels)
    return o - e


def with_himself(labels):
    counts, raters, _, e = parts(labels)
    return (np.mean((counts**2).sum(axis=0) / raters**2) - e) / (1 - e)


def equally_frequent(labels):
    counts, _, o, _ = parts(labels)
    return (o - 1 / len(counts)) / (1 - 1 / len(counts))


def all_at_once(labels):
    counts, raters, _, e = parts(labels)
    return (np.mean(counts.max(axis=0) == raters) - e) / (1 - e)


def without_replacement(labels):
    counts, _, o, _ = parts(labels)
    total = counts.sum(axis=1)
    e = np.sum(total * (total - 1)) / (labels.size * (labels.size - 1))
    return (o - e) / (1 - e)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (observed, "chance is still in it"),
        (undivided, "the most that could be left"),
        (with_himself, "*different* raters"),
        (equally_frequent, "equally frequent"),
        (all_at_once, "average over pairs of raters"),
        (without_replacement, "Krippendorff's alpha"),
        (lambda labels: 0.5, "agree in all, and your kappa is 0.500"),
        (lambda labels: 1.0, "Not Fleiss' kappa"),
        (lambda labels: np.ones(3), "one number"),
        (lambda labels: np.inf, "division by zero"),
    ],
)
def test_wrong_kappas(answer, words):
    rejected(check.check_many_kappa(answer), words)


# -- exercise 4


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda d, t, q: (t - d) / t, "You seem to take `caught` as 1"),
        (lambda d, t, q: (t - d) / ((q - 1) * d), "Pictures leave all slips in"),
        (lambda d, t, q: (t - d) / (t - q * d), "*not* caught stays a slip"),
        (lambda d, t, q: (t - d) / (t - d + q), "count the mended ones as perfect"),
        (lambda d, t, q: 0.0, "You compare QA with doing nothing"),
        (lambda d, t, q: 0.123, "Not the crossover"),
        (lambda d, t, q: [0.1], "one number"),
        (lambda d, t, q: np.nan, "division by zero"),
    ],
)
def test_wrong_crossovers(answer, words):
    rejected(check.check_crossover(answer), words)


# -- exercise 5


def own(left=None, again=None, both=None):
    """The right answer with single parts replaced by wrong ones."""

    def answer(answers):
        tests = {(one.block, one.pair): one for one in answers if one.kind == "test"}
        repeats = [(one, tests[one.block, one.pair]) for one in answers if one.kind == "repeat"]
        blocks = [(one, tests[2, key[1]]) for key, one in tests.items()
                  if key[0] == 1 and (2, key[1]) in tests]  # fmt: skip
        share = left or (lambda _, chosen: np.mean([one.chosen == "left" for one in chosen]))
        return (
            share(answers, tests.values()),
            np.mean([(again or same_method)(*two) for two in repeats]),
            np.mean([(both or same_method)(*two) for two in blocks]),
        )

    return answer


def same_method(one, other):
    return one.method == other.method


def same_side(one, other):
    return one.chosen == other.chosen


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (own(left=lambda a, t: np.mean([one.chosen == "right" for one in t])), "share of 'right'"),
        (own(left=lambda a, t: np.mean([one.chosen == "left" for one in a])), "Only the tests"),
        (own(left=lambda a, t: 0.123), "Not the share of 'left'"),
        (own(again=same_side), "For repeats you compare sides"),
        (own(both=same_side), "For the two blocks you compare sides"),
        (own(again=lambda one, other: one.method != other.method), "*different* choices"),
        (own(both=lambda one, other: True), "Not the share of equal methods in the two blocks"),
        (lambda answers: 0.5, "three numbers"),
        (lambda answers: (0.5, None, 0.5), "one number"),
    ],
)
def test_wrong_looks_at_oneself(answer, words):
    rejected(check.check_judge_myself(answer), words)


# -- right answers of another form


def by_trying(error, pairs, v_rater, v_pair, v_rest):
    for raters in range(1, 10_000):
        if v_rater / raters + v_pair / pairs + v_rest / (raters * pairs) <= error**2:
            return raters
    return np.inf


def by_weights(before, after, rng):
    """Counts of a multinomial in place of drawn indices."""
    rows, columns = (rng.multinomial(n, np.full(n, 1 / n)) for n in before.shape)
    return rows @ (after - before) @ columns / before.size


def by_pairs_of_raters(labels):
    agreed = [np.mean(a == b) for a, b in combinations(labels, 2)]
    _, counts = np.unique(labels, return_counts=True)
    e = np.sum((counts / labels.size) ** 2)
    return (np.mean(agreed) - e) / (1 - e)


@pytest.mark.parametrize(
    ("instant", "answer"),
    [
        (check.check_raters_needed, by_trying),
        (check.check_change_again, by_weights),
        (check.check_many_kappa, by_pairs_of_raters),
        (check.check_crossover, lambda d, t, q: 1 / (1 + q * d / (t - d)) if t > d else 0),
        (check.check_judge_myself, lambda answers: np.array(own()(answers))),
    ],
)
def test_right_answers_of_another_form_pass(instant, answer):
    assert instant(answer).status == "passed", instant(answer)
