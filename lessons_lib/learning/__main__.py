"""Train one of the course's networks again: python -m lessons_lib.learning NAME --images FOLDER.

Interrupt it when you like: the same command goes on from the last checkpoint. Several
processes: torchrun --nproc-per-node 2 -m lessons_lib.learning NAME --images FOLDER
"""

import argparse
import dataclasses
import platform
import time
from pathlib import Path

import torch
from torch import nn

from lessons_lib.learning import processes, weights
from lessons_lib.learning.checkpoints import read_tensors
from lessons_lib.learning.committed import NETWORKS
from lessons_lib.learning.crops import read_folder
from lessons_lib.learning.training import CHECKPOINT, Plan, Progress, train, use_bfloat16


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons_lib.learning",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("name", choices=sorted(NETWORKS), help="which network")
    add("--images", default="", help="folder of pictures, searched with its subfolders")
    add("--checkpoints", help="where to keep them; training-NAME if not given")
    add("--steps", type=int, help="more or fewer than planned")
    add("--every", type=int, default=500, help="steps between two checkpoints")
    add("--precision", default="auto", choices=("auto", "float32", "bfloat16"))
    add("--threads", type=int, help="of this process; PyTorch's choice if not given")
    add("--out", help="the weights' file; in the checkpoints' folder if not given")
    add("--export", action="store_true", help="train nothing: write the last checkpoint's weights")
    asked = parser.parse_args(given)
    if not asked.images and not asked.export:
        parser.error("name a folder of pictures with --images (data/README.md says from where)")
    return asked


def main(given: list[str] | None = None) -> None:
    """Train, print how it goes, and write the weights with what made them."""
    asked = arguments(given)
    if asked.threads:
        torch.set_num_threads(asked.threads)
    folder = Path(asked.checkpoints or f"training-{asked.name}")
    out = Path(asked.out or folder / f"{asked.name}.safetensors")
    if not asked.export:
        processes.join()
        learn(asked, asked.name, planned(asked), folder)
    if processes.is_first():
        print(f"{out}\nsha256 {export(folder / CHECKPOINT, out, asked.name)}", flush=True)
    processes.leave()


def planned(asked: argparse.Namespace) -> Plan:
    """The network's plan, with the steps that were asked for."""
    plan = NETWORKS[asked.name].plan
    return dataclasses.replace(plan, steps=asked.steps) if asked.steps else plan


def learn(asked: argparse.Namespace, name: str, plan: Plan, folder: Path) -> nn.Module:
    """Train to the end; print a line now and then. Returns the averaged network."""
    first = beginning(asked, name, folder)
    pictures = read_folder(asked.images, plan.shape.channels, plan.side)
    lately: list[float] = []
    network = None
    for progress in train(plan, pictures, folder, asked.every, first, asked.precision):
        network = progress.network
        lately.append(progress.loss)
        if processes.is_first() and (progress.step % 100 == 0 or progress.step == plan.steps):
            print(line(name, progress, sum(lately) / len(lately)), flush=True)
            lately = []
    # Nothing was left to do: the last checkpoint is the result.
    return averaged(folder / CHECKPOINT, name)[0] if network is None else network


def beginning(asked: argparse.Namespace, name: str, folder: Path) -> nn.Module | None:
    """Return the network to begin with: a committed one, or one that is trained for it now."""
    start = NETWORKS[name].start
    if start is None or start in weights.table():
        return weights.load(start) if start else None
    return learn(asked, start, NETWORKS[start].plan, folder / start)


def averaged(checkpoint: Path, name: str) -> tuple[nn.Module, dict]:
    """Return the averaged network of a checkpoint, and what made it."""
    tensors, plan = read_tensors(checkpoint)
    network = NETWORKS[name].plan.shape.build()
    prefix = "average/"
    own = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
    network.load_state_dict(own)
    return network, {"steps done": len(tensors["losses"]), "plan": plan}


def line(name: str, progress: Progress, loss: float) -> str:
    """One line for the log: step, mean loss of late, and when it will be done."""
    speed = (progress.step - progress.first) / progress.seconds
    left = (progress.steps - progress.step) / speed
    return (
        f"{time.strftime('%H:%M:%S')}  {name}: step {progress.step} of {progress.steps}  "
        f"loss {loss:.4f}  {speed:.2f} steps/s  {left / 60:.0f} min left"
    )


def export(checkpoint: Path, out: Path, name: str) -> str:
    """Write a checkpoint's averaged weights, with what made them; returns the sha256."""
    network, facts = averaged(checkpoint, name)
    made = {
        "name": name,
        "start": NETWORKS[name].start,
        **facts,
        "precision": "bfloat16" if use_bfloat16("auto") else "float32",
        "machine": f"{platform.machine()}, PyTorch {torch.__version__}",
    }
    return weights.save(out, network, made)


if __name__ == "__main__":
    main()
