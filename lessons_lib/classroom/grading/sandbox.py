"""What a submission's code may see and use while it is graded.

The sandbox is made of bubblewrap and prlimit. Inside it there are the system's programs, this
Python and the course's library, all read-only; no network, no other process, no home folder, and
neither the course's sources nor its gradebook. Where bubblewrap is missing the instructor may
choose the weak sandbox, which only limits time, memory, processes and files.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import lessons_lib

LIBRARY = Path(lessons_lib.__file__).resolve().parent
HOME = "/home/student"
LONE_USER = "60001"
"""Who a submission's code is where the grader is root, whom no limit on processes binds."""

KINDS = ("bubblewrap", "weak")


@dataclass(frozen=True)
class Limits:
    """How much one submission may use.

    Attributes
    ----------
    cell_seconds, call_seconds, submission_seconds : int
        Wall-clock seconds for a cell, for one call of an answer in the second look, and for the
        whole submission.
    cpu_seconds : int
        Processor seconds of one process.
    memory_bytes, file_bytes, scratch_bytes, output_bytes : int
        Address space of one process, the largest file, all files, and a cell's output.
    processes : int
        Processes and threads at once.
    """

    cell_seconds: int = 20
    call_seconds: int = 20
    submission_seconds: int = 600
    cpu_seconds: int = 120
    memory_bytes: int = 4 * 2**30
    file_bytes: int = 64 * 2**20
    scratch_bytes: int = 128 * 2**20
    output_bytes: int = 2**20
    processes: int = 64


def choose(kind: str) -> str:
    """Return the kind of sandbox asked for, or stop with what to do if it does not work here.

    Raises
    ------
    ValueError
        If there is no such kind.
    RuntimeError
        If bubblewrap is asked for and missing, or not allowed to make its namespaces.
    """
    if kind not in KINDS:
        raise ValueError(f"the sandbox must be one of {', '.join(KINDS)}, got {kind!r}")
    if kind == "bubblewrap":
        _ask_for_bubblewrap()
    return kind


def _ask_for_bubblewrap() -> None:
    missing = [name for name in ("bwrap", "prlimit") if not shutil.which(name)]
    trouble = f"{' and '.join(missing)} not found" if missing else _first_words()
    if trouble:
        raise RuntimeError(
            f"the sandbox does not work here: {trouble}. On Debian and Ubuntu: sudo apt install "
            "bubblewrap util-linux. On other systems grade in a Linux container or virtual "
            "machine. With --sandbox weak only time, memory, processes and files are limited: a "
            "submission can then read your files and use the network, so look at it first."
        )


def _first_words() -> str:
    """What is wrong with running something in the sandbox; nothing if it works."""
    worker = [sys.executable, "-c", "import lessons_lib.classroom.grading.worker"]
    command = wrapped(worker, "bubblewrap", Limits())
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return "" if done.returncode == 0 else done.stderr.strip()[-300:] or "bwrap fails"


def wrapped(
    command: list[str],
    kind: str,
    limits: Limits,
    *,
    environment: dict[str, str] | None = None,
    readable: tuple[tuple[str, str], ...] = (),
    writable: str = "",
    blank: tuple[str, ...] = (),
    handed_over: str = "",
) -> list[str]:
    """Return the command that runs another one in a sandbox.

    Parameters
    ----------
    command : list of str
        What to run.
    kind : str
        'bubblewrap' or 'weak'.
    limits : Limits
        How much it may use.
    environment : dict of str, optional
        Variables besides the plain ones; nothing is inherited.
    readable : tuple of (str, str)
        Files or folders, and where they stand inside.
    writable : str
        A folder that the command may write into; it keeps its place.
    blank : tuple of str
        Files of the library that are empty inside, and folders without content.
    handed_over : str
        A file that must belong to the sandbox's user.
    """
    variables = plain_environment() | (environment or {})
    if kind == "weak":
        return _weak(command, limits, variables)
    binds = [*_system(), *_library()]
    for path in blank:
        emptied = ["--tmpfs", path] if Path(path).is_dir() else ["--ro-bind", os.devnull, path]
        binds += emptied
    for outside, inside in readable:
        binds += ["--ro-bind", outside, inside]
    if writable:
        binds += ["--bind", writable, writable]
    for name, value in variables.items():
        binds += ["--setenv", name, value]
    shared = [] if os.geteuid() == 0 else ["--unshare-user"]
    return [
        "bwrap", "--die-with-parent", "--new-session", *shared, "--unshare-pid", "--unshare-net",
        "--unshare-ipc", "--unshare-uts", "--clearenv", *_scratch(limits),
        *_ancestors(binds), *binds,
        "--remount-ro", "/dev", "--chdir", HOME, *_user(handed_over), *_prlimit(limits), *command,
    ]  # fmt: skip


