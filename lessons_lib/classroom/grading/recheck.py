"""The second look: each graded function in a fresh process, judged from outside.

nbgrader's kernel runs a submission and its tests in one interpreter, so that a submission may
patch what the tests use. Here a worker in the sandbox holds the submission's code and no test,
and this process holds the judge and no code of the submission. Both must agree on a pass.
"""

import contextlib
import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from nbformat import NotebookNode
from nbgrader.api import Gradebook

from lessons_lib.classroom.assignments.judging import hidden_check, public_check
from lessons_lib.classroom.grading.findings import Finding
from lessons_lib.classroom.grading.form import Form, metadata_of
from lessons_lib.classroom.grading.proxy import AnswerStopped, Worker
from lessons_lib.classroom.grading.sandbox import LIBRARY, Limits, wrapped

ROUND_SECONDS = 30
"""A judge takes about 2 s; an answer may be ten times slower than the solution."""


@dataclass(frozen=True)
class Verdict:
    """What the judge said of one function, in the public or in the hidden rounds."""

    function: str
    rounds: str
    passed: bool
    reason: str


def own_code(book: NotebookNode, form: Form) -> list[str]:
    """Return the form's setup cell and the student's code, without locked cells and tests."""
    cells = [form.setup()]
    for cell in book.cells:
        metadata = metadata_of(cell)
        own = not metadata or metadata.get("solution")
        if cell.cell_type == "code" and own and cell.source != form.setup():
            cells.append(cell.source)
    return cells


def judge_files(setup: str) -> tuple[str, ...]:
    """The library's files that hold judges, and what Python compiled of them: not for workers.

    A module that the setup cell imports stays, or no answer could run.
    """
    folder = LIBRARY / "classroom" / "assignments"
    judge = re.compile(r"^(QUESTIONS\b|def judge_(?!of\b))", re.MULTILINE)
    files = [path for path in folder.glob("*.py") if judge.search(path.read_text("utf-8"))]
    closed = [path for path in files if not re.search(rf"\b{path.stem}\b", setup)]
    return tuple(map(str, [*closed, *folder.glob("__pycache__")]))


class SecondLook:
    """Judges the functions of one submission; starts a worker when one is needed.

    Parameters
    ----------
    form : Form
        Of the assignment.
    cells : list of str
        What :func:`own_code` returns.
    seed : int
        The class seed; it stays in this process.
    kind : str
        Of sandbox.
    limits : Limits
        For the worker.
    """

    def __init__(
        self, form: Form, cells: list[str], seed: int, kind: str, limits: Limits
    ) -> None:
        self.form, self.cells, self.seed, self.limits = form, cells, seed, limits
        command = [sys.executable, "-m", "lessons_lib.classroom.grading.worker"]
        self.command = wrapped(command, kind, limits, blank=judge_files(form.setup()))
        self.worker: Worker | None = None
        self.setup_trouble = ""

    def verdicts(self, functions: list[str]) -> list[Verdict]:
        """Judge functions one after the other; one that ends its process harms no other."""
        found = []
        try:
            for name in functions:
                checks = {
                    "public": partial(public_check, self.form.name, name),
                    "hidden": partial(hidden_check, self.form.name, name, class_seed=self.seed),
                }
                for rounds, check in checks.items():
                    found.append(self._judged(name, rounds, check))
                    if self.worker is None:  # it would stop in the other rounds too
                        found += [Verdict(name, "hidden", False, found[-1].reason)]
                        break
        finally:
            self._end()
        return found

    def _judged(self, name: str, rounds: str, check: Callable) -> Verdict:
        """Run the judge against the worker's function."""
        try:
            answer = self._ready().answer(name, ROUND_SECONDS)
            with contextlib.redirect_stdout(io.StringIO()):
                check(answer)
            return Verdict(name, rounds, True, "")
        except AnswerStopped as stop:
            self._end()
            return Verdict(name, rounds, False, str(stop))
        except Exception as error:
            first = error.__context__ or error
            if isinstance(first, AnswerStopped):
                self._end()
            reason = f"{type(first).__name__}: {first}" if str(first) else type(first).__name__
            return Verdict(name, rounds, False, reason[:300])

    def _ready(self) -> Worker:
        if self.worker is not None and self.worker.process.poll() is not None:
            self._end()
        if self.worker is None:
            seconds = self.limits.cell_seconds, self.limits.call_seconds
            self.worker = Worker(self.command, self.cells, *seconds)
            self.setup_trouble = self.worker.troubles[0]
        return self.worker

    def _end(self) -> None:
        if self.worker is not None:
            self.worker.close()
            self.worker = None


def compare(
    gradebook: str, form: Form, student: str, verdicts: list[Verdict]
) -> list[Finding]:
    """Take away points that only the submission's own kernel gave, and report every difference.

    Parameters
    ----------
    gradebook : str
        Its address.
    form : Form
        Names the test cells.
    student : str
        Whose grades.
    verdicts : list of Verdict
        What the judge said.
    """
    said = {(each.rounds, each.function): each for each in verdicts}
    found = []
    with Gradebook(gradebook) as book:
        for name, check in form.checks.items():
            if check not in said:
                continue
            grade = book.find_grade(name, form.name, form.name, student)
            kernel, judge = bool(grade.auto_score), said[check]
            if kernel and not judge.passed:
                grade.auto_score, grade.needs_manual_grade = 0, True
                words = f"{name} passed in its own kernel only, and got 0: {judge.reason}"
                found.append(Finding("recheck-failed", words))
            elif judge.passed and not kernel:
                words = f"{name} failed in its kernel, but passes in a fresh process"
                found.append(Finding("recheck-passed", words))
        book.db.commit()
    return found
