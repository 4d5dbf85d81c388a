from dataclasses import replace

import numpy as np
import pytest

from lessons_lib.scenes.development import (
    Development,
    bayer_colours,
    demosaic,
    develop,
    develop_stages,
    jpeg,
    mosaic,
    srgb_decode,
    srgb_encode,
    white_balance,
)
from lessons_lib.scenes.sensor import Sensor, expose

STAGES = [
    "raw mosaic",
    "demosaiced",
    "white balanced",
    "exposed",
    "clipped",
    "tone curve",
    "8 bits",
    "JPEG",
]
SHAPES = [(2, 2), (3, 2), (2, 5), (7, 9), (16, 24)]


def generator(seed=0):
    return np.random.default_rng(seed)


def correlation(noise, row_lag, column_lag):
    """Autocorrelation of a zero-mean field, without a diagnosis module."""
    height, width = noise.shape
    one = noise[row_lag:, column_lag:]
    other = noise[: height - row_lag, : width - column_lag]
    return (one * other).mean() / (noise**2).mean()


# ---- mosaic and demosaicing ----


def test_the_mosaic_is_red_green_green_blue():
    image = np.broadcast_to([1.0, 2.0, 3.0], (5, 4, 3)).copy()
    assert mosaic(image)[:3].tolist() == [[1, 2, 1, 2], [2, 3, 2, 3], [1, 2, 1, 2]]
    assert bayer_colours((2, 2)).tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize("shape", SHAPES)
def test_constants_stay_constant_at_the_borders_too(shape):
    image = np.broadcast_to([0.2, -0.5, 3.0], (*shape, 3)).copy()
    assert demosaic(mosaic(image)) == pytest.approx(image, abs=1e-14)


@pytest.mark.parametrize("shape", SHAPES)
def test_measured_values_are_kept(shape):
    image = generator().random((*shape, 3))
    raw = mosaic(image)
    assert mosaic(demosaic(raw)) == pytest.approx(raw, abs=1e-14)


def test_a_linear_ramp_comes_through_inside():
    rows, columns = np.indices((12, 15))
    ramp = (0.1 + 0.02 * rows + 0.03 * columns)[..., np.newaxis] * [1.0, 0.5, 2.0]
    assert demosaic(mosaic(ramp))[1:-1, 1:-1] == pytest.approx(ramp[1:-1, 1:-1], abs=1e-13)


def test_demosaicing_is_the_mean_of_the_nearest_samples():
    raw = generator().random((6, 6))
    image = demosaic(raw)
    # (3, 3) is blue: red is the mean of 4 corners, green of 4 neighbours.
    assert image[3, 3, 0] == pytest.approx(raw[[2, 2, 4, 4], [2, 4, 2, 4]].mean())
    assert image[3, 3, 1] == pytest.approx(raw[[2, 4, 3, 3], [3, 3, 2, 4]].mean())
    # (2, 3) is green: red lies left and right, blue above and below.
    assert image[2, 3, 0] == pytest.approx((raw[2, 2] + raw[2, 4]) / 2)
    assert image[2, 3, 2] == pytest.approx((raw[1, 3] + raw[3, 3]) / 2)


def test_mosaics_are_refused_where_a_colour_would_be_missing():
    with pytest.raises(ValueError, match=r"at least 2 x 2 pixels, one RGGB cell, got \(1, 8\)"):
        demosaic(np.ones((1, 8)))
    with pytest.raises(ValueError, match=r"raw_mosaic must have shape \(H, W\)"):
        demosaic(np.ones((4, 4, 3)))
    for call in (mosaic, lambda image: white_balance(image, (1, 1, 1))):
        with pytest.raises(ValueError, match=r"must be colour, \(H, W, 3\), got \(4, 4\)"):
            call(np.ones((4, 4)))


# A colour's samples are white noise of variance 1; interpolation convolves them with a
# kernel k, so the autocovariance is (share of sampled pixels) * (k correlated with k).
# Red and blue: k = (1/2, 1, 1/2) along rows and columns, share 1/4, per axis k*k is
# 3/2, 1, 1/4. Green: k = 1 and four times 1/4, share 1/2, k*k = 5/4, 1/2 and 1/8.
@pytest.mark.parametrize(
    ("channel", "variance", "lag_one", "diagonal", "lag_two"),
    [
        (0, 0.5625, 2 / 3, 4 / 9, 1 / 6),
        (1, 0.625, 0.4, 0.1, 0.05),
        (2, 0.5625, 2 / 3, 4 / 9, 1 / 6),
    ],
)
def test_demosaicing_colours_white_noise_as_predicted(
    channel, variance, lag_one, diagonal, lag_two
):
    size = 512
    noise = demosaic(generator(channel).standard_normal((size, size)))[..., channel]
    # A quarter of the pixels are independent samples: four standard errors of a mean of
    # size^2 / 4 products are 8 * sqrt(2) / size = .022.
    tolerance = 4 * np.sqrt(2 / (size**2 / 4))
    assert noise.var() == pytest.approx(variance, rel=tolerance)
    assert correlation(noise, 0, 1) == pytest.approx(lag_one, abs=tolerance)
    assert correlation(noise, 1, 0) == pytest.approx(lag_one, abs=tolerance)
    assert correlation(noise, 1, 1) == pytest.approx(diagonal, abs=tolerance)
    assert correlation(noise, 0, 2) == pytest.approx(lag_two, abs=tolerance)


