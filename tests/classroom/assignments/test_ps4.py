"""PS4: its model answers pass in every class, and typical slips are named and fail."""

import numpy as np
import pytest
from mutants import (
    assert_accepted,
    assert_rejected,
    solutions,
)

from lessons_lib.classroom.assignments.judging import public_check
from lessons_lib.classroom.assignments.ps4_shown import measure_ramps, rise_width


def right(name):
    return solutions("ps4")[name]


# -- 1


def facts(weights=None, work=None, view=None):
    """The model answer with one of its numbers replaced by a slip's."""

    def answer(layers):
        grid = np.cumprod([layer[3] for layer in layers])
        found = list(right("cost_and_view")(layers))
        for which, slip in enumerate((weights, work, view)):
            if slip is not None:
                found[which] = slip(np.array(layers, dtype=float).T, grid)
        return tuple(float(one) for one in found)

    return answer


def all_weights(at):
    return at[0] * at[1] * at[2] ** 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (facts(weights=lambda at, g: np.sum(at[0] * at[1] * at[2])), "side² of them"),
        (facts(weights=lambda at, g: np.sum(at[1] * at[2] ** 2)), "for *each* input map"),
        (facts(weights=lambda at, g: np.sum(all_weights(at) + at[1])), "The weights are not"),
        (facts(work=lambda at, g: np.sum(all_weights(at))), "fewer pixels to write"),
        (facts(work=lambda at, g: np.sum(all_weights(at) / g)), "rows *and* columns"),
        (
            facts(work=lambda at, g: np.sum(all_weights(at) / (g / at[3]) ** 2)),
            "fewer pixels itself",
        ),
        (facts(view=lambda at, g: 1 + np.sum(at[2] - 1)), "2 px of the picture apart"),
        (facts(view=lambda at, g: 1 + np.sum((at[2] - 1) * g)), "what comes *after* it"),
        (facts(view=lambda at, g: np.sum((at[2] - 1) * g / at[3])), "not none"),
        (facts(view=lambda at, g: 1 + np.sum(at[2] * g / at[3])), "a filter of 3 adds 2"),
        (lambda layers: right("cost_and_view")(layers)[::-1], "The weights are not"),
        (lambda layers: (0, 0, 0), "The weights are not"),
    ],
)
def test_slips_in_cost_and_view(answer, words):
    assert_rejected("ps4", "cost_and_view", answer, words)


def test_the_networks_of_the_lesson_have_the_costs_that_it_shows():
    tiny = [(2, 16, 3, 1), *[(16, 16, 3, 1)] * 3, (16, 1, 3, 1)]
    assert right("cost_and_view")(tiny) == (7344, 7344, 11)


# -- 2


def climb(noisy, low, high, width):
    steps = np.where(np.arange(len(noisy)) >= np.arange(1, len(noisy))[:, None], high, low)
    distance = np.sum((noisy - steps) ** 2, axis=1)
    chance = np.exp(-(distance - distance.min()) / width)
    return steps, chance / chance.sum()


def by_table(noisy, sigma, low, high):
    """The posterior mean from a table of all steps: right, and written in another way."""
    steps, chance = climb(noisy, low, high, 2 * sigma**2)
    return chance @ steps


def other_width(width):
    def answer(noisy, sigma, low, high):
        steps, chance = climb(noisy, low, high, width(sigma))
        return chance @ steps

    return answer


def most_probable(noisy, sigma, low, high):
    steps, chance = climb(noisy, low, high, 2 * sigma**2)
    return steps[chance.argmax()]


def median(noisy, sigma, low, high):
    share = (by_table(noisy, sigma, low, high) - low) / (high - low)
    return np.where(share > 0.5, high, low)


def underflowing(noisy, sigma, low, high):
    steps, _ = climb(noisy, low, high, 1)
    chance = np.exp(-np.sum((noisy - steps) ** 2, axis=1) / (2 * sigma**2))
    return chance / chance.sum() @ steps


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda y, s, a, b: y.copy(), "the noisy signal"),
        (lambda y, s, a, b: np.linspace(a, b, len(y)), "every place alike"),
        (lambda y, s, a, b: np.convolve(y, np.ones(9) / 9, "same"), "Not the posterior mean"),
        (most_probable, "the most probable one"),
        (median, "one sharp step"),
        (underflowing, "not finite"),
        (other_width(lambda s: s**2), "*twice* sigma squared"),
        (other_width(lambda s: 2 * s), "not 2 sigma"),
        (other_width(lambda s: 2 * (255 * s) ** 2), "Not the posterior mean"),
        (lambda y, s, a, b: (by_table(y, s, a, b) - a) / (b - a), "from 0 to 1"),
        (lambda y, s, a, b: np.r_[a, by_table(y, s, a, b)[:-1]], "one sample late"),
        (lambda y, s, a, b: np.r_[by_table(y, s, a, b)[1:], b], "one sample early"),
        (lambda y, s, a, b: by_table(y, s, min(a, b), max(a, b)), "Not the posterior mean"),
        (other_width(lambda s: np.inf), "every place alike"),
        (lambda y, s, a, b: by_table(y, s, a, b)[1:], "with the shape"),
    ],
)
def test_slips_in_the_ramp(answer, words):
    assert_rejected("ps4", "ramp", answer, words)


def test_the_ramp_by_a_table_of_steps_passes_too():
    assert_accepted("ps4", "ramp", by_table)


# -- 3


