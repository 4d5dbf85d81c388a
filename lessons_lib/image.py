"""What an image is in this course, and the error texts for what is not one.

An image is a float array ``(H, W)`` (grey) or ``(H, W, C)`` (colour), nominally in
[0, 1]. Values outside that range are legal (noise puts them there) and are never
clipped, rescaled or changed silently. ``sigma`` is the standard deviation of the
noise in the same units.
"""

import numpy as np

Image = np.ndarray
"""Alias for annotations: float ``(H, W)`` or ``(H, W, C)``, nominally in [0, 1]."""

# ITU-R BT.709 luma weights, which sRGB shares.
LUMINANCE_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])


def check_image(image: Image, name: str = "image") -> Image:
    """Return ``image`` unchanged if it is one, and say what to do if it is not.

    Parameters
    ----------
    image : ndarray
        Anything; float ``(H, W)`` or ``(H, W, C)`` with C = 1 or 3 passes.
    name : str
        What the caller calls it, for the error text.

    Returns
    -------
    ndarray
        The very same array, not a copy.

    Raises
    ------
    ValueError
        If it is no array, not 2-D or 3-D, empty, not float, or has NaN or infinity.
    """
    if not isinstance(image, np.ndarray):
        raise ValueError(
            f"{name} must be a NumPy array, got {type(image).__name__}; "
            "read files with lessons_lib.scenes.photo.read_photo"
        )
    _check_shape(image, name)
    if not np.issubdtype(image.dtype, np.floating):
        raise ValueError(
            f"{name} must be float in [0, 1], got {image.dtype}; "
            "convert it with lessons_lib.image.as_image"
        )
    if not np.isfinite(image).all():
        bad = int((~np.isfinite(image)).sum())
        raise ValueError(
            f"{name} has {bad} pixels that are NaN or infinite; "
            "replace them first, for example with np.nan_to_num"
        )
    return image


def _check_shape(image: np.ndarray, name: str) -> None:
    if image.ndim not in (2, 3):
        raise ValueError(
            f"{name} must have shape (H, W) or (H, W, C), got {image.shape}; "
            "pass one image at a time"
        )
    if 0 in image.shape:
        raise ValueError(f"{name} is empty: its shape is {image.shape}; pass at least one pixel")
    if image.ndim == 3 and image.shape[2] not in (1, 3):
        hint = (
            "drop the alpha channel: image[..., :3]"
            if image.shape[2] in (2, 4)
            else "put the channels last, in the order red, green, blue"
        )
        raise ValueError(f"{name} must have 1 or 3 channels, got shape {image.shape}; {hint}")


def check_sigma(sigma: float, *, zero_allowed: bool = True) -> float:
    """Return ``sigma`` as a float if it can be a noise level in image units.

    Parameters
    ----------
    sigma : float
        Standard deviation of the noise, image units; [0, 2].
    zero_allowed : bool
        Whether 'no noise' makes sense to the caller.

    Raises
    ------
    ValueError
        If it is not a finite number, negative, zero where that makes no sense, or
        above 2, which is most likely a value on the 0 to 255 scale.
    """
    if not np.isscalar(sigma) or isinstance(sigma, (str, bytes, bool)):
        raise ValueError(f"sigma must be one number in image units (0 to 1), got {sigma!r}")
    value = float(sigma)
    if not np.isfinite(value):
        raise ValueError(f"sigma must be a finite number in image units (0 to 1), got {value}")
    if value < 0 or (value == 0 and not zero_allowed):
        bound = "at least 0" if zero_allowed else "above 0"
        raise ValueError(f"sigma must be {bound}, got {value:g}; it is a standard deviation")
    if value > 2:
        raise ValueError(
            f"sigma must be in image units (0 to 1), got {value:g}; divide by 255?"
        )
    return value


def check_same_shape(first: Image, second: Image, names: str = "the two images") -> None:
    """Raise a ValueError that names both shapes if they differ."""
    if first.shape != second.shape:
        raise ValueError(
            f"{names} must have the same shape, got {first.shape} and {second.shape}; "
            "crop them to the same region"
        )


def as_image(array: np.ndarray, dtype: type = np.float64) -> Image:
    """Convert an integer or boolean array to a float image in [0, 1], explicitly.

    uint8 is divided by 255 and uint16 by 65535; float arrays keep their values.
    An alpha channel is refused rather than dropped, because only the caller knows
    what should show through.

    Parameters
    ----------
    array : ndarray
        ``(H, W)`` or ``(H, W, C)``; bool, uint8, uint16 or float.
    dtype : type
        float32 or float64.

    Returns
    -------
    ndarray
        A new float array of the same shape.

    Raises
    ------
    ValueError
        For other types and shapes, and for NaN or infinity.
    """
    array = np.asarray(array)
    _check_shape(array, "image")
    if np.issubdtype(array.dtype, np.floating):
        return check_image(array.astype(dtype))
    if array.dtype == bool:
        return array.astype(dtype)
    if array.dtype in (np.uint8, np.uint16):
        return array.astype(dtype) / np.iinfo(array.dtype).max
    raise ValueError(
        f"image has type {array.dtype}, whose full scale is unknown; "
        "convert it to float yourself: image / full_scale"
    )


def to_uint8(image: Image) -> np.ndarray:
    """Round an image to 8 bits for a screen; the one place where clipping is the point.

    Returns
    -------
    ndarray
        uint8, same shape; values below 0 become 0 and above 1 become 255.
    """
    scaled = np.clip(image, 0.0, 1.0) * 255.0
    return np.rint(scaled).astype(np.uint8)


def luminance(image: Image) -> Image:
    """Weighted mean of red, green and blue (ITU-R BT.709); a grey image passes through.

    Returns
    -------
    ndarray
        ``(H, W)``.
    """
    check_image(image)
    if image.ndim == 2:
        return image
    if image.shape[2] == 1:
        return image[..., 0]
    return (image @ LUMINANCE_WEIGHTS).astype(image.dtype)
