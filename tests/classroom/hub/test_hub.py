"""A class server on loopback: two students and an instructor play an hour of a course.

The machine has accounts of its own for the test (machine.py), so that what keeps learners apart
is what keeps them apart in a class: the rights of files, not the good will of a program.
"""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("jupyterhub", reason="needs requirements-hub.txt")
pytest.importorskip("nbgrader", reason="needs requirements-class.txt")

from hub import answers, lesson_hour, machine  # noqa: E402
from hub.classroom import CULLER_TOKEN, ROOT, Classroom  # noqa: E402

pytestmark = [
    pytest.mark.classroom,
    pytest.mark.skipif(bool(machine.why_not()), reason=machine.why_not()),
    pytest.mark.xdist_group("hub"),
]

ALL = len(answers.solution_cells())
ANSWERED = {"ada": ALL, "bert": 1}
SECONDS = 900
"""Stops an hour that hangs."""


@pytest.fixture(scope="module")
def hour():
    """The hour once for all tests; whatever happens, its processes and files are gone then."""

    def too_late(*_):
        raise TimeoutError(f"the class server took more than {SECONDS} s")

    former = signal.signal(signal.SIGALRM, too_late)
    signal.alarm(SECONDS)
    room = Classroom(memory_gb="1.5")
    try:
        room.open()
        yield lesson_hour.play(room, ANSWERED)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)
        room.machine.close()


def as_bert(hour, code: str) -> str:
    """What code prints that bert runs in his notebook."""
    return hour.people["bert"].python(code).strip()


def trial(expression: str) -> str:
    """Code that prints an expression's value, or the name of what stops it."""
    return f"try:\n    print({expression})\nexcept Exception as e:\n    print(type(e).__name__)"


def test_only_the_class_may_log_in(hour):
    hour.room.machine.run("useradd carol; echo carol:secret | chpasswd")
    hour.room.passwords |= {"carol": "secret"}
    assert not hour.room.visitor("carol").welcome
    hour.room.passwords["ada"] = "a guess"
    assert not hour.room.visitor("ada").welcome


def test_each_server_runs_as_its_own_account(hour):
    assert as_bert(hour, "import getpass; print(getpass.getuser())") == "bert"
    lessons = json.loads(hour.people["bert"].server("GET", "/api/contents/lessons").text)
    names = {each["name"] for each in lessons["content"]}
    assert names == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_what_students_fetch_holds_no_solution_and_no_hidden_test(hour):
    for name in ("ada", "bert"):
        fetched = hour.seen[f"fetched by {name}"]
        assert "raise NotImplementedError" in fetched
        for word in ("BEGIN SOLUTION", "HIDDEN TESTS", "hidden_check(", "MARK SCHEME"):
            assert word not in fetched


def test_the_grades_are_right_and_none_is_lost(hour):
    expected = {name: answers.points(count) + answers.MARK for name, count in ANSWERED.items()}
    assert hour.seen["scores"] == expected


def test_each_student_gets_their_own_feedback_and_no_other(hour):
    for name in ("ada", "bert"):
        home = hour.room.machine.folder / "home" / name / answers.ASSIGNMENT / "feedback"
        [page] = home.glob(f"*/{answers.ASSIGNMENT}.html")
        total = f"Score: {hour.seen['scores'][name]}"
        assert total in page.read_text(encoding="utf-8")
    feedback = f"/srv/why-edges-blur/exchange/{lesson_hour.COURSE}/feedback"
    assert as_bert(hour, f"import os\n{trial(f'os.listdir({feedback!r})')}") == "PermissionError"


def test_the_collector_believes_no_folder(hour):
    assert hour.seen["forged"].strip() == "forged", hour.seen["forged"]
    submitted = hour.course("submitted")
    assert {path.name for path in submitted.iterdir()} == {"ada", "bert"}
    notebook = f"{answers.ASSIGNMENT}/{answers.ASSIGNMENT}.ipynb"
    assert "raise NotImplementedError" not in (submitted / "ada" / notebook).read_text()
    assert "BEGIN SOLUTION" not in (submitted / "bert" / notebook).read_text()
    kept = json.loads(hour.course(f"reports/{answers.ASSIGNMENT}-collected.json").read_text())
    assert {entry["code"] for entry in kept["bert"]} == {"other-name", "folder-name", "link"}
    assert "ada" not in kept


