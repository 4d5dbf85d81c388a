"""Instant checks of lesson 10: agreement of many raters, the crossover, one's own answers."""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from lessons_lib.classroom.agreement_statistics import cohen_kappa
from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.study_answers import Answer

_SEED = 101_011


def _number(answer: object, what: str) -> float:
    """Return the answer as a float, or hint that one number is wanted."""
    single = np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number))
    expect(single, f"Return one number, the {what}; got {type(answer).__name__}.")
    expect(bool(np.isfinite(answer)), f"The {what} came out as {answer}: a division by zero?")
    return float(answer)


@instant_check
def check_many_kappa(many_kappa: Callable) -> str:
    """Exercise 3: random tables with two to five labels, and raters who agree in all."""
    rng = np.random.default_rng(_SEED)
    agreed = np.tile(np.array([0, 1, 2, 0, 1]), (4, 1))
    value = _number(many_kappa(agreed), "kappa")
    expect(np.isclose(value, 1), f"Four raters agree in all, and your kappa is {value:.3f}.")
    for raters, things, kinds in ((3, 9, 2), (5, 12, 4), (7, 10, 5)):
        truth = rng.integers(kinds, size=things)
        slip = rng.random((raters, things)) < 0.4
        labels = np.where(slip, rng.integers(kinds, size=(raters, things)), truth)
        _judge_kappa(_number(many_kappa(labels.copy()), "kappa"), labels)
    return "Agreement, with chance taken off."


def _judge_kappa(value: float, labels: np.ndarray) -> None:
    """Raise the hint that fits a wrong kappa of many raters."""
    raters = len(labels)
    counts = np.array([(labels == one).sum(axis=0) for one in np.unique(labels)])
    o = np.mean((counts * (counts - 1)).sum(axis=0) / (raters * (raters - 1)))
    shares = counts.sum(axis=1) / labels.size
    e = np.sum(shares**2)
    with_self = np.mean((counts**2).sum(axis=0) / raters**2)
    total = labels.size
    own = np.sum(counts.sum(axis=1) * (counts.sum(axis=1) - 1)) / (total * (total - 1))
    wrong = {
        "That is the observed agreement; chance is still in it.": o,
        "Divide what is left by the most that could be left, 1 - e.": o - e,
        "You also compare each rater with themselves. Count pairs of *different* raters.": (
            (with_self - e) / (1 - e)
        ),
        "That is the mean of Cohen's kappas. Here chance comes from *all* labels together.": (
            np.mean([cohen_kappa(a, b) for a, b in combinations(labels, 2)])
        ),
        "You take every label to be equally frequent. Use the shares in the table.": (
            (o - 1 / len(counts)) / (1 - 1 / len(counts))
        ),
        "You draw the two labels without replacement: that is Krippendorff's alpha, a close "
        "relative. Here they are drawn with replacement.": (o - own) / (1 - own),
        "You ask that *all* raters agree; average over pairs of raters.": (
            (np.mean(counts.max(axis=0) == raters) - e) / (1 - e)
        ),
    }
    right = (o - e) / (1 - e)
    for hint, other in wrong.items():
        expect(not np.isclose(value, other) or np.isclose(right, other), hint)
    expect(
        np.isclose(value, right),
        "Not Fleiss' kappa. Count for each thing how many raters gave each label; a label given "
        "n times makes n (n - 1) agreeing pairs out of R (R - 1).",
    )


