"""The noise of one photo, measured on the photo itself: how strong, where, and how blotchy."""

from dataclasses import dataclass, field, replace

import numpy as np

from lessons_lib.diagnosis.noise_level import NoiseCurve
from lessons_lib.diagnosis.photo_noise_blocks import (
    BLOCK,
    blocks_of,
    quiet_spectrum,
    without_shading,
)
from lessons_lib.image import Image, check_image

BINS = 6
NONE = 0.01 / 255  # a hundredth of a grey level; small, for a dark RAW in linear light
SMALLEST = 16  # px
WHITE = 1.2  # px, blotch area; measured 1.02 to 1.08 on pictures with white noise
_MOST_CLIPPED = 0.05  # of a block's values in one channel
_RED_BLUE = 1.25
_COLOURLESS = 0.02  # colour noise below this share of luminance noise: a grey picture


@dataclass(frozen=True, eq=False)
class PhotoNoise:
    """What one photo tells about its noise.

    Channels are luminance, red against blue, and magenta against green (see
    :func:`lessons_lib.denoisers.colour.to_opponent`), or grey alone.

    Attributes
    ----------
    levels : ndarray, ``(bins,)``
        Mean brightness of the quiet blocks in equal shares of the photo, darkest first,
        image units.
    spectra : ndarray, ``(bins, C, 8, 8)``
        Noise power in each of them at frequency (i / 16, j / 16) cycles/px, image units
        squared.
    counts : ndarray, ``(bins,)``
        Blocks of 8 x 8 px that were looked at.
    brightest : float
        Mean of the brightest 8 x 8 px, but for one in a thousand; image units.
    at_black, at_white : float
        Share of clipped values. Blocks with more than 5 % of them are left out.
    doubted : float
        Share of the luminance noise (of its standard deviation) that is believed;
        below 1, the rest was taken for texture.
    """

    levels: np.ndarray
    spectra: np.ndarray = field(repr=False)
    counts: np.ndarray
    brightest: float
    at_black: float
    at_white: float
    doubted: float = 1.0

    @property
    def spectrum(self) -> np.ndarray:
        """Noise power of the whole photo, ``(C, 8, 8)``."""
        return self.spectra.mean(0)

    @property
    def sigmas(self) -> np.ndarray:
        """Standard deviation in each channel, ``(C,)``, image units."""
        return np.sqrt(self.spectrum.mean((1, 2)))

    @property
    def sigma(self) -> float:
        """Standard deviation of the pixels' values, all channels together, image units."""
        return float(np.sqrt(np.mean(self.sigmas**2)))

    @property
    def blotch_areas(self) -> np.ndarray:
        """Pixels that share their noise, ``(C,)``: the sum of all squared autocorrelations.

        1 for white noise. By Parseval's theorem it is mean(S^2) / mean(S)^2 of the spectrum S.
        """
        power = self.spectrum
        return (power**2).mean((1, 2)) / power.mean((1, 2)) ** 2

    @property
    def curve(self) -> NoiseCurve:
        """Noise against intensity: levels, sigmas over all channels, counts."""
        return NoiseCurve(self.levels, np.sqrt(self.spectra.mean((1, 2, 3))), self.counts)

    def autocorrelation(self, reach: int = 7) -> np.ndarray:
        """How alike the luminance noise is to itself, shifted; ``(2 reach + 1,) * 2``.

        The cosine transform of the spectrum; entry [reach, reach] is 1. At most 7 px.
        """
        if not 0 <= reach < BLOCK:
            raise ValueError(f"reach must be from 0 to {BLOCK - 1} px, got {reach}")
        lags, numbers = np.arange(-reach, reach + 1), np.arange(BLOCK + 1)
        waves = np.cos(np.pi * np.outer(lags, numbers) / BLOCK)
        waves[:, [0, -1]] /= 2  # the trapezoidal rule, with the last power at .5 cycles/px too
        covariance = waves @ np.pad(self.spectrum[0], (0, 1), mode="edge") @ waves.T
        return covariance / covariance[reach, reach]

    @property
    def correlation_length(self) -> int:
        """First distance, px, from which neighbours share less than a tenth of their noise.

        Along rows and columns, in luminance; 1 for white noise. 8 means 8 or more.
        """
        table = np.abs(self.autocorrelation(BLOCK - 1))
        middle = BLOCK - 1
        along = np.maximum(table[middle, middle:], table[middle:, middle])
        return int(np.flatnonzero(along >= 0.1).max()) + 1

    @property
    def is_white(self) -> bool:
        """Whether pixels have their noise each for itself, as far as can be seen.

        Texture is not white either: the least blotchy channel decides. Demosaicing leaves
        areas above 1.8 in all three.
        """
        return bool(self.blotch_areas.min() < WHITE)

    @property
    def is_none(self) -> bool:
        """Whether there is less noise than a hundredth of a grey level."""
        return self.sigma < NONE

    @property
    def is_darkness(self) -> bool:
        """Whether nothing in the photo rises above black by as much as the noise."""
        return self.brightest <= max(self.sigma, NONE)


