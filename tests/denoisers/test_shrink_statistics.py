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


def test_a_negative_threshold_is_refused():
    with pytest.raises(ValueError, match="threshold must be 0 or more"):
        survival(1.0, -1, 1)
