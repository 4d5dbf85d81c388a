"""A denoiser for even white noise, made fit for a photo whose colours are noisy unequally."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers.colour import (
    common_properties,
    common_reach,
    from_opponent,
    to_opponent,
)
from lessons_lib.denoisers.contract import Denoiser, Properties, check_setting, prepare
from lessons_lib.image import Image


@dataclass(frozen=True)
class EvenColours:
    """Luminance and the two colour differences, scaled so that all are equally noisy.

    The inner denoiser sees a colour picture with one noise level, as it was made for; its
    estimate is scaled back. Grey pictures are told the first level.

    **The sigma of the call is not used**: the levels say it all. It is only checked; 0 still
    means 'no noise' and returns a copy.

    Parameters
    ----------
    denoiser : Denoiser
        Made for one sigma; sees luminance and colour together.
    levels : tuple of float
        What it is to be told of luminance, red against blue, and magenta against green
        (:func:`lessons_lib.denoisers.colour.to_opponent`), or of grey alone; image units, [0,
        2]. A level of 0 keeps the channel as it is.

    Raises
    ------
    ValueError
        For levels outside the range, or not one or three of them.

    Why edges blur
    --------------
    As in the inner denoiser, with contrast measured against each channel's own level: where
    the colour noise is strong, an edge between two colours of equal luminance is lost that
    would stand if it were one of luminance.
    """

    denoiser: Denoiser
    levels: tuple[float, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.levels, tuple) or len(self.levels) not in (1, 3):
            raise ValueError(
                f"levels must be a tuple of 1 (grey) or 3 (colour) numbers, got {self.levels!r}"
            )
        for level in self.levels:
            check_setting(level, "level (image units)", 0, 2)

    @property
    def properties(self) -> Properties:
        """Of what the inner denoiser promises, all but scaling: the levels are fixed."""
        inner = common_properties(self.denoiser)
        return Properties(inner.keeps_constants, inner.shift_equivariant, False, None)

    @property
    def reach(self) -> int | None:
        """How far a pixel's influence goes, px."""
        return common_reach(self.denoiser)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the estimate, same shape and type as ``noisy``."""
        if prepare(noisy, sigma) == 0 or max(self.levels) == 0:
            return noisy.copy()
        if noisy.ndim == 2 or noisy.shape[2] == 1:
            return self.denoiser(noisy, self.levels[0])
        levels = np.broadcast_to(self.levels, 3)
        told = float(max(levels))
        # A channel without noise would be scaled without end: it is put back afterwards.
        scale = np.where(levels > 0, told / np.maximum(levels, told * 1e-3), 1)
        opponent = to_opponent(noisy)
        even = from_opponent(opponent * scale.astype(noisy.dtype))
        estimate = to_opponent(self.denoiser(even, told)) / scale.astype(noisy.dtype)
        estimate[..., levels == 0] = opponent[..., levels == 0]
        return from_opponent(estimate)
