"""One training loop for all networks: a generator, so that plots and progress bars stay outside.

The last ``progress.network`` of ``for progress in train(plan, pictures)`` is the result.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lessons_lib.learning import processes
from lessons_lib.learning.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from lessons_lib.learning.crops import Recipe, WhiteNoise, draw_batch
from lessons_lib.learning.losses import LOSSES
from lessons_lib.learning.networks import Shape, UNetShape
from lessons_lib.learning.optimisers import Optimiser

CHECKPOINT, BEFORE_COOLING = "checkpoint.safetensors", "before_cooling.safetensors"


@dataclass(frozen=True)
class Plan:
    """All that decides what comes out of a training, but the pictures.

    Attributes
    ----------
    shape : Shape
        The network's sizes.
    recipe : Recipe
        The noise it shall remove.
    loss : str
        One of ``losses.LOSSES``.
    steps, batch, side : int
        Optimiser steps; crops in each; their side, px.
    muon_rate, adam_rate : float
        Learning rates of the two optimisers. They rise during the first ``warming`` steps, stay,
        and fall along a straight line to 0 in the last part ``cooling`` of all steps.
    averaging : float
        Decay of the moving average of the weights, which is what one keeps.
    clip : float
        Gradients longer than this are shortened.
    seed : int
        Of the first weights, the crops and the noise.
    """

    shape: Shape = field(default_factory=UNetShape)
    recipe: Recipe = field(default_factory=WhiteNoise)
    loss: str = "balanced"
    steps: int = 1000
    batch: int = 16
    side: int = 64
    muon_rate: float = 0.005
    adam_rate: float = 1e-3
    warming: int = 200
    cooling: float = 0.5
    averaging: float = 0.999
    clip: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")
        if min(self.steps, self.batch, self.side) < 1:
            raise ValueError("steps, batch and side must each be at least 1")

    @property
    def cooling_from(self) -> int:
        """The step from which on the rate falls."""
        return round(self.steps * (1 - self.cooling))

    def share_at(self, step: int) -> float:
        """Which share of the learning rates step 0, 1, ... uses."""
        rise = min(1.0, (step + 1) / max(self.warming, 1))
        fall = min(1.0, (self.steps - step) / max(self.steps - self.cooling_from, 1))
        return rise * fall


@dataclass
class Progress:
    """Where a training stands after one of its steps.

    Attributes
    ----------
    step : int
        How many steps are done.
    steps : int
        How many there will be.
    loss : float
        Of this step's batch.
    seconds : float
        Since this call of :func:`train` began.
    network : Module
        With the averaged weights; the same object at every step.
    losses : list of float
        Of all steps so far, those before an interruption too.
    first : int
        Steps that were done before this call.
    """

    step: int
    steps: int
    loss: float
    seconds: float
    network: nn.Module
    losses: list[float]
    first: int


def train(
    plan: Plan,
    pictures: list[np.ndarray],
    folder: str | Path | None = None,
    every: int = 500,
    start: nn.Module | None = None,
    precision: str = "auto",
) -> Iterator[Progress]:
    """Train a network; yields after each step.

    Parameters
    ----------
    plan : Plan
        What to do.
    pictures : list of ndarray
        uint8 ``(H, W, C)``, at least ``plan.side`` px on each side.
    folder : path, optional
        Where checkpoints go. If there is one of the same plan, the training goes on from it,
        to the same loss curve. One more is kept from just before the cooling: more steps
        than planned can go on from there.
    every : int
        Steps between two checkpoints.
    start : Module, optional
        Take the first weights from here, where names and shapes agree.
    precision : str
        'float32', 'bfloat16', or 'auto': bfloat16 where the processor multiplies it fast.

    Yields
    ------
    Progress

    Raises
    ------
    ValueError
        If the batch cannot be shared by the processes, or the folder holds a checkpoint of
        another plan.
    """
    device, low = processes.device(), use_bfloat16(precision)
    torch.manual_seed(plan.seed)
    network = plan.shape.build()
    if start is not None:
        take_over(network, start)
    average = plan.shape.build()
    average.load_state_dict(network.state_dict())
    network, average = network.to(device), average.to(device)
    optimiser = Optimiser(network, plan.muon_rate, plan.adam_rate)
    state = Checkpoint(network, average, optimiser, [])
    if folder is not None:
        read_checkpoint(Path(folder), CHECKPOINT, BEFORE_COOLING, plan, state)
    shared, numbers = processes.share(network, plan.batch)
    began, first = time.perf_counter(), len(state.losses)
    for step in range(first, plan.steps):
        batch = draw_batch(pictures, plan.side, numbers, plan.recipe, plan.seed, step)
        loss = find_gradients(shared, plan, [torch.from_numpy(part) for part in batch], low)
        optimiser.step(plan.share_at(step))
        follow(average, network, min(plan.averaging, (step + 1) / (step + 10)))
        state.losses.append(processes.mean(loss))
        last = step + 1 == plan.steps
        if folder is not None and processes.is_first() and ((step + 1) % every == 0 or last):
            write_checkpoint(Path(folder) / CHECKPOINT, plan, state)
        if folder is not None and processes.is_first() and step + 1 == plan.cooling_from:
            write_checkpoint(Path(folder) / BEFORE_COOLING, plan, state)
        seconds = time.perf_counter() - began
        losses = state.losses
        yield Progress(step + 1, plan.steps, losses[-1], seconds, average, losses, first)


def find_gradients(network: nn.Module, plan: Plan, batch: list[torch.Tensor], low: bool) -> float:
    """Estimate, compare, and go back through the network; returns the loss."""
    device = next(network.parameters()).device
    noisy, target, sigma = (part.to(device) for part in batch)
    # Channels last is the order in which convolutions are fastest.
    noisy = noisy.contiguous(memory_format=torch.channels_last)
    with torch.autocast(device.type, torch.bfloat16, enabled=low):
        estimate = network(noisy, sigma)
    loss = LOSSES[plan.loss](estimate.float(), target, sigma)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), plan.clip)
    return loss.item()


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the average a little towards the network."""
    for mean, weight in zip(average.parameters(), network.parameters(), strict=True):
        mean.lerp_(weight, 1 - decay)


def take_over(network: nn.Module, start: nn.Module) -> list[str]:
    """Copy the weights that have the same name and shape; returns the names of the others."""
    mine, theirs = network.state_dict(), start.state_dict()
    same = {name for name in mine if name in theirs and theirs[name].shape == mine[name].shape}
    network.load_state_dict({name: theirs[name] for name in same}, strict=False)
    return sorted(mine.keys() - same)


def use_bfloat16(precision: str) -> bool:
    """Whether to multiply in bfloat16: half the bits, and fast where there is hardware for it.

    Raises
    ------
    ValueError
        For another word.
    """
    if precision not in ("auto", "float32", "bfloat16"):
        raise ValueError(f"precision must be auto, float32 or bfloat16, got {precision!r}")
    if precision != "auto":
        return precision == "bfloat16"
    return torch.cuda.is_available() or torch.cpu._is_avx512_bf16_supported()
