"""Tiles without seams: equal to one call where that is possible, blended where it is not."""

import dataclasses

import numpy as np
import pytest

from lessons_lib.denoisers import (
    BM3D,
    Bilateral,
    Denoiser,
    FourierWiener,
    Gaussian,
    Guided,
    LocalDCT,
    LocalWiener,
    Median,
    NonLocalMeans,
    PerChannel,
    UndecimatedHaar,
)
from lessons_lib.denoisers.tiled import Tiled, spans

SIGMA = 0.1
FINITE = [
    Gaussian(1.5),
    Median(2),
    LocalWiener(),
    Bilateral(),
    Guided(),
    NonLocalMeans(),
    UndecimatedHaar(),
    LocalDCT(),
    PerChannel(LocalWiener()),
]


def noise(shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(0.5, SIGMA, shape).astype(dtype)


@pytest.mark.parametrize("denoiser", FINITE, ids=repr)
@pytest.mark.parametrize("shape", [(200, 150), (65, 190, 3)], ids=str)
def test_finite_reach_gives_the_estimate_of_one_call(denoiser, shape):
    assert denoiser.reach is not None
    noisy = noise(shape)
    tiled = Tiled(denoiser, tile=64)
    assert len(tiled.tiles(shape)) > 3
    # Rounding of the same sums in another order.
    np.testing.assert_allclose(tiled(noisy, SIGMA), denoiser(noisy, SIGMA), rtol=0, atol=1e-12)


def test_a_margin_below_the_reach_would_show():
    """The test above can fail: without a margin the cuts are plain to see."""
    noisy, denoiser = noise((128, 128)), Gaussian(3.0)
    whole = denoiser(noisy, SIGMA)
    cut = np.hstack([denoiser(noisy[:, :64], SIGMA), denoiser(noisy[:, 64:], SIGMA)])
    assert np.abs(cut - whole).max() > 0.005


@pytest.mark.parametrize("side", [1, 63, 64, 65, 128, 129, 140, 500])
@pytest.mark.parametrize("blend", [0, 16, 32])
def test_shares_of_all_tiles_sum_to_one(side, blend):
    total = np.zeros(side)
    for span in spans(side, 64, 32, blend):
        assert 0 <= span.seen.start <= span.kept.start < span.kept.stop <= span.seen.stop <= side
        assert span.inside.stop - span.inside.start == len(span.weights)
        assert span.weights.min() > 0
        total[span.kept] += span.weights
    # Each sum has at most two terms, w and 1 - w.
    np.testing.assert_allclose(total, 1, rtol=0, atol=1e-15)


def test_global_reach_is_one_call_where_one_tile_holds_the_picture():
    noisy = noise((90, 100))
    denoiser = FourierWiener()
    assert denoiser.reach is None
    np.testing.assert_array_equal(Tiled(denoiser, tile=128)(noisy, SIGMA), denoiser(noisy, SIGMA))


def test_a_seam_between_tiles_that_disagree_fades_over_the_overlap():
    """An inner denoiser that adds another constant in each tile: the worst case of all."""
    seen = iter([0.0, 1.0])

    def disagreeing(noisy, sigma):
        return noisy + next(seen)

    noisy = np.zeros((64, 128))
    estimate = Tiled(disagreeing, tile=64, overlap=16)(noisy, SIGMA)
    row = estimate[0]
    assert row[:56].max() == 0 and row[72:].min() == 1
    # The ramp is linear at pixel middles: steps of 1 / 16 px, exact up to rounding.
    np.testing.assert_allclose(np.diff(row[56:72]), 1 / 16, atol=1e-15)
    assert np.abs(np.diff(row)).max() < 1 / 16 + 1e-12


def test_bm3d_in_tiles_is_bm3d_away_from_the_cuts():
    rng = np.random.default_rng(1)
    clean = np.repeat(np.repeat(rng.random((20, 24)), 8, 0), 8, 1)
    noisy = clean + SIGMA * rng.standard_normal(clean.shape)
    whole, parts = BM3D()(noisy, SIGMA), Tiled(BM3D(), tile=96, overlap=48)(noisy, SIGMA)
    error = [np.sqrt(np.mean((each - clean) ** 2)) for each in (whole, parts)]
    # Groups differ near a cut, but are as good: measured .9995; 1 % guards against seams.
    assert error[1] < 1.01 * error[0]


@pytest.mark.parametrize("denoiser", [Gaussian(1.0), FourierWiener()], ids=repr)
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 7), (2, 3), (70, 1), (66, 131), (3, 200, 3), (5, 5, 1)], ids=str
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_contract(denoiser, shape, dtype):
    tiled, noisy = Tiled(denoiser, tile=64, overlap=16), noise(shape, dtype)
    before = noisy.copy()
    estimate = tiled(noisy, SIGMA)
    assert isinstance(tiled, Denoiser)
    assert estimate.shape == shape and estimate.dtype == dtype and np.isfinite(estimate).all()
    assert np.array_equal(noisy, before) and not np.shares_memory(noisy, estimate)
    assert np.array_equal(tiled(noisy, SIGMA), estimate)
    # Weighted differences of equal numbers: rounding.
    tolerance = 1e-13 if dtype == np.float64 else 1e-6
    flat = np.full(shape, 0.3, dtype)
    np.testing.assert_allclose(tiled(flat, SIGMA), 0.3, atol=tolerance)
    np.testing.assert_array_equal(tiled(noisy, 0), noisy)


def test_progress_grows_to_one_and_shows_the_noisy_picture_at_first():
    noisy = noise((130, 130))
    shares, shown = [], []
    for share, estimate in Tiled(Gaussian(2.0), tile=64).progress(noisy, SIGMA):
        shares.append(share)
        shown.append(np.array_equal(estimate[-1:, -1:], noisy[-1:, -1:]))
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) == 9
    assert shown == [True] * 8 + [False]


def test_the_inner_denoiser_never_sees_more_than_a_tile_and_its_margin():
    sizes = []

    def watched(noisy, sigma):
        sizes.append(noisy.shape)
        return noisy

    Tiled(watched, tile=64, overlap=16)(noise((300, 500)), SIGMA)
    assert max(max(size) for size in sizes) <= 64 + 2 * 16 + 16  # the last one may be longer


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [("tile", 10, "from 64 to 8192"), ("overlap", -1, "from 0 to 512"), ("tile", "a", "number")],
)
def test_settings_out_of_range_are_refused(setting, value, words):
    with pytest.raises(ValueError, match=words):
        Tiled(Gaussian(), **{setting: value})


def test_bad_input_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="divide by 255"):
        Tiled(Gaussian())(noise((9, 9)), 25)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Tiled(Gaussian()).tile = 3


def test_what_the_inner_denoiser_promises_is_handed_on():
    inner = LocalWiener(radius=3)
    tiled = Tiled(inner)
    assert tiled.properties == dataclasses.replace(inner.properties, identity_setting=None)
    assert tiled.reach == 3 == tiled.margin
    assert Tiled(BM3D(), overlap=30).margin == 32
