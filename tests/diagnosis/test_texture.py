"""Texture response: identity, closed form of a blur, and independence from noise."""

import numpy as np
import pytest
from scipy import ndimage

from lessons_lib.diagnosis.texture import texture_kept, texture_response
from lessons_lib.scenes.phantoms import dead_leaves


@pytest.fixture(scope="module")
def leaves():
    return dead_leaves(192, seed=1)


def blur(image, width):
    return ndimage.gaussian_filter(image, width, mode="reflect", truncate=8, axes=(0, 1))


def test_identity_keeps_everything_and_a_constant_nothing(leaves):
    frequencies, response = texture_response(leaves, leaves)
    np.testing.assert_allclose(response, 1, atol=1e-12)
    assert np.all(np.diff(frequencies) > 0)
    assert 0 < frequencies[0] < 0.021
    assert 0.479 < frequencies[-1] <= 0.5
    assert texture_kept(leaves, np.full_like(leaves, 0.3)) == pytest.approx(0, abs=1e-12)
    assert texture_kept(leaves, leaves) == pytest.approx(1)


def test_contrast_and_sign_are_the_gain_and_brightness_does_not_matter(leaves):
    for gain in (0.25, -1.0, 1.5):
        _, response = texture_response(leaves, gain * leaves + 0.2)
        np.testing.assert_allclose(response, gain, atol=1e-12)


@pytest.mark.parametrize("width", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("texture", ["leaves", "white"])
def test_a_blur_gives_its_transfer_function(width, texture, leaves):
    clean = leaves if texture == "leaves" else np.random.default_rng(0).random((192, 192))
    frequencies, response = texture_response(clean, blur(clean, width), rings=24)
    expected = np.exp(-2 * np.pi**2 * width**2 * frequencies**2)
    # Rings are w = 1/48 cycles/px wide and a spectrum of slope -3 / f weighs their inner
    # part more: the mean frequency moves by 3 w^2 / (12 f), 0.0036 at f = 0.03, where the
    # response falls by 4.2 per cycles/px for s = 2: 0.015. Sampling the Gaussian mirrors
    # its response at 0.5 and adds up to exp(-pi^2 s^2 / 2) = 0.007 at s = 1.
    np.testing.assert_allclose(response, expected, atol=0.02)


def test_independent_noise_adds_no_bias(leaves):
    blurred = blur(leaves, 1.0)
    _, without = texture_response(leaves, blurred, rings=12)
    rng = np.random.default_rng(2)
    draws = np.stack(
        [
            texture_response(leaves, blurred + 0.05 * rng.standard_normal(leaves.shape), 12)[1]
            for _ in range(40)
        ]
    )
    standard_error = draws.std(axis=0, ddof=1) / np.sqrt(40)
    assert np.all(np.abs(draws.mean(axis=0) - without) < 4 * standard_error)
    # A ratio of power spectra takes the same noise for texture.
    noise_alone = 0.05 * rng.standard_normal(leaves.shape)
    assert abs(texture_kept(leaves, noise_alone)) < 0.05


def test_more_blur_keeps_less_and_the_number_is_the_mean_of_the_curve(leaves):
    kept = [texture_kept(leaves, blur(leaves, width)) for width in (0.5, 1.0, 2.0, 4.0)]
    assert np.all(np.diff(kept) < 0)
    frequencies, response = texture_response(leaves, blur(leaves, 1.0))
    band = (frequencies >= 0.1) & (frequencies <= 0.4)
    assert kept[1] == pytest.approx(response[band].mean())
    # Mean of exp(-2 pi^2 f^2) over 0.1 .. 0.4; tolerance as for the curve.
    grid = np.linspace(0.1, 0.4, 1001)
    assert kept[1] == pytest.approx(np.exp(-2 * np.pi**2 * grid**2).mean(), abs=0.01)


def test_colour_counts_by_luminance(leaves):
    colour = np.stack([leaves, leaves[::-1], leaves.T], axis=2)
    np.testing.assert_allclose(texture_response(colour, 0.5 * colour)[1], 0.5, atol=1e-12)
    grey = np.stack([leaves] * 3, axis=2)
    np.testing.assert_allclose(
        texture_response(grey, blur(grey, 1.0))[1],
        texture_response(leaves, blur(leaves, 1.0))[1],
        atol=1e-12,
    )


def test_errors_say_what_to_do(leaves):
    with pytest.raises(ValueError, match="clean and estimate must have the same shape"):
        texture_response(leaves, leaves[1:])
    with pytest.raises(ValueError, match="use a textured image such as dead leaves"):
        texture_response(np.full((64, 64), 0.5), np.full((64, 64), 0.5))
    with pytest.raises(ValueError, match="rings must be from 1 to about 16"):
        texture_response(leaves[:32, :32], leaves[:32, :32], rings=200)
    with pytest.raises(ValueError, match="widen the band or raise rings"):
        texture_kept(leaves, leaves, low=0.2, high=0.2)
