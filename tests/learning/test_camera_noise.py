"""Camera noise for training: where its variance lies, how it is spread, what comes back."""

import numpy as np
import pytest

from lessons_lib.diagnosis.noise_level import autocorrelation
from lessons_lib.learning.camera_noise import CameraNoise
from lessons_lib.scenes.camera import srgb_decode

GREY = np.full((64, 64, 3), 0.5, np.float32)


def test_a_crop_comes_back_with_its_target_and_a_rough_sigma():
    recipe, ratios = CameraNoise(), []
    for seed in range(60):
        noisy, target, sigma = recipe(GREY, np.random.default_rng(seed))
        assert target is GREY and noisy.dtype == np.float32 and noisy.shape == GREY.shape
        assert 0 <= noisy.min() and noisy.max() <= 1, "a developed photo is clipped"
        ratios.append(sigma / np.sqrt(np.mean((noisy - GREY) ** 2)))
    # exp of a normal number of standard deviation .35, 60 draws: .32 to .38 is one sigma.
    assert np.std(np.log(ratios)) == pytest.approx(0.35, abs=0.1)
    again = recipe(GREY, np.random.default_rng(59))
    assert np.array_equal(again[0], noisy) and again[2] == sigma


def test_shot_and_read_noise_have_their_variance():
    recipe = CameraNoise((400.0, 400.0), (5.0, 5.0), (2.0, 2.0), smoothing=(0.0, 0.0))
    light = srgb_decode(np.full((256, 256, 3), 0.6))
    noise = recipe.sensor_noise(light, np.random.default_rng(0))
    value = light[0, 0, 0]
    for channel, (factor, share) in enumerate([(2, 0.5625), (1, 0.625), (2, 0.5625)]):
        white = 400 / factor
        # Bilinear demosaicing leaves .5625 (red, blue) and .625 (green) of the variance.
        expected = share * (value / white + (5 / white) ** 2)
        # 65,536 values of neighbouring correlation: known to about 1.5 %.
        assert noise[..., channel].var() == pytest.approx(expected, rel=0.06)


def test_neighbours_share_their_noise():
    recipe = CameraNoise(smoothing=(0.0, 0.0))
    noise = recipe.sensor_noise(srgb_decode(np.full((128, 128, 3), 0.6)), np.random.default_rng(1))
    red = autocorrelation(noise[..., 0], 1)
    assert red[1, 2] / red[1, 1] == pytest.approx(2 / 3, abs=0.05)
