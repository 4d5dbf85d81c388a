"""Bursts: alignment beside its bound, merging beside 1 / sqrt(N), and no ghosts."""

import itertools

import numpy as np
import pytest
from scipy import ndimage
from skimage.registration import optical_flow_tvl1, phase_cross_correlation

from lessons_lib.denoisers.burst import (
    BurstMerge,
    check_frames,
    measure_shifts,
    measure_tile_shifts,
    merge,
    merged_sigma,
    move_frames,
    move_tiles,
    robust_weights,
    seen_weights,
)
from lessons_lib.denoisers.burst_resampling import INTERPOLATIONS, interpolation_gain
from lessons_lib.diagnosis.burst_limits import line_spread_variance, shift_bound
from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.scenes.hand_held_burst import (
    MovingDisc,
    across_edge,
    area_sample,
    edge_burst,
    fine_street,
    hand_held_burst,
    hand_shake,
)
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.sensor import Sensor

EVEN = Sensor(prnu=0, dsnu=0)
SHAPE = (112, 160)


@pytest.fixture(scope="module")
def street():
    return fine_street(512, 768)


def take(street, shifts, electrons=150.0, seed=0, **settings):
    """A burst of the street, SHAPE, without a fixed pattern unless told otherwise."""
    chosen = {"shape": SHAPE, "sensor": EVEN, **settings}
    rng = np.random.default_rng(seed)
    return hand_held_burst(
        street, np.asarray(shifts, float), electrons_at_white=electrons, rng=rng, **chosen
    )


def root_mean_square(values):
    return float(np.sqrt(np.mean(np.square(values))))


def whole_shifts(count, seed=0):
    shifts = np.random.default_rng(seed).integers(-4, 5, (count, 2))
    shifts[0] = 0
    return shifts


# -- merging by equal weights: 1 / sqrt(N)


@pytest.mark.parametrize("count", range(2, 17))
def test_the_noise_falls_as_one_over_the_root_of_n(street, count):
    made = take(street, whole_shifts(count), seed=count)
    merged = BurstMerge("mean", interpolation="nearest")(made.frames, made.sigma[0])
    np.testing.assert_array_equal(merged.shifts.round(), made.shifts)
    everywhere = (merged.weights == 1).all(axis=0)
    left = root_mean_square(((merged.image - made.clean[0]) / made.sigma[0])[everywhere])
    # 3 % is the promise; 16,000 pixels know a standard deviation to .6 %.
    assert left == pytest.approx(1 / np.sqrt(count), rel=0.03)
    expected = made.sigma[0] / np.sqrt(count)
    np.testing.assert_allclose(merged.sigma[everywhere], expected[everywhere])


def test_where_fewer_frames_see_the_scene_fewer_are_averaged(street):
    made = take(street, [(0, 0), (5, 0), (0, -7)])
    aligned = move_frames(made.frames, made.shifts, interpolation="nearest")
    weights = seen_weights(aligned)
    assert weights[1, -5:].max() == 0 and weights[1, :-5].min() == 1
    assert weights[2, :, :7].max() == 0 and weights[2, :, 7:].min() == 1
    announced = merged_sigma(aligned, weights, made.sigma[0])
    left = (merge(aligned, weights) - made.clean[0]) / announced
    for part in (np.s_[:-5, 7:], np.s_[-5:, 7:], np.s_[:-5, :7], np.s_[-5:, :7]):
        # 35 pixels in the smallest part: 12 %; four of those.
        assert root_mean_square(left[part]) == pytest.approx(1, abs=0.48)


