"""The rules by which a denoiser is set for one photo: from its noise, never from a clean one."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from lessons_lib.denoisers.calibration import best, risk_j_invariant
from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.denoisers.photo_colours import EvenColours
from lessons_lib.denoisers.stabilised import Stabilised
from lessons_lib.image import Image

FACTORS = (0.5, 0.7, 1.0, 1.4)  # on the levels
CAUTION = 0.7  # for grey blotchy noise, which fine texture looks like
_CROP = 128  # px
_ROWS = 256
HIGHEST_LEVEL = 2.0  # what denoisers accept as sigma

RULES = {
    "given": "the noise level was given by hand",
    "blotches": (
        "the noise is shared by neighbours, so that hiding pixels and guessing them from their "
        "neighbours cannot judge a setting; the denoiser is told sigma x (blotch area)^(1/4)"
    ),
    "hidden pixels": (
        "the noise is independent from pixel to pixel, so the strength was chosen that "
        "best foretells hidden pixels (J-invariance)"
    ),
}


class MeasuredNoise(Protocol):
    """What is read off :class:`lessons_lib.diagnosis.photo_noise.PhotoNoise`."""

    sigma: float
    sigmas: np.ndarray
    blotch_areas: np.ndarray
    levels: np.ndarray
    spectra: np.ndarray
    is_white: bool
    is_none: bool
    is_darkness: bool


Measure = Callable[[Image], MeasuredNoise]


class NothingToDenoise(ValueError):
    """A photo without noise, or without light: what was found, and what to do."""


def refuse_nothing(noise: MeasuredNoise) -> None:
    """Raise NothingToDenoise where there is no light, or no noise."""
    if noise.is_darkness:
        raise NothingToDenoise(
            "is total darkness: nothing in it rises above its own noise, and no denoiser can "
            "bring back light that was not there; take it again with a longer exposure"
        )
    if noise.is_none:
        raise NothingToDenoise(
            "has no noise that could be measured (less than a hundredth of a grey level): "
            "there is nothing to remove; give the noise level by hand if you know better"
        )


def photon_noise(inner: Denoiser, noise: MeasuredNoise) -> Stabilised | None:
    """Fit variance = (read noise)^2 + light: the transform that makes it even, or None."""
    variance = np.maximum(noise.spectra.mean((1, 2, 3)), 1e-12)
    if np.ptp(noise.levels) == 0:
        return None
    slope, dark = np.polyfit(noise.levels, variance, 1, w=1 / variance)
    if slope <= 1e-6:
        return None  # no brighter, no noisier: nothing to even out
    electrons = float(max(1 / slope, 1.0))
    read_noise = float(np.sqrt(max(dark, 0))) * electrons
    return Stabilised(inner, electrons, min(read_noise, electrons / 4, 1000.0))


def stabilise_in_strips(root: Stabilised, image: Image) -> Image:
    """Stabilise a large photo some rows at a time: the transform's own copies are float64."""
    even = np.empty_like(image)
    for top in range(0, image.shape[0], _ROWS):
        even[top : top + _ROWS] = root.stabilise(image[top : top + _ROWS])
    return even


def levels_of(noise: MeasuredNoise) -> tuple[float, ...]:
    """What a denoiser for white noise is told of each channel, image units.

    Sigma where the noise is white. Blotches of area A px have, at their own coarse
    frequencies, the power of white noise of sigma sqrt(A): a denoiser that is told sigma
    leaves them, one that is told sigma sqrt(A) takes fine texture with them. It is told the
    geometric mean of both.
    """
    power = 0.0 if noise.is_white else 0.25
    return tuple(float(level) for level in noise.sigmas * noise.blotch_areas**power)


def rule_for(
    inner: Denoiser, image: Image, levels: tuple[float, ...], noise: MeasuredNoise
) -> tuple[str, float]:
    """The rule that fits the noise, and the factor on the levels that it finds."""
    if not noise.is_white:  # neighbours know the hidden pixel's noise: hiding it proves nothing
        grey = len(levels) == 1 or max(levels[1:]) < 0.02 * levels[0]
        return "blotches", CAUTION if grey else 1.0
    crops = _crops(image)

    def make(factor: float) -> Denoiser:
        return EvenColours(inner, tuple(min(factor * level, HIGHEST_LEVEL) for level in levels))

    risks = np.mean(
        [
            list(risk_j_invariant(make, crop, noise.sigma, FACTORS, masks=2, renoise_seed=0))
            for crop in crops
        ],
        axis=0,
    )
    return "hidden pixels", best(FACTORS, risks).chosen


def _crops(image: Image) -> list[Image]:
    """Up to three squares along the diagonal, on which settings are tried."""
    crops = []
    for place in (0.2, 0.5, 0.8):
        top, left = (max(int(place * side) - _CROP // 2, 0) for side in image.shape[:2])
        crops.append(np.ascontiguousarray(image[top : top + _CROP, left : left + _CROP]))
    return crops
