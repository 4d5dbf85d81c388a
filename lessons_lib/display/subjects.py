"""What can be put under the blur microscope: clean pictures, phantoms, and noisy photos."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from lessons_lib.image import Image
from lessons_lib.scenes import noise, phantoms, pictures
from lessons_lib.scenes.camera import photograph
from lessons_lib.scenes.development import srgb_encode
from lessons_lib.scenes.night_street import night_street

# Photo-electrons that a pixel collects from scene white: a dim street, a short exposure.
NIGHT_ELECTRONS = 150.0

# Sign, awning and lit window of the night street: strong edges, weak ones, and texture.
SHOP = (290, 384)


@dataclass(frozen=True, eq=False)
class Subject:
    """A picture to look at.

    Attributes
    ----------
    name : str
        Shown in the picture list.
    image : ndarray
        Display-encoded, ``(H, W)`` or ``(H, W, 3)``.
    noisy_already : bool
        True for a photo: its noise is its own, and none is added.
    truth : ndarray or None
        What a noisy picture shows, without noise; only a simulated photo has it.
    centre : (int, int) or None
        (row, col) of the part to look at first; the middle if None.
    """

    name: str
    image: Image
    noisy_already: bool = False
    truth: Image | None = None
    centre: tuple[int, int] | None = None


@cache
def street_light() -> Image:
    """The night street in linear light, ``(512, 768, 3)``; read-only, for it is shared."""
    light = night_street()
    light.flags.writeable = False
    return light


@cache
def clean_street() -> Image:
    """The night street as an ideal camera would show it, display-encoded."""
    return srgb_encode(np.clip(street_light(), 0, 1))


@cache
def photographed_street(seed: int = 0) -> Image:
    """The night street through the camera model: shot noise, read noise, Bayer grid, JPEG."""
    rng = np.random.default_rng(seed)
    return photograph(street_light(), electrons_at_white=NIGHT_ELECTRONS, rng=rng)


def _slanted_edge() -> Image:
    return phantoms.SlantedEdge(size=256, contrast=0.4, mean=0.5).image()


SUBJECTS: dict[str, Callable[[], Subject]] = {
    "night street, photographed": lambda: Subject(
        "night street, photographed", photographed_street(), True, clean_street(), SHOP
    ),
    "night street, clean": lambda: Subject(
        "night street, clean", clean_street(), centre=SHOP
    ),
    "slanted edge": lambda: Subject("slanted edge", _slanted_edge()),
    "disc": lambda: Subject("disc", phantoms.disc(256, 40)),
    "dead leaves": lambda: Subject("dead leaves", phantoms.dead_leaves(256, seed=0)),
    "camera man": lambda: Subject("camera man", pictures.picture("camera")),
    "astronaut": lambda: Subject("astronaut", pictures.picture("astronaut")),
    "coins": lambda: Subject("coins", pictures.picture("coins")),
}


def check_picture(name: str, known: Iterable[str]) -> None:
    """Raise a ValueError unless ``name`` is one of the known pictures."""
    if name not in known:
        raise ValueError(f"there is no picture {name!r}; choose one of {', '.join(known)}")


@cache
def subject(name: str) -> Subject:
    """Look a subject up by its name in ``SUBJECTS``."""
    check_picture(name, SUBJECTS)
    return SUBJECTS[name]()


NOISES = ("as it is", "Gaussian", "Poisson (photons)", "salt and pepper")


def add_noise(clean: Image, kind: str, level: float, seed: int) -> tuple[Image, float | None]:
    """Add one kind of noise at one level.

    Parameters
    ----------
    clean : ndarray
        Nominally in [0, 1].
    kind : str
        One of ``NOISES``.
    level : float
        Gaussian: sigma. Poisson: sigma at mid-grey, image units. Salt and pepper: share
        of the pixels that are hit.
    seed : int
        The same seed draws the same noise.

    Returns
    -------
    ndarray
        The noisy image, not clipped.
    float or None
        sigma where it is one known number, else None: it has to be estimated.
    """
    rng = np.random.default_rng(seed)
    if kind == "as it is" or level == 0:
        return clean, None
    if kind == "Gaussian":
        return noise.add_gaussian(clean, level, rng), level
    if kind == "Poisson (photons)":
        # variance = value / peak, so sigma = level at value 1/2 needs this many electrons
        return noise.add_poisson(np.clip(clean, 0, None), 0.5 / level**2, rng), None
    if kind == "salt and pepper":
        return noise.add_salt_and_pepper(clean, level, rng), None
    raise ValueError(f"there is no noise {kind!r}; choose one of {', '.join(NOISES)}")
