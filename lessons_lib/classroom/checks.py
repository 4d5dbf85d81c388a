"""Instant checks: what an exercise says back to the learner.

A check is a function that takes the learner's answer and raises :class:`Hint` if
something is wrong. ``@instant_check`` turns whatever happens into a short message, so
that an unfinished exercise never stops a lesson that is run from the top.
"""

import functools
import html
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


class Hint(Exception):
    """What is wrong with an answer, in words that do not give the answer away."""


def expect(condition: bool, hint: str) -> None:
    """Raise ``Hint(hint)`` unless ``condition`` holds."""
    if not condition:
        raise Hint(hint)


def one_number(answer: object, what: str) -> float:
    """Return an answer as a float, or hint that one number is wanted.

    Parameters
    ----------
    answer : object
        What the learner's function returned.
    what : str
        Name and unit, for the hint: 'width in px'.
    """
    single = np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number))
    expect(single, f"Return one number, the {what}; got {type(answer).__name__}.")
    expect(np.isfinite(answer), f"The {what} came out as {answer}: look for a division by zero.")
    return float(answer)


def named_numbers(answer: object, names: tuple[str, ...]) -> list[float]:
    """Return several numbers as floats, or hint what is wanted."""
    expect(
        isinstance(answer, (tuple, list, np.ndarray)) and len(answer) == len(names),
        f"Return {len(names)} numbers: {', '.join(names)}.",
    )
    for value, name in zip(answer, names, strict=True):
        single = np.ndim(value) == 0 and isinstance(value, (int, float, np.number))
        expect(single, f"The {name} must be one number; got {type(value).__name__}.")
        expect(np.isfinite(value), f"The {name} came out as {value}.")
    return [float(value) for value in answer]


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one instant check; shown as a coloured box, readable as text.

    Attributes
    ----------
    status : str
        'open' (not answered), 'hint' (wrong), 'error' (the answer raised) or 'passed'.
    message : str
        What to tell the learner.
    """

    status: str
    message: str

    # Word and colour; the word comes first so that colour is never the only cue.
    _LOOKS = {
        "open": ("Not answered yet", "#777777"),
        "hint": ("Not yet", "#D55E00"),
        "error": ("Your code stopped", "#D55E00"),
        "passed": ("Public checks passed", "#009E73"),
    }

    def __repr__(self) -> str:
        return f"{self._LOOKS[self.status][0]}. {self.message}".strip()

    def _repr_html_(self) -> str:
        title, colour = self._LOOKS[self.status]
        return (
            f'<div role="status" style="border-left:6px solid {colour};padding:.4em .8em">'
            f"<strong>{title}.</strong> {html.escape(self.message)}</div>"
        )


def instant_check(check: Callable[..., str | None]) -> Callable[..., CheckResult]:
    """Turn a function that raises :class:`Hint` into one that returns a CheckResult.

    The wrapped function may return a sentence to show when all public checks passed.
    """

    @functools.wraps(check)
    def run(*answers: object) -> CheckResult:
        try:
            praise = check(*answers)
        except Hint as hint:
            return CheckResult("hint", str(hint))
        except NotImplementedError:
            return CheckResult("open", "Replace the line that raises NotImplementedError.")
        except Exception as error:  # the learner's code may raise anything at all
            return CheckResult("error", _where(error))
        return CheckResult("passed", praise or "")

    return run


def _where(error: Exception) -> str:
    """Name the error and the learner's own line, if the error came from a notebook cell."""
    cells = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "ipykernel" in frame.filename or frame.filename.startswith("<ipython")
    ]
    place = f" in line {cells[-1].lineno} of {cells[-1].name}" if cells else ""
    return f"{type(error).__name__}{place}: {error}"
