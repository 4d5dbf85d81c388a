"""The mosaic bench and the loss bench: what is shown is what was measured; errors in words."""

import io

import numpy as np
import pytest
from PIL import Image as PillowImage

from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.display import style_bench as mosaics
from lessons_lib.display import style_bench_losses as losses
from lessons_lib.display.network_bench_training import watch
from lessons_lib.learning.style import stylise
from lessons_lib.learning.style_features import Features
from lessons_lib.learning.style_measures import checkerboard, truth_and_leak
from lessons_lib.learning.style_network import StyleShape
from lessons_lib.learning.style_plan import StylePlan, train_style
from lessons_lib.learning.style_weights import load


def photo_file(shape, kind="PNG", mode=None):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels, mode=mode).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def bench():
    return mosaics.style_bench()


# -- the mosaic bench


@pytest.mark.parametrize("picture", mosaics.PICTURES)
def test_every_picture_becomes_a_mosaic(bench, picture):
    bench.set(picture=picture, gain=1.0)
    assert bench.message == ""
    assert [panel["key"] for panel in bench.panels] == ["photo", "mosaic", "fine"]
    made = stylise(bench.content, load("mosaic"))
    assert f"checkerboard score {checkerboard(made):.4f}" in bench.readout
    assert "Gram distance to the mosaic" in bench.readout
    assert bench.snapshot().startswith(b"\x89PNG")


def test_exposure_changes_the_photo_and_not_the_mosaic(bench):
    bench.set(picture="coffee", network="nearest + convolution", gain=1.0)
    photo, mosaic = bench.frame_0, bench.frame_1
    bench.set(gain=0.1)
    assert bench.frame_0 != photo
    before, after = (
        np.frombuffer(one, dtype=np.uint8).astype(int) for one in (mosaic, bench.frame_1)
    )
    # float32 differs in the sixth digit, which may move a rounding to the next grey level.
    assert np.abs(before - after).max() <= 1


def test_the_other_network_gives_another_mosaic(bench):
    bench.set(picture="coffee", network="nearest + convolution", gain=1.0)
    before = bench.frame_1
    bench.set(network="transposed convolution")
    assert bench.message == "" and bench.frame_1 != before


@pytest.mark.parametrize(
    ("shape", "kind"), [((61, 47, 3), "PNG"), ((50, 40), "PNG"), ((90, 71, 3), "JPEG")]
)
def test_ones_own_photo_is_laid(shape, kind):
    bench = mosaics.StyleBench()
    bench.receive("mine", photo_file(shape, kind))
    assert bench.message == "" and bench.notes.startswith("Opened mine.")
    assert (bench.panels[1]["height"], bench.panels[1]["width"]) == shape[:2]


def test_a_photo_with_alpha_is_laid_and_said():
    bench = mosaics.StyleBench()
    bench.receive("mine", photo_file((64, 64, 4)))
    assert bench.panels[1]["channels"] == 3 and len(bench.notes) > len("Opened mine.")


def test_a_large_photo_is_made_smaller_and_said(monkeypatch):
    monkeypatch.setattr(mosaics, "LONGEST", 100)
    bench = mosaics.StyleBench()
    bench.receive("mine", photo_file((150, 240, 3)))
    assert "Made smaller for speed: 80 x 50 px." in bench.notes


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (photo_file((20, 60, 3)), "at least 32 x 32 px, got 20 x 60"),
        (b"no picture at all", "mine"),
    ],
)
def test_bad_files_are_said_in_the_widget(content, words):
    bench = mosaics.StyleBench()
    bench._answer(lambda: bench.receive("mine", content))
    assert words in bench.message and "broke" not in bench.message


def test_a_picture_of_one_colour_is_said_in_the_widget():
    buffer = io.BytesIO()
    PillowImage.new("RGB", (64, 64), (90, 90, 90)).save(buffer, "PNG")
    bench = mosaics.StyleBench()
    bench._answer(lambda: bench.receive("wall", buffer.getvalue()))
    assert "one colour only" in bench.message


def test_without_a_photo_the_choice_says_so(bench):
    bench.set(picture=mosaics.PHOTO)
    assert "no photo is open yet" in bench.message
    bench.set(picture="coffee")
    assert bench.message == ""


def test_what_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="there is no picture 'moon'; choose one of coffee"):
        mosaics.style_bench("moon")
    with pytest.raises(ValueError, match="there is no network 'bilinear'"):
        mosaics.style_bench(network="bilinear")


# -- the loss bench


def test_the_ends_of_the_slider_are_the_two_networks():
    bench = losses.loss_bench(share=0.0)
    assert bench.frame_2 == bench.frame_3
    bench.set(share=1.0)
    assert bench.frame_2 != bench.frame_3
    clean, noisy = losses.scene("camera man")
    gram = losses.estimated("camera man", "gram")
    truth, leak = truth_and_leak(clean, noisy, gram)
    assert f"mixed: {psnr(clean, gram):.2f} dB" in bench.readout
    assert f"truth {truth:.2f}, leaked noise {leak:.2f}" in bench.readout


@pytest.mark.parametrize("picture", losses.PICTURES)
@pytest.mark.parametrize("loss", losses.NAMES)
def test_every_setting_is_answered(picture, loss):
    bench = losses.loss_bench(loss)
    bench.set(picture=picture, share=0.5, row=0, col=160)
    assert bench.message == "" and len(bench.panels) == 4
    assert len({panel["key"] for panel in bench.panels}) == 4
    assert all(panel["height"] == losses.CROP for panel in bench.panels)


def test_a_loss_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="there is no loss 'GAN'"):
        losses.loss_bench("GAN")


# -- training in the page


def test_a_style_is_trained_before_ones_eyes():
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (50, 60, 3), dtype=np.uint8)]

    def training(steps):
        plan = StylePlan(shape=StyleShape(2, 1), steps=steps, batch=1, side=48, window=48,
                         features=Features(count=3, scales=2))  # fmt: skip
        return train_style(plan, pictures)

    bench = watch(training, "mosaic", 3)
    assert bench.result.step == 3 and "3 steps in" in bench.readout
