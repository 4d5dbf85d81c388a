"""Lesson 07's networks: a mosaic of any photo in one pass, and denoisers with other losses.

Train one of them again, on the bundled pictures or on those in a folder:

    python -m lessons_lib.learning.style NAME [--images FOLDER]
"""

import argparse
import platform
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from lessons_lib.image import Image, check_image
from lessons_lib.learning import perceptual, style_plan
from lessons_lib.learning.batches import to_batch, to_image
from lessons_lib.learning.checkpoints import facts_of
from lessons_lib.learning.crops import read_folder
from lessons_lib.learning.perceptual import PerceptualPlan, train_denoiser
from lessons_lib.learning.style_network import StyleNet, StyleShape
from lessons_lib.learning.style_plan import StylePlan, train_style
from lessons_lib.learning.style_weights import load, save_any
from lessons_lib.learning.training import Progress

SMALLEST_SIDE = 32  # px; a mosaic of fewer than three tiles a side is none
LARGEST = 2_000_000  # pixels; beyond, the maps need more than a gigabyte

MOSAICS = {
    "mosaic": StylePlan(),
    "mosaic_transposed": StylePlan(shape=StyleShape(upsampling="transposed")),
}
NETWORKS: dict[str, StylePlan | PerceptualPlan] = MOSAICS | {
    f"denoise_{name}": plan for name, plan in perceptual.PLANS.items()
}


def stylise(photo: Image, network: StyleNet | None = None) -> Image:
    """Lay a photo as a mosaic; about a second for a million pixels.

    Parameters
    ----------
    photo : ndarray
        ``(H, W)`` or ``(H, W, C)``, from 32 x 32 px to two million pixels, not of one
        colour only. Grey is used as three equal channels.
    network : StyleNet, optional
        The committed mosaic if left out.

    Returns
    -------
    ndarray, ``(H, W, 3)``
        float32; not clipped.

    Raises
    ------
    ValueError
        For an alpha channel, a picture that is too small or too large, or one colour.
    """
    check_image(photo, "photo")
    height, width = photo.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        raise ValueError(
            f"a mosaic needs at least {SMALLEST_SIDE} x {SMALLEST_SIDE} px, got {height} x "
            f"{width}; take a larger picture"
        )
    if height * width > LARGEST:
        raise ValueError(
            f"the photo has {height * width / 1e6:.1f} million pixels, and the network's maps of "
            f"more than {LARGEST / 1e6:.0f} million do not fit into memory; make it smaller with "
            "lessons_lib.scenes.photo.downscale(photo, 1200)"
        )
    if float(np.ptp(photo)) < 1e-4:
        raise ValueError(
            "the photo has one colour only: instance norm divides by its contrast, which is 0; "
            "take a picture with something in it"
        )
    planes = np.atleast_3d(photo)
    coloured = np.repeat(planes, 3, axis=2) if planes.shape[2] == 1 else planes
    coloured = coloured.astype(np.float32)
    with torch.inference_mode():
        return to_image((network or load("mosaic"))(to_batch(coloured)), like=coloured)


def train_again(
    plan: StylePlan | PerceptualPlan, images: str | None = None, folder: str | None = None
) -> Iterator[Progress]:
    """Train by a plan of this lesson, from the first step or from the last checkpoint.

    Parameters
    ----------
    plan : StylePlan or PerceptualPlan
        One of ``NETWORKS``, or one like it.
    images : path, optional
        Folder of pictures; the bundled ones if left out.
    folder : path, optional
        For checkpoints.
    """
    if isinstance(plan, StylePlan):
        pictures = read_folder(images, 3, plan.side) if images else style_plan.school()
        return train_style(plan, pictures, folder)
    pictures = read_folder(images, 1, plan.side) if images else perceptual.school()
    return train_denoiser(plan, pictures, folder)


def made_by(name: str, plan: StylePlan | PerceptualPlan, seconds: float, images: str) -> dict:
    """How a network was made, for its file's header."""
    return facts_of(plan) | {
        "name": name,
        "images": images,
        "processor_seconds": round(seconds),
        "machine": f"{platform.machine()}, 1 thread, PyTorch {torch.__version__}",
    }


def main() -> None:
    """Train one network and write its weights."""
    parser = argparse.ArgumentParser(prog="python -m lessons_lib.learning.style")
    parser.add_argument("name", choices=sorted(NETWORKS), help="which network")
    parser.add_argument("--images", help="folder of pictures; the bundled ones if not given")
    parser.add_argument("--steps", type=int, help="more or fewer than planned")
    parser.add_argument("--seed", type=int, default=0, help="of weights, crops and noise")
    parser.add_argument("--out", help="the weights' file; NAME.safetensors if not given")
    parser.add_argument("--checkpoints", help="folder to go on from after an interruption")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    plan, began = NETWORKS[asked.name], time.process_time()
    plan = replace(plan, steps=asked.steps or plan.steps, seed=asked.seed)
    for progress in train_again(plan, asked.images, asked.checkpoints):
        if progress.step % 50 == 0 or progress.step == plan.steps:
            lately = np.mean(progress.losses[-50:])
            print(f"step {progress.step} of {plan.steps}  loss {lately:.6f}", flush=True)
    kind = "a folder" if asked.images else "bundled"
    made = made_by(asked.name, plan, time.process_time() - began, kind)
    out = Path(asked.out or f"{asked.name}.safetensors")
    print(f"{out}\nsha256 {save_any(out, progress.network, made)}")


if __name__ == "__main__":
    main()
