"""Noise as an ingredient: unit variance, the promised frequency, and clear refusals."""

import numpy as np
import pytest

from lessons_lib.scenes.band_noise import (
    Ingredient,
    band_noise,
    check_frequency,
    frequencies_of,
    sparse_noise,
    white_noise,
)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("frequency", [0.02, 0.12, 0.35, 0.5])
@pytest.mark.parametrize("shape", [(96, 128), (101, 77)])
def test_band_noise_has_mean_0_and_variance_1(frequency, shape):
    fields = [band_noise(shape, frequency, rng(seed)) for seed in range(60)]
    assert all(abs(field.mean()) < 1e-12 for field in fields)  # frequency 0 is taken out
    # At 0.02 some 15 independent waves a field: a relative spread of .26 / sqrt(60) = .03.
    assert np.mean([field.var() for field in fields]) == pytest.approx(1, abs=0.12)


def test_it_is_a_ring_of_the_whole_fourier_transform():
    shape, centre = (33, 40), 0.15
    f = np.hypot(np.fft.fftfreq(33)[:, None], np.fft.fftfreq(40))
    ring = np.exp(-((f - centre) ** 2) / (2 * (0.35 * centre) ** 2))
    ring[0, 0] = 0
    white = np.fft.fft2(rng().standard_normal(shape))
    reference = np.fft.ifft2(white * ring).real / np.sqrt(np.mean(ring**2))
    np.testing.assert_allclose(band_noise(shape, centre, rng()), reference, atol=1e-12)


@pytest.mark.parametrize("frequency", [0.05, 0.12, 0.3])
def test_its_power_lies_around_the_frequency(frequency):
    field = band_noise((256, 256), frequency, rng(), width=0.1)
    power = np.abs(np.fft.rfft2(field)) ** 2
    mean = np.sum(power * frequencies_of(field.shape)) / power.sum()
    # The ring grows with f, which moves the mean up by width^2 = 1 %; the rest is chance.
    assert mean == pytest.approx(frequency, rel=0.03)


def test_white_and_sparse_noise_have_unit_variance_and_flat_spectra():
    for field in (white_noise((256, 256), rng()), sparse_noise((256, 256), 0.02, rng())):
        # 65,536 samples; the fourth moment of sparse noise is 48, so sd sqrt(48 / 65536) = .03.
        assert field.var() == pytest.approx(1, abs=0.1) and abs(field.mean()) < 0.02
        power, f = np.abs(np.fft.rfft2(field)) ** 2, frequencies_of(field.shape)
        low, high = power[(f > 0) & (f < 0.2)].mean(), power[f > 0.4].mean()
        assert low / high == pytest.approx(1, abs=0.1)


def test_sparse_noise_has_two_values():
    values = np.unique(sparse_noise((64, 64), 0.1, rng()))
    np.testing.assert_allclose(values, [-0.1 / 0.3, 0.9 / 0.3])  # s = sqrt(.1 * .9)


def test_the_same_seed_gives_the_same_noise():
    for kind in ("none", "band", "white", "sparse"):
        ingredient = Ingredient(kind, 0.1)
        np.testing.assert_array_equal(
            ingredient.draw((40, 33), rng(5)), ingredient.draw((40, 33), rng(5))
        )
    assert not Ingredient("none").draw((4, 5), rng()).any()


@pytest.mark.parametrize(
    ("frequency", "words"),
    [
        (0, "above 0 and at most 0.5 cycles/px, got 0; 0 would be a constant"),
        (-0.1, "got -0.1"),
        (0.51, "half a cycle per pixel; a period in px is 1 / frequency"),
        (np.nan, "got nan"),
        ("fine", "one number in cycles/px"),
        ([0.1], "one number"),
        (True, "one number"),
    ],
)
def test_frequencies_that_no_grid_carries(frequency, words):
    with pytest.raises(ValueError, match=words):
        check_frequency(frequency)
    with pytest.raises(ValueError, match=words):
        Ingredient("band", frequency)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: band_noise((16, 64), 0.05, rng()), "smaller than one period of 20 px"),
        (lambda: band_noise((64, 64), 0.1, rng(), width=0), "width must be above 0"),
        (lambda: band_noise((64, 64), 0.1, 3), "np.random.default_rng"),
        (lambda: white_noise((0, 4), rng()), "each at least 1"),
        (lambda: white_noise((4,), rng()), "rows, columns"),
        (lambda: sparse_noise((4, 4), 0, rng()), "share must be above 0 and below 1"),
        (lambda: sparse_noise((4, 4), 1, rng()), "share must be"),
        (lambda: Ingredient("pink"), "one of none, band, white, sparse, got 'pink'"),
    ],
)
def test_other_bad_input(call, words):
    with pytest.raises(ValueError, match=words):
        call()
