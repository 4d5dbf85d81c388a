#!/usr/bin/env python3
"""Run each lesson from top to bottom in a clean kernel and note seconds and peak memory.

python benchmarks/lesson_times.py           measure, print, and rewrite README's table
python benchmarks/lesson_times.py --dry     measure and print only
"""

import argparse
import sys
import time

import nbclient
import nbformat
import report

sys.path.insert(0, str(report.ROOT / "tools"))
import build_notebooks as builder  # noqa: E402  (a tool, not part of the library)

USAGE = (
    "import resource, sys; r = resource.getrusage(resource.RUSAGE_SELF); "
    "print(r.ru_maxrss / (1e6 if sys.platform == 'darwin' else 1e3), r.ru_utime + r.ru_stime)"
)


def measure(notebook: nbformat.NotebookNode) -> tuple[float, float, float]:
    """Wall seconds with the kernel's start, processor seconds, peak memory in MB."""
    notebook.cells.append(nbformat.v4.new_code_cell(USAGE))
    started = time.perf_counter()
    folder = {"metadata": {"path": str(builder.NOTEBOOKS)}}
    nbclient.NotebookClient(notebook, timeout=300, resources=folder).execute()
    wall = time.perf_counter() - started
    peak, processor = (float(word) for word in notebook.cells[-1].outputs[0].text.split())
    return wall, processor, peak


def main() -> None:
    """Measure all lessons and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dry", action="store_true", help="store nothing")
    dry = parser.parse_args().dry
    rows = [
        "| lesson, solved, from top to bottom | seconds | processor seconds | peak MB |",
        "|---|---|---|---|",
    ]
    found = []
    for source in sorted(builder.SOURCES.glob("*.py")):
        wall, processor, peak = measure(builder.solved_version(builder.read_source(source)))
        found.append((wall, processor, peak))
        rows.append(f"| {source.stem} | {wall:.0f} | {processor:.0f} | {peak:.0f} |")
        print(rows[-1], flush=True)
    walls, processors, peaks = zip(*found, strict=True)
    whole = f"{sum(walls):.0f} | {sum(processors):.0f} | {max(peaks):.0f}"
    rows.append(f"| **all, one after the other** (goal: 480 s, 2000 MB) | {whole} |")
    print(rows[-1])
    rows += ["", f"Measured by `make measure` on {report.machine()}."]
    if not dry:
        report.write_readme("lesson table", "\n".join(rows))


if __name__ == "__main__":
    main()
