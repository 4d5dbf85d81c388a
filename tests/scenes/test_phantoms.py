"""Phantoms against heavy supersampling, closed forms and invariants."""

import math

import numpy as np
import pytest

from lessons_lib.scenes.phantoms import (
    SlantedEdge,
    dead_leaves,
    disc,
    half_plane_coverage,
    step_signal,
    thin_line,
)

SAMPLES = 64
# An edge crosses about SAMPLES of a pixel's SAMPLES**2 samples; each is wrong by at most
# one, and signs mostly cancel.
SUPERSAMPLING_ERROR = 0.5 / SAMPLES


def supersampled_positions(size):
    within = (np.arange(SAMPLES) + 0.5) / SAMPLES - 0.5
    return (np.arange(size)[:, None] + within).ravel() - (size - 1) / 2


def pixel_means(fine, size):
    return fine.reshape(size, SAMPLES, size, SAMPLES).mean(axis=(1, 3))


@pytest.mark.parametrize("angle", [0.0, 5.0, -17.0, 45.0, 1e-9])
def test_edge_equals_supersampled_half_plane(angle):
    edge = SlantedEdge(size=12, angle=angle, contrast=0.6, mean=0.4, offset=1.3)
    place = supersampled_positions(12)
    radians = math.radians(angle)
    fine = math.sin(radians) * place[:, None] + math.cos(radians) * place > 1.3
    expected = 0.1 + 0.6 * pixel_means(fine, 12)
    np.testing.assert_allclose(edge.image(), expected, atol=0.6 * SUPERSAMPLING_ERROR)


def test_a_vertical_edge_is_exact():
    row = SlantedEdge(size=8, angle=0.0, contrast=0.5, offset=0.25).image()[3]
    # The edge stands at 3.75: a quarter of pixel 4's right neighbour side is already left.
    np.testing.assert_allclose(row, [0.25, 0.25, 0.25, 0.25, 0.625, 0.75, 0.75, 0.75], atol=1e-15)


@pytest.mark.parametrize("angle", [0.0, 0.001, 5.0, 30.0, 45.0])
def test_coverage_is_the_integral_of_the_chord(angle):
    # Derivative of the area by the distance = length of the line inside the square; its
    # maximum is 1 / cos(angle), and the whole integral is the square's area.
    distance = np.linspace(-1, 1, 200_001)
    area = half_plane_coverage(distance, angle)
    assert area[0] == 0 and area[-1] == 1
    assert (np.diff(area) >= -1e-12).all()
    chord = np.diff(area).max() / np.diff(distance)[0]
    # At 45 degrees the maximum is a peak; differences over 1e-5 px round it off.
    assert chord == pytest.approx(1 / math.cos(math.radians(angle)), rel=1e-4)


def test_coverage_of_both_sides_adds_to_one():
    distance = np.random.default_rng(0).uniform(-1, 1, 1000)
    both = half_plane_coverage(distance, 12.0) + half_plane_coverage(-distance, 12.0)
    np.testing.assert_allclose(both, 1.0, atol=1e-15)


def test_edge_is_antisymmetric_about_the_image_centre():
    edge = SlantedEdge(size=33, angle=7.0)
    np.testing.assert_allclose(edge.image() + edge.image()[::-1, ::-1], 1.0, atol=1e-14)
    np.testing.assert_allclose(edge.distance(), -edge.distance()[::-1, ::-1], atol=1e-13)


def test_distance_is_signed_and_measured_along_the_normal():
    edge = SlantedEdge(size=32, angle=5.0, offset=2.0)
    distance = edge.distance()
    slope_row, slope_col = np.gradient(distance)
    np.testing.assert_allclose(np.hypot(slope_row, slope_col), 1.0, atol=1e-12)
    far = np.abs(distance) > 0.8
    np.testing.assert_array_equal(edge.image()[far] > 0.5, distance[far] > 0)
    assert distance.mean() == pytest.approx(-2.0, abs=1e-12)


