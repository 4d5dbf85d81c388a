"""Cutting a large picture into strips that a network can take one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Strip:
    """Rows of a picture: ``seen`` by the network, ``kept`` of its estimate.

    ``inside`` are the kept rows, counted from the first that is seen.
    """

    seen: slice
    kept: slice
    inside: slice


def strips_of(height: int, rows: int, multiple: int, reach: int) -> Iterator[Strip]:
    """Cut ``height`` rows into strips of about ``rows``.

    Parameters
    ----------
    height, rows : int
        px.
    multiple : int
        Strips begin at multiples of it, as the cells of the network's coarsest maps do.
    reach : int
        How far the network sees, px.

    Yields
    ------
    Strip
    """
    rows = max(rows // multiple, 1) * multiple
    margin = -(-reach // multiple) * multiple
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        start, stop = max(top - margin, 0), min(bottom + margin, height)
        yield Strip(slice(start, stop), slice(top, bottom), slice(top - start, bottom - start))
