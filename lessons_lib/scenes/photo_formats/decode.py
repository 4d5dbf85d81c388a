"""Which decoder a file goes to: its content decides, not its name."""

from PIL import UnidentifiedImageError

from lessons_lib.image import Image
from lessons_lib.scenes.photo_formats.limits import CUT_SHORT, PhotoError
from lessons_lib.scenes.photo_formats.pillow_files import read_picture
from lessons_lib.scenes.photo_formats.raw_files import read_raw
from lessons_lib.scenes.photo_formats.signatures import (
    PICTURE,
    PNG,
    RAW,
    RAW_SUFFIXES,
    TIFF,
    describe,
)
from lessons_lib.scenes.photo_formats.tiff_files import read_tiff
from lessons_lib.scenes.photo_formats.whole_files import check_jpeg, check_png


def decode(data: bytes, suffix: str, notes: list[str]) -> tuple[Image, str, dict]:
    """Choose the decoder by the first bytes; a RAW suffix counts only where they are unknown.

    Parameters
    ----------
    data : bytes
        The file.
    suffix : str
        Of the file's name, lower case.
    notes : list of str
        Gets a sentence for everything that is changed or lost.

    Returns
    -------
    ndarray
        float32 ``(H, W)`` or ``(H, W, 3)`` in [0, 1], upright.
    str
        'srgb' or 'linear'.
    dict
        As :attr:`lessons_lib.scenes.photo.Photo.camera`.

    Raises
    ------
    PhotoError
        For what is no photo or not a whole one. Damage may raise other errors too.
    """
    if data.startswith(TIFF):
        return read_tiff(data, suffix, notes)
    if data.startswith(RAW) or data[4:12] == b"ftypcrx ":
        return read_raw(data, notes)
    if data.startswith(PNG):
        check_png(data, notes)
    if data.startswith(b"\xff\xd8\xff"):
        check_jpeg(data)
    try:
        return read_picture(data, notes)
    except UnidentifiedImageError as error:
        if data.startswith(PICTURE) or data[4:8] == b"ftyp":
            raise PhotoError(CUT_SHORT) from error
        if suffix in RAW_SUFFIXES:
            return read_raw(data, notes)
        raise PhotoError(
            f"is {describe(data)}, not a photo; expected a JPEG, PNG, TIFF or camera RAW file "
            "(DNG, NEF, ARW, CR2 and others); choose the picture itself"
        ) from error
