from dataclasses import replace

import numpy as np
import pytest
import rawpy
import tifffile

from lessons_lib.scenes.camera import (
    NIKON_D7000_GAIN,
    PHONE_NIGHT,
    Development,
    Sensor,
    capture,
    develop,
    expose,
    fixed_pattern,
    line_kernel,
    motion_blur,
    photograph,
    raw_mean,
    raw_variance,
    save_dng,
    srgb_decode,
)

SIZE = 256
# A variance of N normal values has the relative error sqrt(2 / N); four of them.
VARIANCE_TOLERANCE = 4 * np.sqrt(2) / SIZE
IDEAL = Sensor(
    quantum_efficiency=1.0,
    read_noise=0.0,
    dark_current=0.0,
    prnu=0.0,
    dsnu=0.0,
    full_well=1e6,
    gain=1.0,
    black_level=100.0,
    bit_depth=16,
)
FULL = replace(
    IDEAL,
    quantum_efficiency=0.6,
    read_noise=4.0,
    dark_current=20.0,
    prnu=0.01,
    dsnu=3.0,
    gain=0.7,
)


def generator(seed=0):
    return np.random.default_rng(seed)


def flat_frame(electrons, sensor, seed=0, seconds=0.5, size=SIZE):
    """Expose to even light that leaves a mean of ``electrons`` photo-electrons."""
    photons_per_second = electrons / sensor.quantum_efficiency / seconds
    return expose(np.full((size, size), photons_per_second), seconds, sensor, generator(seed))


def pair_variance(electrons, sensor, **options):
    """Half the variance of the difference of two flat frames: fixed pattern cancels."""
    first = flat_frame(electrons, sensor, seed=1, **options)
    return (first - flat_frame(electrons, sensor, seed=2, **options)).var() / 2


def test_a_raw_frame_holds_whole_numbers_and_repeats():
    raw = flat_frame(500, FULL, seed=5)
    assert raw.shape == (SIZE, SIZE) and raw.dtype == np.float64
    assert np.array_equal(raw, np.rint(raw))
    assert raw.min() >= 0 and raw.max() <= FULL.white_level
    assert np.array_equal(raw, flat_frame(500, FULL, seed=5))
    assert not np.array_equal(raw, flat_frame(500, FULL, seed=6))


@pytest.mark.parametrize("electrons", [0, 30, 1000, 20000])
def test_mean_is_black_level_plus_gain_times_electrons(electrons):
    raw = flat_frame(electrons, FULL)
    spread = np.sqrt(raw_variance(electrons, 0.5, FULL, within_frame=True))
    # Four standard deviations of a mean of SIZE^2 values.
    assert abs(raw.mean() - raw_mean(electrons, 0.5, FULL)) < 4 * spread / SIZE


@pytest.mark.parametrize("electrons", [0, 30, 1000, 20000])
def test_variance_law_of_a_flat_field_pair(electrons):
    expected = 0.7**2 * (4.0**2 + 20 * 0.5 + electrons) + 1 / 12
    assert raw_variance(electrons, 0.5, FULL) == pytest.approx(expected, rel=1e-12)
    assert pair_variance(electrons, FULL) == pytest.approx(expected, rel=VARIANCE_TOLERANCE)


@pytest.mark.parametrize("electrons", [0, 1000, 20000])
def test_fixed_pattern_adds_to_the_variance_within_one_frame(electrons):
    random = 0.7**2 * (4.0**2 + 20 * 0.5 + electrons) + 1 / 12
    expected = random + (0.01 * 0.7 * electrons) ** 2 + (0.7 * 3.0) ** 2
    law = raw_variance(electrons, 0.5, FULL, within_frame=True)
    assert law == pytest.approx(expected, rel=1e-12)
    frame = flat_frame(electrons, FULL).var()
    assert frame == pytest.approx(expected, rel=VARIANCE_TOLERANCE)
    # At 20,000 electrons it is twice the shot noise, so that leaving it out is noticed.
    assert electrons < 20000 or frame > 2.5 * random


