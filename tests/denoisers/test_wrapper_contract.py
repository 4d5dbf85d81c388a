"""The contract of every denoiser, held against denoisers around denoisers."""

import dataclasses

import numpy as np
import pytest

from lessons_lib.denoisers import Denoiser, Gaussian, LocalWiener, Median
from lessons_lib.denoisers.calibration import Calibrated
from lessons_lib.denoisers.colour import LuminanceChroma, PerChannel
from lessons_lib.denoisers.stabilised import Stabilised
from lessons_lib.denoisers.wrappers import in_strips

STRENGTHS = (0.5, 1.0, 2.0)
WRAPPERS = [
    PerChannel(LocalWiener()),
    LuminanceChroma.of(LocalWiener(), chroma_ratio=2.0),
    LuminanceChroma(Median(1), Gaussian(2.0)),
    Stabilised(Gaussian(1.5), electrons_at_white=25.0),
    Stabilised(LocalWiener(), electrons_at_white=25.0, read_noise=1.5, inverse="algebraic"),
    Calibrated(LocalWiener(), "strength", STRENGTHS),
    Calibrated(LocalWiener(), "strength", STRENGTHS, method="j-invariant"),
    Calibrated(
        Gaussian(), "width", STRENGTHS, method="j-invariant", stride=6, blind_radius=2, masks=2
    ),
    PerChannel(Stabilised(Calibrated(LocalWiener(), "strength", STRENGTHS), 25.0)),
    Calibrated(LuminanceChroma.of(LocalWiener()), "chroma_ratio", STRENGTHS),
]
SHAPES = [(1, 1), (1, 7), (2, 3), (5, 5), (16, 17), (33, 20), (9, 8, 3), (1, 1, 3), (6, 5, 1)]
SIGMA = 0.1

every_wrapper = pytest.mark.parametrize("denoiser", WRAPPERS, ids=repr)


def noise(shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(0.5, SIGMA, shape).astype(dtype)


@every_wrapper
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


@every_wrapper
@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3), (1, 1)], ids=str)
def test_no_noise_is_no_trouble(denoiser, shape):
    noisy = noise(shape)
    estimate = denoiser(noisy, 0)
    assert np.isfinite(estimate).all() and not np.shares_memory(estimate, noisy)


@every_wrapper
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


@every_wrapper
def test_settings_are_frozen_and_shown(denoiser):
    with pytest.raises(dataclasses.FrozenInstanceError):
        denoiser.denoiser = Median()
    assert repr(denoiser).startswith(type(denoiser).__name__ + "(")
    assert hash(denoiser) == hash(dataclasses.replace(denoiser))


@every_wrapper
@pytest.mark.parametrize("shape", [(1, 1), (3, 9), (20, 20), (12, 11, 3)], ids=str)
def test_constants_stay_at_the_borders_too(denoiser, shape):
    if not denoiser.properties.keeps_constants:
        pytest.skip("not promised")
    # Rounding of sums of a few hundred values.
    np.testing.assert_allclose(denoiser(np.full(shape, 0.3), SIGMA), 0.3, atol=1e-13)


@every_wrapper
@pytest.mark.parametrize("shape", [(24, 19), (12, 13, 3)], ids=str)
def test_adding_a_constant_adds_it_to_the_estimate(denoiser, shape):
    if not denoiser.properties.shift_equivariant:
        pytest.skip("not promised")
    noisy = noise(shape)
    np.testing.assert_allclose(
        denoiser(noisy + 0.7, SIGMA), denoiser(noisy, SIGMA) + 0.7, atol=1e-12
    )


@every_wrapper
@pytest.mark.parametrize("scale", [0.01, 0.37, 3.0, 10.0])
@pytest.mark.parametrize("shape", [(14, 15), (10, 9, 3)], ids=str)
def test_brightness_and_sigma_scale_together(denoiser, scale, shape):
    if not denoiser.properties.scale_equivariant:
        pytest.skip("not promised")
    noisy = noise(shape)
    np.testing.assert_allclose(
        denoiser(scale * noisy, scale * SIGMA), scale * denoiser(noisy, SIGMA), atol=1e-11 * scale
    )


@every_wrapper
def test_reach_is_true(denoiser):
    if denoiser.reach is None:
        pytest.skip("global")
    noisy = noise((61, 61))
    poked = noisy.copy()
    poked[30, 30] += 0.5
    moved = np.abs(denoiser(poked, SIGMA) - denoiser(noisy, SIGMA)) > 1e-12
    rows, cols = np.nonzero(moved)
    assert moved.any()
    assert max(np.abs(rows - 30).max(), np.abs(cols - 30).max()) <= denoiser.reach


@every_wrapper
@pytest.mark.parametrize("shape", [(64, 64), (48, 48, 3)], ids=str)
def test_flat_noise_gets_less(denoiser, shape):
    noisy = noise(shape)
    assert denoiser(noisy, SIGMA).std() < 0.6 * noisy.std()


@every_wrapper
@pytest.mark.parametrize("shape", [(50, 40), (7, 9, 3), (1, 5)], ids=str)
def test_strips_give_the_same_estimate(denoiser, shape):
    noisy = noise(shape)
    *_, (share, estimate) = in_strips(denoiser, noisy, SIGMA, strips=6)
    assert share == 1.0
    # The same sums in another order.
    np.testing.assert_allclose(estimate, denoiser(noisy, SIGMA), atol=1e-12)


def test_what_the_inner_denoiser_promises_is_handed_on():
    inner = LocalWiener(radius=3)
    for wrapper in (PerChannel(inner), LuminanceChroma(inner, Median(5))):
        promised = wrapper.properties
        assert promised == dataclasses.replace(inner.properties, identity_setting=None)
    assert PerChannel(inner).reach == 3
    assert LuminanceChroma(inner, Median(5)).reach == 5
    assert Stabilised(inner, 25.0).reach == 3
    assert Calibrated(inner, "strength", (1.0,)).reach is None


def test_a_plain_function_may_be_wrapped_and_promises_nothing():
    def flat(noisy, sigma):
        return np.full_like(noisy, noisy.mean())

    for wrapper in (PerChannel(flat), LuminanceChroma.of(flat), Stabilised(flat, 100.0)):
        assert wrapper.reach is None
        assert wrapper.properties.keeps_constants is False
        assert wrapper(noise((5, 6, 3)), SIGMA).shape == (5, 6, 3)
