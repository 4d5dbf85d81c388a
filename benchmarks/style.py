#!/usr/bin/env python3
"""Train and score lesson 07's networks: four losses with three seeds, two mosaics.

    python -m benchmarks.style               # train all that results/style.json lacks
    python -m benchmarks.style mse gram      # these alone
    python -m benchmarks.style --table       # write style.tsv and the model card's scores

Every training takes its plan from ``lessons_lib.learning.style``; nothing is typed by hand.
Seed 0 is the one whose weights are committed.
"""

import argparse
import csv
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks import report
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.image import Image
from lessons_lib.learning import style, style_weights, weights
from lessons_lib.learning.layers import parameters_of
from lessons_lib.learning.perceptual import LEVEL, LOSSES
from lessons_lib.learning.small import estimate
from lessons_lib.learning.style_measures import (
    checkerboard,
    fine_energy,
    texture_distance,
    truth_and_leak,
)
from lessons_lib.scenes.pictures import picture

RESULTS = Path(__file__).with_name("results") / "style.json"
SEEDS = (0, 1, 2)
SIZE = 256
CARD = style_weights.FOLDER / "README.md"
BEGIN, END = "<!-- scores: begin -->", "<!-- scores: end -->"
COLUMNS = ("name", "file", "sha256", "parameters", "steps", "seconds", "command")


def score_denoiser(network: nn.Module) -> dict[str, float]:
    """One network on the camera man, which it never saw, in noise of 50/255 from seed 1."""
    clean = picture("camera", SIZE).astype(np.float32)
    noise = np.random.default_rng(1).standard_normal(clean.shape, dtype=np.float32)
    noisy = clean + np.float32(LEVEL) * noise
    return scores_of(clean, noisy, estimate(network, noisy, LEVEL))


def scores_of(clean: Image, noisy: Image, found: Image) -> dict[str, float]:
    """PSNR (dB), fine energy over the clean picture's, Gram distance, truth and leak."""
    truth, leak = truth_and_leak(clean, noisy, found)
    return {
        "psnr": psnr(clean, found),
        "fine_energy": fine_energy(found) / fine_energy(clean),
        "gram_distance": texture_distance(found, clean),
        "truth": truth,
        "leak": leak,
    }


def score_mosaic(network: nn.Module) -> dict[str, float]:
    """One style network on coffee and camera man, which it never saw."""
    plan, found = style.MOSAICS["mosaic"], {}
    wanted = plan.recipe.picture()
    for name in ("coffee", "camera"):
        photo = np.float32(picture(name, SIZE))
        photo = photo if photo.ndim == 3 else np.repeat(photo[..., np.newaxis], 3, axis=2)
        made = style.stylise(photo, network)
        before, after = (texture_distance(one, wanted, plan.features) for one in (photo, made))
        found |= {f"{name}_before": before, f"{name}_after": after,
                  f"{name}_checkerboard": checkerboard(made)}  # fmt: skip
    return found


def stored() -> dict:
    """What was measured so far: 'name seed' -> its row."""
    if not RESULTS.exists():
        return {"made_by": "python -m benchmarks.style", "rows": {}}
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def train(name: str, seed: int, checkpoints: str | None) -> dict[str, float]:
    """Train one network, keep its weights if its seed is 0, and score it."""
    began, plan = time.process_time(), replace(style.NETWORKS[name], seed=seed)
    place = f"{checkpoints}/{name}_{seed}" if checkpoints else None
    for progress in style.train_again(plan, folder=place):
        if progress.step % 50 == 0:
            lately = np.mean(progress.losses[-50:])
            print(f"{name} {seed} {progress.step}/{plan.steps} loss {lately:.5f}", flush=True)
    seconds, network = time.process_time() - began, progress.network
    if seed == 0:
        made = style.made_by(name, plan, seconds, "bundled")
        style_weights.save_any(style_weights.FOLDER / f"{name}.safetensors", network, made)
    score = score_mosaic if name in style.MOSAICS else score_denoiser
    rounded = {key: round(value, 5) for key, value in score(network).items()}
    return rounded | {"steps": plan.steps, "seconds": round(seconds)}


def write_table(rows: dict) -> None:
    """Write ``style.tsv`` of the committed files."""
    with style_weights.TABLE.open("w", encoding="utf-8", newline="") as opened:
        table = csv.DictWriter(opened, COLUMNS, delimiter="\t", lineterminator="\n")
        table.writeheader()
        for name in style.NETWORKS:
            path = style_weights.FOLDER / f"{name}.safetensors"
            read = style_weights.load_style if name in style.MOSAICS else weights.load_file
            table.writerow(
                {
                    "name": name, "file": path.name, "sha256": weights.digest(path),
                    "parameters": parameters_of(read(path)),
                    "steps": rows[f"{name} 0"]["steps"], "seconds": rows[f"{name} 0"]["seconds"],
                    "command": f"python -m lessons_lib.learning.style {name}",
                }
            )  # fmt: skip


def card(found: dict) -> str:
    """The scores of the model card: denoisers with the spread over seeds, then mosaics."""
    lines = ["| network | PSNR | fine energy | Gram distance | truth | leak |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    rows = found["rows"]
    for loss in LOSSES:
        each = [rows[f"denoise_{loss} {seed}"] for seed in SEEDS]
        cells = [
            f"{np.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"
            for key in ("psnr", "fine_energy", "gram_distance", "truth", "leak")
            for values in [[row[key] for row in each]]
        ]
        lines.append(f"| `denoise_{loss}` | " + " | ".join(cells) + " |")
    lines += ["", "| network | picture | Gram distance: photo | its mosaic | checkerboard |",
              "|---|---|---|---|---|"]  # fmt: skip
    for name in style.MOSAICS:
        for photo in ("coffee", "camera"):
            before, after, board = (
                rows[f"{name} 0"][f"{photo}_{key}"] for key in ("before", "after", "checkerboard")
            )
            lines.append(f"| `{name}` | {photo} | {before:.3f} | {after:.3f} | {board:.4f} |")
    return "\n".join([*lines, "", f"Measured on: {found['machine']}."])


def write_card(found: dict) -> None:
    """Put the scores between their marks in the model card."""
    text = CARD.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    CARD.write_text(f"{before}{BEGIN}\n{card(found)}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Train what is missing, and write what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.style")
    parser.add_argument("names", nargs="*", help="of networks; 'gram' means denoise_gram")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--again", action="store_true", help="train also what is stored")
    parser.add_argument("--checkpoints", help="folder to go on from after an interruption")
    parser.add_argument("--table", action="store_true", help="write table and model card alone")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.table:
        write_card(stored())
        return write_table(stored()["rows"])
    short = {name.removeprefix("denoise_"): name for name in style.NETWORKS}
    for name in asked.names or style.NETWORKS:
        name = short.get(name, name)
        for seed in asked.seeds if name.removeprefix("denoise_") in LOSSES else (0,):
            if f"{name} {seed}" in stored()["rows"] and not asked.again:
                continue
            row = train(name, seed, asked.checkpoints)
            print(name, seed, row, flush=True)
            now = stored()  # another process may have written meanwhile
            now["rows"][f"{name} {seed}"] = row
            now["machine"] = report.machine()
            RESULTS.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    return None


if __name__ == "__main__":
    main()
