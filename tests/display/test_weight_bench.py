"""The weight bench: its weights make the estimate, its row is the instrument's own."""

import numpy as np
import pytest

from lessons_lib.diagnosis.kernels import gather
from lessons_lib.display.weight_bench import (
    CAMERA,
    CATALOGUE,
    EDGE,
    REACH,
    SIGMA,
    SIZE,
    WeightBench,
)
from lessons_lib.display.weight_lists import weights_of

every_denoiser = pytest.mark.parametrize("name", CATALOGUE)


@pytest.fixture(scope="module")
def noisy():
    return np.random.default_rng(0).normal(0.5, 0.1, (41, 41))


@every_denoiser
def test_the_weights_make_the_estimate(name, noisy):
    denoiser = CATALOGUE[name].build(CATALOGUE[name].default)
    weights = weights_of(denoiser, noisy, SIGMA, (20, 20))
    assert weights.sum() == pytest.approx(1)
    assert (weights * noisy).sum() == pytest.approx(denoiser(noisy, SIGMA)[20, 20])


@every_denoiser
def test_the_shown_window_holds_all_weights(name):
    """Nothing that the denoiser can see lies outside the 17 x 17 pixels that are shown."""
    low, high, _ = CATALOGUE[name].span
    for value in (low, high):
        assert CATALOGUE[name].build(value).reach <= REACH


@every_denoiser
@pytest.mark.parametrize("picture", [EDGE, CAMERA])
def test_everything_is_shown_without_a_message(name, picture):
    bench = WeightBench(picture)
    bench.set(denoiser=name)
    assert bench.message == ""
    assert [panel["key"] for panel in bench.panels] == ["noisy", "estimate", "weights", "row"]
    assert all(panel["alt"] for panel in bench.panels)
    assert all(plot["alt"] for plot in bench.plots)
    assert ("across the edge" in bench.readout) == (picture == EDGE)


def test_the_row_is_the_jacobian_of_the_whole_picture():
    bench = WeightBench(denoiser="Guided")
    noisy = bench.edge.image() + bench._noise
    row, col = bench.position
    whole = gather(bench.denoiser, noisy, SIGMA, (row, col))
    window = whole[row - REACH : row + REACH + 1, col - REACH : col + REACH + 1]
    shown = bench._look(noisy, None).row
    # Differences with a step of 1e-4 sigma carry rounding of 1e-16 / 5e-6.
    np.testing.assert_allclose(shown, window, atol=1e-9)


def test_a_strong_edge_gets_no_weight_and_a_weak_one_does():
    bench = WeightBench(ratio=12.0)
    assert " 0% of the weight is across the edge" in bench.readout
    bench.set(ratio=1.0)
    share = int(bench.readout.split("% of the weight")[0].split()[-1])
    assert share > 10


def test_clicks_near_the_border_are_moved_inside():
    bench = WeightBench()
    bench.set(row=0, col=SIZE - 1)
    assert bench.message == "" and bench.position == (REACH, SIZE - 1 - REACH)
    assert f"pixel {bench.position}" in bench.readout


def test_a_gaussian_never_looks():
    bench = WeightBench(denoiser="Gaussian (never looks)")
    before = bench.frame_2
    bench.set(ratio=1.0)
    bench.set(row=20, col=70)
    assert bench.frame_2 == before
    assert "0 negative entries, differs from the weights by up to 0.000" in bench.readout


def test_an_unknown_picture_is_refused():
    with pytest.raises(ValueError, match="'moon'; choose one of slanted edge, camera"):
        WeightBench("moon")
