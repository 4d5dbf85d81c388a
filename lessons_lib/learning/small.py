"""The small networks of lesson 06, for white noise of 25/255 on grey pictures.

Three cost the same per pixel and learn from clean pictures: local DCT, DnCNN, U-Net. Three more
are trained as the best of them, but without any clean picture. Train one of them again:

    python -m lessons_lib.learning.small NAME --images FOLDER

``python -m benchmarks.small_networks`` scores all and writes the table of those committed.
"""

import argparse
import csv
import dataclasses
import platform
import time
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lessons_lib.image import Image
from lessons_lib.learning import weights
from lessons_lib.learning.batches import to_batch, to_image
from lessons_lib.learning.checkpoints import facts_of
from lessons_lib.learning.committed import Committed
from lessons_lib.learning.crops import Recipe, read_folder
from lessons_lib.learning.networks import DCTNetShape, DnCNNShape, Shape, UNetShape
from lessons_lib.learning.self_supervised import Noise2Noise, Noise2Self, Noise2Void, OneLevel
from lessons_lib.learning.strips import strips_of
from lessons_lib.learning.training import Plan, train

FOLDER = weights.FOLDER / "small"
TABLE = FOLDER / "small.tsv"
LARGEST_STRIP = 300_000  # pixels at one time; the 64 maps of the local DCT need 256 B each

# Each costs 8,192 multiply-adds per pixel, within 5 %: what the local DCT costs.
DCT = DCTNetShape()
DNCNN = DnCNNShape(width=17, depth=5)
UNET = UNetShape(widths=(16, 32, 72), blocks=(1, 1, 2))


def brief(
    shape: Shape, recipe: Recipe, steps: int, muon: float = 0.02, adam: float = 1e-3
) -> Plan:
    """A plan for some minutes on one core."""
    loss = "hidden" if isinstance(recipe, Noise2Self | Noise2Void) else "squared"
    return Plan(
        shape, recipe, loss, steps, batch=16, side=64, muon_rate=muon, adam_rate=adam,
        warming=100, cooling=0.4, averaging=0.99,
    )  # fmt: skip


def tiny_unet(recipe: Recipe, purpose: str) -> Committed:
    """The U-Net with one way or another to learn."""
    return Committed(brief(UNET, recipe, 6000), purpose)


SMALL = {
    "dct": Committed(
        brief(DCT, OneLevel(), 1500, adam=5e-4), "Local DCT with learnt filters and thresholds."
    ),
    "dncnn": Committed(
        brief(DNCNN, OneLevel(), 3500, muon=0.05, adam=3e-3), "Five convolutions of 17 maps."
    ),
    "unet": tiny_unet(OneLevel(), "A U-Net of 16, 32 and 72 maps; learnt from clean pictures."),
    "noise2noise": tiny_unet(Noise2Noise(), "Learnt from two noisy shots of each scene."),
    "noise2self": tiny_unet(Noise2Self(), "Learnt from noisy shots; pixels hidden by a mean."),
    "noise2void": tiny_unet(Noise2Void(), "Learnt from noisy shots; pixels hidden by others."),
}


def table() -> dict[str, dict[str, str]]:
    """The committed small networks with their scores: name -> a row of ``small.tsv``."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return {row["name"]: row for row in csv.DictReader(rows, delimiter="\t")}


@cache
def load_small(name: str) -> nn.Module:
    """One of the small networks, ready to use; read once.

    Raises
    ------
    ValueError
        For an unknown name, and as :func:`lessons_lib.learning.weights.load_file`.
    """
    if name not in SMALL:
        raise ValueError(f"the small network must be one of {', '.join(SMALL)}, got {name!r}")
    row = table()[name]
    return weights.load_file(FOLDER / row["file"], row["sha256"])


def multiply_adds(network: nn.Module, side: int) -> float:
    """Count the multiply-adds of all convolutions, per pixel of a picture of side x side px.

    Those of a padded border are counted too: the smaller the picture, the more of them.
    """
    batch, level = torch.zeros(1, network.shape.channels, side, side), torch.ones(1)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(batch, level)
    return counter.get_total_flops() / 2 / side**2  # one multiplication, one addition


def estimate(network: nn.Module, noisy: Image, sigma: float) -> Image:
    """Denoise a picture with a network for one channel: channel by channel, strip by strip.

    Returns
    -------
    ndarray
        As ``noisy``, ``(H, W)`` or ``(H, W, C)``.
    """
    result, rows = noisy.copy(), max(LARGEST_STRIP // noisy.shape[1], 1)
    planes = np.moveaxis(np.atleast_3d(result), 2, 0)  # views: writing changes the result
    level = torch.full((1,), sigma, dtype=torch.float32)
    with torch.inference_mode():
        for plane, seen in zip(planes, planes.copy(), strict=True):
            for strip in strips_of(len(plane), rows, network.multiple, network.reach):
                part = network(to_batch(seen[strip.seen]), level)
                plane[strip.kept] = to_image(part, like=seen[strip.seen])[strip.inside]
    return result


def pull_back(network: nn.Module, noisy: Image, sigma: float, cotangent: Image) -> Image:
    """Apply the transposed Jacobian of :func:`estimate` to ``cotangent``, channel by channel."""
    result = cotangent.astype(noisy.dtype)
    level = torch.full((1,), sigma, dtype=torch.float32)
    for plane, seen in zip(*(np.moveaxis(np.atleast_3d(p), 2, 0) for p in (result, noisy)),
                           strict=True):  # fmt: skip
        batch = to_batch(seen).requires_grad_(True)
        (back,) = torch.autograd.grad(network(batch, level), batch, to_batch(plane))
        plane[...] = to_image(back, like=seen)
    return result


def command(name: str) -> str:
    """What trains a network again."""
    return f"python -m lessons_lib.learning.small {name} --images FOLDER"


def main() -> None:
    """Train one network and write its weights."""
    parser = argparse.ArgumentParser(prog="python -m lessons_lib.learning.small")
    parser.add_argument("name", choices=sorted(SMALL), help="which network")
    parser.add_argument("--images", required=True, help="folder of pictures")
    parser.add_argument("--steps", type=int, help="more or fewer than planned")
    parser.add_argument("--out", help="the weights' file; NAME.safetensors if not given")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    plan = SMALL[asked.name].plan
    plan = dataclasses.replace(plan, steps=asked.steps or plan.steps)
    pictures, began = read_folder(asked.images, 1, plan.side), time.process_time()
    for progress in train(plan, pictures, precision="bfloat16"):
        if progress.step % 100 == 0 or progress.step == plan.steps:
            lately = np.mean(progress.losses[-100:])
            print(f"step {progress.step} of {plan.steps}  loss {lately:.6f}", flush=True)
    made = facts_of(plan) | {
        "name": asked.name,
        "pictures": len(pictures),
        "precision": "bfloat16",
        "processor_seconds": round(time.process_time() - began),
        "machine": f"{platform.machine()}, 1 thread, PyTorch {torch.__version__}",
    }
    out = Path(asked.out or f"{asked.name}.safetensors")
    print(f"{out}\nsha256 {weights.save(out, progress.network, made)}")


if __name__ == "__main__":
    main()
