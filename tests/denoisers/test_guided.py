"""The guided filter against its definition window by window, and its weights."""

import numpy as np
import pytest

from lessons_lib.denoisers import Guided, guided, guided_weights


def by_definition(image, guide, radius, epsilon):
    """Fit a line in every window of the mirrored image, then average the lines."""
    margin = 2 * radius
    image, guide = (np.pad(one, margin, mode="symmetric") for one in (image, guide))
    lines = {}
    for row in range(radius, image.shape[0] - radius):
        for col in range(radius, image.shape[1] - radius):
            window = np.s_[row - radius : row + radius + 1, col - radius : col + radius + 1]
            g, y = guide[window].ravel(), image[window].ravel()
            slope = np.cov(g, y, bias=True)[0, 1] / (g.var() + epsilon)
            lines[row, col] = slope, y.mean() - slope * g.mean()
    estimate = np.empty_like(image)[margin:-margin, margin:-margin]
    for row, col in np.ndindex(estimate.shape):
        spot = row + margin, col + margin
        met = [
            lines[spot[0] + down, spot[1] + across]
            for down in range(-radius, radius + 1)
            for across in range(-radius, radius + 1)
        ]
        slope, intercept = np.mean(met, axis=0)
        estimate[row, col] = slope * guide[spot] + intercept
    return estimate


@pytest.mark.parametrize("radius", [1, 2])
@pytest.mark.parametrize("own", [True, False])
def test_fast_equals_the_definition(radius, own):
    image, other = np.random.default_rng(0).normal(0.5, 0.2, (2, 9, 11))
    guide = image if own else other
    # Running sums and direct sums differ by rounding.
    np.testing.assert_allclose(
        guided(image, guide, radius, 0.02), by_definition(image, guide, radius, 0.02), atol=1e-11
    )


def test_the_weights_make_the_estimate():
    noisy = np.random.default_rng(1).normal(0.5, 0.2, (17, 17))
    weights = guided_weights(noisy, (8, 8), 2, 0.03)
    assert weights.sum() == pytest.approx(1)
    assert (weights * noisy).sum() == pytest.approx(guided(noisy, noisy, 2, 0.03)[8, 8])


def test_a_huge_epsilon_is_two_box_averages():
    pulse = np.zeros((11, 11))
    pulse[5, 5] = 1
    triangle = np.convolve(np.ones(3) / 3, np.ones(3) / 3)
    expected = np.zeros((11, 11))
    expected[3:8, 3:8] = np.outer(triangle, triangle)
    # The slope is at most 0.1 / 1e9.
    np.testing.assert_allclose(guided(pulse, pulse, 1, 1e9), expected, atol=1e-9)


def test_the_slope_on_an_edge_is_the_one_in_the_docstring():
    """A window with the edge in its middle keeps c^2 / (c^2 + 4 epsilon) of the contrast."""
    edge = np.where(np.arange(40) < 20, 0.0, 0.4) * np.ones((40, 1))
    epsilon, kept = 0.04, []
    for radius in (6, 9):  # the larger the window, the more windows are cut near the middle
        estimate = guided(edge, edge, radius, epsilon)
        kept.append((estimate[20, 20] - estimate[20, 19]) / 0.4)
    law = 0.4**2 / (0.4**2 + 4 * epsilon)
    # Windows off the middle see less variance: the mean slope lies below the law.
    assert all(0.6 * law < share < law for share in kept)


def test_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"image and guide must have the same shape"):
        guided(np.zeros((4, 4)), np.zeros((4, 5)), 1, 0.1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Guided(radius=1.5), "whole number of pixels"),
        (lambda: Guided(strength=-1), "must be from 0 to 20"),
        (lambda: guided(np.zeros((4, 4)), np.zeros((4, 4)), 1, -1.0), "epsilon .* 0 or more"),
        (lambda: guided_weights(np.zeros((9, 9)), (1, 4), 2, 0.1), "at least 4 px away"),
        (lambda: guided_weights(np.zeros((9, 9, 3)), (4, 4), 2, 0.1), "must be grey"),
    ],
)
def test_wrong_settings_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
