"""The noise power of one photo at each frequency, read from its quietest small blocks."""

from typing import NamedTuple

import numpy as np
from scipy.fft import dctn

from lessons_lib.image import Image

BLOCK = 8  # px
MOST_BLOCKS = 30_000  # so that a photo of any size costs the same second
FEWEST_BLOCKS = 60  # a quantile of 60 powers scatters by some 20 %, a sum of them less

# Luminance, red against blue, magenta against green; orthonormal, so white noise stays white.
OPPONENT = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
OPPONENT.setflags(write=False)

# The lower quartile of chi^2 with one degree of freedom: that of x^2 for x standard normal.
QUARTILE = 0.10153
QUIETEST = 0.1

_ROW, _COL = np.mgrid[:BLOCK, :BLOCK]
_RADIUS = np.hypot(_ROW, _COL)
_EVEN = (_ROW + _COL) % 2 == 0
_EVEN[0, 0] = False  # the mean of a block is picture, not noise
_ODD = (_ROW + _COL) % 2 == 1


class Blocks(NamedTuple):
    """Blocks of 8 x 8 px, spread evenly over a photo.

    Attributes
    ----------
    powers : ndarray, ``(n, C, 8, 8)``
        Squared coefficients of the orthonormal cosine transform, image units squared;
        of luminance and two colour differences, or of grey alone.
    levels : ndarray, ``(n,)``
        Mean of each block over its pixels and channels, image units.
    clipped : ndarray, ``(n,)``
        Share of its values that are at 0 or below, or at 1 or above.
    at_black, at_white : float
        Share of all looked-at values at 0 or below, and at 1 or above.
    """

    powers: np.ndarray
    levels: np.ndarray
    clipped: np.ndarray
    at_black: float
    at_white: float


def blocks_of(image: Image) -> Blocks:
    """Cut out at most 30,000 blocks, every 4 px or farther apart, and transform them.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, C)``, at least 8 x 8.
    """
    planes = image[..., np.newaxis] if image.ndim == 2 else image
    pixels = planes.shape[0] * planes.shape[1]
    stride = max(BLOCK // 2, int(np.ceil(np.sqrt(pixels / MOST_BLOCKS))))
    starts = [_starts(side, stride) for side in planes.shape[:2]]
    windows = np.lib.stride_tricks.sliding_window_view(planes, (BLOCK, BLOCK), axis=(0, 1))
    values = windows[np.ix_(*starts)].reshape(-1, planes.shape[2], BLOCK, BLOCK)
    low, high = values <= 0, values >= 1
    levels, clipped = values.mean((1, 2, 3)), (low | high).mean((2, 3)).max(1)
    if planes.shape[2] == 3:
        values = np.einsum("oc,ncij->noij", OPPONENT, values)
    powers = dctn(values.astype(np.float32), axes=(2, 3), norm="ortho") ** 2
    return Blocks(powers, levels, clipped, float(low.mean()), float(high.mean()))


def _starts(side: int, stride: int) -> np.ndarray:
    return np.arange(0, side - BLOCK + 1, stride)


def quiet_spectrum(powers: np.ndarray, rounds: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Noise power at each frequency, from the quietest tenth of the blocks.

    Choosing blocks because they are quiet would make their noise look smaller than it is. So
    blocks are chosen by one half of their coefficients (a chequerboard of frequencies) and
    measured on the other half: noise does not carry over from one to the other, texture
    does. In the blocks chosen the lower quartile is taken, not the mean: shading and the rare
    edge lie above it.

    Parameters
    ----------
    powers : ndarray, ``(n, C, 8, 8)``
        As in :class:`Blocks`; n at least 1.
    rounds : int
        How often the choice is repeated with the spectrum found so far, by which each
        frequency is weighed.

    Returns
    -------
    spectrum : ndarray, ``(C, 8, 8)``
        Image units squared; above 0. The mean of a block has no noise of its own that could
        be told from the picture: it gets the mean of its two neighbours.
    chosen : ndarray of int
        Numbers of the blocks that were measured, by either half.
    """
    spectrum = _quartile(powers)
    count = min(max(int(QUIETEST * len(powers)), FEWEST_BLOCKS), len(powers))
    for _ in range(rounds):
        found, chosen = spectrum.copy(), []
        weighed = powers / spectrum
        for chosen_by, measured in ((_EVEN, _ODD), (_ODD, _EVEN)):
            busy = weighed[..., chosen_by].mean(-1).max(1)
            quiet = np.argpartition(busy, count - 1)[:count]
            found[:, measured] = _quartile(powers[quiet][..., measured])
            chosen.append(quiet)
        spectrum = found
    spectrum[:, 0, 0] = (spectrum[:, 0, 1] + spectrum[:, 1, 0]) / 2
    return spectrum, np.concatenate(chosen)


def _quartile(powers: np.ndarray) -> np.ndarray:
    """Power of Gaussian noise whose lower quartile this is; never quite 0."""
    return np.maximum(np.quantile(powers, 0.25, axis=0) / QUARTILE, 1e-14)


def without_shading(spectrum: np.ndarray) -> np.ndarray:
    """Limit the lowest frequencies of luminance, where noise and shading look the same.

    Below .125 cycles/px the power is held to twice the median of .125 to .2 cycles/px. The
    noise of demosaicing rises by less than that; walls and skies by much more.

    Parameters
    ----------
    spectrum : ndarray, ``(8, 8)``
        Of luminance or of a grey picture.
    """
    middle = np.median(spectrum[(_RADIUS >= 2) & (_RADIUS < 3.2)])
    return np.where(_RADIUS < 2, np.minimum(spectrum, 2 * middle), spectrum)
