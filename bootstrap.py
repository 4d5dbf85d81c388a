#!/usr/bin/env python3
"""Set the course up and run it: the same commands on Linux, macOS and Windows.

    python bootstrap.py lab      create the environment and open JupyterLab on lesson 00
    python bootstrap.py test     create the environment and run every test
    python bootstrap.py explorer the blur explorer for a lecture hall: no code, one page
    python bootstrap.py setup    only create the environment
    python bootstrap.py help     all commands

`make lab` and `make test` call this script. It needs Python 3.11 to 3.13 and nothing
else; it puts everything into the folder .venv of this project and touches nothing
outside. Run it again whenever you like: what is already done is not done twice.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TORCH = "2.13.0"
FIRST_LESSON = "00_start_here.ipynb"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
EXPLORER_EXTENSIONS = (
    "anywidget", "@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8",
)  # fmt: skip
WINDOWS = os.name == "nt"
SUPPORTED = ((3, 11), (3, 13))


def venv_python() -> Path:
    """Where the environment's own interpreter lies."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def say(text: str) -> None:
    """Print a line at once, so that it stands before what the next command prints."""
    print(f"[why-edges-blur] {text}", flush=True)


def stop(text: str) -> None:
    """End with a message that says what to do."""
    raise SystemExit(f"[why-edges-blur] {text}")


def check_python() -> None:
    """Refuse an interpreter that the pinned packages do not support."""
    low, high = SUPPORTED
    if not low <= sys.version_info[:2] <= high:
        stop(
            f"this is Python {platform.python_version()}; the course needs "
            f"{low[0]}.{low[1]} to {high[0]}.{high[1]}. Name another one, for example: "
            "make lab PYTHON=python3.12"
        )


def run(*command: object, **options: object) -> int:
    """Run a command from the project's folder and return its exit status."""
    return subprocess.call([str(part) for part in command], cwd=ROOT, **options)


def pip(*arguments: str, quiet: bool = False) -> bool:
    """Run the environment's pip; True if it succeeded."""
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} if quiet else {}
    command = (venv_python(), "-m", "pip", "--disable-pip-version-check", *arguments)
    return run(*command, **options) == 0


def make_venv() -> None:
    """Create .venv, with or without Debian's separate python3-venv package."""
    if venv_python().exists() and run(venv_python(), "-c", "import pip") == 0:
        return
    if VENV.exists():
        say(".venv is there but does not work (was it moved or interrupted?): making it anew")
        shutil.rmtree(VENV)
    if importlib.util.find_spec("ensurepip"):
        done = run(sys.executable, "-m", "venv", VENV) == 0
    elif importlib.util.find_spec("pip"):
        # Debian splits ensurepip off; a pip that is there can fill the empty environment.
        fill = (sys.executable, "-m", "pip", "--python", venv_python(), "install", "-q", "pip")
        done = run(sys.executable, "-m", "venv", "--without-pip", VENV) == 0 and run(*fill) == 0
    elif shutil.which("uv"):
        done = run("uv", "venv", "--seed", "--python", sys.executable, VENV) == 0
    else:
        done = False
    if not done:
        shutil.rmtree(VENV, ignore_errors=True)
        stop(
            "this Python cannot make a virtual environment. On Debian and Ubuntu: "
            "sudo apt install python3-venv, then the same command again"
        )


def stamp(*files: str) -> str:
    """One hash of everything that decides what an installed environment holds."""
    digest = hashlib.sha256(f"{sys.version}{ROOT}{TORCH}".encode())
    for name in files:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def has_torch() -> bool:
    """Whether the environment holds the pinned PyTorch."""
    ask = f"from importlib.metadata import version; assert version('torch').startswith('{TORCH}')"
    return run(venv_python(), "-c", ask, stderr=subprocess.DEVNULL) == 0


def install_torch(allow_cuda: bool) -> None:
    """Install the CPU build of PyTorch; never gigabytes of CUDA without being asked.

    On Linux x86-64 the plain PyPI wheel is the CUDA one, so the CPU build is asked for
    by name: first wherever pip already looks, then in PyTorch's own index. Elsewhere
    the plain wheel is a CPU build.
    """
    if has_torch():
        return
    plain_is_cpu = not (sys.platform == "linux" and platform.machine() == "x86_64")
    if plain_is_cpu:
        ways = [("install", f"torch=={TORCH}")]
    else:
        cpu = f"torch=={TORCH}+cpu"
        ways = [("install", cpu), ("install", cpu, "--extra-index-url", TORCH_CPU_INDEX)]
        ways = [(*way, "--retries", "1", "--timeout", "20") for way in ways]
    say(f"PyTorch {TORCH}, CPU build (about 190 MB)")
    if any(pip(*way, "-q", quiet=way != ways[-1]) for way in ways):
        return
    if allow_cuda and pip("install", f"torch=={TORCH}"):
        return
    say(
        "The CPU build of PyTorch could not be fetched; the course goes on without it. "
        "Lessons 00 to 05 work; lessons 06 to 09 will ask for it. When you are online run "
        "the same command again. The main index also has a build with CUDA (about 2.7 GB "
        "more): python bootstrap.py setup --cuda-torch"
    )


