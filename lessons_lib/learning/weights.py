"""Weights in files: safetensors, read only if the sha256 is the expected one.

``data/weights/weights.tsv`` lists the committed networks; beside each file stands its model
card.
"""

import csv
import hashlib
import json
import os
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from lessons_lib.learning.networks import describe, shape_from

FOLDER = Path(__file__).resolve().parents[2] / "data" / "weights"
TABLE = FOLDER / "weights.tsv"
AGAIN = "get the file anew: git checkout data/weights, or train it again (data/README.md)"


def table() -> dict[str, dict[str, str]]:
    """The committed networks: name -> file, sha256, what it is for."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return {row["name"]: row for row in csv.DictReader(rows, delimiter="\t")}


@cache
def load(name: str, double: bool = False) -> nn.Module:
    """One of the committed networks, ready to use; read once.

    Parameters
    ----------
    name : str
        As in ``data/weights/weights.tsv``: 'grey', 'colour' ...
    double : bool
        Whether to compute in float64 instead of float32.

    Returns
    -------
    Module
        In evaluation mode, channels last, without gradients of its weights.

    Raises
    ------
    ValueError
        For an unknown name, and as :func:`load_file`.
    FileNotFoundError
        If the file is missing.
    """
    rows = table()
    if name not in rows:
        raise ValueError(f"the network must be one of {', '.join(rows)}, got {name!r}")
    network = load_file(FOLDER / rows[name]["file"], rows[name]["sha256"])
    return network.double() if double else network


def load_file(path: str | Path, sha256: str | None = None) -> nn.Module:
    """Read a network from a file.

    Parameters
    ----------
    path : path
        A safetensors file that :func:`save` wrote.
    sha256 : str, optional
        What the file must be; None reads any file (safetensors cannot run code).

    Returns
    -------
    Module
        As :func:`load`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the sha256 differs, or the file is cut short or holds another network.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"the weights {path} are missing; {AGAIN}")
    if sha256 is not None and digest(path) != sha256:
        raise ValueError(
            f"{path.name} is not the file that was committed: its sha256 is {digest(path)}, "
            f"expected {sha256}; {AGAIN}"
        )
    try:
        with safe_open(path, "pt") as opened:
            tensors = {name: opened.get_tensor(name).float() for name in opened.keys()}
            facts = json.loads((opened.metadata() or {})["shape"])
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(
            f"{path.name} is cut short or not a network of this course ({error}); {AGAIN}"
        ) from error
    network = shape_from(facts).build()
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise ValueError(
            f"the weights in {path.name} do not fit into the network that it names, "
            f"{facts}; {AGAIN}"
        ) from error
    network.requires_grad_(False)
    return network.eval().to(memory_format=torch.channels_last)


def save(path: str | Path, network: nn.Module, made: dict) -> str:
    """Write a network in half precision, with how it was made.

    Parameters
    ----------
    path : path
        Ends in .safetensors; folders are made.
    network : Module
        Has its ``shape``.
    made : dict
        Plain facts about the training, for the header.

    Returns
    -------
    str
        The file's sha256.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = {
        name: tensor.detach().cpu().half().contiguous()
        for name, tensor in network.state_dict().items()
    }
    header = {"shape": json.dumps(describe(network.shape)), "made": json.dumps(made)}
    beside = path.with_suffix(".part")
    save_file(halves, beside, header)
    beside.chmod(0o644)  # safetensors makes files that only their owner may read
    os.replace(beside, path)
    return digest(path)


def digest(path: Path) -> str:
    """sha256 of a file, as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
