"""Blur against contrast: what must not depend on it, what must, and blur told from jitter."""

import math
import zlib

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, median_filter

from lessons_lib.diagnosis.blur_curve import blur_curve, edge_estimates, measure_estimates
from lessons_lib.diagnosis.edge_position import position_bound
from lessons_lib.scenes.phantoms import SlantedEdge

GAUSSIAN_WIDTH = 2.563 * math.sqrt(1.5**2 + 1 / 12)


def identity(noisy, sigma):
    return noisy.copy()


def gaussian(noisy, sigma):
    return gaussian_filter(noisy, 1.5)


def median(noisy, sigma):
    return median_filter(noisy, 5)


def sharp_but_restless(noisy, sigma):
    """A perfectly sharp edge at a place that only depends on the noise: 2 px about 0."""
    place = 2.0 if zlib.crc32(noisy.tobytes()) % 2 else -2.0
    return SlantedEdge(contrast=8 * sigma, offset=place).image()


@pytest.fixture(scope="module")
def gaussian_points():
    return list(blur_curve(gaussian, ratios=(12, 4, 2, 1)))


def test_a_gaussian_blurs_all_contrasts_alike(gaussian_points):
    # Standard errors over 20 seeds at ratio 1: width 4 %, per draw 2.6 %, MTF50 5 %,
    # contrast 0.6 %; all fall as 1 / ratio. Three of each, and 1.5 % or less for what the
    # closed form leaves out.
    for point in gaussian_points:
        noise = 3 / point.ratio
        assert point.width == pytest.approx(GAUSSIAN_WIDTH, rel=0.015 + 0.04 * noise)
        assert point.width_per_draw == pytest.approx(GAUSSIAN_WIDTH, rel=0.015 + 0.026 * noise)
        assert point.mtf50 == pytest.approx(0.1874 / 1.5, rel=0.01 + 0.05 * noise)
        assert point.plateau_contrast == pytest.approx(1.0, abs=0.001 + 0.006 * noise)


def test_a_gaussian_keeps_what_is_known_of_the_place(gaussian_points):
    # Linear filtering with a known kernel loses no information, so its jitter is that of
    # the noise itself. The fit does not know the plateaus and treats the filtered noise as
    # white, which costs something; 12 rows, and 24 x 8 places leave 5 % (1 standard error).
    point = gaussian_points[1]
    bound = position_bound(4.0, 1.0, 0.5, rows=12)
    assert bound < point.jitter < 2 * bound


def test_jitter_falls_as_the_contrast_rises(gaussian_points):
    jitters = [point.jitter for point in gaussian_points]
    assert jitters == sorted(jitters)
    assert jitters[1] / jitters[0] == pytest.approx(12 / 4, rel=0.1)


def test_a_median_blurs_faint_edges_more():
    widths = [point.width for point in blur_curve(median, ratios=(12, 4, 2, 1))]
    assert all(np.diff(widths) > 0)
    # Means of 8 seeds: 1.16, 2.95, 3.78, 3.87 px; one seed strays by 0.01, 0.04, 0.07, 0.08.
    np.testing.assert_allclose(widths, [1.16, 2.95, 3.78, 3.87], atol=0.24)
    assert widths[0] == pytest.approx(1.16, abs=0.03)


def test_the_identity_leaves_the_edge_alone():
    for point in blur_curve(identity, ratios=(8, 2)):
        # Standard error at ratio 2: 0.05 px.
        assert point.width == pytest.approx(0.84, abs=0.1)
        # A normal curve fitted to a trapezium; at ratio 2 the noise biases it to 0.71.
        assert point.width_per_draw == pytest.approx(0.8, abs=0.2)
        assert point.mtf50 == 0.5


def test_blur_is_told_from_jitter():
    restless, = blur_curve(sharp_but_restless, ratios=(8,))
    assert restless.width > 3.5  # two steps 4 px apart
    assert restless.width_per_draw < 1.0
    # A fair coin at +-2: at most 2, and 24 throws are never that uneven.
    assert 1.7 < restless.jitter < 2.05
    blurred, = blur_curve(gaussian, ratios=(8,))
    assert blurred.width_per_draw > 3.5
    assert blurred.jitter < 0.15


def test_an_edge_that_wriggles_along_its_length_counts_as_moved():
    edge = SlantedEdge(contrast=0.4)

    def wriggling(noisy, sigma):
        moved = [SlantedEdge(contrast=0.4, offset=t).image() for t in (-2.0, 2.0)]
        strip = np.arange(edge.size)[:, None] // 12
        return np.where(strip % 2 == 0, *moved)

    point, = blur_curve(wriggling, ratios=(8,), draws=2)
    assert point.width > 3.5 and point.width_per_draw < 1.0
    assert point.jitter == pytest.approx(2.0, abs=0.05)


