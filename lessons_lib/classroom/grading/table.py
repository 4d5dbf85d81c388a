"""The class in a table: a line for each student, with every grade and every reason to look."""

import csv
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from lessons_lib.classroom.grading.course import Course
from lessons_lib.classroom.grading.findings import Report
from lessons_lib.classroom.grading.form import metadata_of


def export(course: Course, assignment: str, path: Path) -> int:
    """Write the table as CSV and return how many lines it has.

    The columns: student, state, points, of, late by (hours), to do by hand (cells), each graded
    cell's points, flags, repaired.
    """
    rows = rows_of(course, assignment)
    names = list(dict.fromkeys(name for row in rows for name in row))
    last = ["flags", "repaired"]
    columns = [name for name in names if name not in last] + last
    with path.open("w", newline="", encoding="utf-8-sig") as stream:  # Excel needs the mark
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows({name: _plain(value) for name, value in row.items()} for row in rows)
    return len(rows)


def rows_of(course: Course, assignment: str) -> list[dict[str, object]]:
    """Return a row for each student in the gradebook or among those who handed in."""
    book = nbformat.read(course.notebook("release", assignment), as_version=4)
    order = [str(metadata_of(cell).get("grade_id", "")) for cell in book.cells]
    with Gradebook(course.gradebook) as book:
        everyone = {student.id for student in book.students} | set(course.students(assignment))
        entered = {each.student_id: each for each in book.assignment_submissions(assignment)}
        return [
            _row(
                student,
                entered.get(student),
                Report.read(course.report(assignment, student)),
                order,
            )
            for student in sorted(everyone)
        ]


def _row(
    student: str, submission: object, report: Report | None, order: list[str]
) -> dict[str, object]:
    """Return one student's row; the cells' columns stand as the cells do."""
    row: dict[str, object] = {"student": student}
    row["state"] = report.state if report else "not graded" if submission else "nothing handed in"
    if submission is not None:
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        grades.sort(key=lambda grade: order.index(grade.name) if grade.name in order else -1)
        row |= {
            "points": submission.score,
            "of": submission.max_score,
            "late by (hours)": round(float(submission.total_seconds_late) / 3600, 1) or "",
            "to do by hand": " ".join(each.name for each in grades if each.needs_manual_grade),
        }
        row |= {grade.name: grade.score for grade in grades}
    found = report.findings if report else ()
    row["flags"] = " | ".join(f"{each.code}: {each.words}" for each in found if each.flag)
    row["repaired"] = " | ".join(f"{each.code}: {each.words}" for each in found if not each.flag)
    return row


def _plain(value: object) -> object:
    """Keep a spreadsheet from taking a student's text for a formula."""
    risky = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t")
    return f"'{value}" if risky else value
