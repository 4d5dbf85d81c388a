"""A class of a hundred hands in what classes hand in: every grade is right, or flagged.

The table of kinds, with the grade and the flags that each must get, is tools/simulated_kinds.py.
"""

import csv
import os
import random
import shutil
import threading
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="nbgrader is an instructor's package")
if not shutil.which("bwrap"):
    pytest.skip("bubblewrap is missing", allow_module_level=True)
pytestmark = [pytest.mark.classroom, pytest.mark.filterwarnings("ignore")]

import simulated_class  # noqa: E402
from simulated_kinds import both, kinds  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
ASSIGNMENT, CLASS_SIZE = "ps1", 100
CPU_PER_SUBMISSION = 8.0
"""Seconds of one core for an ordinary submission after the first: what the course asks for."""


class Meter(threading.Thread):
    """Adds up the processor seconds of every process that comes from this one, sandboxes too."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.used: dict[tuple[int, str], float] = {}
        self.going = True

    def run(self) -> None:
        while self.going:
            self.look()
            time.sleep(0.2)

    def look(self) -> None:
        parents, seconds = {}, {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            pid = int(entry.name)
            parents[pid] = int(fields[1])
            ticks = int(fields[11]) + int(fields[12])
            seconds[pid] = (fields[19], ticks / os.sysconf("SC_CLK_TCK"))
        for pid, (start, used) in seconds.items():
            above = pid
            while above in parents and above != os.getpid():
                above = parents[above]
            if above == os.getpid() and pid != os.getpid():
                self.used[pid, start] = used

    def total(self) -> float:
        return sum(self.used.values())


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade the class, and return everything that the tests look at."""
    from lessons_lib.classroom.grading.batch import grade
    from lessons_lib.classroom.grading.collecting import collect
    from lessons_lib.classroom.grading.course import create
    from lessons_lib.classroom.grading.generating import generate
    from lessons_lib.classroom.grading.progress import Bar

    folder = tmp_path_factory.mktemp("class")
    course = create(folder / "course", seed=20262027)
    generate(course, ASSIGNMENT, "2026-12-01 18:00:00 UTC")
    source, release = (course.notebook(step, ASSIGNMENT) for step in ("source", "release"))
    maker = simulated_class.Maker(source, release, (source, course.folder / "gradebook.db"))
    roster = class_of(maker)
    for student, kind in roster.items():
        simulated_class.put(folder / "inbox", student, kind.make(maker))
    collect(course, ASSIGNMENT, folder / "inbox")
    meter, start = Meter(), time.monotonic()
    meter.start()
    reports = grade(course, ASSIGNMENT, jobs=2, show=Bar())
    meter.going = False
    seconds = time.monotonic() - start
    rows = results(course, roster, {report.student: report for report in reports})
    write_table(rows, seconds, meter.total())
    return {"course": course, "roster": roster, "rows": rows, "cpu": meter.total()}


def class_of(maker: simulated_class.Maker) -> dict[str, simulated_class.Kind]:
    """Name a hundred students: each kind once, the rest right, wrong or in part."""
    found = kinds(maker)
    more = random.Random(11)
    while len(found) < CLASS_SIZE:
        gone = sorted(more.sample(range(len(maker.functions)), more.choice((0, 0, 1, 2))))
        names = tuple(maker.functions[number] for number in gone)
        found.append(
            simulated_class.Kind(
                f"without {', '.join(names)}" if names else "correct",
                lambda m, names=names: simulated_class.handed(m.solved(but=names)),
                both(maker, *gone),
            )
        )
    more.shuffle(found)
    return {f"s{number:03}": kind for number, kind in enumerate(found)}


def results(course, roster, reports) -> list[dict[str, object]]:
    """What each student should get and got."""
    from nbgrader.api import Gradebook

    rows = []
    with Gradebook(course.gradebook) as book:
        cells = [c for n in book.find_assignment(ASSIGNMENT).notebooks for c in n.grade_cells]
        worth = {cell.name: cell.max_score for cell in cells if "written" not in cell.name}
        for student, kind in roster.items():
            report = reports[student]
            submission = book.find_submission(ASSIGNMENT, student)
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            got = {grade.name: grade.score for grade in grades if grade.name in worth}
            rows.append(
                {
                    "student": student,
                    "kind": kind.name,
                    "expected": simulated_class.points_expected(kind, worth),
                    "given": got,
                    "state": (kind.state, report.state),
                    "flags": (set(kind.flags), {f.code for f in report.findings if f.flag}),
                    "repaired": (set(kind.repaired), {f.code for f in report.findings}),
                    "words": " | ".join(each.words for each in report.findings),
                    "seconds": report.seconds,
                }
            )
    return rows