def test_the_forms_autograde_button_runs_nothing(hour):
    assert not hour.seen["button"]["success"]
    assert "lessons_lib.classroom.grading grade" in str(hour.seen["button"])


CLOSED = {
    "another's home": "os.listdir('/home/ada')",
    "another's work": f"open('/home/ada/{answers.ASSIGNMENT}/{answers.ASSIGNMENT}.ipynb').read()",
    "what was handed in": f"os.listdir({lesson_hour.INBOUND!r})",
    "the gradebook": "open('/home/instructor/course/gradebook.db', 'rb').read()",
    "the class seed": "open('/home/instructor/course/nbgrader_config.py').read()",
    "the course's sources": "os.listdir('/home/instructor/course/source')",
    "the project's sources": f"os.listdir('{ROOT}/notebooks/source/assignments')",
    "the project's built sources": f"os.listdir('{ROOT}/notebooks/assignments/source')",
    "the guide's answers": f"open('{ROOT}/docs/INSTRUCTORS.md').read()",
    "the project's history": f"open('{ROOT}/.git/HEAD').read()",
    "the hub's files": "os.listdir('/srv/why-edges-blur/hub')",
    "the exchange's folders": f"os.rename('{lesson_hour.INBOUND}', '{lesson_hour.INBOUND}0')",
    "the course's exchange": (
        "os.rename('/srv/why-edges-blur/exchange/why-edges-blur', "
        "'/srv/why-edges-blur/exchange/mine')"
    ),
}


@pytest.mark.parametrize("expression", CLOSED.values(), ids=CLOSED.keys())
def test_a_student_cannot_reach(hour, attempts, expression):
    assert attempts[expression] == "PermissionError"


@pytest.fixture(scope="module")
def attempts(hour) -> dict[str, str]:
    """What bert gets when he tries each of CLOSED, in one kernel."""
    code = "import os\n" + "\n".join(map(trial, CLOSED.values()))
    return dict(zip(CLOSED.values(), as_bert(hour, code).splitlines(), strict=True))


def test_knowing_a_folders_name_does_not_let_another_remove_it(hour):
    inbound = hour.room.machine.folder / lesson_hour.INBOUND.lstrip("/")
    ada = int(hour.room.machine.run("id -u ada"))
    [hers] = [path.name for path in inbound.iterdir() if path.lstat().st_uid == ada]
    place = f"{lesson_hour.INBOUND}/{hers}"
    moved = as_bert(hour, f"import os\n{trial(f'os.rename({place!r}, {place + chr(48)!r})')}")
    assert moved == "PermissionError"


def test_a_student_cannot_use_anothers_server_nor_the_form(hour):
    bert = hour.people["bert"]
    for owner in ("ada", "instructor"):
        assert bert.server("GET", "/api/contents", owner=owner).status_code in (403, 404)
    assert bert.server("GET", "/formgrader/api/assignments").status_code == 404
    assert hour.people["instructor"].server("GET", "/formgrader/api/assignments").ok
    assert bert.hub("GET", "/users").status_code == 403


def test_a_learners_process_gets_no_more_memory_than_the_settings_say(hour):
    code = "\n".join(trial(f"len(bytearray({size} << 30))") for size in (1, 2))
    assert as_bert(hour, code).split() == [str(1 << 30), "MemoryError"]


def test_nobody_can_raise_their_limits(hour):
    code = "import resource\n" + trial(
        "resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY,) * 2)"
    )
    code += "\nprint(resource.getrlimit(resource.RLIMIT_NPROC))"
    assert as_bert(hour, code).splitlines() == ["ValueError", "(400, 400)"]


def test_idle_servers_are_stopped(hour):
    """Last of all: the culler, with the rights of the configuration's own role."""
    assert "(idle-culler@" in hour.room.log.read_text()
    address = f"http://127.0.0.1:{hour.room.hub_port}/hub/api"
    culler = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=1", "--cull-every=1",
         f"--url={address}"],
        env={"JUPYTERHUB_API_TOKEN": CULLER_TOKEN, "PATH": str(Path(sys.executable).parent)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 40
        while any(running(hour, name) for name in hour.people):
            assert time.monotonic() < until, "a server still runs"
            time.sleep(0.5)
    finally:
        culler.kill()
        culler.wait()


def running(hour, name: str) -> bool:
    """Whether an account's server runs."""
    return bool(hour.people[name].hub("GET", f"/users/{name}").json()["servers"])