def test_fixed_pattern_is_the_same_in_each_frame_and_belongs_to_its_seed():
    first, second = fixed_pattern((40, 50), FULL), fixed_pattern((40, 50), FULL)
    assert all(map(np.array_equal, first, second))
    other = fixed_pattern((40, 50), replace(FULL, fixed_pattern_seed=2))
    assert not np.array_equal(first[0], other[0])
    mean = np.mean([flat_frame(20000, FULL, seed=seed, size=64) for seed in range(40)], axis=0)
    sensitivity, offset = fixed_pattern((64, 64), FULL)
    expected = 100 + 0.7 * (20000 * sensitivity + 10 + offset)
    # What remains after 40 frames is the random part: standard deviation 99 / sqrt(40).
    remains = np.sqrt(raw_variance(20000, 0.5, FULL) / 40)
    assert (mean - expected).std() == pytest.approx(remains, rel=4 / np.sqrt(2 * 64**2))


@pytest.mark.parametrize("electrons", [25, 400, 10000])
def test_shot_noise_ratio_is_the_root_of_the_electrons(electrons):
    raw = flat_frame(electrons, replace(IDEAL, gain=4.0))
    ratio = (raw.mean() - IDEAL.black_level) / raw.std()
    # Half the variance's tolerance; rounding adds 1/12 to 16 * electrons, which is nothing.
    assert ratio == pytest.approx(np.sqrt(electrons), rel=VARIANCE_TOLERANCE / 2 + 1e-3)


def test_exposure_and_not_iso_decides_the_shot_noise():
    def ratio(electrons, gain):
        raw = flat_frame(electrons, replace(IDEAL, gain=gain, read_noise=1.0))
        return (raw.mean() - IDEAL.black_level) / raw.std()

    base, more_iso, more_light = ratio(400, 1.0), ratio(400, 8.0), ratio(3200, 1.0)
    assert more_iso == pytest.approx(base, rel=VARIANCE_TOLERANCE)
    assert more_light / base == pytest.approx(np.sqrt(8), rel=VARIANCE_TOLERANCE)


def test_rounding_adds_a_twelfth():
    sensor = replace(IDEAL, gain=0.1)
    expected = 0.1**2 * 100 + 1 / 12  # the twelfth is 8 % of it, the tolerance 2 %
    assert pair_variance(100, sensor) == pytest.approx(expected, rel=VARIANCE_TOLERANCE)


def test_photon_transfer_gives_the_gain_back():
    levels = np.geomspace(100, 30000, 8)
    means = [flat_frame(level, FULL).mean() for level in levels]
    variances = [pair_variance(level, FULL) for level in levels]
    # Relative errors are equal, so the fit is weighted by 1 / variance.
    slope = np.polyfit(means, variances, 1, w=1 / np.array(variances))[0]
    assert slope == pytest.approx(0.7, rel=0.02)  # the course's promise; error here .4 %


def test_quantum_efficiency_counts_photons_and_time():
    light = np.full((SIZE, SIZE), 500.0)
    raw = expose(light, 2.0, replace(IDEAL, quantum_efficiency=0.3), generator())
    # Mean 300 electrons, spread sqrt(300), four standard errors.
    assert raw.mean() - 100 == pytest.approx(300, abs=4 * np.sqrt(300) / SIZE)


def test_full_well_and_converter_both_clip():
    well = replace(IDEAL, full_well=900.0, gain=2.0)
    assert (flat_frame(5000, well) == 100 + 2 * 900).all()
    assert well.saturation_electrons == 900
    converter = replace(IDEAL, bit_depth=10, gain=2.0)
    assert (flat_frame(5000, converter) == 1023).all()
    assert converter.saturation_electrons == (1023 - 100) / 2


def test_without_a_black_level_clipping_brightens_the_shadows():
    dark = replace(IDEAL, read_noise=10.0, gain=2.0)
    spread = 20.0
    error = 4 * spread / SIZE  # four standard errors of the mean
    assert flat_frame(0, dark).mean() - 100 == pytest.approx(0, abs=error)
    # The mean of the positive half of a normal distribution: spread / sqrt(2 pi) = 7.98.
    clipped = flat_frame(0, replace(dark, black_level=0.0))
    assert clipped.mean() == pytest.approx(spread / np.sqrt(2 * np.pi), abs=error)
    assert clipped.min() == 0


