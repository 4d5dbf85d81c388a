"""The collector against what learners can put into a folder where everybody may write.

Each test also shows that nbgrader's own collector falls for it, so that ours is not idle work.
"""

import json
import os
import pwd
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="needs requirements-class.txt")
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange is not for Windows"),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own packages warn
]

from nbgrader.coursedir import CourseDirectory  # noqa: E402
from nbgrader.exchange.default.collect import ExchangeCollect  # noqa: E402
from traitlets.config import Config  # noqa: E402

from lessons_lib.classroom.hub.collect import CarefulCollect, not_plain, plain_files  # noqa: E402

ME = pwd.getpwuid(os.getuid()).pw_name


def now() -> datetime:
    """Asked anew each time: a test may run long after this file was read."""
    return datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
def inbound(tmp_path) -> Path:
    folder = tmp_path / "exchange" / "course" / "inbound"
    folder.mkdir(parents=True)
    (tmp_path / "exchange").chmod(0o777)
    (tmp_path / "course").mkdir()
    return folder


def hand_in(inbound: Path, student: str = ME, time: datetime | str = "", text: str = "mine"):
    """What nbgrader's submit leaves in the exchange."""
    time = time or now()
    folder = inbound / f"{student}+ps1+{time} UTC+{os.urandom(3).hex()}"
    folder.mkdir()
    (folder / "ps1.ipynb").write_text(text)
    (folder / "timestamp.txt").write_text(f"{time} UTC")
    return folder


def collect(inbound: Path, how: type = CarefulCollect, **course: int) -> ExchangeCollect:
    """Collect as the instructor does, and return the collector."""
    top = inbound.parents[2]
    config = Config()
    config.CourseDirectory.root = str(top / "course")
    config.CourseDirectory.course_id = "course"
    config.CourseDirectory.assignment_id = "ps1"
    config.CourseDirectory.update(course)
    config.CourseDirectory.db_url = "sqlite://"  # empty, in memory
    config.Exchange.root = str(top / "exchange")
    collector = how(coursedir=CourseDirectory(config=config), config=config)
    collector.duedate = None
    collector.start()
    return collector


@pytest.fixture(autouse=True)
def no_gradebook(monkeypatch):
    """Nobody has a deadline: the gradebook is not asked, which saves making one."""
    from nbgrader.api import MissingEntry
    from nbgrader.exchange.default import collect as module

    class Empty:
        def __init__(self, *_): ...
        def __enter__(self):
            return self

        def __exit__(self, *_): ...
        def find_assignment(self, _):
            raise MissingEntry

    monkeypatch.setattr(module, "Gradebook", Empty)


def taken(inbound: Path, student: str = ME) -> dict[str, str]:
    """What lies in `submitted` of one student: name to text."""
    folder = inbound.parents[2] / "course" / "submitted" / student / "ps1"
    return {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}


def kept(inbound: Path) -> list[str]:
    """The codes in the course's report of the collection."""
    path = inbound.parents[2] / "course" / "reports" / "ps1-collected.json"
    return [entry["code"] for found in json.loads(path.read_text()).values() for entry in found]


def test_an_honest_submission_is_taken_as_it_is(inbound):
    hand_in(inbound)
    collect(inbound)
    assert taken(inbound)["ps1.ipynb"] == "mine"
    assert kept(inbound) == []


def test_of_several_the_latest_is_taken(inbound):
    hand_in(inbound, time=now() - timedelta(seconds=50), text="old")
    hand_in(inbound, text="new")
    hand_in(inbound, time=now() - timedelta(seconds=70), text="older")
    collect(inbound)
    assert taken(inbound)["ps1.ipynb"] == "new"


@pytest.mark.parametrize(
    "name", [f"{ME}+ps1+nonsense+x", f"{ME}+ps1+", f"{ME}+ps1+2026-13-45 UTC+x"]
)
def test_a_broken_name_stops_nobody_else(inbound, name):
    hand_in(inbound)
    (inbound / name).mkdir()
    with pytest.raises(Exception):  # noqa: B017  (whatever nbgrader raises)
        collect(inbound, ExchangeCollect)
    collect(inbound)
    assert taken(inbound)["ps1.ipynb"] == "mine"
    assert kept(inbound) == ["folder-name"]


def test_nobody_hands_in_under_another_name(inbound):
    hand_in(inbound, student="somebody", text="forged")
    collect(inbound, ExchangeCollect)
    assert taken(inbound, "somebody") != {}, "nbgrader only warns"
    hand_in(inbound, student="another", text="forged")
    collect(inbound)
    assert taken(inbound, "another") == {}
    assert set(kept(inbound)) == {"other-name"}


def test_a_link_does_not_bring_the_instructors_files(inbound, tmp_path):
    secret = tmp_path / "solution.ipynb"
    secret.write_text("the solution")
    folder = hand_in(inbound)
    (folder / "more.ipynb").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    collect(inbound)
    assert "the solution" not in taken(inbound).values()
    assert set(taken(inbound)) == {"ps1.ipynb", "timestamp.txt"}
    assert kept(inbound) == ["left-out", "left-out"]


def test_nbgrader_itself_follows_a_link(inbound, tmp_path):
    secret = tmp_path / "solution.ipynb"
    secret.write_text("the solution")
    (hand_in(inbound) / "more.ipynb").symlink_to(secret)
    collect(inbound, ExchangeCollect)
    assert taken(inbound)["more.ipynb"] == "the solution"


def test_a_link_in_the_place_of_the_folder_is_refused(inbound, tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "ps1.ipynb").write_text("the solution")
    (inbound / f"{ME}+ps1+{now()} UTC+x").symlink_to(tmp_path / "source")
    collect(inbound)
    assert taken(inbound) == {}
    assert kept(inbound) == ["link"]


def test_a_pipe_makes_nobody_wait(inbound):
    os.mkfifo(hand_in(inbound) / "pipe")
    collect(inbound)
    assert set(taken(inbound)) == {"ps1.ipynb", "timestamp.txt"}
    assert kept(inbound) == ["left-out"]


def test_an_earlier_time_than_the_disks_does_not_count(inbound):
    hand_in(inbound, time=datetime(2020, 1, 1, 10, 0, 0, 1), text="late work")
    collect(inbound)
    time = datetime.fromisoformat(taken(inbound)["timestamp.txt"].removesuffix(" UTC"))
    assert abs((time - now()).total_seconds()) < 600
    assert kept(inbound) == ["changed-later"]


def test_too_large_files_are_left_out_and_named(inbound):
    folder = hand_in(inbound)
    (folder / "large.bin").write_bytes(bytes(3000))
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"0")
    collect(inbound, max_file_size=2)
    assert set(taken(inbound)) == {"ps1.ipynb", "timestamp.txt"}
    assert kept(inbound) == ["left-out"]


def test_what_was_found_once_is_kept_and_not_doubled(inbound):
    (inbound / f"{ME}+ps1+nonsense+x").mkdir()
    collect(inbound)
    collect(inbound)
    assert kept(inbound) == ["folder-name"]


def test_plain_files_and_the_others_are_everything(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("a.txt", "deep/b.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "deep" / "link").symlink_to(tmp_path / "a.txt")
    found = {}
    for relative, descriptor in plain_files(str(tmp_path)):
        with open(descriptor) as file:
            found[relative] = file.read()
    assert found == {"a.txt": "a.txt", "deep/b.txt": "deep/b.txt"}
    assert not_plain(str(tmp_path)) == ["deep/link"]
