"""A folder as an LMS gives it becomes a folder for each student, and nothing else."""

import io
import os
import zipfile
from datetime import UTC, datetime

import pytest

from lessons_lib.classroom.grading.collecting import collect
from lessons_lib.classroom.grading.course import Course


@pytest.fixture
def course(tmp_path) -> Course:
    return Course(tmp_path / "course")


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, data in files.items():
            entry = zipfile.ZipInfo("x")
            entry.filename = name
            made.writestr(entry, data)
    return buffer.getvalue()


def taken(course: Course, student: str) -> dict[str, bytes]:
    folder = course.submitted("ps1", student)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def codes(course: Course, student: str) -> set[str]:
    return {entry["code"] for entry in course.collection_findings("ps1")[student]}


def test_notebooks_archives_and_folders_are_taken(course, inbox):
    (inbox / "ada.ipynb").write_bytes(b"1")
    (inbox / "ben@uni.org.zip").write_bytes(archive({"ps1/ps1.ipynb": b"2"}))
    (inbox / "chen").mkdir()
    (inbox / "chen" / "ps1.ipynb").write_bytes(b"3")
    (inbox / ".DS_Store").write_bytes(b"")
    assert collect(course, "ps1", inbox) == (3, [".DS_Store"])
    for name, data in {"ada": b"1", "ben@uni.org": b"2", "chen": b"3"}.items():
        assert taken(course, name)["ps1.ipynb"] == data and codes(course, name) == set()


def test_what_bears_the_assignments_name_belongs_to_nobody(course, inbox):
    for name in ("ps1.ipynb", "PS1 (2).zip", "ps1__ada.ipynb", "ps1a.ipynb"):
        (inbox / name).write_bytes(b"1")
    assert collect(course, "ps1", inbox) == (1, ["PS1 (2).zip", "ps1.ipynb", "ps1__ada.ipynb"])
    assert course.students("ps1") == ["ps1a"]


def test_windows_paths_and_ways_out_stay_inside(course, inbox):
    names = {"C:\\work\\ps1.ipynb": b"1", "../../../evil.txt": b"2", "/abs/photo.png": b"3"}
    (inbox / "ada.zip").write_bytes(archive(names))
    collect(course, "ps1", inbox)
    assert set(taken(course, "ada")) == {"ps1.ipynb", "evil.txt", "photo.png", "timestamp.txt"}
    assert codes(course, "ada") == {"paths"}
    assert not list(course.folder.parent.glob("**/evil.txt"))[1:]


def test_of_several_the_latest_counts_and_the_others_are_kept(course, inbox):
    for number, hour in (("2", 9), ("1", 12)):
        path = inbox / f"ada__{number}.ipynb"
        path.write_text(number)
        when = datetime(2026, 12, 1, hour, tzinfo=UTC).timestamp()
        os.utime(path, (when, when))
    collect(course, "ps1", inbox)
    assert taken(course, "ada")["ps1.ipynb"] == b"1"
    assert taken(course, "ada")["timestamp.txt"] == b"2026-12-01 12:00:00 UTC"
    assert codes(course, "ada") == {"several"}
    assert (course.folder / "earlier/ada/ps1/ada__2/ps1.ipynb").read_text() == "2"


def test_broken_archives_links_and_false_times_are_flagged(course, inbox, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (inbox / "ada.zip").write_bytes(b"PK no")
    (inbox / "ben").mkdir()
    (inbox / "ben" / "ps1.ipynb").symlink_to(tmp_path / "secret")
    (inbox / "ben" / "timestamp.txt").write_text("yesterday")
    (inbox / "chen.zip").symlink_to(tmp_path / "secret")
    assert collect(course, "ps1", inbox) == (2, ["chen.zip"])
    assert codes(course, "ada") == {"broken-archive"}
    assert codes(course, "ben") == {"left-out", "time"}
    assert set(taken(course, "ben")) == {"timestamp.txt"}


def test_an_archive_that_unpacks_without_end_is_stopped(course, inbox, monkeypatch):
    monkeypatch.setattr("lessons_lib.classroom.grading.collecting.MOST_BYTES", 1000)
    (inbox / "ada.zip").write_bytes(archive({"a": b"0" * 900, "b": b"0" * 900}))
    collect(course, "ps1", inbox)
    assert set(taken(course, "ada")) == {"a", "timestamp.txt"}
    assert codes(course, "ada") == {"too-large"}
