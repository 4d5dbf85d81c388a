#!/usr/bin/env python3
"""Measure how long a slider takes to change pixels, in a real JupyterLab in headless Chromium.

    python benchmarks/widget_latency.py           measure, print, and store the result
    python benchmarks/widget_latency.py --dry     measure and print only

The blur microscope and an ``@interact`` + ``imshow`` version of the same three pictures are
measured in the same run, on the same 512 x 512 grey picture with the same Gaussian. Times are
from the slider's event to the first animation frame in which a picture has other pixels. The
table in README.md is rewritten between its two marks.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))
import lab  # noqa: E402  (the browser tests' own driver)
import report  # noqa: E402  (lies beside this file)

from lessons_lib.denoisers import Gaussian  # noqa: E402

MOVES = 60
RESULT = ROOT / "benchmarks" / "results" / "widget_latency.json"

OURS = """
from lessons_lib.display.widgets import blur_microscope
microscope = blur_microscope(picture="camera man", noise="Gaussian", size=512)
microscope
"""
# What most notebooks do: a new figure for each event, drawn by the inline backend.
INTERACT = """
%matplotlib inline
import matplotlib.pyplot as plt
from ipywidgets import interact
from lessons_lib.denoisers import Gaussian
look = microscope.look
@interact(width=(0.0, 6.0, 0.1))
def show(width=1.5):
    denoiser = Gaussian(width)
    estimate = denoiser(look.noisy, look.sigma)
    lost = look.clean - denoiser(look.clean, look.sigma)
    figure, axes = plt.subplots(1, 3, figsize=(15, 5))
    axes[0].imshow(look.noisy, cmap="gray", vmin=0, vmax=1)
    axes[1].imshow(estimate, cmap="gray", vmin=0, vmax=1)
    axes[2].imshow(lost, cmap="gray", vmin=-0.15, vmax=0.15)
    plt.show()
