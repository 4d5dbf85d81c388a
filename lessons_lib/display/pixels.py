"""From images to the bytes that a canvas shows."""

import numpy as np
from matplotlib import colormaps

from lessons_lib.image import Image, to_uint8

_SIGNED = (colormaps["PuOr_r"](np.linspace(0, 1, 256))[:, :3] * 255).round().astype(np.uint8)


def tones(image: Image) -> np.ndarray:
    """8-bit pixels of an image in [0, 1]; what lies outside is clipped, on screen only."""
    shown = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    return to_uint8(shown)


def mid_grey(difference: Image, limit: float) -> np.ndarray:
    """8-bit pixels of a signed image: 0 is mid-grey, -limit black, +limit white."""
    return to_uint8(0.5 + difference / (2 * max(limit, 1e-12)))


def signed_colours(array: np.ndarray) -> np.ndarray:
    """RGB pixels of a signed array: white is 0, orange positive, purple negative.

    The largest absolute value gets the full colour.
    """
    limit = max(float(np.abs(array).max()), 1e-12)
    index = np.rint((array / limit + 1) * 127.5).astype(int)
    return _SIGNED[index]


def shrink_factor(image: Image, longest_side: int = 256) -> int:
    """Every how many pixels to take for a small picture of ``image``."""
    return max(1, -(-max(image.shape[:2]) // longest_side))
