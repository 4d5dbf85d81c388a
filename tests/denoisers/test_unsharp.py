"""Unsharp masking: its noise in closed form, and the width that it gives back."""

import dataclasses

import numpy as np
import pytest
from scipy.special import ndtr
from skimage.filters import unsharp_mask as skimage_unsharp

from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.denoisers.linear import gaussian
from lessons_lib.denoisers.unsharp import UnsharpMask, unsharp_mask, unsharp_noise_gain
from lessons_lib.diagnosis.edge_position import locate_edge, position_bound
from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.scenes.phantoms import SlantedEdge

SHAPES = [(1, 1), (1, 7), (2, 3), (16, 17), (9, 8, 3), (6, 5, 1)]
SETTINGS = [(1.5, 1.0), (0.5, 0.3), (3.0, 5.0)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_contract_of_a_filter(shape, dtype):
    noisy = np.random.default_rng(0).normal(0.5, 0.1, shape).astype(dtype)
    before = noisy.copy()
    sharp = UnsharpMask()(noisy, 0.1)
    assert isinstance(UnsharpMask(), Denoiser)
    assert sharp.shape == shape and sharp.dtype == dtype and np.isfinite(sharp).all()
    np.testing.assert_array_equal(noisy, before)
    np.testing.assert_array_equal(UnsharpMask(amount=0.0)(noisy, 0.1), noisy)
    # Rounding, here of float32: a constant near .3 has steps of 3e-8.
    flat = UnsharpMask()(np.full(shape, 0.3, dtype), 0.1)
    np.testing.assert_allclose(flat, 0.3, atol=1e-13 if dtype == np.float64 else 1e-6)


def test_it_is_linear_and_its_pullback_is_itself():
    noisy, other = np.random.default_rng(1).random((2, 14, 11))
    mask = UnsharpMask(1.2, 0.7)
    both = mask(2 * noisy - other, 0.1)
    np.testing.assert_allclose(both, 2 * mask(noisy, 0.1) - mask(other, 0.1), atol=1e-12)
    pulled = mask.pullback(noisy, 0.1, other)
    assert np.sum(pulled * noisy) == pytest.approx(np.sum(other * mask(noisy, 0.1)), rel=1e-12)
    poked = noisy.copy()
    poked[0, 0] += 1
    moved = np.abs(mask(poked, 0.1) - mask(noisy, 0.1)) > 1e-12
    assert max(np.argwhere(moved).max(axis=0)) <= mask.reach


@pytest.mark.parametrize(("width", "amount"), SETTINGS)
def test_scikit_image_sharpens_alike(width, amount):
    image = np.random.default_rng(2).random((30, 40))
    expected = skimage_unsharp(image, radius=width, amount=amount, preserve_range=True)
    # Its Gaussian has the same cut at 4 widths, and its border is mirrored about pixel centres.
    inner = np.s_[13:-13, 13:-13]
    np.testing.assert_allclose(
        unsharp_mask(image, width, amount)[inner], expected[inner], atol=1e-12
    )


@pytest.mark.parametrize(("width", "amount"), SETTINGS)
def test_the_noise_gain_is_the_sum_of_the_squared_kernel(width, amount):
    impulse = np.zeros((61, 61))
    impulse[30, 30] = 1
    kernel = unsharp_mask(impulse, width, amount)
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    assert unsharp_noise_gain(width, amount) == pytest.approx(np.sum(kernel**2), rel=1e-12)
    noise = np.random.default_rng(3).standard_normal((400, 400))
    measured = unsharp_mask(noise, width, amount)[20:-20, 20:-20].var()
    # 129,600 pixels know a variance to .4 % if independent; sharpened noise nearly is.
    assert measured == pytest.approx(unsharp_noise_gain(width, amount), rel=0.015)


def test_no_amount_and_no_width_keep_the_noise():
    assert unsharp_noise_gain(0.0, 3.0) == 1.0
    assert unsharp_noise_gain(2.0, 0.0) == 1.0
    # A wide Gaussian holds no noise: (1 + a)^2 is all; .02 is 2 a (1 + a) / (2 pi 20^2).
    assert unsharp_noise_gain(20.0, 1.0) == pytest.approx(4, abs=0.02)


def test_it_gives_width_back_and_brings_noise():
    """A Gaussian of 1.5 px, sharpened: nearly half its width, and several times its noise."""
    edge = SlantedEdge()
    blurred = gaussian(edge.image(), 1.5)
    sharp = unsharp_mask(blurred, 1.5, 2.0)
    before, after = (rise_width(edge_spread(one, edge)) for one in (blurred, sharp))
    noise = gaussian(np.random.default_rng(4).standard_normal((256, 256)), 1.5)
    rise = unsharp_mask(noise, 1.5, 2.0)[16:-16, 16:-16].std() / noise[16:-16, 16:-16].std()
    assert before == pytest.approx(2.563 * np.hypot(1.5, np.sqrt(1 / 12)), rel=0.03)
    assert after < 0.65 * before and rise > 1.5
    assert sharp.max() > edge.image().max(), "it overshoots"


def test_it_does_not_tell_better_where_the_edge_is():
    """Sharpening can be undone, so what is known about the edge's place stays the same.

    The likeliest place, fitted to the rows themselves, reaches the bound; the same fit on the
    sharpened rows, with the sharper edge's own width, does no better.
    """
    pixels, rng = np.arange(33), np.random.default_rng(5)
    rows = ndtr((pixels - 16) / 1.5) + 0.1 * rng.standard_normal((2000, 33))
    # (1 + a) - a G has no zero in its transform: it can be divided away again.
    response = 3 - 2 * np.exp(-2 * (np.pi * 1.5 * np.fft.rfftfreq(33)) ** 2)
    sharp = np.fft.irfft(np.fft.rfft(rows) * response, 33)
    np.testing.assert_allclose(np.fft.irfft(np.fft.rfft(sharp) / response, 33), rows, atol=1e-12)
    plain = locate_edge(rows, 1.0, 1.5).std()
    # 2,000 rows know a standard deviation to 1.6 %; three of those.
    assert plain == pytest.approx(position_bound(1.0, 0.1, 1.5, 1), rel=0.05)
    fits = [locate_edge(sharp, 1.0, blur).std() for blur in (0.6, 0.8, 1.0, 1.5)]
    assert min(fits) > 0.95 * plain


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"width": -1.0}, "width .px. must be from 0 to 50"),
        ({"amount": 21.0}, "amount must be from 0 to 20"),
        ({"amount": "much"}, "amount must be a number"),
    ],
)
def test_impossible_settings_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        UnsharpMask(**settings)


@pytest.mark.parametrize(
    ("noisy", "sigma", "words"),
    [
        (np.zeros((4, 4)), 25, "divide by 255"),
        (np.zeros((4, 4), np.uint8), 0.1, "as_image"),
        (np.full((4, 4), np.nan), 0.1, "NaN"),
    ],
)
def test_bad_input_is_refused(noisy, sigma, words):
    with pytest.raises(ValueError, match=words):
        UnsharpMask()(noisy, sigma)


def test_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        UnsharpMask().amount = 2.0
    assert repr(UnsharpMask()) == "UnsharpMask(width=1.5, amount=1.0)"
