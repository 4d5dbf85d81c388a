#!/usr/bin/env python3
"""Rewrite data/weights/weights.tsv and the model cards from the weights' files and the scores.

    python tools/model_cards.py

Run it after new weights have been put into data/weights and after each benchmark: the hash of
every file goes into the table, and the scores that were measured with just that file into its
card.
"""

import csv
import json
import sys
from pathlib import Path

from safetensors import safe_open

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from lessons_lib.learning import weights  # noqa: E402
from lessons_lib.learning.committed import NETWORKS  # noqa: E402
from lessons_lib.learning.layers import parameters_of  # noqa: E402

CARDS = weights.FOLDER / "README.md"
GREY = ROOT / "benchmarks" / "results" / "denoisers.json"
OTHERS = ROOT / "benchmarks" / "results" / "networks.json"

HEAD = """# Model cards

Made by `python tools/model_cards.py`; a test holds it to the files. The files are safetensors
(numbers only, nothing that can run), half precision. `lessons_lib.learning.weights.load` reads
one only if its sha256 is the one in `weights.tsv`.

**Data.** All were trained on the 400 pictures of BSDS500's train and test splits (Arbelaez,
Maire, Fowlkes, Malik, doi 10.1109/TPAMI.2010.161); the pictures of BSD68 and CBSD68 are all in its
val split. Berkeley allows non-commercial research and education, and the pictures are not part
of this project. Whether weights that were learnt from pictures fall under the pictures' terms is
not settled: **treat these files as for research and education only**. For anything else train
them again on pictures of your own, by the command in the card. `data/README.md` says where to get
the pictures.

**Not for** deciding what a picture shows. A denoiser's estimate is a weighted guess: weak edges
are blurred or lost, and what looks clean may be wrong. No network here has seen medical images,
documents or faces in particular.
"""


def header(path: Path) -> dict:
    """How a file was made, as it says itself."""
    with safe_open(path, "pt") as opened:
        return json.loads(opened.metadata()["made"])


def write_table() -> None:
    """List every file with its hash."""
    with weights.TABLE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter="\t", lineterminator="\n")
        rows.writerow(["name", "file", "sha256"])
        for name in NETWORKS:
            path = weights.FOLDER / f"{name}.safetensors"
            if path.exists():
                rows.writerow([name, path.name, weights.digest(path)])


def scores(name: str, sha256: str) -> str:
    """What was measured with this very file."""
    if name == "grey":
        return grey_scores(sha256)
    stored = json.loads(OTHERS.read_text(encoding="utf-8")) if OTHERS.exists() else {}
    if stored.get("weights", {}).get(name) != sha256:
        return "not measured yet"
    by = "(`python -m benchmarks.networks`)"
    if name == "colour":
        values = " / ".join(f"{value:.2f}" for value in stored["colour"].values())
        return f"CBSD68 {values} dB at sigma 15 / 25 / 50 of 255 {by}"
    own, noisy = stored["photos"]["network trained on camera noise"], stored["noisy photos"]
    return f"CC15 {own['1']:.2f} dB with sigma estimated, noisy {noisy:.2f} dB {by}"


def grey_scores(sha256: str) -> str:
    """The row of the large benchmark."""
    stored = json.loads(GREY.read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in stored["methods"]}
    if stored.get("weights") != sha256 or "network" not in rows:
        return "not measured yet"
    parts = []
    for each, levels in rows["network"]["fidelity"].items():
        values = " / ".join(f"{value['psnr']:.2f}" for value in levels.values())
        parts.append(f"{each} {values} dB")
    return "; ".join(parts) + " at sigma 15 / 25 / 50 of 255 (`make bench`)"


def beginning(name: str) -> str:
    """With which weights a training begins; those that are not kept are trained first."""
    start = NETWORKS[name].start
    if start is None:
        return "random weights"
    if start in weights.table():
        return f"the weights of `{start}`"
    first = NETWORKS[start].plan
    return (
        f"the weights of `{start}` (not kept; the same command trains it first: {first.steps} "
        f"steps of {first.batch} crops of {first.side} px, noise {first.recipe!r}, seed "
        f"{first.seed}, from {beginning(start)})"
    )


def card(name: str) -> str:
    """One network's card."""
    path = weights.FOLDER / f"{name}.safetensors"
    network, made, sha256 = weights.load_file(path), header(path), weights.digest(path)
    plan = made["plan"]
    start = beginning(name)
    rows = {
        "file": f"`{path.name}`, {path.stat().st_size / 1e6:.1f} MB, sha256 `{sha256}`",
        "network": f"{network.shape!r}, {parameters_of(network):,} parameters",
        "trained from": start,
        "noise": f"{plan['recipe_name']} {plan['recipe']}",
        "training": f"{made['steps done']} steps of {plan['batch']} crops of {plan['side']} px, "
        f"loss '{plan['loss']}', Muon {plan['muon_rate']} and AdamW {plan['adam_rate']}, seed "
        f"{plan['seed']}, rates falling over the last {plan['cooling']:.0%}, weights averaged",
        "hardware": f"{made['machine']}, {made['precision']}, no GPU",
        "scores": scores(name, sha256),
        "command": f"`python -m lessons_lib.learning {name} --images FOLDER`",
    }
    lines = [f"## {name}", "", NETWORKS[name].purpose, "", "| | |", "|---|---|"]
    return "\n".join([*lines, *(f"| {key} | {value} |" for key, value in rows.items())])


def cards() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(card(name) + "\n" for name in weights.table())])


if __name__ == "__main__":
    write_table()
    CARDS.write_text(cards(), encoding="utf-8")
