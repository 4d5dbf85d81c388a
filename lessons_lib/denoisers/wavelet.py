"""Wavelet shrinkage: small coefficients are taken for noise."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
import pywt

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.denoisers.thresholds import (
    bayes_threshold,
    hard,
    soft,
    sure_threshold,
    universal_threshold,
)
from lessons_lib.image import Image

MODES: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {"soft": soft, "hard": hard}
RULES = ("bayes", "universal", "sure", "fixed")
MOST_LEVELS = 12
# Families with an orthonormal filter of finite length.
_FAMILIES = ("haar", "db", "sym", "coif")


@cache
def wavelet_names() -> tuple[str, ...]:
    """All wavelets on offer: PyWavelets' orthogonal ones of finite length, 2 to 102 weights."""
    return tuple(name for family in _FAMILIES for name in pywt.wavelist(family))


def check_wavelet(wavelet: str) -> None:
    """Raise a ValueError that lists the valid names unless ``wavelet`` is one of them."""
    if wavelet not in wavelet_names():
        spans = []
        for family in _FAMILIES[1:]:
            members = pywt.wavelist(family)
            spans.append(f"{members[0]} to {members[-1]}")
        raise ValueError(
            f"wavelet must be an orthogonal one: haar, {', '.join(spans)}; got {wavelet!r}"
        )


def check_levels(levels: int) -> None:
    """Raise a ValueError unless ``levels`` is a whole number from 1 to 12."""
    check_setting(levels, "levels (of the transform)", 1, MOST_LEVELS)
    if levels != int(levels):
        raise ValueError(f"levels must be a whole number, got {levels:g}")


def check_choice(value: str, name: str, options: tuple[str, ...]) -> None:
    """Raise a ValueError that lists the options unless ``value`` is one of them."""
    if value not in options:
        raise ValueError(f"{name} must be one of {', '.join(options)}; got {value!r}")


def usable_levels(shape: tuple[int, ...], wavelet: str, levels: int) -> int:
    """As many levels as the filter fits into the shorter side for, and at least one.

    Parameters
    ----------
    shape : tuple of int
        (H, W, ...).
    wavelet : str
        One of :func:`wavelet_names`.
    levels : int
        How many are wanted.
    """
    taps = pywt.Wavelet(wavelet).dec_len
    return min(int(levels), max(1, pywt.dwt_max_level(min(shape[:2]), taps)))


def threshold_of(rule: str, band: np.ndarray, sigma: float, count: int) -> float:
    """The threshold that a rule gives for one band.

    Parameters
    ----------
    rule : str
        'bayes' or 'sure' (from this band), 'universal' (from sigma and ``count``) or
        'fixed' (sigma itself).
    band : ndarray
        Noisy coefficients.
    sigma : float
        Standard deviation of their noise.
    count : int
        Number of pixels of the whole image.

    Returns
    -------
    float
        In the units of the coefficients.

    Raises
    ------
    ValueError
        For an unknown rule.
    """
    check_choice(rule, "rule", RULES)
    if rule == "bayes":
        return bayes_threshold(band, sigma)
    if rule == "sure":
        return sure_threshold(band, sigma)
    return universal_threshold(sigma, count) if rule == "universal" else sigma


def wavelet_shrink(
    image: Image,
    sigma: float,
    wavelet: str = "db2",
    levels: int = 4,
    rule: str = "bayes",
    mode: str = "soft",
    strength: float = 1.0,
) -> Image:
    """Transform, shrink each detail band by its threshold, transform back.

    The coarsest approximation is never touched. The border is mirrored, which keeps
    constants; there the coefficients are not quite orthonormal.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; channels are treated separately. Any size.
    sigma : float
        Standard deviation of the white noise, image units.
    wavelet : str
        One of :func:`wavelet_names`: 'haar', 'db2', 'sym4', ...
    levels : int
        1 to 12; fewer are used where the filter would not fit into the image, see
        :func:`usable_levels`.
    rule : str
        'bayes' (BayesShrink), 'sure' (SureShrink), 'universal', or 'fixed' (sigma).
    mode : str
        'soft' or 'hard'.
    strength : float
        Multiplies every threshold, [0, 20]; 0 returns a copy.

    Returns
    -------
    ndarray
        Same shape and type.

    Raises
    ------
    ValueError
        For an unknown wavelet, rule or mode (with a list of those there are), and for
        levels and strengths outside their ranges.

    Why edges blur
    --------------
    Mis-deciding: in 2-D a vertical edge of contrast c has finest Haar coefficients of size
    c, or 0 where it falls between two pairs of pixels. An edge with c < T loses them, noise
    aside. Coarser ones survive while they are above T: at level j they are worth up to
    2^(j - 1) c, where the edge halves a block, but only c one pixel from the block's border.

    References
    ----------
    Donoho and Johnstone 1994, doi 10.1093/biomet/81.3.425; Chang, Yu and Vetterli 2000,
    doi 10.1109/83.862633.
    """
    check_settings(wavelet, levels, rule, mode, strength)
    if strength == 0 or sigma == 0:
        return image.copy()
    if image.ndim == 3:
        planes = [image[..., channel] for channel in range(image.shape[2])]
        settings = (sigma, wavelet, levels, rule, mode, strength)
        return np.stack([wavelet_shrink(plane, *settings) for plane in planes], axis=2)
    approximation, kept = image, []
    for _ in range(usable_levels(image.shape, wavelet, levels)):
        shape = approximation.shape
        approximation, bands = pywt.dwt2(approximation, wavelet, mode="symmetric")
        thresholds = [strength * threshold_of(rule, band, sigma, image.size) for band in bands]
        shrunk = [MODES[mode](*pair) for pair in zip(bands, thresholds, strict=True)]
        kept.append((shape, shrunk))
    for (height, width), bands in reversed(kept):
        # An odd side comes back one longer.
        approximation = pywt.idwt2((approximation, bands), wavelet, mode="symmetric")
        approximation = approximation[:height, :width]
    return np.ascontiguousarray(approximation)


def check_settings(wavelet: str, levels: int, rule: str, mode: str, strength: float) -> None:
    """Check everything that :func:`wavelet_shrink` is set by."""
    check_wavelet(wavelet)
    check_levels(levels)
    check_choice(rule, "rule", RULES)
    check_choice(mode, "mode", tuple(MODES))
    check_setting(strength, "strength (factor on the threshold)", 0, 20)


@dataclass(frozen=True)
class WaveletShrink:
    """Wavelet shrinkage as a denoiser; see :func:`wavelet_shrink`.

    Parameters
    ----------
    wavelet : str
        'haar', 'db2', 'sym4', ...; see :func:`wavelet_names`.
    levels : int
        1 to 12.
    rule : str
        'bayes', 'sure', 'universal' or 'fixed'.
    mode : str
        'soft' or 'hard'.
    strength : float
        Multiplies every threshold; 0 switches the denoiser off.
    """

    wavelet: str = "db2"
    levels: int = 4
    rule: str = "bayes"
    mode: str = "soft"
    strength: float = 1.0

    properties: ClassVar[Properties] = Properties(True, True, True, "strength")
    # Each threshold is one for the whole band, and the grid of pairs starts at the border.
    reach: ClassVar[None] = None

    def __post_init__(self) -> None:
        check_settings(self.wavelet, self.levels, self.rule, self.mode, self.strength)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the image without its small coefficients; see :func:`wavelet_shrink`."""
        sigma = prepare(noisy, sigma)
        return wavelet_shrink(
            noisy, sigma, self.wavelet, self.levels, self.rule, self.mode, self.strength
        )
