"""nbgrader's own autograding of one submission, with its kernel in the sandbox."""

import copy
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from traitlets.config import Config

from lessons_lib.classroom.assignments.judging import SEED_VARIABLE
from lessons_lib.classroom.grading.course import Course
from lessons_lib.classroom.grading.findings import Finding
from lessons_lib.classroom.grading.preprocessors import (
    LATE,
    STOPPED,
    LimitedExecute,
    PlainVerdicts,
    SafeForReaders,
)
from lessons_lib.classroom.grading.sandbox import HOME, Limits, wrapped

MOST_TRIES = 3
PASSING = (
    "database is locked",
    "Kernel didn't respond",
    "Kernel died before replying",  # no line of the submission had run
    "Timeout waiting for IOPub",
)
"""Troubles that come from a busy machine."""

ITS_OWN = ("DeadKernelError", "StuckKernel", "UnresponsiveKernel")
"""Troubles that come from a submission's code: another try would end in the same way."""

CUT = "... Output truncated ..."
"""What nbgrader leaves where a cell wrote too many lines."""

SHOWN = ("capstone",)
"""Where a text is judged by what is shown above it: the student's own photo and record."""

PHOTO_SHARE = 8
"""A shown photo takes up to so many times the output that is kept of other cells."""

KERNEL = "why-edges-blur-sandbox"
FIRST_STEPS = [ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata]
"""nbgrader's own, before anything is run."""