def plain_environment() -> dict[str, str]:
    """The variables that every sandbox has; nothing of the instructor's own."""
    one = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return dict.fromkeys(one, "1") | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "HOME": HOME,
        "LANG": "C.UTF-8",
        "OMP_WAIT_POLICY": "passive",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",  # on standard error nbgrader takes them for a failure
    }


def _scratch(limits: Limits) -> list[str]:
    """Folders in memory: they are gone with the sandbox."""
    size = ["--size", str(limits.scratch_bytes)]
    folders = ["--proc", "/proc", "--dev", "/dev"]
    for place in ("/tmp", HOME, "/dev/shm"):
        folders += ["--perms", "1777", *size, "--tmpfs", place]
    return folders


def _ancestors(binds: list[str]) -> list[str]:
    """Make the folders above what is bound, open to the sandbox's user but otherwise empty."""
    flags = ("--ro-bind", "--ro-bind-try", "--bind")
    inside = [Path(binds[k + 2]) for k, word in enumerate(binds) if word in flags]
    bound = set(inside)
    above = {folder for path in inside for folder in path.parents if folder != Path("/")}
    apart = [path for path in above if not bound & {path, *path.parents}]
    known = (Path("/tmp"), Path(HOME), Path("/dev"), Path("/dev/shm"))
    made = sorted(str(path) for path in apart if path not in known)
    modes = {path: "1777" if path.startswith("/tmp/") else "0755" for path in made}
    return [word for path, mode in modes.items() for word in ("--perms", mode, "--dir", path)]


def _system() -> list[str]:
    """The system's programs and libraries, as they stand, and the few settings they read."""
    binds = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            binds += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            binds += ["--ro-bind", str(path), str(path)]
    for name in ("ld.so.cache", "fonts", "alternatives", "localtime"):
        binds += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return binds


def _library() -> list[str]:
    """Python as it runs, its packages, the library and its weights; no notebooks."""
    folders = {Path(sys.base_prefix), Path(sys.prefix), LIBRARY, LIBRARY.parent / "data"}
    binds = []
    for folder in sorted(map(str, folders)):
        if Path(folder).exists() and not folder.startswith("/usr/"):
            binds += ["--ro-bind", folder, folder]
    return binds + _compiled()


@cache
def _compiled() -> list[str]:
    """Numba uses what it compiled only in a folder that it may write to: give it such a copy."""
    folder = LIBRARY / "denoisers" / "__pycache__"
    tag = sys.implementation.cache_tag
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    ended = (".pyc", ".nbi", ".nbc")  # no half-written file of somebody who compiles just now
    files = [path for path in sorted(folder.glob("*")) if path.suffix in ended]
    kept = [path for path in files if tag in path.name or version in path.name]
    binds = ["--perms", "1777", "--tmpfs", str(folder)] if kept else []
    for path in kept:
        binds += ["--ro-bind-try", str(path), str(path)]  # it may have been replaced since
    return binds


def _user(handed_over: str) -> list[str]:
    """Where the grader is root, become a user whom limits bind, and give up every right."""
    if os.geteuid() != 0:
        return []
    own = ["sh", "-c", f'chown {LONE_USER} "$0" && exec "$@"', handed_over] if handed_over else []
    return [
        *own, "setpriv", f"--reuid={LONE_USER}", f"--regid={LONE_USER}", "--clear-groups",
        "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs",
    ]  # fmt: skip


def _prlimit(limits: Limits) -> list[str]:
    return [
        "prlimit", f"--cpu={limits.cpu_seconds}", f"--as={limits.memory_bytes}",
        f"--fsize={limits.file_bytes}", f"--nproc={limits.processes}", "--core=0", "--nofile=512",
    ]  # fmt: skip


def _weak(command: list[str], limits: Limits, variables: dict[str, str]) -> list[str]:
    numbers = (limits.cpu_seconds, limits.memory_bytes, limits.file_bytes)
    pairs = [f"{name}={value}" for name, value in variables.items() if name != "HOME"]
    return [
        sys.executable, str(Path(__file__).with_name("weak_sandbox.py")),
        ",".join(map(str, numbers)), str(len(pairs)), *pairs, *command,
    ]  # fmt: skip
