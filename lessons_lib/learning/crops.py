"""Training crops from a folder of images: the same for the same seed, on any machine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from lessons_lib.image import Image

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"}
# MATLAB's rgb2gray, which made BSD68 from its colour pictures (ITU-R BT.601 luma).
GREY_WEIGHTS = np.array([0.299, 0.587, 0.114])


def read_folder(folder: str | Path, channels: int, smallest: int = 96) -> list[np.ndarray]:
    """Read all pictures in a folder and its subfolders, in alphabetical order.

    Parameters
    ----------
    folder : path
        Where they are.
    channels : int
        1 turns colour into grey; 3 leaves grey pictures out.
    smallest : int
        Pictures with a side below this (px) are left out: no crop fits into them.

    Returns
    -------
    list of ndarray
        uint8 ``(H, W, channels)``.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or no picture in it.
    """
    folder = Path(folder)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    pictures = [read_plain(path, channels) for path in paths]
    pictures = [p for p in pictures if p is not None and min(p.shape[:2]) >= smallest]
    if not pictures:
        raise FileNotFoundError(
            f"no picture of at least {smallest} x {smallest} px in {folder}; name a folder of "
            "PNG, JPEG or TIFF files (data/README.md says where the course's come from)"
        )
    return pictures


def read_plain(path: Path, channels: int) -> np.ndarray | None:
    """One picture as uint8 ``(H, W, channels)``; None if it is grey and colour is wanted."""
    with PillowImage.open(path) as opened:
        grey = opened.mode in ("1", "L", "I", "I;16", "F")
        if grey and channels == 3:
            return None
        pixels = np.asarray(opened.convert("L" if grey else "RGB"))
    if channels == 1 and pixels.ndim == 3:
        pixels = np.rint(pixels @ GREY_WEIGHTS).astype(np.uint8)
    return np.atleast_3d(pixels)


Recipe = Callable[[Image, np.random.Generator], tuple[Image, Image, float]]
"""(clean crop, rng) -> noisy crop, its target, and sigma. What noise a network learns."""


@dataclass(frozen=True)
class WhiteNoise:
    """Gaussian noise of a level drawn anew for each crop.

    Most draws lie between 0 and ``usual``, where photos are. The rest are log-uniform from
    there to ``largest``: a network that shall draw pictures from noise needs them.

    Attributes
    ----------
    usual, largest : float
        Image units.
    share : float
        Part of the crops with more than the usual noise.
    exponent : float
        Usual levels are ``usual * u ** exponent``, u uniform: above 1, weak noise comes more
        often than strong.
    """

    usual: float = 60 / 255
    largest: float = 1.2
    share: float = 0.2
    exponent: float = 1.0

    def __call__(self, clean: Image, rng: np.random.Generator) -> tuple[Image, Image, float]:
        """Return the noisy crop, the clean one, and the level."""
        sigma = self.usual * rng.random() ** self.exponent
        if rng.random() < self.share:
            sigma = self.usual * (self.largest / self.usual) ** rng.random()
        noise = rng.standard_normal(clean.shape, dtype=np.float32)
        return clean + np.float32(sigma) * noise, clean, sigma


def cut(
    pictures: list[np.ndarray], side: int, recipe: Recipe, rng: np.random.Generator
) -> tuple[Image, Image, float]:
    """One crop at a random place, in one of the eight orientations, with noise on it.

    Returns
    -------
    (ndarray, ndarray, float)
        Noisy and target, float32 ``(side, side, C)``, and sigma.
    """
    picture = pictures[rng.integers(len(pictures))]
    top, left = (rng.integers(size - side + 1) for size in picture.shape[:2])
    crop = np.rot90(picture[top : top + side, left : left + side], rng.integers(4))
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    return recipe(np.ascontiguousarray(crop, dtype=np.float32) / 255, rng)


def draw_batch(
    pictures: list[np.ndarray], side: int, numbers: list[int], recipe: Recipe, seed: int, step: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The samples ``numbers`` of the batch of one step; each has a seed of its own.

    So a step's batch is the same however many processes share it, and an interrupted
    training goes on as if nothing had happened.

    Returns
    -------
    (ndarray, ndarray, ndarray)
        Noisy and target ``(B, C, side, side)``, sigma ``(B,)``; float32.
    """
    samples = [
        cut(pictures, side, recipe, np.random.default_rng([seed, step, number]))
        for number in numbers
    ]
    noisy, target, sigma = zip(*samples, strict=True)
    pairs = [np.ascontiguousarray(np.moveaxis(np.stack(p), 3, 1)) for p in (noisy, target)]
    return pairs[0], pairs[1], np.array(sigma, dtype=np.float32)