def test_edge_gradient_sums_to_the_contrast_in_each_row():
    steps = np.diff(SlantedEdge(size=64, angle=5.0, contrast=0.3).image(), axis=1)
    np.testing.assert_allclose(steps.sum(axis=1), 0.3, atol=1e-14)
    # A vertical edge at offset t from a pixel border splits its step into 1 - t and t, so
    # the mean energy over all t is contrast^2 * (1 - 1/3); the slant visits every t.
    # 5 % because 64 rows visit 5.6 pixels, not a whole number, and the slant smooths.
    assert (steps**2).sum(axis=1).mean() == pytest.approx(0.09 * 2 / 3, rel=0.05)


@pytest.mark.parametrize("radius", [0.3, 0.5, 1.0, 4.0, 10.37])
@pytest.mark.parametrize("center", [None, (15.2, 16.9)])
def test_disc_covers_its_area(radius, center):
    covered = disc(33, radius, center=center, background=0.0, level=1.0)
    assert covered.sum() == pytest.approx(math.pi * radius**2, rel=1e-11)
    assert covered.min() == 0 and covered.max() <= 1


def test_disc_equals_supersampled_disc_also_over_the_border():
    place = supersampled_positions(12)
    centre = (2.1, 9.7)
    shifted = place + 5.5
    fine = (shifted[:, None] - centre[0]) ** 2 + (shifted - centre[1]) ** 2 < 5.3**2
    expected = 0.2 + 0.7 * pixel_means(fine, 12)
    result = disc(12, 5.3, center=centre, background=0.2, level=0.9)
    np.testing.assert_allclose(result, expected, atol=0.7 * SUPERSAMPLING_ERROR)


def test_disc_has_the_symmetries_of_the_grid():
    picture = disc(21, 6.3)
    np.testing.assert_allclose(picture, picture.T, atol=1e-14)
    np.testing.assert_allclose(picture, picture[::-1], atol=1e-14)


@pytest.mark.parametrize("width", [0.2, 1.0, 3.7])
def test_line_has_its_width(width):
    line = thin_line(41, width, angle=8.0, background=0.2, level=0.8)
    # Each row of a line through the image is cut over width / cos(angle) px.
    expected = 0.6 * width / math.cos(math.radians(8.0))
    np.testing.assert_allclose((line - 0.2).sum(axis=1), expected, rtol=1e-12)


def test_line_as_the_difference_of_edges():
    left = SlantedEdge(size=32, contrast=1.0, offset=-1.5).image()
    right = SlantedEdge(size=32, contrast=1.0, offset=2.5).image()
    line = thin_line(32, 4.0, offset=0.5, background=0.0, level=1.0)
    np.testing.assert_allclose(line, left - right, atol=1e-15)


def test_step_signal_shares_the_pixel():
    np.testing.assert_allclose(
        step_signal(8, 3.2, low=0.0, high=1.0), [0, 0, 0, 0.3, 1, 1, 1, 1], atol=1e-12
    )
    # Its sum is the length to the right of the step, wherever that is.
    for position in np.linspace(-0.4, 30.4, 50):
        assert step_signal(31, position, 0.0, 1.0).sum() == pytest.approx(30.5 - position)


def test_dead_leaves_are_repeatable_and_in_range():
    leaves = dead_leaves(64, 3, low=0.2, high=0.6)
    np.testing.assert_array_equal(leaves, dead_leaves(64, 3, low=0.2, high=0.6))
    assert not np.array_equal(leaves, dead_leaves(64, 4, low=0.2, high=0.6))
    assert leaves.min() >= 0.2 and leaves.max() <= 0.6


SMALLEST, LARGEST = 2.0, 8.0
GREY_VARIANCE = 0.8**2 / 12


@pytest.fixture(scope="module")
def floors():
    return np.array([dead_leaves(48, seed, largest_radius=LARGEST) for seed in range(40)])