# ---- white balance and tone curve ----


def test_white_balance_multiplies_light_and_noise():
    image = generator().random((4, 5, 3))
    balanced = white_balance(image, (2.0, 1.0, 0.5))
    assert balanced == pytest.approx(image * [2, 1, 0.5])
    with pytest.raises(ValueError, match=r"three factors above 0, got \(1, 0, 1\)"):
        white_balance(image, (1, 0, 1))


def test_the_tone_curve_has_the_standards_values():
    # IEC 61966-2-1: the foot's slope, its end, and two values worked out by hand.
    assert srgb_encode(np.array([0.0, 0.002, 1.0])) == pytest.approx([0, 0.02584, 1], abs=1e-12)
    assert srgb_encode(np.array(0.0031308)) == pytest.approx(0.04045, abs=1e-6)
    assert srgb_encode(np.array(0.5)) == pytest.approx(1.055 * 0.5 ** (1 / 2.4) - 0.055)
    assert srgb_encode(np.array([0.18, 0.5])) == pytest.approx([0.46136, 0.73536], abs=5e-6)
    assert srgb_decode(np.array([0.04, 0.5])) == pytest.approx([0.04 / 12.92, 0.21404], abs=5e-6)


def test_the_tone_curve_goes_there_and_back_outside_the_range_too():
    linear = np.linspace(-2, 4, 6001)
    encoded = srgb_encode(linear)
    # The standard's rounded limits leave a step of 3e-8 where foot and curve meet.
    assert srgb_decode(encoded) == pytest.approx(linear, abs=1e-7)
    assert (np.diff(encoded) > 0).all()
    assert encoded == pytest.approx(-srgb_encode(-linear))
    assert encoded.max() > 1.8  # values above 1 are kept


# ---- JPEG ----


