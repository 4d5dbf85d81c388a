"""PS2: its solutions pass for every class, and each slip gets its own hint."""

import numpy as np
import pytest
from assignments import mutants
from scipy.special import ndtr
from scipy.stats import norm

from lessons_lib.classroom.assignments import ps2
from lessons_lib.classroom.assignments.ps2_programs import three_programs
from lessons_lib.classroom.assignments.ps2_thresholds import bayes_haar, both_grids, one_grid
from lessons_lib.denoisers.guided import guided
from lessons_lib.denoisers.thresholds import bayes_threshold, hard, soft
from lessons_lib.denoisers.wavelet import WaveletShrink

SOLVED = mutants.solutions("ps2")
every_question = pytest.mark.parametrize("name", ps2.QUESTIONS)


@every_question
def test_the_solution_passes_in_every_class(name):
    mutants.assert_accepted("ps2", name, SOLVED[name])


@every_question
def test_knowing_the_public_outputs_does_not_help(name):
    mutants.assert_memory_is_useless("ps2", name, SOLVED[name])


@every_question
def test_replies_of_a_wrong_kind(name):
    mutants.assert_wrong_kinds_get_a_hint("ps2", name, SOLVED[name])
    mutants.assert_changing_the_input_gets_a_hint("ps2", name, SOLVED[name])


def at_a_long_step(weights, contrast, sigma):
    """Convolve a long row; numpy numbers come back."""
    clean = contrast * (np.arange(200) >= 100.0)
    bias = np.convolve(clean, weights, "same") - clean
    return np.sum(bias[30:-30] ** 2), sigma**2 * weights @ weights


def risk_on_a_grid(theta, T, sigma):
    y = theta[:, None] + sigma * np.linspace(-9, 9, 20_001)
    kept = np.where(np.abs(y) > T, y, 0)
    weights = norm.pdf(np.linspace(-9, 9, 20_001)) * 18 / 20_000
    return np.sum((kept - theta[:, None]) ** 2 * weights, axis=1)


OTHER_WAYS = {
    "edge_error": at_a_long_step,
    "guided_row": lambda noisy, guide, radius, epsilon: ps2.guided_row(
        noisy, guide, radius, epsilon
    ),
    "hard_risk": risk_on_a_grid,
    "bayes_haar": bayes_haar,
    "two_shifts": both_grids,
}


@every_question
def test_other_right_ways_pass(name):
    mutants.assert_accepted("ps2", name, OTHER_WAYS[name])


