"""One small network, four losses: what a denoiser becomes when it is paid for texture."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lessons_lib.image import luminance, to_uint8
from lessons_lib.learning.crops import draw_batch
from lessons_lib.learning.networks import UNetShape
from lessons_lib.learning.self_supervised import OneLevel
from lessons_lib.learning.style_features import Features, gram_distance, grams
from lessons_lib.learning.style_training import descend, fast
from lessons_lib.learning.training import Plan, Progress
from lessons_lib.scenes.pictures import picture

LEVEL = 50 / 255
LOSSES = ("mse", "feature", "gram", "tv")
# Bundled pictures to learn from. The camera man is kept apart to be tested on.
SCHOOL = (
    "astronaut", "brick", "chelsea", "coffee", "coins", "grass", "gravel", "immunohistochemistry"
)  # fmt: skip
FEATURES = Features(channels=1, count=24, side=5, scales=3)
UNET = UNetShape(widths=(16, 32, 72), blocks=(1, 1, 2))
# Squared Gram entries of a crop of weak texture: below it, crops count less and less.
FLOOR = 1e-3


@dataclass(frozen=True)
class PerceptualPlan(Plan):
    """All that decides what a denoiser becomes, but the pictures.

    Attributes
    ----------
    loss : str
        'mse' alone, or with 'feature', 'gram' or 'tv' added to it.
    weight : float
        Of what is added. The squared error is about .003 at the end.
    features : Features
        Of 'feature' and 'gram'.
    """

    shape: UNetShape = UNET
    recipe: OneLevel = OneLevel(LEVEL)
    loss: str = "mse"
    steps: int = 300
    muon_rate: float = 0.02
    warming: int = 50
    averaging: float = 0.98
    weight: float = 0.0
    features: Features = FEATURES

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")
        if min(self.steps, self.batch, self.side) < 1:
            raise ValueError("steps, batch and side must each be at least 1")


PLANS = {
    "mse": PerceptualPlan(),
    "feature": PerceptualPlan(loss="feature", weight=1.0),
    "gram": PerceptualPlan(loss="gram", weight=0.08),
    "tv": PerceptualPlan(loss="tv", weight=0.02),
}


def train_denoiser(
    plan: PerceptualPlan, pictures: list[np.ndarray], folder: str | Path | None = None
) -> Iterator[Progress]:
    """Teach a network to denoise, for one of the four losses; yields after each step.

    Parameters
    ----------
    plan : PerceptualPlan
        What to do.
    pictures : list of ndarray
        uint8 ``(H, W, 1)``, at least ``plan.side`` px on each side.
    folder : path, optional
        For checkpoints.
    """
    numbers = list(range(plan.batch))

    def loss_at(network: torch.nn.Module, step: int) -> torch.Tensor:
        batch = draw_batch(pictures, plan.side, numbers, plan.recipe, plan.seed, step)
        noisy, clean, sigma = (torch.from_numpy(part) for part in batch)
        noisy = noisy.contiguous(memory_format=torch.channels_last)
        return price(plan, fast(network, noisy, sigma), clean)

    yield from descend(plan, loss_at, folder)


def price(plan: PerceptualPlan, estimate: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """Squared error + weight x what the loss adds; (B, 1, H, W) each."""
    squared = (estimate - clean).square().mean()
    if plan.loss == "mse":
        return squared
    if plan.loss == "tv":
        return squared + plan.weight * total_variation(estimate)
    with torch.no_grad():
        wanted = plan.features.maps(clean)
    made = plan.features.maps(estimate)
    if plan.loss == "feature":
        apart = [(one - goal).square().mean() for one, goal in zip(made, wanted, strict=True)]
        return squared + plan.weight * torch.stack(apart).mean()
    return squared + plan.weight * gram_distance(grams(made), grams(wanted), FLOOR).mean()


def total_variation(pictures: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of neighbours, down and across."""
    return pictures.diff(dim=2).abs().mean() + pictures.diff(dim=3).abs().mean()


def school() -> list[np.ndarray]:
    """The bundled pictures to learn from in grey, uint8 ``(H, W, 1)``."""
    return [to_uint8(luminance(picture(name)))[..., np.newaxis] for name in SCHOOL]
