"""The learner's own photo: a JPEG, PNG, TIFF or camera RAW file becomes an image.

Files are told apart by their content, not by their names. Nothing is written and nothing
is repaired: a damaged file is an error, because a half-grey picture would be measured as
if it were real. Whatever reading changed or lost is listed in :attr:`Photo.notes`.
"""

import importlib
import importlib.util
import io
import logging
import math
import os
import re
import struct
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from lessons_lib.image import Image
from lessons_lib.scenes.development import srgb_encode

MAX_BYTES = 1_000_000_000
MAX_SIDE = 20_000  # px
MAX_PIXELS = 110_000_000
MIN_SIDE = 16  # px; below it no instrument of the course has anything to measure

# Only decoders that read pixels and nothing else: Pillow's EPS reader, for one, runs a program.
_FORMATS = ("JPEG", "PNG", "TIFF", "GIF", "WEBP", "BMP", "AVIF")
_PNG = b"\x89PNG\r\n\x1a\n"
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PICTURE = (b"\xff\xd8\xff", _PNG, b"GIF8", b"RIFF", b"BM", *_TIFF)
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# RAW files that are no TIFF: Fujifilm, Olympus, Panasonic, Sigma, Minolta, old Canon.
_RAW = (b"FUJIFILM", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM", b"II\x1a\0\0\0HEAP")
_RAW_SUFFIXES = frozenset(
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf "
    ".raw .rw2 .rwl .sr2 .srf .srw .x3f".split()
)
# Markers that end the JPEG or have a length; not stuffed bytes, fill bytes and restarts.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd8]", re.DOTALL)
_MOSAICS = (32803, 34892)  # TIFF photometric interpretations: CFA, linear RAW
_COMPLAINTS = (b"Unexpected end of file", b"data corrupted", b"JPEGLib:")
_CUT_SHORT = "is damaged or cut short; copy it again from the camera or from where it came"


class PhotoError(ValueError):
    """A file that cannot be used as a photo: what came, and what to do."""


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
        pillow-heif is installed), at most ``MAX_SIDE`` px a side and ``MAX_PIXELS`` pixels.
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
        with _quiet():
            image, encoding, camera = _decode(_load(source), Path(name).suffix.lower(), notes)
    except PhotoError as error:
        raise PhotoError(f"{name} {error}") from error.__cause__
    except Exception as error:  # decoders raise nearly anything when a file is damaged
        raise PhotoError(f"{name} {_CUT_SHORT} ({type(error).__name__}: {error})") from error
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
        _check_length(memoryview(source).nbytes)
        return bytes(source)
    if not isinstance(source, (str, os.PathLike)):
        raise PhotoError(f"must be a path or bytes, got {type(source).__name__}; name a file")
    path = Path(source)
    try:
        if path.is_dir():
            raise PhotoError(f"is a folder ({path}); choose one picture in it")
        if not path.is_file():
            raise PhotoError(f"is not there: no file at {path}; check the spelling and the folder")
        _check_length(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise PhotoError(f"cannot be opened ({error.strerror}); check who may read it") from error


def _check_length(size: int) -> None:
    if size > MAX_BYTES:
        raise PhotoError(
            f"has {size / 1e9:.1f} GB; at most {MAX_BYTES / 1e9:g} GB are read; crop the picture"
        )
    if size == 0:
        raise PhotoError("is empty (0 bytes); copy it again from the camera")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the decoders' own warnings away: what matters becomes an error or a note."""
    log = logging.getLogger("tifffile")
    was_disabled, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = was_disabled


def _check_size(width: int, height: int) -> None:
    """Refuse what is too large to hold or too small to measure, from the header alone."""
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PhotoError(
            f"says it is {width} x {height} px; at most {MAX_SIDE} px a side and "
            f"{MAX_PIXELS / 1e6:.0f} million pixels are read; crop it or scale it down first"
        )
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            f"is {width} x {height} px; at least {MIN_SIDE} px a side are needed to measure "
            "anything; choose a larger picture"
        )


