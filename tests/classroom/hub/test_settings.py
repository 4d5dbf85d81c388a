"""What a class server's settings and class list must be, and what is said of others."""

import pytest

from lessons_lib.classroom.hub.settings import (
    DEFAULT_FILE,
    FILE_VARIABLE,
    read_class,
    read_settings,
)

SHIPPED = DEFAULT_FILE.read_text(encoding="utf-8")


def test_the_shipped_settings_are_complete():
    settings = read_settings(DEFAULT_FILE)
    assert settings.course_id == "why-edges-blur"
    assert settings.course_folder.is_relative_to(f"/home/{settings.instructor}")
    assert not settings.exchange.is_relative_to(settings.state)


def test_the_environment_names_another_file(tmp_path, monkeypatch):
    other = tmp_path / "class.toml"
    other.write_text(SHIPPED.replace('"why-edges-blur"', '"edges-2027"', 1))
    monkeypatch.setenv(FILE_VARIABLE, str(other))
    assert read_settings().course_id == "edges-2027"


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ("threads = 2", "thread = 2", r"missing: \['threads'\], unknown: \['thread'\]"),
        ("threads = 2", "threads = 2.5", r"threads must be a positive number \(int\), got 2.5"),
        ("threads = 2", "threads = true", "threads must be a positive number"),
        ("memory_gb = 4.0", "memory_gb = -1", "memory_gb must be a positive number"),
        ('"/srv/why-edges-blur/exchange"', '"exchange"', "exchange must be an absolute path"),
        ('"why-edges-blur"', '""', "course_id must be a text"),
    ],
)
def test_wrong_settings_are_named(tmp_path, was, becomes, words):
    path = tmp_path / "class_server.toml"
    assert was in SHIPPED
    path.write_text(SHIPPED.replace(was, becomes, 1))
    with pytest.raises(ValueError, match=words):
        read_settings(path)


def class_list(tmp_path, *lines: str):
    path = tmp_path / "class.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def test_a_class_list_may_come_from_a_spreadsheet(tmp_path):
    path = class_list(tmp_path, "id,first_name,last_name,email", "ada,Ada,Ådams,", "bert-2,,,")
    assert read_class(path) == ["ada", "bert-2"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["name,email", "ada,"], "must have the columns id,first_name,last_name,email"),
        (["id,first_name,last_name,email"], "a line per student, got no line"),
        (["id,email", "ada,", "../bert,"], r"'\.\./bert' cannot be an account"),
        (["id,email", "ada:root,"], "cannot be an account"),
        (["id,email", "ada,", "bert,", "ada,"], "ada stands there twice"),
    ],
)
def test_a_wrong_class_list_is_refused(tmp_path, lines, words):
    with pytest.raises(ValueError, match=words):
        read_class(class_list(tmp_path, *lines))
