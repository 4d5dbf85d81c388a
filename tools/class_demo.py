#!/usr/bin/env python3
"""Play a class of eight from the first folder to the table of grades.

    python tools/class_demo.py                 into build/class-demo
    python tools/class_demo.py --folder DIR    into a folder of your choice (it is made anew)

Everything is done by the commands that an instructor uses; the guide explains each.
"""

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nbformat
from simulated_class import Maker, put
from simulated_kinds import kinds

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "ps1"
DUE = "2026-12-01 18:00:00 UTC"
CLASS = {
    "ada": "correct",
    "ben": "wrong",
    "chen": "partial",
    "dilan": "infinite loop",
    "elif": "Windows paths",
    "farid": "submitted twice",
    "gita": "patches numpy",
    "hugo": "late",
}
WROTE = {"ben": 0.5, "chen": 0.25}
"""Who wrote only so much of a good written answer."""
STEPS = ("source", "release")


def say(words: str) -> None:
    print(f"\n== {words}", flush=True)


def command(*words: object) -> None:
    """Run one of the instructor's commands, and show it."""
    shown = " ".join(shlex.quote(place_of(word)) for word in words)
    print(f"$ python -m lessons_lib.classroom.grading {shown}", flush=True)
    call = [sys.executable, "-W", "ignore", "-m", "lessons_lib.classroom.grading"]
    if subprocess.call([*call, *map(str, words)], cwd=ROOT):
        raise SystemExit(f"the command stopped: {shown}")


def place_of(word: object) -> str:
    """Write a path as one types it in the project's folder."""
    inside = isinstance(word, Path) and word.resolve().is_relative_to(ROOT)
    return str(word.resolve().relative_to(ROOT) if inside else word)


def hand_out(course: Path, folder: Path) -> Path:
    """Put the students' version into an archive, as one would into an LMS."""
    archive = folder / "handed_out" / ASSIGNMENT
    archive.parent.mkdir()
    made = shutil.make_archive(str(archive), "zip", course / "release", ASSIGNMENT)
    return Path(made)


def hand_in(course: Path, folder: Path) -> None:
    """Let the class work."""
    notebooks = [course / step / ASSIGNMENT / f"{ASSIGNMENT}.ipynb" for step in STEPS]
    maker = Maker(*notebooks, (notebooks[0], course / "gradebook.db"))
    known = {kind.name: kind for kind in kinds(maker)}
    for student, kind in CLASS.items():
        handed = known[kind].make(maker)
        if student in WROTE:
            handed = [replace(each, data=shorter(each.data, WROTE[student])) for each in handed]
        put(folder, student, handed)
        print(f"{student:6} {kind}")


def shorter(notebook: bytes, share: float) -> bytes:
    """Keep only the beginning of a notebook's written answers."""
    book = json.loads(notebook)
    for cell in book["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("written"):
            cell["source"] = cell["source"][: int(share * len(cell["source"]))]
    return json.dumps(book).encode()


def grade_by_hand(course: Path) -> None:
    """Give points for the written answers, as a person with the rubric would in formgrader.

    Here each sentence of the model answer that stands in a student's counts.
    """
    from nbgrader.api import Gradebook

    source = course / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    models = written(source)
    with Gradebook(f"sqlite:///{course.resolve() / 'gradebook.db'}") as book:
        for student in CLASS:
            path = course / "checked" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            for name, text in written(path).items():
                grade = book.find_grade(name, ASSIGNMENT, ASSIGNMENT, student)
                share = likeness(text, models[name])
                grade.manual_score = round(2 * share * grade.max_score) / 2
                grade.needs_manual_grade = False
                comment = book.find_comment(name, ASSIGNMENT, ASSIGNMENT, student)
                comment.manual_comment = f"{share:.0%} of what the rubric asks for."
                print(f"{student:6} {name}: {grade.manual_score} of {grade.max_score}")
        book.db.commit()


def written(path: Path) -> dict[str, str]:
    """Return the written answers of a notebook by grade id."""
    cells = nbformat.read(path, as_version=4).cells
    named = {cell.metadata.get("nbgrader", {}).get("grade_id", ""): cell for cell in cells}
    return {name: cell.source for name, cell in named.items() if name.startswith("written")}


def likeness(text: str, model: str) -> float:
    """Return the share of the model answer's sentences that a text holds."""
    answer = re.split(r"\nPoints:|=== |### ", model.split("### BEGIN SOLUTION\n")[-1])[0]
    sentences = [part.strip() for part in re.split(r"[.:]\s", answer) if part.strip()]
    return sum(part in text for part in sentences) / len(sentences)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "class-demo")
    parser.add_argument("--sandbox", default="bubblewrap", help="bubblewrap or weak")
    options = parser.parse_args()
    folder, start = options.folder, time.monotonic()
    course, inbox = folder / "course", folder / "inbox"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    say("1 A course, with a class seed of its own")
    command("create", course)
    say("2 The students' version, without solutions and hidden tests")
    command("generate", course, ASSIGNMENT, "--due", DUE)
    say("3 Hand it out")
    print(place_of(hand_out(course, folder)))
    say("4 Eight students hand in")
    hand_in(course, inbox)
    say("5 Collect")
    command("collect-zip", course, ASSIGNMENT, inbox)
    say("6 Grade, each in a sandbox")
    command("grade", course, ASSIGNMENT, "--sandbox", options.sandbox)
    say("7 Grade the written answers by hand (simulated; you would use formgrader)")
    grade_by_hand(course)
    say("8 Feedback")
    command("feedback", course, ASSIGNMENT)
    say("9 The table")
    command("export", course, ASSIGNMENT)
    look(course, time.monotonic() - start)
    return 0


def look(course: Path, seconds: float) -> None:
    """Say what lies where."""
    say(f"Done in {seconds:.0f} s. What to look at:")
    places = {
        f"grades_{ASSIGNMENT}.csv": "every grade, who was late, and why to look at whom",
        f"feedback/ben/{ASSIGNMENT}/{ASSIGNMENT}.html": "what a student gets back",
        f"release/{ASSIGNMENT}/{ASSIGNMENT}.ipynb": "what was handed out",
        f"checked/elif/{ASSIGNMENT}": "a repaired submission (submitted/elif is as it came)",
        f"reports/{ASSIGNMENT}/gita.json": "a hostile one, and what gave it away",
        "nbgrader_config.py": "the settings, with the class seed",
    }
    for place, words in places.items():
        print(f"  {place_of(course / place)}\n      {words}")


if __name__ == "__main__":
    sys.exit(main())
