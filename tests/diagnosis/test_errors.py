"""Bias and variance maps against their identity, closed forms and Monte Carlo."""

import tracemalloc

import numpy as np
import pytest
from scipy import ndimage

from lessons_lib.diagnosis.errors import (
    error_maps,
    error_maps_steps,
    expected_method_noise,
    linear_error,
    method_noise,
)

SIGMA = 0.1


def gaussian(noisy, sigma):
    return ndimage.gaussian_filter(noisy, 1.0, mode="reflect", axes=(0, 1))


def median(noisy, sigma):
    return ndimage.median_filter(noisy, size=5, mode="reflect", axes=(0, 1))


def identity(noisy, sigma):
    return noisy


def gaussian_matrix(shape):
    pulses = np.eye(np.prod(shape)).reshape(-1, *shape)
    return np.stack([gaussian(pulse, SIGMA).ravel() for pulse in pulses], axis=1)


@pytest.fixture
def step_edge():
    clean = np.full((16, 20), 0.25)
    clean[:, 10:] = 0.75
    return clean


@pytest.mark.parametrize("denoiser", [gaussian, median])
def test_bias_squared_and_variance_add_up_to_mse(step_edge, denoiser):
    colour = np.stack([step_edge, step_edge[:, ::-1], 0 * step_edge], axis=2)
    for clean in (step_edge, colour):
        maps = error_maps(denoiser, clean, SIGMA, draws=7)
        assert maps.mse.shape == clean.shape
        # The three are summed independently; values are below 1, so rounding is 1e-16.
        np.testing.assert_allclose(maps.bias_squared + maps.variance, maps.mse, atol=1e-15)


def test_maps_are_those_of_the_stacked_estimates(step_edge):
    maps = error_maps(gaussian, step_edge, SIGMA, draws=5, seed=3)
    rng = np.random.default_rng(3)
    estimates = np.stack(
        [gaussian(step_edge + SIGMA * rng.standard_normal((16, 20)), SIGMA) for _ in range(5)]
    )
    np.testing.assert_allclose(maps.mean, estimates.mean(axis=0), atol=1e-15)
    np.testing.assert_allclose(maps.variance, estimates.var(axis=0), atol=1e-15)


def test_corrected_bias_is_unbiased_where_the_true_bias_is_zero():
    clean = np.full((64, 64), 0.5)
    maps = error_maps(identity, clean, SIGMA, draws=8)
    # Identity: bias 0, so the raw estimate is sigma^2 / 8 times a chi^2 of one freedom:
    # relative standard error sqrt(2 / 4096) = 2.2 %, four of them allowed.
    assert maps.bias_squared.mean() == pytest.approx(SIGMA**2 / 8, rel=0.09)
    assert abs(maps.bias_squared_corrected.mean()) < 0.09 * SIGMA**2 / 8
    assert maps.bias_squared_corrected.min() < 0  # not clipped


def test_steps_end_in_the_maps_and_count_up(step_edge):
    steps = list(error_maps_steps(gaussian, step_edge, SIGMA, draws=4))
    assert [step.draws for step in steps] == [1, 2, 3, 4]
    last = error_maps(gaussian, step_edge, SIGMA, draws=4)
    assert np.array_equal(steps[-1].mse, last.mse)
    # Earlier results must not change when later draws come in.
    first = next(error_maps_steps(gaussian, step_edge, SIGMA, draws=4))
    assert np.array_equal(steps[0].mean, first.mean)
    assert np.all(steps[0].variance == 0)


def test_memory_does_not_grow_with_the_draws():
    clean = np.full((128, 128), 0.5)
    tracemalloc.start()
    error_maps(identity, clean, SIGMA, draws=60)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * clean.nbytes


def test_linear_error_matches_monte_carlo(step_edge):
    matrix = gaussian_matrix(step_edge.shape)
    bias_squared, variance = linear_error(matrix, step_edge, SIGMA)
    maps = error_maps(gaussian, step_edge, SIGMA, draws=400)
    # About 320 / (4 pi) = 25 independent pixels x 400 draws: sqrt(2 / 10,000) = 1.4 %;
    # the bias keeps an error of the same order times variance / (400 bias^2), far less.
    unbiased_variance = maps.variance.sum() * 400 / 399
    assert unbiased_variance == pytest.approx(variance, rel=0.05)
    assert maps.bias_squared_corrected.sum() == pytest.approx(bias_squared, rel=0.05)


def test_linear_error_of_a_mean_and_of_the_identity():
    clean = np.array([[0.0, 1.0]])
    # The mean of two pixels: bias 0.5 each; variance sigma^2 / 2 each.
    bias_squared, variance = linear_error(np.full((2, 2), 0.5), clean, SIGMA)
    assert (bias_squared, variance) == pytest.approx((0.5, SIGMA**2))
    assert linear_error(np.eye(2), clean, SIGMA) == pytest.approx((0.0, 2 * SIGMA**2))


def test_method_noise_misses_the_blur_that_noise_causes(step_edge):
    # A median keeps a clean straight edge exactly, a noisy one not.
    assert np.all(method_noise(median, step_edge, SIGMA) == 0)
    lost = expected_method_noise(median, step_edge, 0.3, draws=64)
    columns = lost.mean(axis=0)
    assert columns[10] > 0.05 > -0.05 > columns[9]  # light side darker, dark side lighter
    assert abs(columns[3]) < 0.03  # four standard errors: 0.3 * 0.25 / sqrt(64 * 16 / 5) * 4


def test_single_precision_reaches_the_denoiser_as_it_is():
    seen = []

    def spy(noisy, sigma):
        seen.append(noisy.dtype)
        return noisy

    error_maps(spy, np.full((4, 4), 0.5, dtype=np.float32), SIGMA, draws=2)
    assert seen == [np.float32, np.float32]


def test_errors_say_what_to_do(step_edge):
    with pytest.raises(ValueError, match="draws must be at least 1, got 0; 32 is usual"):
        error_maps_steps(gaussian, step_edge, SIGMA, draws=0)
    with pytest.raises(ValueError, match="at least 2 draws, got 1; raise draws"):
        _ = error_maps(gaussian, step_edge, SIGMA, draws=1).bias_squared_corrected
    with pytest.raises(ValueError, match="clean and estimate must have the same shape"):
        error_maps(lambda noisy, sigma: noisy[1:], step_edge, SIGMA)
    with pytest.raises(ValueError, match="row i holds the weights of output pixel i"):
        linear_error(np.eye(3), step_edge, SIGMA)
    with pytest.raises(ValueError, match="divide by 255"):
        error_maps(gaussian, step_edge, 25)
