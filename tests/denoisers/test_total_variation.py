"""Total variation: fast equals slow, closed forms of the disc and of the step."""

import numpy as np
import pytest
from skimage.restoration import denoise_tv_chambolle

from lessons_lib.denoisers import TotalVariation, chambolle, total_variation
from lessons_lib.denoisers.total_variation import divergence, gradient
from lessons_lib.scenes.phantoms import disc


@pytest.fixture(scope="module")
def noisy():
    return disc(40, 11) + 0.1 * np.random.default_rng(0).standard_normal((40, 40))


def energy(estimate, data, weight):
    return ((estimate - data) ** 2).sum() / 2 + weight * np.hypot(*gradient(estimate)).sum()


def test_divergence_is_minus_the_transposed_gradient():
    rng = np.random.default_rng(1)
    image, flow = rng.random((7, 9)), rng.random((2, 7, 9))
    left, right = (gradient(image) * flow).sum(), (image * divergence(flow)).sum()
    assert left == pytest.approx(-right, abs=1e-12)


def test_fast_equals_slow(noisy):
    slow = chambolle(noisy, 0.1, 5000)
    fast = total_variation(noisy, 0.1, 500)
    # Both near the one minimum; Chambolle's projection is still 1e-3 of the weight away.
    np.testing.assert_allclose(fast, slow, atol=1e-3 * 0.5)
    assert energy(fast, noisy, 0.1) <= energy(slow, noisy, 0.1) + 1e-9


def test_scikit_image_finds_the_same_picture(noisy):
    theirs = denoise_tv_chambolle(noisy, 0.1, eps=1e-9, max_num_iter=5000)
    np.testing.assert_allclose(total_variation(noisy, 0.1, 500), theirs, atol=2e-3)


def test_fifty_iterations_come_within_two_percent_of_the_weight(noisy):
    exact = total_variation(noisy, 0.1, 3000)
    error = np.sqrt(np.mean((total_variation(noisy, 0.1) - exact) ** 2))
    assert error < 0.02 * 0.1


@pytest.mark.parametrize("radius", [12.0, 16.0])
def test_a_disc_sinks_as_the_closed_form_says(radius):
    size, weight = 72, 0.3
    clean = disc(size, radius, background=0.2, level=0.8)
    inside = np.hypot(*(np.indices(clean.shape) - (size - 1) / 2)) < radius - 4
    outside = np.hypot(*(np.indices(clean.shape) - (size - 1) / 2)) > radius + 4
    estimate = total_variation(clean, weight, 2000)
    area = size**2 - np.pi * radius**2
    # The square grid measures a circle a little too long: 5 % from a radius of 12 px on.
    assert 0.8 - estimate[inside].mean() == pytest.approx(2 * weight / radius, rel=0.05)
    rise = 2 * np.pi * radius * weight / area
    assert estimate[outside].mean() - 0.2 == pytest.approx(rise, rel=0.05)


def test_a_long_step_only_loses_contrast():
    """Half-planes of 20 columns: each side moves by weight / 20 (perimeter over area)."""
    step = np.where(np.arange(40) < 20, 0.2, 0.8) * np.ones((30, 1))
    estimate = total_variation(step, 0.4, 3000)
    expected = step + np.where(step < 0.5, 1, -1) * 0.4 / 20
    np.testing.assert_allclose(estimate, expected, atol=1e-4)


def test_huber_keeps_a_ramp_that_stairs_would_replace():
    rng = np.random.default_rng(2)
    ramp = np.linspace(0, 1, 64) * np.ones((64, 1))
    noisy_ramp = ramp + 0.05 * rng.standard_normal(ramp.shape)
    errors = [
        np.mean((total_variation(noisy_ramp, 0.1, 300, huber) - ramp) ** 2)
        for huber in (0.0, 0.02)
    ]
    assert errors[1] < 0.8 * errors[0]


def test_colour_channels_share_their_edges():
    image = np.zeros((32, 32, 3))
    image[:, 16:, 0], image[:, 16:, 1] = 0.8, 0.2
    noise = 0.1 * np.random.default_rng(3).standard_normal(image.shape)
    together = total_variation(image + noise, 0.1, 300)[..., 1]
    alone = total_variation((image + noise)[..., 1], 0.1, 300)
    kept = [one[:, 20:].mean() - one[:, :12].mean() for one in (together, alone)]
    assert kept[0] > kept[1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: TotalVariation(strength=-1), r"strength \(ratio to sigma\) must be from 0 to 20"),
        (lambda: TotalVariation(iterations=0), "iterations must be from 1 to 5000"),
        (lambda: total_variation(np.zeros((4, 4)), -0.1), "weight .* must be 0 or more, got -0.1"),
        (lambda: total_variation(np.zeros((4, 4)), 0.1, 2.5), "whole number, 1 or more"),
    ],
)
def test_wrong_settings_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
