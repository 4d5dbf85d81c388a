"""Finished photos as PNG, TIFF and JPEG, strip by strip so that no copy is held in memory."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import tifffile
from PIL import Image as PillowImage

from lessons_lib.image import Image
from lessons_lib.scenes.development import srgb_encode
from lessons_lib.scenes.photo_formats.signatures import PNG

JPEG_MOST_SIDE = 65_500  # px; what libjpeg takes
STRIP = 1_000_000  # pixels
_EFFORT = 3  # of zlib: 6 takes three times as long for files 3 % smaller


def rows_of(image: Image) -> int:
    """Rows in a strip."""
    return min(max(STRIP // image.shape[1], 1), image.shape[0])


def strips(image: Image, depth: int, *, linear: bool) -> Iterator[np.ndarray]:
    """Whole numbers of a photo, some rows at a time, clipped and rounded.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, 3)``.
    depth : int
        8 or 16 bits.
    linear : bool
        Whether the tone curve of sRGB is to be applied.

    Yields
    ------
    ndarray
        uint8 or uint16.
    """
    rows = rows_of(image)
    for top in range(0, image.shape[0], rows):
        part = np.clip(image[top : top + rows], 0, 1)
        part = srgb_encode(part) if linear else part
        full = 2**depth - 1
        yield np.rint(part * full).clip(0, full).astype(np.uint8 if depth == 8 else np.uint16)


def write_png(
    path: Path, image: Image, depth: int, comment: str, software: str, *, linear: bool
) -> None:
    """PNG of 8 or 16 bits, which Pillow would cut to 8; see :func:`strips`.

    Each row is stored as its difference from the row above, filter 2 of the standard
    (ISO/IEC 15948).
    """
    height, width = image.shape[:2]
    colour_type = 2 if image.ndim == 3 else 0
    with open(path, "wb") as file:
        file.write(PNG)
        _chunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))
        _chunk(file, b"sRGB", b"\0")
        for key, text in (("Software", software), ("Description", comment)):
            _chunk(file, b"tEXt", key.encode("latin-1") + b"\0" + text.encode("latin-1"))
        packer, above = zlib.compressobj(_EFFORT), None
        for numbers in strips(image, depth, linear=linear):
            rows = numbers.astype(numbers.dtype.newbyteorder(">")).reshape(len(numbers), -1)
            stored = rows.view(np.uint8)
            first = np.zeros_like(stored[:1]) if above is None else above
            filtered = np.diff(stored, axis=0, prepend=first)  # modulo 256, as the standard says
            above = stored[-1:].copy()
            marked = np.pad(filtered, ((0, 0), (1, 0)), constant_values=2)
            _chunk(file, b"IDAT", packer.compress(marked.tobytes()))
        _chunk(file, b"IDAT", packer.flush())
        _chunk(file, b"IEND", b"")


def _chunk(file: BinaryIO, kind: bytes, body: bytes) -> None:
    if kind == b"IDAT" and not body:
        return
    check = zlib.crc32(body, zlib.crc32(kind))
    file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check))


def write_tiff(
    path: Path, image: Image, depth: int, comment: str, software: str, *, linear: bool
) -> None:
    """TIFF of 8 or 16 bits, deflate, which this course and every editor read."""
    order = "<"

    def packed() -> Iterator[bytes]:
        for numbers in strips(image, depth, linear=linear):
            yield zlib.compress(numbers.astype(numbers.dtype.newbyteorder(order)), _EFFORT)

    tifffile.imwrite(
        path,
        byteorder=order,
        data=packed(),
        shape=image.shape,
        dtype=np.uint8 if depth == 8 else np.uint16,
        photometric="rgb" if image.ndim == 3 else "minisblack",
        rowsperstrip=rows_of(image),
        compression="zlib",
        description=comment,
        software=software,
        metadata=None,
    )


def write_jpeg(
    path: Path,
    image: Image,
    quality: int,
    comment: str,
    software: str,
    camera: dict,
    *,
    linear: bool,
) -> None:
    """JPEG of 8 bits, colours at full resolution, with a small EXIF block and no place."""
    numbers = np.empty(image.shape, np.uint8)
    top = 0
    for part in strips(image, 8, linear=linear):
        numbers[top : top + len(part)] = part
        top += len(part)
    exif = exif_block(comment, software, camera)
    PillowImage.fromarray(numbers).save(
        path, "JPEG", quality=quality, subsampling="4:4:4", exif=exif
    )


def exif_block(comment: str, software: str, camera: dict) -> PillowImage.Exif:
    """Orientation 'upright', the software, the settings, and the facts of the exposure.

    Parameters
    ----------
    comment : str
        ASCII; becomes UserComment.
    software : str
        The program's name.
    camera : dict
        As :attr:`lessons_lib.scenes.photo.Photo.camera`.
    """
    exif = PillowImage.Exif()
    exif[274], exif[305] = 1, software
    for tag, key in ((271, "make"), (272, "model"), (306, "date")):
        if key in camera:
            exif[tag] = camera[key]
    details = exif.get_ifd(0x8769)
    details[37510] = b"ASCII\0\0\0" + comment.encode("ascii")
    for tag, key in ((33434, "exposure_seconds"), (33437, "f_number")):
        if key in camera:
            details[tag] = float(camera[key])
    if "iso" in camera:
        details[34855] = int(min(camera["iso"], 65_535))
    if "date" in camera:
        details[36867] = camera["date"]
    return exif
