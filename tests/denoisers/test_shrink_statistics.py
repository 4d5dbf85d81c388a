"""Mean and variance after thresholding: closed forms against draws and limits."""

import numpy as np
import pytest

from lessons_lib.denoisers import thresholds
from lessons_lib.denoisers.shrink_statistics import shrunk_mean, shrunk_variance, survival

DRAWS = 400_000


@pytest.mark.parametrize("mode", ["soft", "hard"])
@pytest.mark.parametrize("theta", [0.0, 0.03, -0.15, 0.4])
def test_closed_forms_against_draws(mode, theta):
    sigma, threshold = 0.1, 0.2
    noisy = theta + sigma * np.random.default_rng(0).standard_normal(DRAWS)
    shrunk = getattr(thresholds, mode)(noisy, threshold)
    # Four standard errors: of a mean, and of a variance (its fourth moment from the draws).
    error = 4 * sigma / np.sqrt(DRAWS)
    assert shrunk_mean(theta, threshold, sigma, mode) == pytest.approx(shrunk.mean(), abs=error)
    spread = 4 * np.std((shrunk - shrunk.mean()) ** 2) / np.sqrt(DRAWS)
    variance = shrunk_variance(theta, threshold, sigma, mode)
    assert variance == pytest.approx(shrunk.var(), abs=spread)
    kept = np.mean(np.abs(noisy) > threshold)
    assert survival(theta, threshold, sigma) == pytest.approx(kept, abs=4 * 0.5 / np.sqrt(DRAWS))


def test_without_a_threshold_nothing_happens():
    theta = np.linspace(-3, 3, 7)
    for mode in ("soft", "hard"):
        np.testing.assert_allclose(shrunk_mean(theta, 0, 1, mode), theta, atol=1e-14)
        np.testing.assert_allclose(shrunk_variance(theta, 0, 1, mode), 1, atol=1e-13)


def test_far_above_the_threshold_soft_is_off_by_the_threshold_and_hard_is_right():
    assert shrunk_mean(20.0, 3, 1, "soft") == pytest.approx(17.0, abs=1e-12)
    assert shrunk_mean(20.0, 3, 1, "hard") == pytest.approx(20.0, abs=1e-12)
    assert shrunk_variance(20.0, 3, 1, "soft") == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_the_variance_of_a_huge_coefficient_is_that_of_its_noise(mode):
    # Squares of 1e8 have no digits left for a variance of 1.
    for theta in (1e4, 1e8, -1e8):
        assert shrunk_variance(theta, 3, 1, mode) == pytest.approx(1, abs=1e-12)
        assert shrunk_variance(theta * 0.1, 0.3, 0.1, mode) == pytest.approx(0.01, abs=1e-14)


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_mean_and_variance_against_a_sum_over_all_noise(mode):
    noise = np.linspace(-12, 12, 480_001)
    weights = np.exp(-(noise**2) / 2)
    weights /= weights.sum()
    for theta in (0.0, 0.7, -2.9, 3.0, 6.0):
        shrunk = getattr(thresholds, mode)(theta + noise, 3.0)
        mean = np.sum(weights * shrunk)
        variance = np.sum(weights * (shrunk - mean) ** 2)
        # Steps of 5e-5 at a jump of 3.
        assert shrunk_mean(theta, 3, 1, mode) == pytest.approx(mean, abs=3e-4)
        assert shrunk_variance(theta, 3, 1, mode) == pytest.approx(variance, abs=1e-3)


@pytest.mark.parametrize("statistic", [shrunk_mean, shrunk_variance])
def test_an_unknown_mode_is_refused(statistic):
    with pytest.raises(ValueError, match="mode must be one of soft, hard; got 'firm'"):
        statistic(1.0, 3, 1, mode="firm")


def test_a_negative_threshold_is_refused():
    with pytest.raises(ValueError, match="threshold must be 0 or more"):
        survival(1.0, -1, 1)
