"""TIFF: telling it from RAW, and its 16-bit and float pixels, decoded by tifffile."""

import io

import numpy as np
import tifffile

from lessons_lib.image import Image
from lessons_lib.scenes.photo_formats.decoder_messages import nothing_printed
from lessons_lib.scenes.photo_formats.exposure_facts import camera_facts, container_exif
from lessons_lib.scenes.photo_formats.limits import CUT_SHORT, PhotoError, check_size
from lessons_lib.scenes.photo_formats.pillow_files import read_picture
from lessons_lib.scenes.photo_formats.pixel_values import unit_range, upright, without_alpha
from lessons_lib.scenes.photo_formats.raw_files import read_raw
from lessons_lib.scenes.photo_formats.signatures import MOSAICS, RAW_SUFFIXES
from lessons_lib.scenes.photo_formats.whole_files import check_inflation, check_page


def read_tiff(data: bytes, suffix: str, notes: list[str]) -> tuple[Image, str, dict]:
    """Tell RAW from TIFF; a RAW file's first page is often only a thumbnail.

    Parameters
    ----------
    data : bytes
        A file that starts like a TIFF.
    suffix : str
        Of the file's name, lower case; a RAW suffix lets LibRaw try first.
    notes : list of str
        Gets a sentence for everything that is changed or lost.

    Returns
    -------
    ndarray
        float32 ``(H, W)`` or ``(H, W, 3)`` in [0, 1], upright.
    str
        'srgb', or 'linear' if it is RAW.
    dict
        The camera facts.

    Raises
    ------
    PhotoError
        For a damaged file, several pages, or numbers whose full scale is unknown.
    """
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        pages = [part for page in file.pages for part in (page, *(page.pages or ()))]
        mosaics = [page for page in pages if int(page.photometric) in MOSAICS]
        if mosaics or data[8:10] == b"CR" or any(50706 in page.tags for page in pages):
            for page in mosaics:
                check_page(file, page, data)
            return read_raw(data, notes)
        if suffix in RAW_SUFFIXES:
            try:
                return read_raw(data, notes)
            except Exception:  # an ordinary TIFF under a RAW name: content decides
                notes.clear()
        return _read_first_page(data, file, notes)


def _read_first_page(
    data: bytes, file: tifffile.TiffFile, notes: list[str]
) -> tuple[Image, str, dict]:
    """Decode the one full-size page: deep pixels here, 8-bit ones by Pillow."""
    full = [page for page in file.pages if not page.is_reduced]
    if not full:
        raise PhotoError(CUT_SHORT)
    page = full[0]
    check_size(page.imagewidth, page.imagelength)
    check_page(file, page, data)
    if len(full) > 1:
        raise PhotoError(f"holds {len(full)} pages, expected 1; save one page as its own file")
    kind, bits = np.dtype(page.dtype), page.bitspersample
    if kind.kind == "f" or (kind == np.uint16 and bits == 16 and _is_plain(page)):
        return _read_deep_tiff(data, page, notes)
    if kind == np.uint16 and bits == 16:
        if page.samplesperpixel > 1:
            notes.append("16-bit colour was read at 8 bits; save it uncompressed to keep all 16.")
    elif kind not in (np.uint8, np.bool_):
        raise PhotoError(
            f"holds {kind} numbers of {bits} bits, whose full scale is unknown; "
            "save it with 8 or 16 bits a channel, or as float in [0, 1]"
        )
    with nothing_printed():
        return read_picture(data, notes, page.index)


def _is_plain(page: tifffile.TiffPage) -> bool:
    """Whether tifffile can read it by itself: grey or RGB, uncompressed or deflate."""
    return (
        int(page.photometric) in (0, 1, 2)
        and int(page.compression) in (1, 8, 32946)
        and page.samplesperpixel <= 4
        and page.imagedepth == 1
    )


def _read_deep_tiff(
    data: bytes, page: tifffile.TiffPage, notes: list[str]
) -> tuple[Image, str, dict]:
    """16-bit and float pixels, which Pillow would cut to 8 bits or not read at all."""
    if not _is_plain(page):
        raise PhotoError(
            f"is a float TIFF with compression {page.compression!s} and {page.samplesperpixel} "
            "channels; save it as grey or RGB, uncompressed"
        )
    check_inflation(data, page)
    values = page.asarray()
    if values.ndim == 3 and int(page.planarconfig) == 2:
        values = np.moveaxis(values, 0, -1)
    values = unit_range(values, notes)
    if int(page.photometric) == 0:
        values = 1 - values  # 'white is zero'
    if page.iccprofile:
        notes.append("A colour profile was not applied; the values are taken as sRGB.")
    camera, _ = camera_facts(lambda: container_exif(data), notes)
    orientation = page.tags.valueof(274, default=1)
    return upright(without_alpha(values, notes), orientation, notes), "srgb", camera