def tails(weights):
    return np.cumsum(weights[weights.size // 2 :][::-1])[::-1]  # 0: with the centre


def edge(bias=None, variance=None):
    """The solution with one of its two numbers replaced."""

    def answer(w, c, s):
        right = SOLVED["edge_error"](w, c, s)
        return bias(w, c, s) if bias else right[0], variance(w, c, s) if variance else right[1]

    return answer


def half(w, c):
    return np.sum((c * tails(w)[1:]) ** 2)


EDGES = {
    "cancel. Square them": edge(lambda w, c, s: 0.0),
    "sum over one of them": edge(lambda w, c, s: half(w, c)),
    "without the square": edge(lambda w, c, s: 2 * np.abs(c * tails(w)[1:]).sum()),
    "not their mean": edge(lambda w, c, s: 2 * half(w, c) / w.size),
    "the samples that are off": edge(lambda w, c, s: 2 * half(w, c) / (w.size - 1)),
    "four times the bias²": edge(lambda w, c, s: 2 * half(w, c) / c),
    "where is the contrast": edge(lambda w, c, s: 2 * half(w, 1)),
    "*between* two samples": edge(
        lambda w, c, s: 2 * np.sum(c**2 * (tails(w)[1:] - w[w.size // 2 + 1 :] / 2) ** 2)
    ),
    "its own weight is no mistake": edge(lambda w, c, s: 2 * np.sum((c * tails(w)) ** 2)),
    "only the two samples": edge(lambda w, c, s: 2 * (c * tails(w)[1]) ** 2),
    "Bias²: not yet": edge(lambda w, c, s: 0.2337 * c**2 * w.size / 4),
    "sigma must be squared": edge(None, lambda w, c, s: s * np.sum(w**2)),
    "a standard deviation": edge(None, lambda w, c, s: s * np.sqrt(np.sum(w**2))),
    "where is the noise": edge(None, lambda w, c, s: np.sum(w**2)),
    "their squares do not": edge(None, lambda w, c, s: s**2),
    "equal weights only": edge(None, lambda w, c, s: s**2 / w.size),
    "this is one row": edge(None, lambda w, c, s: s**2 * np.sum(w**2) ** 2),
    "Variance: not yet": edge(None, lambda w, c, s: (255 * s) ** 2 * np.sum(w**2)),
    "this is one row. Its": edge(None, lambda w, c, s: s**2 * np.sum(np.outer(w, w) ** 2)),
}
right_row = ps2.guided_row


def ends_of(y, q, r, e):
    """Slopes and levels of the windows at the ends are cut, not mirrored."""
    result = right_row(y, q, r, e)
    result[: r - 1] = result[r]
    return result


GUIDED = {
    "Nothing is filtered": lambda y, q, r, e: y.copy(),
    "average their slopes": lambda y, q, r, e: right_row(y, q, r, e, averaged=False),
    "guided by the noisy row": lambda y, q, r, e: right_row(y, y, r, e),
    "You filter the guide": lambda y, q, r, e: right_row(q, q, r, e),
    "it is not squared": lambda y, q, r, e: right_row(y, q, r, e**2),
    "Without epsilon": lambda y, q, r, e: right_row(y, q, r, 0.0),
    "to *each* side": lambda y, q, r, e: right_row(y, q, r // 2, e),
    "not by one less": lambda y, q, r, e: right_row(y, q, r, e * 2 * r / (2 * r + 1)),
    "not padded by 0": lambda y, q, r, e: right_row(y, q, r, e, pad="constant"),
    "last sample twice": lambda y, q, r, e: right_row(y, q, r, e, pad="reflect"),
    "repeats the last sample": lambda y, q, r, e: right_row(y, q, r, e, pad="edge"),
    "wrong at the ends": ends_of,
    "Not yet": lambda y, q, r, e: right_row(y, q, 3 * r, e),  # over-blur
}


def mean_hard(theta, T, s):
    up, down = (theta - T) / s, (-theta - T) / s
    return theta * (ndtr(up) + ndtr(down)) + s * (norm.pdf(up) - norm.pdf(down))


def lost(theta, T, s):
    return ndtr((T - theta) / s) - ndtr((-T - theta) / s)


def drawn(theta, T, s):
    noise = s * np.random.default_rng(0).standard_normal((3000, 1))
    return np.mean((hard(theta + noise, T) - theta) ** 2, axis=0)


def risk_of_soft(theta, T, s):
    y = theta[:, None] + s * np.linspace(-9, 9, 20_001)
    weights = norm.pdf(np.linspace(-9, 9, 20_001)) * 18 / 20_000
    return np.sum((soft(y, T) - theta[:, None]) ** 2 * weights, axis=1)


def one_sided(theta, T, s):
    a = (T - theta) / s
    return s**2 * (a * norm.pdf(a) + ndtr(-a)) + theta**2 * ndtr(a)


risk = SOLVED["hard_risk"]
RISKS = {
    "the bias squared": lambda t, T, s: (mean_hard(t, T, s) - t) ** 2,
    "That is the variance": lambda t, T, s: risk(t, T, s) - (mean_hard(t, T, s) - t) ** 2,
    "risk of soft": risk_of_soft,
    "That is a root": lambda t, T, s: np.sqrt(risk(t, T, s)),
    "In units of sigma²": lambda t, T, s: risk(t, T, s) / s**2,
    "the noise of what survives": lambda t, T, s: lost(t, T, s) * t**2,
    "forgot what is deleted": lambda t, T, s: risk(t, T, s) - lost(t, T, s) * t**2,
    "not a fair sample": lambda t, T, s: lost(t, T, s) * t**2 + (1 - lost(t, T, s)) * s**2,
    "Values below -T": one_sided,
    "Drawn numbers": drawn,
    "Not E[(hard": lambda t, T, s: risk(t, 2 * T, s),
}


def by_rule(rule, **settings):
    return lambda y, s, levels: bayes_haar(y, s, levels, lambda b: rule(b, s), **settings)


def clean_spread(band, sigma):
    return np.sqrt(max(np.mean(band**2) - sigma**2, 1e-300))


def kept_if_silent(band, sigma):
    power = np.mean(band**2) - sigma**2
    return sigma**2 / np.sqrt(power) if power > 0 else 0.0


def wrong_scale(y, s, levels):
    """Sums of four over 4: the noise is halved from band to band, but not the threshold."""
    return bayes_haar(y, s, levels, lambda b: 2 * bayes_threshold(b / 2, s))


def everywhere(y, s, levels):
    def rule(coarse):
        return soft(coarse, bayes_threshold(coarse, s))

    return bayes_haar(y, s, levels, approximation=rule)


BAYES = {
    "nothing is shrunk": lambda y, s, levels: y.copy(),
    "That is hard": lambda y, s, levels: bayes_haar(y, s, levels, shrink=hard),
    "your sigma is not squared": by_rule(lambda b, s: s / clean_spread(b, s)),
    "divide by its square": by_rule(lambda b, s: s**2 / clean_spread(b, s) ** 2),
    "the *clean* band's": by_rule(lambda b, s: s**2 / np.sqrt(np.mean(b**2))),
    "never looks at the picture": lambda y, s, levels: bayes_haar(
        y, s, levels, lambda b: s * np.sqrt(2 * np.log(y.size))
    ),
    "no detail: leave it alone": everywhere,
    "Only the finest": lambda y, s, levels: bayes_haar(y, s, 1),
    "One level too few": lambda y, s, levels: bayes_haar(y, s, max(levels - 1, 1)),
    "mean of 2 x 2 blocks": by_rule(lambda b, s: np.inf),
    "delete it whole": by_rule(kept_if_silent),
    "brighter or darker": lambda y, s, levels: bayes_haar(y, s, levels) * 1.1,
    "Not yet": wrong_scale,
}


def forward(signal, T):
    return (one_grid(signal, T) + one_grid(np.roll(signal, 1), T)) / 2


def with_ends(signal, T):
    result, plain = both_grids(signal, T), one_grid(signal, T)
    result[[0, -1]] = (plain[[0, -1]] + signal[[0, -1]]) / 2
    return result


def rolled(signal, T, by):
    return np.roll(one_grid(np.roll(signal, 1), T), by)


SHIFTS = {
    "Nothing is deleted": lambda x, T: x.copy(),
    "one grid only, where the pairs": one_grid,
    "one grid only, the shifted": lambda x, T: rolled(x, T, -1),
    "must be shifted back": forward,
    "You shift on": lambda x, T: (one_grid(x, T) + rolled(x, T, 1)) / 2,
    "That is soft": lambda x, T: both_grids(x, T, soft),
    "the difference itself": lambda x, T: both_grids(x, T / np.sqrt(2)),
    "not over 2": lambda x, T: both_grids(x, T * np.sqrt(2)),
    "a pair of the shifted grid": with_ends,
    "yours go": lambda x, T: both_grids(x, T, lambda d, limit: d - hard(d, limit)),
    "does not shift with it": lambda x, T: 0.7 * one_grid(x, T) + 0.3 * rolled(x, T, -1),
    "Not yet": lambda x, T: (x + np.roll(x, 1) + np.roll(x, -1)) / 3,  # over-blur
}

SLIPS = {
    "edge_error": EDGES,
    "guided_row": GUIDED,
    "hard_risk": RISKS,
    "bayes_haar": BAYES,
    "two_shifts": SHIFTS,
}


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name, slips in SLIPS.items() for words in slips]
)
def test_a_slip_gets_its_hint_and_no_points(name, words):
    mutants.assert_rejected("ps2", name, SLIPS[name][words], words)


def test_the_solutions_agree_with_the_library():
    rng = np.random.default_rng(0)
    row, other = rng.random((2, 30))
    flat = guided(np.tile(row, (9, 1)), np.tile(other, (9, 1)), 2, 0.01)[4]
    np.testing.assert_allclose(SOLVED["guided_row"](row, other, 2, 0.01), flat, atol=1e-12)
    noisy = 0.5 + 0.1 * rng.standard_normal((32, 32))
    noisy[:, 13:] += 0.4
    library = WaveletShrink("haar", 2, "bayes", "soft")(noisy, 0.1)
    np.testing.assert_allclose(SOLVED["bayes_haar"](noisy, 0.1, 2), library, atol=1e-12)


def test_the_numbers_of_the_written_question():
    found = three_programs()
    (a8, a2, _), (b8, b2, _), (c8, c2, _) = (found[name] for name in "ABC")
    assert abs(c8.width - 4.0) < 0.1 and abs(c2.width - 4.0) < 0.1 and c2.width_per_draw > 3.7
    assert a8.width < 1.2 and abs(a2.width - 4.0) < 0.2 and a2.width_per_draw > 3
    assert b8.width < 0.9 and 2.4 < b2.width < 2.8 and b2.width_per_draw < 0.75
    assert b2.jitter > 1.5 * a2.jitter
    assert abs(SOLVED["hard_risk"](np.array([2.0]), 3.0, 1.0)[0] - 3.8) < 0.05
