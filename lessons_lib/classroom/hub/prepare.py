"""Make a class server's folders with the rights that keep learners apart, and check them.

`python -m lessons_lib.classroom.hub prepare` does it, as root, again after each change; `check`
says what is still wrong; `accounts` prints lines for newusers, with random passwords.
"""

import os
import pwd
import secrets
import shutil
import stat
import sys
from pathlib import Path

from lessons_lib.classroom.grading.course import CONFIG, create
from lessons_lib.classroom.hub.settings import PROJECT, ClassServer, read_class

SECRETS = (
    ".git",
    "docs/INSTRUCTORS.md",
    "notebooks/assignments/source",
    "notebooks/source/assignments",
    "tests/classroom/assignments",
)
"""Where the project holds solutions, also in its history: on a class server for root alone."""


def secrets_of(project: Path) -> dict[Path, int]:
    """Return what learners must not read of the project, and the mode that keeps them out."""
    found = [project / name for name in SECRETS if (project / name).exists()]
    return {path: 0o700 if path.is_dir() else 0o600 for path in found}


def exchange_folders(settings: ClassServer) -> dict[Path, int]:
    """Each folder of the exchange and its mode.

    nbgrader asks for an exchange into which everybody may write. The sticky bit (0o1000) keeps
    what one learner puts there from being renamed or removed by another; nobody but the
    instructor can list what was handed in.
    """
    course = settings.exchange / settings.course_id
    return {
        settings.exchange: 0o1777,
        course: 0o755,
        course / "outbound": 0o755,
        course / "inbound": 0o3733,
        course / "feedback": 0o711,
    }


def prepare(settings: ClassServer, project: Path = PROJECT) -> None:
    """Create all folders of a class server, and the course; a course that is there stays.

    Raises
    ------
    ValueError
        If the instructor has no account on this machine.
    """
    try:
        account = pwd.getpwnam(settings.instructor)
    except KeyError:
        raise ValueError(
            f"there is no account {settings.instructor!r}: create it first (adduser)"
        ) from None
    settings.state.mkdir(parents=True, exist_ok=True)
    settings.state.chmod(0o700)
    for folder, mode in exchange_folders(settings).items():
        folder.mkdir(parents=True, exist_ok=True)
        if folder != settings.exchange:
            shutil.chown(folder, account.pw_uid, account.pw_gid)
        folder.chmod(mode)  # after chown, which clears special bits
    for path, mode in (homes(settings) | secrets_of(project)).items():
        path.chmod(mode)
    fill_course(settings, account)


def fill_course(settings: ClassServer, account: pwd.struct_passwd) -> None:
    """Make the course in the instructor's folder, with a class seed of its own, for them alone."""
    course = settings.course_folder
    if not (course / CONFIG).exists():
        create(course)
    course.chmod(0o700)
    if settings.class_list.is_file():
        shutil.copy(settings.class_list, course / settings.class_list.name)
    for path in [course, *course.rglob("*")]:
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def problems(settings: ClassServer, project: Path = PROJECT) -> list[str]:
    """Return, in words, what would let learners see or change what they must not."""
    found = []
    if not settings.class_list.is_file():
        found.append(f"{settings.class_list} is missing: the class list, one line per student")
    elif settings.instructor in read_class(settings.class_list):
        found.append(f"{settings.instructor} is in the class list: the instructor is no student")
    closed = {settings.state: 0o700, settings.course_folder: 0o700}
    closed |= homes(settings) | secrets_of(project)
    for path, mode in (exchange_folders(settings) | closed).items():
        if not path.exists():
            found.append(f"{path} is missing: python -m lessons_lib.classroom.hub prepare")
            continue
        given = stat.S_IMODE(path.stat().st_mode)
        if given != mode:
            found.append(f"{path} must have the mode {mode:o}, it has {given:o}: run prepare")
    return found


def unreachable(settings: ClassServer) -> list[str]:
    """Return, in words, what keeps learners from the programs and from the exchange."""
    needed = (PROJECT, Path(sys.base_prefix), settings.exchange.parent)
    closed = {path: closed_way(path) for path in needed}
    return [
        f"learners cannot reach {path}: {folder} is closed to others"
        for path, folder in closed.items()
        if folder
    ]


def closed_way(path: Path) -> Path | None:
    """Return the uppermost folder on the way to `path` that others may not enter."""
    ways = [each for each in (path, *path.parents) if each.exists()]
    closed = [each for each in ways if not each.stat().st_mode & 0o001]
    return closed[-1] if closed else None


def homes(settings: ClassServer) -> dict[Path, int]:
    """Return the home of each account that the hub lets in, and the mode that it must have."""
    listed = {settings.instructor}
    if settings.class_list.is_file():
        listed |= set(read_class(settings.class_list))
    return {Path(each.pw_dir): 0o700 for each in pwd.getpwall() if each.pw_name in listed}


def accounts(settings: ClassServer) -> list[str]:
    """One line for each student of the class list who has no account yet, as newusers takes it.

    The second field of a line is a random password. Keep the lines secret, hand each student
    theirs, and let them change it with ``passwd``.
    """
    known = {each.pw_name for each in pwd.getpwall()}
    missing = [name for name in read_class(settings.class_list) if name not in known]
    return [
        f"{name}:{secrets.token_urlsafe(9)}:::student:/home/{name}:/bin/bash" for name in missing
    ]
