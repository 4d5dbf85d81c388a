"""How large a class server must be: what was measured, what is assumed, and the arithmetic."""

import math
from dataclasses import dataclass

CLASSES = (30, 300, 3000)


@dataclass(frozen=True)
class Habits:
    """What a class needs in its worst hour, the last before a deadline.

    Attributes
    ----------
    server_gb, kernel_gb : float
        Measured: memory of one learner's JupyterLab server, and the peak of one lesson's kernel.
    lesson_cpu_seconds : float
        Measured: processor seconds of one run of a notebook from top to bottom.
    present : float
        Assumed: share of the class that works in that hour.
    runs : float
        Assumed: how many times each runs the notebook in that hour.
    home_gb : float
        Assumed: storage for each learner.
    grading_cpu_seconds : float
        The course's own goal: processor seconds to grade one submission.
    """

    server_gb: float = 0.15
    kernel_gb: float = 1.4
    lesson_cpu_seconds: float = 30.0
    present: float = 0.8
    runs: float = 12.0
    home_gb: float = 2.0
    grading_cpu_seconds: float = 8.0


@dataclass(frozen=True)
class Node:
    """One machine, and the share of it that learners can have."""

    cores: int = 16
    memory_gb: float = 64.0
    usable: float = 0.85


@dataclass(frozen=True)
class Size:
    """What a class of `learners` needs.

    Attributes
    ----------
    present : int
        Learners at work in the worst hour.
    memory_gb, cores : float
        For all of them together.
    nodes : int
        Machines that offer both.
    storage_gb, grading_hours : float
        Homes; and hours on two cores to grade one assignment of the whole class.
    """

    learners: int
    present: int
    memory_gb: float
    cores: float
    nodes: int
    storage_gb: float
    grading_hours: float


def size_of(learners: int, habits: Habits | None = None, node: Node | None = None) -> Size:
    """Work out what a class needs in its worst hour.

    Memory and processor are counted for the learners who are present; a node offers the share
    `usable` of both.

    Raises
    ------
    ValueError
        If the class is empty.
    """
    if learners < 1:
        raise ValueError(f"a class has at least one learner, got {learners}")
    habits, node = habits or Habits(), node or Node()
    present = math.ceil(learners * habits.present)
    memory = present * (habits.server_gb + habits.kernel_gb)
    cores = present * habits.runs * habits.lesson_cpu_seconds / 3600
    nodes = max(memory / (node.memory_gb * node.usable), cores / (node.cores * node.usable))
    return Size(
        learners=learners,
        present=present,
        memory_gb=memory,
        cores=cores,
        nodes=math.ceil(nodes),
        storage_gb=learners * habits.home_gb,
        grading_hours=learners * habits.grading_cpu_seconds / 2 / 3600,
    )


def table(classes: tuple[int, ...] = CLASSES) -> str:
    """Return the sizes as a Markdown table."""
    rows = [
        "| learners | at work in the worst hour | memory, GB | cores | nodes | homes, GB "
        "| grading one assignment on 2 cores, hours |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in map(size_of, classes):
        rows.append(
            f"| {each.learners} | {each.present} | {each.memory_gb:.0f} | {each.cores:.1f} "
            f"| {each.nodes} | {each.storage_gb:.0f} | {each.grading_hours:.2f} |"
        )
    return "\n".join(rows)
