"""One crop under the microscope: what is denoised, and what is known about it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lessons_lib.diagnosis.edges import EdgeSpread
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.noise_level import estimate_sigma
from lessons_lib.display import pixels
from lessons_lib.display.subjects import Subject, add_noise
from lessons_lib.image import Image


@dataclass(frozen=True, eq=False)
class Look:
    """One crop under the microscope.

    Attributes
    ----------
    subject : Subject
        The whole picture.
    corner : (int, int)
        Row and column of the crop's first pixel in it.
    clean : ndarray or None
        The crop without noise; None for a photo, of which nobody has one.
    noisy : ndarray
        The crop that is denoised.
    sigma : float
        Its noise level, image units.
    sigma_known : bool
        False if sigma was estimated from the crop.
    """

    subject: Subject
    corner: tuple[int, int]
    clean: Image | None
    noisy: Image
    sigma: float
    origin: str

    # What a moving slider does not change is computed once for each crop.

    @cached_property
    def noisy_pixels(self) -> np.ndarray:
        """The noisy crop as 8-bit pixels."""
        return pixels.tones(self.noisy)

    @cached_property
    def noisy_psnr(self) -> float:
        """PSNR of the noisy crop in dB."""
        return psnr(self.clean, self.noisy)

    @cached_property
    def profiles(self) -> dict[tuple, dict[str, EdgeSpread]]:
        """Profiles of the noisy and the clean crop, by place and direction; the last one only."""
        return {}


def take_look(
    whole: Subject, corner: tuple[int, int], size: int, noise: str, level: float, seed: int
) -> Look:
    """Cut a crop out of a picture, add noise, and find out how much noise there is.

    Where a clean image exists, sigma is looked up; where none does, it is estimated on the
    finest scale, which demosaicing and JPEG have smoothed: on photos it is often too low.

    Parameters
    ----------
    whole : Subject
        The picture.
    corner : (int, int)
        First row and column of the crop.
    size : int
        Its side, px.
    noise, level, seed : str, float, int
        As :func:`lessons_lib.display.subjects.add_noise` takes them.
    """
    window = slice(corner[0], corner[0] + size), slice(corner[1], corner[1] + size)
    crop = whole.image[window].astype(np.float32)
    noisy, sigma = add_noise(crop, noise, level, seed)
    noisy = noisy.astype(np.float32, copy=False)
    clean = None if whole.noisy_already else crop
    if whole.truth is not None:
        clean = whole.truth[window].astype(np.float32)
    if clean is None:
        return Look(whole, corner, None, noisy, estimate_sigma(noisy), "estimated, often too low")
    if sigma is None or whole.noisy_already:
        sigma = float((noisy - clean).std())
    return Look(whole, corner, clean, noisy, sigma, "known")
