"""What a report of a class is made of."""

from dataclasses import dataclass

from lessons_lib.classroom.agreement_words import report_text
from lessons_lib.classroom.study_answers import Answer


@dataclass(frozen=True)
class Merged:
    """All good answers of a class, and what was noticed while reading."""

    answers: tuple[Answer, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """``won`` of ``count`` comparisons, and the interval for the share behind them."""

    won: int
    count: int
    interval: tuple[float, float]

    @property
    def value(self) -> float:
        """The share itself."""
        return self.won / self.count


@dataclass(frozen=True)
class RaterLine:
    """One rater: preferences with Wilson intervals, sides, repeats, catch trials.

    ``preferences`` has one entry per block; a block with under 10 answers is missing.
    ``repeat_kappa`` is NaN where no repeats, or only one label, were seen.
    """

    rater: str
    count: int
    preferences: dict[int, dict[str, Share]]
    left: Share
    one_sided: bool
    repeats: Share | None
    repeat_kappa: float
    catches: Share | None


@dataclass(frozen=True)
class BlockLine:
    """One block of the class: preferences and scores with intervals, and agreement."""

    block: int
    raters: int
    count: int
    preferences: dict[str, Share]
    scores: dict[str, tuple[float, tuple[float, float]]]
    alpha: float
    mean_cohen: float


@dataclass(frozen=True)
class ClassReport:
    """What :func:`class_report` found; ``print`` shows it in words."""

    raters: tuple[RaterLine, ...]
    blocks: tuple[BlockLine, ...]
    alpha_change: tuple[float, tuple[float, float]] | None
    notes: tuple[str, ...]

    def __str__(self) -> str:
        return report_text(self)
