"""MSE, PSNR and SSIM against closed forms and a written-out SSIM."""

import math

import numpy as np
import pytest
from scipy.ndimage import correlate1d

from lessons_lib.diagnosis.fidelity import mse, psnr, ssim


@pytest.fixture
def clean():
    return np.random.default_rng(0).uniform(0, 1, (24, 31))


def test_a_constant_offset_has_a_known_error(clean):
    assert mse(clean, clean + 0.1) == pytest.approx(0.01)
    assert psnr(clean, clean + 0.1) == pytest.approx(20.0)
    assert psnr(clean, clean - 0.01) == pytest.approx(40.0)


def test_identical_images(clean):
    assert mse(clean, clean.copy()) == 0
    assert psnr(clean, clean.copy()) == math.inf
    assert ssim(clean, clean.copy()) == pytest.approx(1.0, abs=1e-12)


def test_values_outside_the_range_are_not_clipped(clean):
    assert mse(np.ones_like(clean), np.full_like(clean, 3.0)) == pytest.approx(4.0)
    bright = np.ones((16, 16))
    assert ssim(bright, bright + 0.5) < ssim(bright, bright + 0.1) < 1


def test_float32_is_scored_in_double_precision(clean):
    low = clean.astype(np.float32)
    assert mse(low, low + np.float32(1e-3)) == pytest.approx(1e-6, rel=1e-3)


def test_colour_averages_the_error_over_channels(clean):
    colour = np.repeat(clean[..., None], 3, axis=2)
    shifted = colour.copy()
    shifted[..., 1] += 0.3
    assert mse(colour, shifted) == pytest.approx(0.03)
    grey = ssim(clean, clean + 0.3)
    # Two channels are identical, one is shifted.
    assert ssim(colour, shifted) == pytest.approx((2 + grey) / 3, abs=1e-12)


def written_out_ssim(clean, estimate):
    """Equation 13 of Wang et al. with 11 x 11 Gaussian weights, inside the image only."""
    weights = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    weights /= weights.sum()

    def local(image):
        return correlate1d(correlate1d(image, weights, axis=0), weights, axis=1)

    mean_c, mean_e = local(clean), local(estimate)
    var_c, var_e = local(clean**2) - mean_c**2, local(estimate**2) - mean_e**2
    cov = local(clean * estimate) - mean_c * mean_e
    c1, c2 = 0.01**2, 0.03**2
    index = (2 * mean_c * mean_e + c1) * (2 * cov + c2)
    index /= (mean_c**2 + mean_e**2 + c1) * (var_c + var_e + c2)
    return index[5:-5, 5:-5].mean()


def test_ssim_is_the_formula_of_the_paper(clean):
    estimate = clean + 0.2 * np.random.default_rng(1).standard_normal(clean.shape)
    assert ssim(clean, estimate) == pytest.approx(written_out_ssim(clean, estimate), abs=1e-12)


def test_ssim_needs_its_window():
    small = np.zeros((10, 40))
    with pytest.raises(ValueError, match=r"at least 11 x 11 px, got shape \(10, 40\).*use mse"):
        ssim(small, small)
    edge = np.zeros((11, 11))
    assert ssim(edge, edge) == pytest.approx(1.0)


@pytest.mark.parametrize("measure", [mse, psnr, ssim])
def test_unequal_pairs_are_refused(measure, clean):
    with pytest.raises(ValueError, match="clean and estimate must have the same shape"):
        measure(clean, clean[:-1])
    with pytest.raises(ValueError, match="estimate must be float"):
        measure(clean, np.zeros(clean.shape, dtype=np.uint8))
    with pytest.raises(ValueError, match="estimate has 1 pixels that are NaN"):
        broken = clean.copy()
        broken[0, 0] = np.nan
        measure(clean, broken)
