"""A submission's function as the judge sees it: each call goes to the worker in the sandbox."""

import builtins
import subprocess
import threading
import time
from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.grading import wire

START_SECONDS = 60
"""For a new process, its imports and the submission's own cells."""


class AnswerStopped(Exception):
    """The worker ended or had to be ended; it must be started anew for the next question."""


class AnswerRaised(Exception):
    """The answer raised an error of its own kind."""


class Worker:
    """One process with a submission's code.

    Parameters
    ----------
    command : list of str
        Starts the worker in its sandbox.
    cells : list of str
        The setup cell and the submission's own code cells, in order.
    cell_seconds, call_seconds : int
        Limits for a cell and for a call.
    """

    def __init__(
        self, command: list[str], cells: list[str], cell_seconds: int, call_seconds: int
    ) -> None:
        self.call_seconds = call_seconds
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        start = {"cells": cells, "cell_seconds": cell_seconds}
        limit = START_SECONDS + cell_seconds * len(cells)
        try:
            self.troubles = list(self._talk(start, limit)["troubles"])
        except BaseException:
            self.close()
            raise

    def answer(self, name: str, round_seconds: float) -> Callable[..., object]:
        """Return a function of that name that the worker computes.

        Parameters
        ----------
        name : str
            Which function of the submission.
        round_seconds : float
            All calls together may take so long, from now on.
        """
        end = time.monotonic() + round_seconds

        def ask(*arguments: object, **named: object) -> object:
            call = {"name": name, "arguments": list(arguments), "named": named}
            seconds = min(self.call_seconds, end - time.monotonic())
            return _result(self._talk(call, seconds), arguments)

        ask.__name__ = name
        return ask

    def _talk(self, message: dict[str, object], seconds: float) -> dict[str, object]:
        """Send a message and wait for the reply; end the process if it takes too long."""
        late = threading.Event()
        watch = threading.Timer(max(seconds, 0.01), lambda: (late.set(), self.process.kill()))
        watch.start()
        try:
            wire.write_frame(self.process.stdin, message)
            return wire.read_frame(self.process.stdout)
        except (EOFError, OSError, ValueError):
            self.close()
            why = f"took longer than {seconds:.0f} s" if late.is_set() else "ended its process"
            raise AnswerStopped(f"it {why}") from None
        except wire.WireError as error:
            self.close()
            raise AnswerStopped(f"it sent what is no result ({error})") from None
        finally:
            watch.cancel()

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except OSError:  # what was not sent any more
                pass


def _result(reply: dict[str, object], arguments: tuple) -> object:
    """Return a call's result, raise what it raised, and change what it changed."""
    if "raised" in reply:
        kind = getattr(builtins, str(reply["raised"]), None)
        words = f"{reply['raised']}: {reply.get('words', '')}"
        if isinstance(kind, type) and issubclass(kind, Exception):
            raise kind(words)
        raise AnswerRaised(words)
    if "changed" in reply:
        _change(arguments, tuple(reply["changed"]))
    return reply.get("result")


def _change(kept: object, came: object) -> None:
    """Write into the judge's arguments what the answer wrote into its copies of them."""
    if isinstance(kept, np.ndarray):
        if isinstance(came, np.ndarray) and came.shape == kept.shape:
            kept[...] = came
    elif isinstance(kept, list) and isinstance(came, list):
        kept[:] = came
    elif isinstance(kept, tuple) and isinstance(came, tuple):
        for one, other in zip(kept, came, strict=False):
            _change(one, other)
    elif isinstance(kept, dict) and isinstance(came, dict):
        kept.clear()
        kept.update(came)