def write_table(rows, seconds: float, cpu: float) -> None:
    """Leave the table of kinds in build/ for people."""
    path = ROOT / "build" / "simulated_class.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["student", "kind", "expected", "given", "state", "flags", "seconds"])
        for row in rows:
            points = [sum(row[name].values()) for name in ("expected", "given")]
            flags = " ".join(sorted(row["flags"][1]))
            table.writerow(
                [row["student"], row["kind"], *points, row["state"][1], flags, row["seconds"]]
            )
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        table.writerow(["all", f"{seconds:.0f} s", f"{cpu:.0f} CPU s", f"load {load}"])


def test_at_least_25_kinds_of_trouble_are_in_it(graded):
    names = {kind.name for kind in graded["roster"].values() if "without" not in kind.name}
    assert len(graded["roster"]) == CLASS_SIZE and len(names) >= 26


def test_every_grade_is_right(graded):
    wrong = [
        (row["kind"], row["given"]) for row in graded["rows"] if row["given"] != row["expected"]
    ]
    assert wrong == []


def test_every_flag_is_there_and_no_other(graded):
    found = [(row["kind"], *row["flags"]) for row in graded["rows"]]
    assert [each for each in found if each[1] != each[2]] == []


def test_every_state_and_repair_is_reported(graded):
    states = [(row["kind"], *row["state"], row["words"]) for row in graded["rows"]]
    assert [each for each in states if each[1] != each[2]] == []
    repairs = [(row["kind"], *row["repaired"]) for row in graded["rows"]]
    assert [each for each in repairs if not each[1] <= each[2]] == []


def test_an_ordinary_submission_costs_little(graded):
    # All processor seconds over all submissions; loops that only a time-out ends count too.
    assert graded["cpu"] / CLASS_SIZE <= CPU_PER_SUBMISSION


def times(course) -> dict[str, int]:
    """When each report was written."""
    return {path.name: path.stat().st_mtime_ns for path in course.folder.glob("reports/*/*.json")}


def test_a_second_call_grades_nothing_twice(graded):
    from lessons_lib.classroom.grading.batch import grade

    course = graded["course"]
    before = times(course)
    start = time.monotonic()
    assert len(grade(course, ASSIGNMENT)) == CLASS_SIZE
    assert before == times(course) and time.monotonic() - start < 60


def test_what_takes_too_long_is_ended_flagged_and_can_be_graded_again(graded):
    from lessons_lib.classroom.grading.batch import grade
    from lessons_lib.classroom.grading.sandbox import Limits

    course = graded["course"]
    row = next(row for row in graded["rows"] if row["kind"] == "correct")
    only, limits = [row["student"]], Limits(submission_seconds=1)
    (report,) = grade(course, ASSIGNMENT, students=only, limits=limits, again=True)
    codes = [each.code for each in report.findings]
    assert report.state == "not graded" and codes == ["time-limit"]
    (report,) = grade(course, ASSIGNMENT, students=only, again=True)
    assert report.state == "graded" and report.findings == ()
    with pytest.raises(ValueError, match="nothing was handed in for ps1 by nobody"):
        grade(course, ASSIGNMENT, students=["nobody"])


class Scripts(HTMLParser):
    """Finds what would run when a page is opened, but for the template's own mathematics."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = "mathjax" in str(attrs).lower()
        if (tag == "script" and not own) or any(name.startswith("on") for name, _ in attrs):
            self.found.append(f"{tag} {attrs}")


def test_the_table_holds_everyone_and_feedback_no_hidden_value(graded):
    from lessons_lib.classroom.grading.generating import feedback
    from lessons_lib.classroom.grading.table import export

    course = graded["course"]
    path = course.folder / "grades.csv"
    assert export(course, ASSIGNMENT, path) == CLASS_SIZE
    with path.open(encoding="utf-8-sig") as stream:
        lines = {line["student"]: line for line in csv.DictReader(stream)}
    for row in graded["rows"]:
        assert float(lines[row["student"]]["points"]) == sum(row["given"].values())
        assert all(code in lines[row["student"]]["flags"] for code in row["flags"][1])
    kinds_read = ("wrong", "a script for the reader", "prints in a test", "reads the class seed")
    readers = [row["student"] for row in graded["rows"] if row["kind"] in kinds_read]
    assert feedback(course, ASSIGNMENT, readers) == len(kinds_read)
    for page in course.folder.glob(f"feedback/*/{ASSIGNMENT}/*.html"):
        text = page.read_text(encoding="utf-8")
        assert Scripts(text).found == []
        assert str(course.class_seed()) not in text and "default_rng([seed" not in text
