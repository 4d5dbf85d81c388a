"""The samplers on worlds so small that every answer is known in closed form.

Three worlds: one known point; a normal distribution, for which each step is a multiplication;
and a unit step at an unknown place, whose posterior Bayes' rule gives.
"""

from collections import deque
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from lessons_lib.learning.diffusion import (
    ancestral,
    ancestral_heun,
    ancestral_step,
    euler,
    euler_step,
    heun,
    noise_levels,
)
from lessons_lib.scenes.step_signals import draw_noisy, posterior, posterior_mean, unit_steps

STEPS = unit_steps(64)
ideal = partial(posterior_mean, points=STEPS)


def last(states):
    """Where a sampler ends."""
    return deque(states, maxlen=1).pop().picture


def normal(rng, shape):
    return lambda: rng.standard_normal(shape)


def zeros():
    return 0.0


def levels_for(sigma, steps):
    return noise_levels(sigma, steps, end=0.02 * sigma, bend=1)


# -- schedules


@pytest.mark.parametrize("bend", [1.0, 3.0, 7.0])
def test_levels_are_equation_5_of_the_paper(bend):
    levels = noise_levels(80.0, 18, end=0.002, bend=bend)
    assert len(levels) == 19 and levels[0] == 80.0 and levels[-1] == 0.0
    assert np.all(np.diff(levels) < 0)
    roots = levels[:-1] ** (1 / bend)
    # Even steps between the roots, up to rounding of a power and its root.
    np.testing.assert_allclose(np.diff(roots), np.diff(roots)[0], rtol=1e-9)
    assert levels[-2] == pytest.approx(0.002, rel=1e-10)


def test_one_step_goes_straight_to_zero():
    np.testing.assert_array_equal(noise_levels(0.1, 1, end=0.1), [0.1, 0.0])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"start": 0.1, "steps": 5, "end": 0.2}, "0 < end <= start"),
        ({"start": 0.1, "steps": 5, "end": 0.0}, "0 < end <= start"),
        ({"start": np.inf, "steps": 5, "end": 0.1}, "0 < end <= start"),
        ({"start": 0.1, "steps": 0, "end": 0.1}, "at least 1, got 0"),
        ({"start": 0.1, "steps": 2.5, "end": 0.1}, "whole number"),
        ({"start": 0.1, "steps": 5, "end": 0.01, "bend": 0.5}, "even steps"),
    ],
)
def test_impossible_schedules_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        noise_levels(**settings)


@pytest.mark.parametrize("levels", [[1.0], [1.0, 0.5], [0.5, 1.0, 0.0], [1.0, 1.0, 0.0]])
@pytest.mark.parametrize(
    "sampler",
    [euler, heun, partial(ancestral, draw=zeros), partial(ancestral_heun, draw=zeros)],
)
def test_levels_must_fall_to_zero(sampler, levels):
    with pytest.raises(ValueError, match="must fall and end with 0"):
        next(sampler(np.zeros(3), levels, lambda x, sigma: x))


# -- what every sampler does


@pytest.mark.parametrize(
    ("sampler", "calls"),
    [
        (euler, 6),
        (heun, 11),
        (partial(ancestral, draw=zeros), 6),
        (partial(ancestral_heun, draw=zeros), 6),
    ],
)
def test_a_sampler_yields_each_level_and_asks_when_asked(sampler, calls):
    asked = []

    def denoise(x, sigma):
        asked.append(sigma)
        return 0.5 * x

    start = np.ones(4)
    levels = noise_levels(2.0, 6, end=0.1)
    states = sampler(start, levels, denoise)
    assert asked == []
    first = next(states)
    assert asked == [2.0] and first.sigma == 2.0 and first.picture is start
    np.testing.assert_array_equal(first.estimate, 0.5)
    rest = list(states)
    assert [state.sigma for state in [first, *rest]] == list(levels)
    assert rest[-1].picture is rest[-1].estimate and len(asked) == calls
    np.testing.assert_array_equal(start, 1.0)


@pytest.mark.parametrize("sampler", [euler, heun, ancestral, ancestral_heun])
def test_float32_stays_float32(sampler):
    start = np.ones((2, 3), np.float32)
    draw = partial(np.random.default_rng(0).standard_normal, (2, 3), np.float32)
    run = partial(sampler, draw=draw) if sampler in (ancestral, ancestral_heun) else sampler
    for state in run(start, noise_levels(0.1, 4, end=0.01), lambda x, sigma: x / 2):
        assert state.picture.dtype == state.estimate.dtype == np.float32


