"""From raw numbers to a picture: what a camera does after the shutter has closed.

raw mosaic -> demosaicing -> white balance -> exposure -> clipping -> tone curve ->
8 bits -> JPEG. The noise is white (each pixel for itself) on the sensor; demosaicing
and JPEG spread it over neighbours, and it is coloured from there on.
"""

import io
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as PillowImage
from scipy.ndimage import convolve

from lessons_lib.image import Image, check_image, to_uint8
from lessons_lib.scenes.sensor import Sensor

# Colour of each pixel in the 2 x 2 cell that the sensor repeats: 0 red, 1 green, 2 blue.
BAYER_CELL = np.array([[0, 1], [1, 2]])

# Weights that make the mean of the two or four nearest samples of a colour.
_CROSS = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]) / 4
_SQUARE = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4
_KERNELS = (_SQUARE, _CROSS, _SQUARE)

# IEC 61966-2-1: where the straight foot of the curve ends, in linear and encoded light.
_FOOT_LINEAR, _FOOT_ENCODED = 0.0031308, 0.04045


def bayer_colours(shape: tuple[int, int]) -> np.ndarray:
    """Colour index of each pixel (0 red, 1 green, 2 blue), RGGB, for any ``(H, W)``."""
    rows, columns = np.indices(shape)
    return BAYER_CELL[rows % 2, columns % 2]


def mosaic(linear_rgb: Image) -> np.ndarray:
    """Keep the one colour that each pixel of an RGGB sensor sees.

    Parameters
    ----------
    linear_rgb : ndarray, ``(H, W, 3)``
        Linear light, any range; odd sizes are fine.

    Returns
    -------
    ndarray, ``(H, W)``
    """
    _check_colour(linear_rgb, "linear_rgb")
    colours = bayer_colours(linear_rgb.shape[:2])
    return np.take_along_axis(linear_rgb, colours[..., np.newaxis], axis=2)[..., 0]


def demosaic(raw_mosaic: np.ndarray) -> Image:
    """Fill in the two missing colours of each pixel by bilinear interpolation.

    Each colour is the weighted mean of its nearest samples: a convolution of the samples
    divided by the same convolution of 'is there a sample', so that a constant stays a
    constant at the borders too.

    Parameters
    ----------
    raw_mosaic : ndarray, ``(H, W)``
        RGGB, at least 2 x 2 pixels; odd sizes are fine.

    Returns
    -------
    ndarray, ``(H, W, 3)``
        White noise of variance v comes out with variance .5625 v (red, blue) and .625 v
        (green), and a correlation between neighbours of 2/3 and 2/5.

    Raises
    ------
    ValueError
        If there is no whole 2 x 2 cell.
    """
    check_image(raw_mosaic, "raw_mosaic")
    if raw_mosaic.ndim != 2 or min(raw_mosaic.shape) < 2:
        raise ValueError(
            "raw_mosaic must have shape (H, W) of at least 2 x 2 pixels, one RGGB cell, "
            f"got {raw_mosaic.shape}"
        )
    colours = bayer_colours(raw_mosaic.shape)
    planes = [
        _fill_in(raw_mosaic, (colours == channel).astype(raw_mosaic.dtype), kernel)
        for channel, kernel in enumerate(_KERNELS)
    ]
    return np.stack(planes, axis=-1)


