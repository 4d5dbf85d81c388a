"""Write a raw frame as a DNG file, the open raw format that raw converters read."""

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import tifffile

from lessons_lib.scenes.development import BAYER_CELL
from lessons_lib.scenes.sensor import Sensor

_CFA = 32803  # TIFF photometric interpretation 'colour filter array'

# LibRaw takes a smaller frame for a thumbnail and refuses the file.
_SMALLEST = 22

# Linear sRGB from CIE XYZ under D65 (IEC 61966-2-1).
_SRGB_FROM_XYZ = np.array(
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)


def save_dng(
    path: str | os.PathLike,
    raw: np.ndarray,
    sensor: Sensor,
    white_balance: tuple[float, float, float] | None = None,
    *,
    camera: str = "Why Edges Blur simulated camera",
) -> None:
    """Write a raw frame as a minimal DNG file that raw converters open.

    The file is written beside ``path`` and moved into place when it is whole, so that a
    crash leaves no half file.

    Parameters
    ----------
    path : path-like
        Where to; an older file there is replaced.
    raw : ndarray, ``(H, W)``, at least 22 x 22
        Whole numbers from 0 to ``sensor.white_level``, RGGB.
    sensor : Sensor
        Gives black level, white level and the colour matrix.
    white_balance : tuple of three floats, optional
        Factors stored as the camera's own choice; the sensor's neutral ones if not given.
    camera : str
        Name stored as the camera's model, ASCII.

    Raises
    ------
    ValueError
        If ``raw`` is not 2-D, too small, or holds other than whole numbers in the range.

    References
    ----------
    Adobe, Digital Negative Specification 1.4.0.0, 2012.
    """
    numbers = _as_uint16(raw, sensor)
    tags = _dng_tags(sensor, white_balance or sensor.neutral_white_balance, camera)
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        tifffile.imwrite(
            temporary, numbers, photometric=_CFA, metadata=None, software=False, extratags=tags
        )
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _as_uint16(raw: np.ndarray, sensor: Sensor) -> np.ndarray:
    numbers = np.asarray(raw)
    if numbers.ndim != 2 or min(numbers.shape) < _SMALLEST:
        raise ValueError(
            f"raw must be one RGGB frame (H, W) of at least {_SMALLEST} x {_SMALLEST} pixels, "
            f"got {numbers.shape}; raw converters open no smaller one"
        )
    whole = np.isfinite(numbers).all() and (np.rint(numbers) == numbers).all()
    if not whole or numbers.min() < 0 or numbers.max() > sensor.white_level:
        raise ValueError(
            f"raw must hold whole numbers from 0 to {sensor.white_level}, as expose() returns; "
            "round and clip it yourself"
        )
    return numbers.astype(np.uint16)


def _dng_tags(
    sensor: Sensor, white_balance: tuple[float, float, float], camera: str
) -> list[tuple]:
    """List (code, type, count, value, once) of the tags that make a TIFF file a DNG."""
    matrix = np.asarray(sensor.channel_sensitivity)[:, np.newaxis] * _SRGB_FROM_XYZ
    neutral = 1 / np.asarray(white_balance, float)
    byte, text, short, rational, signed_rational = 1, 2, 3, 5, 10
    return [
        (271, text, 0, "lessons_lib", True),  # Make
        (272, text, 0, camera, True),  # Model
        (274, short, 1, 1, True),  # Orientation: as stored
        (33421, short, 2, BAYER_CELL.shape, True),  # CFARepeatPatternDim
        (33422, byte, 4, bytes(BAYER_CELL.ravel().tolist()), True),  # CFAPattern
        (50706, byte, 4, bytes([1, 4, 0, 0]), True),  # DNGVersion
        (50707, byte, 4, bytes([1, 1, 0, 0]), True),  # DNGBackwardVersion
        (50708, text, 0, camera, True),  # UniqueCameraModel
        (50714, rational, 1, _fractions([sensor.black_level]), True),  # BlackLevel
        (50717, short, 1, sensor.white_level, True),  # WhiteLevel
        (50721, signed_rational, 9, _fractions(matrix.ravel()), True),  # ColorMatrix1
        (50728, rational, 3, _fractions(neutral), True),  # AsShotNeutral
        (50778, short, 1, 21, True),  # CalibrationIlluminant1: D65
    ]


def _fractions(values: np.ndarray) -> tuple[int, ...]:
    """Numerator and denominator of each value, as TIFF's 32-bit rationals."""
    exact = [Fraction(float(value)).limit_denominator(10**4) for value in values]
    return tuple(part for value in exact for part in (value.numerator, value.denominator))
