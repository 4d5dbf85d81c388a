#!/usr/bin/env python3
"""How strong must a draw's fresh noise be? The measurement behind PosteriorDraw's noise_scale.

    python -m benchmarks.draw_scale

One draw of 20 steps for each of nine pictures of Set12, two noise levels and four scales: its
squared error over the mean estimate's (2 for an exact draw), and its energy above 1/8 cycle/px
over the clean picture's (1). README.md gets the table.
"""

import argparse
from dataclasses import replace

import numpy as np

from benchmarks import report
from benchmarks.denoisers import data_folder
from lessons_lib.classroom.lesson_08_pictures import fine_energy
from lessons_lib.denoisers.sampler import PosteriorDraw
from lessons_lib.image import Image
from lessons_lib.scenes.standard_sets import DATA_VARIABLE, standard_set

PICTURES, LEVELS, SCALES = 9, (25, 50), (1.0, 1.03, 1.04, 1.05)
RESULT = report.ROOT / "benchmarks" / "results" / "draw_scale.json"


def scores(clean: Image, level: int) -> dict[str, tuple[float, float]]:
    """For each scale error and fine energy, both as ratios."""
    sigma = level / 255
    noise = np.random.default_rng(0).standard_normal(clean.shape)
    noisy, sampler = (clean + sigma * noise).astype(np.float32), PosteriorDraw()
    least = np.mean((replace(sampler, drawn=0.0)(noisy, sigma) - clean) ** 2)
    found = {}
    for scale in SCALES:
        draw = replace(sampler, noise_scale=scale)(noisy, sigma)
        error = np.mean((draw - clean) ** 2) / least
        found[str(scale)] = float(error), fine_energy(draw) / fine_energy(clean)
    return found


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.draw_scale")
    parser.add_argument("--data", help=f"folder of the sets (default: {DATA_VARIABLE})")
    pictures = list(standard_set("Set12", data_folder(parser.parse_args().data)).values())
    head = "| sigma | noise scale | error of a draw / the mean's | fine energy / the truth's |"
    lines = [head, "|---|---|---|---|"]
    result = {}
    for level in LEVELS:
        measured = [scores(clean, level) for clean in pictures[:PICTURES]]
        for scale in map(str, SCALES):
            error, energy = np.transpose([one[scale] for one in measured])
            result[f"{level} | {scale}"] = {"error": list(error), "energy": list(energy)}
            lines.append(f"| {level} | {scale} | {span(error)} | {span(energy)} |")
            print(lines[-1], flush=True)
    lines += ["", f"Means and ranges of {PICTURES} pictures of Set12, 20 steps. Measured by "
              f"`python -m benchmarks.draw_scale` on {report.machine()}."]  # fmt: skip
    report.store("draw scale table", result, RESULT, "\n".join(lines))


def span(values: np.ndarray) -> str:
    """Mean, least and largest."""
    return f"{values.mean():.2f} ({values.min():.2f} to {values.max():.2f})"


if __name__ == "__main__":
    main()
