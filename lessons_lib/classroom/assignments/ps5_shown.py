"""What PS5 shows: a lawn in noise, and a simulated class."""

import numpy as np

from lessons_lib.image import Image
from lessons_lib.scenes.pictures import picture

LAWN_NOISE = 0.2  # image units


def noisy_lawn(seed: int = 3) -> tuple[Image, Image, np.ndarray]:
    """A lawn of 64 x 64 px, the same in noise, and 12 random filters of 5 x 5 px and mean 0."""
    rng = np.random.default_rng(seed)
    filters = rng.standard_normal((12, 5, 5))
    filters -= filters.mean(axis=(1, 2), keepdims=True)
    lawn = picture("grass")[40:104, 40:104].astype(np.float32)
    noise = rng.standard_normal(lawn.shape, dtype=np.float32)
    return lawn, lawn + np.float32(LAWN_NOISE) * noise, filters


def simulated_class(lean: float, rng: np.random.Generator) -> np.ndarray:
    """12 raters and 20 pairs: 1 where the draw is preferred; ``lean`` is how often on average.

    Raters and pairs have leanings of their own, of at most .25 and .2; these are assumed.
    """
    raters, pairs = rng.uniform(-0.25, 0.25, (12, 1)), rng.uniform(-0.2, 0.2, (1, 20))
    return (rng.random((12, 20)) < lean + raters + pairs).astype(float)
