"""Wavelet transforms, thresholds and shrinkage against PyWavelets, closed forms, brute force."""

import tracemalloc

import numpy as np
import pytest
import pywt
from scipy.special import ndtr

from lessons_lib.denoisers import filter_bank, thresholds
from lessons_lib.denoisers.undecimated import UndecimatedHaar, undecimated_haar_shrink
from lessons_lib.denoisers.wavelet import (
    WaveletShrink,
    usable_levels,
    wavelet_names,
    wavelet_shrink,
)
from lessons_lib.scenes.standard_sets import standard_set

SIGMA = 0.1
SHAPES = [(1, 1), (1, 7), (2, 3), (33, 20), (9, 8, 3), (1, 1, 3)]


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(0.5, SIGMA, shape).astype(dtype)


# -- the readable transform


@pytest.mark.parametrize("name", ["haar", "db2", "db4", "sym4", "coif1"])
def test_one_split_equals_pywavelets(name):
    signal, low_pass = noise(24), np.array(pywt.Wavelet(name).rec_lo)
    expected = pywt.dwt(signal, name, mode="periodization")
    # The same products in another order.
    np.testing.assert_allclose(filter_bank.split(signal, low_pass), expected, atol=1e-13)
    np.testing.assert_allclose(
        filter_bank.merge(*expected, low_pass), signal, atol=1e-10
    )  # PyWavelets' tables are orthonormal to 1e-11