def _fill_in(raw_mosaic: np.ndarray, sampled: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    weighted = convolve(raw_mosaic * sampled, kernel, mode="constant")
    return weighted / convolve(sampled, kernel, mode="constant")


def white_balance(linear_rgb: Image, factors: tuple[float, float, float]) -> Image:
    """Multiply red, green and blue by their factors; noise is multiplied as well."""
    _check_colour(linear_rgb, "linear_rgb")
    if len(factors) != 3 or min(factors) <= 0:
        raise ValueError(f"white balance must be three factors above 0, got {factors}")
    return linear_rgb * np.asarray(factors, dtype=linear_rgb.dtype)


def srgb_encode(linear: np.ndarray) -> np.ndarray:
    """Tone curve of sRGB: linear light to display values.

    Parameters
    ----------
    linear : ndarray
        Any shape. Values above 1 follow the same curve, and negative values its mirror
        image, f(-x) = -f(x): noise around black is neither lost nor clipped.
        (IEC 61966-2-1:1999.)
    """
    size = np.abs(linear)
    curve = 1.055 * np.maximum(size, _FOOT_LINEAR) ** (1 / 2.4) - 0.055
    return np.sign(linear) * np.where(size <= _FOOT_LINEAR, 12.92 * size, curve)


def srgb_decode(encoded: np.ndarray) -> np.ndarray:
    """Undo :func:`srgb_encode`: display values to linear light, mirrored below 0."""
    size = np.abs(encoded)
    curve = ((np.maximum(size, _FOOT_ENCODED) + 0.055) / 1.055) ** 2.4
    return np.sign(encoded) * np.where(size <= _FOOT_ENCODED, size / 12.92, curve)


def jpeg(image: Image, quality: int, *, subsampling: str = "4:2:0") -> Image:
    """Round an image to 8 bits, store it as JPEG in memory and read it back.

    Parameters
    ----------
    image : ndarray, ``(H, W)`` or ``(H, W, 3)``
        Display-encoded, within [0, 1].
    quality : int
        1 to 100.
    subsampling : str
        '4:2:0' keeps one colour value for four pixels, as phones do; '4:4:4' keeps all.

    Returns
    -------
    ndarray
        Same shape and dtype; multiples of 1/255.

    Raises
    ------
    ValueError
        For values outside [0, 1] and for qualities outside 1 to 100.
    """
    check_image(image)
    if image.min() < 0 or image.max() > 1:
        raise ValueError(
            f"a JPEG holds values in [0, 1], got {image.min():.3g} to {image.max():.3g}; "
            "clip them yourself: np.clip(image, 0, 1)"
        )
    check_quality(quality)
    pixels = to_uint8(image)
    if image.ndim == 3 and image.shape[2] == 1:
        pixels = pixels[..., 0]
    file = io.BytesIO()
    PillowImage.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return (np.asarray(PillowImage.open(file)) / 255).reshape(image.shape).astype(image.dtype)


def check_quality(quality: int) -> int:
    """Return a JPEG quality if it is a whole number from 1 to 100."""
    if isinstance(quality, bool) or int(quality) != quality or not 1 <= quality <= 100:
        raise ValueError(f"quality must be a whole number from 1 to 100, got {quality!r}")
    return int(quality)


@dataclass(frozen=True)
class Development:
    """Settings of the developing pipeline.

    Attributes
    ----------
    white_balance : tuple of three floats, or None
        Factors for red, green and blue; None takes those that make white light neutral.
    exposure_gain : float or None
        Brightening of linear light, in which 1 is the white level. None brightens a
        photograph so that white comes out as 1; :func:`develop` of a bare raw, which does
        not know what was white, then takes 1.
    quality : int
        Of the JPEG, 1 to 100.
    """

    white_balance: tuple[float, float, float] | None = None
    exposure_gain: float | None = None
    quality: int = 90

    def __post_init__(self) -> None:
        check_quality(self.quality)
        if self.exposure_gain is not None and not 0 < self.exposure_gain < np.inf:
            raise ValueError(f"exposure_gain must be above 0, got {self.exposure_gain}")

    def matched(self, sensor: Sensor, electrons_at_white: float) -> "Development":
        """Fill in what is None, so that ``electrons_at_white`` electrons come out as 1."""
        full = (sensor.white_level - sensor.black_level) / sensor.gain
        return replace(
            self,
            white_balance=self.white_balance or sensor.neutral_white_balance,
            exposure_gain=self.exposure_gain or full / electrons_at_white,
        )


def develop_stages(raw: np.ndarray, sensor: Sensor, development: Development) -> dict[str, Image]:
    """Develop a raw frame and keep the image after every stage.

    Parameters
    ----------
    raw : ndarray, ``(H, W)``
        Raw numbers [DN], RGGB.
    sensor : Sensor
        Gives the black and the white level.
    development : Development
        White balance, brightening and JPEG quality.

    Returns
    -------
    dict of str to ndarray, in order
        'raw mosaic' ``(H, W)``, linear light, 0 is black and 1 the white level;
        'demosaiced' and all later ones ``(H, W, 3)``; 'white balanced'; 'exposed';
        'clipped', the one place where values leave [0, 1] and are lost; 'tone curve',
        display values from here on; '8 bits'; 'JPEG'.
    """
    span = sensor.white_level - sensor.black_level
    settings = development.matched(sensor, electrons_at_white=span / sensor.gain)
    linear = (np.asarray(raw, float) - sensor.black_level) / span
    stages = {"raw mosaic": linear, "demosaiced": demosaic(linear)}
    stages["white balanced"] = white_balance(stages["demosaiced"], settings.white_balance)
    stages["exposed"] = stages["white balanced"] * settings.exposure_gain
    stages["clipped"] = np.clip(stages["exposed"], 0.0, 1.0)
    stages["tone curve"] = srgb_encode(stages["clipped"])
    stages["8 bits"] = to_uint8(stages["tone curve"]) / 255.0
    stages["JPEG"] = jpeg(stages["8 bits"], settings.quality)
    return stages


def develop(raw: np.ndarray, sensor: Sensor, development: Development) -> Image:
    """Develop a raw frame to the final display-encoded image, ``(H, W, 3)``."""
    return develop_stages(raw, sensor, development)["JPEG"]


def _check_colour(image: Image, name: str) -> None:
    check_image(image, name)
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(
            f"{name} must be colour, (H, W, 3), got {image.shape}; "
            "make grey to colour with np.stack([grey] * 3, axis=-1)"
        )
