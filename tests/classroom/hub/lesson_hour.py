"""One hour of a class on the hub: everything that happens, and what was seen of it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from hub.answers import ASSIGNMENT, MARK, answered
from hub.classroom import PYTHON, Classroom
from hub.visitor import Visitor

COURSE = "why-edges-blur"
INBOUND = f"/srv/why-edges-blur/exchange/{COURSE}/inbound"
HOUR = {"course_id": COURSE, "assignment_id": ASSIGNMENT}
GRADING = f"{PYTHON} -m lessons_lib.classroom.grading"

# What bert puts into the exchange by hand: work under ada's name, a broken name, a link to the
# instructor's sources; and into his own work a link to them, and a folder that is not his.
FORGERIES = f"""
import os, datetime
os.umask(0)
now = datetime.datetime.now(datetime.timezone.utc)
later = (now + datetime.timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
os.chdir({INBOUND!r})
os.mkdir(f"ada+{ASSIGNMENT}+{{later}}+forged")
open(f"ada+{ASSIGNMENT}+{{later}}+forged/{ASSIGNMENT}.ipynb", "w").write("{{}}")
os.mkdir("bert+{ASSIGNMENT}+no time at all+x")
os.symlink("/home/instructor/course/source/{ASSIGNMENT}", f"bert+{ASSIGNMENT}+{{later}}+l")
print("forged")
"""


@dataclass
class Hour:
    """The visitors, and what each step answered."""

    room: Classroom
    people: dict[str, Visitor] = field(default_factory=dict)
    seen: dict[str, object] = field(default_factory=dict)

    def course(self, *parts: str) -> Path:
        """A path in the instructor's course folder, seen from outside the machine."""
        return self.room.machine.folder.joinpath("home/instructor/course", *parts)

    def grader(self, method: str, path: str, **options: object) -> object:
        """Ask nbgrader's form in the instructor's server."""
        reply = self.people["instructor"].server(method, f"/formgrader/api{path}", **options)
        assert reply.ok, reply.text
        return reply.json()

    def form(self, step: str) -> dict:
        """Press one of the buttons of nbgrader's form; it must succeed."""
        result = self.grader("POST", step, json={})
        assert result["success"], f"{step}\n{result}"
        return result

    def commands(self, *lines: str) -> str:
        """Run shell commands in the instructor's course folder; all must succeed."""
        code = f"""
        import subprocess
        for line in {lines!r}:
            done = subprocess.run(line, shell=True, cwd="course", capture_output=True, text=True)
            print(done.stdout, done.stderr)
            if done.returncode: raise SystemExit(f"failed: {{line}}")
        """
        output = self.people["instructor"].python(dedent(code), patience=400)
        assert "failed:" not in output, output
        return output


def enter(hour: Hour) -> None:
    """All three log in, which starts their servers."""
    for name in ("instructor", "ada", "bert"):
        hour.people[name] = hour.room.visitor(name)
        assert hour.people[name].welcome, hour.people[name].reply.text
    for person in hour.people.values():
        person.open_server()


def hand_out(hour: Hour) -> None:
    """The instructor tells nbgrader the class, makes the students' version and releases it."""
    generate = f"{GRADING} generate ~/course {ASSIGNMENT}"
    hour.commands("nbgrader db student import class.csv", generate)
    hour.form(f"/assignment/{ASSIGNMENT}/release")


def work_and_submit(hour: Hour, name: str, how_many: int) -> None:
    """A student fetches, answers and submits, by the requests that JupyterLab sends."""
    person = hour.people[name]
    reply = person.server("POST", "/assignments/fetch", json=HOUR)
    assert reply.json()["success"], reply.text
    path = f"/api/contents/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
    content = person.server("GET", path).json()["content"]
    hour.seen[f"fetched by {name}"] = json.dumps(content)
    content = answered(content, how_many)
    saved = person.server("PUT", path, json={"type": "notebook", "content": content})
    assert saved.ok, saved.text
    reply = person.server("POST", "/assignments/submit", json=HOUR)
    assert reply.json()["success"], reply.text


def collect_and_grade(hour: Hour) -> None:
    """The instructor collects, autogrades in the sandbox and marks the written answers."""
    hour.seen["collect"] = hour.form(f"/assignment/{ASSIGNMENT}/collect")["log"]
    hour.seen["button"] = hour.grader("POST", f"/submission/{ASSIGNMENT}/ada/autograde", json={})
    hour.seen["autograde"] = hour.commands(f"{GRADING} grade ~/course {ASSIGNMENT}")
    for notebook in hour.grader("GET", f"/submitted_notebooks/{ASSIGNMENT}/{ASSIGNMENT}"):
        for grade in hour.grader("GET", "/grades", params={"submission_id": notebook["id"]}):
            if grade["name"].startswith("written"):
                hour.grader("PUT", f"/grade/{grade['id']}", json={"manual_score": MARK})
    rows = hour.grader("GET", f"/submissions/{ASSIGNMENT}")
    hour.seen["scores"] = {row["student"]: row["score"] for row in rows}


def return_feedback(hour: Hour) -> None:
    """The instructor makes and releases feedback, and the students fetch theirs."""
    hour.commands(f"{GRADING} feedback ~/course {ASSIGNMENT}")
    hour.form(f"/assignment/{ASSIGNMENT}/release_feedback")
    for name in ("ada", "bert"):
        reply = hour.people[name].server("POST", "/assignments/fetch_feedback", json=HOUR)
        assert reply.ok, reply.text


def play(room: Classroom, answers: dict[str, int]) -> Hour:
    """The whole hour, in its order; `answers` says how many questions each student answers."""
    hour = Hour(room)
    enter(hour)
    hand_out(hour)
    for name, how_many in answers.items():
        work_and_submit(hour, name, how_many)
    hour.seen["forged"] = hour.people["bert"].python(FORGERIES)
    collect_and_grade(hour)
    return_feedback(hour)
    return hour
