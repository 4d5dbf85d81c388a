"""Blur or jitter: the widths that tell them apart, each with its standard error."""

import math
from dataclasses import dataclass

import numpy as np

from lessons_lib.diagnosis.blur_curve import BlurPoint, measure_estimates
from lessons_lib.diagnosis.edge_fit import fit_edge
from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.scenes.phantoms import SlantedEdge

RESAMPLES = 100  # they know a standard error to 7 %


@dataclass(frozen=True)
class Evidence:
    """What tells blur from jitter: 10-90 % widths and their standard errors, px.

    Attributes
    ----------
    point : BlurPoint
        The mean's width by crossings, the single draws' by fit, and the jitter.
    crossing_error, draw_error : float
        Of ``point.width`` (infinite if it may have no edge) and ``point.width_per_draw``.
    mean_width, mean_error, clean_width : float
        Of the mean and the clean edge, fitted as single draws are.
    scatter : float
        Factor by which fitted widths of single draws scatter: 1 if all agree.
    """

    point: BlurPoint
    crossing_error: float
    mean_width: float
    mean_error: float
    draw_error: float
    clean_width: float
    scatter: float


def measure_evidence(estimates: np.ndarray, edge: SlantedEdge, sigma: float) -> Evidence:
    """Measure what tells blur from jitter, with standard errors by the bootstrap over draws.

    The draws are drawn again with replacement, 100 times and always in the same way; the
    standard deviation of what is measured each time is its standard error.

    Parameters
    ----------
    estimates : ndarray, ``(draws, size, size)``
        What a denoiser made of noisy copies of ``edge``; at least 2.
    edge : SlantedEdge
        The clean picture.
    sigma : float
        Standard deviation of the noise in those copies, image units.

    Returns
    -------
    Evidence

    References
    ----------
    Efron, Bootstrap methods: another look at the jackknife, 1979, doi 10.1214/aos/1176344552.
    """
    point, draws = measure_estimates(estimates, edge, sigma), len(estimates)
    times = np.random.default_rng(0).multinomial(draws, np.ones(draws) / draws, RESAMPLES)
    means = np.tensordot(times / draws, estimates, 1)
    widths = fit_edge(estimates, edge)[1]
    pair = np.array([estimates.mean(axis=0), edge.image()])
    mean_width, clean_width = np.median(fit_edge(pair, edge)[1], axis=0)
    crossings = [rise_width(edge_spread(mean, edge)) for mean in means]
    redrawn = [np.median(np.repeat(widths, row, axis=1)) for row in times]
    # Drawing again misses a share 1 / draws of a variance.
    lift = math.sqrt(draws / (draws - 1))
    return Evidence(
        point,
        crossing_error=lift * np.std(crossings) if np.isfinite(crossings).all() else math.inf,
        mean_width=float(mean_width),
        mean_error=lift * np.std(np.median(fit_edge(means, edge)[1], axis=0)),
        draw_error=lift * np.std(redrawn),
        clean_width=float(clean_width),
        scatter=float(np.exp(np.log(widths).std())),
    )
