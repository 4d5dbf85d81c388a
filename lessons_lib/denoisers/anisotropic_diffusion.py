"""Perona and Malik's diffusion: heat flows, but not through what looks like an edge."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.image import Image, check_image

# Each step moves this share of every difference; above 1/4 the scheme is unstable.
RATE = 0.2
# Differences are measured in units of the contrast and squared: float32 must hold that.
LEAST = 1e-15


def perona_malik(image: Image, contrast: float, steps: int) -> Image:
    """Let brightness flow between neighbours, the less the more they differ.

    One step: y += 0.2 sum over the four neighbours of g(d) d, with the difference d to
    the neighbour and g(d) = exp(-(d / contrast)^2). Without g it would be the heat
    equation, whose ``steps`` steps blur like a Gaussian of width sqrt(0.4 steps).

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``. In colour g sees the root mean square of the
        channels' differences, so that an edge is one in all channels.
    contrast : float
        Difference at which the flow is down to 1/e, image units; above 0.
    steps : int
        How many; [0, 500]. 0 returns a copy.

    Returns
    -------
    ndarray
        Same shape and type; nothing flows over the border.

    Raises
    ------
    ValueError
        For settings outside their ranges.

    Why edges blur
    --------------
    Mis-deciding: g is computed from the noisy differences. ``contrast`` has to be well
    above sqrt(2) sigma, the noise of one difference, and an edge that is weaker than that
    lets heat through like any flat place.

    References
    ----------
    Perona and Malik, Scale-space and edge detection using anisotropic diffusion,
    10.1109/34.56205.
    """
    check_image(image)
    check_steps(steps)
    if not contrast > 0:
        raise ValueError(
            f"contrast (image units) must be above 0, got {contrast}; a few sigma is usual"
        )
    estimate = image.copy()
    inverse = image.dtype.type(1 / max(float(contrast), LEAST))
    for _ in range(int(steps)):
        flows = [_flow(estimate, axis, inverse) for axis in (0, 1)]
        for axis, flow in enumerate(flows):  # both from the same state, then both applied
            into, out_of = _neighbours(estimate, axis)
            into += flow
            out_of -= flow
    return estimate


def _flow(image: Image, axis: int, inverse_contrast: np.floating) -> Image:
    """What each pixel receives from its next one along the axis in one step."""
    difference = np.diff(image, axis=axis)
    scaled = difference * inverse_contrast
    squared = scaled * scaled
    if image.ndim == 3:
        squared = squared.mean(axis=2, keepdims=True)
    np.negative(squared, out=squared)
    np.exp(squared, out=squared)
    squared *= image.dtype.type(RATE)
    return difference * squared


def _neighbours(image: Image, axis: int) -> tuple[Image, Image]:
    """Views of all pixels with a next one along the axis, and of those next ones."""
    return (image[:-1], image[1:]) if axis == 0 else (image[:, :-1], image[:, 1:])


def check_steps(steps: int) -> None:
    """Raise a ValueError unless ``steps`` is a whole number from 0 to 500."""
    check_setting(steps, "steps", 0, 500)
    if steps != int(steps):
        raise ValueError(f"steps must be a whole number, got {steps:g}")


@dataclass(frozen=True)
class PeronaMalik:
    """Perona and Malik's anisotropic diffusion as a denoiser.

    Parameters
    ----------
    steps : int
        Number of time steps; 0 switches the filter off.
    contrast_ratio : float
        Contrast at which the flow is down to 1/e, as a ratio to sigma; [0.01, 100].
    """

    steps: int = 10
    contrast_ratio: float = 3.0

    properties: ClassVar[Properties] = Properties(True, True, True, "steps")

    def __post_init__(self) -> None:
        check_steps(self.steps)
        check_setting(self.contrast_ratio, "contrast_ratio (ratio to sigma)", 0.01, 100)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px: one per step."""
        return int(self.steps)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the diffused image; see :func:`perona_malik`."""
        sigma = prepare(noisy, sigma)
        if self.steps == 0 or sigma == 0:
            return noisy.copy()
        return perona_malik(noisy, self.contrast_ratio * sigma, self.steps)