def test_a_fixed_pattern_does_not_average_out_on_a_tripod_and_does_in_a_hand(street):
    """It is tied to the sensor: a hand moves it over the scene, a tripod does not."""
    sensor, left = Sensor(prnu=0.0, dsnu=6.0), {}
    for name, shifts in (("tripod", np.zeros((16, 2))), ("hand", whole_shifts(16, seed=3))):
        made = take(street, shifts, sensor=sensor)
        aligned = move_frames(made.frames, made.shifts, interpolation="nearest")
        error = merge(aligned, seen_weights(aligned)) - made.clean[0]
        left[name] = error[5:-5, 5:-5] * 150
    pattern = 6.0
    photons = root_mean_square(made.sigma[0][5:-5, 5:-5]) * 150 / 4
    # 15,000 pixels: .6 %. The whole shifts of 16 frames meet in a few pairs.
    assert left["tripod"].std() == pytest.approx(np.hypot(pattern, photons), rel=0.03)
    assert left["hand"].std() == pytest.approx(np.hypot(pattern / 4, photons), rel=0.1)


# -- interpolation, measured apart


@pytest.mark.parametrize(
    ("interpolation", "axis", "deviation"),
    [("nearest", 1.0, 1.0), ("linear", 2 / 3, 2 / 3), ("cubic", 0.8742, 0.8742)],
)
def test_what_interpolation_takes_from_the_noise(interpolation, axis, deviation):
    """Variance left on the mean over a uniform shift: axis in one direction, its square in two.

    Linear: the mean of (1 - t)^2 + t^2 is 2/3, so (2/3)^2 in two directions and a standard
    deviation of 2/3; the mean of the standard deviations is .66. The cubic spline's .874 was
    summed numerically.
    """
    parts = (np.arange(50) + 0.5) / 50 - 0.5
    gains = [interpolation_gain((part, 0.0), interpolation) for part in parts]
    # The midpoint rule of 50 steps errs by some 1e-4.
    assert np.mean(gains) == pytest.approx(axis, abs=2e-4)
    both = [interpolation_gain(pair, interpolation) for pair in itertools.product(parts, parts)]
    assert np.sqrt(np.mean(both)) == pytest.approx(deviation, abs=2e-4)
    if interpolation == "linear":
        assert np.mean(np.sqrt(both)) == pytest.approx(0.6587, abs=3e-4)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("shift", [(0.0, 0.0), (2.0, -1.0), (0.5, 0.5), (-1.3, 0.1)])
def test_the_gain_is_what_is_measured(interpolation, shift):
    noise = np.random.default_rng(1).standard_normal((2, 300, 300))
    aligned = move_frames(noise, [(0, 0), shift], interpolation=interpolation)
    measured = aligned.frames[1][8:-8, 8:-8].var()
    # 80,000 pixels: .5 %, somewhat more as they are correlated.
    assert measured == pytest.approx(aligned.gain[1], rel=0.03)
    assert aligned.gain[0] == 1 and aligned.gain[1] == interpolation_gain(shift, interpolation)


def test_merged_interpolated_noise_is_what_is_announced(street):
    shifts = np.concatenate([[(0, 0)], np.random.default_rng(2).uniform(-3, 3, (11, 2))])
    flat = take(np.full(street.shape, 0.3), shifts)
    for interpolation in INTERPOLATIONS:
        aligned = move_frames(flat.frames, flat.shifts, interpolation=interpolation)
        weights = seen_weights(aligned)
        announced = merged_sigma(aligned, weights, flat.sigma[0])
        left = (merge(aligned, weights) - 0.3) / announced
        # 15,600 correlated pixels: about 1 %; three of those.
        assert root_mean_square(left[4:-4, 4:-4]) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize(("interpolation", "rise"), [("nearest", 1 / 12), ("linear", 1 / 6)])
def test_what_interpolation_does_to_an_edge(interpolation, rise):
    """Whole pixels leave shift errors of variance 1/12; linear mixing has t (1 - t), mean 1/6."""
    edge = SlantedEdge(size=96)
    part = (np.arange(10) + 0.5) / 10 - 0.5
    shifts = np.concatenate([[(0.0, 0.0)], list(itertools.product(part, part))])
    frames = edge_burst(edge, shifts, 0.0, np.random.default_rng(0))
    aligned = move_frames(frames, shifts, interpolation=interpolation)
    before, after = (
        line_spread_variance(edge_spread(one, edge))
        for one in (frames[0], aligned.frames[1:].mean(axis=0))
    )
    # Both axes count, by the squared cosine and sine of the angle: their sum is 1. Ten parts of
    # a pixel have 1 % less variance than all; the rest is bins of 1/4 px.
    assert after - before == pytest.approx(rise, rel=0.03)


