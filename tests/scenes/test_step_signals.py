"""The exact posterior of a small set of signals."""

import numpy as np
import pytest

from lessons_lib.scenes.step_signals import (
    draw_noisy,
    most_probable,
    posterior,
    posterior_draw,
    posterior_mean,
    posterior_median,
    unit_steps,
)

STEPS = unit_steps(64)


def test_there_is_one_step_at_each_place():
    np.testing.assert_array_equal(
        unit_steps(4), [[0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]]
    )
    assert unit_steps(2).tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="length must be at least 2 for a step to fit, got 1"):
        unit_steps(1)


def test_the_posterior_is_bayes_rule_written_out():
    points = np.array([[0.0, 1, 2], [1, 1, 1], [0.3, -2, 0.5]])
    noisy, sigma = np.array([0.4, 0.2, 1.0]), 0.7
    density = [
        np.prod(np.exp(-((noisy - p) ** 2) / (2 * sigma**2)) / sigma / np.sqrt(2 * np.pi))
        for p in points
    ]
    expected = np.array(density) / np.sum(density)
    np.testing.assert_allclose(posterior(noisy, sigma, points), expected, rtol=1e-13)
    mean = sum(p * point for p, point in zip(expected, points, strict=True))
    np.testing.assert_allclose(posterior_mean(noisy, sigma, points), mean, rtol=1e-13)


def test_two_points_have_the_logistic_posterior():
    points, sigma = np.array([[-1.0], [1.0]]), 0.8
    noisy = np.linspace(-3, 3, 13)[:, np.newaxis]
    # Closed form: the mean of +-1 in noise is tanh(y / sigma^2).
    np.testing.assert_allclose(
        posterior_mean(noisy, sigma, points), np.tanh(noisy / sigma**2), atol=1e-14
    )


def test_the_mean_of_steps_is_the_distribution_of_their_place():
    _, noisy = draw_noisy(STEPS, 1.0, 5, np.random.default_rng(0))
    probability = posterior(noisy, 1.0, STEPS)
    mean = posterior_mean(noisy, 1.0, STEPS)
    assert np.all(mean[:, 0] == 0)
    np.testing.assert_allclose(mean[:, 1:], np.cumsum(probability, axis=1), atol=1e-14)
    np.testing.assert_array_equal(posterior_median(noisy, 1.0, STEPS), mean >= 0.5)


def test_the_median_is_the_weighted_median_of_each_sample():
    rng = np.random.default_rng(1)
    points, noisy = rng.standard_normal((7, 5)), rng.standard_normal((4, 5))
    found = posterior_median(noisy, 0.9, points)
    for row, weights in zip(found, posterior(noisy, 0.9, points), strict=True):
        # Reference: the absolute error is least at one of the points.
        error = np.abs(points[:, None] - points[None]).transpose(0, 2, 1) @ weights
        np.testing.assert_array_equal(row, points[error.argmin(axis=0), np.arange(5)])


@pytest.mark.parametrize("sigma", [1e-200, 1e-8, 1e-3, 50.0, 1e8, 1e200])
def test_no_noise_level_is_too_small_or_too_large(sigma):
    with np.errstate(over="ignore"):  # at 1e-200 an exponent of minus infinity is right
        probability = posterior(STEPS + 0.1, sigma, STEPS)
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-12)
    if sigma < 0.01:
        np.testing.assert_array_equal(probability, np.eye(63))
    if sigma > 1e6:
        np.testing.assert_allclose(probability, 1 / 63, rtol=1e-6)


def test_each_signal_may_have_its_own_noise_level():
    _, noisy = draw_noisy(STEPS, 0.5, 3, np.random.default_rng(2))
    levels = np.array([0.2, 0.5, 2.0])
    together = posterior(noisy, levels, STEPS)
    alone = [posterior(y, s, STEPS) for y, s in zip(noisy, levels, strict=True)]
    np.testing.assert_allclose(together, alone, atol=1e-15)


def test_the_most_probable_point_is_the_nearest():
    _, noisy = draw_noisy(STEPS, 1.0, 50, np.random.default_rng(3))
    nearest = np.sum((noisy[:, None] - STEPS) ** 2, axis=2).argmin(axis=1)
    np.testing.assert_array_equal(most_probable(noisy, STEPS), STEPS[nearest])


def test_draws_have_the_posterior_distribution():
    rng = np.random.default_rng(4)
    _, noisy = draw_noisy(STEPS, 1.0, 1, rng)
    draws = posterior_draw(np.repeat(noisy, 20_000, axis=0), 1.0, STEPS, rng)
    mean = posterior_mean(noisy, 1.0, STEPS)[0]
    # Shares of 20,000: standard error at most .0035; five of it.
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.018)
    assert set(map(tuple, draws)) <= set(map(tuple, STEPS))


@pytest.mark.parametrize("sigma", [0.25, 0.5, 1.0, 2.0])
def test_what_each_answer_costs(sigma):
    rng = np.random.default_rng(5)
    clean, noisy = draw_noisy(STEPS, sigma, 20_000, rng)

    def cost(estimate):
        return np.mean((clean - estimate) ** 2)

    least = cost(posterior_mean(noisy, sigma, STEPS))
    # Errors cluster in whole signals, mostly so at .25: seen to stray by .03 over seeds.
    assert cost(posterior_draw(noisy, sigma, STEPS, rng)) / least == pytest.approx(2, abs=0.12)
    assert 1.22 < cost(most_probable(noisy, STEPS)) / least < 1.68
    median = posterior_median(noisy, sigma, STEPS)
    assert cost(median) > 1.2 * least
    absolute = [
        np.mean(np.abs(clean - one))
        for one in (median, posterior_mean(noisy, sigma, STEPS), most_probable(noisy, STEPS))
    ]
    assert absolute[0] < absolute[1] and absolute[0] < absolute[2]


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="sigma must be above 0, got 0; without noise the signal"):
        posterior(STEPS[0], 0.0, STEPS)
    with pytest.raises(ValueError, match="the signals have 10 samples and the points 64; make"):
        posterior(np.zeros(10), 1.0, STEPS)
