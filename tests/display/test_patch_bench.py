"""The patch bench: what it shows is what the denoisers do."""

import re

import numpy as np
import pytest

from lessons_lib.denoisers.bm3d_by_definition import block_group
from lessons_lib.denoisers.non_local_means import effective_number, non_local_means
from lessons_lib.display import patch_bench_looks as looks
from lessons_lib.display import patch_bench_text as text
from lessons_lib.display.patch_bench import (
    BRICKS,
    CAMERA,
    EDGE,
    GROUP,
    METHODS,
    NLM,
    PICTURES,
    SIGMAS,
    SIZE,
    PatchBench,
    patch_bench,
)


def noisy_of(bench):
    return bench.clean + bench.sigma * bench._noise


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("method", METHODS)
def test_everything_is_shown_without_a_message(picture, method):
    bench = PatchBench(picture, method)
    assert bench.message == "" and bench.readout
    assert all(panel["alt"] and panel["title"] for panel in bench.panels)
    assert len(bench.panels) == (6 if method == GROUP else 5)
    assert len(bench.plots) == 2 and all(plot["alt"] for plot in bench.plots)
    assert ("across the edge" in bench.readout) == (picture == EDGE and method == NLM)


def test_the_weights_make_the_estimate_and_the_number():
    bench = PatchBench(CAMERA)
    noisy, (row, col) = noisy_of(bench), bench.position
    seen = bench._look(bench.clean, noisy)
    window = noisy[row - 6 : row + 7, col - 6 : col + 7]
    assert np.sum(seen.weights * window) == pytest.approx(
        non_local_means(noisy, bench.sigma)[row, col], abs=1e-12
    )
    assert 1 / np.sum(seen.weights**2) == pytest.approx(
        effective_number(noisy, bench.sigma)[row, col], rel=1e-10
    )


def test_patches_come_in_the_order_of_their_distances():
    bench = PatchBench(EDGE)
    noisy, (row, col) = noisy_of(bench), bench.position
    seen = bench._look(bench.clean, noisy)
    np.testing.assert_array_equal(seen.patches[0], noisy[row - 2 : row + 3, col - 2 : col + 3])
    own = ((seen.patches[1:] - seen.patches[0]) ** 2).sum(axis=(1, 2)) / (2 * 0.05**2 * 25)
    np.testing.assert_allclose(own, seen.distances[:15], rtol=1e-12)
    assert np.all(np.diff(seen.distances) >= 0) and len(seen.distances) == 13**2 - 1


def test_distances_of_a_flat_part_lie_around_the_noise_floor():
    bench = PatchBench(EDGE, ratio=8.0)
    bench.set(row=48, col=20)
    seen = bench._look(bench.clean, noisy_of(bench))
    # One patch is common to all, so their mean strays by sigma^2 sqrt(2 n) of 2 sigma^2 n: 14 %.
    assert np.mean(seen.distances) == pytest.approx(1, abs=4 * 0.14)


def test_a_strong_edge_gets_no_weight_and_a_weak_one_does():
    bench = PatchBench(ratio=12.0)
    assert " 0% of the weight is across the edge" in bench.readout
    bench.set(ratio=1.0)
    assert int(re.search(r"(\d+)% of the weight", bench.readout)[1]) > 10


def test_the_group_is_the_denoisers_own():
    bench = PatchBench(BRICKS, GROUP)
    row, col = bench.position
    group = block_group(noisy_of(bench), bench.sigma, (row - 4, col - 4))
    assert f"{group.kept.sum()} of {group.kept.size} coefficients pass" in bench.readout
    assert f"{len(group.blocks)} noisy blocks" in bench.panels[2]["title"]


def test_a_lonely_block_is_said_to_be_alone():
    image = np.random.default_rng(0).random((64, 64))
    found = block_group(image, 0.01, (20, 20))
    assert "has no like and is filtered alone" in text.group(found, (20, 20), image, 0.01)


@pytest.mark.parametrize("method", METHODS)
def test_clicks_at_the_border_are_moved_inside(method):
    bench = PatchBench(method=method)
    for spot in ((0, SIZE - 1), (SIZE - 1, 0)):
        bench.set(row=spot[0], col=spot[1])
        assert bench.message == "" and bench.position != spot


@pytest.mark.parametrize("picture", PICTURES)
def test_extreme_sliders_are_answered(picture):
    bench = PatchBench(picture)
    for patch_radius, search_radius, strength in ((0, 1, 0.1), (4, 10, 2.0), (4, 1, 0.1)):
        bench.set(patch_radius=patch_radius, search_radius=search_radius, strength=strength)
        assert bench.message == ""
    bench.set(method=GROUP)
    bench.set(ratio=1.0)
    assert bench.message == ""


def test_only_what_counts_can_be_moved():
    bench = PatchBench(EDGE)
    disabled = {control["name"] for control in bench.controls if control.get("disabled")}
    assert disabled == set()
    bench.set(picture=CAMERA, method=GROUP)
    disabled = {control["name"] for control in bench.controls if control.get("disabled")}
    assert disabled == {"strength", "patch_radius", "search_radius", "ratio"}


def test_bm3d_runs_once_per_picture():
    bench = PatchBench(EDGE, GROUP)
    first = bench._finished[1]
    bench.set(row=20, col=20)
    assert bench._finished[1] is first
    bench.set(ratio=2.0)
    assert bench._finished[1] is not first


def test_tiles_are_laid_out_row_by_row():
    sheet = looks.tiled(np.arange(5.0)[:, None, None] * np.ones((5, 2, 3)), gap=-1)
    assert sheet.shape == (5, 15)
    assert sheet[0, 0] == 0 and sheet[0, 12] == 3 and sheet[3, 0] == 4
    assert np.all(sheet[2] == -1) and np.all(sheet[:, 3] == -1)


def test_a_frame_is_one_pixel_wide():
    rgb = looks.outlined(np.zeros((20, 20)), 5, 6, 7)
    marked = (rgb == looks.ORANGE).all(axis=2)
    assert marked.sum() == 4 * 8 and not marked[5:12, 6:13].any()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"picture": "moon"}, "there is no picture 'moon'; choose one of slanted edge"),
        ({"method": "magic"}, "there is no method 'magic'; choose one of non-local means"),
    ],
)
def test_what_does_not_exist_is_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        patch_bench(**settings)


def test_every_picture_has_a_noise_level():
    assert set(SIGMAS) == set(PICTURES)
