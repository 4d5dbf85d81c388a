"""Noise instruments against simulations, closed forms, and a real Nikon D7000."""

import csv
import itertools
from collections import defaultdict

import numpy as np
import pytest
from scipy import ndimage

from lessons_lib.diagnosis.noise_level import (
    autocorrelation,
    estimate_photo_sigma,
    estimate_sigma,
    noise_against_intensity,
    power_spectrum,
    rings_of_frequency,
)
from lessons_lib.diagnosis.photon_transfer import (
    PhotonTransfer,
    photon_transfer,
    photon_transfer_fit,
)
from lessons_lib.scenes.camera import demosaic
from lessons_lib.scenes.standard_sets import standard_pairs


def white(shape, sigma=0.1, seed=0):
    return sigma * np.random.default_rng(seed).standard_normal(shape)


# --- estimate_sigma ---------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.01, 0.1, 0.5])
def test_sigma_of_white_noise_on_an_edge_picture(sigma):
    clean = np.zeros((301, 256))
    clean[:, 100:] = 1.0
    image = clean + white(clean.shape, sigma)
    # 2.33 / sqrt(301 * 256) = 0.84 %; three of them. The edge lies between two blocks.
    assert estimate_sigma(image) == pytest.approx(sigma, rel=0.025)


def test_sigma_scales_exactly_and_colour_is_the_channel_mean():
    noise = white((64, 64, 3)) * np.array([1.0, 2.0, 3.0])
    each = [estimate_sigma(noise[..., channel]) for channel in range(3)]
    assert estimate_sigma(noise) == pytest.approx(np.mean(each), rel=1e-12)
    assert estimate_sigma(3 * noise + 0.5) == pytest.approx(3 * estimate_sigma(noise))
    assert estimate_sigma(noise[..., :1]) == pytest.approx(each[0])


def test_texture_is_taken_for_noise():
    checkerboard = np.indices((64, 64)).sum(axis=0) % 2 * 0.2
    assert estimate_sigma(checkerboard) > 0.2


def test_a_smooth_ramp_has_no_noise():
    assert estimate_sigma(np.add.outer(np.arange(32), np.arange(32)) / 64) < 1e-12


# --- estimate_photo_sigma ---------------------------------------------------------------


def test_the_photo_estimate_is_right_for_white_noise_too():
    # A quarter of the samples of estimate_sigma: 4.7 / sqrt(300 * 256) = 1.7 %; three of them.
    noise = white((301, 257), 0.1)
    assert estimate_photo_sigma(noise) == pytest.approx(0.1, rel=0.05)
    assert estimate_photo_sigma(3 * noise + 0.5) == pytest.approx(3 * estimate_photo_sigma(noise))


def test_demosaiced_noise_is_read_three_times_better():
    raw = white((256, 256), 0.1)
    noise = demosaic(raw)
    true = noise.std()
    # Bilinear demosaicing: the diagonal Haar difference keeps little of such noise.
    assert estimate_sigma(noise) < 0.5 * true
    assert 0.7 * true < estimate_photo_sigma(noise) < 1.3 * true


def test_the_photo_estimate_on_real_photos_is_rough_but_unbiased(shared_data):
    ratios = [
        estimate_photo_sigma(noisy) / np.sqrt(np.mean((noisy - clean) ** 2))
        for noisy, clean in standard_pairs("CC15", shared_data).values()
    ]
    # Measured: .67 to 1.26, and .30 to .48 by estimate_sigma.
    assert 0.6 < min(ratios) and max(ratios) < 1.35
    assert np.mean(ratios) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("shape", [(3, 8), (8, 2, 3)])
def test_too_small_for_the_photo_estimate(shape):
    with pytest.raises(ValueError, match="at least 4 x 4"):
        estimate_photo_sigma(np.zeros(shape))


# --- noise_against_intensity ------------------------------------------------------------


def test_shot_noise_grows_with_the_square_root_of_brightness():
    electrons = 500
    clean = np.tile(np.linspace(0.1, 1.0, 512), (512, 1))
    noisy = np.random.default_rng(1).poisson(clean * electrons) / electrons
    levels, sigmas, counts = noise_against_intensity(noisy, bins=10)
    # 1.17 / sqrt(5,000 blocks) = 1.7 %; counts are whole, hence a step of 1/500 in the
    # median: 1/2 of it against 0.6745 * sigma >= 4.7 counts adds up to 5 %.
    np.testing.assert_allclose(sigmas, np.sqrt(levels / electrons), rtol=0.1)
    assert np.all(np.diff(levels) > 0)
    assert counts.sum() <= 256 * 256
    assert counts.min() >= 100


