"""JPEG, PNG, GIF, WebP, BMP, AVIF, HEIC and 8-bit TIFF, decoded by Pillow."""

import importlib
import importlib.util
import io

import numpy as np
from PIL import Image as PillowImage

from lessons_lib.image import Image
from lessons_lib.scenes.photo_formats.exposure_facts import camera_facts
from lessons_lib.scenes.photo_formats.limits import MAX_PIXELS, PhotoError, check_size
from lessons_lib.scenes.photo_formats.pixel_values import upright, without_alpha
from lessons_lib.scenes.photo_formats.signatures import HEIC_BRANDS

# Only decoders that read pixels and nothing else: Pillow's EPS reader, for one, runs a program.
_FORMATS = ("JPEG", "PNG", "TIFF", "GIF", "WEBP", "BMP", "AVIF")


def read_picture(data: bytes, notes: list[str], frame: int = 0) -> tuple[Image, str, dict]:
    """Decode one picture with Pillow.

    Parameters
    ----------
    data : bytes
        The file.
    notes : list of str
        Gets a sentence for everything that is changed or lost.
    frame : int
        Which page of a TIFF.

    Returns
    -------
    ndarray
        float32 ``(H, W)`` or ``(H, W, 3)`` in [0, 1], upright.
    str
        'srgb'.
    dict
        The camera facts.

    Raises
    ------
    PhotoError
        For a size beyond the limits, 32-bit numbers, or HEIC without its decoder.
    PIL.UnidentifiedImageError
        If Pillow does not know the file.
    """
    try:
        picture = PillowImage.open(io.BytesIO(data), formats=_formats(data))
    except PillowImage.DecompressionBombError as error:
        raise PhotoError(
            f"says it has more than {MAX_PIXELS / 1e6:.0f} million pixels; "
            "crop it or scale it down first"
        ) from error
    with picture:
        check_size(*picture.size)
        if picture.format != "TIFF" and getattr(picture, "is_animated", False):
            notes.append("The file holds several pictures; only the first was read.")
        picture.seek(frame)
        camera, orientation = camera_facts(picture.getexif, notes)
        picture.load()
        if picture.info.get("icc_profile"):
            notes.append("A colour profile was not applied; the values are taken as sRGB.")
        values = without_alpha(_picture_values(picture, notes), notes)
        turned = upright(values, orientation, notes)
    # Pillow turns TIFF, and only TIFF, upright by itself while loading.
    return values if picture.format == "TIFF" else turned, "srgb", camera


def _formats(data: bytes) -> tuple[str, ...]:
    """Pillow's decoders to try; HEIC needs a package that not everybody has."""
    if data[4:8] != b"ftyp" or data[8:12] not in HEIC_BRANDS or b"avif" in data[8:64]:
        return _FORMATS
    if importlib.util.find_spec("pillow_heif") is None:
        raise PhotoError(
            "is a HEIC picture and no decoder for it is installed; "
            "run 'pip install pillow-heif' and restart, or export the photo as JPEG"
        )
    importlib.import_module("pillow_heif").register_heif_opener()
    return (*_FORMATS, "HEIF")


def _picture_values(picture: PillowImage.Image, notes: list[str]) -> np.ndarray:
    """Grey or RGB values in [0, 1], with an alpha channel last if there is transparency."""
    mode = picture.mode
    target = {"1": "L", "P": "RGB", "PA": "RGBA"}.get(mode, mode)
    if picture.has_transparency_data and target in ("L", "RGB"):
        target = {"L": "LA", "RGB": "RGBA"}[target]
    if mode in ("P", "PA"):
        notes.append("The palette was expanded to full colour.")
    if mode in ("CMYK", "YCbCr", "LAB", "RGBX"):
        notes.append(f"{mode} values were converted to RGB without a colour profile.")
        target = "RGB"
    array = np.asarray(picture if target == mode else picture.convert(target))
    if array.dtype.kind != "u" or array.dtype.itemsize > 2:
        raise PhotoError(f"holds {array.dtype} numbers; save it with 8 or 16 bits a channel")
    return array.astype(np.float32) / np.float32(np.iinfo(array.dtype).max)