# -- one known point: each step is exact


def test_a_known_picture_keeps_just_the_noise_of_its_level():
    rng = np.random.default_rng(0)
    x = 0.3 + 0.5 * rng.standard_normal(200_000)
    for here, there in pairwise([0.5, 0.3, 0.29, 0.01]):
        straight = euler_step(x, 0.3, here, there)
        x = ancestral_step(x, 0.3, here, there, rng.standard_normal(200_000))
        for made in (x, straight):
            # 200,000 draws know a standard deviation to 0.16 %, a mean to 0.22 % of it.
            assert made.std() == pytest.approx(there, rel=4 * 0.0016)
            assert made.mean() == pytest.approx(0.3, abs=4 * 0.0023 * there)


def test_the_ancestral_step_is_the_textbook_bridge():
    """x(there) given x(here) and the clean value: the product of two normal densities."""
    clean, x, here, there = 0.2, 0.9, 0.5, 0.35
    grid = np.linspace(-3, 4, 200_001)
    density = np.exp(-((grid - clean) ** 2) / (2 * there**2))
    density *= np.exp(-((x - grid) ** 2) / (2 * (here**2 - there**2)))
    density /= density.sum()
    mean = (density * grid).sum()
    spread = np.sqrt((density * (grid - mean) ** 2).sum())
    # A sum over a fine grid is exact to rounding for a normal density.
    assert ancestral_step(x, clean, here, there, 0.0) == pytest.approx(mean, abs=1e-9)
    moved = ancestral_step(x, clean, here, there, 1.0) - ancestral_step(x, clean, here, there, 0.0)
    assert moved == pytest.approx(spread, abs=1e-9)


# -- a normal distribution of standard deviation 1: D(x, sigma) = x / (1 + sigma^2)


def wiener(x, sigma):
    return x / (1 + sigma**2)


def ancestral_moments(levels):
    """Factor of the mean and variance of what an ancestral sampler makes of one number."""
    factor, variance = 1.0, 0.0
    for here, there in pairwise(levels):
        kept, gain = (there / here) ** 2, 1 / (1 + here**2)
        grow = gain + kept * (1 - gain)
        factor *= grow
        variance = grow**2 * variance + there**2 * (1 - kept)
    return factor, variance


@pytest.mark.parametrize(("sampler", "order"), [(euler, 1), (heun, 2)])
def test_deterministic_samplers_converge_at_their_order(sampler, order):
    """The flow has the solution x(t) / sqrt(1 + t^2) = const."""
    exact, errors = 1 / np.sqrt(1 + 2.0**2), []
    for steps in (32, 64, 128):
        # The last level is put so near to 0 that the step from it to 0 counts for nothing.
        levels = noise_levels(2.0, steps, end=1e-5, bend=3)
        errors.append(abs(last(sampler(np.array([1.0]), levels, wiener))[0] - exact))
    # Orders are limits; at 32 steps the next term still counts for some per cent.
    rates = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(rates, order, atol=0.2)
    assert errors[-1] < 0.02 / 16 ** (order - 1)


def test_ancestral_draws_have_the_predicted_mean_and_variance():
    rng = np.random.default_rng(1)
    for steps in (5, 20):
        levels = levels_for(1.0, steps)
        factor, variance = ancestral_moments(levels)
        x = last(ancestral(np.full(100_000, 0.8), levels, wiener, normal(rng, 100_000)))
        # 100,000 draws: the mean is known to spread / 316, a variance to 0.45 %.
        assert x.mean() == pytest.approx(0.8 * factor, abs=4 * np.sqrt(variance) / 316)
        assert x.var() == pytest.approx(variance, rel=4 * 0.0045)


def heun_moments(levels):
    """The same for the sampler that looks twice, as weights on the photo and on each noise."""
    weights = np.zeros((2, len(levels)))  # x, and the look; column 0 is the photo's
    weights[:, 0] = 1, 1 / (1 + levels[0] ** 2)
    for number, (here, there) in enumerate(pairwise(levels[:-1]), 1):
        x, look = weights
        kept, noise = (there / here) ** 2, np.zeros(len(levels))
        noise[number] = there * np.sqrt(1 - kept)
        seen = (look + kept * (x - look) + noise) / (1 + there**2)
        middle = (look + seen) / 2
        weights = np.stack([middle + kept * (x - middle) + noise, seen])
    return weights[1, 0], np.sum(weights[1, 1:] ** 2)


