"""The averaging weights of one pixel, from the definitions of the filters that have them."""

from collections.abc import Callable

import numpy as np

from lessons_lib.denoisers import Bilateral, Denoiser, Gaussian, Guided, guided_weights
from lessons_lib.denoisers.bilateral import bilateral_weights
from lessons_lib.denoisers.linear import gaussian
from lessons_lib.image import Image


def weights_of(denoiser: Denoiser, noisy: Image, sigma: float, position: tuple[int, int]) -> Image:
    """The averaging weights of one pixel, as the denoiser's own definition gives them.

    Parameters
    ----------
    denoiser : Bilateral, Guided or Gaussian
        The other ones have no such list.
    noisy : ndarray, ``(H, W)``
        What the weights are computed from.
    sigma : float
        Image units.
    position : (int, int)
        (row, col), at least 8 px from the border.

    Returns
    -------
    ndarray
        ``(H, W)``, sum 1.
    """
    rules: dict[type, Callable[[], Image]] = {
        Bilateral: lambda: bilateral_weights(
            noisy, position, denoiser.space_width, denoiser.value_ratio * sigma
        ),
        Guided: lambda: guided_weights(
            noisy, position, denoiser.radius, (denoiser.strength * sigma) ** 2
        ),
        Gaussian: lambda: _gaussian_weights(noisy, position, denoiser.width),
    }
    return rules[type(denoiser)]()


def _gaussian_weights(noisy: Image, position: tuple[int, int], width: float) -> Image:
    pulse = np.zeros(noisy.shape)
    pulse[position] = 1
    return gaussian(pulse, width)
