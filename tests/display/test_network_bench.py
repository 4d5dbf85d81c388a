"""The network bench: rows that are the instruments' own, and answers to every control."""

import re

import numpy as np
import pytest
import torch

from lessons_lib.denoisers.bilateral import Bilateral
from lessons_lib.denoisers.network import Network
from lessons_lib.denoisers.non_local_means import NonLocalMeans
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.kernels import gather
from lessons_lib.display import network_bench_text as text
from lessons_lib.display.network_bench import (
    BRICKS,
    CAMERA,
    EDGE,
    MARGIN,
    PICTURES,
    SIZE,
    NetworkBench,
    network_bench,
)
from lessons_lib.display.network_bench_rows import network_row, rows_of
from lessons_lib.display.network_bench_training import TrainingBench, smooth, watch
from lessons_lib.scenes.pictures import picture


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(0)
    return picture("camera", SIZE) + 0.1 * rng.standard_normal((SIZE, SIZE))


# -- rows


@pytest.mark.parametrize("method", [Bilateral(), NonLocalMeans(1, 3), NonLocalMeans(2, 4, 0.4)])
@pytest.mark.parametrize("position", [(150, 66), (20, 235)])
def test_the_filters_rows_are_those_of_the_instrument(noisy, method, position):
    ((_, row),) = rows_of({"it": method}, noisy, 0.1, position)
    start = [place - 2 * method.reach for place in position]
    crop = tuple(slice(a, p + 2 * method.reach + 1) for a, p in zip(start, position, strict=True))
    middle = (2 * method.reach, 2 * method.reach)
    expected = gather(method, noisy[crop], 0.1, middle, step=1e-5)
    # Central differences of step h err by h^2 and rounding / h: together some 1e-9.
    np.testing.assert_allclose(row[crop], expected, atol=1e-8)
    assert row.sum() == pytest.approx(1, abs=1e-10)
    assert np.count_nonzero(row) == np.count_nonzero(row[crop])


@pytest.mark.parametrize("position", [(150, 66), (8, 247), (100, 9)])
def test_the_networks_row_is_that_of_the_instrument(noisy, position):
    row = network_row(Network(), noisy.astype(np.float32), 0.1, position)
    whole = gather(Network(), noisy, 0.1, position)
    # What the crop cuts off: seen up to 3e-5 where the largest entry is .01 to .03.
    np.testing.assert_allclose(row, whole, atol=5e-4)
    assert row.sum() == pytest.approx(whole.sum(), abs=0.01)


# -- the bench


@pytest.mark.parametrize("picture", PICTURES)
def test_what_is_shown_is_what_was_measured(picture):
    bench = NetworkBench(picture)
    answer = bench.answer()
    keys = [panel["key"] for panel in bench.panels]
    assert keys == ["noisy", "estimate", "error", "network", "bilateral", "non-local means"]
    assert f"network {psnr(answer.clean, answer.estimate):.2f} dB" in bench.readout
    for name, row in answer.rows.items():
        assert f"{name}: sum {row.sum():.3f}" in bench.readout
    assert ("contrast/σ" in bench.readout) == (picture == EDGE)
    np.testing.assert_array_equal(answer.estimate, Network()(answer.noisy, 0.1))


def test_what_is_told_is_told_to_all_three():
    bench = NetworkBench(CAMERA)
    right = bench.answer()
    bench.set(told_ratio=2.0)
    wrong = bench.answer()
    assert wrong.told == pytest.approx(0.2) and wrong.sigma == pytest.approx(0.1)
    np.testing.assert_array_equal(right.noisy, wrong.noisy)
    for name, row in rows_of({"it": Bilateral()}, wrong.noisy, 0.2, wrong.position):
        assert name == "it"
        np.testing.assert_array_equal(row, wrong.rows["bilateral"])
    assert psnr(wrong.clean, wrong.estimate) < psnr(right.clean, right.estimate) - 1