@pytest.mark.parametrize("shape", [(9, 13), (9, 13, 1), (16, 16, 3), (1, 1, 3), (33, 7, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_jpeg_keeps_shape_and_type(shape, dtype):
    image = generator().random(shape).astype(dtype)
    before = image.copy()
    stored = jpeg(image, 90)
    assert stored.shape == shape and stored.dtype == dtype
    assert stored.min() >= 0 and stored.max() <= 1
    assert np.array_equal(image, before)


def test_jpeg_loses_more_at_lower_quality():
    rows, columns = np.indices((64, 64)) / 63
    image = np.stack([rows * columns, rows, 0.5 * columns], axis=-1)
    image = np.clip(image + 0.05 * generator().standard_normal(image.shape), 0, 1)
    errors = [np.std(jpeg(image, quality) - image) for quality in (100, 90, 50, 10)]
    assert errors == sorted(errors) and errors[3] > 1.2 * errors[0]


def test_jpeg_shares_colour_between_four_pixels_by_default():
    # Red and blue stripes of one luma: their colour is lost where it is shared.
    stripes = np.zeros((32, 32, 3))
    stripes[:, ::2, 0], stripes[:, 1::2, 2] = 0.4, 1.0
    assert np.std(jpeg(stripes, 100) - stripes) > 0.2
    assert np.std(jpeg(stripes, 100, subsampling="4:4:4") - stripes) < 0.01


def test_jpeg_refuses_to_clip_silently():
    with pytest.raises(ValueError, match=r"in \[0, 1\], got -0.1 to 1; clip them yourself"):
        jpeg(np.array([[-0.1, 1.0]]), 90)


@pytest.mark.parametrize("quality", [0, 101, 75.5, True])
def test_quality_is_a_whole_number_from_1_to_100(quality):
    with pytest.raises(ValueError, match=f"whole number from 1 to 100, got {quality}"):
        jpeg(np.ones((8, 8)), quality)
    with pytest.raises(ValueError, match="whole number from 1 to 100"):
        Development(quality=quality)


# ---- the whole pipeline ----

GREY_SENSOR = Sensor(channel_sensitivity=(1.0, 1.0, 1.0), prnu=0.0, dsnu=0.0, dark_current=0.0)


def grey_stages(size=256, electrons=40.0, quality=90, seed=0):
    """Stages of an even grey field, .25 of white, far from clipping at both ends."""
    light = np.full((size, size), electrons / GREY_SENSOR.quantum_efficiency)
    raw = expose(light, 1.0, GREY_SENSOR, generator(seed))
    settings = Development(quality=quality).matched(GREY_SENSOR, 4 * electrons)
    return develop_stages(raw, GREY_SENSOR, settings)


def test_the_stages_come_in_order_and_in_one_size():
    stages = grey_stages(size=31)
    assert list(stages) == STAGES
    assert stages["raw mosaic"].shape == (31, 31)
    assert all(stages[name].shape == (31, 31, 3) for name in STAGES[1:])


def test_noise_is_white_at_the_sensor_and_coloured_afterwards():
    size = 256
    stages = grey_stages(size)
    raw = stages["raw mosaic"] - stages["raw mosaic"].mean()
    # A correlation of N independent values has the standard error 1 / sqrt(N).
    assert abs(correlation(raw, 0, 1)) < 4 / size
    assert abs(correlation(raw, 1, 0)) < 4 / size
    noise = {name: stages[name] - stages[name].mean((0, 1)) for name in STAGES[1:]}
    tolerance = 4 * np.sqrt(2 / (size**2 / 4))
    # White balance, brightening and a nearly straight piece of tone curve keep it.
    for name in STAGES[1:7]:
        assert correlation(noise[name][..., 1], 0, 1) == pytest.approx(0.4, abs=tolerance)
        assert correlation(noise[name][..., 0], 0, 1) == pytest.approx(2 / 3, abs=tolerance)
    # JPEG shares colour between four pixels: all three channels get the same grain (the
    # luma's, mostly green), so red loses a little of its correlation and green gains.
    assert 0.5 < correlation(noise["JPEG"][..., 0], 0, 1) < 2 / 3 - tolerance
    assert 0.4 + tolerance < correlation(noise["JPEG"][..., 1], 0, 1) < 0.6


def test_stronger_jpeg_makes_the_noise_smoother():
    lag_one = []
    for quality in (95, 50, 20):
        green = grey_stages(quality=quality)["JPEG"][..., 1]
        lag_one.append(correlation(green - green.mean(), 0, 1))
    assert lag_one == sorted(lag_one)


def test_noise_has_the_size_that_the_stages_predict():
    stages = grey_stages()
    size, electrons = 256, 40.0
    full = (4095 - 256) / 0.64
    sensor = np.sqrt(electrons + 1.6**2 + 1 / 12 / 0.64**2) / full
    # Four standard errors of a standard deviation.
    assert stages["raw mosaic"].std() == pytest.approx(sensor, rel=4 / np.sqrt(2) / size)
    blue = sensor * 0.75 * full / (4 * electrons)  # sqrt(.5625), brightened
    assert stages["exposed"][..., 2].std() == pytest.approx(blue, rel=8 / np.sqrt(2) / size)
    # The tone curve multiplies by its slope at .25: 1.055 / 2.4 * .25^(1 / 2.4 - 1).
    slope = 1.055 / 2.4 * 0.25 ** (1 / 2.4 - 1)
    assert stages["tone curve"][..., 2].std() == pytest.approx(blue * slope, rel=0.03)


def test_values_are_clipped_in_one_stage_only():
    sensor = replace(GREY_SENSOR, read_noise=3.0)
    raw = expose(np.zeros((64, 64)), 1.0, sensor, generator())
    stages = develop_stages(raw, sensor, Development().matched(sensor, 20))
    for name in STAGES[:4]:
        assert stages[name].min() < 0
    assert stages["exposed"].mean() == pytest.approx(0, abs=4 * 3 / 20 / 64)
    assert stages["clipped"].min() == 0 and stages["clipped"].mean() > 0.03
    assert np.array_equal(stages["clipped"], np.clip(stages["exposed"], 0, 1))
    assert np.array_equal(stages["tone curve"], srgb_encode(stages["clipped"]))
    assert np.abs(stages["8 bits"] - stages["tone curve"]).max() <= 0.5 / 255 + 1e-12


def test_a_bare_raw_is_developed_with_its_white_level_as_white():
    sensor = Sensor()
    shape = (16, 16)
    colours = np.asarray(sensor.channel_sensitivity)[bayer_colours(shape)]
    raw = 256 + 0.5 * (4095 - 256) * colours
    stages = develop_stages(raw, sensor, Development())
    assert stages["exposed"] == pytest.approx(np.full((*shape, 3), 0.5), abs=1e-12)
    assert np.array_equal(develop(raw, sensor, Development()), stages["JPEG"])
    assert np.abs(stages["JPEG"] - srgb_encode(np.array(0.5))).max() < 2 / 255


def test_matched_fills_in_only_what_is_missing():
    sensor = Sensor()
    filled = Development().matched(sensor, 100)
    assert filled.exposure_gain == pytest.approx((4095 - 256) / 0.64 / 100)
    assert filled.white_balance == sensor.neutral_white_balance
    chosen = Development(white_balance=(1, 1, 1), exposure_gain=2.0, quality=50)
    assert chosen.matched(sensor, 100) == chosen
    with pytest.raises(ValueError, match="exposure_gain must be above 0, got 0"):
        Development(exposure_gain=0)
