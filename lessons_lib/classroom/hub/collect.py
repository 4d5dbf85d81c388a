"""Collect submissions from a folder into which every learner may write, and believe none of it.

nbgrader's own collector copies what it finds with the instructor's rights: it follows links, it
stops at the first folder with a broken name, it only warns when somebody hands in under another
name, and it believes the time in a folder's name. Here each of these is refused or corrected,
and noted for the instructor.
"""

import json
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from nbgrader.exchange.default.collect import ExchangeCollect
from traitlets import Integer

from lessons_lib.classroom.grading.course import Course
from lessons_lib.classroom.grading.findings import Finding

REFUSED = {"username": "", "filename": "", "timestamp": datetime.min}


class CarefulCollect(ExchangeCollect):
    """nbgrader's collector for a class whose members do not all mean well."""

    clock_tolerance = Integer(
        120,
        help="Seconds between the time in a folder's name and its last change on the disk.",
    ).tag(config=True)

    def init_src(self) -> None:
        """Choose each learner's submission among the folders that are what they claim to be."""
        self.found: dict[str, list[Finding]] = {}
        super().init_src()
        self.src_records = [each for each in self.src_records if each["username"]]

    def _path_to_record(self, path: str) -> dict[str, object]:
        """Read a folder's name; what it claims must agree with what the file system knows."""
        found = os.lstat(path)
        owner = account_of(found.st_uid)
        try:
            record = super()._path_to_record(path)
        except Exception:  # any name and any date can stand there
            words = "its name must be account+assignment+time+random"
            return self._refuse(owner, path, "folder-name", words)
        if not stat.S_ISDIR(found.st_mode):
            return self._refuse(owner, path, "link", "it is a link or a file, not a folder")
        if owner != record["username"]:
            words = f"{owner} handed it in under the name {record['username']}"
            return self._refuse(owner, path, "other-name", words)
        changed = last_change(path)
        if (changed - record["timestamp"]).total_seconds() > self.clock_tolerance:
            words = f"last changed {changed} UTC; that time counts"
            self._note(owner, path, "changed-later", words)
            record["timestamp"] = changed
        return record

    def copy_files(self) -> None:
        """Copy each submission; one that fails is noted and stops no other."""
        records = self.src_records
        for record in records:
            self.src_records = [record]
            try:
                super().copy_files()
            except Exception as problem:
                words = f"not collected: {problem}"
                self._note(record["username"], record["filename"], "not-collected", words)
        self.src_records = records
        self._keep_findings()

    def do_copy(self, src: str, dest: str, log: object = None) -> None:
        """Copy plain files alone, never through a link, never more than the course allows."""
        [record] = self.src_records
        Path(dest).mkdir(parents=True, exist_ok=True)
        left = 1000 * self.coursedir.max_dir_size  # nbgrader counts in kB
        for relative, descriptor in plain_files(src):
            with open(descriptor, "rb") as file:
                if self._ignored(relative):
                    continue
                size = os.fstat(descriptor).st_size
                if size > min(left, 1000 * self.coursedir.max_file_size):
                    words = f"left out, {size} bytes: {relative}"
                    self._note(record["username"], src, "left-out", words)
                    continue
                content = file.read(size)
            left -= len(content)
            target = Path(dest, relative)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        for relative in not_plain(src):
            words = f"left out, a link or no plain file: {relative}"
            self._note(record["username"], src, "left-out", words)
        Path(dest, "timestamp.txt").write_text(f"{record['timestamp']} UTC")

    def _ignored(self, relative: str) -> bool:
        patterns = self.coursedir.ignore
        return any(fnmatch(part, each) for part in Path(relative).parts for each in patterns)

    def _refuse(self, owner: str, path: str, code: str, words: str) -> dict[str, object]:
        self._note(owner, path, code, f"not collected: {words}")
        return dict(REFUSED)

    def _note(self, student: str, path: str, code: str, words: str) -> None:
        name = os.path.basename(path)
        self.log.warning("%s: %s", name, words)
        self.found.setdefault(student, []).append(Finding(code, f"{name}: {words}"))

    def _keep_findings(self) -> None:
        """Add what was found to the course's reports, where grading reads it."""
        course, assignment = Course(Path(self.coursedir.root)), self.coursedir.assignment_id
        kept = course.collection_findings(assignment)
        for student, findings in self.found.items():
            known = kept.setdefault(student, [])
            known += [entry for entry in map(asdict, findings) if entry not in known]
        path = course.collected(assignment)
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(kept, indent=1), encoding="utf-8")


def account_of(number: int) -> str:
    """Return the account with this number, or words for one that is no longer there."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"the unknown account {number}"


def last_change(path: str) -> datetime:
    """When a folder or anything in it was last changed, as the kernel noted it, in UTC.

    A learner can choose a folder's name and a file's modification time, but not this one.
    """
    seconds = [os.lstat(path).st_ctime]
    for folder, folders, files in os.walk(path):
        seconds += [os.lstat(os.path.join(folder, name)).st_ctime for name in folders + files]
    return datetime.fromtimestamp(max(seconds), UTC).replace(tzinfo=None)


def plain_files(source: str) -> Iterator[tuple[str, int]]:
    """Relative path and open descriptor of each plain file, without ever following a link.

    Folders are walked by descriptor, so that one that its owner swaps for a link while the
    instructor collects is not entered.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe must not make us wait
    for folder, _, names, above in os.fwalk(source, follow_symlinks=False):
        for name in sorted(names):
            try:
                descriptor = os.open(name, flags, dir_fd=above)
            except OSError:
                continue  # a link, or a file that its owner closed to the instructor
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                yield os.path.relpath(os.path.join(folder, name), source), descriptor
            else:
                os.close(descriptor)


def not_plain(source: str) -> list[str]:
    """Everything in a folder that :func:`plain_files` passes over: links, pipes, closed files."""
    plain = set()
    for relative, descriptor in plain_files(source):
        os.close(descriptor)
        plain.add(relative)
    every = set()
    for folder, folders, names in os.walk(source):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        every |= {os.path.relpath(os.path.join(folder, name), source) for name in names + links}
    return sorted(every - plain)