def test_a_cubic_spline_keeps_the_variance_of_the_line_spread():
    edge, shifts = SlantedEdge(size=96), [(0.0, 0.0), (0.5, 0.5)]
    frames = edge_burst(edge, shifts, 0.0, np.random.default_rng(0))
    moved = move_frames(frames, shifts, interpolation="cubic").frames[1]
    before, after = (line_spread_variance(edge_spread(one, edge)) for one in (frames[0], moved))
    # Splines of order 3 keep parabolas, so a second moment is kept but for the bins.
    assert after == pytest.approx(before, abs=0.01)


# -- shift errors blur by a law


@pytest.mark.parametrize("count", [8, 12, 16, 32])
@pytest.mark.parametrize("error", [0.2, 0.5, 1.0])
def test_the_line_spread_widens_by_the_variance_of_the_shift_errors(count, error):
    edge, rng = SlantedEdge(size=96), np.random.default_rng(count)
    errors = error * rng.standard_normal((count, 2))
    merged = edge_burst(edge, errors, 0.0, rng).mean(axis=0)
    before, after = (
        line_spread_variance(edge_spread(one, edge)) for one in (edge.image(), merged)
    )
    expected = np.var(across_edge(edge, errors))  # of these errors, divided by N
    # 10 % is the promise; bins of 1/4 px leave 2 %.
    assert after - before == pytest.approx(expected, rel=0.1)


def test_the_law_holds_through_the_whole_alignment(street):
    """Shifts measured on noisy frames, and the law with the errors that they have."""
    edge, rng = SlantedEdge(size=96, angle=12.0, contrast=0.5), np.random.default_rng(4)
    shifts = hand_shake(16, 0.8, rng)
    noisy = edge_burst(edge, shifts, 0.25, rng)
    # Along its edge nothing is known, so the shift across it is measured alone.
    across = across_edge(edge, measure_shifts(noisy))
    errors = across - across_edge(edge, shifts)
    normal = np.array([np.sin(np.radians(12.0)), np.cos(np.radians(12.0))])
    clean = edge_burst(edge, -errors[:, np.newaxis] * normal, 0.0, rng)
    rise = line_spread_variance(edge_spread(clean.mean(axis=0), edge)) - line_spread_variance(
        edge_spread(edge.image(), edge)
    )
    assert np.var(errors) > 1e-3, "or there is nothing to see"
    assert rise == pytest.approx(np.var(errors), rel=0.1)


# -- alignment


def shift_errors(street, electrons):
    """Errors of 18 measured shifts, px, and the bound."""
    rng, errors = np.random.default_rng(6), []
    for seed in range(6):
        shifts = np.concatenate([[(0, 0)], rng.uniform(-4, 4, (3, 2))])
        made = take(street, shifts, electrons, seed)
        errors.append((measure_shifts(made.frames) - shifts)[1:])
    return root_mean_square(errors), root_mean_square(shift_bound(made.clean[0], made.sigma[0]))


@pytest.mark.parametrize("electrons", [40.0, 150.0])
def test_shifts_are_known_nearly_as_well_as_the_noise_allows(street, electrons):
    error, bound = shift_errors(street, electrons)
    # The bound knows which pixels are noisy, the measurement does not. 36 numbers know a
    # standard deviation to 12 %.
    assert 0.7 < error / bound < 2.0


def test_with_little_noise_what_is_finer_than_pixels_sets_the_limit(street):
    """Pixels that see detail finer than themselves do not move as one; a bound does not know."""
    error, bound = shift_errors(street, 4000.0)
    assert bound < 0.005 and bound < error < 0.02


