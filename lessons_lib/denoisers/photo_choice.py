"""Choose a denoiser for one photo, and how strong, without ever having seen it clean."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.util import find_spec

from lessons_lib.denoisers.bm3d import BM3D
from lessons_lib.denoisers.contract import Denoiser, check_setting
from lessons_lib.denoisers.dct import LocalDCT
from lessons_lib.denoisers.network import Network
from lessons_lib.denoisers.non_local_means import NonLocalMeans
from lessons_lib.denoisers.photo_colours import EvenColours
from lessons_lib.denoisers.photo_rules import (
    HIGHEST_LEVEL,
    RULES,
    Measure,
    NothingToDenoise,
    levels_of,
    photon_noise,
    refuse_nothing,
    rule_for,
    stabilise_in_strips,
)
from lessons_lib.denoisers.tiled import Tiled
from lessons_lib.denoisers.undecimated import UndecimatedHaar
from lessons_lib.image import Image, check_image, check_sigma

__all__ = [
    "METHODS",
    "RULES",
    "NothingToDenoise",
    "PhotoChoice",
    "choose_denoiser",
    "denoise_photo",
    "method_named",
]

METHODS: dict[str, Callable[[], Denoiser]] = {
    "network": Network,
    "bm3d": BM3D,
    "nlm": NonLocalMeans,
    "dct": LocalDCT,
    "wavelet": UndecimatedHaar,
}


@dataclass(frozen=True)
class PhotoChoice:
    """A denoiser that is set for one photo, and why.

    Attributes
    ----------
    denoiser : Denoiser
        Holds all its levels; the sigma of its call only says that there is noise.
    sigma : float
        Measured noise of the photo as it is, image units.
    method : str
        One of :data:`METHODS`.
    domain : str
        'display' or 'linear': the photo's own values; 'stabilised': linear light through a
        square root that makes photon noise even.
    rule : str
        One of :data:`RULES`: how the strength was found.
    factor : float
        What the rule multiplied the levels by.
    strength : float
        What the user multiplied them by.
    levels : tuple of float
        What the denoiser is told, for luminance and two colour differences, image units of the
        domain.
    """

    denoiser: Denoiser = field(repr=False)
    sigma: float
    method: str
    domain: str
    rule: str
    factor: float
    strength: float
    levels: tuple[float, ...]

    def settings(self) -> dict[str, object]:
        """All that is needed to do it again, as plain words and numbers."""
        return {
            "method": self.method,
            "domain": self.domain,
            "rule": self.rule,
            "sigma": round(self.sigma, 5),
            "levels": [round(level, 5) for level in self.levels],
            "factor": self.factor,
            "strength": self.strength,
        }


def choose_denoiser(
    image: Image,
    encoding: str,
    measure: Measure,
    *,
    method: str = "auto",
    strength: float = 1.0,
    sigma: float | None = None,
) -> PhotoChoice:
    """Choose domain, denoiser and strength for a photo from its own noise.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, 3)``, the photo.
    encoding : str
        'srgb' or 'linear', as :class:`lessons_lib.scenes.photo.Photo` says.
    measure : callable
        :func:`lessons_lib.diagnosis.photo_noise.measure_photo_noise`.
    method : str
        One of :data:`METHODS`, or 'auto': the network where PyTorch is installed, else BM3D.
    strength : float
        1 is what the rule says; [0, 5].
    sigma : float, optional
        The noise level, if it is known: then nothing is measured but taken as even and
        white.

    Returns
    -------
    PhotoChoice

    Raises
    ------
    NothingToDenoise
        If there is no noise, or nothing but noise.
    ValueError
        For an unknown method or encoding and settings out of their range.

    Notes
    -----
    The rules are in ``photo_rules.py``. White noise: sigma is the level, and its factor is
    tuned by J-invariance. Blotchy noise of sigma s and blotch area A (the sum of its squared
    autocorrelations, px): s A^(1/4) is the level, and nothing is tuned.
    """
    check_image(image)
    check_setting(strength, "strength", 0, 5)
    if encoding not in ("srgb", "linear"):
        raise ValueError(f"encoding must be 'srgb' or 'linear', got {encoding!r}")
    inner = method_named(method)()
    name = next(key for key, made in METHODS.items() if isinstance(inner, made))
    channels = 1 if image.ndim == 2 else image.shape[2]
    domain = "display" if encoding == "srgb" else "linear"
    if sigma is not None:
        levels = (check_sigma(sigma, zero_allowed=False),) * channels
        rule, factor, seen, root = "given", 1.0, sigma, None
    else:
        noise = measure(image)
        refuse_nothing(noise)
        seen = noise.sigma
        root = None if domain == "display" else photon_noise(inner, noise)
        if root is not None:
            domain, image = "stabilised", stabilise_in_strips(root, image)
            noise = measure(image)
        levels = levels_of(noise)
        rule, factor = rule_for(inner, image, levels, noise)
    levels = tuple(min(factor * strength * level, HIGHEST_LEVEL) for level in levels)
    denoiser: Denoiser = EvenColours(inner, levels)
    if root is not None:
        denoiser = replace(root, denoiser=denoiser)
    return PhotoChoice(denoiser, float(seen), name, domain, rule, factor, strength, levels)


def method_named(method: str) -> Callable[[], Denoiser]:
    """Find a method's class; 'auto' is the network where PyTorch is installed, else BM3D."""
    if method == "auto":
        method = "network" if find_spec("torch") else "bm3d"
    if method not in METHODS:
        raise ValueError(f"method must be auto, {', '.join(METHODS)}, got {method!r}")
    return METHODS[method]


def denoise_photo(
    image: Image, choice: PhotoChoice, tile: int = 1024
) -> Iterator[tuple[float, Image]]:
    """Denoise a photo of any size in tiles.

    Parameters
    ----------
    image : ndarray
        As it was given to :func:`choose_denoiser`.
    choice : PhotoChoice
        What that returned.
    tile : int
        Side of a tile, px; decides about memory, not about the result.

    Yields
    ------
    (float, ndarray)
        As :meth:`lessons_lib.denoisers.tiled.Tiled.progress`.
    """
    yield from Tiled(choice.denoiser, tile).progress(image, choice.sigma)
