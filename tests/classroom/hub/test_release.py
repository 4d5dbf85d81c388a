"""Feedback goes to everyone who can have it, whatever one student did to a folder."""

import os

import pytest

pytest.importorskip("nbgrader", reason="needs requirements-class.txt")
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange is not for Windows"),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own packages warn
]

from nbgrader.coursedir import CourseDirectory  # noqa: E402
from nbgrader.exchange.default.release_feedback import ExchangeReleaseFeedback  # noqa: E402
from nbgrader.utils import notebook_hash  # noqa: E402
from traitlets.config import Config  # noqa: E402

from lessons_lib.classroom.hub.release import SECRET, CarefulReleaseFeedback  # noqa: E402

CLASS = {"ada": "a" * 128, "bert": "", "carla": "c" * 128}


def release(tmp_path, how: type) -> None:
    """Release the feedback of a class of which bert removed his secret."""
    (tmp_path / "exchange").mkdir(exist_ok=True)
    (tmp_path / "exchange").chmod(0o777)
    for student, secret in CLASS.items():
        for step in ("submitted", "feedback"):
            (tmp_path / "course" / step / student / "ps1").mkdir(parents=True, exist_ok=True)
        page = tmp_path / "course/feedback" / student / "ps1"
        (page / "ps1.html").write_text(f"points of {student}")
        (page / "timestamp.txt").write_text("2027-03-12 17:00:00 UTC")
        if secret:
            (tmp_path / "course/submitted" / student / "ps1" / SECRET).write_text(secret)
    config = Config()
    config.CourseDirectory.root = str(tmp_path / "course")
    config.CourseDirectory.course_id = "course"
    config.CourseDirectory.assignment_id = "ps1"
    config.Exchange.root = str(tmp_path / "exchange")
    how(coursedir=CourseDirectory(config=config), config=config).start()


def test_one_without_a_secret_stops_nobody(tmp_path):
    with pytest.raises(FileNotFoundError):
        release(tmp_path, ExchangeReleaseFeedback)
    release(tmp_path, CarefulReleaseFeedback)
    released = {path.name: path for path in (tmp_path / "exchange/course/feedback").iterdir()}
    names = {
        who: f"{notebook_hash(secret=secret, notebook_id='ps1')}.html"
        for who, secret in CLASS.items()
        if secret
    }
    assert set(released) == set(names.values()) and "bert" not in names
    assert released[names["ada"]].read_text() == "points of ada"