STEPS = [
    LimitedExecute,
    IgnorePattern,
    ClearMetadataPreprocessor,
    PlainVerdicts,
    LimitOutput,
    SafeForReaders,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
"""nbgrader's own steps, and what makes them robust."""


@dataclass(frozen=True)
class Place:
    """Where one submission is graded.

    Attributes
    ----------
    folder : Path
        Temporary, with a short path (sockets need one) that only the instructor may enter.
    kind : str
        Of sandbox.
    limits : Limits
        What the submission may use.
    """

    folder: Path
    kind: str
    limits: Limits

    @property
    def run(self) -> Path:
        """The only folder that kernel and grader share: the connection file and the sockets."""
        return self.folder / "run"


def write_kernelspec(place: Place, seed: int, files: list[Path], fonts: list[Path]) -> None:
    """Write the kernelspec that starts a Python kernel in the sandbox.

    Parameters
    ----------
    place : Place
        Its folder gets kernels/ and run/.
    seed : int
        For the hidden checks of this kernel.
    files : list of Path
        What came with the submission besides its notebook.
    fonts : list of Path
        Matplotlib's list of fonts, which takes seconds to make.
    """
    place.run.mkdir(exist_ok=True)
    place.run.chmod(0o777)  # its parent keeps everybody out
    variables = {
        SEED_VARIABLE: str(seed),
        "NBGRADER_EXECUTION": "autograde",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": "/tmp/ipython",
        "JUPYTER_RUNTIME_DIR": str(place.run),
    }
    readable = [(str(path), f"{HOME}/{path.name}") for path in files]
    readable += [(str(path), f"/tmp/matplotlib/{path.name}") for path in fonts]
    kernel = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    # What goes past the kernel's own streams goes nowhere, or it could fill the disk.
    quiet = ["sh", "-c", 'exec "$@" </dev/null >/dev/null 2>&1', "sh", *kernel]
    command = wrapped(
        quiet if place.kind == "bubblewrap" else kernel,
        place.kind,
        place.limits,
        environment=variables,
        readable=tuple(readable),
        writable=str(place.run),
        handed_over="{connection_file}",
    )
    spec = {
        "argv": command,
        "display_name": "Python in the sandbox",
        "language": "python",
        "interrupt_mode": "message" if place.kind == "bubblewrap" else "signal",
    }
    folder = place.folder / "kernels" / KERNEL
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def settings(course: Course, place: Place, assignment: str) -> Config:
    """Return the course's settings with the sandbox in them."""
    shown = assignment in SHOWN
    config = course.config()
    config.CourseDirectory.submitted_directory = "checked"
    config.OverwriteCells.add_missing_cells = True
    config.Autograde.sanitize_preprocessors = FIRST_STEPS  # the course's own setting refuses
    config.Autograde.autograde_preprocessors = STEPS
    config.SafeForReaders.enabled = True
    config.LimitedExecute.kernel_name = KERNEL
    config.LimitedExecute.timeout = place.limits.cell_seconds
    config.LimitedExecute.startup_timeout = 120
    config.LimitedExecute.iopub_timeout = 10
    config.LimitedExecute.shutdown_kernel = "immediate"
    config.LimitedExecute.figures = shown
    config.LimitedExecute.output_bytes = place.limits.output_bytes * (PHOTO_SHARE if shown else 1)
    config.KernelManager.connection_file = str(place.run / "connection.json")
    if place.kind == "bubblewrap":
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = str(place.run / "kernel")
    return config


def autograde(course: Course, assignment: str, student: str, place: Place) -> tuple[bool, str]:
    """Run nbgrader's autograding; return whether it came to an end, and what it logged."""
    os.environ["JUPYTER_PATH"] = str(place.folder)
    os.environ["JUPYTER_RUNTIME_DIR"] = str(place.run)
    config = settings(course, place, assignment)
    for number in range(1, MOST_TRIES + 1):
        api = NbGraderAPI(CourseDirectory(config=config), config=config)
        done = api.autograde(assignment, student, force=True, create=True)
        log = f"{done.get('log', '')}\n{done.get('error', '')}"
        print(f"--- try {number}\n{log}", flush=True)
        if done["success"] or not worth_another_try(log):
            break
        time.sleep(number)  # let the machine do what it was busy with
    return bool(done["success"]), log


def worth_another_try(log: str) -> bool:
    """Tell trouble of the machine, known or unknown, from trouble of the submission's own code."""
    known = any(sign in log for sign in PASSING)
    return known or not any(sign in log for sign in ITS_OWN)


def show_unrun(book: NotebookNode, path: Path) -> None:
    """Put a notebook that could not be run where the form looks, so that a person can grade it."""
    shown, _ = SafeForReaders().preprocess(copy.deepcopy(book), {})
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(shown, path)


def failed_run(log: str) -> Finding:
    """Say in a sentence why nbgrader did not come to an end."""
    known = {
        "DeadKernelError": ("kernel-died", "the code ended its own kernel; grade it by hand"),
        "StuckKernel": ("kernel-stuck", "the kernel could not be interrupted"),
        "UnresponsiveKernel": ("kernel-stuck", "the kernel could not be interrupted"),
        "Timeout waiting for IOPub": ("kernel-stuck", "the kernel's output stopped midway"),
        "Kernel didn't respond": ("kernel-stuck", "the kernel did not start"),
    }
    for sign, (code, words) in known.items():
        if sign in log:
            return Finding(code, words)
    lines = [line for line in log.splitlines() if line.strip()]
    return Finding("autograde", f"nbgrader stopped: {' / '.join(lines[-2:])[:300]}")


def seen_in_outputs(path: Path) -> list[Finding]:
    """Report time-outs and cut outputs of an autograded notebook."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        outputs = cell.get("outputs", [])
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "a cell of the student's own")
        if any(output.get("ename") == LATE for output in outputs):
            found.append(Finding("time-out", f"{name} took too long"))
        said = [output.get("text", "") for output in outputs]
        if any(STOPPED in text or CUT in text for text in said):
            found.append(Finding("output-limit", f"{name} wrote too much"))
    return found


def late_seconds(course: Course, assignment: str, student: str) -> float:
    """How late a submission is, as nbgrader counts it."""
    with Gradebook(course.gradebook) as book:
        return float(book.find_submission(assignment, student).total_seconds_late)
