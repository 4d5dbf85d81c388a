"""Photon noise made even: transform, denoise with one known sigma, and go back unbiased."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers.colour import common_reach
from lessons_lib.denoisers.contract import Denoiser, Properties, check_setting, prepare
from lessons_lib.image import Image
from lessons_lib.scenes.stabilisation import (
    generalised_anscombe,
    inverse_generalised_anscombe_algebraic,
    inverse_generalised_anscombe_unbiased,
)

INVERSES = {
    "unbiased": inverse_generalised_anscombe_unbiased,
    "algebraic": inverse_generalised_anscombe_algebraic,
}


@dataclass(frozen=True)
class Stabilised:
    """A denoiser for even noise, made fit for light that is counted in electrons.

    The noisy image is value = black + electrons / electrons_at_white, in linear light
    (before the tone curve and the white balance), with electrons = Poisson(mean) + Normal(0,
    read_noise^2). The generalised Anscombe transform gives it a standard deviation of
    about 1 everywhere; scaled so that black is 0 and white is 1, that is what the inner
    denoiser sees, with the sigma that :attr:`inner_sigma` says.

    **The sigma of the call is not used**: bright pixels are noisier than dark ones, so no
    one number is right, and the settings say it all. It is only checked; 0 still means 'no
    noise' and returns a copy.

    Parameters
    ----------
    denoiser : Denoiser
        Made for one sigma.
    electrons_at_white : float
        Mean electrons of a pixel at value black + 1; [1, 1e6].
    read_noise : float
        Standard deviation of the readout, electrons; [0, 1000].
    black : float
        Value that no light gives, image units; [-1, 1].
    inverse : str
        'unbiased' (exact) or 'algebraic', which is too dark by about 1/4 electron where the
        inner denoiser averages well, and is here so that the difference can be seen.

    Raises
    ------
    ValueError
        For settings outside their ranges, an unknown inverse, and where the read noise
        leaves so little between black and white that the inner sigma is above 2.

    Notes
    -----
    The unbiased inverse never goes below black. What noise the inner denoiser leaves makes
    the estimate too bright, by about a quarter of its variance in units of the transform
    [electrons]: the way back is exact for a mean, not for a noisy value.

    Why edges blur
    --------------
    As in the inner denoiser, with contrast / sigma measured after the transform: a small step
    of c electrons at level m counts as c / sqrt(m + 3/8 + read_noise^2). A step that is kept
    in the shadows may be lost in the light.

    References
    ----------
    Makitalo and Foi, Optimal inversion of the generalized Anscombe transformation for
    Poisson-Gaussian noise, 2013, doi 10.1109/TIP.2012.2202675.
    """

    denoiser: Denoiser
    electrons_at_white: float
    read_noise: float = 0.0
    black: float = 0.0
    inverse: str = "unbiased"

    def __post_init__(self) -> None:
        check_setting(self.electrons_at_white, "electrons_at_white", 1, 1e6)
        check_setting(self.read_noise, "read_noise (electrons)", 0, 1000)
        check_setting(self.black, "black (image units)", -1, 1)
        if self.inverse not in INVERSES:
            raise ValueError(
                f"inverse must be one of {', '.join(INVERSES)}, got {self.inverse!r}"
            )
        if self.inner_sigma > 2:
            raise ValueError(
                f"a read noise of {self.read_noise:g} electrons drowns a white of "
                f"{self.electrons_at_white:g} electrons; nothing is left to denoise"
            )

    @property
    def properties(self) -> Properties:
        """None: the transform is curved, and the unbiased inverse moves a noiseless constant."""
        return Properties(False, False, False, None)

    @property
    def reach(self) -> int | None:
        """How far a pixel's influence goes, px."""
        return common_reach(self.denoiser)

    @property
    def inner_sigma(self) -> float:
        """Standard deviation of the noise that the inner denoiser sees and is told."""
        dark, light = self._ends()
        return 1 / (light - dark)

    def stabilise(self, noisy: Image) -> Image:
        """Make the noise even; black becomes 0, white 1, the noise :attr:`inner_sigma`."""
        dark, light = self._ends()
        counted = (noisy - self.black) * self.electrons_at_white
        even = generalised_anscombe(counted, 1.0, self.read_noise)
        return ((even - dark) / (light - dark)).astype(noisy.dtype)

    def invert(self, stabilised: Image) -> Image:
        """Go back to image units from a denoised image of :meth:`stabilise`."""
        dark, light = self._ends()
        even = dark + (light - dark) * np.asarray(stabilised, float)
        electrons = INVERSES[self.inverse](even, 1.0, self.read_noise)
        return (self.black + electrons / self.electrons_at_white).astype(stabilised.dtype)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Stabilise, denoise, and go back; ``sigma`` is checked and not used."""
        if prepare(noisy, sigma) == 0:
            return noisy.copy()
        return self.invert(self.denoiser(self.stabilise(noisy), self.inner_sigma))

    def _ends(self) -> tuple[float, float]:
        """Transform of no light and of white."""
        ends = generalised_anscombe(
            np.array([0.0, self.electrons_at_white]), 1.0, self.read_noise
        )
        return float(ends[0]), float(ends[1])
