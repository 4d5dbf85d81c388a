"""Learning to denoise without one clean picture: recipes and a loss for the training loop.

A recipe gives a noisy crop and the target that the network is compared with. Here the
target is noisy, too. That does no harm as long as its noise cannot be foreseen: the mean
squared error is least for the mean of all targets that come with the same input, and a
noise of mean 0 that nothing in the input tells of does not move that mean.

- Noise2Noise: the target is a second shot of the same scene.
- Noise2Self, Noise2Void: there is one shot only. The target is the noisy pixel itself, and the
  input has something else in its place. The best answer is E[pixel | all others].
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from lessons_lib.image import Image
from lessons_lib.learning.blind_spots import (
    Filling,
    check_stride,
    grid,
    mean_of_neighbours,
    random_neighbour,
)
from lessons_lib.learning.crops import Recipe
from lessons_lib.learning.networks import DnCNNShape, Shape
from lessons_lib.learning.training import Plan, Progress, train
from lessons_lib.scenes.camera import demosaic, mosaic

Crop = tuple[Image, Image, float]
"""Noisy crop, its target, and sigma: what a recipe gives."""

# Bilinear interpolation leaves .625 of the variance of white noise in the green plane.
GREEN_VARIANCE = 0.625
LEVEL = 25 / 255


def white(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> np.ndarray:
    """White Gaussian noise, float32."""
    return np.float32(sigma) * rng.standard_normal(shape, dtype=np.float32)


@dataclass(frozen=True)
class OneLevel:
    """White noise of one level, and the clean crop as the target: the supervised way."""

    sigma: float = LEVEL

    def __call__(self, clean: Image, rng: np.random.Generator) -> Crop:
        """Return the noisy crop, the clean one, and the level."""
        return clean + white(clean.shape, self.sigma, rng), clean, self.sigma


@dataclass(frozen=True)
class Noise2Noise:
    """Two noisy shots of one scene: the second is the target.

    References
    ----------
    Lehtinen et al., Noise2Noise, arXiv 1803.04189.
    """

    sigma: float = LEVEL

    def __call__(self, clean: Image, rng: np.random.Generator) -> Crop:
        """Return both shots and the level; the clean crop is not passed on."""
        first, second = (clean + white(clean.shape, self.sigma, rng) for _ in range(2))
        return first, second, self.sigma


@dataclass(frozen=True)
class Demosaiced:
    """White noise on the sensor, then bilinear demosaicing: neighbours share their noise.

    Of a grey crop the green plane is kept. The sensor's noise is raised so that ``sigma`` is
    the noise after demosaicing; in colour, red and blue have some 5 % less.
    """

    sigma: float = LEVEL

    def __call__(self, clean: Image, rng: np.random.Generator) -> Crop:
        """Return the noisy photo, the same photo without noise, and the level."""
        raw = mosaic(np.broadcast_to(clean, (*clean.shape[:2], 3)))
        noise = white(raw.shape, self.sigma / GREEN_VARIANCE**0.5, rng)
        planes = slice(1, 2) if clean.shape[2] == 1 else slice(None)
        noisy, target = (demosaic(frame)[..., planes] for frame in (raw + noise, raw))
        return noisy.astype(clean.dtype), target.astype(clean.dtype), self.sigma


@dataclass(frozen=True)
class AsItIs:
    """The crop is noisy already; its level is told."""

    sigma: float = LEVEL

    def __call__(self, noisy: Image, rng: np.random.Generator) -> Crop:
        """Return the crop twice, and the level."""
        return noisy, noisy, self.sigma


@dataclass(frozen=True)
class Noise2Self:
    """Hide a grid of pixels behind the mean of their four neighbours; guess them.

    Parameters
    ----------
    noise : Recipe
        Makes the noisy crop. Its target is not looked at.
    stride : int
        Distance between hidden pixels, px, at least 3; the grid's place is drawn anew.

    References
    ----------
    Batson and Royer, Noise2Self, arXiv 1901.11365.
    """

    noise: Recipe = field(default_factory=OneLevel)
    stride: int = 4

    def __post_init__(self) -> None:
        check_stride(self.stride)

    def __call__(self, clean: Image, rng: np.random.Generator) -> Crop:
        """Return the crop with hidden pixels, what was there (see ``losses.hidden``), sigma."""
        return hide(self.noise(clean, rng), self.stride, mean_of_neighbours, rng)


@dataclass(frozen=True)
class Noise2Void:
    """As :class:`Noise2Self`, with one neighbour at random in the place of each pixel.

    The paper hides pixels at random places and may put a pixel in its own place or beside
    itself; on a grid neither happens.

    References
    ----------
    Krull, Buchholz, Jug, Noise2Void, arXiv 1811.10980.
    """

    noise: Recipe = field(default_factory=OneLevel)
    stride: int = 4

    def __post_init__(self) -> None:
        check_stride(self.stride)

    def __call__(self, clean: Image, rng: np.random.Generator) -> Crop:
        """Return the crop with hidden pixels, what was there (see ``losses.hidden``), sigma."""
        return hide(self.noise(clean, rng), self.stride, random_neighbour, rng)


def hide(crop: Crop, stride: int, filling: Filling, rng: np.random.Generator) -> Crop:
    """Hide pixels of a noisy crop; the target is the noisy crop with the mask behind it."""
    noisy, _, sigma = crop
    hidden = grid(noisy.shape[:2], stride, int(rng.integers(stride**2)))
    target = np.concatenate([noisy, hidden[..., np.newaxis]], axis=2, dtype=noisy.dtype)
    return filling(noisy, hidden, rng), target, sigma


def learn_from_one(
    noisy: Image, sigma: float, shape: Shape | None = None, steps: int = 300, seed: int = 0
) -> Iterator[Progress]:
    """Train a network by Noise2Self on one noisy picture, and on nothing else.

    Parameters
    ----------
    noisy : ndarray, ``(H, W)`` or ``(H, W, C)``
        At least 48 px on each side.
    sigma : float
        What the network is told.
    shape : Shape, optional
        Of the network; a DnCNN of 5 layers if not given.
    steps, seed : int
        As in :class:`lessons_lib.learning.training.Plan`.

    Yields
    ------
    Progress
        After each step; the last one's network is the result.
    """
    picture = np.atleast_3d(noisy)
    plan = Plan(
        shape or DnCNNShape(picture.shape[2], width=17, depth=5),
        Noise2Self(AsItIs(sigma)),
        "hidden",
        steps,
        batch=8,
        side=48,
        muon_rate=0.05,
        adam_rate=3e-3,
        warming=20,
        averaging=0.97,
        cooling=0.4,
        seed=seed,
    )
    # The loop takes pictures in 0 ... 255; these are not rounded.
    return train(plan, [255 * picture])


def noise_kept(noise: Image, error: Image) -> float:
    """Share of the noise that is left in an estimate: <error, noise> / <noise, noise>.

    Parameters
    ----------
    noise, error : ndarray
        noisy - clean and estimate - clean.

    Returns
    -------
    float
        1 if the estimate is the noisy picture, 0 if its error has nothing of the noise.
    """
    return float(np.vdot(error, noise) / np.vdot(noise, noise))