def test_bins_with_few_samples_are_left_out():
    image = 0.2 + white((64, 64), 0.01)
    image[:4, :4] += 0.7  # a lamp: four blocks
    levels, sigmas, counts = noise_against_intensity(image, bins=4)
    assert levels.max() < 0.5
    assert counts.sum() == 32 * 32 - 4
    assert sigmas == pytest.approx([0.01], rel=0.12)  # 1.17 / sqrt(1020) = 3.7 %, three


# --- autocorrelation and spectrum -------------------------------------------------------


def test_autocorrelation_equals_the_sum_over_pairs():
    noise = np.random.default_rng(2).random((9, 7))
    result = autocorrelation(noise, 3)
    centred = noise - noise.mean()
    pairs = centred[2:, :-1] * centred[:-2, 1:]  # lag (2, -1)
    assert result[3 + 2, 3 - 1] == pytest.approx(pairs.mean() / (centred**2).mean(), rel=1e-12)
    assert result[3, 3] == 1
    np.testing.assert_allclose(result, result[::-1, ::-1], atol=1e-12)


def test_autocorrelation_of_white_and_of_averaged_noise():
    noise = white((256, 256))
    shape = autocorrelation(noise, 4)
    shape[4, 4] = 0
    assert np.abs(shape).max() < 4.5 / 256  # 80 lags of standard error 1 / 256
    averaged = ndimage.uniform_filter(noise, 3, mode="wrap")
    triangle = np.clip(3 - np.abs(np.arange(-4, 5)), 0, None) / 3
    # Nine times fewer independent samples: standard error about 3 / 256.
    np.testing.assert_allclose(
        autocorrelation(averaged, 4), np.outer(triangle, triangle), atol=0.05
    )


def test_white_noise_has_a_flat_spectrum_at_sigma_squared():
    frequencies, power = power_spectrum(5 + white((256, 200), 0.3), rings=16)
    ring, _ = rings_of_frequency((256, 200), 16)
    counts = np.bincount(ring[ring >= 0])
    # |F|^2 is exponential and comes in equal pairs: relative standard error sqrt(2 / n).
    assert np.all(np.abs(power / 0.09 - 1) < 4 * np.sqrt(2 / counts))
    assert frequencies[0] < 0.03
    assert frequencies[-1] > 0.47
    assert np.all(np.diff(frequencies) > 0)


def test_spectrum_of_one_wave_is_all_in_its_ring():
    wave = np.sqrt(2) * np.cos(2 * np.pi * 0.25 * np.arange(64)) * np.ones((64, 1))
    frequencies, power = power_spectrum(wave, rings=8)
    # 0.25 opens the fifth of eight rings. Parseval: mean of |F|^2 / N over all = variance 1.
    assert power.argmax() == 4
    ring, _ = rings_of_frequency((64, 64), 8)
    assert power[4] * np.count_nonzero(ring == 4) / 64**2 == pytest.approx(1)
    assert np.delete(power, 4).max() < 1e-20


# --- photon transfer: simulated ---------------------------------------------------------


def flat_pair(electrons, gain, read_noise, rng, *, black=64, size=128, flicker=1.0):
    pattern = 1 + 0.02 * np.random.default_rng(99).standard_normal((size, size))  # PRNU 2 %

    def frame(light):
        signal = rng.poisson(light * pattern) + read_noise * rng.standard_normal((size, size))
        return np.rint(black + gain * signal)

    return frame(electrons), frame(electrons * flicker)


@pytest.mark.parametrize("gain", [0.4, 2.0])
def test_gain_and_read_noise_come_back_from_flat_fields(gain):
    rng = np.random.default_rng(3)
    levels = np.geomspace(5, 20_000, 14)
    pairs = [flat_pair(level, gain, 4.0, rng) for level in levels]
    fit = photon_transfer(pairs, black_level=64)
    assert fit.gain == pytest.approx(gain, rel=0.02)
    assert fit.electrons_per_dn == pytest.approx(1 / gain, rel=0.02)
    # The dark points fix the intercept: 1.1 % each, and shot noise of 5 e- beside 16.
    assert fit.read_variance == pytest.approx(gain**2 * 16 + 1 / 12, rel=0.06)
    assert fit.read_noise == pytest.approx(4.0, rel=0.03)
    assert fit.r_squared > 0.99


def test_flicker_and_fixed_pattern_cancel():
    rng = np.random.default_rng(4)
    # One frame is 2 % brighter: without ddof = 1 and pairs, 20,000 e- would show 160,000
    # instead of 20,000 e-^2 of PRNU and flicker.
    pairs = [flat_pair(level, 0.4, 4.0, rng, flicker=1.02) for level in (100, 5000, 20_000)]
    assert photon_transfer(pairs, black_level=64).gain == pytest.approx(0.4, rel=0.03)


