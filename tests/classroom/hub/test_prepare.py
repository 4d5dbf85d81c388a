"""The folders of a class server: who may enter them, and what is said while they are open."""

import dataclasses
import os
import pwd
import stat
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a class server is a Linux machine")

from lessons_lib.classroom.hub import prepare as module  # noqa: E402
from lessons_lib.classroom.hub.prepare import (  # noqa: E402
    SECRETS,
    accounts,
    closed_way,
    prepare,
    problems,
    unreachable,
)
from lessons_lib.classroom.hub.settings import DEFAULT_FILE, read_settings  # noqa: E402
from lessons_lib.classroom.hub.start import copy_lessons  # noqa: E402

ME = pwd.getpwuid(os.getuid())


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A class server in a folder, whose only account is this one, with a home of its own."""
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    me = pwd.struct_passwd((ME.pw_name, "x", ME.pw_uid, ME.pw_gid, "", str(home), "/bin/sh"))
    monkeypatch.setattr(module.pwd, "getpwall", lambda: [me])
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    text = text.replace('"instructor"', f'"{ME.pw_name}"', 1)
    text = text.replace('"/srv/why-edges-blur', f'"{tmp_path}/srv')
    path = tmp_path / "class_server.toml"
    path.write_text(text.replace('"/home/instructor', f'"{home}'))
    made = read_settings(path)
    made.state.mkdir(parents=True)
    made.class_list.write_text("id,first_name,last_name,email\nada,,,\nbert,,,\n")
    return made


@pytest.fixture
def project(tmp_path) -> Path:
    """The part of a clone that holds solutions."""
    top = tmp_path / "project"
    for name in SECRETS:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("answers") if path.suffix else path.mkdir(exist_ok=True)
    return top


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_prepared_server_has_no_problems_and_its_solutions_are_closed(settings, project):
    before = problems(settings, project)
    assert any("is missing: python -m lessons_lib.classroom.hub prepare" in one for one in before)
    assert any("docs/INSTRUCTORS.md must have the mode 600" in one for one in before)
    prepare(settings, project)
    assert problems(settings, project) == []
    course = settings.exchange / settings.course_id
    assert mode(settings.exchange) == 0o1777
    assert mode(course / "inbound") == 0o3733 and mode(course / "feedback") == 0o711
    assert mode(project / ".git") == 0o700
    assert mode(settings.course_folder) == 0o700


def test_the_course_gets_its_own_seed_and_keeps_it(settings, project):
    prepare(settings, project)
    config = settings.course_folder / "nbgrader_config.py"
    first = config.read_text()
    assert "class_seed = None" not in first
    prepare(settings, project)
    assert config.read_text() == first
    assert (settings.course_folder / "class.csv").read_text() == settings.class_list.read_text()


@pytest.mark.parametrize(
    ("opened", "words"),
    [
        ("course_folder", "must have the mode 700, it has 755: run prepare"),
        ("state", "must have the mode 700, it has 755"),
        ("exchange", "must have the mode 1777, it has 755"),
    ],
)
def test_an_open_folder_is_named(settings, project, opened, words):
    prepare(settings, project)
    getattr(settings, opened).chmod(0o755)
    assert [one for one in problems(settings, project) if words in one]


def test_a_students_open_home_is_named(settings, project, tmp_path, monkeypatch):
    prepare(settings, project)
    ada = tmp_path / "ada"
    ada.mkdir(mode=0o755)
    account = pwd.struct_passwd(("ada", "x", 1, 1, "", str(ada), ""))
    monkeypatch.setattr(module.pwd, "getpwall", lambda: [account])
    assert problems(settings, project) == [
        f"{ada} must have the mode 700, it has 755: run prepare"
    ]


def test_the_instructor_is_no_student_and_must_exist(settings, project):
    settings.class_list.write_text(f"id\n{ME.pw_name}\n")
    assert any("the instructor is no student" in one for one in problems(settings, project))
    nobody = dataclasses.replace(settings, instructor="no-such-account")
    with pytest.raises(ValueError, match="no account 'no-such-account': create it first"):
        prepare(nobody, project)


def test_what_learners_cannot_reach_is_named(settings, tmp_path):
    assert closed_way(Path("/usr/bin")) is None
    tmp_path.chmod(0o700)
    words = unreachable(settings)[-1]
    assert words.startswith(f"learners cannot reach {settings.exchange.parent}: ")
    assert words.endswith(f"{closed_way(tmp_path)} is closed to others")


def test_accounts_are_made_for_those_who_have_none(settings, monkeypatch):
    lines = accounts(settings)
    names = [line.split(":")[0] for line in lines]
    passwords = {line.split(":")[1] for line in lines}
    assert names == ["ada", "bert"]
    assert len(passwords) == 2 and all(len(word) >= 12 for word in passwords)
    assert all(line.count(":") == 6 for line in lines)
    known = pwd.struct_passwd(("ada", "x", 1, 1, "", "/home/ada", ""))
    monkeypatch.setattr(module.pwd, "getpwall", lambda: [known])
    assert [line.split(":")[0] for line in accounts(settings)] == ["bert"]


def test_a_learners_own_lesson_is_never_overwritten(tmp_path):
    source, home = tmp_path / "notebooks", tmp_path / "home"
    source.mkdir()
    home.mkdir()
    for name in ("00.ipynb", "01.ipynb"):
        (source / name).write_text("new")
    copy_lessons(source, home)
    (home / "lessons" / "00.ipynb").write_text("my answers")
    (home / "lessons" / "01.ipynb").unlink()
    assert [path.name for path in copy_lessons(source, home)] == ["01.ipynb"]
    assert (home / "lessons" / "00.ipynb").read_text() == "my answers"
