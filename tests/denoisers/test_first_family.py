"""Box, Gaussian, median and local Wiener against closed forms and brute force."""

import numpy as np
import pytest

from lessons_lib.denoisers import (
    Box,
    Gaussian,
    LocalWiener,
    Median,
    bilateral,
    box,
    guided,
    local_wiener,
    median,
)


def windows(image, radius):
    """All windows of a mirrored image, the slow and obvious way."""
    padded = np.pad(image, radius, mode="symmetric")
    side = 2 * radius + 1
    return np.lib.stride_tricks.sliding_window_view(padded, (side, side))


@pytest.fixture
def noisy():
    return np.random.default_rng(1).normal(0.5, 0.1, (20, 17))


def test_median_equals_brute_force(noisy):
    expected = np.median(windows(noisy, 2), axis=(2, 3))
    np.testing.assert_array_equal(Median(radius=2)(noisy, 0.1), expected)


def test_box_equals_brute_force(noisy):
    # Running sums and direct sums differ by rounding.
    expected = windows(noisy, 3).mean((2, 3))
    np.testing.assert_allclose(Box(radius=3)(noisy, 0.1), expected, atol=1e-13)


def test_local_wiener_equals_its_formula(noisy):
    seen = windows(noisy, 2)
    mean, variance = seen.mean((2, 3)), seen.var((2, 3))
    gain = np.maximum(variance - 0.1**2, 0) / variance
    # Running sums and direct sums differ by rounding.
    np.testing.assert_allclose(
        LocalWiener(radius=2)(noisy, 0.1), mean + gain * (noisy - mean), atol=1e-12
    )


def test_local_wiener_without_contrast_is_a_box_average(noisy):
    flat = LocalWiener(radius=1, strength=20)(noisy, 0.1)
    np.testing.assert_allclose(flat, windows(noisy, 1).mean((2, 3)), atol=1e-12)


def test_gaussian_reduces_the_variance_as_predicted():
    width = 2.0
    noise = np.random.default_rng(2).normal(0, 1, (400, 400))
    measured = Gaussian(width)(noise, 1.0).var()
    # sigma^2 / (4 pi s^2). 160,000 pixels, of which about 4 pi s^2 = 50 are one independent
    # one: the variance is known to sqrt(2 * 50 / 160000) = 2.5 %; three of those.
    assert measured == pytest.approx(1 / (4 * np.pi * width**2), rel=0.075)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Gaussian(width=-1), r"width \(px\) must be from 0 to 50, got -1"),
        (lambda: Gaussian(width="2"), "must be a number from 0 to 50, got '2'"),
        (lambda: Median(radius=1.5), "must be a whole number of pixels, got 1.5"),
        (lambda: Median(radius=99), "must be from 0 to 50, got 99"),
        (lambda: LocalWiener(strength=-1), r"strength \(ratio to sigma\) must be from 0 to 20"),
        (lambda: LocalWiener(radius=True), "must be a number"),
    ],
)
def test_wrong_settings_are_refused_at_once(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    "call",
    [
        lambda image: box(image, 21),
        lambda image: median(image, 21),
        lambda image: local_wiener(image, 0.1, 21),
        lambda image: guided(image, image, 21, 0.1),
        lambda image: bilateral(image, 8.4, 0.1),
        lambda image: Median(21)(image, 0.1),
    ],
)
def test_a_window_that_reaches_over_the_whole_image_is_refused(call):
    with pytest.raises(ValueError, match="at most 20 for an image of 20 x 9, got 21: the window"):
        call(np.zeros((20, 9)))


def test_numbers_of_numpy_are_numbers(noisy):
    for radius, strength in ((np.int64(2), np.float32(1.0)), (np.uint8(2), np.float64(1.0))):
        estimate = LocalWiener(radius, strength)(noisy, np.float32(0.125))
        np.testing.assert_allclose(estimate, LocalWiener(2, 1.0)(noisy, 0.125), atol=1e-12)


def test_a_small_window_larger_than_a_tiny_image_still_keeps_its_mean():
    tiny = np.array([[0.2, 0.4], [0.6, 0.8]])
    estimate = LocalWiener(radius=5, strength=20)(tiny, 0.5)
    # Mirrored again and again, every window sees all four pixels about equally often.
    assert np.abs(estimate - 0.5).max() < 0.05