def test_a_straight_line_is_found_exactly():
    means = np.array([10.0, 100, 1000, 10_000])
    fit = photon_transfer_fit(means, 0.4 * means + 5)
    assert fit == PhotonTransfer(pytest.approx(0.4), pytest.approx(5.0), pytest.approx(1.0))
    assert PhotonTransfer(0.5, 0.0, 1.0).read_noise == 0  # nothing left after rounding


def test_weights_follow_the_line_and_not_the_measured_variances():
    """Weights 1 / V^2 from the measured V would pull the gain down by about 2 * 2 / n."""
    rng = np.random.default_rng(5)
    means = np.tile(np.geomspace(10, 10_000, 30), 100)
    samples = 51
    variances = (0.4 * means + 5) * rng.chisquare(samples - 1, means.size) / (samples - 1)
    # 3,000 variances of 20 %: 0.4 % on the level, a little more on the slope.
    assert photon_transfer_fit(means, variances).gain == pytest.approx(0.4, rel=0.02)
    naive = np.polyfit(means, variances, 1, w=1 / variances)[0]
    assert naive < 0.4 * 0.95


@pytest.mark.parametrize("counts", [None, np.array([10.0, 40.0, 20.0, 30.0])])
def test_the_line_solves_its_own_normal_equations(counts):
    means, variances = np.array([5.0, 50, 500, 5000]), np.array([8.0, 22, 230, 1900])
    fit = photon_transfer_fit(means, variances, counts)
    line = fit.gain * means + fit.read_variance
    # Weights n / line^2, because the variance of a variance is 2 V^2 / (n - 1).
    pull = (variances - line) / line**2 * (1 if counts is None else counts)
    assert abs(pull.sum()) < 1e-6 * np.abs(pull).sum()
    assert abs((means * pull).sum()) < 1e-6 * np.abs(means * pull).sum()


# --- photon transfer: a real camera -----------------------------------------------------


def read_fits(path):
    """Return the (H, W) 16-bit image of a minimal FITS file: one header unit, big endian."""
    raw = path.read_bytes()
    cards = [raw[start : start + 80].decode("ascii") for start in range(0, 2880, 80)]
    header = {card[:8].strip(): card[9:].split("/")[0].strip() for card in cards if "=" in card}
    assert header["BITPIX"] == "16"
    width, height = int(header["NAXIS1"]), int(header["NAXIS2"])
    pixels = np.frombuffer(raw, ">i2", count=height * width, offset=2880)
    return pixels.reshape(height, width).astype(np.float64)


def read_table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def nikon(shared_data):
    return shared_data / "real/nikon_d7000_raw"


def table_fit(rows):
    return photon_transfer_fit(
        np.array([float(row["mean"]) for row in rows]),
        np.array([float(row["var"]) for row in rows]),
    )


def test_real_tables_give_one_gain_per_colour(nikon):
    rows = read_table(nikon / "data-raw/var.csv")
    fits = {
        channel: table_fit([row for row in rows if row["channel"] == channel])
        for channel in ("Red", "Green R", "Green B", "Blue")
    }
    for channel, fit in fits.items():
        print(f"table {channel}: {fit}, {fit.electrons_per_dn:.3f} e-/DN")
        assert fit.r_squared > 0.99
    # Both greens are the sensor's own gain; 610 variances, 4.4 % each.
    assert fits["Green R"].electrons_per_dn == pytest.approx(2.534, abs=0.01)
    assert fits["Green B"].electrons_per_dn == pytest.approx(2.518, abs=0.01)
    # The camera multiplies red and blue before it writes the file: their gain is larger.
    assert fits["Red"].electrons_per_dn == pytest.approx(2.231, abs=0.01)
    assert fits["Blue"].electrons_per_dn == pytest.approx(2.155, abs=0.01)


def test_real_tables_pooled_over_colours_depend_on_the_weights(nikon):
    """All colours in one line mix three gains: 2.37 to 2.55 e-/DN, by the weights."""
    rows = read_table(nikon / "data-raw/var.csv")
    means = np.array([float(row["mean"]) for row in rows])
    variances = np.array([float(row["var"]) for row in rows])
    by_weight = {
        power: 1 / np.polyfit(means, variances, 1, w=means ** (-power / 2))[0]
        for power in (0, 1, 2)
    }
    pooled = table_fit(rows)
    print(f"pooled: {pooled}, {pooled.electrons_per_dn:.3f} e-/DN; by weight {by_weight}")
    assert by_weight[1] == pytest.approx(2.46, abs=0.01)  # the data README says 0.406 DN/e-
    assert pooled.electrons_per_dn == pytest.approx(2.368, abs=0.01)
    assert pooled.r_squared == pytest.approx(0.988, abs=0.002)