def test_least_squares_go_beyond_the_correlation(street):
    shifts = np.concatenate([[(0, 0)], np.random.default_rng(7).uniform(-4, 4, (8, 2))])
    made = take(street, shifts, electrons=4000.0)
    rough, fine = (
        root_mean_square(measure_shifts(made.frames, refine=one) - shifts) for one in (False, True)
    )
    assert fine < 0.01 and rough > 3 * fine


def test_the_correlation_is_scikit_images_where_pictures_go_round():
    """On a picture that goes round, a plain call of the library finds the same."""
    picture = ndimage.gaussian_filter(np.random.default_rng(8).random((64, 64)), 2, mode="wrap")
    moved = np.fft.ifft2(ndimage.fourier_shift(np.fft.fft2(picture), (2.3, -1.6))).real
    found = measure_shifts([picture, moved])[1]
    expected = -phase_cross_correlation(picture, moved, upsample_factor=50)[0]
    np.testing.assert_allclose(expected, (2.3, -1.6), atol=0.02)  # steps of 1/50 px
    np.testing.assert_allclose(found, (2.3, -1.6), atol=0.02)


def test_another_reference_only_shifts_the_origin(street):
    made = take(street, hand_shake(5, 1.5, np.random.default_rng(9)))
    first, third = (measure_shifts(made.frames, reference=one) for one in (0, 2))
    assert not first[0].any() and not third[2].any()
    # Two measurements of one shift: each has an error near .01 px.
    np.testing.assert_allclose(first - first[2], third, atol=0.06)


def test_a_moving_thing_does_not_take_the_frame_along(street):
    shifts = hand_shake(6, 1.0, np.random.default_rng(10))
    thing = MovingDisc((60.0, 30.0), (0.0, 9.0), 9.0, 0.8)
    made = take(street, shifts, moving=thing)
    assert root_mean_square(measure_shifts(made.frames) - shifts) < 0.05


def test_colour_frames_are_aligned_by_their_mean():
    scene = np.repeat(fine_street(256, 384)[..., np.newaxis], 3, axis=2)
    made = take(scene, [(0, 0), (1.3, -0.7)], 1000.0, shape=(48, 64))
    np.testing.assert_allclose(measure_shifts(made.frames)[1], (1.3, -0.7), atol=0.1)
    merged = BurstMerge()(made.frames, made.sigma[0])
    assert merged.image.shape == merged.sigma.shape == (48, 64, 3)
    assert merged.weights.shape == (2, 48, 64)


# -- tiles: a hand that turns


def turned(street, degrees):
    """Frames of a scene that turns about the middle of the picture, exact to the fine grid."""
    middle = (np.array(street.shape) - 1) / 2
    frames, flows = [], []
    for angle in np.radians(degrees):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        fine = ndimage.affine_transform(
            street, turn, middle - turn @ middle, order=1, mode="nearest"
        )
        corner = np.array(street.shape) / 8 - np.array(SHAPE) / 2
        frames.append(area_sample(fine, tuple(corner), SHAPE, 4))
        places = np.indices(SHAPE).reshape(2, -1) - (np.array(SHAPE)[:, None] - 1) / 2
        flows.append((turn.T @ places - places).reshape(2, *SHAPE))
    return np.array(frames), np.array(flows)


def test_tiles_follow_a_hand_that_turns(street):
    clean, flows = turned(street, [0.0, 0.8, -0.5, 1.2])
    noisy = clean + 0.01 * np.random.default_rng(0).standard_normal(clean.shape)
    found = measure_tile_shifts(noisy, tile=40)
    whole = measure_shifts(noisy)[:, :, None, None]
    inner = np.s_[:, :, 8:-8, 8:-8]
    off = [root_mean_square((flow - flows)[inner]) for flow in (found, whole)]
    assert off[0] < 0.35 * off[1], off
    errors = {}
    for name, aligned in (
        ("whole", BurstMerge().align(noisy)), ("tiles", BurstMerge(tile=40).align(noisy)),
    ):  # fmt: skip
        merged = merge(aligned, seen_weights(aligned))
        errors[name] = root_mean_square((merged - clean[0])[8:-8, 8:-8])
    assert errors["tiles"] < 0.6 * errors["whole"]