def test_the_second_look_has_the_predicted_mean_and_variance():
    rng = np.random.default_rng(6)
    for steps in (5, 20):
        levels = levels_for(1.0, steps)
        factor, variance = heun_moments(levels)
        x = last(ancestral_heun(np.full(100_000, 0.8), levels, wiener, normal(rng, 100_000)))
        assert x.mean() == pytest.approx(0.8 * factor, abs=4 * np.sqrt(variance) / 316)
        assert x.var() == pytest.approx(variance, rel=4 * 0.0045)  # as above


def test_few_steps_vary_too_little_and_many_reach_the_posterior():
    """The posterior of x for noise 1: mean x / 2, variance 1 / 2."""
    counts = (5, 20, 100, 400)
    for moments, order, bias_of_20 in ((ancestral_moments, 1, 0.087), (heun_moments, 2, 0.037)):
        found = [moments(levels_for(1.0, steps)) for steps in counts]
        for factor, _ in found:
            assert factor == pytest.approx(0.5, abs=1e-12)  # this mean has no bias at all
        # The last step, from 0.02 to 0, always costs about 0.02^2.
        biases = np.array([0.5 - 0.02**2 - variance for _, variance in found])
        assert np.all(np.diff(biases) < 0) and biases[-1] > 0, "few steps vary too little"
        assert biases[1] == pytest.approx(bias_of_20, abs=0.001)
        # Four times the steps: a quarter of the bias, or a sixteenth; a limit, nearly reached.
        assert np.log(biases[2] / biases[3]) / np.log(4) == pytest.approx(order, abs=0.12)


# -- a unit step at an unknown place


@pytest.fixture(scope="module")
def pairs():
    """Clean steps, noisy ones, and the best estimate, for noise as strong as the step."""
    clean, noisy = draw_noisy(STEPS, 1.0, 10_000, np.random.default_rng(2))
    return clean, noisy, ideal(noisy, 1.0)


def draw(noisy, steps, seed=3, sigma=1.0, sampler=ancestral):
    rng = np.random.default_rng(seed)
    return last(sampler(noisy, levels_for(sigma, steps), ideal, normal(rng, noisy.shape)))


def squared(a, b):
    return np.mean((a - b) ** 2, axis=-1)


@pytest.mark.parametrize(
    ("sigma", "sampler", "steps"), [(0.5, ancestral, 200), (1.0, ancestral_heun, 60)]
)
def test_draws_reproduce_the_posterior_of_one_signal(sigma, sampler, steps):
    _, noisy = draw_noisy(STEPS, sigma, 1, np.random.default_rng(11))
    probability, count = posterior(noisy[0], sigma, STEPS), 4000
    draws = draw(np.repeat(noisy, count, axis=0), steps, sigma=sigma, sampler=sampler)
    assert np.abs(draws - np.rint(draws)).max() < 0.01, "each draw is one of the steps"
    mean = probability @ STEPS
    spread = np.sqrt(mean * (1 - mean))  # of a sample that is 0 or 1
    # Monte Carlo error of a mean of 4,000; the bias of the steps is allowed 0.02 beside it.
    assert np.all(np.abs(draws.mean(axis=0) - mean) < 4 * spread / np.sqrt(count) + 0.02)
    variance = draws.var(axis=0)
    error = 4 * np.sqrt(np.maximum(spread**2 * (1 - 4 * spread**2), 0) / count)
    assert np.all(np.abs(variance - spread**2) < error + 0.02)
    places = np.bincount(64 - np.rint(draws.sum(axis=1)).astype(int), minlength=64)[1:] / count
    assert 0.5 * np.abs(places - probability).sum() < 0.05  # total variation


def test_a_draw_has_twice_the_least_error(pairs):
    clean, noisy, mean = pairs
    least = squared(mean, clean).mean()
    ratios = {n: squared(draw(noisy, n), clean).mean() / least for n in (5, 20, 100)}
    # 10,000 pairs know the ratio to 0.02; 5 % is asked for, and 100 steps cost about 1 %.
    assert ratios[100] == pytest.approx(2, rel=0.05)
    assert ratios[5] < ratios[20] < ratios[100], "few steps vary too little"
    assert 1.7 < ratios[5] < 1.8 and 1.85 < ratios[20] < 1.97


