"""Simulated raters, so that a report can be seen before a class has answered.

**All their parameters are assumed.** They say how a report behaves, not how people judge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lessons_lib.classroom.study import NAME
from lessons_lib.classroom.study_answers import Answer, append_answer
from lessons_lib.classroom.study_plan import Trial, plan_trials
from lessons_lib.classroom.study_stimuli import BLURRED, CLEAN, Stimuli

Quality = Callable[[str, str], tuple[float, float]]
"""(picture, method) -> (how sharp it looks, how true it is), both standardised."""


@dataclass(frozen=True)
class Habits:
    """What a simulated rater goes by; the chance to choose a picture is logistic.

    Attributes
    ----------
    sharpness, truth : float
        Weight of the two qualities in log odds, in block 1.
    obedience : float
        How far the weights move in block 2 to what the instructions ask (truth alone, weight
        2); [0, 1].
    left : float
        Log odds in favour of the left picture, whatever it shows.
    slips : float
        Share of answers given at random; [0, 1].
    """

    sharpness: float = 1.0
    truth: float = 0.5
    obedience: float = 0.7
    left: float = 0.0
    slips: float = 0.05

    def chance_of_left(self, trial: Trial, quality: Quality) -> float:
        """Probability of choosing the left picture."""
        obeyed = self.obedience if trial.block == 2 else 0.0
        weights = np.array([self.sharpness * (1 - obeyed), self.truth + (2 - self.truth) * obeyed])
        if trial.kind == "catch":
            gain = 6.0 if trial.left == CLEAN else -6.0
        else:
            one, other = (
                np.asarray(quality(trial.pair.picture, method))
                for method in (trial.left, trial.right)
            )
            gain = float(weights @ (one - other))
        return (1 - self.slips) / (1 + np.exp(-gain - self.left)) + self.slips / 2


def simulate_rater(
    rater: str, stimuli: Stimuli, quality: Quality, habits: Habits, rng: np.random.Generator, *,
    study: str = NAME, repeats: int = 4,
) -> list[Answer]:  # fmt: skip
    """Answer a whole study as a simulated rater; the list is what the widget would have kept."""
    answers = []
    for trial in plan_trials(study, rater, stimuli.pairs, stimuli.catches, repeats):
        left = rng.random() < habits.chance_of_left(trial, quality)
        answers.append(
            Answer(
                rater, study, trial.number, trial.block, trial.kind, trial.pair.picture,
                trial.pair.first, trial.pair.second, trial.left, "left" if left else "right",
                round(float(rng.lognormal(0.8, 0.4)), 3),
            )
        )  # fmt: skip
    return answers


def write_answers(folder: Path, answers: Sequence[Answer]) -> Path:
    """Write one rater's answers as the widget would; returns the file's path."""
    path = Path(folder) / f"{answers[0].study}_{answers[0].rater}.csv"
    for one in answers:
        append_answer(path, one)
    return path


def standardised(
    stimuli: Stimuli, sharp: Callable[[np.ndarray], float],
    true: Callable[[np.ndarray, np.ndarray], float],
) -> Quality:  # fmt: skip
    """Make a :data:`Quality` from two measures; each is centred and scaled within a picture.

    Parameters
    ----------
    stimuli : Stimuli
        What is judged.
    sharp : callable
        Estimate -> how sharp it looks.
    true : callable
        (clean, estimate) -> how true it is.
    """
    names = {name for name, _ in stimuli.estimates}
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for name in names:
        methods = [method for known, method in stimuli.estimates if known == name]
        estimates = [stimuli.estimates[name, method] for method in methods]
        raw = np.array([(sharp(one), true(stimuli.clean[name], one)) for one in estimates])
        scaled = (raw - raw.mean(axis=0)) / np.maximum(raw.std(axis=0), 1e-12)
        for method, row in zip(methods, scaled, strict=True):
            found[name, method] = tuple(map(float, row))
    known = {CLEAN: (2.0, 2.0), BLURRED: (-2.0, -2.0)}
    return lambda picture, method: known.get(method) or found[picture, method]