def setup(tests: bool = False, allow_cuda: bool = False) -> None:
    """Bring .venv to the state that the pinned requirements describe."""
    check_python()
    make_venv()
    more = [f"requirements-{part}.txt" for part in ("test", "explorer", "site")] if tests else []
    files = ["requirements.txt", *more]
    marker = VENV / ("ready-for-tests" if tests else "ready")
    wanted = stamp("bootstrap.py", "pyproject.toml", *files)
    if marker.exists() and marker.read_text() == wanted and not allow_cuda:
        return
    say("Installing the packages (about a minute; once)")
    requirements = [part for name in files for part in ("-r", name)]
    if not pip("install", "-q", *requirements):
        stop("the packages could not be installed: read pip's message above; are you online?")
    if not pip("install", "-q", "--no-deps", "-e", "."):
        stop("the course's own library could not be installed: read pip's message above")
    quiet_news()
    warm_up()
    install_torch(allow_cuda)
    if has_torch():
        marker.write_text(wanted)  # without torch the next call tries once more


def warm_up() -> None:
    """Let Numba compile BM3D's inner loops now, so that no slider waits for it later.

    What it compiles it keeps beside the source. If this fails they are compiled when they
    are first used.
    """
    for kind in ("float32", "float64"):
        code = (
            "import numpy; from lessons_lib.denoisers.bm3d import bm3d; "
            f"bm3d(numpy.zeros((16, 16), numpy.{kind}), 0.1)"
        )
        run(venv_python(), "-c", code)


def quiet_news() -> None:
    """Keep pop-ups and foreign buttons off the first lesson, in this environment alone."""
    folder = VENV / "share/jupyter/lab/settings"
    folder.mkdir(parents=True, exist_ok=True)
    wish = {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        }
    }
    (folder / "overrides.json").write_text(json.dumps(wish, indent=2))
    # The blur explorer's server would add a button of its own to each notebook's tool bar.
    folder = VENV / "etc/jupyter/labconfig"
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "page_config.json"
    settings = json.loads(page.read_text()) if page.exists() else {}
    settings.setdefault("disabledExtensions", {})["@voila-dashboards/jupyterlab-preview"] = True
    page.write_text(json.dumps(settings, indent=2))


def lab_command(extra: list[str]) -> list[str]:
    """The command that opens JupyterLab on lesson 00, also for who types the address by hand."""
    return [
        str(venv_python()), "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT / 'notebooks'}",
        f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}", *extra,
    ]  # fmt: skip


def lab(extra: list[str]) -> int:
    """Open JupyterLab on lesson 00."""
    setup()
    return run(*lab_command(extra))