def _decode(data: bytes, suffix: str, notes: list[str]) -> tuple[Image, str, dict]:
    """Choose the decoder by the first bytes; a RAW suffix counts only where they are unknown."""
    if data.startswith(_TIFF):
        return _decode_tiff(data, suffix, notes)
    if data.startswith(_RAW) or data[4:12] == b"ftypcrx ":
        return _read_raw(data, notes)
    if data.startswith(_PNG):
        _check_png(data, notes)
    if data.startswith(b"\xff\xd8\xff"):
        _check_jpeg(data)
    try:
        return _read_picture(data, notes)
    except UnidentifiedImageError as error:
        if data.startswith(_PICTURE) or data[4:8] == b"ftyp":
            raise PhotoError(_CUT_SHORT) from error
        if suffix in _RAW_SUFFIXES:
            return _read_raw(data, notes)
        raise PhotoError(
            f"is {_describe(data)}, not a photo; expected a JPEG, PNG, TIFF or camera RAW file "
            "(DNG, NEF, ARW, CR2 and others); choose the picture itself"
        ) from error


def _describe(data: bytes) -> str:
    """Name what a file that is no picture most likely is."""
    start = data[:1000].lstrip().lower()
    if start.startswith(b"%pdf"):
        return "a PDF document"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page (HTML)"
    # A character cut at byte 1000 is no reason to call a text unknown.
    text = data[:1000].decode("utf-8", errors="ignore")
    whole = len(text.encode()) > min(len(data), 1000) - 4
    return "plain text" if whole and "\0" not in text else "a file of an unknown kind"


# ---- Pillow: JPEG, PNG, GIF, WebP, BMP, AVIF, HEIC, 8-bit TIFF ----


def _read_picture(data: bytes, notes: list[str], frame: int = 0) -> tuple[Image, str, dict]:
    try:
        picture = PillowImage.open(io.BytesIO(data), formats=_formats(data))
    except PillowImage.DecompressionBombError as error:
        raise PhotoError(
            f"says it has more than {MAX_PIXELS / 1e6:.0f} million pixels; "
            "crop it or scale it down first"
        ) from error
    with picture:
        _check_size(*picture.size)
        if picture.format != "TIFF" and getattr(picture, "is_animated", False):
            notes.append("The file holds several pictures; only the first was read.")
        picture.seek(frame)
        camera, orientation = _camera_facts(picture.getexif, notes)
        picture.load()
        if picture.info.get("icc_profile"):
            notes.append("A colour profile was not applied; the values are taken as sRGB.")
        values = _without_alpha(_picture_values(picture, notes), notes)
        upright = _upright(values, orientation, notes)
    # Pillow turns TIFF, and only TIFF, upright by itself while loading.
    return values if picture.format == "TIFF" else upright, "srgb", camera


def _formats(data: bytes) -> tuple[str, ...]:
    """Pillow's decoders to try; HEIC needs a package that not everybody has."""
    if data[4:8] != b"ftyp" or data[8:12] not in _HEIC_BRANDS or b"avif" in data[8:64]:
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


def _without_alpha(values: np.ndarray, notes: list[str]) -> Image:
    """Drop an opaque alpha channel; lay a transparent picture over black, as night is."""
    if values.ndim == 2 or values.shape[2] == 3:
        return values
    colour, alpha = values[..., :-1], values[..., -1:]
    if (alpha == 1).all():
        notes.append("The alpha channel was dropped; the picture was opaque.")
    else:
        notes.append("The picture is partly transparent and was laid over black.")
        colour = colour * alpha
    return np.ascontiguousarray(colour[..., 0] if colour.shape[2] == 1 else colour)


def _upright(values: Image, orientation: int, notes: list[str]) -> Image:
    """Apply the EXIF orientation, 1 to 8."""
    turned = {
        2: lambda image: image[:, ::-1],
        3: lambda image: image[::-1, ::-1],
        4: lambda image: image[::-1],
        5: lambda image: image.swapaxes(0, 1),
        6: lambda image: np.rot90(image, -1),
        7: lambda image: image[::-1, ::-1].swapaxes(0, 1),
        8: lambda image: np.rot90(image),
    }.get(orientation)
    if turned is None:
        return values
    notes.append(f"The picture was turned upright (EXIF orientation {orientation}).")
    return np.ascontiguousarray(turned(values))


