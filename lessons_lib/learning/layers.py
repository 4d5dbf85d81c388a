"""Parts that the networks are made of; none has a bias."""

import torch
from torch import nn
from torch.nn import functional


def convolution(inputs: int, outputs: int, side: int = 3, step: int = 1) -> nn.Conv2d:
    """A convolution without bias; borders are filled with zeros."""
    padding = side // 2 if step == 1 else 0
    return nn.Conv2d(inputs, outputs, side, step, padding, bias=False)


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x)))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = convolution(width, width), convolution(width, width)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Keep the shape ``(B, width, H, W)``."""
        return maps + self.second(functional.relu(self.first(maps)))


def level(width: int, blocks: int) -> nn.Sequential:
    """Residual blocks one after the other."""
    return nn.Sequential(*(ResidualBlock(width) for _ in range(blocks)))


def with_noise_map(maps: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Add one channel that holds the noise level of each picture."""
    shape = (len(maps), 1, *maps.shape[2:])
    return torch.cat([maps, sigma.to(maps.dtype).view(-1, 1, 1, 1).expand(shape)], dim=1)


def settle(network: nn.Module) -> None:
    """Start as D(y) = y, with each residual block passing its input on."""
    nn.init.zeros_(network.tail.weight)
    for module in network.modules():
        if isinstance(module, ResidualBlock):
            module.second.weight.data *= 0.1


def parameters_of(network: nn.Module) -> int:
    """How many numbers the network has learnt."""
    return sum(weight.numel() for weight in network.parameters())