def explorer_command(extra: list[str]) -> tuple[list[str], dict[str, str]]:
    """The command that shows the blur microscope without code, and its environment."""
    folder = ROOT / "notebooks" / "explorer"
    command = [
        str(venv_python()), "-m", "voila", str(folder / "blur_explorer.ipynb"),
        "--template=explorer", "--theme=light",
        # Other extensions expect the whole of JupyterLab and complain.
        *[f"--VoilaConfiguration.extension_allowlist={name}" for name in EXPLORER_EXTENSIONS],
        *extra,
    ]  # fmt: skip
    # Voila finds a page template only on Jupyter's path.
    places = [str(folder), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    return command, {**os.environ, "JUPYTER_PATH": os.pathsep.join(places)}


def explorer(extra: list[str]) -> int:
    """Open the blur explorer in the browser: the microscope alone, for a lecture hall."""
    setup()
    if not pip("install", "-q", "-r", "requirements-explorer.txt"):
        stop("Voila could not be installed: read pip's message above; are you online?")
    command, environment = explorer_command(extra)
    return run(*command, env=environment)


def test(extra: list[str]) -> int:
    """Run every test, two at a time unless the caller says otherwise."""
    setup(tests=True)
    chosen = any(part.startswith("-n") for part in extra)
    workers = [] if chosen else ["-n", "2", "--dist", "loadgroup"]
    return run(venv_python(), "-m", "pytest", *workers, *extra)


def script(path: str, extra: list[str]) -> int:
    """Run one of the project's own tools in the environment."""
    setup(tests=True)
    return run(venv_python(), path, *extra)


def module(name: str, extra: list[str]) -> int:
    """Run one of the environment's own modules."""
    setup(tests=True)
    return run(venv_python(), "-m", name, *extra)


def notebooks(extra: list[str]) -> int:
    """Build the lessons and the graded assignments from their sources."""
    lessons = script("tools/build_notebooks.py", extra)
    check = [part for part in extra if part == "--check"]
    return lessons or script("tools/build_assignments.py", check)


def bench(extra: list[str]) -> int:
    """Compare the denoisers with other packages; one of these is installed for it alone."""
    setup(tests=True)
    wanted = ("install", "-q", "--retries", "1", "--timeout", "20", "-r", "requirements-bench.txt")
    if not pip(*wanted, quiet=True):
        say("requirements-bench.txt could not be installed: the table will say what is missing")
    table = run(venv_python(), "-m", "benchmarks.denoisers", *extra)
    # With options one part of the first table is meant.
    return table or (0 if extra else run(venv_python(), "-m", "benchmarks.networks"))


def setup_class() -> None:
    """Add what an instructor needs; what learners see in JupyterLab stays as it was."""
    setup(tests=True)
    marker = VENV / "ready-for-class"
    wanted = stamp("bootstrap.py", "requirements-class.txt", "requirements-hub.txt")
    if not (marker.exists() and marker.read_text() == wanted):
        say("Installing the instructor's packages (nbgrader, JupyterHub; once)")
        wanted_too = ("-r", "requirements-class.txt", "-r", "requirements-hub.txt")
        if not pip("install", "-q", *wanted_too):
            stop("nbgrader could not be installed: read pip's message above; are you online?")
        marker.write_text(wanted)
    hide_instructor_tools()


def hide_instructor_tools() -> None:
    """Keep nbgrader's menu, button and sidebar out of the learners' JupyterLab."""
    folder = VENV / "etc" / "jupyter"
    for_lab, for_server = folder / "labconfig", folder / "jupyter_server_config.d"
    for place in (for_lab, for_server):
        place.mkdir(parents=True, exist_ok=True)
    page = for_lab / "page_config.json"
    settings = json.loads(page.read_text()) if page.exists() else {}
    hidden = ("@jupyter/nbgrader", "@jupyter-notebook/lab-extension")
    settings["disabledExtensions"] = settings.get("disabledExtensions", {}) | dict.fromkeys(
        hidden, True
    )
    page.write_text(json.dumps(settings, indent=2))
    parts = ("formgrader", "validate_assignment", "assignment_list", "course_list")
    for name in ("notebook", *(f"nbgrader.server_extensions.{part}" for part in parts)):
        wish = {"ServerApp": {"jpserver_extensions": {name: False}}}
        (for_server / f"{name}.json").write_text(json.dumps(wish, indent=2))


def class_demo(extra: list[str]) -> int:
    """Play a small class from the first folder to the table of grades."""
    setup_class()
    return run(venv_python(), "tools/class_demo.py", *extra)


def test_classroom(extra: list[str]) -> int:
    """Run the long tests of grading: a simulated class of a hundred, a class server."""
    setup_class()
    return run(venv_python(), "-m", "pytest", "-m", "classroom", *extra)


COMMANDS = {
    "lab": lab,
    "explorer": explorer,
    "test": test,
    "notebooks": notebooks,
    "bench": bench,
    "bench-quick": lambda extra: bench(["--quick", *extra]),
    "latency": lambda extra: script("benchmarks/widget_latency.py", extra),
    "site": lambda extra: script("tools/build_site.py", extra),
    "class-demo": class_demo,
    "test-classroom": test_classroom,
    "lint": lambda extra: module("ruff", ["check", ".", *extra]),
    "measure": lambda extra: script("benchmarks/lesson_times.py", extra),
}


def main() -> int:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(
        description="Set up and run the course Why Edges Blur.",
        epilog="Whatever follows the command is passed on, e.g.: test -k edges, lab --no-browser",
    )
    parser.add_argument("command", choices=["setup", *COMMANDS, "help"])
    parser.add_argument("--cuda-torch", action="store_true", help="setup: accept the CUDA build")
    known, extra = parser.parse_known_args()
    # PyTorch's threads spin while they wait for each other unless they are told to sleep: on a
    # busy machine a small network then takes ten times as long. Read when PyTorch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if known.command == "help":
        parser.print_help()
        return 0
    if known.command == "setup":
        setup(allow_cuda=known.cuda_torch)
        return 0
    return COMMANDS[known.command](extra)


if __name__ == "__main__":
    sys.exit(main())
