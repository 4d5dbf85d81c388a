"""A course is a folder with a seed; its commands say what is missing."""

import json
import stat

import pytest

import bootstrap
from lessons_lib.classroom.grading import entry
from lessons_lib.classroom.grading.course import Course, create, known, read_time
from lessons_lib.classroom.grading.findings import Finding, Report
from lessons_lib.classroom.grading.progress import Bar
from lessons_lib.classroom.grading.sandbox import LIBRARY


def test_a_course_has_a_seed_that_nobody_else_reads(tmp_path):
    course = create(tmp_path / "one", seed=2027)
    assert course.class_seed() == 2027
    mode = stat.S_IMODE((course.folder / "nbgrader_config.py").stat().st_mode)
    assert mode & 0o077 == 0
    assert create(tmp_path / "two").class_seed() != create(tmp_path / "three").class_seed()


def test_a_kernel_gets_another_seed_than_the_judge(tmp_path):
    course = create(tmp_path / "course", seed=2027)
    seeds = {course.kernel_seed(name) for name in ("ada", "ben")} | {course.class_seed()}
    assert len(seeds) == 3


def test_what_cannot_be_a_course_is_refused(tmp_path):
    create(tmp_path / "course")
    with pytest.raises(FileExistsError, match="choose another folder"):
        create(tmp_path / "course")
    with pytest.raises(ValueError, match="whole number of at least 0, got -3"):
        create(tmp_path / "other", seed=-3)
    with pytest.raises(ValueError, match="submissions read"):
        create(LIBRARY / "course")
    with pytest.raises(FileNotFoundError, match="there is no nbgrader_config.py"):
        Course(tmp_path / "nowhere").config()


def test_a_course_without_a_seed_says_where_to_set_it(tmp_path):
    course = create(tmp_path / "course", seed=1)
    path = course.folder / "nbgrader_config.py"
    path.write_text(path.read_text().replace("class_seed = 1", "class_seed = 'x'"))
    with pytest.raises(ValueError, match="got 'x'; set c.WhyEdgesBlur.class_seed"):
        course.class_seed()


@pytest.mark.parametrize(
    "text", ["2026-12-01 18:00", "2026-12-01T18:00:00Z", " 2026-12-01 18:00 UTC"]
)
def test_times_are_read(text):
    assert read_time(text).isoformat() == "2026-12-01T18:00:00+00:00"


def test_other_times_and_assignments_are_refused():
    with pytest.raises(ValueError, match="expected a time such as .* got 'tomorrow'"):
        read_time("tomorrow")
    with pytest.raises(ValueError, match="one of ps1, .*got 'ps9'"):
        known("ps9")


def test_a_command_ends_with_words_and_not_with_a_traceback(tmp_path, capsys):
    assert entry.main(["grade", str(tmp_path), "ps1"]) == 1
    assert "make one with" in capsys.readouterr().err
    assert entry.main(["create", str(tmp_path / "a"), "--seed", "5"]) == 0
    assert entry.main(["grade", str(tmp_path / "a"), "ps9"]) == 1
    assert "one of ps1" in capsys.readouterr().err


def test_a_relative_folder_is_the_same_course(tmp_path, monkeypatch):
    """The sandbox binds paths, and a relative one means nothing to it."""
    create(tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    seen = []
    monkeypatch.setattr(entry, "_grade", lambda course, *_: seen.append(course.folder))
    assert entry.main(["grade", ".", "ps1"]) == 0
    assert seen == [(tmp_path / "course").resolve()]


def test_without_nbgrader_it_says_what_to_install(tmp_path, capsys, monkeypatch):
    create(tmp_path / "course")

    def missing(*_):
        raise ModuleNotFoundError("No module named 'nbgrader'", name="nbgrader")

    monkeypatch.setattr(entry, "_generate", missing)
    assert entry.main(["generate", str(tmp_path / "course"), "ps1"]) == 1
    assert "requirements-class.txt" in capsys.readouterr().err


def test_a_report_is_kept_and_a_broken_one_counts_as_none(tmp_path):
    report = Report("ada", "ps1", "graded", (Finding("late", "2 hours", flag=True),), "abc", 1.5)
    report.write(tmp_path / "r" / "ada.json")
    assert Report.read(tmp_path / "r" / "ada.json") == report
    (tmp_path / "r" / "ada.json").write_text('{"student":')
    assert Report.read(tmp_path / "r" / "ada.json") is None


def test_the_bar_says_how_far_it_is(capsys):
    bar = Bar()
    for done in range(1, 21):
        bar(done, 20, 3)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10 and lines[-1].endswith("20 of 20, 3 with flags")


def test_learners_do_not_see_what_an_instructor_installs(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    page = tmp_path / "etc/jupyter/labconfig/page_config.json"
    page.parent.mkdir(parents=True)
    page.write_text('{"disabledExtensions": {"other": true}, "lockedExtensions": {}}')
    for _ in range(2):
        bootstrap.hide_instructor_tools()
    hidden = json.loads(page.read_text())["disabledExtensions"]
    names = ["other", "@jupyter/nbgrader", "@jupyter-notebook/lab-extension"]
    assert hidden == dict.fromkeys(names, True)
    servers = sorted((tmp_path / "etc/jupyter/jupyter_server_config.d").glob("nbgrader.*.json"))
    assert len(servers) == 4 and all("false" in path.read_text() for path in servers)
