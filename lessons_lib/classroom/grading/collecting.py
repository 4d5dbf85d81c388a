"""From a folder of files, as an LMS or a mail box gives them, to one folder for each student.

Each file is `<student>.ipynb`, `<student>.zip` or a folder `<student>`; what stands behind two
underscores or a space is only a note: `mira__second try.zip`. What still bears the assignment's
name says nothing about whose it is, and is left where it is. Names inside an archive may be
Windows paths; nothing is ever written outside the student's own folder.
"""

import io
import json
import re
import shutil
import zipfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from lessons_lib.classroom.grading.course import TIME_FORMAT, Course, read_time
from lessons_lib.classroom.grading.findings import Finding

STUDENT = re.compile(r"^([\w.@+-]+?)(?:__.*| .*)?$")
ENDINGS = re.compile(r"(\.ipynb|\.zip|\.txt|\.json)+$", re.IGNORECASE)
MOST_FILES, MOST_BYTES = 50, 100 * 2**20
MARK = "timestamp.txt"


@dataclass(frozen=True)
class Arrival:
    """One file or folder that came from a student.

    Attributes
    ----------
    path : Path
        Where it is.
    student : str
        Whose it is.
    time : datetime
        When it was handed in: as its timestamp.txt says, or when the file was last changed.
    contents : dict
        Name to bytes; what would lie deeper is brought to the top.
    findings : tuple of Finding
        What was wrong with it.
    """

    path: Path
    student: str
    time: datetime
    contents: dict[str, bytes]
    findings: tuple[Finding, ...]


def collect(course: Course, assignment: str, folder: Path) -> tuple[int, list[str]]:
    """Take everything in a folder into the course; return for how many, and what was left.

    Of several from one student the latest is taken, and the others are kept beside it in
    `earlier`.
    """
    arrivals: dict[str, list[Arrival]] = {}
    left = []
    for path in sorted(folder.iterdir()):
        found = STUDENT.match(path.name if path.is_dir() else ENDINGS.sub("", path.name))
        nobody = not found or found[1].lower() == assignment
        if path.name.startswith(".") or path.is_symlink() or nobody:
            left.append(path.name)
            continue
        arrivals.setdefault(found[1], []).append(read_arrival(path, found[1], assignment))
    kept = course.collection_findings(assignment)
    for student, several in arrivals.items():
        several.sort(key=lambda each: each.time)
        kept[student] = [asdict(each) for each in _take(course, assignment, several)]
    path = course.collected(assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return len(arrivals), left


def read_arrival(path: Path, student: str, assignment: str) -> Arrival:
    """Read a notebook, an archive or a folder; whatever is wrong with it is a finding."""
    findings: list[Finding] = []
    if path.is_dir():
        contents = _from_folder(path, findings)
    elif path.suffix.lower() == ".zip":
        contents = _from_archive(path, findings)
    else:
        contents = {f"{assignment}.ipynb": path.read_bytes()}
    time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if MARK in contents:
        try:
            time = read_time(contents[MARK].decode("utf-8", "replace"))
        except ValueError:
            findings.append(Finding("time", f"{MARK} holds no time; the file's own was taken"))
    return Arrival(path, student, time, contents, tuple(findings))


def _from_folder(folder: Path, findings: list[Finding]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_symlink()]
    for path in files[:MOST_FILES]:
        inside = path.resolve().is_relative_to(folder.resolve())
        if path.is_symlink() or not inside or path.stat().st_size > MOST_BYTES:
            findings.append(Finding("left-out", f"{path.name} is a link or too large"))
        elif not any(part.startswith(".") for part in path.relative_to(folder).parts):
            contents.setdefault(path.name, path.read_bytes())
    return contents


def _from_archive(path: Path, findings: list[Finding]) -> dict[str, bytes]:
    """Read an archive's files by their last name; stop at limits, whatever the archive says."""
    contents: dict[str, bytes] = {}
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            for entry in archive.infolist()[:MOST_FILES]:
                parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
                if entry.is_dir() or not parts or any(part.startswith(".") for part in parts[-1:]):
                    continue
                if "\\" in entry.orig_filename or "\\" in entry.filename or ".." in parts:
                    findings.append(Finding("paths", "the archive has Windows paths", flag=False))
                if "__MACOSX" in parts or (entry.external_attr >> 28) == 0xA:  # a link
                    continue
                with archive.open(entry) as stream:
                    data = stream.read(left + 1)
                left -= len(data)
                if left < 0:
                    words = f"the archive is above {MOST_BYTES} bytes"
                    findings.append(Finding("too-large", words))
                    break
                contents.setdefault(parts[-1], data)
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        findings.append(Finding("broken-archive", f"{path.name} cannot be opened: {error}"))
    return contents


def _take(course: Course, assignment: str, several: list[Arrival]) -> list[Finding]:
    """Put a student's latest arrival where nbgrader looks; keep the earlier ones beside."""
    latest = several[-1]
    findings = list(dict.fromkeys(latest.findings))
    folder = course.submitted(assignment, latest.student)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, data in latest.contents.items():
        if name != MARK:
            (folder / name).write_bytes(data)
    (folder / MARK).write_text(latest.time.strftime(TIME_FORMAT), encoding="utf-8")
    for each in several[:-1]:
        kept = course.folder / "earlier" / latest.student / assignment / each.path.stem
        kept.mkdir(parents=True, exist_ok=True)
        for name, data in each.contents.items():
            (kept / name).write_bytes(data)
    if len(several) > 1:
        words = f"handed in {len(several)} times; the latest, {latest.path.name}, counts"
        findings.append(Finding("several", words))
    return findings
