"""From stored numbers to values in [0, 1]: full scale, transparency, orientation."""

import numpy as np

from lessons_lib.image import Image
from lessons_lib.scenes.photo_formats.limits import PhotoError


def unit_range(values: np.ndarray, notes: list[str]) -> np.ndarray:
    """float32 in [0, 1]; float files must be there already, because only their maker knows.

    Parameters
    ----------
    values : ndarray
        uint16, or floating point in [0, 1].
    notes : list of str
        Gets a sentence on how float values were taken.

    Returns
    -------
    ndarray
        float32, same shape.

    Raises
    ------
    PhotoError
        For float values outside [0, 1], NaN or infinite.
    """
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


def without_alpha(values: np.ndarray, notes: list[str]) -> Image:
    """Drop an opaque alpha channel; lay a transparent picture over black, as night is.

    Parameters
    ----------
    values : ndarray
        ``(H, W)`` or ``(H, W, C)`` in [0, 1]; with 2 or 4 channels the last one is alpha.
    notes : list of str
        Gets a sentence if there was an alpha channel.

    Returns
    -------
    ndarray
        ``(H, W)`` or ``(H, W, 3)``.
    """
    if values.ndim == 2 or values.shape[2] == 3:
        return values
    colour, alpha = values[..., :-1], values[..., -1:]
    if (alpha == 1).all():
        notes.append("The alpha channel was dropped; the picture was opaque.")
    else:
        notes.append("The picture is partly transparent and was laid over black.")
        colour = colour * alpha
    return np.ascontiguousarray(colour[..., 0] if colour.shape[2] == 1 else colour)


def upright(values: Image, orientation: int, notes: list[str]) -> Image:
    """Apply the EXIF orientation, 1 to 8.

    Parameters
    ----------
    values : ndarray
        ``(H, W)`` or ``(H, W, C)`` as stored.
    orientation : int
        1 and everything unknown leave the picture as it is.
    notes : list of str
        Gets a sentence if the picture was turned or mirrored.

    Returns
    -------
    ndarray
        The picture as it is meant to be seen.
    """
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
