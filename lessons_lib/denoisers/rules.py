"""How strong each denoiser is set, from sigma alone: one documented rule per method.

The rules are for natural photographs with white noise. Their few constants were chosen
once, on crops of Set12 at sigma 15, 25 and 50 (of 255), and never per image. The benchmark
(``make bench``) uses them, and so may you: ``rule("bilateral")(noisy, sigma)``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lessons_lib.denoisers.anisotropic_diffusion import PeronaMalik
from lessons_lib.denoisers.bilateral import Bilateral
from lessons_lib.denoisers.bm3d import BM3D
from lessons_lib.denoisers.contract import Denoiser, prepare
from lessons_lib.denoisers.dct import LocalDCT
from lessons_lib.denoisers.edge_preserving import LocalWiener, Median
from lessons_lib.denoisers.fourier_wiener import FourierWiener
from lessons_lib.denoisers.guided import Guided
from lessons_lib.denoisers.linear import Box, Gaussian
from lessons_lib.denoisers.network import Network
from lessons_lib.denoisers.non_local_means import NonLocalMeans
from lessons_lib.denoisers.total_variation import TotalVariation
from lessons_lib.denoisers.undecimated import UndecimatedHaar
from lessons_lib.denoisers.wavelet import WaveletShrink
from lessons_lib.image import Image, check_sigma


@dataclass(frozen=True)
class Rule:
    """How one method's settings follow from sigma.

    Attributes
    ----------
    words : str
        The rule in one line, with s for sigma in image units.
    make : callable
        sigma -> denoiser.
    """

    words: str
    make: Callable[[float], Denoiser]

    def denoiser(self, sigma: float) -> Denoiser:
        """Return the denoiser for noise of ``sigma`` (image units, above 0).

        Raises
        ------
        ValueError
            For what is no noise level.
        """
        return self.make(check_sigma(sigma, zero_allowed=False))

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Denoise with the settings that ``sigma`` asks for: a rule is a denoiser itself."""
        if prepare(noisy, sigma) == 0:
            return noisy.copy()
        return self.denoiser(sigma)(noisy, sigma)


def _box(sigma: float) -> Box:
    return Box(radius=round(0.7 + 7 * sigma))


def _gaussian(sigma: float) -> Gaussian:
    # The cube-root law of lesson 03, with the edges of an average photograph.
    return Gaussian(width=round(4.1 * sigma ** (2 / 3), 3))


def _median(sigma: float) -> Median:
    return Median(radius=round(0.7 + 11 * sigma))


def _local_wiener(sigma: float) -> LocalWiener:
    return LocalWiener(radius=round(1.4 + 8 * sigma), strength=1.2)


def _bilateral(sigma: float) -> Bilateral:
    return Bilateral(
        space_width=round(1.1 + 3.8 * sigma, 3), value_ratio=round(1.9 + 9.5 * sigma, 3)
    )


def _guided(sigma: float) -> Guided:
    return Guided(radius=round(0.7 + 7 * sigma), strength=2.5)


def _perona_malik(sigma: float) -> PeronaMalik:
    return PeronaMalik(steps=round(2 + 30 * sigma), contrast_ratio=2.3)


def _total_variation(sigma: float) -> TotalVariation:
    # A little of Huber's rounding keeps ramps from turning into stairs.
    return TotalVariation(
        strength=round(0.53 + 1.9 * sigma, 3),
        iterations=round(28 + 90 * sigma),
        huber_ratio=0.03,
    )


def _non_local_means(sigma: float) -> NonLocalMeans:
    # In weak noise small patches find more of the same.
    return NonLocalMeans(patch_radius=1 if sigma < 20 / 255 else 2)


RULES: dict[str, Rule] = {
    "box": Rule("radius round(0.7 + 7 s) px", _box),
    "Gaussian": Rule("width 4.1 s^(2/3) px: the cube-root law", _gaussian),
    "Fourier Wiener": Rule("strength 1", lambda sigma: FourierWiener()),
    "median": Rule("radius round(0.7 + 11 s) px", _median),
    "local Wiener": Rule("radius round(1.4 + 8 s) px, strength 1.2", _local_wiener),
    "bilateral": Rule(
        "space width 1.1 + 3.8 s px, value width (1.9 + 9.5 s) sigma", _bilateral
    ),
    "guided": Rule("radius round(0.7 + 7 s) px, sqrt(epsilon) = 2.5 sigma", _guided),
    "Perona-Malik": Rule("round(2 + 30 s) steps, contrast 2.3 sigma", _perona_malik),
    "total variation": Rule(
        "lambda (0.53 + 1.9 s) sigma, Huber 0.03 sigma, round(28 + 90 s) iterations",
        _total_variation,
    ),
    "wavelet": Rule("db2, BayesShrink, soft", lambda sigma: WaveletShrink()),
    "wavelet, undecimated": Rule(
        "Haar, all shifts, threshold 3.3 sigma", lambda sigma: UndecimatedHaar()
    ),
    "local DCT": Rule("8 x 8, threshold 2.7 sigma", lambda sigma: LocalDCT()),
    "non-local means": Rule(
        "patch radius 1 below s = 20/255, else 2; search radius 6; h = 0.75 sigma",
        _non_local_means,
    ),
    "BM3D": Rule("8 x 8 blocks, the paper's two stages", lambda sigma: BM3D()),
    "network": Rule("one U-Net, told sigma", lambda sigma: Network()),
    "network, bfloat16": Rule(
        "the same, in bfloat16", lambda sigma: Network(precision="bfloat16")
    ),
}


def rule(name: str) -> Rule:
    """Look a rule up by its name in ``RULES``.

    Raises
    ------
    ValueError
        For another name, with the list of those that exist.
    """
    if name not in RULES:
        raise ValueError(f"there is no rule for {name!r}; choose one of {', '.join(RULES)}")
    return RULES[name]
