"""The instructor's side: many answer files become one report.

What cannot be used is named and set aside; what can be used is used. Intervals for the class
draw raters *and* pairs anew, because both are samples.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from lessons_lib.classroom.agreement_records import (
    BlockLine,
    ClassReport,
    Merged,
    RaterLine,
    Share,
)
from lessons_lib.classroom.agreement_scores import bradley_terry
from lessons_lib.classroom.agreement_statistics import (
    cohen_kappa,
    krippendorff_alpha,
    percentile_interval,
    two_way_bootstrap,
    wilson_interval,
)
from lessons_lib.classroom.agreement_tables import (
    choice_table,
    counted,
    mean_pairwise_kappa,
    methods_of,
    win_counts,
    won_by,
)
from lessons_lib.classroom.study_answers import Answer, AnswerFile, read_answers
from lessons_lib.classroom.study_plan import BLOCKS

ENOUGH = 10  # answers of one rater, and of a class
# Left shares this improbable are told: 10 of 10 is (.002), and one honest rater in 400 will be.
ONE_SIDED = 0.0025
SCORE_DRAWS = 200
MOST_COMPLAINTS = 3  # told of one file


def merge(paths: Iterable[Path | str], withdrawn: Sequence[str] = ()) -> Merged:
    """Read many answer files; nothing that is wrong with one of them stops the others.

    Parameters
    ----------
    paths : iterable of path
        In any order; copies do no harm.
    withdrawn : sequence of str
        Raters who took back their consent: none of their answers is read further.

    Returns
    -------
    Merged
        Each (rater, study, trial) once, and a sentence about everything that was set aside.
    """
    answers: dict[tuple, Answer] = {}
    notes: list[str] = []
    for path in sorted(map(Path, paths)):
        try:
            found = read_answers(path)
        except OSError as error:
            notes.append(f"{path.name}: could not be read ({error.strerror or error})")
            continue
        good = [one for one in found.answers if one.rater not in _names(withdrawn)]
        keys = [(one.rater, one.study, one.trial) for one in good]
        met = [answers[key] == one for key, one in zip(keys, good, strict=True) if key in answers]
        for key, one in zip(keys, good, strict=True):
            answers.setdefault(key, one)
        notes += _about(path.name, found, sum(met), len(met) - sum(met))
    return Merged(tuple(answers.values()), tuple(notes))


def _names(raters: str | Sequence[str]) -> tuple[str, ...]:
    """One name may come as plain text: it must not match parts of other names."""
    return (raters,) if isinstance(raters, str) else tuple(raters)


def _about(name: str, found: AnswerFile, twice: int, clash: int) -> list[str]:
    """What the instructor should know about one file."""
    notes = [f"{name}: {complaint}; skipped" for complaint in found.complaints[:MOST_COMPLAINTS]]
    if len(found.complaints) > MOST_COMPLAINTS:
        more = len(found.complaints) - MOST_COMPLAINTS
        notes.append(f"{name}: {more} more lines like these; skipped")
    if twice:
        notes.append(f"{name}: {twice} answers were in an earlier file; counted once")
    if clash:
        notes.append(
            f"{name}: {clash} answers differ from those of an earlier file with the same name; "
            "did two people choose it? The first file counts; ask both"
        )
    if not found.answers:
        notes.append(f"{name}: no usable answer; is it the right file?")
    return notes


def class_report(
    merged: Merged, seed: int = 0, draws: int = 2000, leave_out: Sequence[str] = ()
) -> ClassReport:
    """Make the report of a class.

    Parameters
    ----------
    merged : Merged
        From :func:`merge`.
    seed : int
        Of the bootstrap.
    draws : int
        Bootstrap draws for each interval.
    leave_out : sequence of str
        Raters that the class's figures should do without; their own lines stay.

    Raises
    ------
    ValueError
        If the answers come from several studies.
    """
    studies = sorted({one.study for one in merged.answers})
    if len(studies) > 1:
        raise ValueError(
            "these are answers to several studies; report one at a time: "
            + "; ".join(f"{study} by {_raters_of(study, merged)}" for study in studies)
        )
    by_rater = {
        rater: [one for one in merged.answers if one.rater == rater]
        for rater in sorted({one.rater for one in merged.answers})
    }
    lines = tuple(rater_line(rater, own) for rater, own in by_rater.items())
    used = [one for one in merged.answers if one.rater not in _names(leave_out)]
    rng = np.random.default_rng(seed)
    blocks = tuple(
        block_line(block, tests, rng, draws)
        for block in BLOCKS
        if len(tests := counted(used, block)) >= ENOUGH
    )
    return ClassReport(lines, blocks, _alpha_change(used, rng, draws), merged.notes)


def rater_line(rater: str, answers: Sequence[Answer]) -> RaterLine:
    """Judge one rater by their own answers alone."""
    tests = counted(answers)
    left = sum(one.chosen == "left" for one in tests)
    # Each block by itself: the second judges the same pairs again, by another rule.
    blocks = {block: counted(answers, block) for block in BLOCKS}
    preferences = {b: _preferences(own) for b, own in blocks.items() if len(own) >= ENOUGH}
    first = {(one.block, one.pair): one.chose_first for one in tests}
    again = [one for one in answers if one.kind == "repeat" and (one.block, one.pair) in first]
    before = np.array([first[one.block, one.pair] for one in again])
    after = np.array([one.chose_first for one in again])
    catches = [one.chose_first for one in answers if one.kind == "catch"]
    return RaterLine(
        rater, len(tests), preferences, _share(left, len(tests)),
        bool(tests) and binomtest(left, len(tests)).pvalue < ONE_SIDED,
        _share(int(np.sum(before == after)), len(again)) if again else None,
        cohen_kappa(before, after) if again else float("nan"),
        _share(sum(catches), len(catches)) if catches else None,
    )  # fmt: skip


def _preferences(tests: Sequence[Answer]) -> dict[str, Share]:
    """How often each method was preferred, of the times it was shown."""
    shares = {}
    for method in methods_of(tests):
        met = [one for one in tests if method in (one.first, one.second)]
        shares[method] = _share(sum(one.method == method for one in met), len(met))
    return shares


def block_line(
    block: int, tests: Sequence[Answer], rng: np.random.Generator, draws: int = 2000
) -> BlockLine:
    """The class's figures for one block."""
    table, raters, pairs = choice_table(tests)
    methods = methods_of(tests)
    preferences = {}
    for method in methods:
        won = won_by(method, table, pairs)
        interval = percentile_interval(two_way_bootstrap(won, rng, draws))
        count = int(np.isfinite(won).sum())
        preferences[method] = Share(int(np.nansum(won)), count, interval)
    return BlockLine(
        block, len(raters), len(tests), preferences, _scores(table, pairs, methods, rng),
        krippendorff_alpha(table), mean_pairwise_kappa(table),
    )  # fmt: skip