@pytest.mark.parametrize("name", ["haar", "db2", "db4"])
def test_the_separable_transform_equals_pywavelets(name):
    image, low_pass = noise((64, 96)), np.array(pywt.Wavelet(name).rec_lo)
    approximation, bands = filter_bank.transform(image, low_pass, 3)
    expected = pywt.wavedec2(image, name, mode="periodization", level=3)
    np.testing.assert_allclose(approximation, expected[0], atol=1e-12)
    for ours, theirs in zip(bands, expected[1:], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    back = filter_bank.inverse(approximation, bands, low_pass)
    np.testing.assert_allclose(back, image, atol=1e-10)


def test_the_named_filters_are_pywavelets_and_orthonormal():
    np.testing.assert_allclose(filter_bank.HAAR, pywt.Wavelet("haar").rec_lo, atol=1e-12)
    np.testing.assert_allclose(filter_bank.DAUBECHIES_2, pywt.Wavelet("db2").rec_lo, atol=1e-12)
    taps = filter_bank.DAUBECHIES_2
    assert taps @ taps == pytest.approx(1, abs=1e-15)
    assert taps[2:] @ taps[:-2] == pytest.approx(0, abs=1e-15)
    # Two vanishing moments: neither a constant nor a ramp has any detail.
    detail = filter_bank.high_pass(taps)
    assert abs(detail.sum()) < 1e-15 and abs(detail @ np.arange(4)) < 1e-14


def test_the_orthonormal_transform_keeps_energy():
    image = noise((16, 16))
    approximation, bands = filter_bank.transform(image, filter_bank.DAUBECHIES_2, 2)
    energy = np.sum(approximation**2) + sum(np.sum(band**2) for level in bands for band in level)
    assert energy == pytest.approx(np.sum(image**2), rel=1e-13)  # rounding of 256 squares


def test_odd_lengths_are_refused_with_what_to_do():
    with pytest.raises(ValueError, match="must be even to be split in two, got 7"):
        filter_bank.split(noise(7), filter_bank.HAAR)
    with pytest.raises(ValueError, match=r"divisible by 2\^levels = 8, got \(16, 12\); pad"):
        filter_bank.transform(noise((16, 12)), filter_bank.HAAR, 3)


# -- thresholds


def test_soft_and_hard_equal_pywavelets():
    values = np.random.default_rng(1).normal(0, 1, 200)
    for threshold in (0.0, 0.7, 5.0):
        for name in ("soft", "hard"):
            ours = getattr(thresholds, name)(values, threshold)
            expected = pywt.threshold(values, threshold, name)
            np.testing.assert_allclose(ours, expected, atol=1e-15)
    assert thresholds.soft(values.astype(np.float32), 0.5).dtype == np.float32
    for name in ("soft", "hard"):
        with pytest.raises(ValueError, match="threshold must be 0 or more"):
            getattr(thresholds, name)(values, -1)


def test_universal_threshold():
    assert thresholds.universal_threshold(0.1, 256**2) == pytest.approx(
        0.1 * np.sqrt(2 * np.log(65536))
    )
    with pytest.raises(ValueError, match="at least 1 coefficient"):
        thresholds.universal_threshold(0.1, 0)


def test_how_often_noise_passes_the_universal_threshold():
    # The closed form of the docstring, and draws: 4 standard errors of 2000 draws are 0.04.
    rng = np.random.default_rng(6)
    for count, expected in ((10, 0.28), (65_536, 0.15)):
        threshold = thresholds.universal_threshold(1.0, count)
        passes = 1 - (1 - 2 * ndtr(-threshold)) ** count
        assert passes == pytest.approx(expected, abs=0.005)
    draws = np.abs(rng.standard_normal((2000, 10))).max(axis=1)
    passed = np.mean(draws > thresholds.universal_threshold(1.0, 10))
    assert passed == pytest.approx(0.28, abs=0.04)


def test_sure_is_unbiased():
    rng = np.random.default_rng(2)
    clean = np.where(rng.random(500) < 0.2, rng.normal(0, 3, 500), 0)
    for threshold in (0.5, 2.0):
        noisy = clean + rng.standard_normal((2000, 500))
        estimated = [thresholds.sure(draw, threshold, 1.0) for draw in noisy]
        true = np.mean((thresholds.soft(noisy, threshold) - clean) ** 2, axis=1)
        difference = np.array(estimated) - true
        # Four standard errors of the mean difference.
        assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(2000)


def test_sure_threshold_is_the_best_of_a_brute_force_search():
    rng = np.random.default_rng(3)
    for spread in (0.0, 0.5, 3.0):
        band = spread * rng.standard_normal((7, 9)) + rng.standard_normal((7, 9))
        fine = np.linspace(0, np.abs(band).max(), 5001)
        least = min(thresholds.sure(band, threshold, 1.0) for threshold in fine)
        found = thresholds.sure(band, thresholds.sure_threshold(band, 1.0), 1.0)
        assert found <= least + 1e-12
    assert thresholds.sure_threshold(np.full((2, 2), 50.0), 1.0) == 0.0


def test_bayes_threshold_is_its_formula_and_deletes_what_looks_like_noise():
    band = 2 * np.random.default_rng(4).standard_normal((40, 40))
    expected = 1 / np.sqrt(np.mean(band**2) - 1)
    assert thresholds.bayes_threshold(band, 1.0) == pytest.approx(expected, rel=1e-12)
    quiet = 0.1 * band
    assert thresholds.bayes_threshold(quiet, 1.0) == np.abs(quiet).max()
    assert not thresholds.soft(quiet, thresholds.bayes_threshold(quiet, 1.0)).any()


# -- shrinkage


def test_shrinkage_equals_pywavelets_by_hand():
    noisy = noise((64, 48))
    coefficients = pywt.wavedec2(noisy, "sym4", mode="symmetric", level=2)
    for level in (1, 2):
        coefficients[level] = tuple(
            pywt.threshold(band, 1.5 * SIGMA, "soft") for band in coefficients[level]
        )
    expected = pywt.waverec2(coefficients, "sym4", mode="symmetric")
    ours = wavelet_shrink(noisy, SIGMA, "sym4", 2, "fixed", "soft", 1.5)
    np.testing.assert_allclose(ours, expected, atol=1e-12)


@pytest.mark.parametrize("rule", ["bayes", "sure", "universal", "fixed"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_rule_at_every_size(rule, shape):
    denoiser = WaveletShrink(rule=rule, wavelet="db4")
    for dtype in (np.float32, np.float64):
        noisy = noise(shape, dtype=dtype)
        estimate = denoiser(noisy, SIGMA)
        assert estimate.shape == shape and estimate.dtype == dtype
        assert np.isfinite(estimate).all()
        assert not np.shares_memory(estimate, noisy)
    # Filters sum to sqrt(2) within 1e-11 in PyWavelets' tables; usually far better.
    np.testing.assert_allclose(denoiser(np.full(shape, 0.3), SIGMA), 0.3, atol=1e-11)


def test_a_weak_vertical_edge_is_deleted_and_a_strong_one_is_kept():
    edge = np.full((32, 32), 0.4)
    edge[:, 17:] = 0.6  # inside a pair: its finest Haar coefficients are all of size 0.2
    kept = wavelet_shrink(edge, SIGMA, "haar", 1, "fixed", "hard", 1.9)
    np.testing.assert_allclose(kept, edge, atol=1e-14)
    lost = wavelet_shrink(edge, SIGMA, "haar", 1, "fixed", "hard", 2.1)
    np.testing.assert_allclose(lost[:, 16:18], 0.5, atol=1e-14)  # the pair's mean
    between = np.where(np.arange(32) < 16, 0.4, 0.6) * np.ones((32, 1))
    np.testing.assert_allclose(
        wavelet_shrink(between, SIGMA, "haar", 1, "fixed", "hard", 20), between, atol=1e-14
    )


def test_an_edge_below_the_threshold_keeps_its_coarse_coefficients():
    edge = np.where(np.arange(32) < 17, 0.0, 1.0) * np.ones((32, 1))  # worth 1 on every level
    far = np.where(np.arange(32) < 21, 0.0, 1.0) * np.ones((32, 1))  # worth 1, 1, 3, 5
    for image, least in ((edge, 1.0), (far, 5.0)):
        flat = wavelet_shrink(image, 1.0, "haar", 4, "fixed", "hard", least + 0.01)
        np.testing.assert_allclose(flat[:, 16:], image[:, 16:].mean(), atol=1e-12)
        kept = wavelet_shrink(image, 1.0, "haar", 4, "fixed", "hard", least - 0.01)
        assert np.ptp(kept[:, 16:]) > 0.1


def test_colour_is_treated_channel_by_channel():
    noisy = noise((20, 24, 3))
    estimate = WaveletShrink()(noisy, SIGMA)
    np.testing.assert_array_equal(estimate[..., 1], WaveletShrink()(noisy[..., 1], SIGMA))
    estimate = UndecimatedHaar()(noisy, SIGMA)
    np.testing.assert_array_equal(estimate[..., 2], UndecimatedHaar()(noisy[..., 2], SIGMA))


def test_fewer_levels_where_the_filter_does_not_fit():
    assert usable_levels((256, 256), "db2", 4) == 4
    assert usable_levels((16, 300), "db2", 4) == 2  # 16 -> 8 (-> 4, as long as the filter)
    assert usable_levels((1, 7), "db4", 4) == 1


def test_sigma_zero_and_strength_zero_return_a_copy():
    noisy = noise((9, 10))
    for denoiser in (WaveletShrink(strength=0), UndecimatedHaar(threshold_ratio=0)):
        np.testing.assert_array_equal(denoiser(noisy, SIGMA), noisy)
    for denoiser in (WaveletShrink(), UndecimatedHaar()):
        estimate = denoiser(noisy, 0.0)
        np.testing.assert_array_equal(estimate, noisy)
        assert not np.shares_memory(estimate, noisy)


# -- all shifts at once


def all_shifts_by_brute_force(image, threshold, levels, mode):
    """Shift, transform, shrink, transform back, shift back, average: the definition."""
    shifts = list(np.ndindex(2**levels, 2**levels))
    total = np.zeros_like(image)
    for shift in shifts:
        moved = np.roll(image, shift, (0, 1))
        approximation, bands = filter_bank.transform(moved, filter_bank.HAAR, levels)
        bands = [tuple(mode(band, threshold(i)) for band in level) for i, level in
                 zip(range(levels - 1, -1, -1), bands, strict=True)]  # fmt: skip
        back = filter_bank.inverse(approximation, bands, filter_bank.HAAR)
        total += np.roll(back, (-shift[0], -shift[1]), (0, 1))
    return total / len(shifts)


@pytest.mark.parametrize("mode", ["soft", "hard"])
@pytest.mark.parametrize("falloff", [1.0, 0.8])
def test_undecimated_equals_cycle_spinning_over_all_shifts(mode, falloff):
    noisy, levels = noise((16, 24)), 3
    expected = all_shifts_by_brute_force(
        noisy, lambda level: 1.5 * SIGMA * falloff**level, levels, getattr(thresholds, mode)
    )
    ours = undecimated_haar_shrink(noisy, SIGMA, levels, 1.5, falloff, mode, "periodic")
    np.testing.assert_allclose(ours, expected, atol=1e-13)  # sums in another order


def test_undecimated_equals_cycle_spinning_with_the_universal_threshold():
    noisy = noise((16, 16), seed=5)
    ratio = thresholds.universal_threshold(1.0, noisy.size)
    expected = all_shifts_by_brute_force(noisy, lambda _: ratio * SIGMA, 2, thresholds.soft)
    ours = undecimated_haar_shrink(noisy, SIGMA, 2, ratio, 1.0, "soft", "periodic")
    np.testing.assert_allclose(ours, expected, atol=1e-13)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_undecimated_at_every_size(shape):
    for dtype in (np.float32, np.float64):
        estimate = UndecimatedHaar()(noise(shape, dtype=dtype), SIGMA)
        assert estimate.shape == shape and estimate.dtype == dtype
        assert np.isfinite(estimate).all()
    np.testing.assert_array_equal(UndecimatedHaar()(np.full(shape, 0.3), SIGMA), 0.3)


def test_undecimated_strips_equal_one(monkeypatch):
    noisy = noise((70, 23))
    whole = UndecimatedHaar(levels=2)(noisy, SIGMA)
    monkeypatch.setattr("lessons_lib.denoisers.undecimated.AT_ONCE", 1)  # 12 x 12 at a time
    np.testing.assert_array_equal(UndecimatedHaar(levels=2)(noisy, SIGMA), whole)


def test_many_levels_on_a_wide_picture_need_no_more_than_a_tile():
    wide = noise((1020, 4500), dtype=np.float32)
    tracemalloc.start()
    undecimated_haar_shrink(wide, SIGMA, 8)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    # 18 MB for the estimate, 31 MB with borders, 240 MB for a tile; in whole rows it was 840 MB.
    assert peak < 350


def test_undecimated_does_not_care_where_the_picture_begins():
    noisy = noise((32, 32))
    moved = np.roll(noisy, (3, 5), (0, 1))
    settings = (SIGMA, 3, 3.0, 1.0, "hard", "periodic")
    np.testing.assert_allclose(
        undecimated_haar_shrink(moved, *settings),
        np.roll(undecimated_haar_shrink(noisy, *settings), (3, 5), (0, 1)),
        atol=1e-13,
    )


# -- bad settings


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: WaveletShrink(wavelet="db99"), "haar, db1 to db38, sym2 to sym20, coif1 to"),
        (lambda: WaveletShrink(wavelet="bior2.2"), "must be an orthogonal one"),
        (lambda: WaveletShrink(wavelet=None), "got None"),
        (lambda: WaveletShrink(levels=0), r"levels \(of the transform\) must be from 1 to 12"),
        (lambda: WaveletShrink(levels=2.5), "levels must be a whole number, got 2.5"),
        (lambda: WaveletShrink(rule="best"), "rule must be one of bayes, universal, sure, fixed"),
        (lambda: WaveletShrink(mode="firm"), "mode must be one of soft, hard; got 'firm'"),
        (lambda: WaveletShrink(strength=-1), "strength .* must be from 0 to 20, got -1"),
        (lambda: UndecimatedHaar(levels=9), "must be from 1 to 8, got 9"),
        (lambda: UndecimatedHaar(levels=13), "must be from 1 to 8, got 13"),
        (lambda: UndecimatedHaar(levels=2.5), "levels must be a whole number, got 2.5"),
        (lambda: UndecimatedHaar(falloff=0.005), "falloff .* must be from 0.01 to 1"),
        (lambda: UndecimatedHaar(falloff=0), "falloff .* must be from 0.01 to 1"),
        (lambda: UndecimatedHaar(mode="firm"), "mode must be one of soft, hard"),
        (
            lambda: undecimated_haar_shrink(noise((4, 4)), SIGMA, border="zero"),
            "border must be one of mirror, periodic",
        ),
    ],
)
def test_wrong_settings_are_refused_with_what_there_is(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_wavelets_on_offer_are_all_orthogonal():
    assert {"haar", "db2", "sym4", "coif1"} < set(wavelet_names())
    assert all(pywt.Wavelet(name).orthogonal for name in wavelet_names())


# -- regression guard on standard pictures


@pytest.mark.parametrize(
    ("denoiser", "least"), [(WaveletShrink(), 26.69), (UndecimatedHaar(), 28.42)], ids=repr
)
def test_psnr_on_set12_at_sigma_25(shared_data, denoiser, least):
    """scikit-image reaches 26.69 (db2, BayesShrink) and 27.92 (with cycle spinning)."""
    scores = []
    for clean in standard_set("Set12", shared_data).values():
        draw = np.random.default_rng(0).standard_normal(clean.shape)
        estimate = np.clip(denoiser(clean + 25 / 255 * draw, 25 / 255), 0, 1)
        scores.append(-10 * np.log10(np.mean((estimate - clean) ** 2)))
    assert np.mean(scores) > least - 0.005
