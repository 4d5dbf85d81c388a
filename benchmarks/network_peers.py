"""The layers of published networks with random weights: what they cost, not what they can.

How long a network takes does not depend on its weights, so none are needed for a fair race.
"""

from functools import cache

import torch
from torch import nn

from benchmarks.peers import Peer
from lessons_lib.image import Image
from lessons_lib.learning.batches import to_batch, to_image


@cache
def ffdnet() -> nn.Sequential:
    """FFDNet for grey pictures: 15 layers, 64 maps at half resolution (arXiv 1710.04026)."""
    widths = [5] + [64] * 14 + [4]
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1)] + [nn.ReLU()] * (number < 14)
    return nn.Sequential(*layers).eval().to(memory_format=torch.channels_last)


def ffdnet_layers(noisy: Image, sigma: float, precision: str) -> Image:
    """Push a picture of even sides through the layers."""
    with (
        torch.inference_mode(),
        torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"),
    ):
        blocks = nn.functional.pixel_unshuffle(to_batch(noisy), 2)
        level = torch.full_like(blocks[:, :1], sigma)
        maps = torch.cat([blocks, level], 1).contiguous(memory_format=torch.channels_last)
        return to_image(nn.functional.pixel_shuffle(ffdnet()(maps).float(), 2), like=noisy)


def _always(precision: str) -> dict[int, dict[str, str]]:
    return {level: {"precision": precision} for level in (15, 25, 50)}


_TORCH = ("torch", "torch")
COST_ONLY = {
    "ffdnet_layers": Peer("FFDNet's layers", *_TORCH, ffdnet_layers, _always("float32")),
    "ffdnet_layers_bfloat16": Peer(
        "FFDNet's layers, bfloat16", *_TORCH, ffdnet_layers, _always("bfloat16")
    ),
}
