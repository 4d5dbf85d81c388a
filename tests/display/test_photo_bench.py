"""The photo bench: what it shows is what the photo path does, on the crop."""

import io

import numpy as np
import pytest
from PIL import Image as PillowImage

from lessons_lib.denoisers.dct import LocalDCT
from lessons_lib.denoisers.photo_choice import METHODS, NothingToDenoise, choose_denoiser
from lessons_lib.denoisers.photo_colours import EvenColours
from lessons_lib.denoisers.stabilised import Stabilised
from lessons_lib.diagnosis.photo_noise import measure_photo_noise
from lessons_lib.display import pixels
from lessons_lib.display.photo_bench import (
    DISPLAY,
    LINEAR,
    SIZE,
    PhotoBench,
    bundled_street,
    photo_bench,
    stronger,
)
from lessons_lib.scenes.photo import Photo


@pytest.fixture(scope="module")
def small():
    """A small noisy photo, so that tests stay quick."""
    rng = np.random.default_rng(0)
    image = np.full((100, 140, 3), 0.4)
    image[:, 70:] = 0.6
    image += 0.05 * rng.standard_normal(image.shape)
    return Photo(np.clip(image, 0, 1).astype(np.float32), "small", "srgb", {}, ("It was cut.",))


@pytest.fixture
def bench(small):
    return PhotoBench(small, "dct")


def test_everything_is_shown_and_described(bench):
    assert bench.message == "" and bench.readout
    assert [panel["key"] for panel in bench.panels] == ["overview", "before", "after", "removed"]
    assert all(panel["alt"] and panel["title"] for panel in bench.panels)
    assert all(plot["alt"] and plot["series"] for plot in bench.plots)
    assert all(control["label"] for control in bench.controls)
    assert bench.notes == "Opened small. It was cut."


def test_the_bundled_street_comes_first_without_a_photo():
    bench = photo_bench()
    assert bench.photo.name == "the night street" and bench.state["domain"] == DISPLAY
    assert bench.message == "" and "blotchy" in bench.readout
    rows, cols = bench.window
    assert rows.stop - rows.start == SIZE == cols.stop - cols.start


def test_the_estimate_is_the_photo_path_s_own(bench, small):
    choice = choose_denoiser(small.display, "srgb", measure_photo_noise, method="dct")
    assert bench.choice().settings() == choice.settings()
    wanted = choice.denoiser(small.display[bench.window].copy(), choice.sigma)
    np.testing.assert_array_equal(bench.estimate(), wanted)
    assert bench.frame_2 == pixels.tones(wanted).tobytes()


def test_no_strength_takes_nothing_and_more_takes_more(bench):
    taken = []
    for strength in (0.0, 1.0, 2.0):
        bench.set(strength=strength)
        taken.append(float(np.std(bench.photo.display[bench.window] - bench.estimate())))
    assert taken[0] == 0 < taken[1] < taken[2]


@pytest.mark.parametrize("method", ["nlm", "wavelet"])
def test_every_quick_method_answers_in_both_domains(bench, method):
    for domain in (LINEAR, DISPLAY):
        bench.set(method=method, domain=domain)
        assert bench.message == "" and method in bench.readout


def test_slow_methods_wait_for_the_release(bench, monkeypatch):
    bench.push(method="network")
    monkeypatch.setattr(bench, "estimate", lambda: pytest.fail("computed during a drag"))
    bench.react("strength", settled=False)
    assert bench.readout == "Release the slider to compute."


def test_a_click_in_the_overview_moves_the_crop():
    bench = PhotoBench(bundled_street(), "wavelet")
    before = bench.window
    bench.set(overview_row=0, overview_col=0)
    assert bench.window == (slice(0, SIZE), slice(0, SIZE)) != before
    assert bench.message == ""


def test_a_file_of_the_user_is_opened(bench):
    rng = np.random.default_rng(1)
    values = (128 + 12 * rng.standard_normal((90, 80, 3))).clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    PillowImage.fromarray(values).save(file, "PNG")
    bench.receive("mine.png", file.getvalue())
    assert bench.photo.name == "mine.png" and bench.notes.startswith("Opened mine.png.")
    assert bench.panels[1]["height"] == 90 and bench.panels[1]["width"] == 80


def test_linear_photos_start_in_light(small):
    raw = Photo(small.image * np.float32(0.3), "raw", "linear", {}, ())
    bench = PhotoBench(raw, "wavelet")
    assert bench.state["domain"] == LINEAR and bench.message == ""
    assert bench.numbers_in(LINEAR)[1] == "linear"


def test_the_user_is_told_what_is_no_photo_or_has_no_noise(bench):
    bench._answer(lambda: bench.receive("text.txt", b"not a picture"))
    assert "text.txt" in bench.message
    even = Photo(np.full((64, 64, 3), 0.5, np.float32), "even", "srgb", {}, ())
    with pytest.raises(NothingToDenoise, match="^even has no noise"):
        PhotoBench(even, "dct")


def test_what_does_not_exist_is_refused(small):
    with pytest.raises(ValueError, match="there is no method 'magic'; choose one of network"):
        PhotoBench(small, "magic")
    with pytest.raises(ValueError, match="there is no domain 'moon'; choose one of display"):
        PhotoBench(small, "dct", "moon")


def test_stronger_multiplies_the_levels_inside_the_root():
    inner = EvenColours(LocalDCT(), (0.1, 0.2, 1.5))
    assert stronger(inner, 2.0).levels == (0.2, 0.4, 2.0)
    assert stronger(Stabilised(inner, 100.0), 0.5).denoiser.levels == (0.05, 0.1, 0.75)
    with pytest.raises(ValueError, match="a photo's denoiser"):
        stronger(LocalDCT(), 2.0)


def test_the_bench_offers_what_the_photo_path_has(bench):
    listed = next(one for one in bench.controls if one["name"] == "method")
    assert listed["options"] == list(METHODS)