def test_an_edge_that_is_gone():
    point, = blur_curve(lambda noisy, sigma: np.full_like(noisy, 0.5), ratios=(1,), draws=2)
    assert point.width == math.inf and point.mtf50 == 0.0
    assert point.plateau_contrast == pytest.approx(0.0, abs=1e-12)


def test_points_come_one_at_a_time_and_are_repeatable():
    seen = []

    def counting(noisy, sigma):
        seen.append(noisy)
        return noisy.copy()

    points = blur_curve(counting, ratios=(8, 1), draws=2, size=48)
    assert seen == []
    first = next(points)
    assert len(seen) == 2 and first.ratio == pytest.approx(8)
    assert first == next(blur_curve(identity, ratios=(8,), draws=2, size=48))
    assert first != next(blur_curve(identity, ratios=(8,), draws=2, size=48, seed=1))
    next(points)
    # The same noise at both contrasts.
    faint, strong = SlantedEdge(size=48, contrast=0.05), SlantedEdge(size=48, contrast=0.4)
    np.testing.assert_allclose(seen[0] - strong.image(), seen[2] - faint.image(), atol=1e-12)


def test_estimates_have_noise_of_the_stated_sigma():
    edge = SlantedEdge()
    noise = edge_estimates(identity, edge, 0.1, 8, 0) - edge.image()
    # 74,000 values: the standard error of the standard deviation is 0.26 %.
    assert noise.std() == pytest.approx(0.1, rel=0.013)


def test_estimates_computed_before_give_the_same_point():
    edge = SlantedEdge(size=48, contrast=4 * 0.05)
    estimates = edge_estimates(gaussian, edge, 0.05, 3, 7)
    expected = next(blur_curve(gaussian, ratios=(4,), draws=3, size=48, seed=7))
    assert measure_estimates(estimates, edge, 0.05) == expected
    assert measure_estimates(list(estimates), edge, 0.05) == expected


def test_an_estimate_of_single_precision_is_measured_in_double():
    edge = SlantedEdge(size=48, contrast=0.2)
    estimates = edge_estimates(gaussian, edge, 0.05, 3, 7).astype(np.float32)
    expected = measure_estimates(estimates.astype(np.float64), edge, 0.05)
    assert measure_estimates(estimates, edge, 0.05) == expected


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda images: images[:1], "draws must be at least 2"),
        (lambda images: images[:, 1:], "edge and estimate must have the same shape"),
        (lambda images: [images[0], images[1, 1:]], "edge and estimate must have the same shape"),
        (lambda images: images * np.nan, "estimate has 2304 pixels that are NaN"),
        (lambda images: images.astype(int), "estimate must be float"),
    ],
)
def test_estimates_that_cannot_be_measured_are_refused(spoil, words):
    edge = SlantedEdge(size=48)
    with pytest.raises(ValueError, match=words):
        measure_estimates(spoil(np.stack([edge.image()] * 2)), edge, 0.05)


def test_measuring_refuses_an_impossible_sigma_and_a_tiny_edge():
    edge = SlantedEdge(size=20)
    with pytest.raises(ValueError, match="sigma must be above 0"):
        measure_estimates([edge.image()] * 2, edge, 0.0)
    with pytest.raises(ValueError, match="size must be at least 24"):
        measure_estimates([edge.image()] * 2, edge, 0.05)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"sigma": 0.0}, "sigma must be above 0"),
        ({"sigma": 25}, "divide by 255"),
        ({"draws": 1}, "draws must be at least 2"),
        ({"size": 20}, "size must be at least 24"),
        ({"ratios": ()}, "ratios must be numbers above 0"),
        ({"ratios": (4, -1)}, "ratios must be numbers above 0"),
    ],
)
def test_impossible_settings_are_refused_at_once(settings, words):
    with pytest.raises(ValueError, match=words):
        blur_curve(identity, **settings)


def test_a_broken_denoiser_is_named():
    with pytest.raises(ValueError, match="noisy and estimate must have the same shape"):
        next(blur_curve(lambda noisy, sigma: noisy[1:]))
    with pytest.raises(ValueError, match="estimate has 9216 pixels that are NaN"):
        next(blur_curve(lambda noisy, sigma: noisy * np.nan))