def _camera_facts(
    load_exif: Callable[[], PillowImage.Exif], notes: list[str]
) -> tuple[dict, int]:
    """The facts about the exposure, and the orientation; no other EXIF entry is kept."""
    try:
        exif = load_exif()
        entries = dict(exif) | dict(exif.get_ifd(0x8769))
        numbers = {"exposure_seconds": 33434, "iso": 34855, "f_number": 33437}
        facts: dict = {"make": entries.get(271), "model": entries.get(272)}
        facts = {key: str(text).strip("\0 ")[:100] for key, text in facts.items() if text}
        for key, tag in numbers.items():
            number = np.ravel(np.array(entries.get(tag, 0), dtype=float))[0]
            if np.isfinite(number) and number > 0:
                facts[key] = float(number)
        if date := entries.get(36867) or entries.get(306):
            facts["date"] = str(date).strip("\0 ")[:19]
        return facts, int(entries.get(274, 1))
    except Exception:  # damaged facts are no reason to refuse a whole picture
        notes.append("The EXIF block could not be read: camera facts were left out.")
        return {}, 1


def _check_jpeg(data: bytes) -> None:
    """Walk the markers up to the end mark, which Pillow would not miss.

    Only the walk tells the photo's end mark from that of the thumbnail in its header.
    """
    position = 2
    while marker := _JPEG_MARKER.search(data, position):
        if marker[0] == b"\xff\xd9":
            return
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    raise PhotoError(_CUT_SHORT)


def _check_png(data: bytes, notes: list[str]) -> None:
    """Walk the chunks: each one whole, its checksum right, up to the end mark.

    Pillow alone would accept a missing end and damaged pixels.
    """
    position, kind, view = len(_PNG), b"", memoryview(data)
    while kind != b"IEND":
        if position + 12 > len(data):
            raise PhotoError(_CUT_SHORT)
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        stored = view[end - 4 : end]
        if end > len(data) or zlib.crc32(view[position + 4 : end - 4]) != int.from_bytes(stored):
            raise PhotoError(_CUT_SHORT)
        position = end
    width, height, bits, colour_type = struct.unpack_from(">IIBB", data, 16)
    _check_size(width, height)
    if bits == 16 and colour_type != 0:
        notes.append("16-bit colour was read at 8 bits, the upper half; a TIFF keeps all 16.")


# ---- tifffile: what kind of TIFF it is, and 16-bit and float pixels ----


