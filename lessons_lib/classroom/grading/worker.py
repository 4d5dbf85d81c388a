"""The process that holds a submission's code and nothing else: it answers calls over a pipe.

It runs in the sandbox. It knows no judge, no hidden case and no class seed; whatever the code in
it patches, patches only itself.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from lessons_lib.classroom.grading import wire

LONGEST_WORDS = 300


class CellTimeout(BaseException):
    """A cell ran too long; no `except Exception` of the submission may catch it."""


class NoShell:
    """Stands for IPython where a cell uses its commands: each of them does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def main() -> int:
    """Take the submission's cells, run them, then answer one call after the other."""
    source, sink = _own_channel()
    start = wire.read_frame(source, objects=True)
    namespace, troubles = run_cells(start["cells"], start["cell_seconds"])
    wire.write_frame(sink, {"troubles": troubles})
    while True:
        try:
            call = wire.read_frame(source, objects=True)
        except EOFError:
            return 0
        wire.write_frame(sink, answered(namespace, call))


def _own_channel() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes; what the submission prints goes nowhere."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    return source, sink


def run_cells(cells: list[str], seconds: int) -> tuple[dict[str, object], list[str]]:
    """Run cells one after the other, as a notebook does; go on after one that fails.

    Returns
    -------
    namespace : dict
        The names that the cells left.
    troubles : list of str
        For each cell '' or the name of what it raised.
    """
    namespace: dict[str, object] = {"__name__": "__main__", "get_ipython": NoShell}
    sys.modules["__main__"].__dict__.update(namespace)
    namespace = sys.modules["__main__"].__dict__
    troubles = []
    for number, cell in enumerate(cells):
        try:
            with_alarm(seconds, partial(run_cell, cell, number, namespace))
            troubles.append("")
        except BaseException as error:  # SystemExit too: it ends a cell, not the kernel
            troubles.append(type(error).__name__)
    return namespace, troubles


def run_cell(cell: str, number: int, namespace: dict[str, object]) -> None:
    """Compile a cell and run it."""
    exec(compiled(cell, number), namespace)


def with_alarm(seconds: int, action: Callable[[], None]) -> None:
    """Run something, and stop it after some seconds where the system has an alarm."""
    if not hasattr(signal, "SIGALRM"):
        action()
        return

    def ring(*_: object) -> None:
        raise CellTimeout

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        action()
    finally:
        signal.alarm(0)


def compiled(cell: str, number: int) -> object:
    """Compile a cell; only one with IPython's own commands waits for IPython."""
    try:
        return compile(cell, f"<cell {number}>", "exec")
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        return compile(TransformerManager().transform_cell(cell), f"<cell {number}>", "exec")


def answered(namespace: dict[str, object], call: dict[str, object]) -> dict[str, object]:
    """Call a function and return its result, or what it raised; and its arguments if changed."""
    name, arguments, named = call["name"], call["arguments"], call["named"]
    try:
        before = wire.pack({"arguments": arguments})
        if name not in namespace:
            raise NameError(f"there is no function {name}")
        result = namespace[name](*arguments, **named)
        reply = {"result": result}
        if wire.pack({"arguments": arguments}) != before:
            reply["changed"] = arguments
        wire.pack(reply)  # raises here if it cannot be sent
        return reply
    except BaseException as error:
        return {"raised": type(error).__name__, "words": _words(error)}


def _words(error: BaseException) -> str:
    try:
        return str(error)[:LONGEST_WORDS]
    except BaseException:  # its own __str__ may be hostile
        return ""


if __name__ == "__main__":
    sys.exit(main())
