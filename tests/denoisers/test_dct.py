"""Local DCT: the fast version against the readable one, closed forms, and Set12."""

import numpy as np
import pytest

from lessons_lib.denoisers.dct import (
    LocalDCT,
    convolve,
    convolve_transposed,
    dct_matrix,
    local_dct,
    local_dct_readable,
)
from lessons_lib.denoisers.wrappers import in_strips
from lessons_lib.scenes.standard_sets import standard_set

SIGMA = 0.1


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(0.5, SIGMA, shape).astype(dtype)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 3), (21, 17)], ids=str)
@pytest.mark.parametrize("block", [2, 5, 8])
def test_the_fast_version_equals_the_readable_one(shape, block):
    noisy = noise(shape)
    expected = local_dct_readable(noisy, SIGMA, block, 2.0)
    # The same sums in another order.
    np.testing.assert_allclose(local_dct(noisy, SIGMA, block, 2.0), expected, atol=1e-13)


def test_many_strips_equal_one(monkeypatch):
    noisy = noise((40, 30))
    whole = local_dct(noisy, SIGMA)
    monkeypatch.setattr("lessons_lib.denoisers.dct.CACHED", 1)  # one row at a time
    np.testing.assert_allclose(local_dct(noisy, SIGMA), whole, atol=1e-13)
    *_, (_, estimate) = in_strips(LocalDCT(), noisy, SIGMA, strips=3)
    np.testing.assert_allclose(estimate, whole, atol=1e-13)


def test_large_blocks_are_counted_right():
    # 16 x 16 = 256 coefficients: one more than a byte can count. Nothing is dropped here.
    noisy = noise((18, 19))
    np.testing.assert_allclose(local_dct(noisy, SIGMA, 16, 1e-9), noisy, atol=1e-13)
    expected = local_dct_readable(noisy, SIGMA, 16, 2.0)
    np.testing.assert_allclose(local_dct(noisy, SIGMA, 16, 2.0), expected, atol=1e-13)


def test_the_cosines_are_orthonormal_and_as_the_docstring_says():
    cosines, places = dct_matrix(8), np.arange(8) + 0.5
    np.testing.assert_allclose(cosines @ cosines.T, np.eye(8), atol=1e-15)
    for k in range(8):
        size = np.sqrt((1 if k == 0 else 2) / 8)
        np.testing.assert_allclose(
            cosines[k], size * np.cos(np.pi * k * places / 8), atol=1e-15
        )


def test_back_is_the_transpose_of_forth():
    image, cosines = noise((20, 15)), dct_matrix(8)
    maps = convolve(image, cosines)
    assert maps.shape == (13, 64, 8)
    weights = np.random.default_rng(1).standard_normal(maps.shape)
    left, right = np.sum(maps * weights), np.sum(image * convolve_transposed(weights, cosines))
    assert left == pytest.approx(right, abs=1e-11)  # sums of 6656 products of size 1


def test_convolve_transforms_each_block():
    image, cosines = noise((12, 14)), dct_matrix(8)
    maps = convolve(image, cosines)
    block = cosines @ image[3:11, 2:10] @ cosines.T
    np.testing.assert_allclose(maps[3, :, 2].reshape(8, 8), block, atol=1e-14)


def test_the_largest_coefficient_of_an_edge_through_the_middle_of_a_block():
    edge = np.zeros((8, 8))
    edge[:, 4:] = 1.0
    coefficients = dct_matrix(8) @ edge @ dct_matrix(8).T
    coefficients[0, 0] = 0
    largest = np.abs(coefficients).max()
    # sqrt(8) rows x sqrt(2 / 8) x sum of cos over half of the block
    closed = np.sqrt(8) * np.sqrt(2 / 8) * np.cos(np.pi * (np.arange(4) + 0.5) / 8).sum()
    assert largest == pytest.approx(closed, abs=1e-14)
    assert np.sqrt(np.sum(coefficients**2)) == pytest.approx(4.0)  # block c / 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (9, 8, 3), (1, 1, 3)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_contract(shape, dtype):
    noisy = noise(shape, dtype=dtype)
    before = noisy.copy()
    estimate = LocalDCT()(noisy, SIGMA)
    assert estimate.shape == shape and estimate.dtype == dtype
    assert np.isfinite(estimate).all() and np.array_equal(noisy, before)
    constant = LocalDCT()(np.full(shape, 0.3), SIGMA)
    np.testing.assert_allclose(constant, 0.3, atol=1e-13)  # borders too
    for off in (LocalDCT(threshold_ratio=0)(noisy, SIGMA), LocalDCT()(noisy, 0.0)):
        np.testing.assert_array_equal(off, noisy)
        assert not np.shares_memory(off, noisy)


def test_float32_is_as_good_as_float64():
    noisy = noise((40, 40))
    double, single = LocalDCT()(noisy, SIGMA), LocalDCT()(noisy.astype(np.float32), SIGMA)
    # Rounding of 1e-7, but for the few coefficients that lie just at the threshold.
    assert np.abs(double - single).mean() < 1e-5


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LocalDCT(block=1), r"block \(px\) must be from 2 to 32, got 1"),
        (lambda: LocalDCT(block=7.5), "whole number of pixels, got 7.5"),
        (lambda: LocalDCT(threshold_ratio=-1), "must be from 0 to 20, got -1"),
        (lambda: LocalDCT()(noise((4, 4)), 25), "divide by 255"),
    ],
)
def test_wrong_settings_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_psnr_on_set12(shared_data):
    """What the project's probe of the same method reached: 31.6 / 29.0 / 25.6 dB."""
    pictures = standard_set("Set12", shared_data).values()
    for level, least in ((15, 31.6), (25, 29.0), (50, 25.6)):
        scores = []
        for clean in pictures:
            draw = np.random.default_rng(0).standard_normal(clean.shape)
            noisy = (clean + level / 255 * draw).astype(np.float32)
            estimate = np.clip(LocalDCT()(noisy, level / 255), 0, 1)
            scores.append(-10 * np.log10(np.mean((estimate - clean) ** 2)))
        assert np.mean(scores) >= least
