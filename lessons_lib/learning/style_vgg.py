"""Trained features instead of random ones: torchvision's VGG16, only for who has it and is online.

The course neither installs torchvision nor downloads anything: everything that a lesson needs
comes with it. This is a door for those who want to see the published loss.
"""

import importlib
import importlib.util

import torch
from torch.nn import functional

from lessons_lib.learning.style_features import Maps

# Channel means and standard deviations of ImageNet, with which VGG16 was trained.
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LAYERS = {"relu1_2": 3, "relu2_2": 8, "relu3_3": 15, "relu4_3": 22}  # places in vgg16().features


class VGGMissing(RuntimeError):
    """Trained features cannot be had here; the text says what to do."""


def vgg_layers(allow_download: bool = False) -> torch.nn.Module:
    """The convolutions of VGG16, trained on ImageNet.

    Parameters
    ----------
    allow_download : bool
        Whether torchvision may fetch the weights (528 MB) from download.pytorch.org. Nothing
        is fetched unless you say so.

    Raises
    ------
    VGGMissing
        Without torchvision, without permission, or without a connection.
    """
    if importlib.util.find_spec("torchvision") is None:
        raise VGGMissing(
            "VGG16 needs torchvision, which the course does not install. Go on with the random "
            "features (lessons_lib.learning.style_features), or install the torchvision that "
            "fits your PyTorch (pytorch.org says which) and call this again"
        )
    if not allow_download:
        raise VGGMissing(
            "VGG16's weights (528 MB) come from download.pytorch.org, and the course downloads "
            "nothing by itself. If you are online and want them, call "
            "vgg_layers(allow_download=True)"
        )
    models = importlib.import_module("torchvision.models")
    try:
        network = models.vgg16(weights="IMAGENET1K_V1").features
    except (OSError, RuntimeError) as error:  # URLError is an OSError; a bad hash a RuntimeError
        raise VGGMissing(
            f"VGG16's weights could not be fetched ({error}). Check the connection, or go on "
            "with the random features, which need none"
        ) from error
    return network.eval().requires_grad_(False)


def vgg_maps(layers: torch.nn.Module, pictures: torch.Tensor) -> Maps:
    """relu1_2, 2_2, 3_3 and 4_3 of ``pictures`` (B, 3, H, W) in [0, 1], finest first."""
    mean, spread = (pictures.new_tensor(one).view(1, 3, 1, 1) for one in (MEAN, SPREAD))
    maps, found = (pictures - mean) / spread, []
    for place, layer in enumerate(layers):
        # torchvision's ReLUs work in place and would change a map that was kept.
        maps = functional.relu(maps) if isinstance(layer, torch.nn.ReLU) else layer(maps)
        if place in LAYERS.values():
            found.append(maps)
        if place == max(LAYERS.values()):
            break
    return found
