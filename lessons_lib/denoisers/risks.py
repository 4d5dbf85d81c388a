"""How far an estimate is from the clean image, estimated without the clean image.

Each function is a generator: one risk (mean squared error, image units squared) for each
value of a setting, so that a progress bar stays outside. All values of one call see the
same random numbers, so that their *differences* are much less noisy than the risks.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from lessons_lib.denoisers.blind_spot import blind_spots, fill_hidden, mask_grids
from lessons_lib.denoisers.contract import Denoiser, prepare
from lessons_lib.image import Image, check_image, check_same_shape

Make = Callable[[float], Denoiser]
"""Value of a setting -> denoiser: ``Gaussian``, or ``CATALOGUE[name].build``."""


def risk_oracle(
    make: Make, noisy: Image, sigma: float, values: Iterable[float], clean: Image
) -> Iterator[float]:
    """Mean squared error against the clean image, which only a simulation has.

    Parameters
    ----------
    make : callable
        Value -> denoiser.
    noisy, clean : ndarray
        ``(H, W)`` or ``(H, W, C)``, same shape.
    sigma : float
        What the denoiser is told, image units.
    values : iterable of float
        Settings to try.

    Yields
    ------
    float
        One for each value.

    Raises
    ------
    ValueError
        As the denoiser, and if the shapes differ.
    """
    check_image(clean, "clean")
    check_same_shape(noisy, clean, "noisy and clean")
    for value in values:
        yield _mean_square(make(value)(noisy, sigma) - clean)


def risk_second_shot(
    make: Make, noisy: Image, sigma: float, values: Iterable[float], second: Image
) -> Iterator[float]:
    """Compare with another photo of the same thing, minus that photo's own noise.

    E|D(y) - y'|^2 = E|D(y) - x|^2 + sigma^2 for any noise that is independent *between the
    shots* and has mean 0; within a shot it may be correlated. Nothing must have moved.

    Parameters
    ----------
    make, noisy, sigma, values
        As in :func:`risk_oracle`; ``sigma`` is the second shot's noise as well.
    second : ndarray
        Same shape as ``noisy``.

    Yields
    ------
    float
        One for each value; it can be negative.

    References
    ----------
    Lehtinen et al., Noise2Noise, arXiv 1803.04189.
    """
    for risk in risk_oracle(make, noisy, sigma, values, second):
        yield risk - sigma**2


def risk_sure(
    make: Make,
    noisy: Image,
    sigma: float,
    values: Iterable[float],
    seed: int = 0,
    noise_like: Image | None = None,
) -> Iterator[float]:
    """Stein's unbiased risk estimate, with the divergence from one random direction.

    For noise of covariance C, Jacobian J of D and n values,
    E|D(y) - x|^2 / n = E[|D(y) - y|^2 - tr C + 2 tr(C J)] / n, and for a random direction b
    of covariance C, E[b J b] = tr(C J): nudge the input by b, see how the estimate follows.

    Parameters
    ----------
    make, noisy, sigma, values
        As in :func:`risk_oracle`; ``sigma`` above 0.
    seed : int
        Draws the signs of the direction, for white noise: C = sigma^2 I.
    noise_like : ndarray, optional
        A sample of the noise itself, independent of the noise in ``noisy``, same shape, for
        noise that is not white: a developed dark frame, or the difference of two shots
        / sqrt 2. ``seed`` is then not used.

    Yields
    ------
    float
        One for each value; it can be negative.

    Raises
    ------
    ValueError
        As the denoiser, for sigma = 0, and if the shapes differ.

    Notes
    -----
    Right on average for Gaussian noise that is as described, and for denoisers without
    jumps. Where neighbours share their noise and the direction is white, tr(C J) comes out
    too small for a smoother, which lets shared noise through, and it looks better than it is.

    References
    ----------
    Stein 1981, doi 10.1214/aos/1176345632; Ramani, Blu and Unser 2008, Monte-Carlo SURE,
    doi 10.1109/TIP.2008.2001404.
    """
    sigma = prepare(noisy, sigma, zero_allowed=False)
    noisy = noisy.astype(np.float64)  # the nudge is small: float32 would round it away
    direction = _direction(noisy, sigma, seed, noise_like)
    nudge = 1e-3
    for value in values:
        denoiser = make(value)
        estimate = denoiser(noisy, sigma)
        follows = (denoiser(noisy + nudge * direction, sigma) - estimate) / nudge
        yield _mean_square(estimate - noisy) - sigma**2 + 2 * float(np.mean(direction * follows))


def _direction(noisy: Image, sigma: float, seed: int, noise_like: Image | None) -> Image:
    if noise_like is None:
        return sigma * np.random.default_rng(seed).choice([-1.0, 1.0], noisy.shape)
    check_image(noise_like, "noise_like")
    check_same_shape(noisy, noise_like, "noisy and noise_like")
    return noise_like.astype(np.float64)


def risk_j_invariant(
    make: Make,
    noisy: Image,
    sigma: float,
    values: Iterable[float],
    stride: int = 4,
    blind_radius: int = 0,
    masks: int = 1,
    renoise_seed: int | None = None,
) -> Iterator[float]:
    """Hide pixels from the denoiser, and see how well it predicts them.

    Hidden pixels are filled in from visible ones. Their prediction then does not know
    their noise, if that is independent from pixel to pixel, and
    E|prediction - noisy|^2 = E|prediction - clean|^2 + sigma^2.

    Parameters
    ----------
    make, noisy, sigma, values
        As in :func:`risk_oracle`.
    stride : int
        Distance between the pixels that are compared, px; at least
        2 blind_radius + 2.
    blind_radius : int
        Hide a square of 2 blind_radius + 1 px around each of them: for noise that is
        correlated over blind_radius px. 0 hides the pixel alone. A wider stride does *not*
        help there: the neighbours, which know the noise, stay visible.
    masks : int
        How many of the stride^2 positions of the grid are tried, each for one more call of
        the denoiser; 1 to stride^2.
    renoise_seed : int, optional
        Draws fresh white noise that makes a filled-in value as noisy as a pixel. A fill is a
        mean, hence smoother than its surroundings, and a denoiser that judges the pixel by
        its own value would find less to do than in the photo itself. None: no noise, as
        in the paper.

    Yields
    ------
    float
        One for each value, with sigma^2 taken off: an estimate of the mean squared error of
        the prediction, which is worse than the estimate that sees all pixels.

    Raises
    ------
    ValueError
        As the denoiser, for impossible masks, and if no pixel stays visible.

    References
    ----------
    Batson and Royer, Noise2Self, arXiv 1901.11365.
    """
    sigma = prepare(noisy, sigma)
    grids = mask_grids(noisy.shape[:2], stride, blind_radius, masks)
    rng = None if renoise_seed is None else np.random.default_rng(renoise_seed)
    hidden = [blind_spots(grid, blind_radius) for grid in grids]
    partial = [fill_hidden(noisy, spots, blind_radius + 1, sigma, rng) for spots in hidden]
    for value in values:
        denoiser = make(value)
        missed = [
            (denoiser(seen, sigma) - noisy)[grid]
            for seen, grid in zip(partial, grids, strict=True)
        ]
        yield _mean_square(np.concatenate(missed)) - sigma**2


def _mean_square(difference: np.ndarray) -> float:
    return float(np.mean(difference.astype(np.float64) ** 2))
