"""The wavelet bench: its numbers against the library, and the widget in-process."""

import numpy as np
import pytest
import pywt

from lessons_lib.denoisers.shrink_statistics import shrunk_mean, shrunk_variance
from lessons_lib.denoisers.thresholds import sure
from lessons_lib.denoisers.undecimated import undecimated_haar_shrink
from lessons_lib.diagnosis.edges import rise_width
from lessons_lib.display import wavelet_bench_risk as risk
from lessons_lib.display import wavelet_plane
from lessons_lib.display.wavelet_bench import SPINS, WAVELETS, WaveletBench, wavelet_bench
from lessons_lib.display.wavelet_bench_scene import PICTURES, Scene


def readout_number(bench, before, after=" "):
    """The number in the read-out that stands behind some words."""
    return float(bench.readout.split(before)[1].split(after)[0].replace(",", ""))


# -- the scene


def test_an_edge_that_fits_the_grid_has_no_haar_details():
    clean = Scene("vertical edge", moved=0.0).clean
    coarse, *bands = pywt.wavedec2(clean, "haar", "periodization", 4)
    assert all(np.abs(band).max() < 1e-5 for level in bands for band in level)


def test_an_edge_inside_a_pair_is_worth_its_contrast():
    scene = Scene("vertical edge", ratio=4.0, moved=1.0)
    finest = pywt.wavedec2(scene.clean, "haar", "periodization", 4)[-1]
    assert np.abs(finest[1]).max() == pytest.approx(scene.contrast, rel=1e-5)  # float32
    assert np.abs(finest[0]).max() < 1e-6


def test_the_default_edge_is_worth_more_on_the_coarse_levels():
    scene = Scene("vertical edge", ratio=2.0)
    bands = pywt.wavedec2(scene.clean, "haar", "periodization", 4)
    worth = [np.abs(bands[-level][1]).max() / scene.sigma for level in (1, 2, 3, 4)]
    np.testing.assert_allclose(worth, [2, 2, 6, 10], rtol=1e-5)  # float32


@pytest.mark.parametrize("picture", ["vertical edge", "slanted edge"])
def test_the_clean_edge_is_as_sharp_as_a_pixel_and_does_not_overshoot(picture):
    scene = Scene(picture, moved=3.25)
    profile = scene.profile(scene.clean)
    # A unit pixel climbs from 10 to 90 % within 0.8 px; one that is cut in two, within 1.6.
    assert 0.75 < rise_width(profile) < 1.65
    assert scene.overshoot(profile) < 0.01


def test_an_unknown_picture_is_named():
    with pytest.raises(ValueError, match="there is no picture 'moon'; choose one of vertical"):
        Scene("moon")


# -- the curves


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_the_table_of_risks_is_the_closed_form(mode):
    scene = Scene("camera man")
    clean = pywt.wavedec2(scene.clean, "db2", "periodization", 4)
    sizes = np.concatenate([band.ravel() for level in clean[1:] for band in level])
    found = risk.expected_risk(clean, scene.sigma, mode)
    for index in (0, 6, 12):
        threshold = risk.THRESHOLDS[index] * scene.sigma
        bias = (shrunk_mean(sizes, threshold, scene.sigma, mode) - sizes) ** 2
        variance = shrunk_variance(sizes, threshold, scene.sigma, mode)
        total = (variance.sum() / scene.sigma**2 + clean[0].size) / scene.clean.size
        # Sizes are rounded to a grid of 0.05 sigma, linearly: about 1e-3.
        assert found["bias²"][index] == pytest.approx(
            bias.sum() / scene.sigma**2 / scene.clean.size, abs=2e-3
        )
        assert found["variance"][index] == pytest.approx(total, abs=2e-3)


def test_the_sure_curve_is_sure():
    scene = Scene("slanted edge")
    noisy = pywt.wavedec2(scene.noisy, "haar", "periodization", 4)
    details = np.concatenate([band.ravel() for level in noisy[1:] for band in level])
    found = risk.sure_curve(noisy, scene.sigma)
    for index in (0, 5, 20):
        one = sure(details, risk.THRESHOLDS[index] * scene.sigma, scene.sigma) / scene.sigma**2
        expected = (one * details.size + noisy[0].size) / scene.noisy.size
        assert found[index] == pytest.approx(expected, rel=1e-4)  # float32 squares


def test_the_error_shown_is_near_the_expected_one():
    bench = WaveletBench("slanted edge", threshold=3.0)
    expected, *_, shown = bench.plots[1]["series"]
    at = risk.THRESHOLDS.tolist().index(3.0)
    # One draw of 65,536 pixels, most of whose error is in about 200 survivors: 7 %; three of it.
    assert shown["y"][0] == pytest.approx(expected["y"][at], rel=0.2)


# -- the plane


def test_the_plane_colours_what_is_kept_and_what_is_deleted():
    image = np.random.default_rng(0).normal(0.5, 0.1, (32, 32))
    coefficients = pywt.wavedec2(image, "haar", "periodization", 2)
    drawn = wavelet_plane.coefficient_plane(coefficients, 0.1, 0.1)
    assert drawn.shape == (32, 32, 3) and drawn.dtype == np.uint8
    sizes = np.abs(wavelet_plane.nest(coefficients))
    inner = np.zeros((32, 32), bool)
    inner[18:, 18:] = True  # away from the lines
    orange = drawn[..., 0].astype(int) > drawn[..., 2]
    np.testing.assert_array_equal(orange[inner], (sizes > 0.1)[inner])
    corner = drawn[:8, :8]
    assert (corner[..., 0] == corner[..., 2]).all()  # the approximation is grey


