"""Camera RAW, developed to linear light by LibRaw."""

import io

import numpy as np

from lessons_lib.image import Image
from lessons_lib.scenes.photo_formats.decoder_messages import nothing_printed
from lessons_lib.scenes.photo_formats.exposure_facts import (
    camera_facts,
    container_exif,
    shot_facts,
)
from lessons_lib.scenes.photo_formats.limits import PhotoError, check_size
from lessons_lib.scenes.photo_formats.pixel_values import unit_range
from lessons_lib.scenes.photo_formats.signatures import TIFF


def read_raw(data: bytes, notes: list[str]) -> tuple[Image, str, dict]:
    """Develop to linear light: demosaicing and white balance, but no tone curve.

    Parameters
    ----------
    data : bytes
        The file.
    notes : list of str
        Gets a sentence on how it was developed.

    Returns
    -------
    ndarray
        float32 ``(H, W)`` or ``(H, W, 3)`` in [0, 1], upright.
    str
        'linear'.
    dict
        The camera facts.

    Raises
    ------
    PhotoError
        For a damaged file, an unknown camera, or a size beyond the limits.
    """
    values, said, facts = _develop(data)
    notes.extend(said)
    if data.startswith(TIFF):
        facts |= camera_facts(lambda: container_exif(data), notes)[0]
    values = values[..., 0] if values.shape[2] == 1 else values
    return unit_range(values, notes), "linear", facts


def _develop(data: bytes) -> tuple[np.ndarray, list[str], dict]:
    """16-bit linear values, what to note about them, and the facts that LibRaw states."""
    import rawpy  # here, because it is slow to import and most photos are no RAW

    with nothing_printed(), rawpy.RawPy() as raw:
        _open_raw(raw, data)
        check_size(raw.sizes.width, raw.sizes.height)
        raw.unpack()
        values = raw.postprocess(
            gamma=(1, 1), no_auto_bright=True, use_camera_wb=True, output_bps=16
        )
        balance = "the camera's" if any(raw.camera_whitebalance[:3]) else "a daylight"
        turned = raw.sizes.flip
        facts = shot_facts(raw)
    said = [f"RAW was developed by LibRaw: demosaiced, {balance} white balance, linear light."]
    if turned:
        said.append("The picture was turned upright, as the RAW file says.")
    return values, said, facts


def _open_raw(raw, data: bytes) -> None:
    """Hand the file to LibRaw, or say that LibRaw does not know it."""
    import rawpy

    try:
        raw.open_buffer(io.BytesIO(data))
    except rawpy.LibRawFileUnsupportedError as error:
        raise PhotoError(
            "is damaged, or a RAW file of a camera that LibRaw does not know; "
            "convert it to DNG, or export it as TIFF"
        ) from error