def _scores(
    table: np.ndarray, pairs: Sequence[tuple], methods: Sequence[str], rng: np.random.Generator
) -> dict[str, tuple[float, tuple[float, float]]]:
    """Bradley-Terry scores; their intervals draw raters and pairs anew."""
    scores = bradley_terry(win_counts(table, pairs, methods))
    drawn = []
    for _ in range(SCORE_DRAWS):
        raters = rng.integers(len(table), size=len(table))
        columns = rng.integers(len(pairs), size=len(pairs))
        again = win_counts(table[raters][:, columns], [pairs[k] for k in columns], methods)
        drawn.append(bradley_terry(again, rounds=200))
    each = np.array(drawn).T
    return {
        method: (float(score), percentile_interval(own))
        for method, score, own in zip(methods, scores, each, strict=True)
    }


def _alpha_change(
    answers: Sequence[Answer], rng: np.random.Generator, draws: int
) -> tuple[float, tuple[float, float]] | None:
    """Alpha of block 2 minus that of block 1, over raters and pairs that are in both.

    Only pairs are drawn anew: a rater drawn twice would agree with themselves.
    """
    blocks = [counted(answers, block) for block in BLOCKS]
    if min(map(len, blocks)) < ENOUGH:
        return None
    raters = set.intersection(*({one.rater for one in block} for block in blocks))
    pairs = sorted(set.intersection(*({one.pair for one in block} for block in blocks)))
    tables = [
        choice_table([one for one in block if one.rater in raters and one.pair in pairs], pairs)[0]
        for block in blocks
    ]
    change = krippendorff_alpha(tables[1]) - krippendorff_alpha(tables[0])
    if not np.isfinite(change):
        return None
    picks = rng.integers(len(pairs), size=(min(draws, 500), len(pairs)))
    drawn = [
        krippendorff_alpha(tables[1][:, pick]) - krippendorff_alpha(tables[0][:, pick])
        for pick in picks
    ]
    return float(change), percentile_interval(np.array(drawn))


def _raters_of(study: str, merged: Merged) -> str:
    """Who answered a study, in a short list."""
    names = sorted({one.rater for one in merged.answers if one.study == study})
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _share(won: int, count: int) -> Share:
    return Share(won, count, wilson_interval(won, count))