def pixel_correlation(lag):
    """Closed form for two pixels ``lag`` px apart, averaged over their areas.

    Two points share a grey if the first leaf over either covers both: correlation
    g / (2 - g), with g the mean overlap of a leaf and its shifted self over its mean area.
    """
    radius = np.linspace(SMALLEST, LARGEST, 1001)
    rng = np.random.default_rng(0)
    row, col = rng.uniform(0, 1, (2, 2000)) - rng.uniform(0, 1, (2, 2000))
    half = np.minimum(np.hypot(row, col + lag)[:, None] / (2 * radius), 1.0)
    overlap = 2 * radius**2 * (np.arccos(half) - half * np.sqrt(1 - half**2))  # (pair, radius)
    g = (overlap * radius**-3).sum(axis=1) / (math.pi / radius).sum()
    return (g / (2 - g)).mean()


def test_dead_leaves_have_the_mean_of_their_greys(floors):
    means = floors.mean(axis=(1, 2))
    # Five standard errors over the floors.
    assert floors.mean() == pytest.approx(0.5, abs=5 * means.std() / math.sqrt(40))


@pytest.mark.parametrize("lag", [0, 1, 3, 6])
def test_dead_leaves_correlate_as_the_model_says(floors, lag):
    away = floors - 0.5
    measured = (away[:, :, lag:] * away[:, :, : 48 - lag]).mean() / GREY_VARIANCE
    # 40 floors of about 40 independent leaves: 1 / sqrt(1600) = 0.025. Treating rims as
    # independent moves the variance by about 0.01.
    assert measured == pytest.approx(pixel_correlation(lag), abs=0.03)


def test_dead_leaves_are_the_same_at_the_border(floors):
    # Were there no leaves centred outside, rims across the border would be half as common.
    both = np.concatenate([floors, floors.transpose(0, 2, 1)])
    energy = (np.diff(both, axis=2) ** 2).mean(axis=(0, 1))
    middle = energy[5:-5].mean()
    # The single columns in the middle scatter by 7 %.
    assert energy[:2].mean() == pytest.approx(middle, rel=0.25)
    assert energy[-2:].mean() == pytest.approx(middle, rel=0.25)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SlantedEdge(size=7), "size must be a whole number, 8 px or more, got 7"),
        (lambda: SlantedEdge(size=9.5), "whole number"),
        (lambda: SlantedEdge(angle=60), "transpose the image"),
        (lambda: SlantedEdge(angle=math.nan), "between -45 and 45"),
        (lambda: SlantedEdge(contrast=0), "contrast must be above 0"),
        (lambda: SlantedEdge(contrast=-0.2), "the light side is the right one"),
        (lambda: SlantedEdge(mean=math.inf), "mean must be a finite number"),
        (lambda: SlantedEdge(size=20, offset=10), "offset must be smaller than half the size"),
        (lambda: disc(4, 2), "size must be"),
        (lambda: disc(16, 0), "radius must be above 0"),
        (lambda: disc(16, 3, level=math.nan), "level must be a finite number"),
        (lambda: disc(16, 3, center=(math.nan, 2)), "row must be a finite number"),
        (lambda: thin_line(16, -1), "width must be above 0"),
        (lambda: thin_line(16, 1, offset=9), "nothing of it is in the image"),
        (lambda: step_signal(8, 7.5), "between -0.5 and 7.5"),
        (lambda: step_signal(3, 1), "length must be"),
        (lambda: dead_leaves(2, 0), "size must be"),
        (lambda: dead_leaves(16, 0, smallest_radius=0), "smallest_radius < largest_radius"),
        (lambda: dead_leaves(16, 0, smallest_radius=9, largest_radius=3), "got 9 and 3"),
    ],
)
def test_impossible_phantoms_say_what_to_do(make, words):
    with pytest.raises(ValueError, match=words):
        make()
