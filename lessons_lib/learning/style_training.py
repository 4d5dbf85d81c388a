"""One loop for every training of lesson 07: the loss is a function of the network and the step."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn

from lessons_lib.learning.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from lessons_lib.learning.optimisers import Optimiser
from lessons_lib.learning.training import (
    BEFORE_COOLING,
    CHECKPOINT,
    Plan,
    Progress,
    follow,
    use_bfloat16,
)

LossAt = Callable[[nn.Module, int], torch.Tensor]
"""(network, step) -> the loss of this step's batch, ready to go backwards."""


def descend(
    plan: Plan, loss_at: LossAt, folder: str | Path | None = None, every: int = 200
) -> Iterator[Progress]:
    """Train ``plan.shape.build()``; yields after each step.

    Parameters
    ----------
    plan : Plan
        Its shape, rates, steps, seed; what the crops are is up to ``loss_at``.
    loss_at : callable
        See :data:`LossAt`.
    folder : path, optional
        Where checkpoints go, and where a training that was interrupted goes on from.
    every : int
        Steps between two checkpoints.

    Yields
    ------
    Progress
        Its network has the averaged weights; the last one is the result.

    Raises
    ------
    ValueError
        If the folder holds a checkpoint of another plan.
    """
    torch.manual_seed(plan.seed)
    network, average = plan.shape.build(), plan.shape.build()
    average.load_state_dict(network.state_dict())
    optimiser = Optimiser(network, plan.muon_rate, plan.adam_rate)
    state = Checkpoint(network, average, optimiser, [])
    if folder is not None:
        read_checkpoint(Path(folder), CHECKPOINT, BEFORE_COOLING, plan, state)
    began, first = time.perf_counter(), len(state.losses)
    for step in range(first, plan.steps):
        loss = loss_at(network, step)
        loss.backward()
        length = nn.utils.clip_grad_norm_(network.parameters(), plan.clip)
        if torch.isfinite(length):
            optimiser.step(plan.share_at(step))
        network.zero_grad()  # one bad batch in low precision must not spoil all weights
        follow(average, network, min(plan.averaging, (step + 1) / (step + 10)))
        state.losses.append(loss.item())
        if folder is not None and ((step + 1) % every == 0 or step + 1 == plan.steps):
            write_checkpoint(Path(folder) / CHECKPOINT, plan, state)
        seconds, losses = time.perf_counter() - began, state.losses
        yield Progress(step + 1, plan.steps, losses[-1], seconds, average, losses, first)


def fast(network: nn.Module, *inputs: torch.Tensor, precision: str = "auto") -> torch.Tensor:
    """Run a network in bfloat16 where the processor multiplies it fast; float32 comes out."""
    with torch.autocast("cpu", torch.bfloat16, enabled=use_bfloat16(precision)):
        return network(*inputs).float()
