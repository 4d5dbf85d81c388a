"""A burst whose shifts are exact, and whose noise is that of the sensor."""

import numpy as np
import pytest

from lessons_lib.scenes.hand_held_burst import (
    MovingDisc,
    across_edge,
    area_sample,
    edge_burst,
    fine_street,
    hand_held_burst,
    hand_shake,
    light_sigma,
)
from lessons_lib.scenes.phantoms import SlantedEdge, disc
from lessons_lib.scenes.sensor import Sensor

EVEN = Sensor(prnu=0, dsnu=0)


@pytest.fixture
def scene():
    return np.random.default_rng(5).random((160, 200))


def burst(scene, shifts, **settings):
    """A small burst in good light, unless told otherwise."""
    chosen = {"shape": (24, 30), "electrons_at_white": 400.0, "sensor": EVEN, **settings}
    rng = settings.pop("rng", np.random.default_rng(0))
    return hand_held_burst(scene, np.array(shifts, float), **{**chosen, "rng": rng})


# -- area sampling


def test_whole_squares_are_block_means(scene):
    sampled = area_sample(scene, (2.0, 3.0), (10, 12), 4)
    blocks = scene[8:48, 12:60].reshape(10, 4, 12, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(sampled, blocks, atol=1e-13)  # sums of some 50 values


@pytest.mark.parametrize("corner", [(0.3, 1.7), (2.125, 0.0), (4.999, 6.001), (30.0, 38.0)])
def test_parts_of_squares_count_by_their_area(scene, corner):
    """Brute force: each square counts by the length of its overlap with the pixel."""
    shape, oversampling = (10, 12), 4

    def shares(first, pixels, squares):
        low = (first + np.arange(pixels)[:, None]) * oversampling
        at = np.arange(squares)
        overlap = np.minimum(low + oversampling, at + 1) - np.maximum(low, at)
        return np.maximum(overlap, 0) / oversampling

    rows, cols = (shares(*one) for one in zip(corner, shape, scene.shape, strict=True))
    np.testing.assert_allclose(
        area_sample(scene, corner, shape, oversampling), rows @ scene @ cols.T, atol=1e-13
    )


def test_colour_is_sampled_by_channel_and_constants_stay():
    scene = np.full((40, 40, 3), 0.3)
    sampled = area_sample(scene, (0.37, 1.11), (5, 7), 4)
    assert sampled.shape == (5, 7, 3)
    np.testing.assert_allclose(sampled, 0.3, atol=1e-13)


def test_a_sensor_beyond_the_scene_is_refused(scene):
    with pytest.raises(ValueError, match="the shift is too large; take a smaller shape"):
        area_sample(scene, (35.0, 0.0), (10, 10), 4)
    with pytest.raises(ValueError, match="frame|reaches over the border"):
        burst(scene, [(0, 0), (20, 0)])


# -- the hand


def test_a_hand_walks_at_random_from_the_first_frame():
    walks = np.array([hand_shake(6, 0.5, np.random.default_rng(seed)) for seed in range(2000)])
    assert walks.shape == (2000, 6, 2) and not walks[:, 0].any()
    # Variance 0.25 k after k steps; 4,000 values know a standard deviation to 1.1 %.
    np.testing.assert_allclose(
        walks.std(axis=(0, 2)), 0.5 * np.sqrt(np.arange(6)), rtol=0.045, atol=1e-12
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 1.0, np.random.default_rng(0)), "at least 1 frame"),
        ((3, -1.0, np.random.default_rng(0)), "step must be 0 px or more"),
        ((3, 1.0, 7), "numpy.random.Generator"),
    ],
)
def test_impossible_hands_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        hand_shake(*arguments)


@pytest.mark.parametrize("shifts", [np.zeros((0, 2)), np.zeros(4), [[0, np.nan]], [[1, 2, 3]]])
def test_impossible_shifts_are_refused(scene, shifts):
    with pytest.raises(ValueError, match="shifts must"):
        burst(scene, shifts)


# -- the burst


def test_a_whole_pixel_shift_moves_the_clean_frame(scene):
    made = burst(scene, [(0, 0), (2, -3)])
    np.testing.assert_allclose(made.clean[1][2:, :-3], made.clean[0][:-2, 3:], atol=1e-13)
    assert made.frames.shape == made.clean.shape == made.sigma.shape == (2, 24, 30)
    assert not made.moving.any()


