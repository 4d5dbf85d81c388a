"""The optional trained features: refused in clear words, and never fetched without being asked."""

import importlib
import importlib.util
import types

import pytest
import torch
from torch import nn

from lessons_lib.learning import style_vgg


def test_without_torchvision_the_way_on_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(style_vgg.VGGMissing, match="needs torchvision.*random features"):
        style_vgg.vgg_layers(allow_download=True)


def test_nothing_is_fetched_without_being_asked(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    with pytest.raises(style_vgg.VGGMissing, match=r"528 MB.*allow_download=True"):
        style_vgg.vgg_layers()


def test_offline_it_says_so(monkeypatch):
    def offline(weights):
        raise OSError("no route to host")

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    models = types.SimpleNamespace(vgg16=offline)
    monkeypatch.setattr(importlib, "import_module", lambda name: models)
    with pytest.raises(style_vgg.VGGMissing, match="no route to host.*Check the connection"):
        style_vgg.vgg_layers(allow_download=True)


def vgg_like():
    """VGG16's order of layers with two maps each: what torchvision calls configuration D."""
    layers, channels = [], 3
    for width in (2, 2, "pool", 2, 2, "pool", 2, 2, 2, "pool", 2, 2, 2, "pool"):
        if width == "pool":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
    return nn.Sequential(*layers)


def test_the_four_maps_come_after_their_relus():
    torch.manual_seed(0)
    with torch.inference_mode():
        maps = style_vgg.vgg_maps(vgg_like(), torch.rand(1, 3, 32, 32))
    assert [tuple(one.shape[-2:]) for one in maps] == [(32, 32), (16, 16), (8, 8), (4, 4)]
    assert all((one >= 0).all() for one in maps)
