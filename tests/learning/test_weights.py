"""Weights in files: only what was committed is read, and whatever is wrong is said."""

import json

import pytest
import torch
from safetensors.torch import save_file

from lessons_lib.learning import weights
from lessons_lib.learning.networks import DnCNNShape, UNetShape, describe

SHAPE = UNetShape(1, (8, 12), (1, 1))


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "tiny.safetensors"
    network = SHAPE.build()
    torch.nn.init.normal_(network.tail.weight)
    return path, network, weights.save(path, network, {"steps": 3})


def test_a_saved_network_comes_back_in_half_precision(saved):
    path, network, sha256 = saved
    loaded = weights.load_file(path, sha256)
    assert loaded.shape == SHAPE and not loaded.training
    for name, weight in loaded.state_dict().items():
        assert weight.dtype == torch.float32 and not weight.requires_grad
        assert torch.equal(weight, network.state_dict()[name].half().float())


def test_a_changed_file_is_refused(saved):
    path, _, sha256 = saved
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"not the file that was committed.*git checkout"):
        weights.load_file(path, sha256)


@pytest.mark.parametrize("length", [0, 5, 200, -10])
def test_a_cut_file_is_refused(saved, length):
    path = saved[0]
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"cut short or not a network.*git checkout"):
        weights.load_file(path)


def test_a_pickle_is_refused_unread(tmp_path):
    path = tmp_path / "bad.safetensors"
    torch.save({"weights": torch.zeros(3)}, path)
    with pytest.raises(ValueError, match="cut short or not a network"):
        weights.load_file(path)


def test_another_architecture_is_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    network = DnCNNShape(1, 8, 4).build()
    header = {"shape": json.dumps(describe(SHAPE))}
    save_file(dict(network.state_dict()), path, header)
    with pytest.raises(ValueError, match=r"do not fit into the network that it names"):
        weights.load_file(path)
    save_file(dict(network.state_dict()), path, {"shape": json.dumps({"network": "GPT"})})
    with pytest.raises(ValueError, match="one of UNet"):
        weights.load_file(path)
    save_file(dict(network.state_dict()), path)
    with pytest.raises(ValueError, match="not a network of this course"):
        weights.load_file(path)


def test_a_missing_file_and_an_unknown_name_say_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="git checkout data/weights, or train it again"):
        weights.load_file(tmp_path / "none.safetensors")
    with pytest.raises(ValueError, match=r"must be one of .*grey.*got 'purple'"):
        weights.load("purple")


@pytest.mark.parametrize("name", weights.table())
def test_each_committed_network_is_small_and_loads(name):
    row = weights.table()[name]
    path = weights.FOLDER / row["file"]
    assert path.stat().st_size <= 12_000_000
    assert weights.digest(path) == row["sha256"]
    network = weights.load(name)
    assert weights.load(name) is network, "read once"
    assert all(torch.isfinite(weight).all() for weight in network.parameters())
