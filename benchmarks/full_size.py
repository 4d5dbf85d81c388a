#!/usr/bin/env python3
"""Time and memory of the command line on photos of 1, 6 and 24 megapixels, and a RAW of 24.

    python -m benchmarks.full_size          about four minutes of one processor
    python -m benchmarks.full_size --dry    print, and store nothing

Each run is a fresh process that reads a JPEG or DNG and writes a 16-bit TIFF; its processor time
and its largest memory are those that the system counted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from benchmarks import report
from lessons_lib.image import to_uint8
from lessons_lib.scenes.dng import save_dng
from lessons_lib.scenes.pictures import picture
from lessons_lib.scenes.sensor import Sensor

RESULT = report.ROOT / "benchmarks" / "results" / "full_size.json"
NAME = "full size table"
RAW = "24, RAW"
SIZES = {"1": (1250, 800), "6": (3000, 2000), "24": (6000, 4000)}  # megapixels: width, height
SIZES[RAW] = SIZES["24"]
METHODS = ("auto", "wavelet")
SIGMA = 0.04
ELECTRONS = 1000.0  # at white, of the RAW file


def make_photo(path: Path, width: int, height: int) -> None:
    """Write a noisy JPEG: a bundled picture, mirrored until it is large enough."""
    rng = np.random.default_rng(0)
    large = large_scene(width, height) * np.float32(0.8) + np.float32(0.1)
    for top in range(0, height, 500):  # some rows at a time: noise in float64 is large
        part = large[top : top + 500]
        part += SIGMA * rng.standard_normal(part.shape, dtype=np.float32)
    PillowImage.fromarray(to_uint8(large)).save(path, quality=95, subsampling="4:4:4")


def make_raw(path: Path, width: int, height: int) -> None:
    """Write a DNG with the shot noise of ELECTRONS at white."""
    rng, sensor = np.random.default_rng(0), Sensor()
    light = large_scene(width, height) ** 2.2
    mosaic = np.empty((height, width))
    for row, col, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):  # RGGB
        mosaic[row::2, col::2] = light[row::2, col::2, channel]
    shots = rng.poisson(mosaic * ELECTRONS) / ELECTRONS
    raw = sensor.black_level + 0.8 * shots * (sensor.white_level - sensor.black_level)
    save_dng(path, np.clip(np.rint(raw), 0, sensor.white_level).astype(np.uint16), sensor)


def large_scene(width: int, height: int) -> np.ndarray:
    """Mirror a bundled picture until it is large enough; float32 in [0, 1]."""
    clean = picture("coffee").astype(np.float32)
    pads = [max(side - have, 0) for side, have in zip((height, width), clean.shape, strict=False)]
    large = np.pad(clean, ((0, pads[0]), (0, pads[1]), (0, 0)), mode="symmetric")
    return large[:height, :width]


def run(photo: Path, out: Path, method: str) -> dict[str, float]:
    """Processor seconds and peak memory of one fresh process."""
    command = [sys.executable, "-m", "lessons_lib", "denoise", str(photo), "-o", str(out)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    child = subprocess.Popen(
        [*command, "--method", method, "--quiet", "--overwrite"],
        cwd=report.ROOT,
        env=environment,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "cpu": round(used.ru_utime + used.ru_stime, 2),
        "peak": round(peak / 1e6),
        "written": round(out.stat().st_size / 1e6, 1),
    }


def measure(sizes: list[str]) -> dict:
    """Every size with every method."""
    result = {"day": time.strftime("%Y-%m-%d"), "machine": report.machine(), "runs": {}}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            photo = Path(folder) / ("photo.dng" if size == RAW else "photo.jpg")
            (make_raw if size == RAW else make_photo)(photo, *SIZES[size])
            for method in METHODS[:1] if size == RAW else METHODS:
                found = run(photo, Path(folder) / "out.tif", method)
                result["runs"].setdefault(method, {})[size] = found
                print(method, f"{size} MP", found, flush=True)
    return result


def render(result: dict) -> str:
    """One row for each size and method; CPU per megapixel beyond the smallest size."""
    lines = [
        "| method | megapixels | CPU s | CPU s/MP | peak memory, MB | MB/MP |",
        "|---|---|---|---|---|---|",
    ]
    for method, runs in result["runs"].items():
        for size, found in runs.items():
            pixels = SIZES[size][0] * SIZES[size][1] / 1e6
            lines.append(
                f"| {method} | {size} | {found['cpu']:.1f} | {found['cpu'] / pixels:.2f} | "
                f"{found['peak']:.0f} | {found['peak'] / pixels:.0f} |"
            )
    lines += [
        "",
        "Fresh processes from start to end (imports, reading a JPEG or DNG, measuring, denoising "
        "in tiles of 1024 px, writing a 16-bit TIFF), one thread. Measured by `python -m "
        f"benchmarks.full_size` on {result['machine']}.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.full_size", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--dry", action="store_true", help="store nothing")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    asked = parser.parse_args()
    result = measure(asked.sizes)
    print(render(result))
    if not asked.dry:
        report.store(NAME, result, RESULT, render(result))


if __name__ == "__main__":
    main()