def test_the_presets_are_sensors_with_the_stated_gain():
    assert NIKON_D7000_GAIN.gain == 0.396
    assert 1 / NIKON_D7000_GAIN.gain == pytest.approx(2.53, abs=0.005)
    # The fit's intercept in DN^2, to its last digit.
    assert raw_variance(0, 1e-9, NIKON_D7000_GAIN) == pytest.approx(1.90, abs=0.01)
    assert PHONE_NIGHT.gain == 8 * Sensor().gain
    assert PHONE_NIGHT.saturation_electrons == pytest.approx(750, abs=1)
    assert Sensor().saturation_electrons == pytest.approx(5998, abs=1)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"quantum_efficiency": 1.2}, "quantum_efficiency must be from 0 to 1, got 1.2"),
        ({"quantum_efficiency": 0.0}, "quantum_efficiency must be above 0"),
        ({"read_noise": -1}, "read_noise must be 0 or more, got -1"),
        ({"gain": 0}, "gain must be 1e-09 or more, got 0"),
        ({"prnu": 0.5}, "prnu must be from 0 to 0.1, got 0.5"),
        ({"bit_depth": 12.5}, "bit_depth must be a whole number"),
        ({"black_level": 4095}, "black_level must be below 4095"),
        ({"dsnu": np.nan}, "dsnu must be 0 or more, got nan"),
        ({"channel_sensitivity": (1, 0, 1)}, "channel_sensitivity must be three numbers above 0"),
    ],
)
def test_a_sensor_says_which_setting_is_wrong(setting, message):
    with pytest.raises(ValueError, match=message):
        Sensor(**setting)


@pytest.mark.parametrize(
    ("light", "seconds", "message"),
    [
        (np.ones((4, 4, 3)), 1, r"shape \(H, W\), got \(4, 4, 3\).*mosaic"),
        (-np.ones((4, 4)), 1, "finite and 0 or more"),
        (np.full((4, 4), np.nan), 1, "finite and 0 or more"),
        (np.ones((4, 4)), 0, "seconds must be a time above 0, got 0"),
    ],
)
def test_expose_says_what_is_wrong_with_the_light(light, seconds, message):
    with pytest.raises(ValueError, match=message):
        expose(light, seconds, Sensor(), generator())


def test_expose_wants_a_generator():
    with pytest.raises(ValueError, match="rng must be a numpy.random.Generator, got 3"):
        expose(np.ones((4, 4)), 1, Sensor(), 3)


# ---- photograph ----


def test_white_comes_out_white_and_grey_neutral():
    scene = np.full((96, 128, 3), 0.4)
    scene[:, :64] = 1.0
    photo = photograph(scene, electrons_at_white=4000, rng=generator())
    assert photo.shape == scene.shape
    # Clipping at 1 takes the upper half of the noise of white: 1 / sqrt(4000) = .016.
    assert photo[:, :56].mean() == pytest.approx(1, abs=0.01)
    grey = srgb_decode(photo[:, 72:]).mean(axis=(0, 1))
    # Four standard errors of 4,000 correlated pixels, and the bow of the tone curve.
    assert grey == pytest.approx([0.4, 0.4, 0.4], abs=0.004)


def test_lamps_above_white_saturate_and_are_white():
    scene = np.full((48, 48, 3), 0.01)
    scene[20:28, 20:28] = 5000.0
    raw = capture(scene, electrons_at_white=40, sensor=Sensor(), rng=generator())
    assert raw[22:26, 22:26] == pytest.approx(
        256 + 0.64 * Sensor().saturation_electrons, abs=5  # read noise 1 DN
    )
    photo = photograph(scene, electrons_at_white=40, rng=generator())
    assert photo[23:25, 23:25].min() > 0.97  # JPEG rings by a few of 255


def test_less_light_is_noisier():
    scene = np.full((64, 64, 3), 0.3)
    noise = [
        photograph(scene, electrons_at_white=light, rng=generator()).std()
        for light in (40, 400, 4000)
    ]
    assert noise[0] > 2 * noise[1] > 4 * noise[2]  # sqrt(10) were it not for the clipping


def test_photograph_takes_its_settings_and_repeats():
    scene = generator(9).random((33, 47, 3))
    settings = {"electrons_at_white": 200.0, "sensor": PHONE_NIGHT}
    photo = photograph(scene, rng=generator(), **settings)
    assert photo.shape == (33, 47, 3)
    assert np.array_equal(photo, photograph(scene, rng=generator(), **settings))
    raw = capture(scene, rng=generator(), **settings)
    stepwise = develop(raw, PHONE_NIGHT, Development().matched(PHONE_NIGHT, 200.0))
    assert np.array_equal(photo, stepwise)
    dim = Development(exposure_gain=0.5 * 750 / 200)
    half = photograph(scene, rng=generator(), development=dim, **settings)
    assert srgb_decode(half).mean() < 0.62 * srgb_decode(photo).mean()


