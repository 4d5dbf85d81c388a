"""The Fourier Wiener filter: its gain, its optimality, and its equivalent kernel."""

import numpy as np
import pytest
from scipy import fft

from lessons_lib.denoisers import FourierWiener, fourier_wiener, wiener_gain
from lessons_lib.denoisers.fourier_wiener import RING_WIDTH, frequencies, ring_power
from lessons_lib.scenes.pictures import picture


def test_the_gain_is_one_half_where_both_are_equally_strong():
    assert wiener_gain(np.array(0.04), 0.2**2) == pytest.approx(0.5)
    assert wiener_gain(np.array(0.0), 0.2**2) == 0


def test_no_other_gain_does_better():
    """With the picture's own power at every coefficient, any change of the gain adds error."""
    clean = picture("camera", 64)
    sigma, power = 0.1, fft.dctn(clean, norm="ortho") ** 2
    best = wiener_gain(power, sigma**2)

    def expected_error(gain):
        return np.sum((1 - gain) ** 2 * power + gain**2 * sigma**2)

    rng = np.random.default_rng(0)
    for _ in range(5):
        other = best + 0.01 * rng.standard_normal(best.shape)
        assert expected_error(other) > expected_error(best)


def test_a_given_power_makes_a_linear_filter_that_keeps_the_mean():
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 24, 31))
    power = 1e-3 / (frequencies(first.shape) + 0.05) ** 2
    both = fourier_wiener(first + 2 * second, 0.1, power)
    apart = fourier_wiener(first, 0.1, power) + 2 * fourier_wiener(second, 0.1, power)
    np.testing.assert_allclose(both, apart, atol=1e-12)  # rounding of the transforms
    assert fourier_wiener(first, 0.1, power).mean() == pytest.approx(first.mean())


def test_the_mean_of_a_ring_is_the_mean_of_its_coefficients():
    coefficients = np.random.default_rng(2).standard_normal((40, 33))
    power = ring_power(coefficients)
    ring = (frequencies(power.shape) / RING_WIDTH).astype(int) == 11
    assert ring.sum() > 10
    np.testing.assert_allclose(power[ring], (coefficients[ring] ** 2).mean())


def test_the_mean_brightness_is_no_texture():
    noise = 0.1 * np.random.default_rng(3).standard_normal((64, 64))
    estimate = FourierWiener()(0.5 + noise, 0.1)
    # Only the mean is left, and the few rings whose noise exceeds its expectation.
    assert estimate.std() < 0.35 * 0.1
    assert estimate.mean() == pytest.approx((0.5 + noise).mean())


@pytest.mark.parametrize(
    ("power", "words"),
    [(np.ones((4, 5)), r"shape \(4, 4\), got \(4, 5\)"), (-np.ones((4, 4)), "0 or more")],
)
def test_a_wrong_power_is_refused(power, words):
    with pytest.raises(ValueError, match=words):
        fourier_wiener(np.zeros((4, 4)), 0.1, power)
