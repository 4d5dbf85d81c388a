"""Training of a small generator of tissue, as a generator of progress."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from lessons_lib.image import Image, check_same_shape
from lessons_lib.learning.tissue_loss import low_pass_error, random_filters, sliced_wasserstein
from lessons_lib.learning.tissue_network import TissueShape, generate, inputs_of
from lessons_lib.scenes.band_noise import Ingredient
from lessons_lib.scenes.tissue import CLASSES, SMALLEST, Tissue

STRUCTURE = "structure"
LOSSES = ("texture", "squared")
JUDGES = 32  # filters of each scale that judge a result; never those of the training
JUDGE_SEED = 90_909
TILE = 56  # px; the judges compare such squares one by one


@dataclass(frozen=True)
class TissuePlan:
    """All that decides what a generator becomes, but the tissue.

    Attributes
    ----------
    ingredient : Ingredient or 'structure'
        The noise beside the mask, or the real inner structure in its place.
    loss : str
        'texture' (sliced Wasserstein and means over 8 x 8 px) or 'squared' (pixel by pixel).
    steps, batch, side : int
        Optimiser steps; crops in each, and their side, px.
    filters : int
        Random filters of each scale; new ones in each step.
    rate : float
        Adam's; it rises for 20 steps and falls to 0 along a half cosine.
    closeness : float
        Weight of the low-pass error.
    seed : int
        Of the first weights, crops, noise and filters.
    """

    ingredient: Ingredient | str = field(default_factory=Ingredient)
    loss: str = "texture"
    steps: int = 160
    batch: int = 4
    side: int = 64
    filters: int = 8
    rate: float = 3e-3
    closeness: float = 5.0
    seed: int = 0
    shape: TissueShape = field(default_factory=TissueShape)

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")
        if not isinstance(self.ingredient, Ingredient) and self.ingredient != STRUCTURE:
            raise ValueError(
                f"ingredient must be an Ingredient or 'structure', got {self.ingredient!r}"
            )
        if min(self.steps, self.batch, self.filters) < 1 or self.side < 32 or self.side % 2:
            raise ValueError(
                "steps, batch and filters must each be at least 1, and side even and at least 32"
            )

    def share_at(self, step: int) -> float:
        """Which share of the learning rate step 0, 1, ... uses."""
        return min((step + 1) / 20, 0.5 + 0.5 * np.cos(np.pi * step / self.steps))


@dataclass
class TissueProgress:
    """Where the training stands: steps done, all losses, the network (always the same one)."""

    step: int
    steps: int
    losses: list[float]
    network: nn.Module


def extra_channel(plan: TissuePlan, tissue: Tissue, rng: np.random.Generator) -> Image:
    """What stands beside the mask: fresh noise, or the real structure."""
    if plan.ingredient == STRUCTURE:
        return tissue.structure
    return plan.ingredient.draw(tissue.mask.shape, rng)


def draw_crops(
    plan: TissuePlan, tissue: Tissue, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Some crops in random orientations: inputs (B, 4, s, s) and brown (B, 1, s, s)."""
    extra, side = extra_channel(plan, tissue, rng), plan.side
    inputs, targets = [], []
    for _ in range(plan.batch):
        top, left = (rng.integers(size - side + 1) for size in tissue.mask.shape)
        turns, flipped, place = rng.integers(4), rng.random() < 0.5, np.s_[
            top : top + side, left : left + side
        ]  # fmt: skip
        mask, noise, brown = (
            np.rot90(one[place], turns)[:, :: -1 if flipped else 1]
            for one in (tissue.mask, extra, tissue.brown)
        )
        inputs.append(inputs_of(mask, noise))
        targets.append(torch.from_numpy(brown.astype(np.float32))[None, None])
    # Channels last is the order in which convolutions are fastest.
    return torch.cat(inputs).contiguous(memory_format=torch.channels_last), torch.cat(targets)


