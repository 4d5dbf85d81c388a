"""The commands of a class: python -m lessons_lib.classroom.grading COMMAND COURSE ..."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from lessons_lib.classroom.grading.course import Course, create, known
from lessons_lib.classroom.grading.progress import Bar
from lessons_lib.classroom.grading.sandbox import KINDS, Limits


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="python -m lessons_lib.classroom.grading",
        description="Hand out, collect and grade the assignments of Why Edges Blur.",
    )
    commands = top.add_subparsers(dest="command", required=True)
    words = {
        "create": "make a course in a folder of your choice",
        "generate": "make the students' version of an assignment",
        "collect-zip": "take in a folder of files: <student>.ipynb, <student>.zip, or folders",
        "grade": "grade what is not graded yet, each submission in a sandbox",
        "feedback": "make the students' feedback; hand it out after the deadline",
        "export": "write the table of grades and flags",
    }
    parsers = {name: commands.add_parser(name, help=text) for name, text in words.items()}
    for name, each in parsers.items():
        each.add_argument("course", type=Path, help="the course's folder")
        if name != "create":
            each.add_argument("assignment", help="ps1 to ps5, or capstone")
    parsers["create"].add_argument("--seed", type=int, help="the class seed; otherwise by chance")
    parsers["generate"].add_argument("--due", default="", help="'2026-12-01 18:00:00 UTC'")
    parsers["collect-zip"].add_argument("folder", type=Path, help="where the files are")
    parsers["export"].add_argument("-o", "--output", type=Path, help="the CSV file")
    _grade_options(parsers["grade"])
    return top


def _grade_options(grade: argparse.ArgumentParser) -> None:
    limits = Limits()
    grade.add_argument("--student", action="append", help="only this one; may be repeated")
    grade.add_argument("--jobs", type=int, default=2, help="how many at once (2)")
    grade.add_argument("--again", action="store_true", help="also what is graded already")
    grade.add_argument("--sandbox", choices=KINDS, default=KINDS[0], help=f"({KINDS[0]})")
    grade.add_argument(
        "--cell-seconds", type=int, default=limits.cell_seconds, help=f"({limits.cell_seconds})"
    )
    grade.add_argument(
        "--memory-gb", type=float, default=limits.memory_bytes / 2**30, help="(4)"
    )


def main(words: list[str] | None = None) -> int:
    """Run a command; 0 done, 1 something is missing or does not work, 2 wrong usage, 130 ended."""
    options = parser().parse_args(words)
    try:
        run(options)
    except KeyboardInterrupt:
        print("Stopped. The same command goes on where it was.", file=sys.stderr)
        return 130
    except ModuleNotFoundError as missing:
        print(f"{missing.name} is missing. {INSTALL}", file=sys.stderr)
        return 1
    except (OSError, ValueError, RuntimeError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


INSTALL = "The instructor's packages: pip install -r requirements-class.txt"


def run(options: argparse.Namespace) -> None:
    """Do what the command line says."""
    if options.command == "create":
        create(options.course, options.seed)
        print(f"A course is in {options.course}; its class seed is in nbgrader_config.py there.")
        return
    course, assignment = Course(options.course.resolve()), known(options.assignment)
    course.config()
    actions = {
        "generate": _generate, "collect-zip": _collect, "grade": _grade,
        "feedback": _feedback, "export": _export,
    }  # fmt: skip
    actions[options.command](course, assignment, options)


def _generate(course: Course, assignment: str, options: argparse.Namespace) -> None:
    from lessons_lib.classroom.grading.generating import generate

    generate(course, assignment, options.due)
    print(f"Hand out the folder {course.folder / 'release' / assignment}")


def _collect(course: Course, assignment: str, options: argparse.Namespace) -> None:
    from lessons_lib.classroom.grading.collecting import collect

    count, left = collect(course, assignment, options.folder)
    print(f"Collected from {count} students.")
    if left:
        print(f"Left where they are: {', '.join(left)}. Expected <student>.ipynb or .zip.")


def _grade(course: Course, assignment: str, options: argparse.Namespace) -> None:
    from lessons_lib.classroom.grading.batch import grade

    if options.sandbox == "weak":
        print("The weak sandbox: submissions can read your files and use the network.")
    memory = int(options.memory_gb * 2**30)
    cell = options.cell_seconds
    limits = replace(Limits(), memory_bytes=memory, cell_seconds=cell, call_seconds=cell)
    reports = grade(
        course, assignment, students=options.student, jobs=options.jobs, kind=options.sandbox,
        limits=limits, again=options.again, show=Bar(),
    )  # fmt: skip
    missing = [each.student for each in reports if each.state != "graded"]
    flagged = sum(any(finding.flag for finding in each.findings) for each in reports)
    print(f"{len(reports) - len(missing)} of {len(reports)} graded, {flagged} with flags.")
    if missing:
        print(f"Not graded, look by hand: {', '.join(missing)}")


def _feedback(course: Course, assignment: str, options: argparse.Namespace) -> None:
    from lessons_lib.classroom.grading.generating import feedback

    count = feedback(course, assignment)
    print(f"Feedback for {count} students is in {course.folder / 'feedback'}")


def _export(course: Course, assignment: str, options: argparse.Namespace) -> None:
    from lessons_lib.classroom.grading.table import export

    path = options.output or course.folder / f"grades_{assignment}.csv"
    print(f"{export(course, assignment, path)} students are in {path}")