def test_a_sub_pixel_shift_moves_by_whole_squares(scene):
    """A shift of 1/4 px is one square of a scene that is four times as fine."""
    moved = burst(scene, [(0, 0), (0.25, 0.5)]).clean[1]
    framed = np.pad(scene, ((1, 0), (2, 0)), mode="edge")[:160, :200]
    np.testing.assert_allclose(moved, burst(framed, [(0, 0)]).clean[0], atol=1e-13)


def test_the_noise_is_that_of_the_closed_form(scene):
    made = burst(scene, np.zeros((400, 2)))
    found = (made.frames - made.clean).std(axis=0) / made.sigma[0]
    # 400 frames know the deviation of one pixel to 3.5 %; 720 pixels know their mean to .13 %.
    assert found.mean() == pytest.approx(1, abs=0.006)
    mean = (made.frames - made.clean).mean(axis=0) / (made.sigma[0] / 20)
    assert np.abs(mean).max() < 5 and mean.std() == pytest.approx(1, abs=0.1)
    assert made.frames.min() < made.clean.min()


def test_the_fixed_pattern_is_the_same_in_each_frame(scene):
    made = burst(scene, np.zeros((200, 2)), sensor=Sensor(prnu=0.0, dsnu=10.0))
    pattern = (made.frames - made.clean).mean(axis=0) * 400
    assert pattern.std() == pytest.approx(10, rel=0.1)  # 720 pixels: 2.6 %


def test_dark_light_below_zero_has_the_noise_of_darkness():
    sensor = Sensor(read_noise=2.0, gain=1.0, dark_current=0.0)
    expected = np.sqrt(4 + 1 / 12) / 100
    np.testing.assert_allclose(light_sigma(np.array([-0.5, 0.0]), 100, sensor), expected)
    assert light_sigma(np.array(1.0), 100, sensor) == pytest.approx(np.sqrt(104 + 1 / 12) / 100)


def test_a_colour_scene_goes_through_the_bayer_camera(scene):
    colour = np.full((160, 200, 3), 0.3)
    made = burst(colour, np.zeros((20, 2)), electrons_at_white=1000.0)
    assert made.frames.shape == (20, 24, 30, 3)
    noise = made.frames - 0.3
    # Neutral light stays neutral: 14,400 values and a standard deviation near .02.
    np.testing.assert_allclose(noise.mean(axis=(0, 1, 2)), 0, atol=0.001)
    neighbours = np.mean(noise[:, :, 1:, 1] * noise[:, :, :-1, 1]) / noise[..., 1].var()
    assert neighbours == pytest.approx(0.4, abs=0.03), "demosaicing correlates the noise"


def test_a_moving_disc_is_where_it_should_be(scene):
    shifts, thing = [(0, 0), (1.5, -0.5)], MovingDisc((11.0, 9.0), (0.0, 4.0), 3.0, 0.9)
    made = burst(0 * scene, shifts, moving=thing)
    where = np.indices((24, 30)).reshape(2, -1)
    for number, middle in enumerate([(11, 9), (12.5, 12.5)]):
        share = made.moving[number]
        assert share.sum() == pytest.approx(np.pi * 9, rel=1e-12)
        np.testing.assert_allclose(where @ share.ravel() / share.sum(), middle, atol=1e-9)
        np.testing.assert_allclose(made.clean[number], 0.9 * share, atol=1e-12)
    square = disc(24, 3.0, center=(11.0, 9.0), background=0.0, level=1.0)
    np.testing.assert_allclose(made.moving[0][:, :24], square, atol=1e-12)


# -- edges


def test_an_edge_burst_is_exact_at_each_shift():
    edge = SlantedEdge(size=32, angle=8.0)
    frames = edge_burst(edge, [(0, 0), (3, 0), (0, 2)], 0.0, np.random.default_rng(0))
    np.testing.assert_array_equal(frames[0], edge.image())
    np.testing.assert_allclose(frames[1][3:], frames[0][:-3], atol=1e-12)
    np.testing.assert_allclose(frames[2][:, 2:], frames[0][:, :-2], atol=1e-12)


def test_only_the_part_across_the_edge_counts():
    edge = SlantedEdge(angle=30.0)
    along = np.array([[np.cos(np.pi / 6), -np.sin(np.pi / 6)]])
    assert across_edge(edge, along)[0] == pytest.approx(0, abs=1e-15)
    assert across_edge(edge, np.array([[0.0, 1.0]]))[0] == pytest.approx(np.cos(np.pi / 6))


def test_the_fine_street_is_grey_shared_and_read_only():
    street = fine_street(128, 192)
    assert street.shape == (128, 192) and street is fine_street(128, 192)
    with pytest.raises(ValueError, match="read-only"):
        street[0, 0] = 1
