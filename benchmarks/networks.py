#!/usr/bin/env python3
"""Score the committed networks for colour and for real photos; rewrite README's table.

    python -m benchmarks.networks            about five minutes on one processor
    python -m benchmarks.networks --dry      print, and leave README as it is

The grey network stands in the table of ``python -m benchmarks.denoisers``.
"""

import argparse
import json
import time

import numpy as np

from benchmarks import report
from benchmarks.denoiser_protocol import fidelity, pictures
from benchmarks.denoisers import data_folder
from lessons_lib.denoisers import BM3D, Denoiser, Network
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.noise_level import estimate_photo_sigma
from lessons_lib.learning import weights
from lessons_lib.scenes.standard_sets import DATA_VARIABLE, standard_pairs

RESULT = report.ROOT / "benchmarks" / "results" / "networks.json"
LEVELS = (15, 25, 50)
FACTORS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
# Figures as in published.tsv: cszn/DPIR@15bca3f figs/color_psnr.png.
PUBLISHED = {
    "CBM3D": (33.52, 30.71, 27.38),
    "FFDNet": (33.87, 31.21, 27.96),
    "DRUNet": (34.30, 31.69, 28.51),
}
ON_PHOTOS = {
    "BM3D": BM3D(),
    "network trained on white noise": Network("white"),
    "network trained on camera noise": Network("real"),
}


def colour_scores(folder: str) -> dict[str, float]:
    """PSNR of the colour network on CBSD68 at each level."""
    images = pictures("CBSD68", folder)
    return {
        str(level): fidelity(Network("colour"), images, level)["psnr"] for level in LEVELS
    }


def photo_scores(denoiser: Denoiser, pairs: dict) -> dict[str, float]:
    """Mean PSNR on real photos, for each factor on the estimated sigma."""
    scores = {}
    for factor in FACTORS:
        each = []
        for noisy, clean in pairs.values():
            small = noisy.astype(np.float32)
            estimate = denoiser(small, factor * estimate_photo_sigma(noisy))
            each.append(psnr(clean, np.clip(estimate, 0, 1)))
        scores[f"{factor:g}"] = round(float(np.mean(each)), 3)
    return scores


def measure(folder: str) -> dict:
    """All that the table shows, as plain data."""
    pairs = standard_pairs("CC15", folder)
    noisy = float(np.mean([psnr(clean, image) for image, clean in pairs.values()]))
    photos = {}
    for name, denoiser in ON_PHOTOS.items():
        photos[name] = photo_scores(denoiser, pairs)
        print(name, photos[name], flush=True)
    return {
        "day": time.strftime("%Y-%m-%d"),
        "machine": report.machine(),
        "weights": {name: row["sha256"] for name, row in weights.table().items()},
        "colour": colour_scores(folder),
        "noisy photos": round(noisy, 3),
        "photos": photos,
    }


def render(result: dict) -> str:
    """Two tables."""
    ours = " / ".join(f"{result['colour'][str(level)]:.2f}" for level in LEVELS)
    lines = [
        "| colour, white noise of 15 / 25 / 50 | CBSD68, PSNR |",
        "|---|---|",
        f"| **colour network**, one for all levels | {ours} |",
    ]
    for name, values in PUBLISHED.items():
        lines.append(f"| *published* {name} | {' / '.join(f'{v:.2f}' for v in values)} |")
    lines += [
        "",
        "| real photos (CC15, 15 photos of three cameras) | PSNR, sigma estimated | "
        "best factor on that sigma | PSNR with it |",
        "|---|---|---|---|",
        f"| noisy | {result['noisy photos']:.2f} | | |",
    ]
    for name, scores in result["photos"].items():
        best = max(scores, key=scores.get)
        lines.append(f"| {name} | {scores['1']:.2f} | {best} | {scores[best]:.2f} |")
    lines += [
        "",
        "The noise level of each photo is estimated from it (`estimate_photo_sigma`); the third "
        "column multiplies all estimates by the one factor that suits the method best, "
        f"of {', '.join(f'{factor:g}' for factor in FACTORS)}. Published values: "
        "cszn/DPIR@15bca3f figs/color_psnr.png. Measured by `python -m benchmarks.networks` on "
        f"{result['machine']}, {result['day']}.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.networks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--dry", action="store_true", help="README is not changed")
    parser.add_argument("--data", help=f"folder of the sets (default: {DATA_VARIABLE})")
    asked = parser.parse_args()
    result = measure(data_folder(asked.data))
    print(render(result))
    if not asked.dry:
        RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        report.write_readme("network table", render(result))


if __name__ == "__main__":
    main()
