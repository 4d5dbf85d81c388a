"""The networks of the course: a noise-conditional U-Net, DnCNN, and two tiny ones.

All take a batch of noisy pictures and their noise levels, and return clean ones:
D(y, sigma) = y - F(y, sigma). None has a bias anywhere, so that each is homogeneous,
D(a y, a sigma) = a D(y, sigma): what it learnt at one brightness holds at all.
"""

from dataclasses import asdict, dataclass

import numpy as np
import torch
from scipy.fft import dct
from torch import nn
from torch.nn import functional

from lessons_lib.learning.batches import pad_to_multiple
from lessons_lib.learning.layers import convolution, level, settle, with_noise_map


@dataclass(frozen=True)
class UNetShape:
    """Sizes of a :class:`UNet`.

    Attributes
    ----------
    channels : int
        1 for grey, 3 for colour.
    widths : tuple of int
        Feature maps at 1/2, 1/4, 1/8 ... of the resolution.
    blocks : tuple of int
        Residual blocks at each of them on the way down; the last is the bottom, and the
        way up has as many as the way down.
    """

    channels: int = 1
    widths: tuple[int, ...] = (48, 96, 192)
    blocks: tuple[int, ...] = (2, 2, 3)

    def build(self) -> "UNet":
        """Make the network, with random weights."""
        return UNet(self)


@dataclass(frozen=True)
class DnCNNShape:
    """Sizes of a :class:`DnCNN`: ``depth`` convolutions, ``width`` maps between them."""

    channels: int = 1
    width: int = 64
    depth: int = 17

    def build(self) -> "DnCNN":
        """Make the network, with random weights."""
        return DnCNN(self)


@dataclass(frozen=True)
class DCTNetShape:
    """Sizes of a :class:`LocalDCTNet`: filters of ``block`` x ``block`` px."""

    channels: int = 1
    block: int = 8

    def build(self) -> "LocalDCTNet":
        """Make the network, with the cosines as its first filters."""
        return LocalDCTNet(self)


SHAPES = {"UNet": UNetShape, "DnCNN": DnCNNShape, "LocalDCTNet": DCTNetShape}
Shape = UNetShape | DnCNNShape | DCTNetShape


def describe(shape: Shape) -> dict:
    """A shape as plain numbers and words, for a file's header."""
    kind = next(name for name, made in SHAPES.items() if isinstance(shape, made))
    return {"network": kind, **asdict(shape)}


def shape_from(description: dict) -> Shape:
    """Undo :func:`describe`.

    Raises
    ------
    ValueError
        For a network that this version of the course does not know.
    """
    settings = dict(description)
    kind = settings.pop("network", None)
    if kind not in SHAPES:
        raise ValueError(
            f"the network must be one of {', '.join(SHAPES)}, got {kind!r}; "
            "the file is not of this course, or of a newer version of it"
        )
    try:
        return SHAPES[kind](
            **{name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()}
        )
    except TypeError as error:
        raise ValueError(
            f"this version of the course has no {kind} with the sizes {settings}; "
            "use the weights that came with it"
        ) from error


