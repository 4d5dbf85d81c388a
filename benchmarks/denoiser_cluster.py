"""The benchmark's tasks on an existing Dask cluster: the same work, on other machines.

Each worker needs the project (``lessons_lib`` and ``benchmarks`` can be imported) and the
standard images at the same path as the client. Start workers by ``dask worker``, whose nanny
gives each of them one numerical thread, and starts a new one where one was killed.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks import report

PATIENCE = 20  # seconds to find the scheduler


class NoCluster(RuntimeError):
    """There is no scheduler, or nobody works for it."""


def run(
    tasks: Sequence[Any],
    folder: str,
    workers: int,
    *,
    scheduler: str,
    work: Callable[[Any, str], dict],
) -> Iterator[tuple[Any, dict | Exception]]:
    """Yield each task with its result, or with what went wrong, in order of completion.

    A task whose worker dies is done again by another one, and its result comes once. One that
    four workers died of is given up, as Dask's scheduler does by default.

    Parameters
    ----------
    tasks : sequence
        Can be sent to other machines; each has a ``key`` of its own.
    folder : str
        Where the standard images are, on every machine.
    workers : int
        1: one task at a time, all on the same worker, so that times can be compared. Else all
        workers take part.
    scheduler : str
        Address, for example tcp://127.0.0.1:8786.
    work : callable
        (task, folder) -> result.

    Raises
    ------
    NoCluster
        If the scheduler does not answer, or has no worker.
    """
    from dask.distributed import Client, as_completed  # slow to import, and optional

    if not tasks:
        return

    try:
        client = Client(scheduler, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        raise NoCluster(
            f"no Dask scheduler answers at {scheduler}; start one (dask scheduler) and workers "
            "(dask worker ADDRESS), or leave --scheduler out"
        ) from error
    with client:
        names = sorted(client.scheduler_info(n_workers=-1)["workers"])
        if not names:
            raise NoCluster(f"{scheduler} has no workers; start some: dask worker {scheduler}")
        waiting = list(tasks)
        chosen = {"workers": names[:1], "allow_other_workers": True} if workers == 1 else {}
        running: dict = {}

        def submit() -> Any:
            task = waiting.pop(0)
            future = client.submit(on_worker, work, task, folder, retries=0, pure=False, **chosen)
            running[future.key] = task
            return future

        futures = as_completed([submit() for _ in tasks[: 1 if workers == 1 else None]])
        for future in futures:
            error = future.exception()
            yield running.pop(future.key), error or future.result()
            future.release()
            if waiting:
                futures.add(submit())


def on_worker(work: Callable[[Any, str], dict], task: Any, folder: str) -> dict:
    """Do one task on a worker, and say which machine that was.

    Raises
    ------
    RuntimeError
        If the worker lets numerical libraries use several threads: its times would not
        compare.
    """
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise RuntimeError(
            "the worker must have OMP_NUM_THREADS=1; start it with its nanny (dask worker's "
            "default), or set the variable before it starts"
        )
    return work(task, folder) | {"machine": report.machine()}
