"""Shares with intervals, and agreement beyond chance: the statistics of a small study.

Everything here is short on purpose and tested against published worked examples.
"""

import math

import numpy as np
from scipy.special import ndtri

CONFIDENCE = 0.95


def wilson_interval(
    successes: int, trials: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Interval for a share: all shares that the count does not contradict.

    The shares p with |k / n - p| <= z sqrt(p (1 - p) / n). It holds for *independent* answers:
    for those of one rater, not for the answers of a whole class thrown together.

    Parameters
    ----------
    successes, trials : int
        k of n; 0 <= k <= n.
    confidence : float
        Within (0, 1).

    Returns
    -------
    (float, float)
        Within [0, 1]; all of it for no trials.

    Raises
    ------
    ValueError
        For counts that cannot be.

    References
    ----------
    Wilson 1927, DOI 10.1080/01621459.1927.10502953.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must be 0 to trials, got {successes} of {trials}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}; 0.95 is usual")
    if trials == 0:
        return 0.0, 1.0
    z2 = ndtri((1 + confidence) / 2) ** 2
    middle = (successes + z2 / 2) / (trials + z2)
    within = successes * (trials - successes) / trials + z2 / 4
    half = math.sqrt(z2 * within) / (trials + z2)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def two_way_bootstrap(
    choices: np.ndarray, rng: np.random.Generator, draws: int = 2000
) -> np.ndarray:
    """Means of a table whose raters *and* pairs are drawn anew, with replacement.

    A class is a sample of raters, and its pairs are a sample of pictures; another class with
    other pictures would differ in both. A cell counts as often as its rater was drawn, times
    as often as its pair was (the 'pigeonhole bootstrap'). It is a little too wide.

    Parameters
    ----------
    choices : ndarray, ``(raters, pairs)``
        1 or 0 (or any number), NaN where a rater did not answer.
    rng : Generator
        Source of randomness.
    draws : int
        How many means; at least 1.

    Returns
    -------
    ndarray, ``(draws,)``
        NaN where a draw met no answer at all.

    Raises
    ------
    ValueError
        If ``choices`` is no table or has no answer.

    References
    ----------
    Owen 2007, The pigeonhole bootstrap, DOI 10.1214/07-AOAS122.
    """
    choices = np.asarray(choices, dtype=float)
    if choices.ndim != 2 or not np.isfinite(choices).any():
        raise ValueError(
            f"choices must be a table (raters, pairs) with answers, got shape {choices.shape}"
        )
    given = np.isfinite(choices)
    raters, pairs = (
        rng.multinomial(size, np.full(size, 1 / size), size=draws) for size in choices.shape
    )
    total = np.einsum("br,rp,bp->b", raters, np.where(given, choices, 0.0), pairs, optimize=True)
    count = np.einsum("br,rp,bp->b", raters, given.astype(float), pairs, optimize=True)
    with np.errstate(invalid="ignore"):
        return total / count


def percentile_interval(
    draws: np.ndarray, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The middle ``confidence`` of bootstrap draws; NaN draws do not count."""
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def cohen_kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Agreement of two lists of labels beyond what their shares give by chance.

    kappa = (observed - chance) / (1 - chance), chance = sum over labels of the product of both
    shares. 1 is full agreement, 0 is chance; NaN where chance alone is 1.

    Parameters
    ----------
    first, second : ndarray, ``(n,)``
        Labels of the same things in the same order, n >= 1.

    References
    ----------
    Cohen 1960, DOI 10.1177/001316446002000104.
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape or first.ndim != 1 or not first.size:
        raise ValueError(
            f"both must label the same things, got shapes {first.shape} and {second.shape}"
        )
    labels = np.union1d(first, second)
    chance = sum(np.mean(first == label) * np.mean(second == label) for label in labels)
    return _beyond(float(np.mean(first == second)), float(chance))


def fleiss_kappa(counts: np.ndarray) -> float:
    """Agreement of many raters: how many gave each label to each thing.

    Parameters
    ----------
    counts : ndarray, ``(things, labels)``
        Every row sums to the same number of raters, at least 2.

    References
    ----------
    Fleiss 1971, DOI 10.1037/h0031619.
    """
    counts = np.asarray(counts, dtype=float)
    raters = counts.sum(axis=1) if counts.ndim == 2 else np.zeros(1)
    if counts.ndim != 2 or not counts.size or raters.min() < 2 or np.ptp(raters) > 0:
        raise ValueError(
            "every thing must be labelled by the same number of raters, 2 or more, got "
            f"{sorted(set(raters.tolist()))}; krippendorff_alpha takes gaps"
        )
    n = raters[0]
    agreeing = (counts * (counts - 1)).sum(axis=1) / (n * (n - 1))
    shares = counts.sum(axis=0) / counts.sum()
    return _beyond(float(agreeing.mean()), float(np.sum(shares**2)))


def krippendorff_alpha(table: np.ndarray) -> float:
    """Agreement of many raters with gaps, for labels without an order.

    alpha = 1 - observed / expected disagreement, over all pairs of labels of one thing, each
    thing weighted by how many labelled it. NaN where nobody can disagree: one label only, or
    nothing labelled twice.

    Parameters
    ----------
    table : ndarray, ``(raters, things)``
        Numbers that stand for labels; NaN where there is none.

    References
    ----------
    Krippendorff, Computing Krippendorff's alpha-reliability, 2011 (nominal data).
    """
    table = np.asarray(table, dtype=float)
    if table.ndim != 2:
        raise ValueError(f"table must be (raters, things), got shape {table.shape}")
    labels = np.unique(table[np.isfinite(table)])
    counts = (table == labels[:, None, None]).sum(axis=1).astype(float)
    counts = counts[:, counts.sum(axis=0) >= 2]  # (labels, things that were labelled twice)
    if not counts.size:
        return math.nan
    size, shares = counts.sum(axis=0), counts.sum(axis=1)
    differing = ((size**2 - (counts**2).sum(axis=0)) / (size - 1)).sum()
    total = size.sum()
    expected = (total**2 - np.sum(shares**2)) / (total - 1)
    return math.nan if expected == 0 else float(1 - differing / expected)


def _beyond(observed: float, chance: float) -> float:
    return math.nan if math.isclose(chance, 1.0) else (observed - chance) / (1 - chance)
