"""The burst bench: what is shown is what was merged, and every control is answered."""

import re

import numpy as np
import pytest

from lessons_lib.denoisers.burst import BurstMerge
from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.display import burst_bench_text as text
from lessons_lib.display.burst_bench import BurstBench, burst_bench
from lessons_lib.display.burst_bench_scene import (
    EDGE_SIGMA,
    EDGES,
    LONG,
    LONG_NETWORK,
    MEAN,
    MOST,
    MOVING,
    NETWORK,
    PICTURES,
    PLACES,
    ROBUST,
    RULES,
    SHAPE,
    SINGLE,
    STILL,
    BurstScene,
)

WEAK = "slanted edge, contrast 1 σ"


@pytest.fixture(scope="module")
def bench():
    return BurstBench()


@pytest.fixture(scope="module")
def cafe():
    return BurstScene("café", 1.0, MOVING)


def error(scene, rule, count, where=None):
    return text.noise_left(text.Look(scene, rule, count, scene.result(rule, count)), where)


# -- the scene


def test_the_merge_is_the_librarys(cafe):
    merged = cafe.result(ROBUST, 8)
    # Frames that come later change nothing: each is aligned with frame 0 alone.
    expected = BurstMerge()(cafe.burst.frames[:8], cafe.sigma)
    np.testing.assert_allclose(merged.image, expected.image, atol=1e-12)
    np.testing.assert_array_equal(merged.weights, expected.weights)


def test_one_frame_is_frame_0_whatever_the_number(cafe):
    for rule in (SINGLE, MEAN, ROBUST, LONG):
        np.testing.assert_array_equal(cafe.result(rule, 1).image, cafe.burst.frames[0])
    np.testing.assert_array_equal(cafe.result(SINGLE, 9).image, cafe.burst.frames[0])


def test_rules_rank_as_they_should_beside_a_moving_lamp(cafe):
    on = text.path(cafe)
    on[:24] = on[-24:] = on[:, :24] = on[:, -24:] = False
    left = {rule: error(cafe, rule, 8, on) for rule in RULES}
    assert left[ROBUST] < 0.7 < left[SINGLE] < 1.2 < left[MEAN]
    assert left[LONG_NETWORK] > 1.5, "a network cannot undo a ghost"
    away = {rule: error(cafe, rule, 8) for rule in RULES}
    assert away[ROBUST] < 0.5 and away[LONG] > 1.3, "a long exposure keeps the shake"


def test_a_still_hand_makes_a_long_exposure_the_best_of_plain_means():
    still = BurstScene("dark wall", 0.0, STILL)
    assert error(still, LONG, 8) < error(still, MEAN, 8) < 0.37, "it is read out only once"


@pytest.mark.parametrize("count", [2, 4, 16])
def test_a_still_burst_follows_the_law(count):
    still = BurstScene(WEAK, 0.0, STILL)
    # 6,400 pixels know a standard deviation to .9 %.
    assert error(still, MEAN, count) == pytest.approx(1 / np.sqrt(count), rel=0.03)
    assert (still.aligned.gain == 1).all()


def test_the_network_widens_a_weak_edge_and_frames_do_not():
    scene = BurstScene(WEAK, 0.0, STILL)
    widths = {
        rule: rise_width(edge_spread(scene.result(rule, MOST).image, scene.edge))
        for rule in (NETWORK, ROBUST)
    }
    assert widths[NETWORK] > 1.6 > widths[ROBUST]


def test_edges_have_the_noise_that_their_names_say():
    for name, ratio in EDGES.items():
        scene = BurstScene(name, 0.5, MOVING)
        assert scene.edge.contrast == pytest.approx(ratio * EDGE_SIGMA)
        noise = scene.burst.frames - scene.burst.clean
        assert noise.std() == pytest.approx(EDGE_SIGMA, rel=0.01)
    assert BurstScene("roof").edge is None