def _decode_tiff(data: bytes, suffix: str, notes: list[str]) -> tuple[Image, str, dict]:
    """Tell RAW from TIFF; a RAW file's first page is often only a thumbnail."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        pages = [part for page in file.pages for part in (page, *(page.pages or ()))]
        mosaics = [page for page in pages if int(page.photometric) in _MOSAICS]
        if mosaics or data[8:10] == b"CR" or any(50706 in page.tags for page in pages):
            for page in mosaics:
                _check_whole(file, page, data)
            return _read_raw(data, notes)
        if suffix in _RAW_SUFFIXES:
            try:
                return _read_raw(data, notes)
            except Exception:  # an ordinary TIFF under a RAW name: content decides
                notes.clear()
        return _read_tiff(data, file, notes)


def _check_whole(file: tifffile.TiffFile, page: tifffile.TiffPage, data: bytes) -> None:
    """The page's directory, each tag's value and each strip must lie inside the file.

    Decoders fill what is missing with black, or leave out the tags they cannot find.
    """
    form = file.tiff
    (tags,) = struct.unpack_from(form.tagnoformat, data, page.offset)
    end = page.offset + form.tagnosize + tags * form.tagsize + form.offsetsize
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    values = [(tag.valueoffset, tag.valuebytecount) for tag in page.tags]
    # tifffile leaves out tags that it cannot find; RAW makers write some that it cannot read.
    lost = len(page.tags) < tags and int(page.photometric) not in _MOSAICS
    if lost or not segments or not all(count for _, count in segments):
        raise PhotoError(_CUT_SHORT)
    if max(end, *(start + count for start, count in segments + values)) > len(data):
        raise PhotoError(_CUT_SHORT)


def _read_tiff(
    data: bytes, file: tifffile.TiffFile, notes: list[str]
) -> tuple[Image, str, dict]:
    full = [page for page in file.pages if not page.is_reduced]
    if not full:
        raise PhotoError(_CUT_SHORT)
    page = full[0]
    _check_size(page.imagewidth, page.imagelength)
    _check_whole(file, page, data)
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
    with _nothing_printed():
        return _read_picture(data, notes, page.index)


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
    _check_inflation(data, page)
    values = page.asarray()
    if values.ndim == 3 and int(page.planarconfig) == 2:
        values = np.moveaxis(values, 0, -1)
    values = _unit_range(values, notes)
    if int(page.photometric) == 0:
        values = 1 - values  # 'white is zero'
    if page.iccprofile:
        notes.append("A colour profile was not applied; the values are taken as sRGB.")
    camera, _ = _camera_facts(lambda: _container_exif(data), notes)
    orientation = page.tags.valueof(274, default=1)
    return _upright(_without_alpha(values, notes), orientation, notes), "srgb", camera


def _check_inflation(data: bytes, page: tifffile.TiffPage) -> None:
    """Refuse a deflate strip that would unpack to more than the picture holds."""
    if int(page.compression) == 1:
        return
    limit = math.prod(page.shape) * page.dtype.itemsize + 1_000_000
    for start, count in zip(page.dataoffsets, page.databytecounts, strict=False):
        unpacker = zlib.decompressobj()
        unpacker.decompress(memoryview(data)[start : start + count], limit)
        if unpacker.unconsumed_tail:
            raise PhotoError(_CUT_SHORT + " (its compressed data hold more than its header says)")


def _unit_range(values: np.ndarray, notes: list[str]) -> np.ndarray:
    """float32 in [0, 1]; float files must be there already, because only their maker knows."""
    if values.dtype.kind == "u":
        return values.astype(np.float32) / np.float32(65535)
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise PhotoError(f"has {bad} values that are NaN or infinite; replace them and save again")
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        raise PhotoError(
            f"holds float values from {low:g} to {high:g}, expected [0, 1]; divide by its full "
            "scale (255? 65535?) and save again, or clip it yourself if it is noise around 0"
        )
    notes.append("Float values were taken as display values (sRGB), not as linear light.")
    return values.astype(np.float32)


def _container_exif(data: bytes) -> PillowImage.Exif:
    """A TIFF or TIFF-like RAW file is itself one large EXIF block."""
    exif = PillowImage.Exif()
    exif.load(data)
    return exif


# ---- LibRaw: camera RAW ----


def _read_raw(data: bytes, notes: list[str]) -> tuple[Image, str, dict]:
    """Develop to linear light: demosaicing and white balance, but no tone curve."""
    import rawpy  # here, because it is slow to import and most photos are no RAW

    with _nothing_printed(), rawpy.RawPy() as raw:
        try:
            raw.open_buffer(io.BytesIO(data))
        except rawpy.LibRawFileUnsupportedError as error:
            raise PhotoError(
                "is damaged, or a RAW file of a camera that LibRaw does not know; "
                "convert it to DNG, or export it as TIFF"
            ) from error
        _check_size(raw.sizes.width, raw.sizes.height)
        raw.unpack()
        values = raw.postprocess(
            gamma=(1, 1), no_auto_bright=True, use_camera_wb=True, output_bps=16
        )
        balance = "the camera's" if any(raw.camera_whitebalance[:3]) else "a daylight"
        turned = raw.sizes.flip
        facts = _shot_facts(raw)
    notes.append(
        f"RAW was developed by LibRaw: demosaiced, {balance} white balance, linear light."
    )
    if turned:
        notes.append("The picture was turned upright, as the RAW file says.")
    if data.startswith(_TIFF):
        facts |= _camera_facts(lambda: _container_exif(data), notes)[0]
    values = values[..., 0] if values.shape[2] == 1 else values
    return _unit_range(values, notes), "linear", facts


def _shot_facts(raw) -> dict:
    """What LibRaw knows of the exposure; RAW files that are no TIFF have no other source."""
    shot = raw.other
    facts = {"exposure_seconds": shot.shutter_speed, "iso": shot.iso_speed}
    facts |= {"f_number": shot.aperture}
    return {key: float(value) for key, value in facts.items() if value > 0}


@contextmanager
def _nothing_printed() -> Iterator[None]:
    """Turn what LibRaw and libtiff only print into an error.

    Some decoders of theirs go on after damaged data and say so on the process's standard
    error, and nowhere else; so that is where it must be caught.
    """
    saved = os.dup(2)
    with tempfile.TemporaryFile() as trap:
        os.dup2(trap.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            trap.seek(0)
            printed = trap.read()
    if any(words in printed for words in _COMPLAINTS):
        raise PhotoError(_CUT_SHORT)
    os.write(2, printed)  # somebody else's
