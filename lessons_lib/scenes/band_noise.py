"""Noise as an ingredient: of one spatial frequency, white, or in single pixels.

Each has mean 0 and variance 1 in expectation, so that only the *arrangement* differs.
"""

from dataclasses import dataclass

import numpy as np

from lessons_lib.image import Image
from lessons_lib.scenes.noise import check_rng

KINDS = ("none", "band", "white", "sparse")


@dataclass(frozen=True)
class Ingredient:
    """Which noise a generator is given beside its mask.

    Attributes
    ----------
    kind : str
        'none' (zeros), 'band' (see :func:`band_noise`), 'white' or 'sparse'.
    frequency : float
        Of a band, cycles/px, above 0 and at most .5; other kinds do not use it.
    """

    kind: str = "white"
    frequency: float = 0.12

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"the noise must be one of {', '.join(KINDS)}, got {self.kind!r}")
        check_frequency(self.frequency)

    def draw(self, shape: tuple[int, int], rng: np.random.Generator) -> Image:
        """One field of this noise, float64 ``(H, W)``."""
        if self.kind == "none":
            return np.zeros(shape)
        if self.kind == "band":
            return band_noise(shape, self.frequency, rng)
        return white_noise(shape, rng) if self.kind == "white" else sparse_noise(shape, 0.02, rng)


def check_frequency(frequency: float) -> float:
    """Return a spatial frequency as a float if a pixel grid can carry it.

    Raises
    ------
    ValueError
        If it is no number, 0 or less, above .5 or not finite.
    """
    if not np.isscalar(frequency) or isinstance(frequency, (str, bytes, bool)):
        raise ValueError(f"frequency must be one number in cycles/px, got {frequency!r}")
    value = float(frequency)
    if not 0 < value <= 0.5:
        hint = (
            "a pixel grid carries no more than half a cycle per pixel; a period in px is 1 / "
            "frequency" if value > 0.5 else "0 would be a constant, which is no noise"
        )  # fmt: skip
        raise ValueError(f"frequency must be above 0 and at most 0.5 cycles/px, got {value:g}; "
                         f"{hint}")  # fmt: skip
    return value


def frequencies_of(shape: tuple[int, int]) -> Image:
    """Distance of each bin of ``np.fft.rfft2`` from frequency 0, cycles/px."""
    return np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))


def band_noise(
    shape: tuple[int, int], frequency: float, rng: np.random.Generator, width: float = 0.35
) -> Image:
    """Gaussian noise whose power lies in a ring around one spatial frequency.

    White noise is multiplied in the Fourier domain by exp(-(f - f0)^2 / (2 (width f0)^2)),
    and by 0 at frequency 0, and divided by the expected standard deviation. The field is
    periodic.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns, px; each side at least one period, 1 / frequency.
    frequency : float
        f0, cycles/px, above 0 and at most .5.
    rng : numpy.random.Generator
        Where the randomness comes from.
    width : float
        Standard deviation of the ring as a share of f0; above 0.

    Returns
    -------
    ndarray
        float64; its mean is 0 exactly, its expected variance 1.

    Raises
    ------
    ValueError
        For a frequency outside (0, .5], a field smaller than one period, a width of 0 or
        less, or no generator.
    """
    centre = check_frequency(frequency)
    check_shape(shape)
    check_rng(rng)
    if not width > 0:
        raise ValueError(f"width must be above 0 (a share of the frequency), got {width}")
    if min(shape) * centre < 1:
        raise ValueError(
            f"a field of {shape[0]} x {shape[1]} px is smaller than one period of {1 / centre:.0f}"
            f" px; make it larger and cut a piece out, or choose a frequency of at least "
            f"{1 / min(shape):.3g}"
        )
    ring = np.exp(-((frequencies_of(shape) - centre) ** 2) / (2 * (width * centre) ** 2))
    ring[0, 0] = 0
    # Columns between the first and the last stand for two bins of the whole spectrum.
    twice = np.full(ring.shape[1], 2.0)
    twice[0] = 1
    if shape[1] % 2 == 0:
        twice[-1] = 1
    power = np.sum(ring**2 * twice) / (shape[0] * shape[1])
    white = np.fft.rfft2(rng.standard_normal(shape))
    return np.fft.irfft2(white * ring, s=shape) / np.sqrt(power)


def white_noise(shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Gaussian noise that is independent from pixel to pixel: all frequencies alike."""
    check_shape(shape)
    check_rng(rng)
    return rng.standard_normal(shape)


def sparse_noise(shape: tuple[int, int], share: float, rng: np.random.Generator) -> Image:
    """Single bright pixels at random places; white, too, but far from Gaussian.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns, px.
    share : float
        p, the probability that a pixel is bright, above 0 and below 1.
    rng : numpy.random.Generator
        Where the randomness comes from.

    Returns
    -------
    ndarray
        float64: (1 - p) / s at bright pixels and -p / s elsewhere, with s^2 = p (1 - p).

    Raises
    ------
    ValueError
        For a share outside (0, 1), or no generator.
    """
    check_shape(shape)
    check_rng(rng)
    if not 0 < share < 1:
        raise ValueError(f"share must be above 0 and below 1, got {share}")
    return ((rng.random(shape) < share) - share) / np.sqrt(share * (1 - share))


def check_shape(shape: tuple[int, int]) -> None:
    """Raise a ValueError unless ``shape`` is two whole numbers of 1 and more."""
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(f"shape must be (rows, columns), each at least 1, got {tuple(shape)}")