class UNet(nn.Module):
    """A bias-free residual U-Net with a noise map; one network for all noise levels.

    Blocks of 2 x 2 pixels are the channels of its input, as in FFDNet, beside one map that
    holds sigma. It costs about 117,000 multiply-adds per pixel with its usual sizes.

    Parameters
    ----------
    shape : UNetShape
        Its sizes.

    Why edges blur
    --------------
    Hedging: trained for the mean squared error, it learns the mean over all pictures that
    fit the noisy one, and the mean of edges at several places is a ramp.

    References
    ----------
    Zhang, Zuo, Zhang, FFDNet, arXiv 1710.04026; Zhang et al., DRUNet, arXiv 2008.13751;
    Mohan et al., bias-free networks, arXiv 1906.05478; Ronneberger et al., U-Net, arXiv
    1505.04597.
    """

    def __init__(self, shape: UNetShape) -> None:
        super().__init__()
        self.shape = shape
        widths, blocks = shape.widths, shape.blocks
        self.head = convolution(4 * shape.channels + 1, widths[0])
        pairs = list(zip(widths[:-1], widths[1:], strict=True))
        self.down = nn.ModuleList(level(w, n) for w, n in zip(widths, blocks, strict=True))
        self.shrink = nn.ModuleList(convolution(a, b, 2, 2) for a, b in pairs)
        self.grow = nn.ModuleList(convolution(b, 4 * a, 1) for a, b in pairs)
        self.up = nn.ModuleList(level(w, n) for w, n in zip(widths[:-1], blocks[:-1], strict=True))
        self.tail = convolution(widths[0], 4 * shape.channels)
        self.multiple = 2 ** len(widths)
        self.ends = ("head.weight", "tail.weight")
        self.reach = unet_reach(blocks)
        settle(self)

    def forward(self, noisy: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        """Clean estimates of ``noisy`` (B, C, H, W) for the levels ``sigma`` (B,)."""
        height, width = noisy.shape[-2:]
        padded = pad_to_multiple(noisy, self.multiple)
        maps = with_noise_map(functional.pixel_unshuffle(padded, 2), sigma)
        maps = self.head(maps)  # (B, widths[0], H/2, W/2)
        kept = []
        for depth, blocks in enumerate(self.down):
            maps = blocks(maps)
            if depth < len(self.shrink):
                kept.append(maps)
                maps = self.shrink[depth](maps)
        for depth in reversed(range(len(self.grow))):
            maps = kept[depth] + functional.pixel_shuffle(self.grow[depth](maps), 2)
            maps = self.up[depth](maps)
        noise = functional.pixel_shuffle(self.tail(maps), 2)[..., :height, :width]
        return noisy - noise.to(noisy.dtype)


class DnCNN(nn.Module):
    """A plain stack of convolutions that predicts the noise; without bias, with a noise map.

    The paper's has biases and batch normalisation, and one set of weights for each sigma.

    Parameters
    ----------
    shape : DnCNNShape
        Its sizes; 17 layers of 64 maps cost 557,000 multiply-adds per pixel.

    References
    ----------
    Zhang, Zuo, Chen, Meng, Zhang, Beyond a Gaussian denoiser, arXiv 1608.03981.
    """

    multiple = 1

    def __init__(self, shape: DnCNNShape) -> None:
        super().__init__()
        self.shape = shape
        widths = [shape.channels + 1] + [shape.width] * (shape.depth - 1) + [shape.channels]
        self.layers = nn.ModuleList(
            convolution(a, b) for a, b in zip(widths[:-1], widths[1:], strict=True)
        )
        self.reach = shape.depth
        self.ends = ("layers.0.weight", f"layers.{shape.depth - 1}.weight")
        nn.init.zeros_(self.layers[-1].weight)

    def forward(self, noisy: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        """Clean estimates of ``noisy`` (B, C, H, W) for the levels ``sigma`` (B,)."""
        maps = with_noise_map(noisy, sigma)
        for layer in self.layers[:-1]:
            maps = functional.relu(layer(maps))
        return noisy - self.layers[-1](maps).to(noisy.dtype)


class LocalDCTNet(nn.Module):
    """Local DCT shrinkage with learnt filters and thresholds: two layers, one shrinkage.

    It starts as the transform of lesson 04: filters are the 2-D cosines, the threshold
    is 2 sigma for each, and all shifted blocks are averaged with equal weights.

    Parameters
    ----------
    shape : DCTNetShape
        Its sizes; 64 filters of 8 x 8 px cost 8,192 multiply-adds per pixel.
    """

    multiple = 1

    def __init__(self, shape: DCTNetShape) -> None:
        super().__init__()
        self.shape = shape
        self.ends = ("analysis", "synthesis")
        self.reach = shape.block - 1
        block, count = shape.block, shape.block**2
        cosines = torch.from_numpy(dct(np.eye(block), axis=0, norm="ortho")).float()
        products = torch.einsum("ia,jb->ijab", cosines, cosines).reshape(count, 1, block, block)
        filters = products.repeat(1, shape.channels, 1, 1) / shape.channels**0.5
        self.analysis = nn.Parameter(filters.clone())
        self.synthesis = nn.Parameter(filters / count)
        thresholds = torch.full((count,), 2.0)
        thresholds[0] = 0.0  # the block's mean is never doubted
        self.thresholds = nn.Parameter(thresholds)

    def forward(self, noisy: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        """Clean estimates of ``noisy`` (B, C, H, W) for the levels ``sigma`` (B,)."""
        margin = self.shape.block - 1
        padded = functional.pad(noisy, (margin,) * 4, mode="replicate")
        maps = functional.conv2d(padded, self.analysis)  # (B, block^2, H + m, W + m)
        limits = self.thresholds.abs().view(1, -1, 1, 1) * sigma.view(-1, 1, 1, 1)
        kept = maps.sign() * functional.relu(maps.abs() - limits)
        estimate = functional.conv_transpose2d(kept, self.synthesis)
        return estimate[..., margin:-margin, margin:-margin]


def unet_reach(blocks: tuple[int, ...]) -> int:
    """How far a pixel's influence goes, px: two convolutions a block, a cell each, and ends."""
    levels = len(blocks)
    convolutions = [2 * n * (1 if depth == levels - 1 else 2) for depth, n in enumerate(blocks)]
    convolutions[0] += 2  # head and tail
    cells = [2 ** (depth + 1) for depth in range(levels)]
    # A pixel fills its cell at each level before the next convolution carries it on.
    return sum(n * cell for n, cell in zip(convolutions, cells, strict=True)) + cells[-1]
