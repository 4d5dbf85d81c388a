"""The benchmark on a Dask cluster on this machine, one of whose workers is killed."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from functools import partial

import pytest

from benchmarks import denoiser_cluster as cluster
from benchmarks import denoisers as bench
from benchmarks.denoiser_store import Store

dask = pytest.importorskip("dask", reason="dask is not installed")
distributed = pytest.importorskip("dask.distributed", reason="dask is not installed")
cloudpickle = pytest.importorskip("cloudpickle")

# Sockets and event loops of the cluster close late, when their owners are collected.
pytestmark = [
    pytest.mark.xdist_group("cluster"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@dataclass(frozen=True)
class Errand:
    """A task that leaves a file with its worker's number each time that it is begun."""

    key: str
    seconds: float = 0.4


def fetch(errand: Errand, folder: str) -> dict:
    with open(f"{folder}/{errand.key}", "a") as begun:
        begun.write(f"{os.getpid()}\n")
    if errand.key == "broken":
        raise ValueError("no such width")
    time.sleep(getattr(errand, "seconds", 0.0))
    return {"psnr": len(errand.key)}


@pytest.fixture(scope="module")
def address():
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import tests
    # Who asks a killed worker for a result waits so long before it is done again.
    patience = dask.config.set({"distributed.comm.timeouts.connect": "3s"})
    with (
        patience,
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as local,
    ):
        yield local.scheduler_address


def begun(folder, errand) -> list[int]:
    return [int(line) for line in (folder / errand.key).read_text().split()]


def pool(address):
    return partial(cluster.run, scheduler=address, work=fetch)


def test_a_killed_worker_loses_nothing_and_nothing_counts_twice(address, tmp_path):
    errands = [Errand(f"errand{number}") for number in range(8)]
    results, killed = [], None
    for errand, result in pool(address)(errands, str(tmp_path), 2):
        results.append((errand, result["psnr"]))
        if killed is None:
            under_way = [e for e in errands if (tmp_path / e.key).exists() and e is not errand]
            killed = begun(tmp_path, under_way[-1])[-1]
            os.kill(killed, signal.SIGKILL)
    assert sorted(results, key=lambda pair: pair[0].key) == [(e, len(e.key)) for e in errands]
    twice = [errand for errand in errands if len(begun(tmp_path, errand)) > 1]
    assert twice, "the kill came too late to interrupt anything"
    for errand in twice:
        assert begun(tmp_path, errand)[0] == killed, "only what was interrupted is done again"
    everybody = {number for errand in errands for number in begun(tmp_path, errand)}
    assert len(everybody) >= 2


def test_what_came_from_a_cluster_is_stored_once_with_its_machine(address, tmp_path):
    store = Store(tmp_path / "store.jsonl")
    folder = tmp_path / "errands"
    folder.mkdir()
    tasks = {bench.Task("fidelity", name, "Set12", 25): "mark" for name in ("box", "median")}
    tasks |= {bench.Task("cost", "box", "Set12", 25): "mark"}
    assert bench.measure_missing(tasks, store, str(folder), 2, pool(address)) == 0
    lines = store.path.read_text().splitlines()
    assert len(lines) == 3 and all(store.get(task.key, "mark") for task in tasks)
    assert all("cores" in store.get(task.key, "mark")["machine"] for task in tasks)
    assert "machine" not in store.get(next(iter(tasks)).key, "mark")["values"]
    bench.measure_missing(tasks, Store(store.path), str(folder), 2, pool(address))
    assert store.path.read_text().splitlines() == lines, "what is there is not measured again"


def test_one_that_fails_costs_no_other_and_times_are_taken_one_by_one(address, tmp_path):
    errands = [Errand("a", 0.2), Errand("broken"), Errand("b", 0.2)]
    start = time.monotonic()
    found = dict(pool(address)(errands, str(tmp_path), 1))
    assert time.monotonic() - start >= 0.4, "not two at once"
    assert isinstance(found.pop(errands[1]), ValueError)
    assert {errand.key for errand in found} == {"a", "b"}
    assert len({number for e in errands for number in begun(tmp_path, e)}) == 1


def test_a_missing_scheduler_is_said(monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with pytest.raises(cluster.NoCluster, match="no Dask scheduler answers at tcp://127.0.0.1:9"):
        list(cluster.run([Errand("a")], "", 2, scheduler="tcp://127.0.0.1:9", work=fetch))


def test_a_worker_with_many_threads_is_refused(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with pytest.raises(RuntimeError, match="OMP_NUM_THREADS=1; start it with its nanny"):
        cluster.on_worker(fetch, Errand("x"), "")
