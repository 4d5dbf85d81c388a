"""From noise to a picture in small steps: schedules, and four ways to take the steps.

All in sigma. The forward process adds noise: x(sigma) = clean + sigma z. A denoiser
D(x, sigma) that returns the mean of all clean pictures that fit knows the way back, for its
step is the slope of the log-density (Miyasawa, Tweedie): D(x, sigma) = x + sigma^2 grad log p.

Each sampler is a generator that yields a :class:`State` at every level, so that films,
progress bars and 'cancel' stay outside. It works on an array of any shape through any
callable: an ideal denoiser, a network, a filter of lesson 03.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Denoise = Callable[[np.ndarray, float], np.ndarray]
"""(x, sigma) -> the mean of all clean arrays that fit x; same shape."""


@dataclass(frozen=True, eq=False)
class State:
    """Where the reverse process stands.

    Attributes
    ----------
    sigma : float
        The noise that is still in ``picture``.
    picture : ndarray
        x(sigma): clean plus noise.
    estimate : ndarray
        D(x, sigma), what the denoiser makes of it; at sigma 0 the picture itself.
    """

    sigma: float
    picture: np.ndarray
    estimate: np.ndarray


def noise_levels(start: float, steps: int, *, end: float, bend: float = 7.0) -> np.ndarray:
    """Noise levels for ``steps`` steps: from ``start`` down to ``end``, then 0.

    (start^(1/bend) + i / (steps - 1) (end^(1/bend) - start^(1/bend)))^bend, equation 5 of
    Karras and others: the larger ``bend``, the finer the steps at little noise.

    Parameters
    ----------
    start, end : float
        First level, and the last one above 0; 0 < end <= start.
    steps : int
        At least 1; a single step goes from ``start`` to 0.
    bend : float
        rho of the paper, at least 1. 1 makes even steps, 7 is the paper's choice.

    Returns
    -------
    ndarray, ``(steps + 1,)``
        Falling; the last is 0.

    Raises
    ------
    ValueError
        For values outside these ranges.

    References
    ----------
    Karras, Aittala, Aila, Laine, Elucidating the design space of diffusion-based generative
    models, arXiv 2206.00364.
    """
    if not 0 < end <= start < np.inf:
        raise ValueError(f"levels must satisfy 0 < end <= start, got start {start}, end {end}")
    if steps != int(steps) or steps < 1:
        raise ValueError(f"steps must be a whole number, at least 1, got {steps}")
    if not bend >= 1:
        raise ValueError(f"bend must be at least 1 (even steps), got {bend}")
    share = np.linspace(0, 1, int(steps))
    bent = start ** (1 / bend) + share * (end ** (1 / bend) - start ** (1 / bend))
    levels = np.append(bent**bend, 0.0)
    levels[0] = start  # to the last bit: it is what the photo has
    return levels


def euler_step(x: np.ndarray, estimate: np.ndarray, here: float, there: float) -> np.ndarray:
    """Follow the slope dx/dsigma = (x - D) / sigma in a straight line: no new noise.

    x + (there - here) (x - D) / here: of the noise, the share there / here is kept.
    """
    return estimate + there / here * (x - estimate)


def ancestral_step(
    x: np.ndarray, estimate: np.ndarray, here: float, there: float, noise: np.ndarray
) -> np.ndarray:
    """Draw x(there) given x(here), as if the clean picture were the estimate.

    Of the noise only the share (there / here)^2 is kept; fresh noise fills it up to the
    level ``there``. Exact for one known clean picture, and for many in the limit of small
    steps.

    Parameters
    ----------
    x, estimate : ndarray
        The state, and what the denoiser makes of it.
    here, there : float
        Noise level now, and after the step.
    noise : ndarray
        Standard normal numbers, same shape.
    """
    kept = (there / here) ** 2
    # A root of Python's: NumPy's would turn float32 into float64.
    return estimate + kept * (x - estimate) + there * (1 - kept) ** 0.5 * noise


def euler(start: np.ndarray, levels: Sequence[float], denoise: Denoise) -> Iterator[State]:
    """Deterministic sampler of first order (DDIM): one answer for each ``start``.

    Parameters
    ----------
    start : ndarray
        x at the first level: a noisy picture, or pure noise; not changed.
    levels : sequence of float
        Falling noise levels, the last 0, as :func:`noise_levels` makes them.
    denoise : callable
        D(x, sigma).

    Yields
    ------
    State
        One for each level.

    References
    ----------
    Song, Meng, Ermon, Denoising diffusion implicit models, arXiv 2010.02502.
    """
    x = start
    for here, there in pairwise(check_levels(levels)):
        estimate = denoise(x, here)
        yield State(here, x, estimate)
        x = euler_step(x, estimate, here, there)
    yield State(0.0, x, x)


def heun(start: np.ndarray, levels: Sequence[float], denoise: Denoise) -> Iterator[State]:
    """Deterministic sampler of second order: each step averages the slopes at its two ends.

    It calls the denoiser twice for a step, but for the last, whose end has no slope.
    Parameters and yields as :func:`euler`.

    References
    ----------
    Karras and others, arXiv 2206.00364, algorithm 1.
    """
    x = start
    for here, there in pairwise(check_levels(levels)):
        estimate = denoise(x, here)
        yield State(here, x, estimate)
        ahead = euler_step(x, estimate, here, there)
        if there > 0:
            slope = (x - estimate) / here
            slope_ahead = (ahead - denoise(ahead, there)) / there
            ahead = x + (there - here) * (slope + slope_ahead) / 2
        x = ahead
    yield State(0.0, x, x)


def ancestral(
    start: np.ndarray, levels: Sequence[float], denoise: Denoise, draw: Callable[[], np.ndarray]
) -> Iterator[State]:
    """Stochastic sampler: noise is taken out and, in smaller part, put back at each step.

    A noisy picture is itself a state of the forward process at its own sigma. Started
    there, the rest of this process draws from the posterior: one of the clean pictures that
    fit, each as often as it is probable (in the limit of small steps, for an ideal D).

    Parameters
    ----------
    start, levels, denoise
        As for :func:`euler`.
    draw : callable
        Returns fresh standard normal noise of the shape of ``start``.

    Yields
    ------
    State
        One for each level.

    References
    ----------
    Kawar, Vaksman, Elad, Stochastic image denoising by sampling from the posterior
    distribution, arXiv 2101.09552. Ho, Jain, Abbeel, Denoising diffusion probabilistic
    models, arXiv 2006.11239.
    """
    x = start
    for here, there in pairwise(check_levels(levels)):
        estimate = denoise(x, here)
        yield State(here, x, estimate)
        # The last step adds no noise: its end is the estimate.
        x = ancestral_step(x, estimate, here, there, draw()) if there > 0 else estimate
    yield State(0.0, x, x)


def ancestral_heun(
    start: np.ndarray, levels: Sequence[float], denoise: Denoise, draw: Callable[[], np.ndarray]
) -> Iterator[State]:
    """The ancestral sampler with a second look: smaller steps' quality at the same cost.

    :func:`ancestral` pretends within each step that its estimate is the truth, so its draws
    vary too little. Here each step is taken, the denoiser looks where it has led, and the step
    is taken again, *with the same noise*, towards the mean of both looks. The second look
    serves the next step as its first, so there is one evaluation for each step.

    Parameters and yields as :func:`ancestral`; a state's estimate is the second look, from
    where the first try had led.

    References
    ----------
    Kloeden, Platen, Numerical solution of stochastic differential equations,
    10.1007/978-3-662-12616-5 (predictor-corrector methods, chapter 15).
    """
    falling = check_levels(levels)
    x, estimate = start, denoise(start, falling[0])
    for here, there in pairwise(falling):
        yield State(here, x, estimate)
        if there == 0:
            x = estimate
            break
        noise = draw()
        seen = denoise(ancestral_step(x, estimate, here, there, noise), there)
        x = ancestral_step(x, (estimate + seen) / 2, here, there, noise)
        estimate = seen
    yield State(0.0, x, x)


def check_levels(levels: Sequence[float]) -> list[float]:
    """Return the levels as floats, or raise a ValueError if they do not fall to 0."""
    falling = [float(level) for level in levels]
    steps = [here > there for here, there in pairwise(falling)]
    if len(falling) < 2 or falling[-1] != 0 or not all(steps):
        raise ValueError(
            f"levels must fall and end with 0, got {falling[:3]} ... {falling[-2:]}; "
            "make them with noise_levels"
        )
    return falling
