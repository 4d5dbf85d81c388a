"""Rows and columns of the Jacobian against kernels and matrices that are known."""

import time
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import ndimage

from lessons_lib.diagnosis.kernels import (
    effective_pixels,
    gather,
    kernel_width,
    row_sum,
    scatter,
)

SIGMA = 0.1


@dataclass(frozen=True)
class Gaussian:
    """Stand-in: linear, local, mirrored at the borders; calls for a 2-D or colour image."""

    width: float = 1.5
    reach: int | None = 7

    def __call__(self, noisy, sigma):
        return ndimage.gaussian_filter(noisy, self.width, radius=7, mode="reflect", axes=(0, 1))


class GaussianWithPullback(Gaussian):
    # Its matrix k(i - j) + k(i + j + 1) is symmetric under this mirror: J^T = J.
    def pullback(self, noisy, sigma, cotangent):
        return self(cotangent, sigma)


def median(noisy, sigma):
    return ndimage.median_filter(noisy, size=5)


def asymmetric(noisy, sigma):
    weights = np.arange(1.0, 10.0).reshape(3, 3) / 45
    return ndimage.correlate(noisy, weights, mode="nearest")


def matrix_of(denoiser, shape):
    """Column j is the answer to a unit pulse at pixel j (linear filters only)."""
    pulses = np.eye(np.prod(shape))
    return np.stack([denoiser(pulse.reshape(shape), SIGMA).ravel() for pulse in pulses], axis=1)


@pytest.fixture
def noisy():
    return 0.5 + SIGMA * np.random.default_rng(0).standard_normal((31, 40))


@pytest.mark.parametrize("position", [(15, 20), (0, 0), (30, 2), (3, 39)])
def test_row_of_a_gaussian_is_its_mirrored_kernel(noisy, position):
    row = gather(Gaussian(), noisy, SIGMA, position)
    pulse = np.zeros_like(noisy)
    pulse[position] = 1.0
    expected = Gaussian()(pulse, SIGMA)  # symmetric matrix: row = column = pulse response
    # Subtraction of values near 0.5 with a step of 1e-5: rounding 1e-16 / 1e-5 = 1e-11.
    np.testing.assert_allclose(row, expected, atol=1e-9)
    assert row_sum(row) == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("position", [(0, 0), (4, 3), (7, 5)])
def test_rows_and_columns_of_a_linear_filter_are_those_of_its_matrix(position):
    noisy = np.random.default_rng(1).random((8, 8))
    matrix = matrix_of(asymmetric, noisy.shape)
    assert np.abs(matrix - matrix.T).max() > 0.05  # else rows and columns could be mixed up
    index = position[0] * 8 + position[1]
    row = gather(asymmetric, noisy, SIGMA, position)
    column = scatter(asymmetric, noisy, SIGMA, position)
    np.testing.assert_allclose(row.ravel(), matrix[index], atol=1e-9)
    np.testing.assert_allclose(column.ravel(), matrix[:, index], atol=1e-9)


def test_row_of_a_median_is_one_hot(noisy):
    row = gather(median, noisy, SIGMA, (10, 12), reach=4)
    assert sorted(row[row != 0]) == pytest.approx([1], abs=1e-9)
    winner = np.unravel_index(row.argmax(), row.shape)
    assert noisy[winner] == median(noisy, SIGMA)[10, 12]
    assert effective_pixels(row) == pytest.approx(1)


def test_a_nonlinear_row_matches_the_derivative_by_hand():
    # estimate = mean^2 of three pixels: d/dp = 2 mean / 3.
    noisy = np.random.default_rng(2).random((9, 9))

    def squared_mean(image, sigma):
        return ndimage.uniform_filter1d(image, 3, axis=1) ** 2

    row = gather(squared_mean, noisy, SIGMA, (4, 4))
    expected = np.zeros((9, 9))
    expected[4, 3:6] = 2 * noisy[4, 3:6].mean() / 3
    np.testing.assert_allclose(row, expected, atol=1e-9)


@pytest.mark.parametrize("position", [(15, 20), (0, 39)])
def test_pullback_and_differences_agree(noisy, position):
    by_pullback = gather(GaussianWithPullback(), noisy, SIGMA, position)
    by_difference = gather(Gaussian(), noisy, SIGMA, position)
    np.testing.assert_allclose(by_pullback, by_difference, atol=1e-9)
    windowed = gather(GaussianWithPullback(), noisy, SIGMA, position, reach=2)
    assert np.count_nonzero(windowed) == (25 if position == (15, 20) else 9)


