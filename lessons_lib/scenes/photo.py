"""The learner's own photo: a JPEG, PNG, TIFF or camera RAW file becomes an image.

Files are told apart by their content, not by their names. Nothing is written and nothing
is repaired: a damaged file is an error, because a half-grey picture would be measured as
if it were real. Whatever reading changed or lost is listed in :attr:`Photo.notes`.
"""

import math
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lessons_lib.image import Image
from lessons_lib.scenes.development import srgb_encode
from lessons_lib.scenes.photo_formats.decode import decode
from lessons_lib.scenes.photo_formats.decoder_messages import no_warnings
from lessons_lib.scenes.photo_formats.limits import CUT_SHORT, PhotoError, check_length

__all__ = ["Photo", "PhotoError", "centre_crop", "downscale", "read_photo"]


@dataclass(frozen=True, eq=False)
class Photo:
    """One photo as the course uses it.

    Attributes
    ----------
    image : ndarray
        float32 ``(H, W)`` or ``(H, W, 3)`` in [0, 1].
    name : str
        What to call it, usually the file's name.
    encoding : str
        'srgb' (display values: JPEG, PNG, TIFF) or 'linear' (proportional to light: RAW).
    camera : dict
        Those of make, model, exposure_seconds, iso, f_number, date that the file states.
        The place where the photo was taken is never kept.
    notes : tuple of str
        One sentence for everything that reading changed or lost.
    """

    image: Image = field(repr=False)
    name: str
    encoding: str
    camera: dict
    notes: tuple[str, ...]

    @property
    def display(self) -> Image:
        """The image as sRGB display values, whatever its encoding."""
        return srgb_encode(self.image) if self.encoding == "linear" else self.image


def read_photo(source: str | Path | bytes, name: str = "") -> Photo:
    """Read a photo from a file or from bytes; the file is never changed.

    Parameters
    ----------
    source : path or bytes
        A JPEG, PNG, TIFF or camera RAW file (also GIF, WebP, BMP, AVIF; HEIC where
        pillow-heif is installed), at most ``MAX_SIDE`` px a side and ``MAX_PIXELS`` pixels
        (both in photo_formats/limits.py).
    name : str
        What to call it; the file's own name if empty.

    Returns
    -------
    Photo
        RAW is developed by LibRaw: demosaiced, camera white balance, linear, full size.

    Raises
    ------
    PhotoError
        For everything that is not one whole picture of a sensible size.
    """
    name = name or ("" if _is_bytes(source) else Path(str(source)).name[:100]) or "the photo"
    notes: list[str] = []
    try:
        with no_warnings():
            image, encoding, camera = decode(_load(source), Path(name).suffix.lower(), notes)
    except PhotoError as error:
        raise PhotoError(f"{name} {error}") from error.__cause__
    except Exception as error:  # decoders raise nearly anything when a file is damaged
        raise PhotoError(f"{name} {CUT_SHORT} ({type(error).__name__}: {error})") from error
    return Photo(image, name, encoding, camera, tuple(notes))


def centre_crop(image: Image, size: int) -> Image:
    """Cut a ``size`` x ``size`` px square out of the middle; a copy, pixels unchanged.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, C)``.
    size : int
        Side of the square, px; from 1 to the image's shorter side.

    Raises
    ------
    ValueError
        If the square does not fit.
    """
    height, width = image.shape[:2]
    if not 1 <= size <= min(height, width):
        raise ValueError(
            f"size must be from 1 to {min(height, width)} px, the shorter side of this "
            f"{width} x {height} px image, got {size}; ask for a smaller crop"
        )
    row, col = (height - size) // 2, (width - size) // 2
    return image[row : row + size, col : col + size].copy()


def downscale(image: Image, longest_side: int) -> Image:
    """Make an overview by averaging whole blocks of pixels.

    Averaging also averages the noise away: measure on crops, never on an overview.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, C)``.
    longest_side : int
        Upper bound for the result's longer side, px. Blocks are the smallest squares that
        reach it; the last row and column of blocks may be narrower.

    Returns
    -------
    ndarray
        A new array of the same type.

    Raises
    ------
    ValueError
        If ``longest_side`` is below 1.
    """
    if longest_side < 1:
        raise ValueError(f"longest_side must be at least 1 px, got {longest_side}")
    side = math.ceil(max(image.shape[:2]) / longest_side)
    for axis in (0, 1):
        starts = np.arange(0, image.shape[axis], side)
        lengths = np.diff(np.append(starts, image.shape[axis]))
        sums = np.add.reduceat(image, starts, axis=axis, dtype=np.float64)
        means = sums / np.expand_dims(lengths, [k for k in range(image.ndim) if k != axis])
        image = means.astype(image.dtype)
    return image


def _is_bytes(source: object) -> bool:
    return isinstance(source, (bytes, bytearray, memoryview))


def _load(source: str | Path | bytes) -> bytes:
    """All bytes of the source, or a refusal that says why there are none."""
    if _is_bytes(source):
        check_length(memoryview(source).nbytes)
        return bytes(source)
    if not isinstance(source, (str, os.PathLike)):
        raise PhotoError(f"must be a path or bytes, got {type(source).__name__}; name a file")
    path = Path(source)
    try:
        if path.is_dir():
            raise PhotoError(f"is a folder ({path}); choose one picture in it")
        if not path.is_file():
            raise PhotoError(f"is not there: no file at {path}; check the spelling and the folder")
        check_length(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise PhotoError(f"cannot be opened ({error.strerror}); check who may read it") from error
