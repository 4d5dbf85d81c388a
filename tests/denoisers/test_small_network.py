"""The small networks and the blind spot keep the denoisers' contract."""

import copy
import dataclasses

import numpy as np
import pytest
import torch

from lessons_lib.denoisers.contract import Denoiser, Differentiable
from lessons_lib.denoisers.linear import Gaussian
from lessons_lib.denoisers.small_network import NAMES, BlindSpot, SmallNetwork
from lessons_lib.learning.small import load_small

SHAPES = [(1, 1), (1, 7), (2, 3), (5, 5), (16, 17), (9, 8, 3), (1, 1, 3), (6, 5, 1)]
SIGMA = 0.1
DENOISERS = [*map(SmallNetwork, NAMES), BlindSpot(SmallNetwork("noise2self")),
             BlindSpot(Gaussian(1.0), stride=3)]  # fmt: skip
every_denoiser = pytest.mark.parametrize("denoiser", DENOISERS, ids=repr)


def noise(shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(0.5, SIGMA, shape).astype(dtype)


@every_denoiser
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_same_shape_type_finite_and_repeatable(denoiser, shape, dtype):
    noisy = noise(shape, dtype)
    before = noisy.copy()
    estimate = denoiser(noisy, SIGMA)
    assert isinstance(denoiser, Denoiser)
    assert estimate.shape == shape and estimate.dtype == dtype
    assert np.isfinite(estimate).all()
    assert np.array_equal(noisy, before), "the input was changed"
    assert not np.shares_memory(estimate, noisy)
    assert np.array_equal(denoiser(noisy, SIGMA), estimate)


@every_denoiser
@pytest.mark.parametrize(
    ("noisy", "sigma", "words"),
    [
        (noise((4, 4)), 25, "divide by 255"),
        (noise((4, 4)), -1, "at least 0"),
        (np.full((4, 4), np.nan), SIGMA, "NaN"),
        (np.zeros((4, 4), np.uint8), SIGMA, "as_image"),
        (np.zeros((4, 4, 4)), SIGMA, "alpha"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(denoiser, noisy, sigma, words):
    with pytest.raises(ValueError, match=words):
        denoiser(noisy, sigma)


@every_denoiser
def test_settings_are_frozen_and_no_noise_is_no_work(denoiser):
    with pytest.raises(dataclasses.FrozenInstanceError):
        denoiser.strength = 2
    noisy = noise((6, 7))
    estimate = denoiser(noisy, 0)
    assert np.array_equal(estimate, noisy) and estimate is not noisy


@every_denoiser
def test_twice_as_bright_and_noisy_is_twice_the_estimate(denoiser):
    noisy = noise((20, 21))
    doubled = denoiser(2 * noisy, 2 * SIGMA)
    # A factor of 2 is exact in binary, layer by layer.
    assert np.allclose(doubled, 2 * denoiser(noisy, SIGMA), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_pullback_is_the_transposed_jacobian(name):
    denoiser, rng = SmallNetwork(name), np.random.default_rng(0)
    noisy, there, back = noise((12, 13)), *rng.standard_normal((2, 12, 13))
    assert isinstance(denoiser, Differentiable)
    network = copy.deepcopy(load_small(name)).double()
    level = torch.tensor([SIGMA], dtype=torch.float64)
    points = torch.from_numpy(noisy)[None, None], torch.from_numpy(there)[None, None]
    _, forward = torch.autograd.functional.jvp(lambda y: network(y, level), *points)
    pulled = denoiser.pullback(noisy, SIGMA, back)
    # The pullback is computed in float32: some 10 layers of rounding, 1e-7 each.
    size = np.linalg.norm(there) * np.linalg.norm(back)
    assert abs(np.vdot(forward.numpy(), back) - np.vdot(there, pulled)) < 1e-5 * size
    assert np.array_equal(denoiser.pullback(noisy, 0, back), back)


def test_switched_off():
    noisy = noise((6, 7))
    assert np.array_equal(SmallNetwork(strength=0)(noisy, SIGMA), noisy)


def test_a_blind_spot_does_not_see_its_pixel():
    denoiser, noisy = BlindSpot(SmallNetwork("noise2void")), noise((12, 12))
    other = noisy.copy()
    other[5, 6] += 0.5
    moved = denoiser(other, SIGMA) - denoiser(noisy, SIGMA)
    assert moved[5, 6] == 0 and np.abs(moved).max() > 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SmallNetwork("grey"), "name must be one of dct, .* got 'grey'"),
        (lambda: SmallNetwork(strength=21), "strength .* must be from 0 to 20, got 21"),
        (lambda: BlindSpot(SmallNetwork(), stride=2), "stride .* must be from 3 to 16, got 2"),
    ],
)
def test_bad_settings_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
