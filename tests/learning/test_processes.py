"""The same training by one process and by two, through the command that users type."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PillowImage

from lessons_lib.learning import processes, weights
from lessons_lib.learning.__main__ import arguments, averaged, main, planned
from lessons_lib.learning.checkpoints import read_tensors
from lessons_lib.learning.committed import NETWORKS, Committed
from lessons_lib.learning.networks import UNetShape
from lessons_lib.learning.training import Plan

ROOT = Path(__file__).resolve().parents[2]
STEPS = 3
NAME = "grey_first"  # begins with random weights


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for name in "ab":
        smooth = np.kron(rng.integers(0, 256, (10, 9)), np.ones((8, 8))).astype(np.uint8)
        PillowImage.fromarray(smooth).save(folder / f"{name}.png")
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command(images: Path, folder: Path, *launcher: str) -> list[str]:
    return [
        sys.executable, *launcher, "-m", "lessons_lib.learning", NAME, "--images", str(images),
        "--checkpoints", str(folder), "--steps", str(STEPS), "--precision", "float32",
        "--threads", "1",
    ]  # fmt: skip


def run(arguments: list[str]) -> str:
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        arguments, capture_output=True, text=True, timeout=300, env=surroundings, cwd=images_free()
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def images_free() -> str:
    """A working folder from which the library is found by PYTHONPATH alone."""
    return str(Path(sys.prefix))


def test_two_processes_of_torchrun_train_like_one(images, tmp_path):
    alone = run(command(images, tmp_path / "one"))
    torchrun = (
        "-m", "torch.distributed.run", "--nproc-per-node", "2",
        "--master-addr", "127.0.0.1", "--master-port", str(free_port()),
    )  # fmt: skip
    together = run(command(images, tmp_path / "two", *torchrun))
    one, plan = read_tensors(tmp_path / "one" / "checkpoint.safetensors")
    two, other = read_tensors(tmp_path / "two" / "checkpoint.safetensors")
    assert plan == other and len(one["losses"]) == STEPS
    # The same samples, summed in another order, in float32.
    torch.testing.assert_close(two["losses"], one["losses"], rtol=1e-4, atol=0)
    for name, weight in one.items():
        if name.startswith("network/"):
            torch.testing.assert_close(two[name], weight, rtol=0.05, atol=1e-3)
    # Only the first process speaks.
    assert together.count("step 3 of 3") == alone.count("step 3 of 3") == 1
    network = weights.load_file(tmp_path / "two" / f"{NAME}.safetensors")
    assert network.shape == planned(arguments([NAME, "--export"])).shape


def test_a_checkpoint_is_exported_without_training(images, tmp_path, capsys):
    run(command(images, tmp_path))
    out = tmp_path / "sub" / "mine.safetensors"
    main([NAME, "--checkpoints", str(tmp_path), "--out", str(out), "--export"])
    assert weights.digest(out) in capsys.readouterr().out
    weights.load_file(out)


def test_a_network_that_begins_with_another_trains_that_one_first(
    images, tmp_path, monkeypatch, capsys
):
    shape = UNetShape(channels=1)
    first = Committed(Plan(shape, steps=2, batch=2, side=32), "first")
    second = Committed(Plan(shape, steps=1, batch=1, side=48, seed=1), "second", start="first")
    monkeypatch.setitem(NETWORKS, "first", first)
    monkeypatch.setitem(NETWORKS, "second", second)
    asked = ["second", "--images", str(images), "--checkpoints", str(tmp_path), "--threads", "1"]
    main([*asked, "--precision", "float32"])
    told = capsys.readouterr().out
    assert told.index("first: step 2 of 2") < told.index("second: step 1 of 1")
    begun, _ = averaged(tmp_path / "first" / "checkpoint.safetensors", "first")
    ended = weights.load_file(tmp_path / "second.safetensors")
    pairs = list(zip(begun.parameters(), ended.parameters(), strict=True))
    moved = [(a - b).abs().max().item() for a, b in pairs]
    # One careful step away from where the first one ended, and not from random weights.
    assert 0 < max(moved) < 0.01
    main([*asked, "--precision", "float32"])
    assert "step" not in capsys.readouterr().out, "nothing is trained twice"


def test_without_torchrun_there_is_one_process():
    processes.join()
    assert processes.rank_and_size() == (0, 1) and processes.is_first()
    assert processes.mean(3.5) == 3.5
    assert processes.share(torch.nn.Identity(), 5)[1] == [0, 1, 2, 3, 4]
    processes.leave()


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch):
    monkeypatch.setattr(processes, "rank_and_size", lambda: (0, 3))
    with pytest.raises(ValueError, match="batch of 16 cannot be shared evenly by 3 processes"):
        processes.share(torch.nn.Identity(), 16)


def test_a_missing_folder_is_asked_for(capsys):
    with pytest.raises(SystemExit):
        arguments(["grey"])
    assert "name a folder of pictures with --images" in capsys.readouterr().err