# -- the widget


@pytest.mark.parametrize("picture", PICTURES)
def test_every_choice_can_be_shown(picture):
    bench = WaveletBench(picture)
    for wavelet in WAVELETS:
        for mode in ("soft", "hard"):
            for spin in SPINS:
                bench.set(wavelet=wavelet, mode=mode, spin=spin)
                assert bench.message == ""
                assert all(panel["alt"] for panel in bench.panels)
                assert all(plot["alt"] for plot in bench.plots)
                sure_drawn = bench.plots[1]["series"][3]["y"][0] is not None
                assert sure_drawn == (mode == "soft")


def test_extreme_sliders_are_answered():
    bench = wavelet_bench()
    for threshold in (0.0, 6.0):
        for ratio in (1.0, 12.0):
            for moved in (0.0, 16.0):
                bench.set(threshold=threshold, ratio=ratio, moved=moved)
                assert bench.message == ""


@pytest.mark.parametrize("spin", SPINS)
def test_without_a_threshold_the_estimate_is_the_noisy_picture(spin):
    bench = WaveletBench(threshold=0.0, spin=spin)
    assert "0 of 65,280 details deleted" in bench.readout
    frames = bench.frame_0, bench.frame_2
    noisy, estimate = (np.frombuffer(one, np.uint8).astype(int) for one in frames)
    assert np.abs(noisy - estimate).max() <= 1  # float32, then 8 bits
    assert readout_number(bench, "PSNR ") == readout_number(bench, "(noisy ")


def test_all_shifts_are_those_of_the_library():
    bench = WaveletBench("slanted edge", threshold=2.5, spin="all shifts")
    scene = Scene("slanted edge")
    expected = undecimated_haar_shrink(scene.noisy, scene.sigma, 4, 2.5, 1.0, "hard", "periodic")
    found = -10 * np.log10(np.mean((expected - scene.clean) ** 2))
    assert readout_number(bench, "PSNR ") == pytest.approx(found, abs=0.006)


def test_weak_edges_lose_their_coefficients_and_strong_ones_do_not():
    bench, lost = WaveletBench(threshold=3.0), {}
    for ratio in (12.0, 4.0, 2.0):
        bench.set(ratio=ratio)
        large = readout_number(bench, "of the ")
        lost[ratio] = readout_number(bench, "without noise, ") / large
    assert lost[12.0] == 0 and lost[4.0] > 0.1 and lost[2.0] > 0.4


def test_at_its_default_place_an_edge_gets_wider_as_it_gets_weaker():
    bench, widths = WaveletBench(), []
    for ratio in (8.0, 4.0, 3.0, 2.0, 1.0):
        bench.set(ratio=ratio)
        widths.append(readout_number(bench, "width "))
    assert widths == sorted(widths) and widths[0] < 0.85 and widths[-2] > 3


def test_an_edge_between_pairs_is_kept_by_the_next_level():
    bench = WaveletBench(threshold=3.0)
    for moved, sharp in ((0.0, True), (2.0, True), (3.0, False), (4.0, True), (5.0, False)):
        bench.set(ratio=2.0, moved=moved)
        assert (readout_number(bench, "width ") < 1) == sharp


def test_the_edge_that_fits_the_grid_stays_sharp_whatever_the_threshold():
    bench, widths = WaveletBench(threshold=5.0), {}
    for moved in (0.0, 5.0):
        bench.set(ratio=2.0, moved=moved)
        widths[moved] = readout_number(bench, "width ")
    assert widths[0.0] < 0.9 and widths[5.0] > 2


def test_all_shifts_ring_less():
    bench = WaveletBench(wavelet="db4", threshold=3.0)
    bench.set(ratio=6.0)
    one = readout_number(bench, "overshoot ")
    bench.set(spin="all shifts")
    assert readout_number(bench, "overshoot ") < 0.7 * one


def test_sliders_that_would_change_nothing_are_disabled():
    bench = WaveletBench("camera man")
    disabled = {c["name"] for c in bench.controls if c.get("disabled")}
    assert disabled == {"ratio", "moved"}
    assert "width" not in bench.readout
    bench.set(picture="slanted edge")
    assert not any(c.get("disabled") for c in bench.controls)


def test_what_is_not_on_offer_is_refused_or_said():
    with pytest.raises(ValueError, match="wavelet must be one of haar, db2, db4, sym4"):
        WaveletBench(wavelet="db3")
    for threshold in (50, -1, float("nan")):
        with pytest.raises(ValueError, match=r"threshold \(x sigma\) must be from 0 to 6, got"):
            WaveletBench(threshold=threshold)
    bench = WaveletBench()
    bench.set(spin="twice")
    assert "spin must be one of one grid, all shifts; got 'twice'" in bench.message


def test_the_same_setting_shows_the_same_pixels():
    assert WaveletBench(seed=3).frame_1 == WaveletBench(seed=3).frame_1
    assert WaveletBench(seed=3).frame_1 != WaveletBench(seed=4).frame_1
