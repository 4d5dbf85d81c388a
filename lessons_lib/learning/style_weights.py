"""The networks of lesson 07 in files: safetensors, read only if the sha256 is the expected one."""

import csv
import json
import os
from dataclasses import asdict
from functools import cache
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from lessons_lib.learning import weights
from lessons_lib.learning.style_network import StyleNet, StyleShape

FOLDER = weights.FOLDER / "style"
TABLE = FOLDER / "style.tsv"


def table() -> dict[str, dict[str, str]]:
    """The committed networks: name -> a row of ``style.tsv``."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return {row["name"]: row for row in csv.DictReader(rows, delimiter="\t")}


@cache
def load(name: str) -> nn.Module:
    """One of the networks of lesson 07, ready to use; read once.

    Parameters
    ----------
    name : str
        As in ``data/weights/style/style.tsv``: 'mosaic', 'denoise_gram' ...

    Raises
    ------
    ValueError
        For an unknown name, and for a file that is not the committed one.
    FileNotFoundError
        If the file is missing.
    """
    rows = table()
    if name not in rows:
        raise ValueError(f"the network must be one of {', '.join(rows)}, got {name!r}")
    read = load_style if name.startswith("mosaic") else weights.load_file
    return read(FOLDER / rows[name]["file"], rows[name]["sha256"])


def load_style(path: str | Path, sha256: str | None = None) -> StyleNet:
    """Read a style network from a file that :func:`save_style` wrote.

    Parameters and errors as :func:`lessons_lib.learning.weights.load_file`.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"the weights {path} are missing; {weights.AGAIN}")
    if sha256 is not None and weights.digest(path) != sha256:
        raise ValueError(
            f"{path.name} is not the file that was committed: its sha256 is "
            f"{weights.digest(path)}, expected {sha256}; {weights.AGAIN}"
        )
    try:
        with safe_open(path, "pt") as opened:
            tensors = {name: opened.get_tensor(name).float() for name in opened.keys()}
            network = StyleShape(**json.loads((opened.metadata() or {})["style_shape"])).build()
        network.load_state_dict(tensors)
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"{path.name} is cut short or not a style network of this course ({error}); "
            f"{weights.AGAIN}"
        ) from error
    return network.requires_grad_(False).eval()


def save_style(path: str | Path, network: StyleNet, made: dict) -> str:
    """Write a style network in half precision, with how it was made; returns the sha256."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = {n: t.detach().cpu().half().contiguous() for n, t in network.state_dict().items()}
    header = {"style_shape": json.dumps(asdict(network.shape)), "made": json.dumps(made)}
    beside = path.with_suffix(".part")
    save_file(halves, beside, header)
    beside.chmod(0o644)  # safetensors makes files that only their owner may read
    os.replace(beside, path)
    return weights.digest(path)


def save_any(path: str | Path, network: nn.Module, made: dict) -> str:
    """Write a style network or a denoiser; returns the sha256."""
    save = save_style if isinstance(network, StyleNet) else weights.save
    return save(path, network, made)
