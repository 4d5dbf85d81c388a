"""Where a denoiser's error comes from: bias (what it always gets wrong) and variance.

The same clean image is denoised under many draws of the noise. What the mean estimate
misses is the bias, which includes blur; what still changes from draw to draw is the
variance. Their sum is the mean squared error, pixel by pixel.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lessons_lib.image import Image, check_image, check_same_shape, check_sigma


@dataclass(frozen=True)
class ErrorMaps:
    """Bias, variance and mean squared error per pixel, over draws of the noise.

    All maps are float64 and have the shape of the clean image; colour stays per channel
    (take ``.mean(axis=2)`` for one map).

    Attributes
    ----------
    bias_squared : ndarray
        (mean estimate - clean)^2, image units squared. It carries variance / draws of
        leftover noise; see :attr:`bias_squared_corrected`.
    variance : ndarray
        Variance of the estimate over the draws, divided by ``draws`` (not draws - 1), so
        that bias_squared + variance = mse to rounding.
    mse : ndarray
        Mean over the draws of (estimate - clean)^2.
    mean : ndarray
        Mean estimate, image units.
    draws : int
        How many noise draws went in.
    """

    bias_squared: Image
    variance: Image
    mse: Image
    mean: Image
    draws: int

    @property
    def bias_squared_corrected(self) -> Image:
        """bias_squared without the leftover noise: unbiased, so single pixels can be < 0.

        The mean of N draws keeps (true variance) / N, whose unbiased estimate is
        variance / (N - 1). Needs at least 2 draws.
        """
        if self.draws < 2:
            raise ValueError(
                f"the corrected bias needs at least 2 draws, got {self.draws}; raise draws"
            )
        return self.bias_squared - self.variance / (self.draws - 1)


def error_maps_steps(
    denoiser: Callable[[Image, float], Image],
    clean: Image,
    sigma: float,
    draws: int = 32,
    seed: int = 0,
) -> Iterator[ErrorMaps]:
    """Yield the maps after each draw, so that a plot or a progress bar can follow.

    Only running sums are kept: the memory is that of a few images, whatever ``draws`` is.

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    clean : ndarray
        ``(H, W)`` or ``(H, W, C)``, image units.
    sigma : float
        Standard deviation of the white Gaussian noise, image units.
    draws : int
        Number of noise draws, at least 1.
    seed : int
        Of the one generator that all draws come from.

    Yields
    ------
    ErrorMaps
        Over the draws so far; the arrays are new each time.

    Raises
    ------
    ValueError
        For no draws, or if the estimate has another shape than the clean image.
    """
    check_image(clean, "clean")
    check_sigma(sigma)
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws}; 32 is usual")
    return _steps(denoiser, clean, sigma, draws, np.random.default_rng(seed))


def _steps(
    denoiser: Callable[[Image, float], Image],
    clean: Image,
    sigma: float,
    draws: int,
    rng: np.random.Generator,
) -> Iterator[ErrorMaps]:
    mean, deviation, squared_error = (np.zeros(clean.shape) for _ in range(3))
    for count in range(1, draws + 1):
        noise = sigma * rng.standard_normal(clean.shape)
        estimate = denoiser((clean + noise).astype(clean.dtype), sigma)
        check_same_shape(clean, estimate, "clean and estimate")
        # Welford's update: no difference of two large sums, so no cancellation.
        before = estimate - mean
        mean = mean + before / count
        deviation = deviation + before * (estimate - mean)
        squared_error = squared_error + (estimate.astype(np.float64) - clean) ** 2
        yield ErrorMaps(
            bias_squared=(mean - clean) ** 2,
            variance=deviation / count,
            mse=squared_error / count,
            mean=mean,
            draws=count,
        )


def error_maps(
    denoiser: Callable[[Image, float], Image],
    clean: Image,
    sigma: float,
    draws: int = 32,
    seed: int = 0,
) -> ErrorMaps:
    """Bias^2, variance and mean squared error maps after all draws.

    Parameters and errors are those of :func:`error_maps_steps`.

    Returns
    -------
    ErrorMaps
        Over all ``draws``.

    References
    ----------
    Milanfar, A tour of modern image filtering, 10.1109/MSP.2011.2179329.
    """
    return deque(error_maps_steps(denoiser, clean, sigma, draws, seed), maxlen=1).pop()


def method_noise(denoiser: Callable[[Image, float], Image], image: Image, sigma: float) -> Image:
    """What a denoiser takes away: ``image - denoiser(image, sigma)``.

    On a clean image it shows only the blur that the filter causes there. An adaptive
    filter that noise misleads blurs more than that: see :func:`expected_method_noise`.

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    image : ndarray
        ``(H, W)`` or ``(H, W, C)``, image units; clean or noisy.
    sigma : float
        Noise level told to the denoiser, image units.

    Returns
    -------
    ndarray
        Same shape, signed, image units.

    References
    ----------
    Buades, Coll, Morel, A review of image denoising algorithms, 10.1137/040616024.
    """
    check_image(image)
    check_sigma(sigma)
    return image - denoiser(image, sigma)


def expected_method_noise(
    denoiser: Callable[[Image, float], Image],
    clean: Image,
    sigma: float,
    draws: int = 32,
    seed: int = 0,
) -> Image:
    """Structure that is lost under noise: ``clean - E[denoiser(clean + noise, sigma)]``.

    The expectation is a mean over draws, so each pixel carries noise of standard
    deviation sqrt(variance / draws). Parameters are those of :func:`error_maps_steps`.

    Returns
    -------
    ndarray
        float64, shape of ``clean``, signed, image units: minus the bias.
    """
    return clean - error_maps(denoiser, clean, sigma, draws, seed).mean


def linear_error(matrix: np.ndarray, clean: Image, sigma: float) -> tuple[float, float]:
    """Bias^2 and variance of a linear filter ``estimate = A noisy``, exactly, no draws.

    bias^2 = |(A - I) x|^2 and variance = sigma^2 tr(A A^T), both summed over the pixels
    (divide by their number for the mean squared error).

    Parameters
    ----------
    matrix : ndarray
        A, ``(N, N)``, acting on the pixels in row-major order.
    clean : ndarray
        x, ``(H, W)`` with H W = N, image units.
    sigma : float
        Standard deviation of the white noise, image units.

    Returns
    -------
    tuple of float
        (bias squared total, variance total), image units squared.

    Raises
    ------
    ValueError
        If the matrix does not fit the image.

    References
    ----------
    Milanfar, A tour of modern image filtering, 10.1109/MSP.2011.2179329.
    """
    check_image(clean, "clean")
    check_sigma(sigma)
    if matrix.shape != (clean.size, clean.size):
        raise ValueError(
            f"matrix must be {clean.size} x {clean.size} for {clean.size} pixels, got "
            f"{matrix.shape}; row i holds the weights of output pixel i"
        )
    pixels = clean.ravel()
    bias = matrix @ pixels - pixels
    return float(bias @ bias), float(sigma**2 * (matrix**2).sum())
