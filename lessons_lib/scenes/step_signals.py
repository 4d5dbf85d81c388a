"""A world so small that the best answers to noise can be written down: a step somewhere.

A signal is one of a few *points* (here: unit steps at every place), each as likely as the
others, plus white Gaussian noise. Bayes' rule then gives every answer in closed form: the
posterior mean, the median, the most probable point, and exact posterior draws.

All functions take the points as an array, so they serve any small set of signals.
"""

import numpy as np

Signals = np.ndarray
"""Alias for annotations: float ``(..., n)``, one signal of n samples in each row."""


def unit_steps(length: int = 64) -> np.ndarray:
    """All unit steps of one length: row k - 1 is 0 before sample k, and 1 from there on.

    Parameters
    ----------
    length : int
        Samples in a signal, at least 2.

    Returns
    -------
    ndarray, ``(length - 1, length)``
        Steps at the places 1 ... length - 1, so that each has both levels.

    Raises
    ------
    ValueError
        If there is no room for a step.
    """
    if length < 2:
        raise ValueError(f"length must be at least 2 for a step to fit, got {length}")
    places = np.arange(1, length)
    return (np.arange(length) >= places[:, np.newaxis]).astype(float)


def draw_noisy(
    points: np.ndarray, sigma: float, count: int, rng: np.random.Generator
) -> tuple[Signals, Signals]:
    """Choose points, each as likely as the others, and add white noise to them.

    Parameters
    ----------
    points : ndarray, ``(m, n)``
        The possible clean signals.
    sigma : float
        Standard deviation of the noise, in the units of the signal; 0 or more.
    count : int
        Number of signals.
    rng : numpy.random.Generator
        Chooses first, then draws the noise.

    Returns
    -------
    clean, noisy : ndarray, ``(count, n)``
    """
    clean = points[rng.integers(len(points), size=count)]
    return clean, clean + sigma * rng.standard_normal(clean.shape)


def posterior(noisy: Signals, sigma: float | np.ndarray, points: np.ndarray) -> np.ndarray:
    """How probable each point is, given the noisy signal: Bayes' rule for equal priors.

    p(point | noisy) is proportional to exp(-|noisy - point|^2 / (2 sigma^2)).

    Parameters
    ----------
    noisy : ndarray, ``(..., n)``
        One signal or many.
    sigma : float or ndarray
        Noise level, above 0; an array ``(...)`` holds one for each signal.
    points : ndarray, ``(m, n)``
        The possible clean signals.

    Returns
    -------
    ndarray, ``(..., m)``
        Sums to 1 over the last axis, however small or large sigma is.

    Raises
    ------
    ValueError
        If sigma is not above 0, or the signals and points differ in length.
    """
    noisy, sigma = np.asarray(noisy, dtype=float), np.asarray(sigma, dtype=float)
    if not np.all(sigma > 0):
        raise ValueError(
            f"sigma must be above 0, got {sigma.min():g}; without noise the signal is known"
        )
    if noisy.shape[-1] != points.shape[-1]:
        raise ValueError(
            f"the signals have {noisy.shape[-1]} samples and the points {points.shape[-1]}; "
            "make the points with the signals' length"
        )
    # |noisy|^2 is the same for all points and falls out of the quotient.
    match = noisy @ points.T - 0.5 * np.sum(points**2, axis=1)
    # Divided twice: sigma^2 alone may underflow.
    exponent = (match - match.max(axis=-1, keepdims=True)) / sigma[..., None] / sigma[..., None]
    likelihood = np.exp(exponent)
    return likelihood / likelihood.sum(axis=-1, keepdims=True)


def posterior_mean(noisy: Signals, sigma: float | np.ndarray, points: np.ndarray) -> Signals:
    """The answer with the least mean squared error: the mean of all points, by probability.

    Parameters and errors as in :func:`posterior`.

    Returns
    -------
    ndarray, ``(..., n)``

    Why edges blur
    --------------
    Hedging: where the step may be at several places, their mean is a ramp. For unit steps
    it is the distribution function of the step's place.
    """
    return posterior(noisy, sigma, points) @ points


def posterior_median(noisy: Signals, sigma: float | np.ndarray, points: np.ndarray) -> Signals:
    """The answer with the least mean absolute error: the median in each sample by itself.

    Parameters and errors as in :func:`posterior`.

    Returns
    -------
    ndarray, ``(..., n)``
        For unit steps again a sharp step, at the median of the place.
    """
    probability = posterior(noisy, sigma, points)
    median = np.empty((*probability.shape[:-1], points.shape[1]))
    for sample, order in enumerate(np.argsort(points, axis=0, kind="stable").T):
        below = np.cumsum(probability[..., order], axis=-1)
        median[..., sample] = points[order, sample][np.argmax(below >= 0.5, axis=-1)]
    return median


def most_probable(noisy: Signals, points: np.ndarray) -> Signals:
    """The point nearest to the noisy signal: maximum a posteriori (MAP), at any noise level.

    Parameters
    ----------
    noisy : ndarray, ``(..., n)``
        One signal or many.
    points : ndarray, ``(m, n)``
        The possible clean signals.

    Returns
    -------
    ndarray, ``(..., n)``
    """
    return points[np.argmax(posterior(noisy, 1.0, points), axis=-1)]


def posterior_draw(
    noisy: Signals, sigma: float | np.ndarray, points: np.ndarray, rng: np.random.Generator
) -> Signals:
    """One point for each signal, drawn with its posterior probability: an exact sample.

    Its mean squared error is twice that of :func:`posterior_mean`: the draw and the truth
    lie independently around the same mean.

    Parameters and errors as in :func:`posterior`; ``rng`` makes the choice.

    Returns
    -------
    ndarray, ``(..., n)``

    References
    ----------
    Blau and Michaeli, The perception-distortion tradeoff, arXiv 1711.06077.
    """
    up_to = np.cumsum(posterior(noisy, sigma, points), axis=-1)
    # Scaled by the last sum, so that rounding cannot leave a gap at the end.
    level = rng.random(up_to.shape[:-1])[..., np.newaxis] * up_to[..., -1:]
    return points[np.argmax(up_to > level, axis=-1)]
