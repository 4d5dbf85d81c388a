"""The students' version of an assignment, its deadline, and feedback: nbgrader's own commands."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from lessons_lib.classroom.grading.course import Course, read_time


def nbgrader_of(course: Course) -> NbGraderAPI:
    """Return nbgrader's interface to a course.

    To make a gradebook it calls `alembic` by name, also where the environment is not activated.
    """
    own = str(Path(sys.executable).parent)
    if own not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = f"{own}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    config = course.config()
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def generate(course: Course, assignment: str, due: str = "") -> None:
    """Make the students' version: solutions and hidden tests are cut out.

    Parameters
    ----------
    course : Course
        Holds the source.
    assignment : str
        Which one.
    due : str
        The deadline, such as '2026-12-01 18:00:00 UTC'; '' for none.

    Raises
    ------
    RuntimeError
        If nbgrader does not come to an end.
    """
    deadline = read_time(due).replace(tzinfo=None) if due else None
    _ended(nbgrader_of(course).generate_assignment(assignment), f"generating {assignment}")
    if deadline:
        with Gradebook(course.gradebook) as book:
            book.update_or_create_assignment(assignment, duedate=deadline)


def feedback(course: Course, assignment: str, students: Sequence[str] = ()) -> int:
    """Make the students' feedback, and return for how many; hand it out after the deadline.

    Parameters
    ----------
    course, assignment : Course, str
        What was graded.
    students : sequence of str
        Only for these; for everybody if there are none.

    Raises
    ------
    RuntimeError
        If nbgrader does not come to an end.
    """
    for student in students or (None,):
        done = nbgrader_of(course).generate_feedback(assignment, student, force=True)
        _ended(done, f"feedback for {assignment}")
    return len(list((course.folder / "feedback").glob(f"*/{assignment}/{assignment}.html")))


def _ended(result: dict[str, object], what: str) -> None:
    if not result["success"]:
        words = f"{result.get('log', '')}\n{result.get('error', '')}"[-3000:]
        raise RuntimeError(f"nbgrader stopped at {what}: {words}")
