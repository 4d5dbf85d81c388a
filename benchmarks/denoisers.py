#!/usr/bin/env python3
"""Measure how well and how fast each denoiser is, beside the same method in other packages.

    python -m benchmarks.denoisers            measure what is missing, print, rewrite README
    python -m benchmarks.denoisers --quick    Set12 at sigma 25 only, in under 3 minutes
    python -m benchmarks.denoisers --fresh    measure everything again

Each result is stored in build/ as soon as it is there: run it again after a stop and it goes
on; a denoiser that changed is measured again. The images lie in the folder that
WHY_EDGES_BLUR_DATA or --data names (data/README.md of the project says where they come from).
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks import denoiser_cluster, report
from benchmarks import denoiser_methods as methods
from benchmarks import denoiser_protocol as protocol
from benchmarks.denoiser_store import Store
from benchmarks.denoiser_table import disagreements, render
from lessons_lib.learning import weights
from lessons_lib.scenes.standard_sets import DATA_VARIABLE, standard_set

SETS, LEVELS = ("Set12", "BSD68"), (15, 25, 50)
ROUNDS, QUICK_ROUNDS = 5, 3
STORE = report.ROOT / "build" / "denoisers.jsonl"
RESULT = report.ROOT / "benchmarks" / "results" / "denoisers.json"
# Read by the numerical libraries when they are loaded, so set before a worker starts.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# The parent alone hears Ctrl-C; the workers end with the task that they are at.
STAY_ON_CONTROL_C = (signal.SIGINT, signal.SIG_IGN)
EDGE_LEVEL = protocol.EDGE_SIGMA * 255


@dataclass(frozen=True)
class Task:
    """One thing to measure.

    Attributes
    ----------
    kind : str
        'fidelity', 'edges', 'cost' (of a method together with its peers), or 'threads'.
    method : str
        Name of ours, or key of a peer.
    set_name : str
        'Set12', 'BSD68', or '' where no picture is needed.
    level : float
        Noise, of 255.
    rounds : int
        How often a cost is taken; the table has the median.
    """

    kind: str
    method: str
    set_name: str
    level: float
    rounds: int = ROUNDS

    @property
    def key(self) -> str:
        """Under which the result is stored."""
        rounds = "" if self.rounds == ROUNDS else f" | {self.rounds} rounds"
        return f"{self.kind} | {self.method} | {self.set_name} | {self.level:g}{rounds}"

    def names(self) -> list[str]:
        """Every method that takes part."""
        return [self.method, *(methods.timed_with(self.method) if self.kind == "cost" else [])]

    def fingerprint(self) -> str:
        """Whatever decides the result; costs depend on the processor too."""
        parts = [methods.fingerprint(name, self.level) for name in self.names()]
        timed = self.kind in ("cost", "threads")
        return " + ".join([*parts, report.processor()] if timed else parts)


def plan(
    names: list[str], sets: tuple[str, ...], levels: tuple[int, ...], quick: bool = False
) -> list[Task]:
    """All tasks, in the order of the table; costs last, because they are taken alone."""
    threaded = () if quick else methods.threaded()
    rounds = QUICK_ROUNDS if quick else ROUNDS
    return [
        *(Task("fidelity", n, s, v) for n in methods.chosen(names) for s in sets for v in levels),
        *(Task("edges", name, "", EDGE_LEVEL) for name in names),
        *(Task("cost", name, "Set12", level, rounds) for name in names for level in levels),
        *(Task("threads", name, "Set12", 25) for name in names if name in threaded),
    ]


def measure(task: Task, folder: str) -> dict:
    """Do one task; runs in a worker process."""
    if task.kind == "edges":
        return protocol.edge_widths(methods.denoiser(task.method, task.level))
    images = protocol.pictures(task.set_name, folder)
    if task.kind == "fidelity":
        return protocol.fidelity(methods.denoiser(task.method, task.level), images, task.level)
    if task.kind == "threads":
        one = methods.denoiser(task.method, task.level)
        return protocol.threads_seconds(one, replace(one, threads=2), images, task.level)
    denoisers = {name: methods.denoiser(name, task.level) for name in task.names()}
    return protocol.seconds_per_megapixel(denoisers, images, task.level, task.rounds)


def run(tasks: list[Task], folder: str, workers: int) -> Iterator[tuple[Task, dict | Exception]]:
    """Yield each task with its result, or with what went wrong, in order of completion."""
    context = get_context("spawn")  # a forked worker would inherit this process's threads
    with ProcessPoolExecutor(workers, context, signal.signal, STAY_ON_CONTROL_C) as pool:
        futures = {pool.submit(measure, task, folder): task for task in tasks}
        try:
            for future in as_completed(futures):
                yield futures[future], future.exception() or future.result()
        except (KeyboardInterrupt, GeneratorExit):
            pool.shutdown(cancel_futures=True)
            raise


Pool = Callable[[list[Task], str, int], Iterator[tuple[Task, dict | Exception]]]


def measure_missing(
    marks: dict[Task, str], store: Store, folder: str, workers: int, pool: Pool | None = None
) -> int:
    """Measure whatever the store does not hold; print a line for each; count the failures."""
    missing = [task for task, mark in marks.items() if store.get(task.key, mark) is None]
    print(f"{len(marks) - len(missing)} of {len(marks)} results are there already", flush=True)
    alone = [task for task in missing if task.kind in ("cost", "threads")]
    together = [task for task in missing if task not in alone]
    done = failures = 0
    for part, processes in ((together, workers), (alone, 1)):
        for task, result in (pool or run)(part, folder, processes):
            done += 1
            if isinstance(result, Exception):
                failures += 1
                print(f"{done}/{len(missing)} {task.key}: FAILED: {result!r}", flush=True)
                continue
            machine = result.pop("machine", None) or report.machine()
            origin = {"day": time.strftime("%Y-%m-%d"), "machine": machine}
            store.put(task.key, marks[task], origin | {"values": result})
            print(f"{done}/{len(missing)} {task.key}: {result}", flush=True)
    return failures


def collect(marks: dict[Task, str], store: Store) -> dict:
    """Everything that the table needs, as plain data."""
    stored = [(task, store.get(task.key, mark)) for task, mark in marks.items()]
    rows: dict[str, dict] = {}
    for task, result in stored:
        values = result["values"]
        row = rows.setdefault(task.method, {"fidelity": {}, "cost": {}, "edges": {}})
        if task.kind in ("edges", "threads"):
            row[task.kind] = values
        elif task.kind == "cost":
            row["cost"][str(task.level)] = values
        else:
            row["fidelity"].setdefault(task.set_name, {})[str(task.level)] = values
    return {
        "machine": max((result["day"], result["machine"]) for _, result in stored)[1],
        "packages": methods.all_packages(),
        "weights": weights.table()["grey"]["sha256"],
        "rounds": min(task.rounds for task in marks),
        "days": sorted({result["day"] for _, result in stored}),
        "not installed": methods.missing_peers(),
        "methods": [methods.describe(name) | row for name, row in rows.items()],
    }


def read_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__.splitlines()[0],
        epilog='With make, pass options as ARGS: make bench ARGS="--quick"',
    )  # fmt: skip
    add = parser.add_argument
    add("--quick", action="store_true", help="Set12 at sigma 25 only; README is not changed")
    add("--fresh", action="store_true", help="forget what was measured before")
    add("--dry", action="store_true", help="measure and print; README is not changed")
    add("--only", action="append", choices=methods.ours(), metavar="METHOD",
        help="one of ours with its peers (may be repeated); README is not changed. "
        f"Methods: {', '.join(methods.ours())}")  # fmt: skip
    add("--workers", type=int, default=2, help="processes for PSNR and SSIM (default 2)")
    add("--scheduler", metavar="ADDRESS",
        help="use an existing Dask cluster, e.g. tcp://127.0.0.1:8786; its workers need this "
        "project and the images at the same path; times are taken by one of them")  # fmt: skip
    add("--data", help=f"folder that holds eval/Set12 (default: {DATA_VARIABLE})")
    return parser.parse_args(arguments)


def pool_of(asked: argparse.Namespace) -> Pool:
    """Processes of this machine, or the workers of a cluster."""
    if not asked.scheduler:
        return run
    return partial(denoiser_cluster.run, scheduler=asked.scheduler, work=measure)


def data_folder(named: str | None) -> str:
    """Where the standard images are: as told, or ../shared/data beside the project."""
    beside = report.ROOT.parent / "shared" / "data"
    return str(Path(named or os.environ.get(DATA_VARIABLE) or beside).resolve())


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, store; 2 if the images are missing, 1 if a method failed."""
    asked = read_arguments(arguments)
    sets, levels = (SETS[:1], (25,)) if asked.quick else (SETS, LEVELS)
    folder = data_folder(asked.data)
    try:
        for name in sets:
            standard_set(name, folder)
    except (FileNotFoundError, ValueError) as error:
        print(f"The benchmark cannot start: {error}", file=sys.stderr)
        return 2
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    store = Store(STORE)
    tasks = plan(asked.only or methods.ours(), sets, levels, asked.quick)
    marks = {task: task.fingerprint() for task in tasks}  # once: a source may change meanwhile
    if asked.fresh:
        store.forget(task.key for task in tasks)
    try:
        failures = measure_missing(marks, store, folder, max(asked.workers, 1), pool_of(asked))
    except denoiser_cluster.NoCluster as error:
        print(f"The benchmark cannot start: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return 130
    if failures:
        print("Some methods failed, so no table; all other results are kept.", file=sys.stderr)
        return 1
    show(collect(marks, store), Path(folder), keep=not (asked.quick or asked.dry or asked.only))
    return 0


def show(result: dict, folder: Path, keep: bool) -> None:
    """Print the table, and where the peers differ from an earlier run; rewrite README's."""
    print(f"\n{render(result)}\n")
    print(disagreements(result, folder / "peers.tsv"))
    if keep:
        RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        report.write_readme("denoiser table", render(result))


if __name__ == "__main__":
    sys.exit(main())
