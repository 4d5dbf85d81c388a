"""The networks: shapes, homogeneity, how far they see, what they cost."""

import pytest
import torch
from torch import nn

from lessons_lib.learning.layers import parameters_of
from lessons_lib.learning.networks import (
    DCTNetShape,
    DnCNNShape,
    UNetShape,
    describe,
    shape_from,
)

SHAPES = [
    UNetShape(1, (8, 12, 16), (1, 1, 1)),
    UNetShape(3, (6, 8), (2, 1)),
    DnCNNShape(1, 8, 5),
    DnCNNShape(3, 6, 3),
    DCTNetShape(1, 4),
    DCTNetShape(3, 8),
]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def woken(shape):
    """A network whose last layer does something: a new one is the identity."""
    torch.manual_seed(3)
    network = shape.build().double()
    for name in network.ends:
        weight = network.get_parameter(name)
        weight.data += 0.1 * torch.randn_like(weight)
    return network.requires_grad_(False)


@every_shape
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (17, 9), (16, 24)], ids=str)
def test_any_size_comes_back(shape, size):
    network = woken(shape).float()
    noisy = torch.rand(2, shape.channels, *size)
    estimate = network(noisy, torch.tensor([0.1, 0.2]))
    assert estimate.shape == noisy.shape and estimate.dtype == noisy.dtype
    assert torch.isfinite(estimate).all()


@every_shape
def test_brightness_and_sigma_scale_together(shape):
    network, noisy = woken(shape), torch.rand(1, shape.channels, 16, 16).double()
    level = torch.tensor([0.2]).double()
    # Without biases every layer is homogeneous: exact but for rounding.
    torch.testing.assert_close(
        network(7 * noisy, 7 * level), 7 * network(noisy, level), rtol=1e-10, atol=1e-12
    )


@every_shape
def test_sigma_matters_and_each_picture_has_its_own(shape):
    network, noisy = woken(shape), torch.rand(1, shape.channels, 16, 16).double()
    pair = network(noisy.repeat(2, 1, 1, 1), torch.tensor([0.05, 0.5]).double())
    alone = network(noisy, torch.tensor([0.5]).double())
    torch.testing.assert_close(pair[1:], alone)
    assert (pair[0] - pair[1]).abs().max() > 1e-3


@every_shape
def test_reach_is_an_upper_bound_and_not_idle(shape):
    network = woken(shape)
    side, middle = 161, 80
    noisy = torch.rand(1, shape.channels, side, side).double()
    poked = noisy.clone()
    poked[..., middle, middle] += 0.5
    level = torch.tensor([0.1]).double()
    moved = (network(poked, level) - network(noisy, level)).abs().amax((0, 1)) > 1e-13
    rows, columns = torch.nonzero(moved, as_tuple=True)
    farthest = max((rows - middle).abs().max().item(), (columns - middle).abs().max().item())
    assert 0.6 * network.reach <= farthest <= network.reach


def test_a_new_residual_network_passes_its_input_on():
    noisy = torch.rand(1, 1, 24, 16)
    for shape in (UNetShape(), DnCNNShape()):
        with torch.no_grad():
            estimate = shape.build()(noisy, torch.tensor([0.1]))
        assert torch.equal(estimate, noisy)


def test_a_new_dct_network_is_local_dct_shrinkage_of_an_orthonormal_transform():
    network = DCTNetShape().build().double()
    noisy = torch.rand(1, 1, 20, 20).double()
    with torch.no_grad():
        # No noise, no threshold: all blocks together give the picture back.
        kept = network(noisy, torch.zeros(1).double())
        flat = network(torch.full_like(noisy, 0.3), torch.tensor([0.5]).double())
    torch.testing.assert_close(kept, noisy, atol=1e-6, rtol=0)  # the cosines are float32
    torch.testing.assert_close(flat, torch.full_like(noisy, 0.3), atol=1e-6, rtol=0)


def multiply_adds(network: nn.Module, side: int) -> float:
    """Multiply-adds per pixel, counted by hooks on the convolutions."""
    total = 0

    def count(layer, inputs, output):
        nonlocal total
        total += layer.weight[0].numel() * output[0].numel()

    hooks = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        network(torch.rand(1, network.shape.channels, side, side), torch.tensor([0.1]))
    for hook in hooks:
        hook.remove()
    return total / side**2


def test_the_usual_network_costs_no_more_than_ffdnet():
    # FFDNet (arXiv 1710.04026): 15 layers of 64 maps at half resolution, 4 + 1 maps in, 4 out.
    ffdnet = 9 * (5 * 64 + 13 * 64 * 64 + 64 * 4) / 4
    assert ffdnet == pytest.approx(121_104)
    assert 100_000 < multiply_adds(UNetShape().build(), 64) < ffdnet
    assert parameters_of(UNetShape().build()) == 3_008_304


def test_dncnn_has_the_papers_size():
    # Layers of 3 x 3: 2 maps in (picture, sigma), 15 of 64 to 64, 1 out.
    assert parameters_of(DnCNNShape().build()) == 9 * (2 * 64 + 15 * 64 * 64 + 64)


@every_shape
def test_a_shape_survives_words(shape):
    import json

    assert shape_from(json.loads(json.dumps(describe(shape)))) == shape


def test_unknown_networks_are_refused_with_what_to_do():
    with pytest.raises(ValueError, match="one of UNet, DnCNN"):
        shape_from({"network": "Transformer"})
    with pytest.raises(ValueError, match="no DnCNN with the sizes"):
        shape_from({"network": "DnCNN", "heads": 8})
