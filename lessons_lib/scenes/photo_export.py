"""Write a finished photo: PNG, TIFF or JPEG, whole or not at all, with what was done to it."""

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lessons_lib.image import Image, check_image
from lessons_lib.scenes.photo_formats.written_files import (
    JPEG_MOST_SIDE,
    write_jpeg,
    write_png,
    write_tiff,
)

DEPTHS = {".png": (8, 16), ".tif": (8, 16), ".tiff": (8, 16), ".jpg": (8,), ".jpeg": (8,)}
SOFTWARE = "Why Edges Blur (lessons_lib)"


class ExportError(OSError):
    """A photo that could not be written: why, and what to do. Nothing was left behind."""


def check_output(
    path: str | os.PathLike, source: str | os.PathLike | None = None, depth: int | None = None
) -> int:
    """Refuse an output that cannot be meant, before any work is done.

    Parameters
    ----------
    path : path-like
        Where the photo is to go; its suffix decides the format: .png, .tif or .jpg.
    source : path-like, optional
        The photo it was made from, which is never written to.
    depth : int, optional
        Bits for each value.

    Returns
    -------
    int
        The depth: as asked for, or 16 for PNG and TIFF and 8 for JPEG.

    Raises
    ------
    ValueError
        For an unknown suffix, a depth that the format lacks, and for the source itself.
    """
    target = Path(path)
    depths = DEPTHS.get(target.suffix.lower())
    if depths is None:
        raise ValueError(
            f"the output's name must end with .png, .tif or .jpg, got {target.name!r}; the "
            "ending decides the format"
        )
    depth = depth or max(depths)
    if depth not in depths:
        raise ValueError(
            f"{target.suffix} holds {' or '.join(map(str, depths))} bits a value, got {depth}; "
            "write a .tif or .png for 16"
        )
    if source is not None and target.exists() and os.path.samefile(target, source):
        raise ValueError(
            f"{target} is the photo itself, which is never written to; choose another name"
        )
    return depth


def check_folder(path: str | os.PathLike, *, overwrite: bool = False) -> None:
    """Refuse an output whose folder is missing or closed, or that exists already.

    Parameters
    ----------
    path : path-like
        Where the photo is to go.
    overwrite : bool
        Whether an older file there may be replaced.

    Raises
    ------
    ExportError
        With what to do.
    """
    target = Path(path)
    folder = target.resolve().parent
    if not folder.is_dir():
        raise ExportError(f"there is no folder {folder}; make it, or choose another one")
    if target.is_dir():
        raise ExportError(f"{target} is a folder; name a file in it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ExportError(f"the folder {folder} is not writable for you; choose another one")
    if target.exists() and not overwrite:
        raise ExportError(f"{target} is there already; choose another name, or let it be replaced")


def export_photo(
    path: str | os.PathLike,
    image: Image,
    settings: dict[str, object],
    *,
    encoding: str = "srgb",
    camera: dict | None = None,
    source: str | os.PathLike | None = None,
    depth: int | None = None,
    quality: int = 95,
    overwrite: bool = False,
) -> None:
    """Write a photo at full size, in sRGB, with the settings that made it inside.

    The file is written beside ``path`` under a temporary name and moved into place when it
    is whole: a full disk or an interruption leaves nothing. Values are clipped to [0, 1] and
    rounded; this is the one place where that happens.

    Parameters
    ----------
    path : path-like
        Ends with .png, .tif or .jpg.
    image : ndarray
        ``(H, W)`` or ``(H, W, 3)``, upright.
    settings : dict
        Plain words and numbers: how it was made. Stored as JSON: PNG text 'Description', TIFF
        ImageDescription, JPEG UserComment.
    encoding : str
        'srgb', or 'linear': then the tone curve of sRGB is applied.
    camera : dict, optional
        As :attr:`lessons_lib.scenes.photo.Photo.camera`: facts of the exposure. Where the
        photo was taken is not among them, and is not written.
    source : path-like, optional
        The photo it was made from, which is never written to.
    depth : int, optional
        8 or 16 bits; the most that the format holds if not given.
    quality : int
        Of a JPEG; [1, 100]. Colours are kept at full resolution.
    overwrite : bool
        Whether an older file at ``path`` may be replaced.

    Raises
    ------
    ValueError
        For wrong settings; see :func:`check_output`.
    ExportError
        Where the disk is full, the folder missing or closed, or the file there already.
    """
    check_image(image)
    if encoding not in ("srgb", "linear"):
        raise ValueError(f"encoding must be 'srgb' or 'linear', got {encoding!r}")
    depth = check_output(path, source, depth)
    check_folder(path, overwrite=overwrite)
    target = Path(path)
    plane = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    notes = {"software": SOFTWARE, **(camera or {}), **settings}
    comment = json.dumps(notes, ensure_ascii=True, default=str)
    kind = target.suffix.lower()
    if kind in (".jpg", ".jpeg") and max(plane.shape[:2]) > JPEG_MOST_SIDE:
        raise ValueError(
            f"a JPEG has at most {JPEG_MOST_SIDE} px a side, got {plane.shape[1]} x "
            f"{plane.shape[0]}; write a .tif or .png"
        )
    linear = encoding == "linear"

    def write(part: Path) -> None:
        if kind == ".png":
            write_png(part, plane, depth, comment, SOFTWARE, linear=linear)
        elif kind in (".tif", ".tiff"):
            write_tiff(part, plane, depth, comment, SOFTWARE, linear=linear)
        else:
            write_jpeg(part, plane, quality, comment, SOFTWARE, camera or {}, linear=linear)

    _whole_or_nothing(target, write, plane.size * depth // 8)


def _whole_or_nothing(target: Path, write: Callable[[Path], None], size: int) -> None:
    """Write beside the target, make sure it is on the disk, and move it into place."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with _in_words(target, size):
            write(part)
            with open(part, "rb") as file:
                os.fsync(file.fileno())
            os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _in_words(target: Path, size: int) -> Iterator[None]:
    """Say what an error of the disk means."""
    try:
        yield
    except OSError as error:
        where = target.resolve().parent
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            free = shutil.disk_usage(where).free
            what = (
                f"the disk is full: {target.name} needs up to {size / 1e6:.1f} MB and {where} has "
                f"{free / 1e6:.1f} MB left; make room or choose another disk"
            )
        elif error.errno == errno.EFBIG:
            what = f"{target.name} is larger than this disk or your limits allow; write a .jpg"
        else:
            reason = error.strerror or error
            what = f"{target} could not be written ({reason}); choose another place"
        raise ExportError(f"{what}; no partial file was left") from error
