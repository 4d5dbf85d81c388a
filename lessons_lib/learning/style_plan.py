"""Fast style transfer as a training: what the crops are, and what the network is paid for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lessons_lib.image import Image, to_uint8
from lessons_lib.learning.batches import to_batch
from lessons_lib.learning.crops import draw_batch
from lessons_lib.learning.style_features import Features, Maps, gram_distance, grams
from lessons_lib.learning.style_network import StyleShape
from lessons_lib.learning.style_training import descend, fast
from lessons_lib.learning.training import Plan, Progress
from lessons_lib.scenes.mosaic import mosaic
from lessons_lib.scenes.pictures import picture

STYLE_SIDE = 512  # px of mosaic that the style is read from
# Colour pictures to learn from. Coffee, the camera man and the night street are kept apart to
# be tested on.
SCHOOL = ("astronaut", "chelsea", "hubble_deep_field", "immunohistochemistry", "retina")


@dataclass(frozen=True)
class Mosaic:
    """The style, and the crops as they are: the settings of ``scenes.mosaic``."""

    seed: int = 0
    tile: float = 12.0
    grout: float = 1.5

    def picture(self, size: int = STYLE_SIDE) -> Image:
        """The style itself, ``(size, size, 3)``."""
        return mosaic(size, self.seed, tile=self.tile, grout=self.grout)

    def __call__(self, clean: Image, rng: np.random.Generator) -> tuple[Image, Image, float]:
        """A recipe in the sense of ``learning.crops``: no noise."""
        return clean, clean, 0.0


@dataclass(frozen=True)
class StylePlan(Plan):
    """All that decides what a style network becomes, but the pictures.

    Attributes
    ----------
    shape : StyleShape
        The network.
    recipe : Mosaic
        The style.
    features : Features
        What content and style are compared with.
    content_scale : int
        The scale whose maps must stay like the photo's: 0 full size, 1 half, 2 a quarter.
    content, style : float
        Weights of the two terms. Only their ratio matters, nearly.
    window : int
        Gram matrices are taken in squares of this side, px: each of them has to look like
        the whole style.
    """

    shape: StyleShape = StyleShape()
    recipe: Mosaic = Mosaic()
    loss: str = "squared"
    steps: int = 600
    batch: int = 3
    side: int = 128
    muon_rate: float = 0.01
    adam_rate: float = 2e-3
    warming: int = 30
    cooling: float = 0.5
    averaging: float = 0.98
    features: Features = Features(mean_kept=0.3)
    content_scale: int = 2
    content: float = 0.3
    style: float = 3.0
    window: int = 128


def train_style(
    plan: StylePlan, pictures: list[np.ndarray], folder: str | Path | None = None
) -> Iterator[Progress]:
    """Teach a network one style; yields after each step.

    Parameters
    ----------
    plan : StylePlan
        What to do.
    pictures : list of ndarray
        uint8 ``(H, W, 3)``, at least ``plan.side`` px on each side.
    folder : path, optional
        For checkpoints.

    References
    ----------
    Johnson, Alahi, Fei-Fei, arXiv 1603.08155.
    """
    wanted = grams(plan.features.maps(to_batch(plan.recipe.picture())))
    numbers = list(range(plan.batch))

    def loss_at(network: torch.nn.Module, step: int) -> torch.Tensor:
        crops, _, _ = draw_batch(pictures, plan.side, numbers, plan.recipe, plan.seed, step)
        batch = torch.from_numpy(crops).contiguous(memory_format=torch.channels_last)
        return price(plan, batch, fast(network, batch), wanted)

    yield from descend(plan, loss_at, folder)


def price(
    plan: StylePlan, photos: torch.Tensor, outputs: torch.Tensor, wanted: Maps
) -> torch.Tensor:
    """Both terms: distance of the photos' maps, and of the style's Gram matrices."""
    with torch.no_grad():
        kept = plan.features.at(photos, plan.content_scale)
    made = plan.features.at(outputs, plan.content_scale)
    content = (made - kept).square().mean() / kept.var()
    parts = grams(plan.features.maps(windows(outputs, plan.window)))
    style = gram_distance(parts, [one.expand(len(parts[0]), -1, -1) for one in wanted])
    return plan.content * content + plan.style * style.mean()


def windows(pictures: torch.Tensor, side: int) -> torch.Tensor:
    """Cut ``(B, C, H, W)`` into squares without overlap: ``(n, C, side, side)``."""
    channels = pictures.shape[1]
    cut = pictures.unfold(2, side, side).unfold(3, side, side)  # (B, C, rows, cols, side, side)
    return cut.permute(0, 2, 3, 1, 4, 5).reshape(-1, channels, side, side)


def school() -> list[np.ndarray]:
    """The bundled colour pictures to learn from, uint8 ``(H, W, 3)``."""
    return [to_uint8(picture(name)) for name in SCHOOL]
