"""How far it is, on standard error: one line that changes, or a line for every tenth."""

import sys
import time
from collections.abc import Callable


class Progress:
    """Shows the share that is done, and how long the rest will take.

    Parameters
    ----------
    say : callable
        Prints a line; used where standard error is no terminal.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say, self.start, self.shown = say, time.monotonic(), 0

    def show(self, share: float) -> None:
        """Show a share, (0, 1]; tenths only, so that a log stays short."""
        tenth = int(10 * share)
        if tenth == self.shown:
            return
        self.shown = tenth
        left = (time.monotonic() - self.start) * (1 - share) / share
        rest = f", about {left:.0f} s left" if share < 1 else ""
        self.say(f"Denoising: {100 * share:.0f} %{rest}")


def speaker(*, quiet: bool) -> Callable[[str], None]:
    """Print to standard error, or nowhere."""

    def say(line: str) -> None:
        if not quiet:
            print(line, file=sys.stderr, flush=True)

    return say
