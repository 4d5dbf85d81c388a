"""The training loop: it learns, it resumes to the same curve, it refuses what does not fit."""

import dataclasses

import numpy as np
import pytest
import torch

from lessons_lib.learning.checkpoints import read_tensors
from lessons_lib.learning.crops import WhiteNoise
from lessons_lib.learning.networks import DCTNetShape, DnCNNShape, UNetShape
from lessons_lib.learning.training import Plan, follow, take_over, train, use_bfloat16

TINY = Plan(
    shape=UNetShape(1, (8, 12), (1, 1)), steps=12, batch=2, side=16, warming=2, cooling=0.25
)


def run(plan, pictures, folder=None, stop=None):
    progress = None
    for progress in train(plan, pictures, folder, every=5, precision="float32"):
        if progress.step == stop:
            break
    return progress


def same_weights(first, second) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_the_same_seed_gives_the_same_network(pictures):
    one, two = run(TINY, pictures), run(TINY, pictures)
    assert one.losses == two.losses and same_weights(one.network, two.network)
    other = run(dataclasses.replace(TINY, seed=1), pictures)
    assert other.losses != one.losses


def test_an_interrupted_training_goes_on_to_the_same_curve(pictures, tmp_path):
    whole = run(TINY, pictures)
    stopped = run(TINY, pictures, tmp_path, stop=7)  # its last checkpoint is of step 5
    assert stopped.step == 7
    resumed = run(TINY, pictures, tmp_path)
    assert resumed.first == 5
    assert resumed.losses == whole.losses and same_weights(resumed.network, whole.network)


def test_more_steps_go_on_from_before_the_cooling(pictures, tmp_path):
    run(TINY, pictures, tmp_path)
    longer = dataclasses.replace(TINY, steps=20)
    resumed, whole = run(longer, pictures, tmp_path), run(longer, pictures)
    assert resumed.first == TINY.cooling_from == 9
    assert resumed.losses == whole.losses and same_weights(resumed.network, whole.network)


def test_a_checkpoint_of_another_plan_is_refused_by_name(pictures, tmp_path):
    run(TINY, pictures, tmp_path)
    other = dataclasses.replace(TINY, batch=4, recipe=WhiteNoise(usual=0.1))
    with pytest.raises(ValueError, match=r"another training: recipe .*batch 2 instead of 4"):
        run(other, pictures, tmp_path)


@pytest.mark.parametrize("damage", ["cut", "text", "pickle"])
def test_a_damaged_checkpoint_is_refused_with_what_to_do(pictures, tmp_path, damage):
    run(TINY, pictures, tmp_path)
    path = tmp_path / "checkpoint.safetensors"
    whole = path.read_bytes()
    if damage == "pickle":
        torch.save({"losses": torch.zeros(3)}, path)
    else:
        path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"hello")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="damaged or no checkpoint.*delete it to begin anew"):
        run(TINY, pictures, tmp_path)
    assert path.read_bytes() == before, "the file was touched"


def test_an_interruption_while_writing_leaves_the_old_checkpoint(pictures, tmp_path, monkeypatch):
    run(TINY, pictures, tmp_path, stop=6)

    def fails(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lessons_lib.learning.checkpoints.os.replace", fails)
    with pytest.raises(KeyboardInterrupt):
        run(TINY, pictures, tmp_path)
    tensors, _ = read_tensors(tmp_path / "checkpoint.safetensors")
    assert len(tensors["losses"]) == 5


@pytest.mark.parametrize(
    "shape", [UNetShape(1, (8, 12), (1, 1)), DnCNNShape(1, 8, 3), DCTNetShape(1, 4)], ids=str
)
@pytest.mark.parametrize("loss", ["absolute", "balanced", "squared"])
def test_every_network_learns_with_every_loss(shape, loss):
    flat = [np.full((32, 32, 1), value, np.uint8) for value in (40, 120, 200)]
    recipe = WhiteNoise(usual=0.2, share=0.0)
    rates = {"muon_rate": 0.03, "adam_rate": 3e-3}
    plan = Plan(shape, recipe, loss, steps=160, batch=4, side=16, warming=5, **rates)
    losses = run(plan, flat).losses
    # Flat pictures: averaging alone removes most of the noise. The DCT starts as a denoiser.
    share = 0.95 if isinstance(shape, DCTNetShape) else 0.7
    assert np.mean(losses[-40:]) < share * np.mean(losses[:40])


def test_the_rate_rises_stays_and_falls_to_nearly_nothing():
    plan = Plan(steps=100, warming=10, cooling=0.25)
    shares = [plan.share_at(step) for step in range(100)]
    assert shares[0] == 0.1 and shares[9:75] == [1.0] * 66
    assert shares[-1] == pytest.approx(0.04) and np.all(np.diff(shares[75:]) < 0)


def test_the_average_follows():
    network, average = DnCNNShape(1, 4, 2).build(), DnCNNShape(1, 4, 2).build()
    before = [weight.clone() for weight in average.parameters()]
    follow(average, network, 0.75)
    for mean, old, new in zip(average.parameters(), before, network.parameters(), strict=True):
        torch.testing.assert_close(mean, 0.75 * old + 0.25 * new)


def test_weights_are_taken_over_where_they_fit():
    grey, colour = UNetShape(1, (8, 12), (1, 1)).build(), UNetShape(3, (8, 12), (1, 1)).build()
    assert take_over(colour, grey) == ["head.weight", "tail.weight"]
    body = "down.0.0.first.weight"
    assert torch.equal(colour.get_parameter(body), grey.get_parameter(body))


def test_bfloat16_trains_to_about_the_same_loss(pictures):
    plan = dataclasses.replace(TINY, steps=8)
    losses = [
        [progress.loss for progress in train(plan, pictures, precision=precision)]
        for precision in ("float32", "bfloat16")
    ]
    # 8 bits of mantissa: .4 % for each product, and the steps drift apart slowly.
    np.testing.assert_allclose(losses[1], losses[0], rtol=0.05)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"loss": "best"}, "loss must be one of squared, absolute, balanced, hidden, got 'best'"),
        ({"steps": 0}, "at least 1"),
        ({"batch": 0}, "at least 1"),
    ],
)
def test_senseless_plans_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        Plan(**settings)


def test_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="auto, float32 or bfloat16"):
        use_bfloat16("float16")
