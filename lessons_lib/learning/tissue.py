"""The generators of lesson 09: which noise each is given, its training, and the table.

``python -m lessons_lib.learning.tissue`` trains all that the table lacks;
``python -m lessons_lib.learning.tissue white 1`` one condition with one seed, and prints it.
"""

import argparse
import csv
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lessons_lib.learning.tissue_training import (
    STRUCTURE,
    TissuePlan,
    judge,
    noise_heard,
    real_against_real,
    train_tissue,
)
from lessons_lib.learning.tissue_weights import FOLDER, save, write_files
from lessons_lib.scenes.band_noise import Ingredient
from lessons_lib.scenes.tissue import Tissue, bundled_tissue, control_tissue

TABLE = FOLDER / "tissue.tsv"
COLUMNS = ("name", "seed", "distance", "heard", "first_loss", "last_loss", "steps", "seconds")
SEEDS, CONTROL_SEEDS = (0, 1, 2, 3, 4), (0, 1, 2)
BANDS = (0.02, 0.05, 0.08, 0.12, 0.2, 0.35)
NONE, WHITE, SPARSE, SQUARED = "none", "white", "sparse", "squared"
TEXTURES = (0.05, 0.1, 0.2)  # cycles/px of the control's spots
CONTROL_BANDS = (0.02, 0.05, 0.1, 0.2, 0.35)


def band(frequency: float) -> str:
    """Name of the condition with noise of one frequency."""
    return f"band {frequency:g}"


def control(texture: float, frequency: float) -> str:
    """Name of a control: spots of the frequency ``texture``, noise of ``frequency``."""
    return f"control {texture:g} band {frequency:g}"


PLANS = {
    NONE: TissuePlan(Ingredient("none")),
    **{band(f): TissuePlan(Ingredient("band", f)) for f in BANDS},
    WHITE: TissuePlan(Ingredient("white")),
    SPARSE: TissuePlan(Ingredient("sparse")),
    STRUCTURE: TissuePlan(STRUCTURE),
    SQUARED: TissuePlan(Ingredient("white"), loss="squared", steps=640),
}
CONTROLS = {
    control(texture, f): TissuePlan(Ingredient("band", f), batch=3, side=48, steps=120)
    for texture in TEXTURES
    for f in CONTROL_BANDS
}


def plan_of(name: str, seed: int = 0) -> TissuePlan:
    """The plan of one condition.

    Raises
    ------
    ValueError
        For an unknown name.
    """
    known = PLANS | CONTROLS
    if name not in known:
        raise ValueError(f"the condition must be one of {', '.join(known)}; got {name!r}")
    return replace(known[name], seed=seed)


def pieces_for(name: str) -> tuple[list[Tissue], list[Tissue]]:
    """Tissue to learn from and to test on: the slide's, or the control's spots on its masks."""
    parts = bundled_tissue()
    if name not in CONTROLS:
        return parts
    texture, rng = float(name.split()[1]), np.random.default_rng(606)
    return tuple([control_tissue(p, texture, rng) for p in part] for part in parts)


def train_one(name: str, seed: int) -> tuple[dict[str, str], nn.Module]:
    """Train one condition to the end; returns its row of the table and the network."""
    plan, (school, test), began = plan_of(name, seed), pieces_for(name), time.process_time()
    *_, progress = train_tissue(plan, school)
    seconds, network = time.process_time() - began, progress.network
    losses = np.array(progress.losses)
    numbers = judge(plan, network, test), noise_heard(plan, network, test)
    numbers = *numbers, losses[:10].mean(), losses[-20:].mean()
    words = [name, str(seed), *(f"{x:.4f}" for x in numbers), str(plan.steps), f"{seconds:.1f}"]
    return dict(zip(COLUMNS, words, strict=True)), network


def table(path: Path = TABLE) -> list[dict[str, str]]:
    """Rows of the stored table, sorted by condition and seed; empty if there is none."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows, delimiter="\t"))


def scores(column: str = "distance", path: Path = TABLE) -> dict[str, np.ndarray]:
    """Condition -> one number for each seed, in the order of the conditions."""
    found: dict[str, list[float]] = {name: [] for name in PLANS | CONTROLS}
    for row in table(path):
        found[row["name"]].append(float(row[column]))
    return {name: np.array(values) for name, values in found.items() if values}


def jobs() -> list[tuple[str, int]]:
    """All conditions with all seeds, the controls last."""
    parts = (SEEDS, PLANS), (CONTROL_SEEDS, CONTROLS)
    return [(name, seed) for seeds, names in parts for seed in seeds for name in names]


def append(row: dict[str, str], path: Path = TABLE) -> None:
    """Add a row in one write, so that several processes may add to one table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "" if path.exists() else "\t".join(COLUMNS) + "\n"
    opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(opened, (head + "\t".join(row[c] for c in COLUMNS) + "\n").encode())
    finally:
        os.close(opened)


def fill_table(part: int, parts: int, path: Path = TABLE) -> None:
    """Train what the table lacks; every ``parts``-th job, from ``part`` on."""
    for name, seed in jobs()[part::parts]:
        if any((row["name"], row["seed"]) == (name, str(seed)) for row in table(path)):
            continue
        row, network = train_one(name, seed)
        if seed == 0 and name in PLANS:
            save(name, network, plan_of(name))
        append(row, path)
        print(f"{name}, seed {seed}: {row['distance']} in {row['seconds']} s", flush=True)


def sort_table(path: Path = TABLE) -> None:
    """Put the rows in the order of the conditions."""
    order = {name: k for k, name in enumerate(PLANS | CONTROLS)}
    rows = sorted(table(path), key=lambda row: (order[row["name"]], int(row["seed"])))
    path.unlink()
    for row in rows:
        append(row, path)


def main() -> None:
    """Fill the table, or train one condition."""
    parser = argparse.ArgumentParser(prog="python -m lessons_lib.learning.tissue")
    parser.add_argument("name", nargs="?", choices=[*PLANS, *CONTROLS], help="one condition")
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--part", type=int, default=0, help="this process's number")
    parser.add_argument("--parts", type=int, default=1, help="processes that share the work")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.name:
        print(train_one(asked.name, asked.seed)[0])
        return
    fill_table(asked.part, asked.parts)
    if asked.parts == 1:
        sort_table()
    write_files()
    print(f"real against real: {real_against_real(*bundled_tissue()):.4f}")


if __name__ == "__main__":
    main()