def test_in_dim_light_tiles_invent_less_motion_than_a_dense_flow(street):
    made = take(street, [(0, 0), (3.3, -2.6)], 40.0)
    tiles = measure_tile_shifts(made.frames)[1]
    near = np.roll(made.frames[1], (-3, 3), (0, 1))  # the flow looks for small motions
    flow = optical_flow_tvl1(made.frames[0], near) + np.array([3, -3])[:, None, None]
    inner, truth = np.s_[:, 12:-12, 12:-12], made.shifts[1][:, None, None]
    off = [root_mean_square((one - truth)[inner]) for one in (tiles, flow)]
    # Seen: .07 and .25 px.
    assert off[0] < 0.12 and off[1] > 1.5 * off[0]


def test_tiles_without_structure_keep_the_frames_shift():
    """Half of the picture is empty: its tiles know nothing, and must not invent."""
    rng = np.random.default_rng(11)
    scene = np.full((4 * 80, 4 * 160), 0.3)
    scene[:, :280] = ndimage.gaussian_filter(rng.random((320, 280)), 4) * 3
    made = take(scene, [(0, 0), (1.4, -0.8)], 150.0, shape=(64, 140))
    flow = measure_tile_shifts(made.frames, tile=32)[1]
    empty = flow[:, :, -40:] - np.array([1.4, -0.8])[:, None, None]
    assert root_mean_square(empty) < 0.5
    assert not measure_tile_shifts(made.frames, tile=32)[0].any()


def test_a_tile_flow_of_one_shift_moves_as_a_frame_does(street):
    made = take(street, [(0, 0), (1.3, -2.6)])
    flow = np.broadcast_to(made.shifts[:, :, None, None], (2, 2, *SHAPE))
    for interpolation in INTERPOLATIONS:
        one = move_frames(made.frames, made.shifts, interpolation=interpolation)
        other = move_tiles(made.frames, flow, interpolation=interpolation)
        np.testing.assert_allclose(other.frames, one.frames, atol=1e-9)
        np.testing.assert_array_equal(other.seen, one.seen)
        # The table of gains has 11 places with straight lines between.
        np.testing.assert_allclose(other.gain[1], one.gain[1], rtol=0.02)


# -- the robust merge


def path_of(made):
    """Pixels of the reference that the moving thing covers in some frame."""
    back = move_frames(made.moving, made.shifts, interpolation="linear").frames
    return (back > 0).any(axis=0)


INNER = np.zeros(SHAPE, bool)
INNER[14:-14, 14:-14] = True


@pytest.mark.parametrize("level", [0.25, 0.6, 2.0])
@pytest.mark.parametrize("electrons", [40.0, 150.0])
def test_a_moving_thing_leaves_no_ghost(street, level, electrons):
    thing = MovingDisc((56.0, 36.0), (0.0, 11.0), 7.0, level)
    made = take(street, hand_shake(8, 1.0, np.random.default_rng(12)), electrons, moving=thing)
    on, merged = path_of(made) & INNER, {}
    for rule in ("mean", "robust"):
        result = BurstMerge(rule)(made.frames, made.sigma[0])
        merged[rule] = (result.image - made.clean[0]) / made.sigma[0]
    single = (made.frames[0] - made.clean[0]) / made.sigma[0]
    assert root_mean_square(merged["robust"][on]) < root_mean_square(single[on])
    ghost = root_mean_square(merged["mean"][on])
    assert ghost > 1.3 * root_mean_square(merged["robust"][on])
    away = ~path_of(made) & INNER
    alike = root_mean_square(merged["robust"][away]) / root_mean_square(merged["mean"][away])
    assert alike < 1.05


