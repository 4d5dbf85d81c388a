"""Outlines of objects: who drew what, how alike, and how true.

An outline is a star: a centre, and a radius along each of many spokes. Annotators are
simulated; what they go by (a level between dark and light) is an assumption.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.stats import norm

from lessons_lib.image import Image, check_image
from lessons_lib.scenes.coverage import disc_coverage

SPOKES = 24
EYE = 1.0  # px: nobody draws by single pixels
SEEN = 3.0  # contrast over the unrest around it at which an object is noticed
MATCHED = 0.3  # overlap at which a drawn object counts as the true one


@dataclass(frozen=True)
class Disc:
    """A round object: centre (row, col) and radius in px, and contrast with the ground."""

    row: float
    col: float
    radius: float
    contrast: float


SCENE = (
    Disc(28, 30, 12, 0.45), Disc(30, 94, 9, 0.20), Disc(64, 62, 6, 0.45),
    Disc(96, 28, 9, 0.10), Disc(98, 66, 12, 0.30), Disc(94, 104, 6, 0.20),
)  # fmt: skip
SIZE, GROUND, SIGMA = 128, 0.35, 0.12


def draw_scene(discs: Sequence[Disc] = SCENE, size: int = SIZE, ground: float = GROUND) -> Image:
    """The clean picture of some discs, area-sampled, ``(size, size)``."""
    image = np.full((size, size), ground)
    borders = np.arange(size + 1) - 0.5
    for one in discs:
        image += one.contrast * disc_coverage(borders - one.row, borders - one.col, one.radius)
    return image


def star_mask(centre: tuple[float, float], radii: Sequence[float], size: int = SIZE) -> np.ndarray:
    """Boolean ``(size, size)``: pixels inside a star whose radii are joined by straight lines."""
    radii = np.asarray(radii, dtype=float)
    row, col = np.indices((size, size)) - np.reshape(centre, (2, 1, 1))
    step = 2 * np.pi / len(radii)
    turn = np.mod(np.arctan2(row, col), 2 * np.pi) / step
    here = np.floor(turn).astype(int) % len(radii)
    a, b, angle = radii[here], radii[(here + 1) % len(radii)], (turn - np.floor(turn)) * step
    # The chord from radius a at angle 0 to b at angle `step`, at the angle in between.
    bottom = a * np.sin(angle) + b * np.sin(step - angle)
    border = np.divide(a * b * np.sin(step), bottom, out=np.zeros_like(bottom), where=bottom > 0)
    return np.hypot(row, col) <= border


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Dice similarity: 2 |A and B| / (|A| + |B|); 1 for two empty masks.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if first.shape != second.shape:
        raise ValueError(f"both masks need one shape, got {first.shape} and {second.shape}")
    total = first.sum() + second.sum()
    return 1.0 if total == 0 else float(2 * (first & second).sum() / total)


@dataclass(frozen=True)
class Annotator:
    """A simulated annotator (assumed, not measured).

    Attributes
    ----------
    level : float
        Draws where the picture passes this share of the way from ground to object; (0, 1).
    hand : float
        Unrest of the hand, px (standard deviation).
    seed : int
        Of the hand.
    """

    level: float = 0.5
    hand: float = 0.4
    seed: int = 0

    def outline(self, image: Image, disc: Disc) -> np.ndarray | None:
        """Radii along the spokes around an object, or None if it goes unnoticed.

        Parameters
        ----------
        image : ndarray, ``(H, W)``
            What the annotator sees.
        disc : Disc
            Where to look: its centre, and a reach of twice its radius.
        """
        seen = gaussian_filter(check_image(image), EYE)
        away = np.hypot(*(np.indices(seen.shape) - np.reshape((disc.row, disc.col), (2, 1, 1))))
        around = seen[(away > 1.3 * disc.radius) & (away < 2.0 * disc.radius)]
        ground, top = np.median(around), seen[away <= max(0.5 * disc.radius, 1.5)].mean()
        if abs(top - ground) < SEEN * around.std():
            return None
        profiles, distances = _profiles(seen, disc)
        reached = (profiles - ground) / (top - ground)
        radii = np.array([_first_below(one, distances, self.level) for one in reached])
        unrest = self.hand * np.random.default_rng(self.seed).standard_normal(len(radii))
        return np.maximum(radii + unrest, 0.5)


def _profiles(image: Image, disc: Disc) -> tuple[np.ndarray, np.ndarray]:
    angles = 2 * np.pi * np.arange(SPOKES) / SPOKES
    distances = np.arange(0, 2 * disc.radius, 0.1)
    rows = disc.row + np.outer(np.sin(angles), distances)
    cols = disc.col + np.outer(np.cos(angles), distances)
    return map_coordinates(image, [rows, cols], order=1, mode="nearest"), distances


def _first_below(profile: np.ndarray, distances: np.ndarray, level: float) -> float:
    below = np.flatnonzero(profile < level)
    if not below.size:
        return float(distances[-1])
    k = below[0]
    if k == 0:
        return 0.5
    share = (profile[k - 1] - level) / (profile[k - 1] - profile[k])
    return float(distances[k - 1] + share * (distances[k] - distances[k - 1]))


def contour_radius(radius: float, blur: float, level: float = 0.5) -> float:
    """Radius at which a blurred disc passes ``level``, for blur well below the radius.

    A straight edge passes it blur * Phi^-1(1 - level) outside; the curve pulls it in by
    blur^2 / (2 radius). With a level of one half only the second term is left.

    Parameters
    ----------
    radius, blur : float
        Of the disc, and standard deviation of the Gaussian, px.
    level : float
        (0, 1).
    """
    return float(radius + blur * norm.ppf(1 - level) - blur**2 / (2 * radius))


def annotate(image: Image, annotator: Annotator, discs: Sequence[Disc] = SCENE) -> list:
    """One mask per object, or None where it went unnoticed."""
    masks = []
    for k, disc in enumerate(discs):
        own = Annotator(annotator.level, annotator.hand, annotator.seed * 1000 + k)
        radii = own.outline(image, disc)
        masks.append(None if radii is None else star_mask((disc.row, disc.col), radii, len(image)))
    return masks


def true_masks(discs: Sequence[Disc] = SCENE, size: int = SIZE) -> list[np.ndarray]:
    """The objects' own masks: pixels whose centre is inside."""
    where = np.indices((size, size))
    return [
        np.hypot(*(where - np.reshape((one.row, one.col), (2, 1, 1)))) <= one.radius
        for one in discs
    ]
