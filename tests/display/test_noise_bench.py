"""The noise bench: its numbers against closed forms, and the widget in-process."""

import numpy as np
import pytest

from lessons_lib.display import noise_bench_frames as frames
from lessons_lib.display.noise_bench import REACH, NoiseBench
from lessons_lib.scenes import camera


@pytest.fixture
def flat():
    return frames.take(frames.Setting(picture="flat field", electrons=256.0))


def test_raw_noise_follows_the_law(flat):
    means, variances = frames.variance_points(flat, "raw mosaic")
    expected = np.interp(means, *frames.law(flat, "raw mosaic", means.max()))
    assert len(means) == 3  # red, green and blue of a grey wall
    # A variance from 16,384 pixels is known to 1.1 %; four times that.
    np.testing.assert_allclose(variances, expected, rtol=0.045)


def test_demosaiced_green_has_five_eighths_of_the_variance(flat):
    means, variances = frames.variance_points(flat, "demosaiced")
    expected = np.interp(means, *frames.law(flat, "demosaiced", means.max()))
    # Correlated noise: 65,536 pixels count as about a third of that; 4 standard errors.
    np.testing.assert_allclose(variances / expected, 0.625, rtol=0.04)


def test_the_law_through_the_tone_curve_is_the_law_times_its_slope(flat):
    _, exposed = frames.law(flat, "exposed", 0.4)
    encoded = float(camera.srgb_encode(np.array(0.4)))
    means, curved = frames.law(flat, "tone curve", encoded)
    assert means[-1] == pytest.approx(encoded)
    # Slope of 1.055 x^(1 / 2.4) at 0.4; forward difference of 1e-6.
    slope = 1.055 / 2.4 * 0.4 ** (1 / 2.4 - 1)
    assert curved[-1] == pytest.approx(exposed[-1] * slope**2, rel=1e-4)


def test_the_clean_frame_is_the_mean_of_many_noisy_ones():
    setting = frames.Setting(picture="flat field", electrons=100.0)
    noise = [
        frames.noise_at(frames.take(setting, seed), "raw mosaic").mean() for seed in range(4)
    ]
    exposure = frames.take(setting, 0)
    spread = frames.noise_at(exposure, "raw mosaic").std()
    assert abs(np.mean(noise)) < 4 * spread / np.sqrt(4 * 256**2)


def test_a_full_sensor_has_no_noise_left():
    setting = frames.Setting(picture="flat field", electrons=4096.0, iso_stops=5)
    assert np.ptp(frames.noise_at(frames.take(setting), "raw mosaic")) == 0
    bench = NoiseBench("flat field")
    bench.set(light=12.0, iso_stops=5)
    assert bench.message == ""
    assert "the sensor is full" in bench.readout


def test_demosaicing_widens_the_edge():
    exposure = frames.take(frames.Setting(picture="slanted edge"))
    before, after = (frames.edge_width(exposure, name) for name in ("raw mosaic", "demosaiced"))
    assert after > 1.5 * before


def test_an_unknown_picture_is_named():
    with pytest.raises(ValueError, match="there is no picture 'moon'; choose one of night street"):
        frames.bench_scene("moon")


@pytest.mark.parametrize("picture", frames.PICTURES)
def test_every_stage_of_every_picture_can_be_shown(picture):
    bench = NoiseBench()
    for stage in frames.STAGES:
        bench.set(picture=picture, stage=stage)
        assert bench.message == ""
        assert stage in bench.panels[0]["title"]
        assert all(panel["alt"] for panel in bench.panels)
        assert len(bench.plots) == 2
        assert len(bench.frame_2) == 3 * (2 * REACH + 1) ** 2


def test_extreme_sliders_are_answered():
    bench = NoiseBench()
    for light in (2.0, 12.0):
        for read_noise in (0.0, 10.0):
            for stops in (0, 5):
                bench.set(light=light, read_noise=read_noise, iso_stops=stops, quality=10)
                assert bench.message == ""


def test_gain_does_not_change_the_signal_to_noise_ratio():
    bench = NoiseBench("flat field")
    ratios = []
    for stops in (0, 3):
        bench.set(iso_stops=stops)
        ratios.append(float(bench.readout.split("brightest group ")[1].split()[0]))
    # Green of the wall: 0.4 x 64 electrons and 1.6 of read noise; rounding adds 0.2 to their
    # variance of 28 at the lower gain. Printed to 0.1.
    law = 25.6 / np.sqrt(25.6 + 1.6**2)
    assert ratios == pytest.approx([law, law], abs=0.15)


@pytest.mark.parametrize("picture", frames.PICTURES)
@pytest.mark.parametrize("stage", ["raw mosaic", "tone curve", "JPEG"])
def test_the_law_is_drawn_within_the_variance_plot(picture, stage):
    bench = NoiseBench(picture, stage)
    bench.set(quality=30)
    plot = bench.plots[0]
    measured, law = plot["series"]
    top = plot["y_range"][1]
    assert max(measured["y"]) <= top
    assert law["x"][-1] > 1.2 * law["x"][0] and law["y"][-1] <= top
    assert 0.2 <= top < 2100  # short numbers on the axis


def test_nothing_is_written_without_a_sign():
    bench = NoiseBench("flat field")
    assert "darkest tenth 0.0000" in bench.readout
    bench.set(picture="night street", stage="clipped", read_noise=6.0)
    assert "darkest tenth +0.02" in bench.readout  # cut at 0: brighter


def test_the_same_setting_shows_the_same_pixels():
    assert NoiseBench(seed=3).frame_0 == NoiseBench(seed=3).frame_0
    assert NoiseBench(seed=3).frame_0 != NoiseBench(seed=4).frame_0


def test_an_unknown_stage_is_said_in_the_widget():
    bench = NoiseBench()
    bench.set(stage="film")
    assert "there is no stage 'film'" in bench.message