def test_what_robustness_costs_in_noise(street):
    """In front of nothing that moves: how much noise the distrust adds."""
    flat = take(np.full(street.shape, 0.3), np.zeros((8, 2)))
    aligned = move_frames(flat.frames, flat.shifts)
    noise = []
    for weights in (seen_weights(aligned), robust_weights(aligned, flat.sigma[0])):
        noise.append(root_mean_square((merge(aligned, weights) - 0.3) / flat.sigma[0]))
    # 17,920 pixels know each to .5 %, and both see the same noise.
    assert noise[0] == pytest.approx(1 / np.sqrt(8), rel=0.02)
    assert 1.0 <= noise[1] / noise[0] < 1.03
    announced = merged_sigma(aligned, robust_weights(aligned, flat.sigma[0]), flat.sigma[0])
    assert root_mean_square(announced / flat.sigma[0]) == pytest.approx(noise[1], rel=0.03)


def test_a_ghost_below_the_noise_passes_but_stays_below_it(street):
    """The worst contrast is about sigma: there the error may rise, but not above one frame's."""
    shape, sigma, worst = (64, 120), 0.05, []
    rng = np.random.default_rng(13)
    for ratio in (0.5, 1.0, 2.0, 4.0, 8.0):
        thing = MovingDisc((32.0, 20.0), (0.0, 10.0), 6.0)
        cover = np.array([thing.coverage(shape, k, (0, 0)) for k in range(8)])
        clean = 0.3 + ratio * sigma * cover
        aligned = move_frames(clean + sigma * rng.standard_normal(clean.shape), np.zeros((8, 2)))
        error = merge(aligned, robust_weights(aligned, sigma)) - clean[0]
        worst.append(root_mean_square(error[(cover > 0).any(axis=0)]) / sigma)
    assert max(worst) < 0.7 and worst[0] == pytest.approx(0.39, abs=0.04)


def test_the_law_of_the_squared_difference():
    """q has the mean 1 and the standard deviation sqrt(2 / n), so few weights fall below 1."""
    rng = np.random.default_rng(14)
    aligned = move_frames(0.1 * rng.standard_normal((2, 400, 400)), np.zeros((2, 2)))
    weights = {
        tolerance: robust_weights(aligned, 0.1, tolerance=tolerance, shift_error=0.0)[1]
        for tolerance in (0.0, 2.0, 4.0)
    }
    # Chi-squared with 25 degrees: 46 % are above their mean, 3.7 % two deviations above it.
    assert np.mean(weights[0.0] < 1) == pytest.approx(0.46, abs=0.03)
    assert np.mean(weights[2.0] < 1) == pytest.approx(0.037, abs=0.01)
    assert np.mean(weights[4.0] < 1) < 0.002


def test_weights_by_their_definition():
    rng = np.random.default_rng(15)
    frames, sigma = rng.random((3, 12, 11)), 0.2
    aligned = move_frames(frames, [(0, 0), (1, 0), (0, 0)], interpolation="nearest")
    found = robust_weights(aligned, sigma, radius=1, tolerance=1.0, shift_error=0.0)
    still, other = aligned.frames[:2]
    for row, col in ((5, 5), (3, 8)):
        window = np.s_[row - 1 : row + 2, col - 1 : col + 2]
        q = np.mean((other[window] - still[window]) ** 2) / (2 * sigma**2)
        expected = np.exp(-max((q - 1) / np.sqrt(2 / 9) - 1, 0))
        assert found[1, row, col] == pytest.approx(expected, rel=1e-9)
    assert (found[0] == 1).all() and (found[1, -1] == 0).all()


def test_frames_used_counts_frames():
    aligned = move_frames(np.random.default_rng(0).random((4, 20, 20)), np.zeros((4, 2)))
    merged = BurstMerge("mean").merge_aligned(aligned, 0.1)
    np.testing.assert_allclose(merged.frames_used, 4)
    np.testing.assert_allclose(merged.sigma, 0.05)


