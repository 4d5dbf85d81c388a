"""Non-local means: against its definition, a loop over pixels, and closed forms."""

import dataclasses

import numpy as np
import pytest

from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.denoisers.non_local_means import (
    NonLocalMeans,
    effective_number,
    non_local_means,
    non_local_means_by_definition,
    non_local_weights,
    patch_distances,
)
from lessons_lib.denoisers.non_local_search import half_square, sliding_sum
from lessons_lib.denoisers.wrappers import in_strips
from lessons_lib.diagnosis.blur_curve import blur_curve

SIGMA = 0.1
SHAPES = [(1, 1), (1, 7), (2, 3), (5, 5), (16, 17), (33, 20), (9, 8, 3), (1, 1, 3), (6, 5, 1)]
SETTINGS = [(0, 2, 0.7), (1, 3, 0.5), (2, 2, 1.0), (3, 1, 0.3)]


def noise(shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(0.5, SIGMA, shape).astype(dtype)


def brute_force(image, sigma, patch_radius, search_radius, strength):
    """Pixel by pixel, patch by patch; the effective number beside the estimate."""
    r, margin = patch_radius, patch_radius + search_radius
    planes = image if image.ndim == 3 else image[..., None]
    padded = np.pad(planes, ((margin, margin), (margin, margin), (0, 0)), mode="symmetric")
    n = (2 * r + 1) ** 2 * planes.shape[2]
    estimate, number = np.zeros(planes.shape), np.zeros(planes.shape[:2])

    def patch(row, col):
        return padded[row - r : row + r + 1, col - r : col + r + 1]

    for row, col in np.ndindex(*planes.shape[:2]):
        here = (row + margin, col + margin)
        weights, values = [], []
        for down, across in np.ndindex(2 * search_radius + 1, 2 * search_radius + 1):
            there = (here[0] + down - search_radius, here[1] + across - search_radius)
            distance = np.sum((patch(*here) - patch(*there)) ** 2)
            excess = max(distance - 2 * sigma**2 * n, 0)
            weights.append(np.exp(-excess / (strength**2 * sigma**2 * n)))
            if there == here:
                weights[-1] = 1.0
            values.append(padded[there])
        estimate[row, col] = np.average(values, axis=0, weights=weights)
        number[row, col] = np.sum(weights) ** 2 / np.sum(np.square(weights))
    return estimate.reshape(image.shape), number


@pytest.mark.parametrize("shape", [(7, 9), (5, 6, 3), (1, 4), (2, 2)], ids=str)
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_fast_twin_is_the_brute_force(shape, setting):
    image = noise(shape)
    estimate, number = brute_force(image, SIGMA, *setting)
    # Sums of at most a few hundred numbers near 1.
    np.testing.assert_allclose(non_local_means(image, SIGMA, *setting), estimate, atol=1e-13)
    np.testing.assert_allclose(effective_number(image, SIGMA, *setting), number, rtol=1e-12)


@pytest.mark.parametrize("shape", [(40, 31), (140, 20), (9, 530), (3, 2)], ids=str)
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_fast_twin_is_the_definition(shape, setting):
    image = noise(shape)
    expected = non_local_means_by_definition(image, SIGMA, *setting)
    np.testing.assert_allclose(non_local_means(image, SIGMA, *setting), expected, atol=1e-13)


def test_threads_change_nothing():
    image = noise((300, 40))
    np.testing.assert_array_equal(
        non_local_means(image, SIGMA, threads=2), non_local_means(image, SIGMA)
    )


def test_float32_agrees_with_float64():
    image = noise((64, 64))
    single = non_local_means(image.astype(np.float32), SIGMA)
    # Exponents near 10 with float32's 6e-8 each, on values near 0.5.
    np.testing.assert_allclose(single, non_local_means(image, SIGMA), atol=5e-6)


@pytest.mark.parametrize("shape", [(30, 30), (30, 30, 3)], ids=str)
def test_weights_of_one_pixel_give_its_estimate_and_its_effective_number(shape):
    image = noise(shape)
    weights = non_local_weights(image, (14, 16), SIGMA)
    estimate = np.tensordot(weights, image, axes=2)
    np.testing.assert_allclose(non_local_means(image, SIGMA)[14, 16], estimate, atol=1e-13)
    assert weights.sum() == pytest.approx(1, abs=1e-14) and weights.min() >= 0
    assert 1 / np.sum(weights**2) == pytest.approx(
        effective_number(image, SIGMA)[14, 16], rel=1e-12
    )


def test_no_strength_leaves_the_pixel_alone():
    weights = non_local_weights(noise((9, 9)), (4, 4), SIGMA, strength=0)
    assert weights[4, 4] == 1 and np.count_nonzero(weights) == 1
    np.testing.assert_array_equal(effective_number(noise((9, 9)), SIGMA, strength=0), 1)


def test_equal_patches_are_averaged_like_a_box():
    """Where every patch is alike all weights are 1, and 1 / sum w^2 counts the window."""
    flat = np.full((20, 20), 0.3)
    np.testing.assert_allclose(effective_number(flat, SIGMA), 169, rtol=1e-12)


def test_distance_of_two_noisy_patches():
    """E |P - Q|^2 = |p - q|^2 + 2 sigma^2 n, with the scatter of patches that do not overlap."""
    clean = np.zeros((9, 18))
    clean[:, 9:] = 0.15
    rng, distances = np.random.default_rng(1), []
    for _ in range(2000):
        noisy = clean + SIGMA * rng.standard_normal(clean.shape)
        distances.append(patch_distances(noisy, (4, 4), 2)[4, 13])
    n, squared = 25, 25 * 0.15**2
    spread = np.sqrt(8 * n * SIGMA**4 + 8 * SIGMA**2 * squared)
    # 4 standard errors of 2,000 draws.
    assert abs(np.mean(distances) - squared - 2 * n * SIGMA**2) < 4 * spread / np.sqrt(2000)
    assert np.std(distances) / spread == pytest.approx(1, abs=4 / np.sqrt(2 * 2000) * 1.1)


def test_distances_are_zero_at_home_and_symmetric():
    image = noise((12, 11, 3))
    there = patch_distances(image, (3, 4), 2)
    assert there[3, 4] == 0
    assert there[8, 7] == pytest.approx(patch_distances(image, (8, 7), 2)[3, 4], rel=1e-12)


def test_a_strong_edge_is_kept_and_a_weak_one_is_not():
    widths = [point.width for point in blur_curve(NonLocalMeans(), ratios=(10, 1))]
    # The clean edge is 0.84 px wide. A guard; lesson 05 shows the whole curve.
    assert widths[0] < 1.3 and widths[1] > 4


@pytest.mark.parametrize("count", [1, 3, 5, 7, 9, 13, 21, 101])
@pytest.mark.parametrize("stride", [1, 4])
def test_sliding_sum_is_a_convolution(count, stride):
    line = np.random.default_rng(0).random(600)
    before = line.copy()
    found = sliding_sum(line, count, stride, tuple(np.empty((3, 600))))
    kernel = np.zeros((count - 1) * stride + 1)
    kernel[::stride] = 1
    np.testing.assert_allclose(found, np.convolve(line, kernel, "valid"), rtol=1e-12)
    np.testing.assert_array_equal(line, before)


@pytest.mark.parametrize("radius", [0, 1, 4])
def test_half_a_square_and_its_mirror_are_the_square(radius):
    shifts = half_square(radius)
    mirrored = [(-down, -across) for down, across in shifts]
    assert len({*shifts, *mirrored}) == 2 * len(shifts) == (2 * radius + 1) ** 2 - 1


def test_a_rare_patch_keeps_its_noise():
    """The one bright spot has no like: its effective number is near 1, the ground's is high."""
    clean = np.full((40, 40), 0.3)
    clean[20, 20] = 1.0
    noisy = clean + 0.05 * np.random.default_rng(2).standard_normal(clean.shape)
    number = effective_number(noisy, 0.05)
    assert number[20, 20] < 1.1 < 50 < np.median(number)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"patch_radius": -1}, r"patch_radius \(px\) must be from 0 to 50"),
        ({"patch_radius": 1.5}, "whole number of pixels"),
        ({"search_radius": 51}, r"search_radius \(px\) must be from 0 to 50"),
        ({"strength": -1}, r"strength \(ratio to sigma\) must be from 0 to 20, got -1"),
        ({"strength": "high"}, "must be a number from 0 to 20"),
    ],
)
def test_settings_out_of_range_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        NonLocalMeans(**settings)
    with pytest.raises(ValueError, match=words):
        non_local_means(noise((60, 60)), SIGMA, **settings)


