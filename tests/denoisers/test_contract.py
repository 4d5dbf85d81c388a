"""One contract for every denoiser of the catalogue, and the promises that each one declares."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons_lib.denoisers import CATALOGUE, Denoiser, Differentiable
from lessons_lib.denoisers.wrappers import in_strips


def exact(denoiser):
    """The same denoiser, computing in float64 where it has the choice: promises are exact."""
    if hasattr(denoiser, "precision"):
        return dataclasses.replace(denoiser, precision="float64")
    return denoiser


DENOISERS = [exact(entry.build(entry.default)) for entry in CATALOGUE.values()]
SHAPES = [(1, 1), (1, 7), (2, 3), (5, 5), (16, 17), (33, 20), (9, 8, 3), (1, 1, 3), (6, 5, 1)]
SIGMA = 0.1

every_denoiser = pytest.mark.parametrize("denoiser", DENOISERS, ids=repr)
every_entry = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE.keys())


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
    assert np.array_equal(denoiser(noisy, SIGMA), estimate), "the same input gave another estimate"


@every_denoiser
@pytest.mark.parametrize(
    ("noisy", "sigma", "words"),
    [
        (noise((4, 4)), 25, "divide by 255"),
        (noise((4, 4)), -1, "at least 0"),
        (noise((4, 4)), float("nan"), "finite"),
        (np.full((4, 4), np.nan), SIGMA, "NaN"),
        (np.zeros((4, 4), np.uint8), SIGMA, "as_image"),
        (np.zeros((4, 4, 4)), SIGMA, "alpha"),
        (np.zeros(4), SIGMA, "shape"),
        ("photo.jpg", SIGMA, "read_photo"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(denoiser, noisy, sigma, words):
    with pytest.raises(ValueError, match=words):
        denoiser(noisy, sigma)


@every_denoiser
def test_settings_are_frozen_and_shown(denoiser):
    assert dataclasses.is_dataclass(denoiser)
    with pytest.raises(dataclasses.FrozenInstanceError):
        denoiser.radius = 7
    assert repr(denoiser).startswith(type(denoiser).__name__ + "(")


@every_denoiser
@pytest.mark.parametrize("shape", [(1, 1), (3, 9), (20, 20), (12, 11, 3)], ids=str)
def test_constants_stay_at_the_borders_too(denoiser, shape):
    if not denoiser.properties.keeps_constants:
        pytest.skip("not promised")
    # Rounding of sums of a few hundred values.
    np.testing.assert_allclose(denoiser(np.full(shape, 0.3), SIGMA), 0.3, atol=1e-13)


@every_denoiser
def test_adding_a_constant_adds_it_to_the_estimate(denoiser):
    if not denoiser.properties.shift_equivariant:
        pytest.skip("not promised")
    noisy = noise((24, 19))
    np.testing.assert_allclose(
        denoiser(noisy + 0.7, SIGMA), denoiser(noisy, SIGMA) + 0.7, atol=1e-12
    )


@every_denoiser
@settings(deadline=None, max_examples=25)
@given(scale=st.floats(0.01, 10))
def test_brightness_and_sigma_scale_together(denoiser, scale):
    if not denoiser.properties.scale_equivariant:
        pytest.skip("not promised")
    noisy = noise((14, 15))
    np.testing.assert_allclose(
        denoiser(scale * noisy, scale * SIGMA), scale * denoiser(noisy, SIGMA), atol=1e-11 * scale
    )


@every_denoiser
def test_strength_zero_is_the_identity(denoiser):
    setting = denoiser.properties.identity_setting
    if setting is None:
        pytest.skip("not promised")
    noisy = noise((9, 10))
    off = dataclasses.replace(denoiser, **{setting: type(getattr(denoiser, setting))(0)})
    np.testing.assert_array_equal(off(noisy, SIGMA), noisy)


@every_denoiser
def test_reach_is_true(denoiser):
    """A pixel farther away than ``reach`` changes nothing; one at that distance may."""
    if denoiser.reach is None:
        pytest.skip("global")
    noisy = noise((61, 61))
    poked = noisy.copy()
    poked[30, 30] += 0.5
    moved = np.abs(denoiser(poked, SIGMA) - denoiser(noisy, SIGMA)) > 1e-12
    rows, cols = np.nonzero(moved)
    assert moved.any()
    assert max(np.abs(rows - 30).max(), np.abs(cols - 30).max()) <= denoiser.reach


@every_denoiser
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sigma", [0.0, 1e-200, 1e-40, 1e-8, 2.0])
def test_extreme_noise_levels_give_no_nan(denoiser, dtype, sigma):
    for image in (np.full((12, 9), 0.3, dtype), noise((12, 9), dtype)):
        assert np.isfinite(denoiser(image, sigma)).all()


@every_denoiser
def test_flat_noise_gets_less(denoiser):
    noisy = noise((64, 64))
    assert denoiser(noisy, SIGMA).std() < 0.6 * noisy.std()


@every_denoiser
def test_pullback_is_the_transposed_jacobian(denoiser):
    if not isinstance(denoiser, Differentiable):
        pytest.skip("no pullback")
    rng = np.random.default_rng(3)
    noisy, direction, cotangent = rng.random((3, 12, 9))
    step = 1e-6
    forward = (
        denoiser(noisy + step * direction, SIGMA) - denoiser(noisy - step * direction, SIGMA)
    ) / (2 * step)
    # Central differences of values near 1 with step 1e-6 carry a rounding error near 1e-10.
    left, right = (forward * cotangent).sum(), None
    right = (direction * denoiser.pullback(noisy, SIGMA, cotangent)).sum()
    assert left == pytest.approx(right, abs=1e-7)


@every_denoiser
@pytest.mark.parametrize("shape", [(50, 40), (7, 9, 3), (1, 5)], ids=str)
def test_strips_give_the_same_estimate(denoiser, shape):
    noisy = noise(shape)
    shares, estimates = zip(*in_strips(denoiser, noisy, SIGMA, strips=6), strict=True)
    assert shares[-1] == 1.0 and list(shares) == sorted(shares)
    # The same sums in another order.
    np.testing.assert_allclose(estimates[-1], denoiser(noisy, SIGMA), atol=1e-12)


def test_a_global_denoiser_is_called_once():
    def flat(noisy, sigma):
        return np.full_like(noisy, noisy.mean())

    steps = list(in_strips(flat, noise((8, 8)), SIGMA))
    assert len(steps) == 1 and steps[0][0] == 1.0


@every_entry
def test_the_slider_covers_only_legal_settings(entry):
    low, high, step = entry.span
    for value in (low, entry.default, high):
        entry.build(value)(noise((8, 8)), SIGMA)
    assert low <= entry.default <= high and step > 0
