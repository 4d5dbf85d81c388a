"""A trained network as a denoiser: what the contract does not already say."""

import dataclasses
import sys

import numpy as np
import pytest

from lessons_lib.denoisers import BM3D, Network
from lessons_lib.denoisers import network as module
from lessons_lib.scenes.noise import add_gaussian
from lessons_lib.scenes.pictures import picture

SIGMA = 25 / 255


@pytest.fixture(scope="module")
def clean():
    return picture("camera", 128)


@pytest.fixture(scope="module")
def noisy(clean):
    return add_gaussian(clean, SIGMA, np.random.default_rng(0))


def mse(first, second) -> float:
    return float(np.mean((first - second) ** 2))


def test_it_is_better_than_bm3d_at_every_level(clean):
    for level in (15, 25, 50):
        noisy = add_gaussian(clean, level / 255, np.random.default_rng(level))
        ours, theirs = (mse(d(noisy, level / 255), clean) for d in (Network(), BM3D()))
        assert ours < theirs, level


def test_precisions_agree(noisy):
    double, single, low = (
        Network(precision=p)(noisy, SIGMA) for p in ("float64", "float32", "bfloat16")
    )
    # Rounding of 24 and of 8 bits through some 25 layers.
    np.testing.assert_allclose(single, double, atol=1e-5)
    assert np.sqrt(mse(low, double)) < 0.3 / 255


def test_a_large_picture_is_done_in_strips_with_the_same_result(monkeypatch):
    tall = np.random.default_rng(1).random((600, 20))
    exact = Network(precision="float64")
    whole = exact(tall, 0.1)
    monkeypatch.setattr(module, "LARGEST_STRIP", 20 * 150)
    shares, estimates = [], []
    for share, estimate in exact.progress(tall, 0.1):
        shares.append(share)
        estimates.append(estimate.copy())
    assert shares == [144 / 600, 288 / 600, 432 / 600, 576 / 600, 1.0]
    assert np.array_equal(estimates[0][144:], tall[144:]), "not computed yet: the noisy picture"
    np.testing.assert_allclose(estimates[-1], whole, atol=1e-12)


def test_it_obeys_the_sigma_that_it_is_told(noisy):
    left = [np.std(Network(strength=s)(noisy, SIGMA) - noisy) for s in (0.25, 0.5, 1.0)]
    assert left[0] < left[1] < left[2]
    np.testing.assert_array_equal(
        Network(strength=0.5)(noisy, SIGMA), Network()(noisy, SIGMA / 2)
    )


def test_a_grey_network_takes_colour_channel_by_channel():
    colour = np.random.default_rng(2).random((17, 12, 3))
    grey = Network("grey", precision="float64")
    parts = [grey(colour[..., c].copy(), 0.1) for c in range(3)]
    np.testing.assert_allclose(grey(colour, 0.1), np.stack(parts, axis=2), atol=1e-12)


def test_a_colour_network_takes_grey_as_three_equal_channels():
    grey = np.random.default_rng(2).random((17, 12))
    colour = Network("colour", precision="float64")
    whole = colour(np.stack([grey] * 3, axis=2), 0.1).mean(axis=2)
    np.testing.assert_allclose(colour(grey, 0.1), whole, atol=1e-12)
    assert colour(grey[..., None], 0.1).shape == (17, 12, 1)


def test_colour_knows_more_than_its_channels_one_by_one():
    clean = picture("coffee", 128)
    noisy = add_gaussian(clean, SIGMA, np.random.default_rng(0))
    assert mse(Network()(noisy, SIGMA), clean) < 0.9 * mse(Network("grey")(noisy, SIGMA), clean)


def test_rows_of_its_jacobian_widen_with_the_noise(noisy):
    """An adaptive filter whose extent grows with the noise (Mohan et al.)."""
    network, place = Network(precision="float64"), np.zeros_like(noisy)
    place[40, 40] = 1.0
    effective = []
    for sigma in (5 / 255, 25 / 255, 100 / 255):
        row = network.pullback(noisy, sigma, place)
        effective.append(1 / np.sum((row / row.sum()) ** 2))
        # Homogeneous of degree 1 in (y, sigma), so rows sum to about 1 where sigma matters little.
        assert 0.7 < row.sum() < 1.3
    assert effective[0] < effective[1] < effective[2]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"strength": -1}, "strength"),
        ({"precision": "int8"}, "one of float32, float64, bfloat16"),
    ],
)
def test_bad_settings_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        Network(**settings)


def test_an_unknown_network_is_refused_with_the_names():
    with pytest.raises(ValueError, match=r"must be one of .*grey"):
        Network("purple")(np.zeros((4, 4)), 0.1)


def test_its_name_is_short_and_it_is_frozen():
    assert repr(Network()) == "Network(trained_on='white', strength=1.0)"
    with pytest.raises(dataclasses.FrozenInstanceError):
        Network().strength = 2


def test_without_pytorch_it_says_what_to_do(monkeypatch):
    import lessons_lib.learning.weights  # noqa: F401  (so that there is something to take away)

    monkeypatch.delattr("lessons_lib.learning.weights")
    monkeypatch.setitem(sys.modules, "lessons_lib.learning.weights", None)
    with pytest.raises(ModuleNotFoundError, match="needs PyTorch.*make setup"):
        Network()(np.zeros((4, 4)), 0.1)
