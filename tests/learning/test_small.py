"""The small networks: what they cost, where their weights come from, and what they score."""

import hashlib
import json

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage
from safetensors import safe_open
from torch import nn

from benchmarks import small_networks
from lessons_lib.denoisers.small_network import NAMES
from lessons_lib.learning import small
from lessons_lib.learning.checkpoints import facts_of
from lessons_lib.learning.layers import parameters_of
from lessons_lib.learning.networks import DCTNetShape, DnCNNShape, UNetShape
from lessons_lib.scenes.standard_sets import standard_set

ROWS = small.table()
every_name = pytest.mark.parametrize("name", small.SMALL)


# Multiply-adds


def test_a_convolution_costs_its_filters_at_each_pixel():
    shape = DnCNNShape(channels=1, width=5, depth=3)
    # 2 maps in (picture and level), 5, 5, 1 out; each map 3 x 3 of each map before.
    by_hand = 9 * (2 * 5 + 5 * 5 + 5 * 1)
    assert small.multiply_adds(shape.build(), 32) == by_hand


def test_the_local_dct_costs_its_filters_twice():
    network = DCTNetShape(block=4).build()
    # 16 filters of 16 px, there and back, on the picture and 3 px around it.
    assert small.multiply_adds(network, 32) == 2 * 16 * 16 * (35 / 32) ** 2
    # 64 filters of 64 px: 8,192 per pixel, and 7 px around it.
    assert small.multiply_adds(DCTNetShape().build(), 64) == 8192 * (71 / 64) ** 2


def test_a_unet_costs_less_where_its_maps_are_small():
    shape = UNetShape(widths=(4, 6), blocks=(1, 2))
    half, quarter = 1 / 4, 1 / 16  # pixels at these resolutions, per pixel
    head, tail = 9 * 5 * 4 * half, 9 * 4 * 4 * half
    blocks = 2 * (2 * 9 * 4 * 4) * half + 2 * (2 * 9 * 6 * 6) * quarter
    between = 4 * 4 * 6 * quarter + 1 * 6 * 16 * quarter
    assert small.multiply_adds(shape.build(), 32) == head + tail + blocks + between


@pytest.mark.parametrize("shape", [small.DCT, small.DNCNN, small.UNET], ids=str)
def test_matched_capacity_means_within_5_percent(shape):
    network = shape.build()
    assert small.multiply_adds(network, 512) == pytest.approx(8192, rel=0.05)


# Weights


def test_every_network_has_its_row_and_its_denoiser():
    assert tuple(ROWS) == tuple(small.SMALL) == NAMES


@every_name
def test_the_committed_file_is_the_one_that_was_scored(name):
    row, path = ROWS[name], small.FOLDER / ROWS[name]["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
    assert path.stat().st_size < 1_000_000
    network = small.load_small(name)
    assert not network.training and network.shape == small.SMALL[name].plan.shape
    assert int(row["parameters"]) == parameters_of(network)
    assert int(row["multiply_adds"]) == round(small.multiply_adds(network, small_networks.SIDE))
    assert row["command"] == small.command(name)


@every_name
def test_the_file_says_with_which_plan_it_was_trained(name):
    with safe_open(small.FOLDER / ROWS[name]["file"], "pt") as opened:
        made = json.loads(opened.metadata()["made"])
    plan = facts_of(small.SMALL[name].plan)
    assert {key: made[key] for key in plan} == plan
    assert made["name"] == name and made["pictures"] == 400


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="must be one of dct, dncnn, .* got 'grey'"):
        small.load_small("grey")


# Scores


def test_the_card_holds_the_table():
    card = small_networks.CARD.read_text(encoding="utf-8")
    assert small_networks.card(list(ROWS.values())) in card


@every_name
def test_the_committed_file_scores_what_the_table_says(name, shared_data):
    """Of two pictures, as the mean of the set is too long for a test."""
    pictures = standard_set("Set12", shared_data)
    network = small.load_small(name)
    for file in small_networks.WITNESSES:
        found = small_networks.score(
            lambda noisy, sigma: small.estimate(network, noisy, sigma), pictures[file]
        )
        # Written with 3 digits; other processors add up in another order (float32, 1e-5 dB).
        assert found == pytest.approx(float(ROWS[name][f"Set12/{file}"]), abs=0.002)


# Estimates


@pytest.mark.parametrize("shape", [(37, 23), (20, 30, 3)])
def test_strips_and_channels_change_nothing(shape, monkeypatch):
    torch.manual_seed(0)
    network = UNetShape(widths=(4, 6), blocks=(1, 1)).build()
    nn.init.normal_(network.tail.weight, std=0.1)
    noisy = np.random.default_rng(0).normal(0.5, 0.1, shape)
    whole = small.estimate(network, noisy, 0.1)
    monkeypatch.setattr(small, "LARGEST_STRIP", 4 * shape[1])
    assert np.allclose(small.estimate(network, noisy, 0.1), whole, atol=1e-6)  # float32
    plane = small.estimate(network, np.atleast_3d(noisy)[..., 0], 0.1)
    assert np.allclose(plane, np.atleast_3d(whole)[..., 0], atol=1e-6)


def test_the_pullback_is_the_transposed_jacobian():
    torch.manual_seed(0)
    network = DnCNNShape(width=5, depth=3).build()
    nn.init.normal_(network.layers[-1].weight, std=0.1)
    rng = np.random.default_rng(0)
    noisy, there, back = rng.normal(0.5, 0.1, (3, 8, 9, 3))
    step = 1e-2  # the network is piecewise linear: a long step costs no accuracy
    forward = small.estimate(network, noisy + step * there, 0.1)
    forward = (forward - small.estimate(network, noisy - step * there, 0.1)) / (2 * step)
    pulled = small.pull_back(network, noisy, 0.1, back)
    # float32 differences: 1e-7 / 1e-2 per pixel; where a kink is crossed, a little more.
    assert np.vdot(forward, back) == pytest.approx(np.vdot(there, pulled), rel=5e-3)


def test_the_command_trains_and_writes(tmp_path, monkeypatch, capsys):
    threads = torch.get_num_threads()
    pixels = np.random.default_rng(0).integers(0, 256, (70, 80), dtype=np.uint8)
    PillowImage.fromarray(pixels).save(tmp_path / "one.png")
    out = tmp_path / "mine.safetensors"
    asked = ["small", "noise2self", "--images", str(tmp_path), "--steps", "1", "--out", str(out)]
    monkeypatch.setattr("sys.argv", asked)
    small.main()
    torch.set_num_threads(threads)
    printed = capsys.readouterr().out
    assert "step 1 of 1" in printed and small.weights.digest(out) in printed
    assert small.weights.load_file(out).shape == small.UNET
