"""The plan of a study: which pair comes when, and which side each method stands on.

It depends on the study and the rater's name alone, so that a study that was broken off
goes on exactly where it stopped.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BLOCKS = (1, 2)


@dataclass(frozen=True)
class Pair:
    """Two estimates of one picture; ``first`` and ``second`` name the methods."""

    picture: str
    first: str
    second: str


@dataclass(frozen=True)
class Trial:
    """One question to one rater.

    Attributes
    ----------
    number : int
        From 0 through both blocks.
    block : int
        1 or 2.
    kind : str
        'test', 'repeat' or 'catch'.
    pair : Pair
        What is shown. In a catch trial ``first`` is the right answer.
    left : str
        The method at the left.
    """

    number: int
    block: int
    kind: str
    pair: Pair
    left: str

    @property
    def right(self) -> str:
        """The method at the right."""
        return self.pair.second if self.left == self.pair.first else self.pair.first


def plan_trials(
    study: str, rater: str, pairs: Sequence[Pair], catches: Sequence[Pair] = (), repeats: int = 0
) -> tuple[Trial, ...]:
    """Plan both blocks for one rater.

    In each block every pair comes once, ``repeats`` of them a second time with the sides
    swapped and half a block later, and every catch pair once, in an order of the rater's own.
    ``first`` stands at the left in half of the pairs; in block 2 all sides are swapped.

    Parameters
    ----------
    study, rater : str
        Together they are the seed.
    pairs, catches : sequence of Pair
        Each pair once.
    repeats : int
        How many pairs come twice in a block; at most half of them.

    Raises
    ------
    ValueError
        For no pairs, a pair listed twice, or more repeats than pairs.
    """
    if not pairs or len(set(pairs)) < len(pairs):
        raise ValueError(
            f"a study needs pairs, each listed once, got {len(pairs)}, {len(set(pairs))} of them "
            "different; check the list"
        )
    most = len(pairs) - len(pairs) // 2
    if not 0 <= repeats <= most:
        raise ValueError(f"repeats must be 0 to {most}, half of the pairs, got {repeats}")
    rng = np.random.default_rng(zlib.crc32(f"{study}/{rater}".encode()))
    first_left = rng.permutation(np.arange(len(pairs)) % 2 == int(rng.integers(2)))
    trials: list[Trial] = []
    for block in BLOCKS:
        sides = dict(zip(pairs, first_left ^ (block == 2), strict=True))
        for kind, pair in _order(pairs, catches, repeats, rng):
            swapped = kind == "repeat"
            first_at_left = rng.integers(2) if kind == "catch" else sides[pair] ^ swapped
            left = pair.first if first_at_left else pair.second
            trials.append(Trial(len(trials), block, kind, pair, left))
    return tuple(trials)


def _order(
    pairs: Sequence[Pair], catches: Sequence[Pair], repeats: int, rng: np.random.Generator
) -> list[tuple[str, Pair]]:
    """One block in random order; each event gets a place in time, then all are sorted."""
    tests = [pairs[k] for k in rng.permutation(len(pairs))]
    half = len(tests) // 2
    again = rng.permutation(len(tests) - half)[:repeats]
    events = [(float(place), "test", pair) for place, pair in enumerate(tests)]
    events += [(rng.uniform(k + half, len(tests)), "repeat", tests[k]) for k in again]
    events += [(rng.uniform(0, len(tests)), "catch", pair) for pair in catches]
    return [(kind, pair) for _, kind, pair in sorted(events, key=lambda event: event[0])]
