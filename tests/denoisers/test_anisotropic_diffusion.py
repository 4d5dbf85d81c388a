"""Perona-Malik diffusion: conservation, the heat equation as its limit, a step by hand."""

import numpy as np
import pytest

from lessons_lib.denoisers import PeronaMalik, gaussian, perona_malik


def test_one_step_by_hand():
    image = np.random.default_rng(0).random((6, 7))
    expected, contrast = image.copy(), 0.3
    for row, col in np.ndindex(image.shape):
        for down, across in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            near = row + down, col + across
            if 0 <= near[0] < 6 and 0 <= near[1] < 7:
                difference = image[near] - image[row, col]
                flow = np.exp(-((difference / contrast) ** 2)) * difference
                expected[row, col] += 0.2 * flow
    np.testing.assert_allclose(perona_malik(image, contrast, 1), expected, atol=1e-14)


def test_brightness_is_conserved():
    image = np.random.default_rng(1).random((20, 30))
    after = perona_malik(image, 0.2, 50)
    # 50 steps of additions and subtractions of the same numbers.
    assert after.mean() == pytest.approx(image.mean(), abs=1e-13)


def test_without_a_contrast_it_is_the_heat_equation():
    pulse = np.zeros((61, 61))
    pulse[30, 30] = 1
    spread = perona_malik(pulse, 1e9, 20)
    rows = np.indices(pulse.shape)[0] - 30
    # Each step adds 2 x 0.2 to the variance along each axis, exactly.
    assert (spread * rows**2).sum() == pytest.approx(0.4 * 20, rel=1e-9)
    # A random walk of 20 steps is a Gaussian within a few percent of the peak.
    assert np.abs(spread - gaussian(pulse, np.sqrt(8))).max() < 0.05 * spread.max()


def test_nothing_overshoots():
    image = np.random.default_rng(2).random((20, 20))
    after = perona_malik(image, 0.4, 30)
    assert image.min() <= after.min() and after.max() <= image.max()


def test_an_edge_in_one_channel_stops_the_flow_in_all():
    image = np.full((10, 10, 3), 0.5)
    image[:, 5:, 0], image[:, 5:, 1] = 1.0, 0.52
    alone = perona_malik(image[..., 1], 0.05, 5)
    together = perona_malik(image, 0.05, 5)[..., 1]
    # Between columns 4 and 5: all of the difference is left, and less than half of it.
    assert np.diff(together[5])[4] == pytest.approx(0.02, abs=1e-6)
    assert np.diff(alone[5])[4] < 0.01


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: PeronaMalik(steps=2.5), "steps must be a whole number, got 2.5"),
        (lambda: PeronaMalik(steps=501), "steps must be from 0 to 500, got 501"),
        (lambda: PeronaMalik(contrast_ratio=0), "contrast_ratio .* must be from 0.01"),
        (lambda: perona_malik(np.zeros((4, 4)), 0.0, 3), r"contrast .* must be above 0"),
    ],
)
def test_wrong_settings_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
