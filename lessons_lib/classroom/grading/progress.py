"""A bar on standard error that says how far the grading is."""

import sys
import time
from typing import TextIO

WIDTH = 30


class Bar:
    """Shows what is done: one line that changes in a terminal, a line for every tenth in a log.

    Parameters
    ----------
    stream : text file, optional
        Standard error if not given.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream, self.start, self.tenth = stream or sys.stderr, time.monotonic(), 0

    def __call__(self, done: int, total: int, flagged: int) -> None:
        """Show that so many of so many are done, and how many of them have flags."""
        left = (time.monotonic() - self.start) / done * (total - done)
        filled = WIDTH * done // total
        words = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done} of {total}, {flagged} with flags"
        words += f", about {left:.0f} s left" if done < total else " " * 20
        if self.stream.isatty():
            self.stream.write(f"\r{words}" + ("\n" if done == total else ""))
        elif 10 * done // total > self.tenth or done == total:
            self.tenth = 10 * done // total
            self.stream.write(f"{words.rstrip()}\n")
        self.stream.flush()
