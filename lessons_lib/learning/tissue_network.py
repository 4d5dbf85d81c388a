"""A small generator of tissue: a mask of three classes and one channel of noise go in."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from lessons_lib.image import Image
from lessons_lib.scenes.tissue import CLASSES, SMALLEST, check_mask


@dataclass(frozen=True)
class TissueShape:
    """Sizes of a :class:`TissueNet`: maps at full and at half resolution, blocks at half."""

    fine: int = 8
    coarse: int = 16
    blocks: int = 0

    def build(self) -> "TissueNet":
        """Make the network, with random weights."""
        return TissueNet(self)


def mirrored(inputs: int, outputs: int, step: int = 1) -> nn.Conv2d:
    """A 3 x 3 convolution; a mirrored border, for one of zeros would be seen in the texture."""
    return nn.Conv2d(inputs, outputs, 3, step, padding=1, padding_mode="reflect")


class TissueNet(nn.Module):
    """Down to half the resolution, some convolutions, and up again by repeating pixels.

    Repeating and then convolving leaves no chequerboard, as a transposed convolution would.
    There is no normalisation: the noise's strength must get through.

    Parameters
    ----------
    shape : TissueShape
        Its sizes.
    """

    def __init__(self, shape: TissueShape) -> None:
        super().__init__()
        self.shape = shape
        self.head = mirrored(len(CLASSES) + 1, shape.fine)
        self.shrink = mirrored(shape.fine, shape.coarse, step=2)
        self.blocks = nn.ModuleList(
            mirrored(shape.coarse, shape.coarse) for _ in range(2 * shape.blocks)
        )
        self.grow = mirrored(shape.coarse, shape.fine)
        self.last = mirrored(shape.fine, shape.fine)
        self.tail = mirrored(shape.fine, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Brown of the stain (B, 1, H, W) from ``inputs`` (B, 4, H, W); H and W even."""
        fine = functional.relu(self.head(inputs))
        maps = functional.relu(self.shrink(fine))  # (B, coarse, H/2, W/2)
        for first, second in zip(self.blocks[::2], self.blocks[1::2], strict=True):
            maps = maps + second(functional.relu(first(maps)))
        grown = functional.interpolate(self.grow(functional.relu(maps)), scale_factor=2)
        maps = functional.relu(fine + grown)
        return self.tail(functional.relu(maps + self.last(maps)))


def inputs_of(mask: np.ndarray, noise: Image) -> torch.Tensor:
    """Mask and noise as the network's input, float32 (1, 4, H, W)."""
    planes = [mask == k for k in range(len(CLASSES))] + [noise]
    return torch.from_numpy(np.stack(planes).astype(np.float32))[None]


def generate(network: nn.Module, mask: np.ndarray, noise: Image) -> Image:
    """Draw one picture of tissue.

    Parameters
    ----------
    network : TissueNet
        Trained with noise of the same kind.
    mask : ndarray of int, ``(H, W)``
        Classes 0 to 2; at least 32 px on each side, odd sizes too.
    noise : ndarray, ``(H, W)``
        Variance about 1.

    Returns
    -------
    ndarray, ``(H, W)``
        float64; the density of brown, not limited to [0, 1].

    Raises
    ------
    ValueError
        For a mask that is too small or of a single class, or noise of another shape.
    """
    mask = check_mask(mask)
    if min(mask.shape) < SMALLEST:
        raise ValueError(
            f"the mask is {mask.shape[0]} x {mask.shape[1]} px; it must have at least "
            f"{SMALLEST} px on each side"
        )
    if noise.shape != mask.shape:
        raise ValueError(
            f"mask and noise must have the same shape, got {mask.shape} and {noise.shape}; "
            "draw noise of the mask's shape"
        )
    even = [(0, side % 2) for side in mask.shape]
    inputs = inputs_of(np.pad(mask, even, mode="edge"), np.pad(noise, even, mode="edge"))
    with torch.inference_mode():
        drawn = network(inputs)[0, 0].numpy()
    return drawn[: mask.shape[0], : mask.shape[1]].astype(float)
