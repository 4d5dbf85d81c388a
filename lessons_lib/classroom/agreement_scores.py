"""Bradley-Terry: from 'who beat whom how often' to one score for each method."""

import numpy as np

PRIOR = 0.5  # games won *and* lost against an average stranger, so that no score is infinite


def bradley_terry(wins: np.ndarray, prior: float = PRIOR, rounds: int = 50_000) -> np.ndarray:
    """Scores s with P(i beats j) = 1 / (1 + exp(s_j - s_i)); their mean is 0.

    Each round sets the strength w_i = exp(s_i) to (games won) / (sum over games of
    1 / (w_i + w_opponent)), which never lowers the likelihood (Hunter's equation 3).

    Parameters
    ----------
    wins : ndarray, ``(methods, methods)``
        ``wins[i, j]``: how often i was preferred to j; 0 on the diagonal.
    prior : float
        Every method also plays ``2 prior`` games against a stranger of strength 1 and wins half.
        A weak prior; 0 switches it off, and a method that never lost then has no score.
    rounds : int
        At most; it stops when no score moves by 1e-10.

    Returns
    -------
    ndarray, ``(methods,)``
        In units of log odds.

    Raises
    ------
    ValueError
        For no square table of counts, or where no finite scores exist.

    References
    ----------
    Bradley and Terry 1952, DOI 10.1093/biomet/39.3-4.324.
    Hunter 2004, MM algorithms, DOI 10.1214/aos/1079120141.
    """
    wins = np.asarray(wins, dtype=float)
    _check_wins(wins, prior)
    games = wins + wins.T
    won = wins.sum(axis=1) + prior
    strength = np.ones(len(wins))
    for _ in range(rounds):
        met = games / (strength[:, None] + strength[None, :])
        new = won / (met.sum(axis=1) + 2 * prior / (strength + 1))
        if prior == 0:
            new /= np.exp(np.mean(np.log(new)))
        moved = np.abs(np.log(new / strength)).max()
        strength = new
        if moved < 1e-10:
            break
    scores = np.log(strength)
    return scores - scores.mean()


def _check_wins(wins: np.ndarray, prior: float) -> None:
    square = wins.ndim == 2 and wins.shape[0] == wins.shape[1] >= 2
    if not square or not np.isfinite(wins).all() or wins.min() < 0 or np.diagonal(wins).any():
        raise ValueError(
            "wins must be a square table of counts with 0 on the diagonal, got shape "
            f"{wins.shape}; wins[i, j] says how often i beat j"
        )
    if prior < 0:
        raise ValueError(f"prior must be 0 or more, got {prior}")
    if prior == 0 and not _connected(wins > 0):
        raise ValueError(
            "without a prior nobody may win or lose all: some methods have no finite score; "
            "set prior to 0.5"
        )


def _connected(beats: np.ndarray) -> bool:
    """Whether from every method a chain of wins leads to every other."""
    reach = beats | np.eye(len(beats), dtype=bool)
    for _ in range(len(beats)):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    return bool(reach.all())