def error(one, two):
    return np.mean((one - two) ** 2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda e, a, b: error(e, a), "against one *noisy* shot"),
        (lambda e, a, b: error(e, b), "against the other *noisy* shot"),
        (lambda e, a, b: error(e, (a + b) / 2), "the mean of both shots"),
        (lambda e, a, b: np.sqrt(np.mean((e - a) * (e - b))), "A root too many"),
        (lambda e, a, b: np.sum((e - a) * (e - b)), "sum over the pixels"),
        (lambda e, a, b: error(a, b), "where is the estimate"),
        (lambda e, a, b: error(e, a) - error(a, b) / 2, "*not* equally strong"),
        (lambda e, a, b: np.abs(np.mean(e - a) * np.mean(e - b)), "Off by more than chance"),
        (lambda e, a, b: 255**2 * np.mean((e - a) * (e - b)), "Off by more than chance"),
        (lambda e, a, b: 0.0, "Off by more than chance"),
    ],
)
def test_slips_in_the_risk(answer, words):
    assert_rejected("ps4", "risk_from_shots", answer, words)


def test_the_risk_by_differences_of_squares_passes_too():
    def answer(estimate, second, third):
        return (error(estimate, second) + error(estimate, third) - error(second, third)) / 2

    assert_accepted("ps4", "risk_from_shots", answer)


# -- 4


def size(difference):
    return np.sqrt(np.mean(difference**2))


def defects(scale=None, offset=None):
    def answer(D, y, s, a, b):
        found = right("defects")(D, y, s, a, b)
        return (
            scale(D, y, s, a) if scale else found[0],
            offset(D, y, s, b) if offset else found[1],
        )

    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda D, y, s, a, b: (0.0, 0.0), "is not right for Stabilised"),
        (
            defects(lambda D, y, s, a: size(D(a * y, s) - a * D(y, s)) / (a * s)),
            "tell the denoiser",
        ),
        (
            defects(lambda D, y, s, a: size(D(a * y, a * s) - D(y, s)) / (a * s)),
            "`factor` times the",
        ),
        (defects(lambda D, y, s, a: size(D(a * y, a * s) - a * D(y, s)) / s), "brighter picture"),
        (defects(lambda D, y, s, a: size(D(a * y, a * s) - a * D(y, s))), "still in image units"),
        (
            defects(offset=lambda D, y, s, b: size(D(y + b, s) - D(y, s)) / s),
            "take the offset off again",
        ),
        (
            defects(offset=lambda D, y, s, b: size(D(y + b, s + b) - b - D(y, s)) / s),
            "sigma does not change",
        ),
        (
            defects(offset=lambda D, y, s, b: size(D(y + b, s) - b - D(y, s))),
            "divide by sigma",
        ),
        (
            defects(offset=lambda D, y, s, b: np.mean(D(y + b, s) - b - D(y, s)) / s),
            "offset's defect is not right",
        ),
        (lambda *given: right("defects")(*given)[::-1], "defect is not right"),
    ],
)
def test_slips_in_the_defects(answer, words):
    assert_rejected("ps4", "defects", answer, words)


# -- 5


def grams(one, filters, positive=True, mean=True, flip=False):
    filters = filters[:, ::-1, ::-1] if flip else filters
    windows = np.lib.stride_tricks.sliding_window_view(one, filters.shape[1:])
    maps = np.einsum("ijab,kab->kij", windows, filters).reshape(len(filters), -1)
    maps = np.maximum(maps, 0) if positive else maps
    return maps @ maps.T / (maps.shape[1] if mean else 1)


def distance(compare, **how):
    def answer(image, wanted, filters):
        return float(compare(grams(image, filters, **how), grams(wanted, filters, **how)))

    return answer


def relative(G, W):
    return np.sum((G - W) ** 2) / np.sum(W**2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (distance(relative, positive=False), "Where is the ReLU"),
        (distance(relative, mean=False), "*mean* of the products"),
        (distance(relative, flip=True), "turned by 180 degrees"),
        (distance(lambda G, W: relative(W, G)), "of the *wanted* Gram matrix"),
        (distance(lambda G, W: np.sum((G - W) ** 2) / np.sum(W)), "Squares below as well"),
        (distance(lambda G, W: np.sum((G - W) ** 2)), "Relative, please"),
        (distance(lambda G, W: np.mean((G - W) ** 2)), "mean over the entries"),
        (distance(lambda G, W: np.sqrt(relative(G, W))), "A root too many"),
        (distance(lambda G, W: relative(np.diag(G), np.diag(W))), "has all pairs"),
        (distance(lambda G, W: 0.0), "Not the distance"),
        (lambda a, b, f: float(np.var(a) / np.var(b)), "Not the distance"),
    ],
)
def test_slips_in_the_texture_distance(answer, words):
    assert_rejected("ps4", "texture_distance", answer, words)


def test_an_open_question_says_so():
    def answer(layers):
        raise NotImplementedError

    with pytest.raises(AssertionError, match="not answered yet"):
        public_check("ps4", "cost_and_view", answer)


# -- what is shown


def test_the_measured_width_is_read_off_between_samples():
    line = np.clip((np.arange(50) - 10) / 20, 0, 1) * 3
    assert rise_width(line, 3.0) == pytest.approx(16)  # 80 % of 20 samples


def test_the_ramps_width_goes_with_the_square_and_the_gaussians_does_not():
    found = [
        measure_ramps(right("ramp"), ratio, np.random.default_rng(0), count=60)
        for ratio in (2.0, 1.0)
    ]
    # 60 ramps know their mean width to a tenth; 4 is what the law says.
    assert found[1][0] / found[0][0] == pytest.approx(4, rel=0.3)
    assert found[0][1] == pytest.approx(found[1][1]) and found[1][2] > 1.1
