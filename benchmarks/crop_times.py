#!/usr/bin/env python3
"""Time what a learner waits for in the widgets: a crop of 256 px, one pass and a draw.

    python -m benchmarks.crop_times

By the clock, on all cores, so run it on a quiet machine. README.md gets the table.
"""

import time
from statistics import median

import numpy as np
import torch

from benchmarks import report
from lessons_lib.denoisers import Network
from lessons_lib.denoisers.sampler import PosteriorDraw

SIDE, SIGMA, ROUNDS = 256, 0.2, 7
GOALS = {"network, one pass": 0.15, "draw, 20 steps": 2.0}
"""Seconds; in the faster of the two precisions."""


def seconds(denoise: Network | PosteriorDraw, noisy: np.ndarray) -> float:
    """Median time of a call, after one that warms up."""
    denoise(noisy, SIGMA)
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        denoise(noisy, SIGMA)
        found.append(time.perf_counter() - start)
    return median(found)


def main() -> None:
    """Measure, print, and put the table into README.md."""
    noisy = np.random.default_rng(0).normal(0.5, SIGMA, (SIDE, SIDE)).astype(np.float32)
    lines = [f"| {SIDE} x {SIDE} px, grey | bfloat16 | float32 | goal |", "|---|---|---|---|"]
    for (name, goal), kind in zip(GOALS.items(), (Network, PosteriorDraw), strict=True):
        low, full = (seconds(kind(precision=p), noisy) for p in ("bfloat16", "float32"))
        lines.append(f"| {name} | {low:.3f} s | {full:.3f} s | {goal:g} s |")
    lines += [
        "",
        f"By the clock, medians of {ROUNDS}, {torch.get_num_threads()} threads. Measured by "
        f"`python -m benchmarks.crop_times` on {report.machine()}.",
    ]
    print("\n".join(lines))
    report.write_readme("crop table", "\n".join(lines))


if __name__ == "__main__":
    main()
