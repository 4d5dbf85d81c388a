"""What the sandbox lets in and out, tried from inside."""

import os
import shutil
import subprocess
import sys

import pytest

from lessons_lib.classroom.grading import sandbox
from lessons_lib.classroom.grading.sandbox import LIBRARY, Limits, wrapped


def works() -> bool:
    try:
        return sandbox.choose("bubblewrap") == "bubblewrap"
    except RuntimeError:
        return False


needs_bubblewrap = pytest.mark.skipif(
    not shutil.which("bwrap") or not works(), reason="bubblewrap is missing or not allowed here"
)


def inside(code: str, kind: str = "bubblewrap", **options: object) -> str:
    limits = options.pop("limits", Limits())
    command = wrapped([sys.executable, "-c", code], kind, limits, **options)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return (done.stdout + done.stderr).strip()


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="one of bubblewrap, weak, got 'none'"):
        sandbox.choose("none")


def test_without_bubblewrap_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="bwrap and prlimit not found.*apt install.*weak"):
        sandbox.choose("bubblewrap")


@needs_bubblewrap
def test_sources_gradebook_and_home_are_not_there(tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("grades")
    places = [str(secret), str(LIBRARY.parent / "notebooks"), str(LIBRARY.parent / "tests")]
    code = f"import os; print([os.path.exists(p) for p in {places!r}], os.listdir('/home'))"
    assert inside(code) == "[False, False, False] ['student']"


@needs_bubblewrap
def test_nothing_is_inherited(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "secret")
    code = "import os; print('MY_TOKEN' in os.environ, os.environ['HOME'])"
    assert inside(code) == "False /home/student"


@needs_bubblewrap
def test_there_is_no_network_and_no_other_process():
    code = (
        "import socket, os\n"
        "try:\n    socket.create_connection(('127.0.0.1', 1), 2)\n"
        "except OSError as error:\n    print(type(error).__name__)\n"
        "print(sum(name.isdigit() for name in os.listdir('/proc')) < 5)\n"
        "print([line.split(':')[0].strip() for line in open('/proc/net/dev')][2:])"
    )
    assert inside(code).splitlines() == ["ConnectionRefusedError", "True", "['lo']"]


@needs_bubblewrap
def test_the_library_and_the_system_cannot_be_written():
    place = LIBRARY / "image.py"
    code = (
        f"for place in ({str(place)!r}, '/usr/bin/mine', '/etc/mine', '/mine'):\n"
        "    try:\n        open(place, 'a')\n        print('OPEN', place)\n"
        "    except OSError:\n        print('closed')"
    )
    assert inside(code).splitlines() == ["closed"] * 4


@needs_bubblewrap
def test_memory_disk_processes_and_time_are_limited():
    tries = {
        "memory": "bytearray(2 * 2**30)",
        "disk": "open('/tmp/x', 'wb').write(bytes(9 * 2**20))",
        "processes": "[__import__('os').fork() or __import__('time').sleep(9) for _ in range(99)]",
    }
    limits = Limits(memory_bytes=2**30, scratch_bytes=2**22, processes=20)
    names = {}
    for name, code in tries.items():
        whole = f"try:\n    {code}\nexcept BaseException as e:\n    print(type(e).__name__)"
        names[name] = inside(whole, limits=limits).splitlines()[0]
    assert names == {"memory": "MemoryError", "disk": "OSError", "processes": "BlockingIOError"}
    forever = [sys.executable, "-c", "while True: pass"]
    command = wrapped(forever, "bubblewrap", Limits(cpu_seconds=1))
    assert subprocess.run(command, timeout=120).returncode != 0


@needs_bubblewrap
def test_the_worker_runs_but_sees_no_judge():
    pytest.importorskip("nbgrader", reason="nbgrader is an instructor's package")
    from lessons_lib.classroom.grading.recheck import judge_files

    files = judge_files("import numpy as np")
    name = next(path for path in files if path.endswith("ps1.py"))
    code = (
        "import lessons_lib.classroom.grading.worker\n"
        f"try:\n    open({name!r})\nexcept OSError:\n    print('closed')"
    )
    assert inside(code, blank=files) == "closed"


@needs_bubblewrap
def test_what_numba_compiled_is_found_again():
    folder = LIBRARY / "denoisers" / "__pycache__"
    if not list(folder.glob("bm3d*.nbi")):
        pytest.skip("nothing was compiled yet")
    code = (
        "import numpy, time; from lessons_lib.denoisers.bm3d import bm3d; "
        "start = time.process_time(); bm3d(numpy.zeros((16, 16)), 0.1); "
        "print(time.process_time() - start)"
    )
    assert float(inside(code)) < 5  # compiling takes more than ten


def test_the_weak_sandbox_limits_and_clears(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "secret")
    code = (
        "import os\nprint('MY_TOKEN' in os.environ, os.environ['OMP_NUM_THREADS'])\n"
        "try:\n    bytearray(3 * 2**30)\nexcept MemoryError:\n    print('MemoryError')"
    )
    lines = inside(code, "weak", limits=Limits(memory_bytes=2**30)).splitlines()
    assert lines[0] == "False 1"
    if sys.platform == "linux":
        assert lines[1] == "MemoryError"
    assert os.environ["MY_TOKEN"] == "secret"
