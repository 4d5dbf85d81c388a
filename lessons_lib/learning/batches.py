"""Between images and the tensors that networks take."""

import numpy as np
import torch
from torch.nn import functional

from lessons_lib.image import Image


def to_batch(image: Image, dtype: type = np.float32) -> torch.Tensor:
    """Turn an image into a batch of one.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, C)``.
    dtype : type
        float32 or float64.

    Returns
    -------
    Tensor
        ``(1, C, H, W)``; its own memory.
    """
    planes = np.moveaxis(np.atleast_3d(image), 2, 0)[np.newaxis]
    return torch.from_numpy(np.array(planes, dtype=dtype, order="C"))


def to_image(batch: torch.Tensor, like: Image) -> Image:
    """Turn a batch of one back into an image of the shape and type of ``like``."""
    planes = batch.detach().cpu().numpy()[0]
    return np.ascontiguousarray(np.moveaxis(planes, 0, 2), dtype=like.dtype).reshape(like.shape)


def pad_to_multiple(batch: torch.Tensor, multiple: int) -> torch.Tensor:
    """Extend height and width to a multiple, below and to the right.

    The picture is mirrored, or where it is too small for that, its border repeated.
    """
    height, width = batch.shape[-2:]
    below, right = -height % multiple, -width % multiple
    if not below and not right:
        return batch
    mode = "reflect" if below < height and right < width else "replicate"
    return functional.pad(batch, (0, right, 0, below), mode=mode)