def flat_pairs(nikon):
    """Pairs of crops taken with the same shutter speed and aperture."""
    groups = defaultdict(list)
    for row in read_table(nikon / "samples/iso100White.csv"):
        groups[row["shutter.speed"], row["aperture"]].append(row["crop.file.name"])
    for names in groups.values():
        for pair in itertools.combinations(names, 2):
            yield tuple(read_fits(nikon / "samples" / name) for name in pair)


def test_real_crops_give_the_gain_of_the_tables(nikon):
    pairs = list(flat_pairs(nikon))
    assert len(pairs) == 80
    # Values reach down to 4 DN, so the black level is off already. The cells are G B / R G.
    planes = {"Green 1": (0, 0), "Blue": (0, 1), "Red": (1, 0), "Green 2": (1, 1)}
    fits = {
        name: photon_transfer([(a[r::2, c::2], b[r::2, c::2]) for a, b in pairs])
        for name, (r, c) in planes.items()
    }
    for name, fit in fits.items():
        print(f"crops {name}: {fit}, {fit.electrons_per_dn:.3f} e-/DN")
        assert fit.r_squared > 0.99
    # 80 variances of 1,024 pixels (4.4 %; pairs share frames, so about 60 count): 0.8 %.
    assert fits["Green 1"].electrons_per_dn == pytest.approx(2.526, rel=0.02)
    assert fits["Green 2"].electrons_per_dn == pytest.approx(2.526, rel=0.02)
    assert fits["Red"].electrons_per_dn == pytest.approx(2.231, rel=0.02)
    assert fits["Blue"].electrons_per_dn == pytest.approx(2.155, rel=0.02)


def test_real_red_and_blue_were_multiplied_before_the_file_was_written(nikon):
    """Codes that never occur, at equal distances, are left by a factor; it is the gain's."""
    crops = [read_fits(path) for path in sorted((nikon / "samples").glob("*.fit"))]

    def factor(row, col):
        codes = np.concatenate([crop[row::2, col::2].ravel() for crop in crops]).astype(int)
        missing = np.flatnonzero(np.bincount(codes, minlength=300)[100:300] == 0)
        spacing = np.mean(np.diff(missing)) if missing.size > 5 else np.inf
        return 1.0 if np.isinf(spacing) else spacing / (spacing - 1)

    blue, red, green = factor(0, 1), factor(1, 0), factor(0, 0)
    print(f"factors written into the file: red {red:.3f}, blue {blue:.3f}, green {green:.3f}")
    assert green == 1
    rows = read_table(nikon / "data-raw/var.csv")
    gains = {
        channel: table_fit([row for row in rows if row["channel"].startswith(channel)]).gain
        for channel in ("Red", "Green", "Blue")
    }
    assert gains["Red"] / gains["Green"] == pytest.approx(red, rel=0.02)
    assert gains["Blue"] / gains["Green"] == pytest.approx(blue, rel=0.02)


# --- error texts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: estimate_sigma(np.zeros((1, 5))), "at least 2 x 2 px"),
        (lambda: noise_against_intensity(white((8, 8))), "use a larger image or fewer bins"),
        (lambda: noise_against_intensity(white((8, 8, 3))), r"one channel: image\[..., 0\]"),
        (lambda: autocorrelation(white((8, 8, 3)), 2), r"one channel: noise\[..., 0\]"),
        (lambda: autocorrelation(white((8, 8)), 8), "reach must be from 0 to 7 px"),
        (lambda: autocorrelation(np.ones((8, 8)), 2), "pass noisy - clean"),
        (lambda: power_spectrum(white((8, 8)), 30), "rings must be from 1 to about 4"),
        (lambda: power_spectrum(white((8, 8)), 0), "rings must be from 1 to about 4"),
        (lambda: photon_transfer([]), "at least two light levels, got 0"),
        (lambda: photon_transfer_fit([1.0, 2.0], [0.0, 1.0]), "leave out clipped"),
        (lambda: photon_transfer_fit([1.0, 2.0], [2.0, 1.0]), "must rise with the mean"),
        (
            lambda: photon_transfer([(np.ones((2, 2)), np.ones((3, 3)))]),
            "two frames of a pair must have the same shape",
        ),
    ],
)
def test_errors_say_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()