def loss_of(
    plan: TissuePlan, drawn: torch.Tensor, real: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """What the generator has to make small."""
    if plan.loss == "squared":
        return (drawn - real).square().mean()
    filters = random_filters(plan.filters, generator)
    texture = sliced_wasserstein(drawn, real, filters)
    return texture + plan.closeness * low_pass_error(drawn, real)


def train_tissue(plan: TissuePlan, pieces: list[Tissue]) -> Iterator[TissueProgress]:
    """Train a generator; yields after each step.

    Parameters
    ----------
    plan : TissuePlan
        What to do.
    pieces : list of Tissue
        To learn from, by turns; each at least ``plan.side`` px on each side.

    Yields
    ------
    TissueProgress

    Raises
    ------
    ValueError
        If no crop fits into a piece.
    """
    for piece in pieces:
        if min(piece.mask.shape) < plan.side:
            raise ValueError(
                f"a piece of tissue is {piece.mask.shape[0]} x {piece.mask.shape[1]} px, but "
                f"crops have {plan.side} px; take larger pieces or a smaller side"
            )
    torch.manual_seed(plan.seed)
    network = plan.shape.build().to(memory_format=torch.channels_last)
    rng = np.random.default_rng(plan.seed)
    generator = torch.Generator().manual_seed(plan.seed)
    optimiser = torch.optim.Adam(network.parameters(), plan.rate)
    losses: list[float] = []
    for step in range(plan.steps):
        inputs, real = draw_crops(plan, pieces[step % len(pieces)], rng)
        loss = loss_of(plan, network(inputs), real, generator)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.param_groups[0]["lr"] = plan.rate * plan.share_at(step)
        optimiser.step()
        losses.append(loss.item())
        yield TissueProgress(step + 1, plan.steps, losses, network)


def tiles_of(image: Image, side: int = TILE) -> torch.Tensor:
    """Cut a picture into squares, float32 (N, 1, side, side); what is left over is dropped."""
    side = min(side, *image.shape)
    rows, columns = (size // side for size in image.shape)
    kept = np.ascontiguousarray(image[: rows * side, : columns * side], dtype=np.float32)
    squares = kept.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(-1, 1, side, side)
    return torch.from_numpy(squares)


def distance(one: Image, real: Image) -> float:
    """Root of the sliced Wasserstein distance by the judges' own fixed filters, 56 px tiles.

    Parameters
    ----------
    one, real : ndarray, ``(H, W)``
        Of the same shape; at least 32 px on each side.

    Returns
    -------
    float
        0 for the same distribution of patches in each tile, 1 for a flat picture.

    Raises
    ------
    ValueError
        If the shapes differ, or the pictures are too small.
    """
    check_same_shape(one, real, "the two textures")
    if min(one.shape) < SMALLEST:
        raise ValueError(
            f"textures of {one.shape[0]} x {one.shape[1]} px are too small to compare; they need "
            f"at least {SMALLEST} px on each side"
        )
    return tile_distance(tiles_of(one), tiles_of(real))


def tile_distance(ones: torch.Tensor, reals: torch.Tensor) -> float:
    """The same for pairs of tiles (N, 1, side, side)."""
    judges = random_filters(JUDGES, torch.Generator().manual_seed(JUDGE_SEED))
    with torch.inference_mode():
        return float(sliced_wasserstein(ones, reals, judges).sqrt())


def real_against_real(elsewhere: list[Tissue], pieces: list[Tissue]) -> float:
    """Real tissue compared with real tissue of elsewhere whose mask is most alike.

    Each tile of ``pieces`` meets the tile of ``elsewhere`` whose share of each class is nearest.
    """
    theirs, mine = (_shares(part) for part in (elsewhere, pieces))
    nearest = torch.cdist(mine, theirs).argmin(dim=1)
    there, here = (torch.cat([tiles_of(p.brown) for p in part]) for part in (elsewhere, pieces))
    return tile_distance(there[nearest], here)


def _shares(pieces: list[Tissue]) -> torch.Tensor:
    """Share of each class in each tile, (N, 3)."""
    shares = [
        torch.cat([tiles_of((p.mask == k).astype(float)) for p in pieces]).mean(dim=(1, 2, 3))
        for k in range(len(CLASSES))
    ]
    return torch.stack(shares, dim=1)


def drawings(plan: TissuePlan, network: nn.Module, pieces: list[Tissue], seed: int) -> list[Image]:
    """One picture for each piece's mask, with noise of the plan's kind."""
    rng = np.random.default_rng([JUDGE_SEED, seed])
    return [generate(network, p.mask, extra_channel(plan, p, rng)) for p in pieces]


def judge(plan: TissuePlan, network: nn.Module, pieces: list[Tissue], draws: int = 2) -> float:
    """Mean distance of some drawings from the real tissue; see :func:`distance`."""
    real = torch.cat([tiles_of(piece.brown) for piece in pieces])
    found = [
        tile_distance(torch.cat([tiles_of(p) for p in drawings(plan, network, pieces, k)]), real)
        for k in range(draws)
    ]
    return float(np.mean(found))


def noise_heard(plan: TissuePlan, network: nn.Module, pieces: list[Tissue]) -> float:
    """How much of the picture the noise decides: rms difference of two drawings, over the
    root of 2 times the real tissue's standard deviation.
    """
    one, other = (np.concatenate(drawings(plan, network, pieces, k)) for k in (0, 1))
    real = np.concatenate([piece.brown for piece in pieces])
    return float(np.sqrt(np.mean((one - other) ** 2) / 2) / real.std())
