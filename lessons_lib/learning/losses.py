"""What a network is asked to make small. Each loss has its own answer to a blurred edge.

A loss takes estimate and target ``(B, C, H, W)`` and sigma ``(B,)`` and returns one number.
"""

import torch


def squared(estimate: torch.Tensor, target: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Mean squared error: its best answer is the mean of all that may be there."""
    return (estimate - target).square().mean()


def absolute(estimate: torch.Tensor, target: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Mean absolute error: its best answer is the median, pixel by pixel."""
    return (estimate - target).abs().mean()


def balanced(estimate: torch.Tensor, target: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Squared error over sigma (sigma + 0.02): each noise level counts about the same.

    The weight depends on sigma alone, so the best answer is the mean, as with
    :func:`squared`; but without it the strongest noise would be nearly all of the sum. A good
    denoiser's squared error grows as sigma^2 below some 5/255 and as sigma above.
    """
    errors = (estimate - target).square().mean(dim=(1, 2, 3))
    # Without the last term one crop of nearly no noise outweighs all others: the loss of single
    # steps rose fortyfold, always where sigma was below a third of a grey level.
    return 0.1 * (errors / (sigma * (sigma + 0.02) + 5e-4)).mean()


def hidden(estimate: torch.Tensor, target: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Squared error at hidden pixels alone, for learning without clean pictures.

    The target is the noisy picture as it was, with one more channel that is 1 where a pixel
    was hidden from the network, else 0.
    """
    noisy, mask = target[:, :-1], target[:, -1:]
    return ((estimate - noisy).square() * mask).sum() / (mask.sum() * noisy.shape[1])


LOSSES = {
    "squared": squared, "absolute": absolute, "balanced": balanced, "hidden": hidden
}  # fmt: skip
