"""What the tests of the lessons' exercises share."""

import re
from pathlib import Path

import build_notebooks as builder
import numpy as np

CALL = re.compile(r"check\.(check_\w+)\((\w+)\)")


def source_of(lesson: str) -> Path:
    """The source of a lesson, by its number: '05'."""
    return next(builder.SOURCES.glob(f"{lesson}_*.py"))


def solutions(lesson: str) -> dict:
    """The solutions as they stand in the lesson; they need numpy alone."""
    names, source = {"np": np}, source_of(lesson)
    exec(compile(builder.solution_code(source), str(source), "exec"), names)
    return names


def checks_of(lesson: str) -> dict[str, str]:
    """Name of each exercise's function -> name of its check, as the lesson calls it."""
    cells = builder.read_source(source_of(lesson)).cells
    found = [CALL.search(cell.source) for cell in cells if "check" in builder.tags(cell)]
    return {call[2]: call[1] for call in found}


def rejected(result, words: str) -> None:
    """Assert that a check answers with a hint, and with this one."""
    assert result.status == "hint", result
    assert words in result.message, result.message
