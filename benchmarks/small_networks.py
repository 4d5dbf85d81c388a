#!/usr/bin/env python3
"""Score the small networks of lesson 06 and write their table and model card.

    python -m benchmarks.small_networks --data FOLDER

Every figure in data/weights/small is measured here, with the committed files; nothing is
typed by hand. FOLDER holds eval/Set12 and eval/BSD68 (data/README.md says where from).
"""

import argparse
import csv
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open

from benchmarks import report
from lessons_lib.diagnosis.blur_curve import blur_curve
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.image import Image
from lessons_lib.learning import small, weights
from lessons_lib.learning.blind_spots import blind_spot_estimate
from lessons_lib.learning.layers import parameters_of
from lessons_lib.scenes.standard_sets import DATA_VARIABLE, standard_set

LEVEL = 25 / 255
RATIOS = (8, 4, 2, 1)
SIDE = 512  # of the picture for which multiply-adds are counted
SETS = ("Set12", "BSD68")
WITNESSES = ("01.png", "02.png")  # of Set12; a test scores them again
HIDDEN = ("noise2self", "noise2void")  # scored with hidden pixels, too
CARD = small.FOLDER / "README.md"
BEGIN, END = "<!-- scores: begin -->", "<!-- scores: end -->"
Denoise = Callable[[Image, float], Image]


def score(denoise: Denoise, clean: Image) -> float:
    """PSNR of one picture by the protocol of the standard sets, dB."""
    noise = np.random.default_rng(0).standard_normal(clean.shape)
    noisy = (clean + LEVEL * noise).astype(np.float32)
    return psnr(clean, np.clip(denoise(noisy, LEVEL), 0, 1))


def scores(denoise: Denoise, pictures: dict[str, dict[str, Image]], suffix: str) -> dict[str, str]:
    """PSNR on the sets (dB), and edge widths of the mean and of single estimates (px)."""
    row = {}
    for name, images in pictures.items():
        each = {file: score(denoise, clean) for file, clean in images.items()}
        row[f"{name}{suffix}"] = f"{np.mean(list(each.values())):.3f}"
        if name == "Set12":
            row |= {f"Set12/{file}{suffix}": f"{each[file]:.3f}" for file in WITNESSES}
    for point in blur_curve(denoise, sigma=LEVEL, ratios=RATIOS):
        row[f"width_{point.ratio:g}{suffix}"] = f"{point.width:.2f}"
        row[f"single_{point.ratio:g}{suffix}"] = f"{point.width_per_draw:.2f}"
    return row


def facts(name: str) -> dict[str, str]:
    """What the file itself says."""
    path = small.FOLDER / f"{name}.safetensors"
    with safe_open(path, "pt") as opened:
        made = json.loads(opened.metadata()["made"])
    network = weights.load_file(path)
    return {
        "name": name,
        "file": path.name,
        "sha256": weights.digest(path),
        "multiply_adds": f"{small.multiply_adds(network, SIDE):.0f}",
        "parameters": str(parameters_of(network)),
        "steps": str(made["steps"]),
        "seconds": str(made["processor_seconds"]),
        "command": small.command(name),
    }


def row_of(name: str, pictures: dict[str, dict[str, Image]]) -> dict[str, str]:
    """Facts and scores of one network."""
    denoise = partial(small.estimate, weights.load_file(small.FOLDER / f"{name}.safetensors"))
    row = facts(name) | scores(denoise, pictures, "")
    if name in HIDDEN:
        row |= scores(partial(blind_spot_estimate, denoise), pictures, "_hidden")
    return row


def write_table(rows: list[dict[str, str]]) -> None:
    """Write small.tsv; what was not measured for a network stays empty."""
    columns = list(dict.fromkeys(key for row in rows for key in row if key != "command"))
    with small.TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, [*columns, "command"], restval="", delimiter="\t", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def card(rows: list[dict[str, str]]) -> str:
    """Write the scores for people: one line per network and way of using it."""
    lines = [
        "| network | multiply-adds / px | parameters | steps | CPU s | Set12 | BSD68 | "
        + " | ".join(f"width at {ratio}" for ratio in RATIOS) + " |",
        "|---|" + "---|" * (6 + len(RATIOS)),
    ]  # fmt: skip
    for row in rows:
        for suffix, words in (("", ""), ("_hidden", ", pixel hidden")):
            if row.get(f"Set12{suffix}"):
                kept = ("multiply_adds", "parameters", "steps", "seconds")
                measured = [*SETS, *(f"width_{ratio}" for ratio in RATIOS)]
                cells = [row[key] for key in kept] + [row[key + suffix] for key in measured]
                lines.append(f"| `{row['name']}`{words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_card(rows: list[dict[str, str]]) -> None:
    """Put the scores between the marks in the model card."""
    before, rest = CARD.read_text(encoding="utf-8").split(BEGIN)
    text = f"{before}{BEGIN}\n{card(rows)}\n\nMeasured on: {report.machine()}.\n{END}"
    CARD.write_text(text + rest.split(END)[1], encoding="utf-8")


def main() -> None:
    """Score all, one thread, and write both files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_networks")
    parser.add_argument("--data", type=Path, default=os.environ.get(DATA_VARIABLE))
    folder = parser.parse_args().data
    torch.set_num_threads(1)
    pictures = {name: standard_set(name, folder) for name in SETS}
    rows = []
    for name in small.SMALL:
        rows.append(row_of(name, pictures))
        print({k: v for k, v in rows[-1].items() if k not in ("sha256", "command")}, flush=True)
    write_table(rows)
    write_card(rows)


if __name__ == "__main__":
    main()