def measure_photo_noise(image: Image) -> PhotoNoise:
    """Measure strength, dependence on brightness and blotchiness of a photo's noise.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, C)``, image units, at least 16 x 16; linear or display values.

    Returns
    -------
    PhotoNoise

    Raises
    ------
    ValueError
        For what is no image, and one that is too small.

    Notes
    -----
    Texture is told from noise by three assumptions, each of which can be wrong: somewhere in
    each sixth of the brightness scale a tenth of the blocks is quiet; the luminance noise
    does not rise below .125 cycles/px; and noise is not stronger in luminance than in the
    colour differences, because each colour's noise is its own while texture is mostly grey
    (see :func:`no_more_than_colour`). A grey picture lacks the last one: fine texture all over
    it is taken for noise. A camera that has smoothed the colours harder than the luminance is
    measured too low.
    """
    check_image(image)
    if min(image.shape[:2]) < SMALLEST:
        raise ValueError(
            f"image must be at least {SMALLEST} x {SMALLEST} px to tell noise from picture, "
            f"got {image.shape[1]} x {image.shape[0]}"
        )
    blocks = blocks_of(image)
    usable = np.flatnonzero(blocks.clipped <= _MOST_CLIPPED)
    if len(usable) < BINS:  # nearly all black or burnt out: better a biased look than none
        usable = np.arange(len(blocks.levels))
    order = usable[np.argsort(blocks.levels[usable], kind="stable")]
    groups = [group for group in np.array_split(order, BINS) if len(group)]
    quiet = [quiet_spectrum(blocks.powers[group]) for group in groups]
    spectra = np.stack([spectrum for spectrum, _ in quiet])
    spectra[:, 0] = [without_shading(spectrum) for spectrum in spectra[:, 0]]
    found = PhotoNoise(
        levels=np.array(
            [
                blocks.levels[group[chosen]].mean()
                for group, (_, chosen) in zip(groups, quiet, strict=True)
            ]
        ),
        spectra=spectra.astype(np.float64),
        counts=np.array([len(group) for group in groups]),
        brightest=float(np.quantile(blocks.levels, 0.999)),
        at_black=blocks.at_black,
        at_white=blocks.at_white,
    )
    return no_more_than_colour(found)


def no_more_than_colour(noise: PhotoNoise) -> PhotoNoise:
    """Hold each channel to the one with least texture: a sensor's noise is in all alike.

    What is compared is sigma x sqrt(blotch area), the noise of a mean over a blotch or more:
    of it a sensor's own noise leaves nearly the same in all three, however the colours were
    filled in. Pictures vary most in luminance, less from red to blue, least from magenta to
    green. So red against blue is held to 1.25 times magenta against green (1.19 follows for
    photon noise amplified 2 and 1.6 times by the white balance), and luminance to the geometric
    mean of both. A picture without any colour noise is grey, and stays as it is.

    Parameters
    ----------
    noise : PhotoNoise
        As measured.

    Returns
    -------
    PhotoNoise
        With ``doubted`` set.
    """
    sigmas = noise.sigmas
    if len(sigmas) == 1 or max(sigmas[1:]) <= _COLOURLESS * sigmas[0]:
        return noise
    power = noise.spectra.mean((2, 3))
    large = np.sqrt((noise.spectra**2).mean((2, 3)) / power)  # sigma x sqrt(area), (bins, C)
    red_blue = np.minimum(large[:, 1], _RED_BLUE * large[:, 2])
    luminance = np.minimum(large[:, 0], np.sqrt(red_blue * large[:, 2]))
    share = np.stack([luminance, red_blue, large[:, 2]], axis=1) / large
    limited = replace(noise, spectra=noise.spectra * share[..., np.newaxis, np.newaxis] ** 2)
    return replace(limited, doubted=float(limited.sigmas[0] / sigmas[0]))
