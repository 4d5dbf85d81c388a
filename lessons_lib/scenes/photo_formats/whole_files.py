"""Is the whole file there? Decoders fill what is missing with black; here it is an error."""

import math
import re
import struct
import zlib

import tifffile

from lessons_lib.scenes.photo_formats.limits import CUT_SHORT, PhotoError, check_size
from lessons_lib.scenes.photo_formats.signatures import MOSAICS, PNG

# Markers that end the JPEG or have a length; not stuffed bytes, fill bytes and restarts.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd8]", re.DOTALL)


def check_jpeg(data: bytes) -> None:
    """Walk the markers up to the end mark, which Pillow would not miss.

    Only the walk tells the photo's end mark from that of the thumbnail in its header.

    Parameters
    ----------
    data : bytes
        The file, which starts with the JPEG signature.

    Raises
    ------
    PhotoError
        If there is no end mark.
    """
    position = 2
    while marker := _JPEG_MARKER.search(data, position):
        if marker[0] == b"\xff\xd9":
            return
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    raise PhotoError(CUT_SHORT)


def check_png(data: bytes, notes: list[str]) -> None:
    """Walk the chunks: each one whole, its checksum right, up to the end mark.

    Pillow alone would accept a missing end and damaged pixels.

    Parameters
    ----------
    data : bytes
        The file, which starts with the PNG signature.
    notes : list of str
        Gets a sentence if Pillow will drop half of the bits.

    Raises
    ------
    PhotoError
        If a chunk is damaged or missing, or the picture has no sensible size.
    """
    position, kind, view = len(PNG), b"", memoryview(data)
    while kind != b"IEND":
        if position + 12 > len(data):
            raise PhotoError(CUT_SHORT)
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        stored = view[end - 4 : end]
        if end > len(data) or zlib.crc32(view[position + 4 : end - 4]) != int.from_bytes(stored):
            raise PhotoError(CUT_SHORT)
        position = end
    width, height, bits, colour_type = struct.unpack_from(">IIBB", data, 16)
    check_size(width, height)
    if bits == 16 and colour_type != 0:
        notes.append("16-bit colour was read at 8 bits, the upper half; a TIFF keeps all 16.")


def check_page(file: tifffile.TiffFile, page: tifffile.TiffPage, data: bytes) -> None:
    """The page's directory, each tag's value and each strip must lie inside the file.

    Decoders fill what is missing with black, or leave out the tags they cannot find.

    Parameters
    ----------
    file : tifffile.TiffFile
        The opened file.
    page : tifffile.TiffPage
        The page to check.
    data : bytes
        The whole file.

    Raises
    ------
    PhotoError
        If a part of the page lies beyond the end of ``data``, or is not there at all.
    """
    form = file.tiff
    (tags,) = struct.unpack_from(form.tagnoformat, data, page.offset)
    end = page.offset + form.tagnosize + tags * form.tagsize + form.offsetsize
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    values = [(tag.valueoffset, tag.valuebytecount) for tag in page.tags]
    # tifffile leaves out tags that it cannot find; RAW makers write some that it cannot read.
    lost = len(page.tags) < tags and int(page.photometric) not in MOSAICS
    if lost or not segments or not all(count for _, count in segments):
        raise PhotoError(CUT_SHORT)
    if max(end, *(start + count for start, count in segments + values)) > len(data):
        raise PhotoError(CUT_SHORT)


def check_inflation(data: bytes, page: tifffile.TiffPage) -> None:
    """Refuse a deflate strip that would unpack to more than the picture holds.

    Parameters
    ----------
    data : bytes
        The whole file.
    page : tifffile.TiffPage
        The page to check; nothing is done if it is not compressed.

    Raises
    ------
    PhotoError
        For a strip that holds a megabyte more than the whole page should.
    """
    if int(page.compression) == 1:
        return
    limit = math.prod(page.shape) * page.dtype.itemsize + 1_000_000
    for start, count in zip(page.dataoffsets, page.databytecounts, strict=False):
        unpacker = zlib.decompressobj()
        unpacker.decompress(memoryview(data)[start : start + count], limit)
        if unpacker.unconsumed_tail:
            raise PhotoError(CUT_SHORT + " (its compressed data hold more than its header says)")