def test_a_window_larger_than_the_image_is_refused():
    with pytest.raises(ValueError, match="the window is larger than the image"):
        non_local_means(noise((5, 5)), SIGMA, search_radius=9)


# -- the contract, as in test_contract.py

DENOISERS = [NonLocalMeans(), NonLocalMeans(1, 3, 0.5), NonLocalMeans(3, 5, 1.0)]
every_denoiser = pytest.mark.parametrize("denoiser", DENOISERS, ids=repr)


@every_denoiser
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_same_shape_type_finite_and_repeatable(denoiser, shape, dtype):
    noisy = noise(shape, dtype)
    before = noisy.copy()
    estimate = denoiser(noisy, SIGMA)
    assert isinstance(denoiser, Denoiser)
    assert estimate.shape == shape and estimate.dtype == dtype
    assert np.isfinite(estimate).all()
    assert np.array_equal(noisy, before) and not np.shares_memory(estimate, noisy)
    assert np.array_equal(denoiser(noisy, SIGMA), estimate)


@every_denoiser
@pytest.mark.parametrize("shape", [(1, 1), (3, 9), (20, 20), (12, 11, 3)], ids=str)
def test_constants_stay_at_the_borders_too(denoiser, shape):
    np.testing.assert_allclose(denoiser(np.full(shape, 0.3), SIGMA), 0.3, atol=1e-13)