def test_photograph_refuses_what_is_no_scene():
    sensor = Sensor()
    with pytest.raises(ValueError, match=r"must be colour, \(H, W, 3\), got \(8, 8\)"):
        capture(np.ones((8, 8)), electrons_at_white=40, sensor=sensor, rng=generator())
    with pytest.raises(ValueError, match="electrons_at_white must be above 0, got 0"):
        capture(np.ones((8, 8, 3)), electrons_at_white=0, sensor=sensor, rng=generator())
    with pytest.raises(ValueError, match="0 or more; there is no dark light"):
        capture(-np.ones((8, 8, 3)), electrons_at_white=9, sensor=sensor, rng=generator())


# ---- motion blur ----


def test_line_kernel_holds_the_length_in_each_pixel():
    assert line_kernel(2, 90)[:, 1] == pytest.approx([0.25, 0.5, 0.25], abs=1e-12)
    assert line_kernel(3, 0)[2] == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3, 0], abs=1e-12)
    # On the diagonal the middle pixel holds sqrt(2) of the path.
    kernel = line_kernel(3, 45)
    assert kernel[2, 2] == pytest.approx(np.sqrt(2) / 3, abs=1e-12)
    assert kernel[1, 3] == kernel[3, 1] == pytest.approx((3 - np.sqrt(2)) / 6, abs=1e-12)
    assert np.count_nonzero(kernel) == 3
    assert line_kernel(0, 30) == pytest.approx(np.ones((1, 1)))


@pytest.mark.parametrize("angle", [0, 17, 45, 90, 133, 250])
@pytest.mark.parametrize("pixels", [0.3, 1, 2.5, 9, 24])
def test_line_kernel_is_a_centred_line_of_the_right_spread(pixels, angle):
    kernel = line_kernel(pixels, angle)
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    assert kernel == pytest.approx(kernel[::-1, ::-1], abs=1e-9)
    rows, columns = np.indices(kernel.shape) - kernel.shape[0] // 2
    along = columns * np.cos(np.radians(angle)) - rows * np.sin(np.radians(angle))
    # A line of length L has the variance L^2 / 12. Which pixel a point lies in moves it by
    # up to half a pixel per axis, so the standard deviations differ by at most .71.
    spread = np.sqrt((kernel * along**2).sum())
    assert abs(spread - pixels / np.sqrt(12)) < 0.71


