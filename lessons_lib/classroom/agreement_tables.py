"""From answers to tables: who chose what on which pair, and who beat whom."""

from collections.abc import Iterable, Sequence

import numpy as np

from lessons_lib.classroom.agreement_statistics import cohen_kappa
from lessons_lib.classroom.study_answers import Answer


def counted(answers: Iterable[Answer], block: int | None = None) -> list[Answer]:
    """The answers that count: no repeats, no catch trials."""
    return [one for one in answers if one.kind == "test" and block in (None, one.block)]


def choice_table(
    answers: Sequence[Answer], pairs: Sequence[tuple] | None = None
) -> tuple[np.ndarray, list[str], list[tuple]]:
    """1 where a rater chose a pair's first method, 0 the second, NaN no answer.

    Returns
    -------
    ndarray, ``(raters, pairs)``
    list of str, list of tuple
        The raters and the pairs, in the table's order.
    """
    raters = sorted({one.rater for one in answers})
    pairs = sorted({one.pair for one in answers}) if pairs is None else list(pairs)
    table = np.full((len(raters), len(pairs)), np.nan)
    for one in answers:
        table[raters.index(one.rater), pairs.index(one.pair)] = one.chose_first
    return table, raters, pairs


def methods_of(answers: Iterable[Answer]) -> list[str]:
    """All methods in alphabetical order."""
    return sorted({name for one in answers for name in (one.first, one.second)})


def won_by(method: str, table: np.ndarray, pairs: Sequence[tuple]) -> np.ndarray:
    """``(raters, pairs)``: 1 where a rater chose ``method``, NaN where it was not on offer."""
    won = np.full(table.shape, np.nan)
    for k, (_, first, second) in enumerate(pairs):
        if method in (first, second):
            won[:, k] = table[:, k] if method == first else 1 - table[:, k]
    return won


def win_counts(table: np.ndarray, pairs: Sequence[tuple], methods: Sequence[str]) -> np.ndarray:
    """``(methods, methods)``: how often the row's method was preferred to the column's."""
    wins = np.zeros((len(methods), len(methods)))
    first_won, second_won = np.nansum(table, axis=0), np.nansum(1 - table, axis=0)
    for k, (_, first, second) in enumerate(pairs):
        i, j = methods.index(first), methods.index(second)
        wins[i, j] += first_won[k]
        wins[j, i] += second_won[k]
    return wins


def mean_pairwise_kappa(table: np.ndarray) -> float:
    """Mean of Cohen's kappa over all pairs of raters who answered something in common."""
    found = []
    for i in range(len(table)):
        for j in range(i):
            both = np.isfinite(table[i]) & np.isfinite(table[j])
            if both.any():
                found.append(cohen_kappa(table[i, both], table[j, both]))
    return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")
