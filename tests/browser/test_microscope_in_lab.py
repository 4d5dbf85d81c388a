"""The blur microscope in a real JupyterLab: files, clicks, keys, bad input, a live kernel."""

import json
import re

import lab
import numpy as np
import pytest
from PIL import Image as PillowImage

# One worker runs all of them, so that one JupyterLab and one Chromium are enough.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTEBOOK = {
    "nbformat": 4, "nbformat_minor": 5, "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)",
                       "language": "python"}},
    "cells": [{
        "cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None,
        "source": "from lessons_lib.display.widgets import blur_microscope\n"
                  "microscope = blur_microscope(picture='slanted edge')\nmicroscope"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def microscope(lab_address, chromium, course_folder):
    """The widget in a small notebook, and the page it is on."""
    folder = course_folder / "notebooks"
    (folder / "microscope.ipynb").write_text(json.dumps(NOTEBOOK))
    page = chromium.new_page(viewport={"width": 1366, "height": 900})
    page.complaints = lab.watch(page)
    lab.open_notebook(page, lab_address, "microscope.ipynb")
    lab.run_all(page)
    assert lab.errors_in(page) == []
    yield page, page.locator(".web-view").first
    lab.close_kernels(page)
    page.close()


def choose(page, widget, name, option):
    """Choose an option, whatever an earlier test has left chosen."""
    select = widget.locator(f"select[data-name={name}]")
    if select.input_value() == option:
        return
    before = lab.fingerprint(widget)
    select.select_option(option)
    lab.wait_for_change(page, widget, before)


def readout(widget) -> str:
    return widget.locator(".web-readout").text_content()


def send_file(page, widget, path):
    """Pick a file and wait until the notes name it or a message comes; returns the message."""
    choose(page, widget, "picture", "coins")  # which clears the notes of an earlier file
    message, notes = widget.locator(".web-message"), widget.locator(".web-notes")
    before = message.text_content()
    widget.locator("input[type=file]").set_input_files(path)
    for _ in range(400):
        page.wait_for_timeout(50)
        now = message.text_content()
        if (now and now != before) or notes.text_content().startswith(f"Opened {path.name}"):
            return now
    raise AssertionError("the widget did not answer")


def test_all_pictures_fit_a_small_screen(microscope):
    page, widget = microscope
    box = widget.bounding_box()
    assert box["x"] + box["width"] <= 1366
    overflow = widget.evaluate("(root) => root.scrollWidth > root.clientWidth + 1")
    assert not overflow


def test_the_style_sheet_lays_the_pictures_side_by_side(microscope):
    page, widget = microscope
    tops = [
        widget.locator(f"canvas[data-key={key}]").bounding_box()["y"]
        for key in ("noisy", "estimate", "third")
    ]
    assert max(tops) - min(tops) < 1, "the pictures do not stand at one height"
    controls = [control.bounding_box() for control in widget.locator(".web-control").all()]
    assert all(box["width"] < 500 for box in controls), "the controls have lost their layout"


def test_a_click_moves_the_cross_and_the_kernel(microscope):
    page, widget = microscope
    choose(page, widget, "denoiser", "Local Wiener (adaptive)")
    canvas = widget.locator("canvas[data-key=estimate]")
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] / 4, "y": box["height"] / 4})
    kernel = widget.locator("figure", has_text="kernel at")
    moved = re.compile(r"\(6[2-6], 6[2-6]\)")
    kernel.filter(has_text=moved).wait_for(timeout=10_000)


def test_arrow_keys_move_the_cross(microscope):
    page, widget = microscope
    canvas = widget.locator("canvas[data-key=noisy]")
    canvas.click(position={"x": 40, "y": 40})
    page.wait_for_timeout(500)
    before = widget.locator("canvas[data-key=kernel]").get_attribute("aria-label")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowRight")
    for _ in range(100):
        page.wait_for_timeout(50)
        after = widget.locator("canvas[data-key=kernel]").get_attribute("aria-label")
        if after != before:
            return
    raise AssertionError("the kernel did not follow the keys")


def test_a_slider_under_the_hand_does_not_jump_back(microscope):
    page, widget = microscope
    choose(page, widget, "denoiser", "Local Wiener (adaptive)")
    slider = widget.locator("input[data-name=strength]")
    slider.evaluate("""async (input) => {
      for (let i = 0; i < 30; i++) {
        input.value = 0.1 * (i + 1);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((done) => setTimeout(done, 15));
      }
      input.dispatchEvent(new Event('change', { bubbles: true }));
    }""")
    page.wait_for_timeout(1000)
    assert float(slider.input_value()) == pytest.approx(3.0)
    assert "strength=3.0" in widget.locator("figure").nth(1).text_content()


def test_the_blur_curve_arrives(microscope):
    page, widget = microscope
    widget.locator("canvas.web-plot[aria-label*='contrast/sigma 8']").wait_for(timeout=20_000)


