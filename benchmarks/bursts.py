#!/usr/bin/env python3
"""What merging a burst does to noise, to edges and to things that move.

``python -m benchmarks.bursts`` takes a minute of one processor at most; ``--dry`` stores nothing.
"""

import argparse
import time

import numpy as np

from benchmarks import report
from lessons_lib.classroom.lesson_11_burst_numbers import frames_or_network, ghost
from lessons_lib.denoisers.burst import BurstMerge, move_frames
from lessons_lib.denoisers.network import Network
from lessons_lib.diagnosis.burst_limits import line_spread_variance
from lessons_lib.diagnosis.edges import edge_spread
from lessons_lib.scenes.hand_held_burst import (
    across_edge,
    edge_burst,
    fine_street,
    hand_held_burst,
)
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.sensor import Sensor

RESULT = report.ROOT / "benchmarks" / "results" / "bursts.json"
NAME = "burst table"
COUNTS = (2, 4, 8, 16)
SHAPE = (112, 160)
ROUNDS = 5


def noise_times_root(count: int) -> list[float]:
    """Noise of a mean of frames that moved by whole pixels, over one frame's, times sqrt(N).

    Aligned by measured shifts; without a fixed pattern of the sensor. 1 is the law.
    """
    street, found = fine_street(512, 768), []
    for seed in range(ROUNDS):
        rng = np.random.default_rng([count, seed])
        shifts = rng.integers(-4, 5, (count, 2)).astype(float)
        shifts[0] = 0
        even = Sensor(prnu=0, dsnu=0)
        burst = hand_held_burst(
            street, shifts, electrons_at_white=150.0, rng=rng, shape=SHAPE, sensor=even
        )
        merged = BurstMerge("mean", interpolation="nearest")(burst.frames, burst.sigma[0])
        everywhere = (merged.weights == 1).all(axis=0)
        error = ((merged.image - burst.clean[0]) / burst.sigma[0])[everywhere]
        found.append(float(np.sqrt(np.mean(error**2) * count)))
    return found


def spread_over_law(count: int) -> list[float]:
    """Rise of the line spread's variance over the variance of the shift errors; 1 is the law."""
    edge, found = SlantedEdge(size=96), []
    before = line_spread_variance(edge_spread(edge.image(), edge))
    for error in (0.2, 0.5, 1.0):
        for seed in range(ROUNDS):
            rng = np.random.default_rng([count, seed])
            errors = error * rng.standard_normal((count, 2))
            merged = edge_burst(edge, errors, 0.0, rng).mean(axis=0)
            rise = line_spread_variance(edge_spread(merged, edge)) - before
            found.append(float(rise / np.var(across_edge(edge, errors))))
    return found


def interpolation_alone() -> dict[str, float]:
    """Standard deviation that resampling by parts of a pixel leaves of white noise."""
    rng, left = np.random.default_rng(0), {}
    noise = rng.standard_normal((60, 96, 96))
    shifts = np.concatenate([[(0.0, 0.0)], rng.uniform(-0.5, 0.5, (59, 2))])
    for way in ("nearest", "linear", "cubic"):
        moved = move_frames(noise, shifts, interpolation=way).frames[1:]
        left[way] = float(np.mean(moved[:, 8:-8, 8:-8].std(axis=(1, 2))))
    return left


def measure() -> dict:
    """All of it."""
    return {
        "day": time.strftime("%Y-%m-%d"),
        "machine": report.machine(),
        "noise": {count: noise_times_root(count) for count in COUNTS},
        "spread": {count: spread_over_law(count) for count in (8, 16, 32)},
        "interpolation": interpolation_alone(),
        "ghost": {ratio: ghost(ratio) for ratio in (8.0, 4.0, 2.0, 1.0)},
        "edges": {
            ratio: [
                [row.name, row.psnr, row.point.width, row.point.width_per_draw]
                for row in frames_or_network(Network(), ratio)
            ]
            for ratio in (4.0, 1.0)
        },
    }


def render(result: dict) -> str:
    """Four small tables."""
    noise, spread = result["noise"], result["spread"]
    parts = [
        "| frames N | noise left x sqrt(N), mean (least to most) | line spread: rise of variance "
        "over variance of the shift errors, mean (least to most) |",
        "|---|---|---|",
        *(
            f"| {count} | {_range(noise.get(count))} | {_range(spread.get(count))} |"
            for count in sorted({*noise, *spread})
        ),
        "",
        "| a disc of this contrast/sigma moves | error on its path, robust merge of 8 | plain "
        "mean |",
        "|---|---|---|",
        *(f"| {k:g} | {v[0]:.2f} sigma | {v[1]:.2f} sigma |" for k, v in result["ghost"].items()),
        "",
        "| slanted edge | way | PSNR, dB | 10-90 % width of the mean, px | of one result, px |",
        "|---|---|---|---|---|",
        *(
            f"| contrast/sigma {ratio:g} | {name} | {psnr:.2f} | {width:.2f} | {single:.2f} |"
            for ratio, rows in result["edges"].items()
            for name, psnr, width, single in rows
        ),
        "",
        "The law is 1 in both columns of the first table: whole-pixel shifts, equal weights, no "
        "fixed pattern. Interpolation by parts of a pixel smooths by itself and is not in it; it "
        "leaves "
        + ", ".join(f"{left:.2f} ({way})" for way, left in result["interpolation"].items())
        + " of the standard deviation of white noise. Measured by `python -m benchmarks.bursts` "
        f"on {result['machine']}.",
    ]
    return "\n".join(parts)


def _range(values: list[float] | None) -> str:
    if values is None:
        return ""
    return f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bursts", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--dry", action="store_true", help="store nothing")
    asked = parser.parse_args()
    result = measure()
    print(render(result))
    if not asked.dry:
        report.store(NAME, result, RESULT, render(result))


if __name__ == "__main__":
    main()