@every_denoiser
def test_shift_scale_identity_and_reach(denoiser):
    noisy = noise((24, 19))
    estimate = denoiser(noisy, SIGMA)
    np.testing.assert_allclose(denoiser(noisy + 0.7, SIGMA), estimate + 0.7, atol=1e-12)
    for scale in (0.01, 0.3, 10.0):
        np.testing.assert_allclose(
            denoiser(scale * noisy, scale * SIGMA), scale * estimate, atol=1e-11 * scale
        )
    off = dataclasses.replace(denoiser, strength=0.0)
    np.testing.assert_array_equal(off(noisy, SIGMA), noisy)
    noisy = noise((61, 61))
    poked = noisy.copy()
    poked[30, 30] += 0.5
    moved = np.abs(denoiser(poked, SIGMA) - denoiser(noisy, SIGMA)) > 1e-12
    rows, cols = np.nonzero(moved)
    assert max(np.abs(rows - 30).max(), np.abs(cols - 30).max()) <= denoiser.reach


@every_denoiser
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sigma", [0.0, 1e-200, 1e-40, 1e-8, 2.0])
def test_extreme_noise_levels_give_no_nan(denoiser, dtype, sigma):
    for image in (np.full((12, 9), 0.3, dtype), noise((12, 9), dtype)):
        assert np.isfinite(denoiser(image, sigma)).all()
    tiny = dataclasses.replace(denoiser, strength=1e-20)
    assert np.isfinite(tiny(noise((12, 9), dtype), SIGMA)).all()


@every_denoiser
def test_flat_noise_gets_less(denoiser):
    noisy = noise((64, 64))
    assert denoiser(noisy, SIGMA).std() < 0.6 * noisy.std()


@every_denoiser
@pytest.mark.parametrize("shape", [(50, 40), (7, 9, 3), (1, 5)], ids=str)
def test_strips_give_the_same_estimate(denoiser, shape):
    noisy = noise(shape)
    *_, (share, estimate) = in_strips(denoiser, noisy, SIGMA, strips=6)
    assert share == 1.0
    np.testing.assert_allclose(estimate, denoiser(noisy, SIGMA), atol=1e-12)


@pytest.mark.parametrize(
    ("noisy", "sigma", "words"),
    [
        (noise((4, 4)), 25, "divide by 255"),
        (np.full((4, 4), np.nan), SIGMA, "NaN"),
        (np.zeros((4, 4), np.uint8), SIGMA, "as_image"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(noisy, sigma, words):
    with pytest.raises(ValueError, match=words):
        NonLocalMeans()(noisy, sigma)
