"""A whole class: several submissions at once, each in a process of its own, to the end."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from lessons_lib.classroom.grading import preload
from lessons_lib.classroom.grading.course import Course
from lessons_lib.classroom.grading.findings import Finding, Report
from lessons_lib.classroom.grading.sandbox import Limits, choose


def grade(
    course: Course,
    assignment: str,
    *,
    students: list[str] | None = None,
    jobs: int = 2,
    kind: str = "bubblewrap",
    limits: Limits | None = None,
    again: bool = False,
    show: Callable[[int, int, int], None] = lambda done, total, flagged: None,
) -> list[Report]:
    """Grade everything that is not graded yet, and return the reports of all.

    Parameters
    ----------
    course, assignment : Course, str
        What to grade.
    students : list of str, optional
        Only these.
    jobs : int
        How many at once.
    kind : str
        Of sandbox.
    limits : Limits, optional
        What one submission may use.
    again : bool
        Whether to grade what is graded already.
    show : callable
        Is told how many are done, of how many, and how many have flags.
    """
    if jobs < 1:
        raise ValueError(f"expected at least one submission at a time, got {jobs}")
    choose(kind)
    limits = limits or Limits()
    everyone = course.students(assignment)
    if unknown := sorted(set(students or ()) - set(everyone)):
        raise ValueError(f"nothing was handed in for {assignment} by {', '.join(unknown)}")
    everyone = students or everyone
    from lessons_lib.classroom.grading.one import digest  # nbgrader is loaded here

    kept = {name: Report.read(course.report(assignment, name)) for name in everyone}
    same = {
        name for name, report in kept.items()
        if report and report.digest == digest(course, assignment, name) and not again
        # The form's own button removes what was graded, when it is refused.
        and (report.state != "graded" or course.autograded(assignment, name).is_file())
    }  # fmt: skip
    queue = [name for name in everyone if name not in same]
    done = [kept[name] for name in everyone if name in same]
    for report in _in_processes(course, assignment, queue, jobs, kind, limits):
        done.append(report)
        show(len(done), len(everyone), sum(any(f.flag for f in each.findings) for each in done))
    return sorted(done, key=lambda report: report.student)


def _in_processes(
    course: Course, assignment: str, queue: list[str], jobs: int, kind: str, limits: Limits
) -> Iterator[Report]:
    """Yield a report for each student, as they come; end what takes too long."""
    context = _context(assignment)
    waiting, running = list(queue), {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                student = waiting.pop(0)
                course.report(assignment, student).unlink(missing_ok=True)
                words = (str(course.folder), assignment, student, kind, limits)
                process = context.Process(target=_alone, args=words, name=student)
                process.start()
                running[process.sentinel] = (process, time.monotonic())
            wait(list(running), timeout=1)
            for sentinel, (process, start) in list(running.items()):
                late = time.monotonic() - start > limits.submission_seconds
                if process.is_alive() and not late:
                    continue
                del running[sentinel]
                yield _ended(course, assignment, process, late)
    finally:
        for process, _ in running.values():
            _kill(process)


def _context(assignment: str) -> multiprocessing.context.BaseContext:
    """Processes that come from one which has loaded nbgrader and the judges, and nothing else."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    os.environ[preload.VARIABLE] = assignment
    context.set_forkserver_preload([preload.__name__])
    return context


def _alone(folder: str, assignment: str, student: str, kind: str, limits: Limits) -> None:
    """Grade one submission in this process; what it prints goes into a log beside its report."""
    from lessons_lib.classroom.grading.one import grade_one

    course = Course(Path(folder))
    if hasattr(os, "setsid"):
        os.setsid()
    log = course.report(assignment, student).with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8", errors="replace") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
        sys.stdout = sys.stderr = stream
        grade_one(course, assignment, student, kind, limits)


def _ended(course: Course, assignment: str, process: BaseProcess, late: bool) -> Report:
    """Return the report of a process that ended, or say in one why there is none."""
    student = process.name
    _kill(process)
    path = course.report(assignment, student)
    report = Report.read(path)
    if report is not None:
        return report
    from lessons_lib.classroom.grading.one import digest, enter

    enter(course, assignment, student)
    if late:
        finding = Finding("time-limit", "grading it took too long and was ended")
    else:
        finding = Finding("crash", f"grading it failed; see {path.with_suffix('.log').name}")
    handed_in = digest(course, assignment, student)
    report = Report(student, assignment, "not graded", (finding,), handed_in)
    report.write(path)
    return report


def _kill(process: BaseProcess) -> None:
    """End a process and what it started; the sandboxes end with it."""
    if process.is_alive() and hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it has no group of its own yet
            pass
    process.kill()
    process.join()
