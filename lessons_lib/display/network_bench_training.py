"""A training to watch: loss curve and progress bar while it runs, and a button to run it again."""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from IPython.display import display

from lessons_lib.display import view
from lessons_lib.display.figures import Line, line_plot
from lessons_lib.display.jobs import Job

SHOW_EVERY = 0.25  # seconds between two pictures of the curve
POINTS = 60  # on the curve; each is a mean over as many steps


class Progress(Protocol):
    """What a training has to yield after each step."""

    step: int
    steps: int
    losses: list[float]


Training = Callable[[int], Iterator[Progress]]
"""Steps wanted -> a generator that trains and yields after each step."""


class TrainingBench(view.CanvasView):
    """Shows a training's loss curve as it grows.

    Parameters
    ----------
    training : callable
        Steps wanted -> generator of progress; it starts anew each time it is called.
    what : str
        What is trained, and on what: stands above the curve.
    steps : int
        Of the first training.
    loss_label : str
        Name and unit of the loss.

    Attributes
    ----------
    result : Progress or None
        The newest progress of the last training; None before the first.
    """

    def __init__(
        self, training: Training, what: str, steps: int, loss_label: str = "loss"
    ) -> None:
        super().__init__(f"Training: {what}")
        self.result: Progress | None = None
        self._training, self._what, self._label = training, what, loss_label
        self._job = Job(self.broke)
        largest = max(2 * steps, 20)
        size = max(largest // 40, 1)
        self.controls = [
            view.slider("steps", "steps of the next training", (size, largest, size)),
            view.button("again", "train again"),
        ]
        self.push(steps=steps, again=0)
        self._show_curve([])
        self.readout = f"{what}: not trained yet"

    def run(self) -> Progress:
        """Train to the end, here and now."""
        for _ in self._steps():
            pass
        return self.result

    def react(self, source: str, settled: bool) -> None:
        """Train again, between the events of the page; a moved slider only says so."""
        if source == "again":
            self._job.start(self._steps())
        else:
            self._job.cancel()
            self.progress = -1.0
            self._show_curve(self.result.losses if self.result else [])
            self.readout = (
                f"{self._what}: press 'train again' for {int(self.state['steps'])} steps"
            )

    def snapshot(self) -> bytes:
        """The curve as a PNG, for pages where no kernel runs."""
        curve, buffer = self.plots[0], io.BytesIO()
        lines = [Line(one["label"], one["x"], one["y"]) for one in curve["series"]]
        figure = line_plot(lines, alt=curve["alt"], x_label="step", y_label=self._label)
        figure.savefig(buffer, format="png")
        return buffer.getvalue()

    def _steps(self) -> Iterator[None]:
        began = shown = time.perf_counter()
        self.progress, self.result = 0.0, None
        training = self._training(int(self.state["steps"]))
        while (progress := advance(training)) is not None:
            self.result, now = progress, time.perf_counter()
            if now - shown > SHOW_EVERY:
                shown = now
                self.progress = progress.step / progress.steps
                self._show_curve(progress.losses)
            yield
        self.progress = -1.0
        self._show_curve(self.result.losses)
        self.readout = (
            f"{self._what}: {self.result.steps} steps in {time.perf_counter() - began:.0f} s; "
            f"loss {self.plots[0]['series'][0]['y'][-1]:.4g} over the last steps"
        )

    def _show_curve(self, losses: Sequence[float]) -> None:
        steps, means = smooth(losses)
        last = f"; the last is {means[-1]:.4g}" if len(means) else ""
        planned, top = float(self.state["steps"]), max(means, default=1.0)
        self.plots = [
            {
                "title": self._what,
                "alt": f"Loss after {len(losses)} steps, mean of every few steps{last}",
                "x_label": "step", "y_label": self._label,
                "series": [
                    view.series("loss", steps, means),
                    view.series("end of the next training", [planned, planned], [0, top]),
                ],
            }
        ]  # fmt: skip


def advance(training: Iterator[Progress]) -> Progress | None:
    """Take one step on one thread; None after the last one.

    A small network gains nothing from more, and loses much where other programs want the
    processor: threads that wait for each other cost ten times the time then.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return next(training, None)
    finally:
        torch.set_num_threads(threads)


def smooth(losses: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Mean loss of every few steps: the middle step of each group, and the mean; at most 60."""
    if len(losses) == 0:
        return np.zeros(0), np.zeros(0)
    groups = np.array_split(np.arange(len(losses)), min(POINTS, len(losses)))
    values = np.asarray(losses)
    return (
        np.array([group.mean() + 1 for group in groups]),
        np.array([values[group].mean() for group in groups]),
    )


def watch(
    training: Training, what: str, steps: int, loss_label: str = "loss"
) -> TrainingBench:
    """Show a :class:`TrainingBench` in the running cell and train.

    Returns
    -------
    TrainingBench
        Trained; ``result.network`` is the network, also after the button was pressed.
    """
    bench = TrainingBench(training, what, steps, loss_label)
    shown = display(bench, display_id=True)
    bench.run()
    if shown is not None:  # outside a notebook there is nothing to show it in
        shown.update(bench)  # so that pages without a kernel get the finished curve
    return bench
