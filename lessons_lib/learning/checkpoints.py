"""Checkpoints of a training, in safetensors: numbers and words, nothing that can run."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from lessons_lib.learning.optimisers import Optimiser


@dataclass
class Checkpoint:
    """All that changes during a training."""

    network: nn.Module
    average: nn.Module
    optimiser: Optimiser
    losses: list[float]


def facts_of(plan: Any) -> dict:
    """The plan as plain numbers and words."""
    recipe = type(plan.recipe).__name__
    return json.loads(json.dumps({**asdict(plan), "recipe_name": recipe}))


def write_checkpoint(path: Path, plan: Any, state: Checkpoint) -> None:
    """Write to a file beside, then rename it: an interruption leaves the old one whole."""
    tensors = {
        f"{part}/{name}": weight
        for part, net in (("network", state.network), ("average", state.average))
        for name, weight in net.state_dict().items()
    }
    tensors |= {f"optimiser/{name}": value for name, value in state.optimiser.state().items()}
    tensors["losses"] = torch.tensor(state.losses, dtype=torch.float64)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    save_file(plain, beside, {"plan": json.dumps(facts_of(plan))})
    os.replace(beside, path)


def read_checkpoint(
    folder: Path, latest: str, before_cooling: str, plan: Any, state: Checkpoint
) -> None:
    """Go on from the latest checkpoint, or from before the cooling if more steps are planned.

    Raises
    ------
    ValueError
        If the file is damaged, or of another plan.
    """
    for name in (latest, before_cooling):
        path = folder / name
        if not path.exists():
            continue
        tensors, written = read_tensors(path)
        wanted, steps = facts_of(plan), len(tensors["losses"])
        longer = wanted["steps"] > written["steps"]
        # The rate is the same in both plans until the shorter one cools.
        same_rate = not longer or steps <= round(written["steps"] * (1 - written["cooling"]))
        if {**wanted, "steps": 0, "cooling": 0} != {**written, "steps": 0, "cooling": 0}:
            raise ValueError(
                f"{path} is of another training: {difference(written, wanted)}; "
                "name an empty folder, or delete the file to begin anew"
            )
        if same_rate and steps <= plan.steps:
            restore(tensors, state)
            return


def read_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """All numbers of a checkpoint and its plan."""
    try:
        with safe_open(path, "pt") as opened:
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}
            return tensors, json.loads(opened.metadata()["plan"])
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is damaged or no checkpoint of this course; delete it to begin anew"
        ) from error


def difference(written: dict, wanted: dict) -> str:
    """Name what two plans do not share."""
    names = [name for name in wanted if written.get(name) != wanted[name]]
    return ", ".join(f"{name} {written.get(name)} instead of {wanted[name]}" for name in names)


def restore(tensors: dict[str, torch.Tensor], state: Checkpoint) -> None:
    """Put all numbers back where they were."""

    def under(prefix: str) -> dict[str, torch.Tensor]:
        return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}

    # In place: Muon's matrices lie in the same memory as the network's filters.
    state.network.load_state_dict(under("network/"))
    state.average.load_state_dict(under("average/"))
    state.optimiser.restore(under("optimiser/"))
    state.losses[:] = tensors["losses"].tolist()
