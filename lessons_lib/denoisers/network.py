"""A trained network as a denoiser. Torch comes in only when one is used."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.image import Image

if TYPE_CHECKING:
    import torch
    from torch import nn

# The network for 1 and for 3 channels (names in data/weights/weights.tsv). A grey network takes
# the channels of a colour picture one by one; a colour network takes a grey picture as a colour
# picture of three equal channels.
FAMILIES = {"white": {1: "grey", 3: "colour"}}
PRECISIONS = ("float32", "float64", "bfloat16")
LARGEST_STRIP = 1_500_000  # pixels at one time; the maps between layers need some 200 B each


def check_precision(precision: str, known: tuple[str, ...]) -> None:
    """Raise a ValueError unless ``precision`` is one of the known ones."""
    if precision not in known:
        raise ValueError(f"precision must be one of {', '.join(known)}, got {precision!r}")


@dataclass(frozen=True)
class Network:
    """A convolutional network, trained to give the mean of all clean pictures that fit.

    Parameters
    ----------
    trained_on : str
        Which noise it was trained on: 'white', 'real' (that of developed photos), or the
        name of one network of ``data/weights/weights.tsv``.
    strength : float
        The network is told strength x sigma; [0, 20]. 0 switches it off.
    precision : str
        What it computes in: 'float32', 'float64' (slow), or 'bfloat16', which is twice as
        fast where the processor multiplies it in hardware, and accurate to .3 grey levels.

    Why edges blur
    --------------
    Hedging: where the noise leaves open where an edge is, or whether there is one, the
    squared error is least for the mean of all possibilities, and that is a ramp.

    References
    ----------
    Zhang, Zuo, Zhang, FFDNet, arXiv 1710.04026; Zhang et al., DRUNet, arXiv 2008.13751;
    Mohan et al., bias-free networks, arXiv 1906.05478.
    """

    trained_on: str = "white"
    strength: float = 1.0
    precision: str = field(default="float32", repr=False)

    # Convolutions at half, quarter and eighth resolution see shifts by 1 px as changes.
    properties: ClassVar[Properties] = Properties(False, False, True, "strength")
    reach: ClassVar[None] = None  # finite, but which pixels share a cell depends on the image

    def __post_init__(self) -> None:
        check_setting(self.strength, "strength (ratio to sigma)", 0, 20)
        check_precision(self.precision, PRECISIONS)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the network's estimate, same shape and type as ``noisy``."""
        return deque(self.progress(noisy, sigma), maxlen=1).pop()[1]

    def progress(self, noisy: Image, sigma: float) -> Iterator[tuple[float, Image]]:
        """Yield the share that is done and the estimate so far, strip by strip.

        Large pictures are done in strips that overlap by all that the network sees, so the
        result is that of one call.
        """
        sigma = prepare(noisy, sigma)
        if self.strength == 0 or sigma == 0:
            yield 1.0, noisy.copy()
            return
        network, estimate = self._network(noisy), noisy.copy()
        from lessons_lib.learning.strips import strips_of

        rows = max(LARGEST_STRIP // noisy.shape[1], 1)
        for strip in strips_of(noisy.shape[0], rows, network.multiple, network.reach):
            part = self._estimate(network, noisy[strip.seen], sigma)
            estimate[strip.kept] = part[strip.inside]
            yield strip.kept.stop / noisy.shape[0], estimate

    def pullback(self, noisy: Image, sigma: float, cotangent: Image) -> Image:
        """J(noisy)^T applied to ``cotangent``: one pass back through the network."""
        sigma = prepare(noisy, sigma)
        if self.strength == 0 or sigma == 0:
            return cotangent.astype(noisy.dtype)
        import torch

        from lessons_lib.learning.batches import to_batch, to_image

        network = self._network(noisy)
        batch = to_batch(noisy, self._type()).requires_grad_(True)
        estimate = self._run(network, batch, sigma)
        (back,) = torch.autograd.grad(estimate, batch, to_batch(cotangent, self._type()))
        return to_image(back, like=noisy)

    def _estimate(self, network: "nn.Module", noisy: Image, sigma: float) -> Image:
        import torch

        from lessons_lib.learning.batches import to_batch, to_image

        with torch.inference_mode():
            return to_image(self._run(network, to_batch(noisy, self._type()), sigma), like=noisy)

    def _run(self, network: "nn.Module", batch: "torch.Tensor", sigma: float) -> "torch.Tensor":
        import torch

        shape, takes = batch.shape, network.shape.channels
        if takes == 1:
            batch = batch.reshape(-1, 1, *shape[2:])  # each channel is a picture
        batch = batch.expand(-1, takes, -1, -1)
        level = torch.full((len(batch),), self.strength * sigma, dtype=batch.dtype)
        batch = batch.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bfloat16"):
            estimate = network(batch, level)
        return estimate.mean(1, keepdim=True) if shape[1] < takes else estimate.reshape(shape)

    def _network(self, noisy: Image) -> "nn.Module":
        try:
            from lessons_lib.learning import weights
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"{self!r} needs PyTorch: {error}; run make setup (README says how)"
            ) from error

        channels = noisy.shape[2] if noisy.ndim == 3 else 1
        name = FAMILIES.get(self.trained_on, {}).get(channels, self.trained_on)
        return weights.load(name, double=self.precision == "float64")

    def _type(self) -> type:
        return np.float64 if self.precision == "float64" else np.float32
