"""The draw bench: what it shows is what the sampler draws, and it can be stopped."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from lessons_lib.denoisers.sampler import PosteriorDraw
from lessons_lib.display import draw_bench_looks as looks
from lessons_lib.display.draw_bench import (
    DRAWS,
    EDGE,
    FACE,
    PICTURES,
    PLATE,
    SIZE,
    STATES,
    DrawBench,
    draw_bench,
)
from lessons_lib.display.jobs import Job


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def bench():
    return DrawBench(FACE, sigma=0.2, steps=5)


def pixels_of(bench, index):
    panel = bench.panels[index]
    frame = np.frombuffer(getattr(bench, f"frame_{index}"), np.uint8)
    return frame.reshape(panel["height"], panel["width"])


def tile_of(bench, number):
    """One tile of the mosaic: 0 the truth, 1 the photo, from 2 on the draws."""
    row, col = (place * (SIZE + 1) for place in divmod(number, looks.COLUMNS))
    return pixels_of(bench, 0)[row : row + SIZE, col : col + SIZE]


@pytest.mark.parametrize("picture", PICTURES)
def test_everything_is_shown_without_a_message(picture):
    bench = DrawBench(picture, steps=5)
    assert bench.message == "" and bench.progress == -1.0
    keys = [panel["key"] for panel in bench.panels]
    assert keys == ["draws", "mean", "average", "spread"]
    assert all(panel["alt"] and panel["title"] for panel in bench.panels)
    assert len(bench.plots) == 2 and all(plot["alt"] for plot in bench.plots)
    assert bench.clean.shape == (SIZE, SIZE) and 0 <= bench.clean.min() < bench.clean.max() <= 1


def test_the_draws_are_the_samplers_own(bench):
    *_, (_, draws) = PosteriorDraw(seed=0, steps=5).draws(bench.noisy, 0.2, DRAWS)
    # The blend mean + 1 x (draw - mean) rounds in float32.
    np.testing.assert_allclose(bench._film[-1].picture[:, 0], draws, atol=2e-7)
    np.testing.assert_allclose(
        pixels_of(bench, 2) / 255, np.clip(draws.mean(axis=0), 0, 1), atol=0.002
    )
    tile = tile_of(bench, 2)
    np.testing.assert_allclose(tile / 255, np.clip(draws[0], 0, 1), atol=0.002)  # 8 bits


def test_drawn_fades_the_draws_into_the_mean(bench):
    bench.set(drawn=0.0)
    assert pixels_of(bench, 3).max() == 0, "no spread is left"
    np.testing.assert_array_equal(pixels_of(bench, 2), pixels_of(bench, 1))
    assert "squared error of one: 1.00 x" in bench.readout


def test_the_film_runs_from_the_photo_to_the_draws(bench):
    finished = bench.frame_0
    bench.set(shown=STATES)
    bench.set(film=0)
    np.testing.assert_array_equal(tile_of(bench, 2), tile_of(bench, 1))
    assert bench.readout.startswith("step 0 of 5, noise left 0.200")
    bench.set(film=100)
    assert bench.frame_0 == finished and bench.readout.startswith("step 5 of 5")


def test_another_round_draws_others_of_the_same_photo(bench):
    draws, noisy = bench.frame_0, tile_of(bench, 1)
    bench.set(again=1)
    assert bench.frame_0 != draws
    np.testing.assert_array_equal(tile_of(bench, 1), noisy)
    bench.set(again=0)
    assert bench.frame_0 == draws


def test_averaging_more_draws_lowers_the_error(bench):
    found = []
    for number in (1, 10):
        bench.set(number=number)
        found.append(float(re.search(rf"mean of {number}: ([\d.]+) x", bench.readout)[1]))
    assert found[1] < found[0]


def test_sliders_that_need_new_draws_wait_for_the_release(bench):
    draws = bench.frame_0
    bench.state["sigma"] = 0.3
    bench.react("sigma", settled=False)
    assert bench.frame_0 == draws and "Release the slider" in bench.readout
    bench.react("sigma", settled=True)
    assert bench.frame_0 != draws


@pytest.mark.parametrize(("sigma", "steps"), [(0.02, 5), (0.4, 60)])
def test_extreme_sliders_are_answered(sigma, steps):
    bench = DrawBench(PLATE, sigma=sigma, steps=steps)
    assert bench.message == "" and len(bench._film) == steps + 1
    for name, value in (("film", 35), ("number", 1), ("drawn", 0.05)):
        bench.set(**{name: value})
        assert bench.message == ""


def test_a_running_job_can_be_cancelled():
    async def session():
        bench = DrawBench(EDGE, steps=5)
        bench._job = Job(pytest.fail, asyncio.get_running_loop)
        bench.set(steps=60)
        assert bench._job.running
        while len(bench._film) < 3:
            await asyncio.sleep(0.001)
        assert 0 < bench.progress < 0.2
        bench.set(cancel=1)
        seen = len(bench._film)
        await asyncio.sleep(0.05)
        return bench, seen

    with ThreadPoolExecutor(1) as pool:
        bench, seen = pool.submit(asyncio.run, session()).result()
    assert len(bench._film) == seen < 61 and bench.progress == -1.0
    assert bench.readout.startswith(f"cancelled at step {seen - 1} of 60: these are no draws yet")
    assert "processes at noise" in bench.panels[0]["title"]


def test_cancelling_when_nothing_runs_changes_nothing(bench):
    readout = bench.readout
    bench.set(cancel=1)
    assert bench.readout == readout


def test_tiles_are_laid_out_row_by_row():
    sheet = looks.mosaic(np.arange(7.0)[:, None, None] * np.ones((7, 2, 3)), gap=-1)
    assert sheet.shape == (5, 15)
    assert sheet[0, 0] == 0 and sheet[0, 12] == 3 and sheet[3, 4] == 5
    assert np.all(sheet[2] == -1) and np.all(sheet[:, 3] == -1) and sheet[3, 12] == -1


def test_what_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="there is no picture 'moon'; choose one of café sign"):
        draw_bench("moon")


def test_nothing_is_ever_called_recovered(bench):
    words = " ".join([bench.readout, *(p["title"] + p["alt"] for p in bench.panels)])
    assert "recover" not in words and "dice decided" in words
