"""Choose a setting without a clean image, and say what the choice costs.

The risks that the choice is based on are in ``risks.py``; their names can be imported from
here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np

from lessons_lib.denoisers.blind_spot import mask_grids
from lessons_lib.denoisers.colour import common_properties
from lessons_lib.denoisers.contract import Denoiser, Properties, prepare
from lessons_lib.denoisers.risks import (
    Make,
    risk_j_invariant,
    risk_oracle,
    risk_second_shot,
    risk_sure,
)
from lessons_lib.image import Image

__all__ = [
    "METHODS",
    "Calibrated",
    "Calibration",
    "Make",
    "best",
    "gap",
    "risk_j_invariant",
    "risk_oracle",
    "risk_second_shot",
    "risk_sure",
    "varying",
]

METHODS = ("sure", "j-invariant")


@dataclass(frozen=True)
class Calibration:
    """Settings that were tried, and the risk of each.

    Attributes
    ----------
    values : tuple of float
        The settings.
    risks : tuple of float
        Mean squared error or an estimate of it (then it may be negative), image units
        squared.
    """

    values: tuple[float, ...]
    risks: tuple[float, ...]

    @property
    def chosen(self) -> float:
        """The value of least risk; the first of several."""
        return self.values[int(np.argmin(self.risks))]

    @property
    def at_an_end(self) -> bool:
        """Whether the least risk is at the first or last value: better ones may lie beyond."""
        return int(np.argmin(self.risks)) in (0, len(self.risks) - 1)


def best(values: Iterable[float], risks: Iterable[float]) -> Calibration:
    """Collect the risks of a generator, one for each value.

    Raises
    ------
    ValueError
        If there are no values, or not as many risks, or a risk is not finite.
    """
    values, risks = tuple(values), tuple(risks)
    if not values or len(values) != len(risks):
        raise ValueError(
            f"one risk is needed for each value, got {len(risks)} for {len(values)} values; "
            "give the same values to the risk and to best"
        )
    if not np.isfinite(risks).all():
        raise ValueError("a risk is NaN or infinite; look at the denoiser's estimate")
    return Calibration(values, risks)


def gap(calibration: Calibration, oracle: Calibration) -> float:
    """What the choice costs against the oracle's, in dB of PSNR.

    Parameters
    ----------
    calibration : Calibration
        The choice, made from any risk.
    oracle : Calibration
        Of :func:`risk_oracle` for the same values.

    Returns
    -------
    float
        10 log10(MSE at the choice / least MSE): 0 or more.

    Raises
    ------
    ValueError
        If the values differ.
    """
    if calibration.values != oracle.values:
        raise ValueError(
            "calibration and oracle must have tried the same values, got "
            f"{calibration.values} and {oracle.values}"
        )
    paid = oracle.risks[oracle.values.index(calibration.chosen)]
    return float(10 * np.log10(paid / min(oracle.risks)))


def varying(denoiser: Denoiser, setting: str) -> Make:
    """Make a function of one setting: value -> the same denoiser with that value.

    Parameters
    ----------
    denoiser : Denoiser
        A dataclass.
    setting : str
        One of its fields.

    Raises
    ------
    ValueError
        If there is no such setting; the message lists those that there are.
    """
    names = [field.name for field in fields(denoiser)] if is_dataclass(denoiser) else []
    if setting not in names:
        raise ValueError(
            f"{type(denoiser).__name__} has no setting {setting!r}; "
            f"it has {', '.join(names) or 'none'}"
        )
    return lambda value: replace(denoiser, **{setting: value})


@dataclass(frozen=True)
class Calibrated:
    """A denoiser that chooses one of its own settings on the very photo that it denoises.

    Parameters
    ----------
    denoiser : Denoiser
        A dataclass; its other settings stay.
    setting : str
        Name of the field to choose.
    values : tuple of float
        What to try, at least one.
    method : str
        'sure' (white Gaussian noise of known sigma) or 'j-invariant' (noise that is
        independent from pixel to pixel; sigma is handed on to the denoiser, and is the
        noise that ``renoise`` adds).
    seed : int
        Of the direction of 'sure', and of the noise in filled-in pixels.
    stride, blind_radius, masks : int
        Of 'j-invariant'; see :func:`lessons_lib.denoisers.risks.risk_j_invariant`.
    renoise : bool
        Of 'j-invariant': whether hidden pixels get the noise that their fill lacks.

    Raises
    ------
    ValueError
        For an unknown setting or method and for no values.

    Notes
    -----
    The choice is one for the whole photo, so every pixel has a say in it: the reach is
    None. A photo too small to hide a pixel in leaves 'j-invariant' nothing to choose by;
    it gets the middle value.

    Why edges blur
    --------------
    As in the inner denoiser, with one setting for all pixels: it is a compromise between flat
    parts, which ask for more, and edges and textures, which ask for less.
    """

    denoiser: Denoiser
    setting: str
    values: tuple[float, ...]
    method: str = "sure"
    seed: int = 0
    stride: int = 4
    blind_radius: int = 0
    masks: int = 4
    renoise: bool = True

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, got {self.method!r}")
        if not isinstance(self.values, tuple) or not self.values:
            raise ValueError(f"values must be a tuple of settings to try, got {self.values!r}")
        mask_grids((1, 1), self.stride, self.blind_radius, self.masks)  # refuses bad masks
        for value in self.values:
            varying(self.denoiser, self.setting)(value)  # it refuses what it cannot take

    @property
    def properties(self) -> Properties:
        """What the inner denoiser promises."""
        return common_properties(self.denoiser)

    @property
    def reach(self) -> None:
        """Global: every pixel takes part in the choice."""
        return None

    def risks(self, noisy: Image, sigma: float) -> Iterator[float]:
        """Yield the estimated risk of each value; see :func:`best`."""
        make = varying(self.denoiser, self.setting)
        if self.method == "sure":
            return risk_sure(make, noisy, sigma, self.values, self.seed)
        return risk_j_invariant(
            make,
            noisy,
            sigma,
            self.values,
            self.stride,
            self.blind_radius,
            self.masks,
            self.seed if self.renoise else None,
        )

    def tuned(self, noisy: Image, sigma: float) -> Denoiser:
        """Return the inner denoiser with the value that this photo asks for."""
        prepare(noisy, sigma, zero_allowed=False)
        make = varying(self.denoiser, self.setting)
        if self.method == "j-invariant" and max(noisy.shape[:2]) < 2 * self.blind_radius + 2:
            return make(self.values[len(self.values) // 2])
        return make(best(self.values, self.risks(noisy, sigma)).chosen)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Choose the setting and denoise with it; sigma = 0 returns a copy."""
        if prepare(noisy, sigma) == 0:
            return noisy.copy()
        return self.tuned(noisy, sigma)(noisy, sigma)
