"""The frequency bench: what it shows is what the generators draw, and it can train again."""

import re

import numpy as np
import pytest
import torch

from lessons_lib.display import frequency_bench as module
from lessons_lib.display import frequency_bench_looks as looks
from lessons_lib.display.frequency_bench import (
    BANDS,
    GIVEN,
    MASK_ONLY,
    NOISE,
    PIXELS,
    REAL,
    FrequencyBench,
    frequency_bench,
)
from lessons_lib.learning import tissue
from lessons_lib.learning.tissue_network import generate
from lessons_lib.learning.tissue_training import distance
from lessons_lib.learning.tissue_weights import load_tissue
from lessons_lib.scenes.band_noise import band_noise, white_noise


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def bench():
    return FrequencyBench(steps=3)


def pixels_of(bench, index):
    panel = bench.panels[index]
    frame = np.frombuffer(getattr(bench, f"frame_{index}"), np.uint8)
    return frame.reshape(panel["height"], panel["width"])


@pytest.mark.parametrize("given", GIVEN)
def test_everything_is_shown_without_a_message(given):
    bench = frequency_bench(given)
    assert bench.message == "" and bench.progress == -1.0
    assert [panel["key"] for panel in bench.panels] == ["mask", "extra", "drawn", "real"]
    assert all(panel["alt"] and panel["title"] for panel in bench.panels)
    assert len(bench.plots) == 2 and all(plot["alt"] for plot in bench.plots)
    assert all(control["label"] for control in bench.controls)


@pytest.mark.parametrize("frequency", tissue.BANDS)
def test_the_drawing_is_the_generators_own(frequency):
    bench = FrequencyBench(frequency=frequency, seed=3)
    piece = module.shown_piece()
    noise = band_noise(piece.mask.shape, frequency, np.random.default_rng(3))
    drawn = generate(load_tissue(tissue.band(frequency)), piece.mask, noise)
    np.testing.assert_array_equal(pixels_of(bench, 2), looks.density(drawn))
    np.testing.assert_array_equal(pixels_of(bench, 3), looks.density(piece.brown))
    shown = float(re.search(r"from this piece is ([\d.]+)", bench.readout)[1])
    assert shown == pytest.approx(distance(drawn, piece.brown), abs=6e-4)  # three digits


def test_the_last_place_of_the_slider_is_white_noise(bench):
    bench.set(band=len(BANDS) - 1)
    assert bench.condition == tissue.WHITE
    piece = module.shown_piece()
    noise = white_noise(piece.mask.shape, np.random.default_rng(0))
    drawn = generate(load_tissue(tissue.WHITE), piece.mask, noise)
    np.testing.assert_array_equal(pixels_of(bench, 2), looks.density(drawn))


def test_the_table_stands_in_the_readout(bench):
    bench.set(given=REAL)
    stored = tissue.scores()[tissue.STRUCTURE]
    assert f"mean {stored.mean():.3f}" in bench.readout
    assert f"over {len(stored)} trainings" in bench.readout


def test_mask_only_has_no_noise_and_no_seed(bench):
    bench.set(given=MASK_ONLY)
    before = pixels_of(bench, 2).copy()
    assert np.all(pixels_of(bench, 1) == pixels_of(bench, 1)[0, 0])
    assert len(bench.plots[0]["series"]) == 2, "no spectrum of nothing"
    bench.set(seed=5)
    np.testing.assert_array_equal(pixels_of(bench, 2), before)


def test_sliders_that_change_nothing_cannot_be_moved(bench):
    def disabled():
        return [c["name"] for c in bench.controls if c.get("disabled")]

    assert disabled() == []
    bench.set(given=MASK_ONLY)
    assert disabled() == ["band", "seed"]
    bench.set(given=PIXELS)
    assert disabled() == ["band"]
    assert [c for c in FrequencyBench(REAL).controls if c.get("disabled")]


def test_another_seed_draws_other_cells(bench):
    before = pixels_of(bench, 2).copy()
    bench.set(seed=1)
    assert np.mean(before != pixels_of(bench, 2)) > 0.3


def test_spectra_find_a_known_frequency():
    noise = band_noise((112, 192), 0.2, np.random.default_rng(0), width=0.1)
    frequencies, power = looks.bumps(noise)
    assert frequencies[power.argmax()] == pytest.approx(0.2, abs=0.5 / looks.RINGS)  # one ring
    assert looks.bumps(np.zeros((64, 64)))[1].max() == 0


def test_the_button_trains_and_shows_the_new_one_beside_the_stored(bench):
    stored = pixels_of(bench, 2).copy()
    bench.set(train=1)
    assert bench.message == "" and bench.progress == -1.0
    assert [panel["key"] for panel in bench.panels][-1] == "again"
    np.testing.assert_array_equal(pixels_of(bench, 2), stored)
    assert np.any(pixels_of(bench, 4) != stored) and "trained just now" in bench.readout
    bench.set(given=MASK_ONLY)
    assert len(bench.panels) == 4, "another condition was not trained"
    bench.set(given=NOISE)
    assert len(bench.panels) == 5, "it is kept"


def test_cancel_keeps_what_is_there(bench):
    stored = bench.frame_2
    bench.set(cancel=1)
    assert "Stopped" in bench.readout and bench.frame_2 == stored


def test_a_training_that_breaks_says_so(bench, monkeypatch):
    def broken(plan, pieces):
        raise RuntimeError("out of ink")
        yield

    monkeypatch.setattr(module, "train_tissue", broken)
    bench.log.disabled = True
    bench.set(train=1)
    assert bench.message == "This widget broke: RuntimeError: out of ink"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"given": "nothing"}, "given must be one of mask"),
        ({"frequency": 0.03}, "no generator was trained for 0.03 cycles/px; choose one of 0.02"),
    ],
)
def test_settings_that_do_not_exist(settings, words):
    with pytest.raises(ValueError, match=words):
        FrequencyBench(**settings)
