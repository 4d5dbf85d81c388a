"""Features that nobody trained: fixed random filters at several scales, and their Gram matrices.

A Gram matrix says which features occur together, how often and how strongly, and forgets
where. Two pictures with the same Gram matrices have the same texture.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

AROUND = 5  # px of the square whose mean is taken off, so that fine detail counts too

Maps = list[torch.Tensor]
"""One tensor (B, count, H, W) per scale, finest first."""


@dataclass(frozen=True)
class Features:
    """Random filters with a ReLU behind them, on the picture at 1, 1/2, 1/4 ... of its size.

    Attributes
    ----------
    channels : int
        1 for grey, 3 for colour.
    count : int
        Filters at each scale.
    side : int
        Their side, px at that scale.
    scales : int
        How many scales; each halves the picture by the mean of 2 x 2 px.
    seed : int
        Of the filters. They are drawn once and never trained.
    mean_kept : float
        Share of the mean of 5 x 5 px that the filters still see. Photos have most of their
        energy in slow changes; without them each scale sees its own band.

    References
    ----------
    Ustyuzhaninov, Brendel, Gatys, Bethge, Texture synthesis using shallow convolutional
    networks with random filters, arXiv 1606.00021: one layer of random filters of many sizes
    has nearly all that a texture needs.
    """

    channels: int = 3
    count: int = 64
    side: int = 5
    scales: int = 4
    seed: int = 0
    mean_kept: float = 0.0

    @property
    def smallest(self) -> int:
        """The least side of a picture, px."""
        return self.side * 2 ** (self.scales - 1)

    def filters(self) -> torch.Tensor:
        """The filters, each of length 1: (count, channels, side, side)."""
        rng = torch.Generator().manual_seed(self.seed)
        drawn = torch.randn(self.count, self.channels, self.side, self.side, generator=rng)
        return drawn / drawn.flatten(1).norm(dim=1).view(-1, 1, 1, 1)

    def maps(self, pictures: torch.Tensor) -> Maps:
        """All features of ``pictures`` (B, C, H, W), nominally in [0, 1].

        Raises
        ------
        ValueError
            If the pictures have other channels, or are too small for the coarsest filters.
        """
        if pictures.shape[1] != self.channels or min(pictures.shape[-2:]) < self.smallest:
            raise ValueError(
                f"these features need {self.channels} channels and sides of at least "
                f"{self.smallest} px, got {tuple(pictures.shape[1:])}"
            )
        return [self.at(pictures, scale) for scale in range(self.scales)]

    def at(self, pictures: torch.Tensor, scale: int) -> torch.Tensor:
        """The features of one scale alone: (B, count, H / 2^scale - side + 1, ...)."""
        scaled = functional.avg_pool2d(pictures - 0.5, 2**scale)
        mean = functional.avg_pool2d(scaled, AROUND, 1, AROUND // 2, count_include_pad=False)
        band = scaled - (1 - self.mean_kept) * mean
        return functional.relu(functional.conv2d(band, self.filters().to(pictures)))


def gram(maps: torch.Tensor) -> torch.Tensor:
    """Mean products of all pairs of maps: (B, count, H, W) to (B, count, count).

    Gatys and others, arXiv 1508.06576, equation 3; here divided by the number of pixels.
    """
    flat = maps.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def grams(maps: Maps) -> Maps:
    """The Gram matrix of each scale."""
    return [gram(one) for one in maps]


def gram_distance(some: Maps, wanted: Maps, floor: float = 0.0) -> torch.Tensor:
    """How far Gram matrices are from the wanted ones.

    Squared differences over the squares of the wanted, mean over the scales, for each
    picture: (B,). 0 for the same texture, 1 for a picture without any features. ``floor``
    is added to the squares of the wanted, so that a flat crop does not count without end.
    """
    parts = [
        (one - goal).square().sum(dim=(1, 2)) / (goal.square().sum(dim=(1, 2)) + floor)
        for one, goal in zip(some, wanted, strict=True)
    ]
    return torch.stack(parts).mean(dim=0)
