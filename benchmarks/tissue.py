"""Summary of lesson 09's table: means, spreads, shares, and the two measured floors.

Run:  python -m benchmarks.tissue

Reads data/weights/tissue/tissue.tsv, which `python -m lessons_lib.learning.tissue` fills, and
writes benchmarks/results/tissue.json and the scores in data/weights/tissue/README.md.
"""

import json
import platform
from pathlib import Path

import numpy as np
import torch

from lessons_lib.learning import tissue
from lessons_lib.learning.tissue_training import real_against_real
from lessons_lib.scenes.tissue import bundled_tissue

RESULTS = Path(__file__).resolve().parent / "results" / "tissue.json"
CARD = tissue.FOLDER / "README.md"
BEGIN, END = "<!-- scores: begin -->", "<!-- scores: end -->"


def summary() -> dict:
    """All that the lesson quotes, from the table and the tissue alone."""
    scores, heard = tissue.scores(), tissue.scores("heard")
    seconds = tissue.scores("seconds")
    none, real = scores[tissue.NONE].mean(), scores[tissue.STRUCTURE].mean()
    conditions = {
        name: {
            "mean": round(float(scores[name].mean()), 4),
            "lowest": float(scores[name].min()),
            "highest": float(scores[name].max()),
            "trainings": len(scores[name]),
            "share_of_gain": round(float((none - scores[name].mean()) / (none - real)), 3),
            "noise_heard": round(float(heard[name].mean()), 4),
        }
        for name in tissue.PLANS
    }
    return {
        "conditions": conditions,
        "control": {n: round(float(scores[n].mean()), 4) for n in tissue.CONTROLS},
        "real_against_real": round(real_against_real(*bundled_tissue()), 4),
        "processor_minutes": round(float(sum(v.sum() for v in seconds.values()) / 60), 1),
        "machine": f"{platform.machine()}, 1 thread, PyTorch {torch.__version__}",
    }


def card_of(found: dict) -> str:
    """The scores as Markdown."""
    lines = [
        "| beside the mask | distance, mean | lowest | highest | trainings | share of the real "
        "structure's gain | noise heard |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in found["conditions"].items():
        lines.append(
            f"| {name} | {one['mean']:.3f} | {one['lowest']:.3f} | {one['highest']:.3f} | "
            f"{one['trainings']} | {one['share_of_gain']:.0%} | {one['noise_heard']:.3f} |"
        )
    heads = [f"noise at {f:g}" for f in tissue.CONTROL_BANDS]
    lines += ["", "| control: spots at | " + " | ".join(heads) + " |", "|---" * 6 + "|"]
    for texture in tissue.TEXTURES:
        row = [found["control"][tissue.control(texture, f)] for f in tissue.CONTROL_BANDS]
        best = int(np.argmin(row))
        cells = [f"**{d:.3f}**" if k == best else f"{d:.3f}" for k, d in enumerate(row)]
        lines.append(f"| {texture:g} cycles/px | " + " | ".join(cells) + " |")
    lines += [
        "",
        f"Real tissue against real tissue from elsewhere: {found['real_against_real']:.3f}. All "
        f"trainings together took {found['processor_minutes']:.0f} minutes of processor time "
        f"({found['machine']}).",
    ]
    return "\n".join(lines)


def main() -> None:
    """Write both files."""
    torch.set_num_threads(1)
    found = summary()
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    card = CARD.read_text(encoding="utf-8")
    head, tail = card.split(BEGIN)[0], card.split(END)[1]
    CARD.write_text(f"{head}{BEGIN}\n{card_of(found)}\n{END}{tail}", encoding="utf-8")
    print(card_of(found))


if __name__ == "__main__":
    main()
