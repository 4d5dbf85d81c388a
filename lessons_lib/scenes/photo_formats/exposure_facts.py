"""What a file says about its exposure; the place where it was taken is never read out."""

from collections.abc import Callable

import numpy as np
from PIL import Image as PillowImage


def camera_facts(
    load_exif: Callable[[], PillowImage.Exif], notes: list[str]
) -> tuple[dict, int]:
    """The facts about the exposure, and the orientation; no other EXIF entry is kept.

    Parameters
    ----------
    load_exif : callable
        Returns the EXIF block; may fail.
    notes : list of str
        Gets a sentence if the block could not be read.

    Returns
    -------
    dict
        As :attr:`lessons_lib.scenes.photo.Photo.camera`.
    int
        The EXIF orientation, 1 (upright) if the file states none.
    """
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


def container_exif(data: bytes) -> PillowImage.Exif:
    """A TIFF or TIFF-like RAW file is itself one large EXIF block.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    PIL.Image.Exif
        Its first directory.
    """
    exif = PillowImage.Exif()
    exif.load(data)
    return exif


def shot_facts(raw) -> dict:
    """What LibRaw knows of the exposure; RAW files that are no TIFF have no other source.

    Parameters
    ----------
    raw : rawpy.RawPy
        An opened RAW file.

    Returns
    -------
    dict
        Those of exposure_seconds, iso, f_number that are stated.
    """
    shot = raw.other
    facts = {"exposure_seconds": shot.shutter_speed, "iso": shot.iso_speed}
    facts |= {"f_number": shot.aperture}
    return {key: float(value) for key, value in facts.items() if value > 0}
