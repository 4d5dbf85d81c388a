"""How far apart two textures are: the sliced Wasserstein distance of their patches.

Random filters look at small patches of both textures. A filter's values, sorted, are its
distribution; the distance of two sorted lists is the Wasserstein distance of the two.
"""

import numpy as np
import torch
from torch.nn import functional

SCALES = (1, 2, 4)  # px per pixel that the filters see
SIDE = 7  # px of these


def random_filters(
    count: int, generator: torch.Generator, side: int = SIDE
) -> dict[int, torch.Tensor]:
    """Filters of each scale: mean 0, length 1, ``(count, 1, side, side)``."""
    return {scale: _filters(count, side, generator) for scale in SCALES}


def _filters(count: int, side: int, generator: torch.Generator) -> torch.Tensor:
    drawn = torch.randn(count, side * side, generator=generator)
    drawn = drawn - drawn.mean(dim=1, keepdim=True)
    return (drawn / drawn.norm(dim=1, keepdim=True)).view(count, 1, side, side)


def sorted_values(pictures: torch.Tensor, filters: torch.Tensor, scale: int) -> torch.Tensor:
    """What each filter sees at each place of each picture, sorted.

    Parameters
    ----------
    pictures : Tensor, ``(B, 1, H, W)``
        At least ``side * scale`` px on each side.
    filters : Tensor, ``(K, 1, side, side)``
        As :func:`random_filters` makes them.
    scale : int
        Means of scale x scale px are what the filters see.

    Returns
    -------
    Tensor, ``(B, K, places)``
    """
    seen = functional.avg_pool2d(pictures, scale) if scale > 1 else pictures
    values = functional.conv2d(seen, filters)  # (B, K, h, w)
    values = values.flatten(2)
    if values.requires_grad:
        return values.sort(dim=2).values
    return torch.from_numpy(np.sort(values.numpy(), axis=2))  # five times as fast


def sliced_wasserstein(
    one: torch.Tensor, other: torch.Tensor, filters: dict[int, torch.Tensor]
) -> torch.Tensor:
    """Squared distance of two textures, relative to how much the second one varies.

    For each filter, the mean squared difference of the sorted values of each pair, over the
    mean square of ``other``'s values; then the mean over filters and scales. 0 means alike;
    flat pictures have 1. Pictures are compared one by one, so a texture has to be where the
    real one is, to within a picture's size, but not at the same pixels.

    Parameters
    ----------
    one, other : Tensor, ``(B, 1, H, W)``
        As many pictures of the same size; ``other`` is the real one.
    filters : dict
        Scale -> filters.

    Returns
    -------
    Tensor
        One number; it can be differentiated.

    References
    ----------
    Rabin, Peyre, Delon, Bernot, Wasserstein barycenter and its application to texture mixing,
    doi 10.1007/978-3-642-24785-9_37. Heitz, Vanhoey, Chambon, Belcour, A sliced Wasserstein
    loss for neural texture synthesis, arXiv 2006.07229.
    """
    parts = []
    for scale, bank in filters.items():
        mine, theirs = (sorted_values(pictures, bank, scale) for pictures in (one, other))
        spread = theirs.square().mean(dim=(0, 2)) + 1e-8  # (K,)
        parts.append(((mine - theirs).square().mean(dim=(0, 2)) / spread).mean())
    return torch.stack(parts).mean()


def low_pass_error(one: torch.Tensor, other: torch.Tensor, scale: int = 8) -> torch.Tensor:
    """Mean squared difference of means over scale x scale px: ties the texture to its mask."""
    return functional.mse_loss(*(functional.avg_pool2d(p, scale) for p in (one, other)))