@pytest.mark.parametrize("picture", PLACES)
def test_the_streets_profile_crosses_an_edge_that_no_lamp_covers(picture):
    scene = BurstScene(picture, 1.0, MOVING)
    away = np.argwhere(text.path(scene)) - PLACES[picture]
    assert np.hypot(*away.T).min() > 8
    profile = text.spread_of(scene, scene.burst.clean[0])
    low, high = (profile.values[np.abs(profile.positions - at) <= 0.5].mean() for at in (-2, 3))
    assert high > 1.4 * low


def test_a_wild_hand_stays_within_the_scene():
    scene = BurstScene("roof", 2.0, MOVING, seed=5)
    assert np.abs(scene.burst.shifts).max() <= 24
    assert scene.burst.frames.shape == (MOST, *SHAPE)


# -- the bench


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("rule", RULES)
def test_what_is_shown_is_what_was_measured(bench, picture, rule):
    bench.set(picture=picture)
    bench.set(rule=rule)
    look = bench.look()
    assert bench.message == ""
    assert [panel["key"] for panel in bench.panels] == ["first", "result", "error", "frames"]
    assert all(panel["alt"] for panel in bench.panels) and len(bench.plots) == 2
    assert f"{psnr(look.clean, look.result.image):.2f} dB" in bench.readout
    assert ("10-90 % width" in bench.readout) == (picture in EDGES)
    assert ("aligned to" in bench.readout) == (picture not in EDGES and rule in (MEAN, ROBUST))
    assert ("on the lamp's path" in bench.readout) == (bench.state["moving"] == MOVING)


def test_another_rule_or_number_takes_no_other_burst(bench):
    bench.set(picture="café")
    before = bench._scene
    bench.set(rule=MEAN)
    bench.set(count=3)
    assert bench._scene is before
    bench.set(shake=0.5)
    assert bench._scene is not before


def test_a_drag_takes_a_burst_only_when_it_rests(bench):
    before = bench._scene, bench.readout
    bench.state["electrons"] = 300.0
    bench.react("electrons", settled=False)
    assert (bench._scene, bench.readout) == before
    bench.react("electrons", settled=True)
    assert bench._scene.electrons == 300.0


def test_light_means_nothing_to_an_edge_and_the_slider_says_so(bench):
    for picture, off in (("roof", False), (WEAK, True)):
        bench.set(picture=picture)
        light = next(one for one in bench.controls if one["name"] == "electrons")
        assert light["disabled"] is off and light["label"]


def test_more_frames_make_less_error(bench):
    bench.set(picture="roof", rule=ROBUST, moving=STILL)
    left = []
    for count in (1, 4, 16):
        bench.set(count=count)
        left.append(float(re.search(r"border ([\d.]+) σ", bench.readout)[1]))
    assert left[0] > 1.9 * left[1] and left[1] > 1.7 * left[2]


def test_extreme_sliders_are_answered_in_words(bench):
    for shake, electrons, moving in ((2.0, 40, MOVING), (0.0, 600, STILL), (2.0, 600, MOVING)):
        bench.set(picture="café", shake=shake, electrons=electrons, moving=moving, count=16)
        assert not bench.message.startswith("This widget broke")


def test_a_frame_that_cannot_be_aligned_is_named(bench, monkeypatch):
    def refuse(frames):
        raise ValueError("frame 3 has nothing in common with the reference")

    monkeypatch.setattr("lessons_lib.display.burst_bench_scene.measure_shifts", refuse)
    bench.set(picture="dark wall", rule=ROBUST, count=8)
    assert bench.message == "frame 3 has nothing in common with the reference"
    monkeypatch.undo()
    bench.set(picture="café")
    assert bench.message == ""


def test_a_wrong_name_is_refused():
    with pytest.raises(ValueError, match="there is no picture 'moon'; choose one of café"):
        burst_bench(picture="moon")
    with pytest.raises(ValueError, match="there is no rule 'median'; choose one of one frame"):
        burst_bench(rule="median")


def test_the_snapshot_is_a_picture(bench):
    assert bench.snapshot().startswith(b"\x89PNG")