def test_a_click_estimates_nothing_anew():
    bench = NetworkBench(BRICKS)
    first = bench._finished[1]
    bench.set(row=20, col=30)
    assert bench._finished[1] is first and "(20, 30)" in bench.panels[3]["alt"]
    bench.set(sigma=0.2)
    assert bench._finished[1] is not first


def test_clicks_at_the_border_are_moved_inside():
    bench = NetworkBench()
    bench.set(row=0, col=SIZE - 1)
    assert bench.message == "" and bench.position == (MARGIN, SIZE - 1 - MARGIN)
    assert bench.panels[3]["width"] == 2 * text.REACH + 1


def test_extreme_sliders_are_answered():
    bench = NetworkBench(EDGE)
    for sigma, ratio in ((0.02, 0.1), (0.4, 3.0), (0.02, 3.0), (0.4, 0.1)):
        bench.set(sigma=sigma, told_ratio=ratio)
        assert bench.message == ""


def test_every_slider_moves_within_what_the_network_knows():
    spans = {one["name"]: one["max"] for one in NetworkBench().controls if one["kind"] == "range"}
    assert spans["sigma"] * spans["told_ratio"] <= 1.2 + 1e-9


def test_a_window_beyond_the_border_is_filled_with_zeros():
    row = np.arange(30.0).reshape(5, 6)
    shown = text.window_of(row, (0, 5), reach=1)
    np.testing.assert_array_equal(shown, [[0, 0, 0], [4, 5, 0], [10, 11, 0]])


def test_a_picture_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="there is no picture 'moon'; choose one of slanted"):
        network_bench("moon")


# -- a training to watch


class Step:
    """What a training yields."""

    def __init__(self, step, steps, losses):
        self.step, self.steps, self.losses = step, steps, losses


def fall(steps):
    """A training whose loss falls as 1 / step."""
    losses = []
    for step in range(1, steps + 1):
        losses.append(1 / step)
        yield Step(step, steps, losses)


def test_the_curve_is_of_means_over_all_steps():
    steps, means = smooth([1 / step for step in range(1, 601)])
    assert len(means) == 60 and means[0] == pytest.approx(np.mean(1 / np.arange(1, 11)))
    assert steps[0] == 5.5 and steps[-1] == 595.5
    np.testing.assert_array_equal(smooth([3.0, 2.0]), ([1, 2], [3, 2]))
    assert len(smooth([])[0]) == 0


def test_a_training_runs_in_its_cell_and_keeps_its_result():
    bench = watch(fall, "a test", 40, "loss [none]")
    assert bench.result.step == 40 and bench.progress == -1
    assert bench.plots[0]["y_label"] == "loss [none]"
    assert bench.readout.startswith("a test: 40 steps in")
    assert bench.snapshot().startswith(b"\x89PNG")
    last = float(re.search(r"loss ([\d.]+) over", bench.readout)[1])
    assert last == pytest.approx(1 / 40, rel=1e-2)


def test_the_button_trains_again_with_the_sliders_steps():
    bench = TrainingBench(fall, "a test", 40)
    assert bench.result is None and "not trained yet" in bench.readout
    bench.set(steps=20)
    assert bench.result is None and "press 'train again' for 20 steps" in bench.readout
    bench.set(again=1)
    assert bench.result.steps == 20
    before = bench.plots
    bench.set(steps=60)
    assert bench.plots != before, "a moved slider can be seen"
    assert bench.plots[0]["series"][0] == before[0]["series"][0]


def test_a_step_takes_one_thread_and_gives_the_others_back():
    seen, before = [], torch.get_num_threads()

    def looking(steps):
        for progress in fall(steps):
            seen.append(torch.get_num_threads())
            yield progress

    torch.set_num_threads(2)
    try:
        TrainingBench(looking, "a test", 3).run()
        assert seen == [1, 1, 1] and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_a_training_that_breaks_says_so():
    def broken(steps):
        yield next(fall(steps))
        raise RuntimeError("out of noise")

    bench = TrainingBench(broken, "a test", 40)
    bench.log.disabled = True
    bench.set(again=1)
    assert bench.message == "This widget broke: RuntimeError: out of noise"
