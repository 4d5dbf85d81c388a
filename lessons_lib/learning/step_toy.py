"""A small network in the world of unit steps, where the best possible answer is known.

Trained for the squared error it has to end at the posterior mean of
``lessons_lib.scenes.step_signals``, a ramp; trained for the absolute error, at the
posterior median, a sharp step.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from lessons_lib.learning.losses import absolute, squared
from lessons_lib.scenes.step_signals import Signals, draw_noisy, unit_steps

LOSSES = {"squared": squared, "absolute": absolute}


@dataclass(frozen=True)
class StepPlan:
    """All that decides what the network becomes.

    Attributes
    ----------
    loss : str
        'squared' or 'absolute'.
    sigma : float
        Noise of all signals; the step has height 1.
    length : int
        Samples in a signal.
    width, depth : int
        Units in a hidden layer; hidden layers after the first.
    steps, batch : int
        Optimiser steps; signals in each, new ones every time.
    muon_rate, adam_rate : float
        Learning rates for the square matrices and for the first and last layer. They rise
        for 50 steps and fall along a straight line to 0 in the second half.
    seed : int
        Of the first weights, the signals and the noise.
    """

    loss: str = "squared"
    sigma: float = 1.0
    length: int = 64
    width: int = 128
    depth: int = 3
    steps: int = 2000
    batch: int = 256
    muon_rate: float = 0.02
    adam_rate: float = 2e-3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")
        if not self.sigma > 0:
            raise ValueError(f"sigma must be above 0, got {self.sigma}")
        if min(self.steps, self.batch, self.width, self.depth) < 1:
            raise ValueError("steps, batch, width and depth must each be at least 1")

    def share_at(self, step: int) -> float:
        """Which share of the learning rates step 0, 1, ... uses."""
        return min(1.0, (step + 1) / 50, 2 * (self.steps - step) / self.steps)


class StepNet(nn.Module):
    """Fully connected: a first layer, residual layers x + relu(W x + b), a last layer.

    No layer normalises anything, and nothing tells it what a step is.

    Parameters
    ----------
    plan : StepPlan
        Its sizes.
    """

    def __init__(self, plan: StepPlan) -> None:
        super().__init__()
        self.first = nn.Linear(plan.length, plan.width)
        self.hidden = nn.ModuleList(nn.Linear(plan.width, plan.width) for _ in range(plan.depth))
        self.last = nn.Linear(plan.width, plan.length)

    def forward(self, noisy: torch.Tensor) -> torch.Tensor:
        """Clean estimates of ``noisy`` (B, length)."""
        units = functional.relu(self.first(noisy - 0.5))  # the middle of the step's two levels
        for layer in self.hidden:
            units = units + functional.relu(layer(units))
        return self.last(units)

    @torch.no_grad()
    def estimate(self, noisy: Signals) -> Signals:
        """The same for numpy: ``(..., length)`` to float64 ``(..., length)``."""
        return self(torch.from_numpy(np.asarray(noisy, dtype=np.float32))).double().numpy()


@dataclass
class StepProgress:
    """Where the training stands: steps done, this step's loss, all losses, the network."""

    step: int
    steps: int
    loss: float
    losses: list[float]
    network: StepNet


def train_steps(plan: StepPlan) -> Iterator[StepProgress]:
    """Train a network on noisy steps; yields after each optimiser step.

    Parameters
    ----------
    plan : StepPlan
        What to do.

    Yields
    ------
    StepProgress
        Its network is the same object every time; the last one is the result.
    """
    torch.manual_seed(plan.seed)
    network = StepNet(plan)
    points, rng = unit_steps(plan.length), np.random.default_rng(plan.seed)
    matrices = [layer.weight for layer in network.hidden]
    ends = [weight for weight in network.parameters() if all(weight is not m for m in matrices)]
    optimisers = (
        (torch.optim.Muon(matrices, plan.muon_rate, weight_decay=0.0), plan.muon_rate),
        (torch.optim.Adam(ends, plan.adam_rate), plan.adam_rate),
    )
    losses: list[float] = []
    for step in range(plan.steps):
        pair = draw_noisy(points, plan.sigma, plan.batch, rng)
        clean, noisy = (torch.from_numpy(part.astype(np.float32)) for part in pair)
        loss = LOSSES[plan.loss](network(noisy), clean, torch.tensor(plan.sigma))
        network.zero_grad()
        loss.backward()
        for optimiser, rate in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = plan.share_at(step) * rate
            optimiser.step()
        losses.append(loss.item())
        yield StepProgress(step + 1, plan.steps, losses[-1], losses, network)
