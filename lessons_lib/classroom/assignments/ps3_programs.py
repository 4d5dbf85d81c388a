"""The three denoisers that the written question of PS3 compares, without their names.

Their numbers are kept here, since BM3D takes seconds and every submission is run when it is
graded; a test measures them again.
"""

from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.denoisers.linear import Gaussian
from lessons_lib.denoisers.non_local_means import NonLocalMeans
from lessons_lib.diagnosis.blur_curve import blur_curve, edge_estimates
from lessons_lib.diagnosis.scoreboard import residual_noise
from lessons_lib.scenes.phantoms import SlantedEdge

_SIGMA, _DRAWS = 0.05, 12


@dataclass(frozen=True)
class Program:
    """What was measured of one denoiser.

    Attributes
    ----------
    width, width_per_draw, jitter : tuple of float
        At contrast / sigma 8 and 1: 10-90 % width of the mean of 12 estimates, the typical
        width of one, and how its place varies, px.
    noise_flat, noise_at_edge : float
        Noise left where a picture is flat, and within 1 px of an edge of contrast 12 sigma;
        over sigma.
    """

    width: tuple[float, float]
    width_per_draw: tuple[float, float]
    jitter: tuple[float, float]
    noise_flat: float
    noise_at_edge: float


PROGRAMS = {
    "P": Program((0.94, 8.44), (0.86, 7.50), (0.05, 0.64), 0.113, 0.68),
    "Q": Program((6.78, 7.17), (6.75, 7.11), (0.08, 0.66), 0.113, 0.10),
    "R": Program((0.92, 2.62), (0.85, 2.09), (0.04, 0.42), 0.111, 0.48),
}


def measure(name: str) -> Program:
    """Measure a program again; P and Q take a second, R three."""
    denoiser = _denoiser(name)
    points = list(blur_curve(denoiser, sigma=_SIGMA, ratios=(8, 1), draws=_DRAWS))
    return Program(
        tuple(point.width for point in points),
        tuple(point.width_per_draw for point in points),
        tuple(point.jitter for point in points),
        residual_noise(denoiser),
        _noise_at_strong_edge(denoiser),
    )


def _denoiser(name: str) -> Denoiser:
    """Each set so that it leaves about 0.11 sigma where a picture is flat."""
    if name == "R":
        from lessons_lib.denoisers.bm3d import BM3D  # compiles its loops; only when asked for

        return BM3D(0.87)
    return {"P": NonLocalMeans(), "Q": Gaussian(2.61)}[name]


def _noise_at_strong_edge(denoiser: Denoiser) -> float:
    edge = SlantedEdge(contrast=12 * _SIGMA)
    variance = edge_estimates(denoiser, edge, _SIGMA, _DRAWS, seed=0).var(axis=0, ddof=1)
    inside = np.abs(edge.distance())[10:-10] < 1  # away from the picture's border
    return float(np.sqrt(variance[10:-10][inside].mean()) / _SIGMA)