"""

PROBE = """
window.probe = {
  ours: () => {
    const canvas = document.querySelector('.web-view canvas[data-key=estimate]');
    const data = canvas.getContext('2d').getImageData(200, 60, 64, 64).data;
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i]) | 0;
    return sum;
  },
  interact: () => {
    const image = document.querySelector('.widget-interact img');
    if (!image || !image.complete || !image.naturalWidth) return null;
    return image.src.length + image.src.slice(-400);
  },
  press: {
    ours: (step) => {
      const input = document.querySelector('.web-view input[data-name=strength]');
      input.value = Number(input.value) + step;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    },
    interact: (step) => {
      const handle = document.querySelector('.widget-interact .noUi-handle');
      const key = step > 0 ? 'ArrowRight' : 'ArrowLeft';
      handle.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    },
  },
  once: (kind, step) => new Promise((resolve) => {
    const before = window.probe[kind](), start = performance.now();
    window.probe.press[kind](step);
    const look = () => {
      const now = window.probe[kind]();
      if (now !== null && now !== before) resolve(performance.now() - start);
      else if (performance.now() - start > 5000) resolve(null);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }),
  drag: (kind, seconds) => new Promise((resolve) => {
    const start = performance.now();
    let last = window.probe[kind](), changed = start, frames = 0;
    let step = 0.1, moves = 0, ended = 0;
    const move = setInterval(() => {
      if (performance.now() - start > seconds * 1000) {
        clearInterval(move);
        ended = performance.now();
        return;
      }
      if (++moves % 25 === 0) step = -step;
      window.probe.press[kind](step);
    }, 16);
    const look = () => {
      const now = window.probe[kind]();
      if (now !== null && now !== last) { last = now; changed = performance.now(); frames += 1; }
      if (ended && performance.now() - ended > 4000)
        resolve({ settled: Math.max(0, changed - ended), frames, moves });
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }),
};
"""


def notebook(*cells: str) -> dict:
    """A notebook with these code cells."""
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {
        "nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel},
        "cells": [
            {"cell_type": "code", "id": f"cell-{index}", "metadata": {}, "outputs": [],
             "execution_count": None, "source": source.strip()}
            for index, source in enumerate(cells)
        ],
    }  # fmt: skip


def summary(times: list[float]) -> dict[str, float]:
    """Median and 95th percentile in ms."""
    return {
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(float(np.percentile(times, 95)), 1),
        "moves": len(times),
    }


def measure(page, kind: str) -> dict:
    """Single moves, then one drag of 4 s."""
    times = []
    for index in range(MOVES):
        step = 0.1 if index % 40 < 20 else -0.1
        elapsed = page.evaluate("([kind, step]) => window.probe.once(kind, step)", [kind, step])
        if elapsed is None:
            raise SystemExit(f"{kind}: a move changed no pixel within 5 s")
        times.append(elapsed)
        page.wait_for_timeout(250)  # let the message that acknowledges the event come in
    return {**summary(times), "drag": page.evaluate("(kind) => window.probe.drag(kind, 4)", kind)}


def denoiser_ms() -> float:
    """Wall time of what both versions compute for a move: two Gaussians of 512 x 512 px."""
    noisy = np.random.default_rng(0).random((512, 512)).astype(np.float32)
    times = []
    for _ in range(30):
        start = time.perf_counter()
        Gaussian(2.0)(noisy, 0.05)
        Gaussian(2.0)(noisy, 0.05)
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 1)


def run() -> dict:
    """Measure both versions in one JupyterLab."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "notebooks").mkdir()
        (folder / "notebooks" / "latency.ipynb").write_text(json.dumps(notebook(OURS, INTERACT)))
        with lab.running_lab(folder / "notebooks", folder / "state") as address:
            with lab.running_browser() as browser:
                page = browser.new_page(viewport={"width": 1500, "height": 1400})
                lab.open_notebook(page, address, "latency.ipynb")
                lab.run_all(page)
                page.wait_for_selector(".widget-interact img")
                page.wait_for_timeout(2000)
                page.evaluate(PROBE)
                result = {kind: measure(page, kind) for kind in ("ours", "interact")}
                result["browser"] = f"Chromium {browser.version}"
    own = denoiser_ms()
    return {
        **result,
        "denoiser_ms": own,
        "times_faster": round(result["interact"]["median_ms"] / result["ours"]["median_ms"], 1),
        "machine": report.machine(),
    }


def table(result: dict) -> str:
    """The result as Markdown."""
    rows = [
        "| 512 x 512, three pictures | median ms | p95 ms | pictures painted in a 4 s drag | "
        "settled after the drag, ms |",
        "|---|---|---|---|---|",
    ]
    for kind, name in (("ours", "blur microscope"), ("interact", "`@interact` + `imshow`")):
        one = result[kind]
        rows.append(
            f"| {name} | {one['median_ms']} | {one['p95_ms']} | {one['drag']['frames']} | "
            f"{one['drag']['settled']:.0f} |"
        )
    own = result["denoiser_ms"]
    beyond = result["ours"]["median_ms"] - own, result["ours"]["p95_ms"] - own
    rows += [
        "",
        f"The denoiser's own time is {own} ms of each, so the microscope adds {beyond[0]:.0f} ms "
        f"(median) and {beyond[1]:.0f} ms (p95); it is {result['times_faster']} times as fast as "
        f"`@interact`. Measured by `make latency` on {result['machine']}, {result['browser']}; "
        f"slider event to changed pixels, {result['ours']['moves']} moves each.",
    ]
    return "\n".join(rows)


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dry", action="store_true", help="store nothing")
    dry = parser.parse_args().dry
    if lab.find_chromium() is None:
        raise SystemExit("no Chromium here: install it (Debian: apt install chromium)")
    result = run()
    print(table(result))
    if not dry:
        RESULT.parent.mkdir(parents=True, exist_ok=True)
        RESULT.write_text(json.dumps(result, indent=1) + "\n")
        report.write_readme("latency table", table(result))


if __name__ == "__main__":
    main()
