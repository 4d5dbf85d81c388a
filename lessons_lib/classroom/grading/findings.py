"""What was found about a submission, and the report that is kept of it."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

STATES = ("graded", "not graded")


@dataclass(frozen=True)
class Finding:
    """One thing that an instructor may want to know.

    Attributes
    ----------
    code : str
        A short word to sort by, such as 'missing-cell'.
    words : str
        What was found, in a sentence.
    flag : bool
        True if a person should look; False if it was repaired, or needs no look.
    """

    code: str
    words: str
    flag: bool = True


@dataclass(frozen=True)
class Report:
    """How the grading of one submission went.

    Attributes
    ----------
    student, assignment : str
        Whose work, and for which assignment.
    state : str
        'graded' or 'not graded'; then the findings say why.
    findings : tuple of Finding
        Flags and repairs, in the order in which they were found.
    digest : str
        Of the submitted file, so that a newer one is graded again.
    seconds, cpu_seconds : float
        What it took.
    """

    student: str
    assignment: str
    state: str = "not graded"
    findings: tuple[Finding, ...] = field(default_factory=tuple)
    digest: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def found(self, *findings: Finding) -> "Report":
        """Return the report with more findings."""
        return replace(self, findings=(*self.findings, *findings))

    def write(self, path: Path) -> None:
        """Keep it in a file; a half-written one is never left."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        part.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Report | None":
        """Return a kept report, or None if there is none that can be read."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            findings = tuple(Finding(**entry) for entry in content.pop("findings"))
            return cls(**content, findings=findings)
        except (OSError, ValueError, TypeError, KeyError):
            return None
