"""What one class server is: read from a TOML file that everything on the server shares."""

import csv
import os
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
FILE_VARIABLE = "WHY_EDGES_BLUR_CLASS_SERVER"
DEFAULT_FILE = PROJECT / "notebooks" / "assignments" / "jupyterhub" / "class_server.toml"
CLASS_LIST_COLUMNS = ["id", "first_name", "last_name", "email"]
ACCOUNT = re.compile(r"[a-z][a-z0-9_-]{0,30}")


@dataclass(frozen=True)
class ClassServer:
    """One class on one machine.

    Attributes
    ----------
    course_id : str
        The course's name in the exchange.
    instructor : str
        The account that owns the course folder, releases, collects and grades.
    course_folder, exchange, state, class_list : Path
        The instructor's folder with sources and gradebook; the folder through which files are
        handed out and in; the hub's own files; the CSV file with one line per student.
    address : str
        Where the hub listens.
    memory_gb : float
        Private memory that one process of a learner may hold, in units of 2^30 bytes.
    threads, processes : int
        Threads of one numerical call; processes and threads of one learner in all.
    idle_minutes : int
        A server that did nothing for so long is stopped.
    servers : int
        How many learners' servers run at the same time at most.
    """

    course_id: str
    instructor: str
    course_folder: Path
    exchange: Path
    state: Path
    class_list: Path
    address: str
    memory_gb: float
    threads: int
    processes: int
    idle_minutes: int
    servers: int


def settings_file() -> Path:
    """Return the file that the environment names, or the one that lies beside the hub's own."""
    return Path(os.environ.get(FILE_VARIABLE, DEFAULT_FILE))


def read_settings(path: Path | None = None) -> ClassServer:
    """Read a class server's settings.

    Raises
    ------
    ValueError
        If an entry is missing, unknown, of another type, or a folder is not absolute.
    """
    path = settings_file() if path is None else path
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    wanted = {field.name: field.type for field in fields(ClassServer)}
    if given.keys() != wanted.keys():
        raise ValueError(
            f"{path.name} must have exactly the entries {', '.join(wanted)}; missing: "
            f"{sorted(wanted.keys() - given.keys())}, unknown: {sorted(given.keys() - wanted)}"
        )
    return ClassServer(**{name: _entry(name, given[name], wanted[name]) for name in wanted})


def _entry(name: str, value: object, wanted: type) -> object:
    """One entry as the type that it must have; numbers are positive, folders absolute."""
    if wanted is Path:
        if not (isinstance(value, str) and Path(value).is_absolute()):
            raise ValueError(f"{name} must be an absolute path, got {value!r}")
        return Path(value)
    if wanted is str:
        if not (isinstance(value, str) and value):
            raise ValueError(f"{name} must be a text, got {value!r}")
        return value
    numbers = int if wanted is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, numbers) or value <= 0:
        raise ValueError(f"{name} must be a positive number ({wanted.__name__}), got {value!r}")
    return wanted(value)


def read_class(path: Path) -> list[str]:
    """Return the accounts of a class list, in its order.

    The file is the one that ``nbgrader db student import`` takes: a line with the column names,
    then one line per student; the id is the account's name.

    Raises
    ------
    ValueError
        If columns are missing, an id cannot be an account's name, or one stands there twice.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
        if rows and "id" not in rows[0] or not rows:
            raise ValueError(
                f"{path.name} must have the columns {','.join(CLASS_LIST_COLUMNS)} and a line per "
                f"student, got {list(rows[0]) if rows else 'no line'}"
            )
    names = [(row["id"] or "").strip() for row in rows]
    for name in names:
        if not ACCOUNT.fullmatch(name):
            raise ValueError(
                f"{path.name}: {name!r} cannot be an account: start with a small letter, go on "
                "with small letters, digits, - and _, 31 characters at most"
            )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{path.name}: {', '.join(twice)} stands there twice")
    return names
