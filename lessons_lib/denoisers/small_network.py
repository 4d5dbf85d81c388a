"""The small networks of lesson 06 as denoisers, and a denoiser that may not see the pixel itself.

Torch comes in only when a network is used.
"""

from dataclasses import dataclass
from typing import ClassVar

from lessons_lib.denoisers.contract import Denoiser, Properties, check_setting, prepare
from lessons_lib.image import Image, check_same_shape

NAMES = ("dct", "dncnn", "unet", "noise2noise", "noise2self", "noise2void")


@dataclass(frozen=True)
class SmallNetwork:
    """A small network, trained in minutes for white noise of 25/255 on grey pictures.

    Colour is done channel by channel. It is scale equivariant, so another level is the same
    as a darker or lighter picture; but it has not seen many of those.

    Parameters
    ----------
    name : str
        'dct', 'dncnn' and 'unet' cost the same per pixel; 'noise2noise', 'noise2self' and
        'noise2void' never saw a clean picture. Use 'noise2self' inside a :class:`BlindSpot`:
        shown a pixel's own value, which it never was, it passes most of that noise on.
    strength : float
        The network is told strength x sigma; [0, 20]. 0 switches it off.

    Why edges blur
    --------------
    Hedging, as every network that is trained for the squared error; and a small one has few
    filters to tell an edge from noise. Without the pixel's own value, as Noise2Self trains
    it, even an edge that is plain to see must be guessed from its neighbours.

    References
    ----------
    Zhang et al., DnCNN, arXiv 1608.03981; Lehtinen et al., Noise2Noise, arXiv 1803.04189;
    Batson and Royer, Noise2Self, arXiv 1901.11365; Krull et al., Noise2Void, arXiv 1811.10980.
    """

    name: str = "dncnn"
    strength: float = 1.0

    properties: ClassVar[Properties] = Properties(False, False, True, "strength")
    reach: ClassVar[None] = None

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"name must be one of {', '.join(NAMES)}, got {self.name!r}")
        check_setting(self.strength, "strength (ratio to sigma)", 0, 20)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the network's estimate, same shape and type as ``noisy``."""
        level = self.strength * prepare(noisy, sigma)
        if level == 0:
            return noisy.copy()
        from lessons_lib.learning.small import estimate, load_small

        return estimate(load_small(self.name), noisy, level)

    def pullback(self, noisy: Image, sigma: float, cotangent: Image) -> Image:
        """J(noisy)^T applied to ``cotangent``: one pass back through the network."""
        level = self.strength * prepare(noisy, sigma)
        check_same_shape(noisy, cotangent, "noisy and cotangent")
        if level == 0:
            return cotangent.astype(noisy.dtype)
        from lessons_lib.learning.small import load_small, pull_back

        return pull_back(load_small(self.name), noisy, level, cotangent)


@dataclass(frozen=True)
class BlindSpot:
    """Any denoiser, with each pixel hidden while it is estimated.

    Every ``stride``-th pixel is replaced by the mean of its four neighbours, the picture
    denoised, and the estimate kept at these pixels alone; stride^2 calls give them all.

    Parameters
    ----------
    denoiser : Denoiser
        What it is asked of.
    stride : int
        Distance between hidden pixels, px; 3 to 16.

    Why edges blur
    --------------
    The pixel's own value is thrown away, and with it what it alone knew: a fine line or
    a point is guessed from its surroundings.

    References
    ----------
    Batson and Royer, Noise2Self, arXiv 1901.11365.
    """

    denoiser: Denoiser
    stride: int = 4

    properties: ClassVar[Properties] = Properties(False, False, True, None)
    reach: ClassVar[None] = None

    def __post_init__(self) -> None:
        check_setting(self.stride, "stride (px)", 3, 16)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the estimates of all pixels, each from the others."""
        sigma = prepare(noisy, sigma)
        if sigma == 0:
            return noisy.copy()
        from lessons_lib.learning.blind_spots import blind_spot_estimate

        return blind_spot_estimate(self.denoiser, noisy, sigma, self.stride)