def test_with_a_second_look_twenty_steps_are_nearly_enough(pairs):
    """How far draws are from the mean is known better than the ratio: the truth is not in it."""
    _, noisy, mean = pairs
    least = np.mean(mean - mean**2)  # the variance of a sample that is 0 or 1
    shares = [
        squared(draw(noisy, 20, sampler=sampler), mean).mean() / least
        for sampler in (ancestral, ancestral_heun)
    ]
    # 10,000 draws know a share to 0.01.
    assert shares[0] < 0.95 < shares[1] < 1.02 and shares[1] > shares[0] + 0.02


def test_the_mean_of_draws_climbs_back(pairs):
    """(1 + 1 / N) times the least error, and blends (1 + share^2) times."""
    clean, noisy, mean = (part[:3000] for part in pairs)
    draws = [draw(noisy, 100, seed) for seed in range(4)]
    least = squared(mean, clean).mean()
    for number in (2, 4):
        ratio = squared(np.mean(draws[:number], axis=0), clean).mean() / least
        assert ratio == pytest.approx(1 + 1 / number, rel=0.05)  # as above, of fewer pairs
    for share in (0.25, 0.5):
        ratio = squared(mean + share * (draws[0] - mean), clean).mean() / least
        assert ratio == pytest.approx(1 + share**2, rel=0.05)


def test_each_look_on_the_way_commits_to_more(pairs):
    """The estimate at level t has the error 2 mmse(sigma) - mmse(t)."""
    clean, noisy, mean = pairs
    rng = np.random.default_rng(5)
    least = squared(mean, clean).mean()
    for state in ancestral(noisy, levels_for(1.0, 100), ideal, normal(rng, noisy.shape)):
        if min(abs(state.sigma - level) for level in (1.0, 0.7, 0.45, 0.3)) > 0.005:
            continue
        other, seen = draw_noisy(STEPS, state.sigma, 20_000, rng)
        predicted = 2 * least - squared(ideal(seen, state.sigma), other).mean()
        assert squared(state.estimate, clean).mean() == pytest.approx(predicted, rel=0.05)


@pytest.mark.parametrize("sampler", [euler, heun])
def test_the_flow_gives_one_answer_for_each_photo(pairs, sampler):
    clean, noisy, mean = (part[:4000] for part in pairs)
    levels = levels_for(1.0, 40)
    once, again = (last(sampler(noisy, levels, ideal)) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert np.abs(once - np.rint(once)).max() < 0.01, "a sharp step all the same"
    # Less than a draw, for its choice follows the noise; 1.46 with a standard error of 0.03.
    assert 1.35 < squared(once, clean).mean() / squared(mean, clean).mean() < 1.57


@pytest.mark.parametrize("sampler", [euler, heun])
def test_more_steps_change_less_and_less(pairs, sampler):
    _, noisy, _ = (part[:500] for part in pairs)
    answers = [last(sampler(noisy, levels_for(1.0, steps), ideal)) for steps in (5, 20, 80, 320)]
    gaps = [squared(a, answers[-1]).mean() for a in answers[:-1]]
    assert gaps[0] > 2 * gaps[1] > 4 * gaps[2]


@pytest.mark.parametrize("sampler", [euler, heun, ancestral, ancestral_heun])
def test_from_pure_noise_each_step_is_as_frequent_as_the_others(sampler):
    rng = np.random.default_rng(7)
    count, start_level = 6300, 80.0
    start = STEPS.mean(axis=0) + start_level * rng.standard_normal((count, 64))
    levels = noise_levels(start_level, 60, end=0.02)
    if sampler in (ancestral, ancestral_heun):
        sampler = partial(sampler, draw=normal(rng, start.shape))
    made = last(sampler(start, levels, ideal))
    assert np.abs(made - np.rint(made)).max() < 0.01
    number = np.bincount(64 - np.rint(made.sum(axis=1)).astype(int), minlength=64)[1:]
    distance = np.sum((number - 100) ** 2 / 100)
    # Chi-squared with 62 degrees of freedom has the standard deviation 11.
    assert distance < 62 + 4 * 11.1