@pytest.mark.parametrize("position", [(16, 21), (1, 0), (30, 39)])
def test_crop_and_whole_image_give_the_same(noisy, position):
    on_crop, on_whole = Gaussian(), Gaussian(reach=None)
    assert np.array_equal(
        gather(on_crop, noisy, SIGMA, position),
        gather(on_whole, noisy, SIGMA, position, reach=7),
    )
    assert np.array_equal(
        scatter(on_crop, noisy, SIGMA, position), scatter(on_whole, noisy, SIGMA, position)
    )


@pytest.mark.parametrize("denoiser", [Gaussian(), GaussianWithPullback()])
def test_colour_row_sums_to_one(denoiser):
    noisy = np.random.default_rng(3).random((20, 20, 3))
    grey = np.ascontiguousarray(noisy[..., 0])
    expected = gather(denoiser, grey, SIGMA, (9, 9))  # linear: the same for any values
    np.testing.assert_allclose(gather(denoiser, noisy, SIGMA, (9, 9)), expected, atol=1e-9)
    np.testing.assert_allclose(scatter(denoiser, noisy, SIGMA, (9, 9)), expected, atol=1e-9)
    single = gather(denoiser, noisy[..., :1], SIGMA, (9, 9))
    np.testing.assert_allclose(single, expected, atol=1e-9)


def test_identity_and_unchanged_input(noisy):
    before = noisy.copy()
    row = gather(lambda image, sigma: image, noisy, SIGMA, (5, 6), reach=2)
    expected = np.zeros_like(noisy)
    expected[5, 6] = 1
    np.testing.assert_allclose(row, expected, atol=1e-9)
    np.testing.assert_allclose(
        scatter(lambda image, sigma: image, noisy, 0.0, (5, 6)), expected, atol=1e-9
    )
    assert np.array_equal(noisy, before)


def test_single_precision_input_is_differenced_in_double(noisy):
    row = gather(Gaussian(), noisy.astype(np.float32), SIGMA, (15, 20))
    assert row_sum(row) == pytest.approx(1, abs=1e-8)


def test_helper_numbers_have_their_closed_forms():
    box = np.zeros((21, 21))
    box[8:13, 8:13] = 1 / 25
    assert effective_pixels(box) == pytest.approx(25)
    assert kernel_width(box, (10, 10)) == pytest.approx(np.sqrt(2))  # (25 - 1) / 12 = 2
    pulse = np.zeros((41, 41))
    pulse[20, 20] = 1
    kernel = ndimage.gaussian_filter(pulse, 1.5, truncate=8)
    assert kernel_width(kernel, (20, 20)) == pytest.approx(1.5, abs=1e-6)
    # A sampled Gaussian averages 4 pi s^2 pixels (aliasing of e^(-pi^2 s^2), about 1e-9).
    assert effective_pixels(kernel) == pytest.approx(4 * np.pi * 1.5**2, rel=1e-6)
    assert effective_pixels(np.zeros((3, 3))) == kernel_width(np.zeros((3, 3)), (1, 1)) == 0


def test_gather_is_fast_enough_for_a_slider():
    """60 ms for reach 7 leaves 133 us per evaluation; ours must add little to the filter's."""
    noisy = np.random.default_rng(4).random((256, 256))
    calls = []

    @dataclass(frozen=True)
    class Counting:
        reach: int = 7

        def __call__(self, image, sigma):
            calls.append(image.shape)
            return image

    start = time.process_time()
    gather(Counting(), noisy, SIGMA, (100, 100))
    elapsed = time.process_time() - start
    assert set(calls) == {(15, 15)}
    assert len(calls) == 2 * 15**2
    assert elapsed < 0.03  # 450 evaluations of 50 us are 22.5 ms; the rest is ours


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"position": (5, 40)}, r"position must be \(row, col\) inside the 31 x 40 image"),
        ({"position": (-1, 0)}, "both from 0"),
        ({"position": (5, 5)}, "pass reach"),
        ({"position": (5, 5), "reach": 3, "step": 0.0}, "fraction of sigma"),
    ],
)
def test_gather_errors_say_what_to_do(noisy, arguments, message):
    with pytest.raises(ValueError, match=message):
        gather(median, noisy, SIGMA, **arguments)