@instant_check
def check_crossover(crossover: Callable) -> str:
    """Exercise 4: random overlaps, and the two ends."""
    rng = np.random.default_rng(_SEED)
    for _ in range(6):
        plain, gain, caught = rng.uniform(0.5, 0.85), rng.uniform(0.02, 0.14), rng.uniform(0.3, 1)
        told = plain + gain
        value = _number(crossover(plain, told, caught), "slip rate")
        wrong = {
            "QA does not make slips vanish: those it mends overlap by `plain`, the others by 0. "
            "You seem to take `caught` as 1.": (told - plain) / told,
            "Pictures leave all slips in: their overlap is (1 - p) times `told`, not `told`.": (
                (told - plain) / ((caught - 1) * plain) if caught < 1 else np.nan
            ),
            "You compare QA with doing nothing.": 0.0,
            "You subtract `caught`, where the share that is *not* caught stays a slip.": (
                (told - plain) / (told - caught * plain)
            ),
            "You let QA lower the overlap of all outlines by the slips it missed, but count the "
            "mended ones as perfect.": (told - plain) / (told - plain + caught),
        }
        right = (told - plain) / (told - (1 - caught) * plain)
        for hint, other in wrong.items():
            expect(not np.isclose(value, other) or np.isclose(right, other), hint)
        expect(
            np.isclose(value, right),
            "Not the crossover. With slip rate p, write the mean overlap with QA (good outlines "
            "and mended slips) and with pictures, set them equal, and solve for p.",
        )
    ends = _number(crossover(0.8, 0.8, 0.5), "slip rate")
    expect(np.isclose(ends, 0), "If pictures bring nothing, QA is never worse: return 0.")
    idle = _number(crossover(0.7, 0.9, 0.0), "slip rate")
    expect(np.isclose(idle, 1), "If QA catches nothing, it is never better: return 1.")
    return "Below it, explain; above it, check."


def _own_answers(rng: np.random.Generator, count: int) -> list[Answer]:
    """A small study with random choices, repeats in both blocks, catches, and gaps."""
    methods = ("plain", "fancy")
    answers: list[Answer] = []
    for block in (1, 2):
        names = [f"picture {k}" for k in range(count) if (block, k) not in ((1, 1), (2, 2))]
        kinds = [("test", name) for name in names]
        kinds += [("repeat", name) for name in names[3 : 3 + count // 2]]
        kinds += [("catch", "known")]
        for kind, name in kinds:
            left = methods[int(rng.integers(2))]
            chosen = "left" if rng.random() < 0.65 else "right"
            answers.append(
                Answer("me", "check", len(answers), block, kind, name, *methods, left, chosen, 1.0)
            )
    return [answers[k] for k in rng.permutation(len(answers))]


@instant_check
def check_judge_myself(judge_myself: Callable) -> str:
    """Exercise 5: random answers in random order, some pairs in one block only."""
    rng = np.random.default_rng(_SEED)
    for count in (9, 14, 23):
        answers = _own_answers(rng, count)
        result = judge_myself(list(answers))
        expect(
            isinstance(result, (tuple, list, np.ndarray)) and len(result) == 3,
            "Return three numbers: left share, same in repeats, same in both blocks.",
        )
        names = ("left share", "share of repeats", "share between the blocks")
        left, again, both = (
            _number(one, name) for one, name in zip(result, names, strict=True)
        )
        _judge_own(left, again, both, answers)
    return "Who has looked at their own answers may ask others for theirs."


def _judge_own(left: float, again: float, both: float, answers: list[Answer]) -> None:
    """Raise the hint that fits a wrong look at one's own answers."""
    tests = {(one.block, one.pair): one for one in answers if one.kind == "test"}
    repeats = [(one, tests[one.block, one.pair]) for one in answers if one.kind == "repeat"]
    pairs = [(one, tests[2, key[1]]) for key, one in tests.items()
             if key[0] == 1 and (2, key[1]) in tests]  # fmt: skip
    share = np.mean([one.chosen == "left" for one in tests.values()])
    is_right_share = np.isclose(left, 1 - share) and not np.isclose(share, 0.5)
    expect(not is_right_share, "That is the share of 'right'.")
    everything = np.mean([one.chosen == "left" for one in answers])
    expect(
        not np.isclose(left, everything) or np.isclose(share, everything),
        "Only the tests count for the left share, not repeats and catch trials.",
    )
    expect(np.isclose(left, share), "Not the share of 'left' among the tests.")
    for value, matched, what in ((again, repeats, "repeats"), (both, pairs, "the two blocks")):
        right = np.mean([one.method == other.method for one, other in matched])
        side = np.mean([one.chosen == other.chosen for one, other in matched])
        expect(
            not np.isclose(value, side) or np.isclose(side, right),
            f"For {what} you compare sides; the sides are swapped on purpose. Compare methods.",
        )
        expect(
            not np.isclose(value, 1 - right) or np.isclose(right, 0.5),
            f"For {what} that is the share of *different* choices.",
        )
        expect(
            np.isclose(value, right),
            f"Not the share of equal methods in {what}. Match by block *and* pair, in any order, "
            "and skip what has no partner.",
        )
