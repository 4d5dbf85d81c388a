"""What the course takes as a photo, and the refusal of everything else."""

MAX_BYTES = 1_000_000_000
MAX_SIDE = 20_000  # px
MAX_PIXELS = 110_000_000
MIN_SIDE = 16  # px; below it no instrument of the course has anything to measure

CUT_SHORT = "is damaged or cut short; copy it again from the camera or from where it came"


class PhotoError(ValueError):
    """A file that cannot be used as a photo: what came, and what to do."""


def check_length(size: int) -> None:
    """Refuse a file of no bytes or of too many.

    Parameters
    ----------
    size : int
        Length of the file, bytes.

    Raises
    ------
    PhotoError
        If it is 0 or above ``MAX_BYTES``.
    """
    if size > MAX_BYTES:
        raise PhotoError(
            f"has {size / 1e9:.1f} GB; at most {MAX_BYTES / 1e9:g} GB are read; crop the picture"
        )
    if size == 0:
        raise PhotoError("is empty (0 bytes); copy it again from the camera")


def check_size(width: int, height: int) -> None:
    """Refuse what is too large to hold or too small to measure, from the header alone.

    Parameters
    ----------
    width, height : int
        What the header says, px.

    Raises
    ------
    PhotoError
        If a side or the number of pixels is outside the limits of this module.
    """
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
