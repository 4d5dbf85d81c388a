"""Four losses for one denoiser: closed forms, the stored three seeds, the committed weights."""

import numpy as np
import pytest
import torch

from benchmarks import style as bench
from lessons_lib.learning import perceptual, style_weights
from lessons_lib.learning.networks import UNetShape
from lessons_lib.learning.perceptual import PerceptualPlan, price, total_variation, train_denoiser
from lessons_lib.learning.style_measures import correlation, fine, fine_energy, truth_and_leak
from lessons_lib.scenes.pictures import picture

SEEDS = bench.SEEDS


def row(loss, seed):
    return bench.stored()["rows"][f"denoise_{loss} {seed}"]


# Losses


def test_total_variation_of_a_ramp():
    ramp = 0.1 * torch.arange(6.0).expand(1, 1, 4, 6)
    assert total_variation(ramp).item() == pytest.approx(0.1)


@pytest.mark.parametrize("loss", perceptual.LOSSES)
def test_a_perfect_estimate_costs_nothing_but_its_variation(loss):
    clean = torch.rand(2, 1, 48, 48)
    found = price(PerceptualPlan(loss=loss, weight=0.5), clean, clean).item()
    wanted = 0.5 * total_variation(clean).item() if loss == "tv" else 0
    assert found == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("loss", perceptual.LOSSES)
def test_a_weight_of_0_is_the_squared_error(loss):
    one, two = torch.rand(2, 2, 1, 48, 48)
    found = price(PerceptualPlan(loss=loss, weight=0.0), one, two)
    torch.testing.assert_close(found, (one - two).square().mean())


def test_the_gram_loss_does_not_mind_a_shift_that_squares_do():
    rng = np.random.default_rng(0)
    wide = torch.from_numpy(rng.random((1, 1, 96, 104), dtype=np.float32))
    one, two = wide[..., :96], wide[..., 8:]
    plans = {name: PerceptualPlan(loss=name, weight=1.0) for name in ("feature", "gram")}
    squared = (one - two).square().mean().item()
    extra = {name: price(plan, one, two).item() - squared for name, plan in plans.items()}
    # White noise is the same texture everywhere; its maps differ at every place.
    assert extra["gram"] < 0.1 * extra["feature"]


def test_unknown_losses_are_refused():
    with pytest.raises(ValueError, match="mse, feature, gram, tv, got 'balanced'"):
        PerceptualPlan(loss="balanced")
    with pytest.raises(ValueError, match="at least 1"):
        PerceptualPlan(steps=0)


# Truth and leak


def test_truth_and_leak_of_known_mixtures():
    rng = np.random.default_rng(0)
    clean, noise = rng.standard_normal((2, 128, 128))
    truth, leak = truth_and_leak(clean, clean + noise, clean)
    # 128^2 independent pixels: correlations of chance are about 1 / 128.
    assert truth == pytest.approx(1) and abs(leak) < 0.04
    truth, leak = truth_and_leak(clean, clean + noise, clean + noise)
    assert truth == pytest.approx(np.sqrt(0.5), abs=0.03)
    assert leak == pytest.approx(np.sqrt(0.5), abs=0.03)
    assert truth_and_leak(clean, clean + noise, np.full_like(clean, 0.5))[0] == pytest.approx(
        0, abs=1e-9
    )


def test_fine_detail_has_no_slow_part():
    rows = np.indices((64, 64))[0] / 64
    assert np.abs(fine(rows)[8:-8]).max() < 1e-12
    assert fine_energy(np.indices((64, 64)).sum(axis=0) % 2 * 1.0) == pytest.approx(0.25, rel=0.01)
    assert correlation(np.ones((3, 3)), np.eye(3)) == 0


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="clean and estimate must have the same shape"):
        truth_and_leak(np.zeros((4, 4)), np.zeros((4, 4)), np.zeros((4, 5)))


# What was stored, over three seeds


@pytest.mark.parametrize("seed", SEEDS)
def test_the_directions_hold_for_every_seed(seed):
    plain, gram, tv = (row(loss, seed) for loss in ("mse", "gram", "tv"))
    assert gram["fine_energy"] > 1.5 * plain["fine_energy"]
    assert gram["gram_distance"] < plain["gram_distance"]
    assert gram["psnr"] <= plain["psnr"]
    assert tv["fine_energy"] < plain["fine_energy"]
    assert gram["truth"] < plain["truth"] and gram["leak"] > plain["leak"]


@pytest.mark.parametrize("seed", SEEDS)
def test_features_alone_restore_nothing(seed):
    assert row("feature", seed)["fine_energy"] < 1.25 * row("mse", seed)["fine_energy"]


@pytest.mark.parametrize("loss", perceptual.LOSSES)
def test_the_committed_weights_score_what_is_stored(loss):
    found, wanted = bench.score_denoiser(style_weights.load(f"denoise_{loss}")), row(loss, 0)
    # Half precision in the file: some .01 dB, and per milles of the others.
    assert found["psnr"] == pytest.approx(wanted["psnr"], abs=0.1)
    for key in ("fine_energy", "gram_distance", "truth", "leak"):
        assert found[key] == pytest.approx(wanted[key], rel=0.05, abs=0.01), key


def test_the_school_does_not_hold_the_picture_of_the_examination():
    assert "camera" not in perceptual.SCHOOL
    pictures = perceptual.school()
    assert len(pictures) == len(perceptual.SCHOOL)
    assert all(one.dtype == np.uint8 and one.shape[2] == 1 for one in pictures)
    assert pictures[1].shape[:2] == picture("brick").shape


# Training


def test_training_is_repeatable_and_learns(pictures):
    plan = PerceptualPlan(
        shape=UNetShape(widths=(4, 6), blocks=(1, 1)), loss="gram", weight=0.01, steps=8, batch=2,
        side=32, warming=1, features=perceptual.Features(channels=1, count=3, scales=2),
    )  # fmt: skip
    first = [one.loss for one in train_denoiser(plan, pictures)]
    again = [one.loss for one in train_denoiser(plan, pictures)]
    assert first == again and first[-1] < first[0]