def test_line_kernel_agrees_with_counting_points():
    pixels, angle = 7.3, 31.0
    points = (np.arange(200_000) + 0.5) / 200_000 * pixels - pixels / 2
    rows = np.rint(-np.sin(np.radians(angle)) * points).astype(int)
    columns = np.rint(np.cos(np.radians(angle)) * points).astype(int)
    kernel = line_kernel(pixels, angle)
    counted = np.zeros_like(kernel)
    np.add.at(counted, (rows + len(kernel) // 2, columns + len(kernel) // 2), 1 / 200_000)
    assert kernel == pytest.approx(counted, abs=2e-5)  # two points at each of a cell's ends


def test_motion_blur_keeps_constants_and_light():
    flat = np.full((20, 30, 3), 0.7)
    assert motion_blur(flat, 9, 20) == pytest.approx(flat, abs=1e-12)
    lamp = np.zeros((40, 40))
    lamp[20, 20] = 300.0
    blurred = motion_blur(lamp, 9, 20)
    assert blurred.sum() == pytest.approx(300)
    radius = line_kernel(9, 20).shape[0] // 2
    window = blurred[20 - radius : 21 + radius, 20 - radius : 21 + radius]
    assert window / 300 == pytest.approx(line_kernel(9, 20), abs=1e-12)
    assert motion_blur(lamp, 0) == pytest.approx(lamp)
    with pytest.raises(ValueError, match="length of 0 or more, got -1"):
        motion_blur(lamp, -1)


def test_an_edge_along_the_motion_stays_sharp_and_one_across_is_a_ramp():
    edge = np.repeat((np.arange(32) >= 16)[np.newaxis].astype(float), 20, axis=0)
    assert motion_blur(edge, 8, 90) == pytest.approx(edge, abs=1e-12)
    ramp = motion_blur(edge, 8, 0)[10]
    assert np.diff(ramp)[12:19] == pytest.approx(np.full(7, 1 / 8), abs=1e-12)


# ---- DNG ----


@pytest.mark.parametrize("sensor", [Sensor(), PHONE_NIGHT, NIKON_D7000_GAIN])
@pytest.mark.parametrize("shape", [(64, 96), (65, 99)])
def test_a_dng_gives_its_raw_numbers_and_levels_back(tmp_path, sensor, shape):
    scene = generator(3).random((*shape, 3))
    raw = capture(scene, electrons_at_white=500, sensor=sensor, rng=generator())
    path = tmp_path / "photo.dng"
    save_dng(path, raw, sensor)
    with rawpy.imread(str(path)) as opened:
        assert np.array_equal(opened.raw_image_visible, raw)
        assert opened.black_level_per_channel == [sensor.black_level] * 4
        assert opened.white_level == sensor.white_level
        colours = np.array(list(opened.color_desc.decode()))[opened.raw_pattern]
        assert colours.tolist() == [["R", "G"], ["G", "B"]]
        balance = np.array(opened.camera_whitebalance[:3])
    # Rationals with a denominator of up to 10,000.
    assert balance / balance[1] == pytest.approx(sensor.neutral_white_balance, rel=1e-4)


def test_a_raw_converter_finds_roughly_the_right_colours(tmp_path):
    patches = [[0.9, 0.2, 0.2], [0.2, 0.8, 0.2], [0.2, 0.3, 0.9], [0.5, 0.5, 0.5]]
    scene = np.repeat(np.array(patches), 32, axis=0)[np.newaxis].repeat(64, axis=0)
    raw = capture(scene, electrons_at_white=5000, sensor=Sensor(), rng=generator())
    save_dng(tmp_path / "colours.dng", raw, Sensor())
    with rawpy.imread(str(tmp_path / "colours.dng")) as opened:
        linear = opened.postprocess(
            use_camera_wb=True, no_auto_bright=True, output_bps=16, gamma=(1, 1)
        )
    seen = np.array([linear[10:54, start : start + 16].mean((0, 1)) for start in (8, 40, 72, 104)])
    # The common brightness is the converter's business; colours within .02 of linear light
    # (LibRaw rounds its matrices, and its demosaicing differs).
    seen *= 0.5 / seen[3].mean()
    assert seen == pytest.approx(np.array(patches), abs=0.02)


def test_a_dng_keeps_the_white_balance_it_is_given(tmp_path):
    path, raw = tmp_path / "w.dng", np.full((24, 24), 300.0)
    save_dng(path, raw, Sensor(), (1.25, 1.0, 2.5), camera="Box")
    with rawpy.imread(str(path)) as opened:
        assert opened.camera_whitebalance[:3] == pytest.approx([1.25, 1.0, 2.5], rel=1e-4)
    with tifffile.TiffFile(path) as file:
        assert file.pages[0].tags["UniqueCameraModel"].value == "Box"


def test_a_failed_write_leaves_the_old_file_and_no_half_one(tmp_path, monkeypatch):
    path = tmp_path / "photo.dng"
    save_dng(path, np.full((24, 24), 300.0), Sensor())
    before = path.read_bytes()

    def fail(file, *_, **__):
        file.write_bytes(b"half a file")
        raise OSError("disk full")

    monkeypatch.setattr(tifffile, "imwrite", fail)
    with pytest.raises(OSError, match="disk full"):
        save_dng(path, np.full((24, 24), 400.0), Sensor())
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["photo.dng"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (np.full((24, 24), 0.5), "whole numbers from 0 to 4095"),
        (np.full((24, 24), 5000.0), "whole numbers from 0 to 4095"),
        (np.full((24, 24), -1.0), "round and clip it yourself"),
        (np.full((24, 24), np.nan), "whole numbers"),
        (np.ones((24, 24, 3)), r"RGGB frame \(H, W\) .* got \(24, 24, 3\)"),
        (np.ones((21, 40)), r"at least 22 x 22 pixels, got \(21, 40\)"),
    ],
)
def test_a_dng_refuses_what_is_no_raw_frame(tmp_path, raw, message):
    with pytest.raises(ValueError, match=message):
        save_dng(tmp_path / "bad.dng", raw, Sensor())
    assert not list(tmp_path.iterdir())
