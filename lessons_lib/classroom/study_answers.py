"""The answer file of a study: one line per choice, each with a check of its own.

Lines are only ever added. A line that was cut short, changed or mixed up is recognised by
its check, reported and skipped; all the others stay good. So a crash, a full disk or a
spreadsheet program can spoil single lines, never the file.
"""

import csv
import os
import re
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

LONGEST_ID = 24
_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_ID}}}")
SIDES = ("left", "right")
KINDS = ("test", "repeat", "catch")


@dataclass(frozen=True)
class Answer:
    """One choice of one rater.

    Attributes
    ----------
    rater, study : str
        Pseudonym, and name of the study.
    trial : int
        Number within the study, from 0.
    block : int
        1: 'which is better?'; 2: with instructions.
    kind : str
        'test', 'repeat' (the same pair again, sides swapped) or 'catch' (the answer is known).
    picture, first, second : str
        What was shown; ``first`` and ``second`` are the methods in the study's own order.
    left : str
        The method that stood at the left.
    chosen : str
        'left' or 'right'.
    seconds : float
        Time to answer. No date and no time of day is kept.
    """

    rater: str
    study: str
    trial: int
    block: int
    kind: str
    picture: str
    first: str
    second: str
    left: str
    chosen: str
    seconds: float

    @property
    def method(self) -> str:
        """The method that was chosen."""
        other = self.second if self.left == self.first else self.first
        return self.left if self.chosen == "left" else other

    @property
    def chose_first(self) -> bool:
        """Whether the choice fell on ``first``."""
        return self.method == self.first

    @property
    def pair(self) -> tuple[str, str, str]:
        """(picture, first, second): what repeats have in common."""
        return self.picture, self.first, self.second


FIELDS = tuple(field.name for field in fields(Answer))
HEADER = ",".join((*FIELDS, "check"))


@dataclass(frozen=True)
class AnswerFile:
    """What a file held.

    Attributes
    ----------
    answers : tuple of Answer
        All good lines, in the order of the file; of a trial answered twice the first.
    complaints : tuple of str
        One sentence for each line that was skipped.
    """

    answers: tuple[Answer, ...]
    complaints: tuple[str, ...]


def check_rater(rater: str) -> str:
    """Return ``rater`` if it can be a pseudonym, and say what is wrong if it cannot."""
    if not isinstance(rater, str) or not _ID.fullmatch(rater):
        raise ValueError(
            f"a rater's name must be 1 to {LONGEST_ID} letters, digits, - or _, got {rater!r}; "
            "take a made-up one such as r-17, not your own"
        )
    return rater


def as_line(answer: Answer) -> str:
    """The line of a file for one answer, with its check and without a line end."""
    values = [getattr(answer, name) for name in FIELDS]
    texts = [f"{value:.3f}" if isinstance(value, float) else str(value) for value in values]
    if any(set(text) & set(',"\r\n') for text in texts):
        raise ValueError(f"names must have no comma, quote or line end, got {texts}; rename them")
    content = ",".join(texts)
    return f"{content},{zlib.crc32(content.encode()):08x}"


def append_answer(path: Path, answer: Answer) -> None:
    """Add one answer to a file and wait until the disk has it.

    A torn last line (a crash while writing) is closed first, so that it spoils only itself.

    Parameters
    ----------
    path : Path
        Made if it does not exist, with its folder.
    answer : Answer
        What to add.

    Raises
    ------
    OSError
        If it cannot be written; nothing else in the file has changed then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    line = as_line(answer) + "\n"
    with path.open("ab+") as file:
        if file.seek(0, os.SEEK_END) == 0:
            line = f"{HEADER}\n{line}"
        else:
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else f"\n{line}"
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def read_answers(path: Path) -> AnswerFile:
    """Read a file; what is damaged is told and skipped, never guessed.

    Parameters
    ----------
    path : Path
        A file of :func:`append_answer`, or several of them one after the other.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    text = Path(path).read_bytes().decode("utf-8-sig", errors="replace")
    answers, complaints, seen = [], [], set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.strip() == HEADER:
            continue
        try:
            answer = _parse(line)
        except (ValueError, csv.Error) as error:
            complaints.append(f"line {number} {error}")
            continue
        if (answer.rater, answer.study, answer.trial) in seen:
            complaints.append(
                f"line {number} answers trial {answer.trial} a second time; the first counts"
            )
            continue
        seen.add((answer.rater, answer.study, answer.trial))
        answers.append(answer)
    return AnswerFile(tuple(answers), tuple(complaints))


def _parse(line: str) -> Answer:
    """One line as an answer, or a ValueError that says what is wrong with it."""
    parts = next(csv.reader([line]), [])
    if len(parts) < len(FIELDS) + 1:
        if line.count(";") >= len(FIELDS):
            raise ValueError("has semicolons: a spreadsheet saved it; ask for the original file")
        raise ValueError(f"was cut short ({len(parts)} of {len(FIELDS) + 1} values)")
    content, _, check = line.strip().rpartition(",")
    if check != f"{zlib.crc32(content.encode()):08x}":
        raise ValueError("was changed or damaged: its check does not fit")
    values = dict(zip(FIELDS, parts, strict=False))
    answer = Answer(
        **{
            **values, "trial": int(values["trial"]), "block": int(values["block"]),
            "seconds": float(values["seconds"]),
        }
    )  # fmt: skip
    known = (answer.first, answer.second)
    if answer.chosen not in SIDES or answer.kind not in KINDS or answer.left not in known:
        raise ValueError(f"says {answer.kind}, {answer.left}, {answer.chosen}: not a known choice")
    return answer