def bad_files(folder):
    jpeg = folder / "whole.jpg"
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    PillowImage.fromarray(pixels).save(jpeg)
    wide = folder / "wide.png"
    PillowImage.new("L", (30_000, 20)).save(wide)
    small = folder / "small.png"
    PillowImage.new("L", (1, 1)).save(small)
    contents = {
        "empty.jpg": b"",
        "notes.txt": b"dear diary",
        "cut.jpg": jpeg.read_bytes()[:1500],
        "cut.dng": b"II*\x00\x08\x00\x00\x00" + b"\x00" * 40,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [*(folder / name for name in contents), wide, small]


def test_bad_files_get_clear_words_and_the_kernel_lives_on(microscope, tmp_path):
    page, widget = microscope
    choose(page, widget, "picture", "coins")
    page.wait_for_timeout(800)
    before = lab.fingerprint(widget)
    for path in bad_files(tmp_path):
        message = send_file(page, widget, path)
        assert path.name in message, f"{path.name}: {message!r}"
        assert "broke" not in message
    assert lab.fingerprint(widget) == before, "a bad file changed the picture"
    choose(page, widget, "picture", "dead leaves")
    assert widget.locator(".web-message").text_content() == ""


def test_a_good_photo_opens(microscope, tmp_path):
    page, widget = microscope
    path = tmp_path / "mine.jpg"
    pixels = np.random.default_rng(0).integers(0, 255, (700, 900, 3), dtype=np.uint8)
    PillowImage.fromarray(pixels).save(path, quality=95)
    assert send_file(page, widget, path) == ""
    widget.locator("canvas[data-key=overview]").wait_for(timeout=10_000)
    assert widget.locator("select[data-name=picture]").input_value() == "my photo"


@pytest.mark.parametrize(
    "denoiser", ["Gaussian (linear)", "Median (order statistic)", "Local Wiener (adaptive)"]
)
def test_a_real_noisy_photo_under_every_instrument(microscope, shared_data, denoiser):
    page, widget = microscope
    photo = shared_data / "real" / "RNI15" / "Dog.png"
    assert send_file(page, widget, photo) == ""
    choose(page, widget, "denoiser", denoiser)
    widget.locator("canvas.web-plot[aria-label*='contrast/sigma 8']").wait_for(timeout=20_000)
    assert "estimated" in readout(widget) and "10-90 % width" in readout(widget)
    shown = {canvas.get_attribute("data-key") for canvas in widget.locator("canvas").all()}
    assert {"noisy", "estimate", "third", "kernel", "overview"} <= shown
    assert widget.locator(".web-message").text_content() == ""


def test_a_large_photo_travels_in_parts(microscope, tmp_path):
    page, widget = microscope
    path = tmp_path / "large.tif"
    pixels = np.random.default_rng(0).integers(0, 255, (2000, 3000, 3), dtype=np.uint8)
    PillowImage.fromarray(pixels).save(path)  # 18 MB: more than one message may carry
    assert send_file(page, widget, path) == ""
    assert widget.locator(".web-notes").text_content().startswith("Opened large.tif")


SLOW = """
import time
from dataclasses import dataclass
from lessons_lib.denoisers import Entry, Gaussian
from lessons_lib.display.microscope import BlurMicroscope

@dataclass(frozen=True)
class Sleepy(Gaussian):
    reach = 4
    def __call__(self, noisy, sigma):
        time.sleep(4e-5 * noisy.shape[0] * noisy.shape[1])
        return super().__call__(noisy, sigma)

entry = Entry(Sleepy, "width", "width, px", (0.0, 6.0, 0.1), 1.5)
BlurMicroscope("slanted edge", denoiser="sleepy", catalogue={"sleepy": entry})
"""


def test_a_slow_denoiser_shows_progress_and_the_page_lives(page, lab_address, course_folder):
    folder = course_folder / "notebooks"
    slow = json.loads(json.dumps(NOTEBOOK))
    slow["cells"][0]["source"] = SLOW
    (folder / "slow.ipynb").write_text(json.dumps(slow))
    lab.open_notebook(page, lab_address, "slow.ipynb")
    lab.run_all(page)
    widget = page.locator(".web-view").first
    progress, slider = widget.locator("progress"), widget.locator("input[data-name=strength]")
    progress.wait_for(state="hidden", timeout=60_000)  # the first estimate, 2.6 s, is done
    slider.fill("3")  # one event of each kind: moved and released
    progress.wait_for(state="visible", timeout=5_000)
    started = page.evaluate("performance.now()")
    slider.fill("5")  # while the first is under way: the newest wins
    assert page.evaluate("performance.now()") - started < 1000, "the page froze"
    assert slider.input_value() == "5"
    progress.wait_for(state="hidden", timeout=60_000)
    widget.locator("figcaption", has_text="width=5.0").wait_for(timeout=20_000)


def test_two_views_of_one_widget_agree(page, lab_address, course_folder):
    folder = course_folder / "notebooks"
    twice = json.loads(json.dumps(NOTEBOOK))
    twice["cells"].append({**twice["cells"][0], "id": "b", "source": "microscope"})
    (folder / "twice.ipynb").write_text(json.dumps(twice))
    lab.open_notebook(page, lab_address, "twice.ipynb")
    lab.run_all(page)
    first, second = lab.widgets(page)
    before = lab.fingerprint(first)
    second.locator("input[data-name=strength]").fill("4")
    lab.wait_for_change(page, first, before)
    assert first.locator("input[data-name=strength]").input_value() == "4"
    before = lab.fingerprint(second)
    first.locator("select[data-name=third]").select_option("error")
    lab.wait_for_change(page, second, before)
    assert second.locator("input[data-name=strength]").input_value() == "4"
    assert "width=4.0" in second.locator("figcaption").nth(1).text_content()


def test_the_console_stayed_quiet(microscope):
    page, _ = microscope
    assert page.complaints == []
