"""Long work beside a live page: one step at a time, and the newest wins.

A job is a generator. Inside a running kernel its steps are taken from the event loop, so
that slider events are answered between two steps; without a loop (tests, scripts) all
steps run at once.
"""

import asyncio
from collections.abc import Callable, Iterator

from IPython import get_ipython


def kernel_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of the running kernel, or None where no kernel runs.

    A loop alone is not enough: other programs have one too, and nobody there would wait
    for the job.
    """
    if getattr(get_ipython(), "kernel", None) is None:
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Job:
    """Runs one generator at a time; starting another drops what is left of the previous one."""

    def __init__(
        self,
        failed: Callable[[Exception], None],
        find_loop: Callable[[], asyncio.AbstractEventLoop | None] = kernel_loop,
    ) -> None:
        self._failed = failed
        self._find_loop = find_loop
        self._task: asyncio.Task | None = None

    def start(self, steps: Iterator[None]) -> None:
        """Cancel the running job, if any, and run ``steps`` to the end."""
        self.cancel()
        loop = self._find_loop()
        if loop is None:
            self._run_now(steps)
        else:
            self._task = loop.create_task(self._run_between_events(steps))

    def cancel(self) -> None:
        """Drop the running job; what it has shown so far stays."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def running(self) -> bool:
        """Whether steps are still to come."""
        return self._task is not None and not self._task.done()

    def _run_now(self, steps: Iterator[None]) -> None:
        try:
            for _ in steps:
                pass
        except Exception as error:
            self._failed(error)

    async def _run_between_events(self, steps: Iterator[None]) -> None:
        try:
            for _ in steps:
                # Longer than 0, so that the loop also reads the kernel's sockets.
                await asyncio.sleep(0.002)
        except Exception as error:
            self._failed(error)
