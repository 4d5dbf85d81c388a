"""One submission from the file to the grade, in a process of its own."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from lessons_lib.classroom.grading import autograding, recheck
from lessons_lib.classroom.grading.course import Course
from lessons_lib.classroom.grading.findings import Finding, Report
from lessons_lib.classroom.grading.form import Form, read_form
from lessons_lib.classroom.grading.reading import Unreadable, find_notebook, read_notebook
from lessons_lib.classroom.grading.rebuilding import rebuild
from lessons_lib.classroom.grading.sandbox import Limits
from lessons_lib.classroom.grading.suspicion import suspicions

PHOTOS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dng")
MOST_PHOTO_BYTES = 40 * 2**20


def grade_one(course: Course, assignment: str, student: str, kind: str, limits: Limits) -> Report:
    """Grade one submission and keep its report; whatever is wrong with it is in the report."""
    start = time.monotonic()
    report = Report(student, assignment, digest=digest(course, assignment, student))
    report = report.found(*_collected(course, assignment, student))
    form = read_form(course.notebook("release", assignment), course.notebook("source", assignment))
    try:
        book, findings = prepare(course, form, student)
        report = _graded(course, form, book, report.found(*findings), kind, limits)
    except Unreadable as trouble:
        enter(course, assignment, student)
        report = report.found(trouble.finding)
    seconds, cpu = time.monotonic() - start, _cpu_seconds()
    report = replace(report, seconds=round(seconds, 2), cpu_seconds=round(cpu, 2))
    report.write(course.report(assignment, student))
    return report


def digest(course: Course, assignment: str, student: str) -> str:
    """Return a hash of everything that was handed in."""
    total = hashlib.sha256()
    folder = course.submitted(assignment, student)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            total.update(str(path.relative_to(folder)).encode("utf-8", "replace") + b"\0")
            total.update(path.read_bytes())
    return total.hexdigest()


def _collected(course: Course, assignment: str, student: str) -> list[Finding]:
    found = course.collection_findings(assignment).get(student, [])
    return [Finding(**entry) for entry in found]


def prepare(course: Course, form: Form, student: str) -> tuple[NotebookNode, list[Finding]]:
    """Do the preflight: leave in `checked` the repaired notebook, the photos and the time.

    Raises
    ------
    Unreadable
        If there is nothing that can be graded.
    """
    source, target = course.submitted(form.name, student), course.checked(form.name, student)
    if target.exists():
        shutil.rmtree(target)
    path, named = find_notebook(source, form.name)
    came, read = read_notebook(path)
    book, repaired = rebuild(came, form)
    own = recheck.own_code(book, form)[1:]
    target.mkdir(parents=True)
    nbformat.write(book, target / f"{form.name}.ipynb")
    for photo in _photos(source):
        shutil.copyfile(photo, target / photo.name)
    stamp = source / "timestamp.txt"
    if stamp.is_file() and not stamp.is_symlink():
        shutil.copyfile(stamp, target / "timestamp.txt")
    return book, [*named, *read, *repaired, *suspicions(own, form)]


def _photos(folder: Path) -> list[Path]:
    """Pictures that came along; nothing else of a submission is carried on."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in PHOTOS]
    plain = [path for path in files if path.is_file() and not path.is_symlink()]
    return [path for path in plain if path.stat().st_size <= MOST_PHOTO_BYTES]


def _graded(
    course: Course, form: Form, book: NotebookNode, report: Report, kind: str, limits: Limits
) -> Report:
    """Let nbgrader grade, then take the second look."""
    student = report.student
    with tempfile.TemporaryDirectory(prefix="graded-", ignore_cleanup_errors=True) as folder:
        place = autograding.Place(Path(folder), kind, limits)
        photos = _photos(course.checked(form.name, student))
        autograding.write_kernelspec(
            place, course.kernel_seed(student), photos, fonts(course.folder / ".fonts")
        )
        done, log = autograding.autograde(course, form.name, student, place)
    if done:
        notebook = course.autograded(form.name, student)
        report = report.found(*autograding.seen_in_outputs(notebook))
    else:
        enter(course, form.name, student)
        autograding.show_unrun(book, course.autograded(form.name, student))
        report = report.found(autograding.failed_run(log))
    look = recheck.SecondLook(
        form, recheck.own_code(book, form), course.class_seed(), kind, limits
    )
    verdicts = look.verdicts(_answered(form, report))
    if look.setup_trouble:
        words = f"the setup cell raises {look.setup_trouble} in a fresh process: look by hand"
        report = report.found(Finding("setup", words))
    elif done:
        report = report.found(*recheck.compare(course.gradebook, form, student, verdicts))
    elif any(each.passed for each in verdicts):
        passed = [f"{each.function} ({each.rounds})" for each in verdicts if each.passed]
        words = f"in a fresh process these pass: {', '.join(passed)}"
        report = report.found(Finding("recheck-passed", words))
    late = autograding.late_seconds(course, form.name, student)
    if late > 0:
        report = report.found(Finding("late", f"{late / 3600:.1f} hours late"))
    return replace(report, state="graded" if done else "not graded")


def _answered(form: Form, report: Report) -> list[str]:
    """Name the functions that the second look is for: not those that
    nobody wrote or that take too long.
    """
    settled = ("unanswered", "time-out")
    open_cells = {each.words.split()[0] for each in report.findings if each.code in settled}
    open_names = {place.function for place in form.cells if place.grade_id in open_cells}
    open_names |= {form.checks[name][1] for name in open_cells if name in form.checks}
    asked = dict.fromkeys(name for _, name in form.checks.values())
    return [name for name in asked if name not in open_names]


def enter(course: Course, assignment: str, student: str) -> None:
    """Put a submission that could not be graded into the gradebook, with 0 points for now."""
    with Gradebook(course.gradebook) as book:
        book.update_or_create_student(student)
        submission = book.update_or_create_submission(assignment, student)
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.auto_score, grade.needs_manual_grade = 0, True
        book.db.commit()


def fonts(cache: Path) -> list[Path]:
    """Return matplotlib's list of fonts, made once for all sandboxes."""
    if not sorted(cache.glob("fontlist*.json")):
        cache.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"MPLCONFIGDIR": str(cache)}
        code = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(code, capture_output=True, timeout=120, env=environment)
    return sorted(cache.glob("fontlist*.json"))


def _cpu_seconds() -> float:
    """Processor seconds of this process and of what it waited for; sandboxes hide theirs."""
    return sum(os.times()[:4])