# -- contract


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 3), (5, 4, 3), (6, 5, 1)], ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_merging_takes_any_size_and_keeps_the_type(shape, dtype):
    frames = np.random.default_rng(0).random((3, *shape)).astype(dtype)
    before = frames.copy()
    aligned = move_frames(frames, np.zeros((3, 2)))
    merged = BurstMerge().merge_aligned(aligned, 0.3)
    assert merged.image.shape == shape and merged.image.dtype == dtype
    assert np.isfinite(merged.image).all() and np.isfinite(merged.sigma).all()
    np.testing.assert_array_equal(frames, before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_burst_keeps_its_type_and_its_inputs(street, dtype):
    made = take(street, [(0, 0), (1.4, 2.2), (-0.6, 0.3)])
    frames = made.frames.astype(dtype)
    before = frames.copy()
    for setting in (BurstMerge(), BurstMerge("mean", tile=48, interpolation="linear")):
        merged = setting(list(frames), made.sigma[0])
        assert merged.image.dtype == dtype and merged.image.shape == SHAPE
        np.testing.assert_array_equal(frames, before)
        np.testing.assert_array_equal(setting(frames, made.sigma[0]).image, merged.image)


def test_constants_and_equal_frames_come_out_as_they_are():
    frames = np.repeat(np.random.default_rng(0).random((1, 20, 24)), 3, axis=0)
    merged = BurstMerge()(frames, 0.1)
    np.testing.assert_allclose(merged.image, frames[0], atol=1e-12)
    flat = np.full((3, 9, 8), 0.3)
    for interpolation in INTERPOLATIONS:
        aligned = move_frames(flat, [(0, 0), (1.3, -2.6), (0.5, 0.5)], interpolation=interpolation)
        np.testing.assert_allclose(aligned.frames, 0.3, atol=1e-13)
        np.testing.assert_allclose(merge(aligned, seen_weights(aligned)), 0.3, atol=1e-13)


def test_whole_shifts_move_to_the_last_bit():
    frame = np.random.default_rng(0).random((20, 24))
    for interpolation in INTERPOLATIONS:
        pair = [frame, np.roll(frame, 2, 0)]
        moved = move_frames(pair, [(0, 0), (2, 0)], interpolation=interpolation)
        np.testing.assert_array_equal(moved.frames[1][:-2], frame[:-2])


# -- errors


NOISE = np.random.default_rng(0).random((3, 40, 50))


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (NOISE[:1], "at least 2 frames, got 1; for one frame take a denoiser"),
        ([], "at least 2 frames, got 0"),
        (NOISE[0], "got one array of shape"),
        ([NOISE[0], NOISE[1, :-1]], "all frames must have one shape, got .40, 50. for frame 0"),
        ([NOISE[0], NOISE[1] * np.nan], "frame 1 has 2000 pixels that are NaN"),
        ((NOISE * 255).astype(np.uint8), "as_image"),
        ([NOISE[0], np.full((40, 50), 0.5)], "frame 1 is constant"),
        (NOISE[:, :12, :12], "at least 16 x 16 px to be aligned"),
        ([NOISE[0], NOISE[1]], "seems to be shifted|nothing in common"),
    ],
)
def test_what_is_no_burst_is_refused(frames, words):
    with pytest.raises(ValueError, match=words):
        BurstMerge()(frames, 0.1)


def test_a_shift_that_is_too_large_is_refused_and_can_be_allowed(street):
    made = take(street, [(0, 0), (0, 13)], electrons=1000.0, shape=(40, 80))
    with pytest.raises(ValueError, match=r"frame 1 seems to be shifted by \(0, 13\) px"):
        measure_shifts(made.frames)
    np.testing.assert_allclose(measure_shifts(made.frames, largest=20)[1], (0, 13), atol=0.1)


def test_frames_that_do_not_overlap_are_refused():
    with pytest.raises(ValueError, match=r"shifted by \(0.0, 60.0\) px and does not overlap"):
        move_frames(NOISE, [(0, 0), (1, 1), (0, 60)])


