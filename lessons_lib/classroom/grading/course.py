"""The folder of a course: nbgrader's own folders, its gradebook, and the class seed."""

import hashlib
import json
import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from traitlets.config import Config, PyFileConfigLoader

from lessons_lib.classroom.assignments.judging import ASSIGNMENTS
from lessons_lib.classroom.grading.sandbox import LIBRARY

CONFIG = "nbgrader_config.py"
TEMPLATE = LIBRARY.parent / "notebooks" / "assignments"
SEED_LINE = "c.WhyEdgesBlur.class_seed = None"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True)
class Course:
    """A course in a folder.

    Attributes
    ----------
    folder : Path
        Holds nbgrader_config.py, gradebook.db and nbgrader's folders source, release, submitted,
        autograded and feedback; beside them `checked` (what the preflight made of each
        submission) and `reports`.
    """

    folder: Path

    def config(self) -> Config:
        """Return the settings, with the course's folder in them.

        Raises
        ------
        FileNotFoundError
            If the folder holds no course.
        """
        if not (self.folder / CONFIG).is_file():
            raise FileNotFoundError(
                f"expected a course in {self.folder}, there is no {CONFIG}; make one with: "
                "python -m lessons_lib.classroom.grading create FOLDER"
            )
        config = PyFileConfigLoader(CONFIG, path=str(self.folder)).load_config()
        config.CourseDirectory.root = str(self.folder.resolve())
        return config

    def class_seed(self) -> int:
        """Return the seed of the hidden cases that decide.

        Raises
        ------
        ValueError
            If the course's settings have none.
        """
        seed = self.config().WhyEdgesBlur.class_seed
        if type(seed) is not int or seed < 0:
            raise ValueError(
                f"the class seed must be a whole number of at least 0, got {seed!r}; set "
                f"c.WhyEdgesBlur.class_seed in {self.folder / CONFIG}"
            )
        return seed

    def kernel_seed(self, student: str) -> int:
        """Return the seed of the hidden cases that a submission's own kernel sees.

        The kernel runs the submission's code, which may print what it is asked. So its cases are
        of no use to anybody else: they come from another seed, which cannot be traced back.
        """
        words = f"{self.class_seed()} {student}".encode()
        return int.from_bytes(hashlib.sha256(words).digest()[:7], "big")

    def submitted(self, assignment: str, student: str) -> Path:
        """Where nbgrader or `collect-zip` put what a student handed in; it is never changed."""
        return self.folder / "submitted" / student / assignment

    def checked(self, assignment: str, student: str) -> Path:
        """Where the repaired copy is, which is graded."""
        return self.folder / "checked" / student / assignment

    def autograded(self, assignment: str, student: str) -> Path:
        """The graded notebook, which the form and the feedback show."""
        return self.folder / "autograded" / student / assignment / f"{assignment}.ipynb"

    def notebook(self, step: str, assignment: str) -> Path:
        """Return the assignment's own notebook: `step` is 'source' or 'release'."""
        return self.folder / step / assignment / f"{assignment}.ipynb"

    def report(self, assignment: str, student: str) -> Path:
        """Where the report about one submission is kept."""
        return self.folder / "reports" / assignment / f"{student}.json"

    def collected(self, assignment: str) -> Path:
        """Where `collect-zip` keeps what it found about each student's files."""
        return self.folder / "reports" / f"{assignment}-collected.json"

    def collection_findings(self, assignment: str) -> dict[str, list[dict[str, object]]]:
        """What `collect-zip` found, by student; nothing if another way of collecting was used."""
        path = self.collected(assignment)
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def students(self, assignment: str) -> list[str]:
        """Everyone who handed something in."""
        found = (self.folder / "submitted").glob(f"*/{assignment}")
        return sorted(path.parent.name for path in found if path.is_dir())

    @property
    def gradebook(self) -> str:
        """The address of the gradebook, as nbgrader wants it."""
        return f"sqlite:///{self.folder.resolve() / 'gradebook.db'}"


def create(folder: Path, seed: int | None = None) -> Course:
    """Make a course: nbgrader's settings with a class seed, and the assignments' sources.

    Raises
    ------
    FileExistsError
        If there is a course in this folder.
    ValueError
        If the folder lies where submissions can read, or the seed is no whole number.
    """
    if (folder / CONFIG).exists():
        raise FileExistsError(f"there is a course in {folder}; choose another folder")
    if folder.resolve().is_relative_to(LIBRARY):
        raise ValueError(f"{folder} lies in the library, which submissions read; choose another")
    seed = secrets.randbelow(2**53) if seed is None else seed
    if seed < 0:
        raise ValueError(f"the class seed must be a whole number of at least 0, got {seed}")
    folder.mkdir(parents=True, exist_ok=True)
    text = (TEMPLATE / CONFIG).read_text(encoding="utf-8")
    if text.count(SEED_LINE) != 1:
        raise ValueError(f"expected the line {SEED_LINE!r} once in {TEMPLATE / CONFIG}")
    settings = folder / CONFIG
    settings.touch(mode=0o600)
    line = SEED_LINE.replace("None", str(seed))
    settings.write_text(text.replace(SEED_LINE, line), encoding="utf-8")
    shutil.copytree(TEMPLATE / "source", folder / "source", dirs_exist_ok=True)
    (folder / "submitted").mkdir(exist_ok=True)
    return Course(folder)


def read_time(text: str) -> datetime:
    """Read a time such as '2026-12-01 18:00:00 UTC'; what names no zone is UTC.

    Raises
    ------
    ValueError
        If it is no such time.
    """
    form = r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?(?:\.\d+)?( ?UTC|Z)?"
    found = re.fullmatch(form, text.strip())
    if not found:
        raise ValueError(f"expected a time such as 2026-12-01 18:00:00 UTC, got {text!r}")
    return datetime.fromisoformat(f"{found[1]} {found[2]}{found[3] or ':00'}").replace(tzinfo=UTC)


def known(assignment: str) -> str:
    """Return an assignment's name if there is such a one.

    Raises
    ------
    ValueError
        If there is none.
    """
    if assignment not in ASSIGNMENTS:
        raise ValueError(f"assignment must be one of {', '.join(ASSIGNMENTS)}, got {assignment!r}")
    return assignment
