"""Cycle spinning: a mean over shifts, and what the wrapper passes on."""

import dataclasses

import numpy as np
import pytest

from lessons_lib.denoisers import Gaussian, Median
from lessons_lib.denoisers.cycle_spin import CycleSpin
from lessons_lib.denoisers.undecimated import UndecimatedHaar
from lessons_lib.denoisers.wavelet import WaveletShrink
from lessons_lib.denoisers.wrappers import in_strips

SIGMA = 0.1


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(0.5, SIGMA, shape).astype(dtype)


def test_one_shift_is_the_denoiser_itself():
    noisy = noise((12, 9))
    np.testing.assert_array_equal(
        CycleSpin(WaveletShrink(), 1)(noisy, SIGMA), WaveletShrink()(noisy, SIGMA)
    )


def test_it_is_the_mean_over_padded_copies():
    noisy, one = noise((10, 12)), WaveletShrink("haar", 2, "fixed", "hard", 2.0)
    copies = []
    for i in range(3):
        for j in range(3):
            padded = np.pad(noisy, ((i, 0), (j, 0)), mode="symmetric")
            copies.append(one(padded, SIGMA)[i:, j:])
    np.testing.assert_allclose(
        CycleSpin(one, 3)(noisy, SIGMA), np.mean(copies, axis=0), atol=1e-14
    )


def test_a_filter_without_a_grid_gains_nothing():
    noisy = noise((20, 18))
    for one in (Median(2), Gaussian(1.0)):
        inside = slice(6, -6), slice(6, -6)  # at the border the mirror itself is moved
        spun, once = CycleSpin(one, 3)(noisy, SIGMA), one(noisy, SIGMA)
        np.testing.assert_allclose(spun[inside], once[inside], atol=1e-13)


def test_all_shifts_of_haar_equal_the_undecimated_one_away_from_the_border():
    noisy = noise((64, 64))
    spun = CycleSpin(WaveletShrink("haar", 2, "fixed", "hard", 2.5), 4)(noisy, SIGMA)
    direct = UndecimatedHaar(2, 2.5, 1.0, "hard")(noisy, SIGMA)
    np.testing.assert_allclose(spun[8:-8, 8:-8], direct[8:-8, 8:-8], atol=1e-13)


def test_it_lowers_the_error_of_decimated_wavelets():
    clean = np.where(np.add.outer(np.arange(64), np.arange(64)) > 63, 0.8, 0.2)
    noisy = clean + SIGMA * np.random.default_rng(1).standard_normal(clean.shape)
    one = WaveletShrink("haar", 3, "fixed", "hard", 3.0)
    error = [np.mean((d(noisy, SIGMA) - clean) ** 2) for d in (one, CycleSpin(one, 8))]
    assert error[1] < 0.6 * error[0]


def test_promises_and_reach_are_passed_on():
    spun = CycleSpin(Median(2), 2)
    assert spun.reach == 2 and CycleSpin(WaveletShrink()).reach is None
    assert spun.properties == dataclasses.replace(Median.properties, identity_setting=None)
    assert not CycleSpin(lambda noisy, sigma: noisy).properties.keeps_constants
    *_, (_, estimate) = in_strips(spun, noise((30, 20)), SIGMA)
    np.testing.assert_allclose(estimate, spun(noise((30, 20)), SIGMA), atol=1e-13)
    assert repr(CycleSpin(Median(1), 2)) == "CycleSpin(denoiser=Median(radius=1), shifts=2)"


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 3), (9, 8, 3)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_contract(shape, dtype):
    noisy = noise(shape, dtype=dtype)
    before = noisy.copy()
    spun = CycleSpin(CycleSpin(WaveletShrink(), 2), 2)  # wrappers compose
    estimate = spun(noisy, SIGMA)
    assert estimate.shape == shape and estimate.dtype == dtype
    assert np.isfinite(estimate).all() and np.array_equal(noisy, before)
    np.testing.assert_allclose(spun(np.full(shape, 0.3), SIGMA), 0.3, atol=1e-13)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CycleSpin(WaveletShrink(), 0), "must be from 1 to 32, got 0"),
        (lambda: CycleSpin(WaveletShrink(), 1.5), "shifts must be a whole number, got 1.5"),
        (lambda: CycleSpin("haar"), "must be called as .noisy, sigma., got 'haar'"),
        (lambda: CycleSpin(Median(1))(noise((3, 3)), 25), "divide by 255"),
    ],
)
def test_wrong_settings_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