@pytest.mark.parametrize("seed", range(5))
def test_frames_of_other_scenes_are_refused(seed):
    rng = np.random.default_rng(seed)
    with pytest.raises(ValueError, match="seems to be shifted|nothing in common"):
        measure_shifts(rng.standard_normal((2, 64, 64)))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check_frames(NOISE, reference=3), "reference must be the number of a frame"),
        (lambda: BurstMerge("median"), "rule must be one of mean, robust"),
        (lambda: BurstMerge(interpolation="bicubic"), "interpolation must be one of nearest"),
        (lambda: BurstMerge()(NOISE, 25), "divide by 255"),
        (lambda: BurstMerge()(NOISE, 0.0), "above 0"),
        (lambda: BurstMerge()(NOISE, np.ones((3, 3))), "map of a frame's shape"),
        (lambda: BurstMerge()(NOISE, np.zeros((40, 50))), "above 0 everywhere"),
        (lambda: move_frames(NOISE, np.zeros((2, 2))), "shifts must be 3 finite pairs"),
        (lambda: move_tiles(NOISE, np.zeros((3, 2))), "flows must have shape"),
        (lambda: measure_tile_shifts(NOISE, tile=8), "tile must be a whole number of 16 px"),
        (lambda: robust_weights(still(), 0.1, radius=1.5), "radius"),
        (lambda: robust_weights(still(), 0.1, tolerance=-1), "tolerance"),
        (lambda: robust_weights(still(), 0.1, shift_error=2), "shift_error"),
        (lambda: merge(still(), np.ones((3, 4, 4))), "weights must have shape"),
        (lambda: merge(still(), np.zeros((3, 40, 50))), "above 0 for one frame"),
        (lambda: shift_bound(np.zeros((2, 9)), 0.1), "at least 3 x 3"),
    ],
)  # fmt: skip
def test_impossible_settings_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def still():
    return move_frames(NOISE, np.zeros((3, 2)))


# -- closed forms of the limits


def test_the_bound_of_a_ramp_is_known():
    """Slope s in one direction: sqrt(2) sigma / (s sqrt(pixels)); nothing in the other."""
    ramp = np.tile(0.01 * np.arange(30.0), (20, 1))
    rows, cols = shift_bound(ramp, 0.1)
    assert np.isinf(rows)
    assert cols == pytest.approx(np.sqrt(2) * 0.1 / (0.01 * np.sqrt(600)), rel=1e-9)
    assert shift_bound(ramp, np.full(ramp.shape, 0.1))[1] == pytest.approx(cols)
    assert np.isinf(shift_bound(np.full((5, 5), 0.3), 0.1)).all()


def test_variances_of_the_line_spread_add():
    edge = SlantedEdge(size=128)
    before = line_spread_variance(edge_spread(edge.image(), edge))
    for width in (0.8, 1.5, 3.0):
        blurred = ndimage.gaussian_filter(edge.image(), width, mode="nearest", truncate=6)
        # Bins of 1/4 px leave 1 %.
        after = line_spread_variance(edge_spread(blurred, edge))
        assert after - before == pytest.approx(width**2, rel=0.02)
    assert np.isnan(line_spread_variance(edge_spread(np.full((128, 128), 0.3), edge)))


def test_frames_keep_the_edge_that_a_gaussian_blurs():
    edge, rng = SlantedEdge(size=96, contrast=0.1), np.random.default_rng(16)
    shifts = hand_shake(16, 1.0, rng)
    aligned = move_frames(edge_burst(edge, shifts, 0.05, rng), shifts)
    merged = merge(aligned, seen_weights(aligned))
    width = rise_width(edge_spread(merged, edge))
    clean = rise_width(edge_spread(edge.image(), edge))
    # A Gaussian that takes as much noise away, sigma / 4, is 1.13 px wide: 2.97 px.
    assert width < clean + 0.6
