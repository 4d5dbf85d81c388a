"""The transformer network of fast style transfer: one pass from a photo to a painting of it."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from lessons_lib.learning.batches import pad_to_multiple

UPSAMPLINGS = ("transposed", "nearest")


@dataclass(frozen=True)
class StyleShape:
    """Sizes of a :class:`StyleNet`.

    Attributes
    ----------
    width : int
        Maps of the first layer; twice and four times as many deeper down. 32 is the
        published size, 8 that of the course.
    blocks : int
        Residual blocks at a quarter of the resolution.
    upsampling : str
        'transposed' (a transposed convolution of stride 2, as published) or 'nearest'
        (each value four times, then a convolution).
    scale : float
        What the picture is multiplied by on the way in. 255 makes the instance norms' small
        constant (1e-5) vanish beside any real contrast.
    """

    width: int = 8
    blocks: int = 5
    upsampling: str = "nearest"
    scale: float = 255.0

    def __post_init__(self) -> None:
        if self.upsampling not in UPSAMPLINGS:
            raise ValueError(
                f"upsampling must be one of {', '.join(UPSAMPLINGS)}, got {self.upsampling!r}"
            )
        if min(self.width, self.blocks) < 1 or not self.scale > 0:
            raise ValueError("width and blocks must be at least 1, and scale above 0")

    def build(self) -> "StyleNet":
        """Make the network, with random weights."""
        return StyleNet(self)


class StyleNet(nn.Module):
    """conv 9x9, two convs of stride 2, residual blocks, up twice, conv 9x9.

    Every convolution but the last is followed by an instance norm, which takes off each
    map's mean and divides by its standard deviation: brightness and contrast of the photo
    are gone after the first one.

    Parameters
    ----------
    shape : StyleShape
        Its sizes; with width 32 and transposed convolutions 1,679,235 parameters.

    Why edges blur
    --------------
    They do not: they are replaced. The loss asks for the *statistics* of a style, so edges
    of tiles are invented wherever the style would have them, and a photo's edge stays only
    where the content term pays for it.

    References
    ----------
    Johnson, Alahi, Fei-Fei, Perceptual losses for real-time style transfer and
    super-resolution, arXiv 1603.08155. Ulyanov, Vedaldi, Lempitsky, Instance normalization,
    arXiv 1607.08022. Odena, Dumoulin, Olah, Deconvolution and checkerboard artifacts,
    10.23915/distill.00003.
    """

    multiple = 4
    ends = ("first.filters.weight", "last.weight")

    def __init__(self, shape: StyleShape) -> None:
        super().__init__()
        self.shape, width = shape, shape.width
        self.first = NormedConvolution(3, width, 9)
        self.down = nn.Sequential(
            NormedConvolution(width, 2 * width, 3, step=2),
            NormedConvolution(2 * width, 4 * width, 3, step=2),
        )
        self.middle = nn.Sequential(*(StyleBlock(4 * width) for _ in range(shape.blocks)))
        kind = {"transposed": TransposedUp, "nearest": NearestUp}[shape.upsampling]
        self.up = nn.Sequential(kind(4 * width, 2 * width), kind(2 * width, width))
        self.last = nn.Conv2d(width, 3, 9)
        nn.init.constant_(self.last.bias, 0.5)  # begin at mid-grey

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Stylise ``pictures`` (B, 3, H, W), nominally in [0, 1], sides at least 8 px."""
        height, width = pictures.shape[-2:]
        maps = self.first(self.shape.scale * pad_to_multiple(pictures, self.multiple))
        maps = self.middle(self.down(functional.relu(maps)))  # (B, 4 width, H/4, W/4)
        return self.last(framed(self.up(maps), 4))[..., :height, :width]


def framed(maps: torch.Tensor, margin: int) -> torch.Tensor:
    """Mirror the maps at their borders without repeating the border itself."""
    return functional.pad(maps, (margin,) * 4, mode="reflect")


class NormedConvolution(nn.Module):
    """Reflection padding, a convolution, an instance norm with a slope and offset per map."""

    def __init__(self, inputs: int, outputs: int, side: int, step: int = 1) -> None:
        super().__init__()
        self.margin, self.step = side // 2, step
        self.filters = nn.Conv2d(inputs, outputs, side, step)
        self.norm = nn.InstanceNorm2d(outputs, affine=True)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(B, inputs, H, W) to (B, outputs, H / step, W / step); ReLU follows a stride."""
        normed = self.norm(self.filters(framed(maps, self.margin)))
        return functional.relu(normed) if self.step > 1 else normed


class StyleBlock(nn.Module):
    """x + norm(conv(relu(norm(conv(x)))))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = NormedConvolution(width, width, 3)
        self.second = NormedConvolution(width, width, 3)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Keep the shape (B, width, H, W)."""
        return maps + self.second(functional.relu(self.first(maps)))


class TransposedUp(nn.Module):
    """A transposed convolution of stride 2 with 3 x 3 filters, norm and ReLU.

    Each input number lays its filter down; the filters overlap in every second row and
    column, so some pixels are written once, some twice, some four times.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.filters = nn.ConvTranspose2d(inputs, outputs, 3, 2, padding=1, output_padding=1)
        self.norm = nn.InstanceNorm2d(outputs, affine=True)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(B, inputs, H, W) to (B, outputs, 2 H, 2 W)."""
        return functional.relu(self.norm(self.filters(maps)))


class NearestUp(nn.Module):
    """Each value four times, then a 3 x 3 convolution, norm and ReLU: no uneven overlap."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolution = NormedConvolution(inputs, outputs, 3)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """(B, inputs, H, W) to (B, outputs, 2 H, 2 W)."""
        doubled = functional.interpolate(maps, scale_factor=2, mode="nearest")
        return functional.relu(self.convolution(doubled))
