"""The disc bench: what fades is what the closed form says, and the widget in-process."""

import numpy as np
import pytest

from lessons_lib.denoisers import total_variation
from lessons_lib.display.disc_bench import (
    CENTRES,
    CONTRAST,
    RADII,
    DiscBench,
    contrast_found,
    contrast_left,
    four_discs,
)


def test_on_clean_discs_the_closed_form_holds():
    estimate = total_variation(four_discs(), 0.5, 1500)
    for radius, centre in zip(RADII[1:], CENTRES[1:], strict=True):
        found = contrast_found(estimate, radius, centre)
        # The grid measures the perimeter of a circle of 6 px 8 % too long, of 10 px and more
        # at most 5 %, and a disc loses as much more.
        lost = CONTRAST - contrast_left(0.5, radius)
        assert CONTRAST - found == pytest.approx(lost, rel=0.1 if radius < 10 else 0.05)


def test_the_smallest_disc_goes_first():
    gone = [next(w for w in np.arange(0, 9, 0.05) if contrast_left(w, r) == 0) for r in RADII]
    assert gone == sorted(gone) and gone[0] < 1 < gone[1]


def test_without_lambda_nothing_is_lost():
    clean = four_discs()
    for radius, centre in zip(RADII, CENTRES, strict=True):
        assert contrast_left(0.0, radius) == CONTRAST
        assert contrast_found(clean, radius, centre) == pytest.approx(CONTRAST)


def test_every_control_changes_the_pictures_and_nothing_complains():
    bench = DiscBench()
    for setting in (dict(weight=1.0), dict(sigma=0.2), dict(weight=2.0), dict(weight=0.0)):
        before = bench.frame_1
        bench.set(**setting)
        assert bench.message == "" and bench.frame_1 != before
        assert all(panel["alt"] for panel in bench.panels)
        assert all(plot["alt"] for plot in bench.plots)


def test_the_readout_compares_with_the_prediction():
    bench = DiscBench(weight=0.5, sigma=0.0)
    assert "lambda 0.50 ·" in bench.readout
    assert bench.readout.count("predicted") == len(RADII)
    bench.set(sigma=0.1)
    assert "lambda 0.50 = 5.0 sigma" in bench.readout


def test_at_rest_the_picture_is_the_minimum_to_a_grey_level():
    for weight in (0.4, 2.0):
        bench = DiscBench(weight=weight)
        noisy = bench._clean + 0.1 * bench._noise
        exact = total_variation(noisy, weight, 6000)
        shown = np.frombuffer(bench.frame_1, np.uint8).reshape(exact.shape)
        # Rounding to grey levels alone makes 0.3.
        assert np.sqrt(np.mean((shown - 255 * exact) ** 2)) < 1.0


def test_a_drag_shows_nearly_the_same_picture_as_a_resting_slider():
    bench = DiscBench()
    exact = np.frombuffer(bench.frame_1, np.uint8).astype(float)
    bench.react("weight", settled=False)
    dragged = np.frombuffer(bench.frame_1, np.uint8).astype(float)
    assert np.sqrt(np.mean((exact - dragged) ** 2)) < 1.5  # grey levels, at lambda 0.3
