"""All shifts by Fourier transform against one shift after another."""

import numpy as np
import pytest
import pywt

from lessons_lib.denoisers.stationary import AllShifts
from lessons_lib.denoisers.thresholds import hard, soft
from lessons_lib.denoisers.undecimated import undecimated_haar_shrink


def shrink_one_shift(image, wavelet, levels, shrink, shift):
    moved = np.roll(image, shift, (0, 1))
    rest, *bands = pywt.wavedec2(moved, wavelet, "periodization", levels)
    bands = [tuple(shrink(band) for band in level) for level in bands]
    back = pywt.waverec2([rest, *bands], wavelet, "periodization")
    return np.roll(back, (-shift[0], -shift[1]), (0, 1))


@pytest.mark.parametrize("wavelet", ["haar", "db2", "db4", "sym4"])
def test_it_is_the_mean_over_all_shifts(wavelet):
    levels, image = 2, np.random.default_rng(0).normal(0.5, 0.1, (32, 40))
    transform = AllShifts(image.shape, np.array(pywt.Wavelet(wavelet).rec_lo), levels)
    approximation, bands = transform.split(image)
    bands = [tuple(soft(band, 0.13) for band in level) for level in bands]
    expected = np.mean(
        [
            shrink_one_shift(image, wavelet, levels, lambda band: soft(band, 0.13), shift)
            for shift in np.ndindex(4, 4)
        ],
        axis=0,
    )
    # float32: 24 bits, and sums over 1280 pixels.
    np.testing.assert_allclose(transform.merge(approximation, bands), expected, atol=2e-6)


def test_nothing_is_lost():
    image = np.random.default_rng(1).random((64, 48))
    transform = AllShifts(image.shape, np.array(pywt.Wavelet("db4").rec_lo), 3)
    np.testing.assert_allclose(transform.merge(*transform.split(image)), image, atol=2e-6)


def test_haar_is_the_undecimated_haar():
    image = np.random.default_rng(2).normal(0.5, 0.1, (32, 32))
    transform = AllShifts(image.shape, np.array(pywt.Wavelet("haar").rec_lo), 3)
    approximation, bands = transform.split(image)
    bands = [tuple(hard(band, 0.25) for band in level) for level in bands]
    expected = undecimated_haar_shrink(image, 0.1, 3, 2.5, 1.0, "hard", "periodic")
    # float32 rounding may move a coefficient over the hard threshold; none is so close here.
    np.testing.assert_allclose(transform.merge(approximation, bands), expected, atol=2e-6)


def test_sides_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"divisible by 2\^levels = 8, got \(30, 32\); crop"):
        AllShifts((30, 32), np.array(pywt.Wavelet("haar").rec_lo), 3)
