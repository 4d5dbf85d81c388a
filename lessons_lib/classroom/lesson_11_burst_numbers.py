"""What lesson 11 measures on bursts and on sharpening."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers import Gaussian
from lessons_lib.denoisers.burst import BurstMerge, measure_shifts, move_frames
from lessons_lib.denoisers.burst_merging import merge, robust_weights, seen_weights
from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.denoisers.unsharp import unsharp_mask
from lessons_lib.diagnosis.blur_curve import BlurPoint, measure_estimates
from lessons_lib.diagnosis.burst_limits import line_spread_variance, shift_bound
from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.image import Image
from lessons_lib.scenes.hand_held_burst import (
    Burst,
    MovingDisc,
    across_edge,
    edge_burst,
    hand_held_burst,
)
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.sensor import Sensor

EVEN = Sensor(prnu=0.0, dsnu=0.0)  # no fixed pattern: all noise is new in each frame
SHAPE = (128, 160)
# Middles of crops in the fine street, squares.
CAFE, ROOF = (640.0, 640.0), (300.0, 800.0)
BORDER = 24  # px that are not judged: there some frames do not see the scene
SIGMA = 0.05  # of the edges


def take_burst(
    scene: Image, shifts: np.ndarray, *, electrons: float = 150.0, seed: int = 0,
    sensor: Sensor = EVEN, moving: MovingDisc | None = None,
    centre: tuple[float, float] = CAFE,
) -> Burst:  # fmt: skip
    """Take a burst of a part of the fine street, frames of 128 x 160 px."""
    return hand_held_burst(
        scene, shifts, shape=SHAPE, centre=centre, electrons_at_white=electrons, sensor=sensor,
        moving=moving, rng=np.random.default_rng(seed),
    )  # fmt: skip


def error_in_sigma(burst: Burst, image: Image, where: np.ndarray | None = None) -> float:
    """Root mean square of (image - clean frame 0) / sigma, away from the border."""
    inside = np.zeros(image.shape, bool)
    inside[BORDER:-BORDER, BORDER:-BORDER] = True
    inside = inside if where is None else inside & where
    error = (image - burst.clean[0]) / burst.sigma[0]
    return float(np.sqrt(np.mean(error[inside] ** 2)))


def alignment_error(
    scene: Image, electrons: float, bursts: int = 2, count: int = 5, *, refine: bool = True
) -> tuple[float, float]:
    """Root mean square error of measured shifts, and the Cramer-Rao bound, px."""
    rng, errors = np.random.default_rng(0), []
    for seed in range(bursts):
        shifts = np.concatenate([np.zeros((1, 2)), rng.uniform(-4, 4, (count - 1, 2))])
        burst = take_burst(scene, shifts, electrons=electrons, seed=seed)
        errors.append((measure_shifts(burst.frames, refine=refine) - shifts)[1:])
    bound = shift_bound(burst.clean[0], burst.sigma[0])
    return float(np.sqrt(np.mean(np.square(errors)))), float(np.sqrt(np.mean(bound**2)))


def blur_of_shift_errors(errors: np.ndarray) -> tuple[float, float]:
    """Rise of the line spread's variance in the merge of displaced edges, and what the law says.

    Parameters
    ----------
    errors : ndarray, ``(N, 2)``
        Shift errors of the frames, px.

    Returns
    -------
    measured, law : float
        px^2; the law is the population variance of the errors across the edge.
    """
    edge = SlantedEdge()
    merged = edge_burst(edge, errors, 0.0, np.random.default_rng(0)).mean(axis=0)
    before, after = (
        line_spread_variance(edge_spread(one, edge)) for one in (edge.image(), merged)
    )
    return after - before, float(np.var(across_edge(edge, errors)))


def path_of(burst: Burst) -> np.ndarray:
    """Pixels of frame 0's view that the moving thing covers in some frame, ``(H, W)`` bool."""
    back = move_frames(burst.moving, burst.shifts, interpolation="linear").frames
    return (back > 0).any(axis=0)


def ghost(ratio: float, count: int = 8, draws: int = 4, seed: int = 0) -> tuple[float, float]:
    """Error on the path of a disc of contrast ``ratio`` sigma: robust merge and plain mean.

    Returns
    -------
    robust, mean : float
        Root mean square, in units of one frame's sigma.
    """
    shape, rng = (64, 120), np.random.default_rng(seed)
    thing = MovingDisc((32.0, 20.0), (0.0, 80.0 / count), 6.0)
    cover = np.array([thing.coverage(shape, k, (0.0, 0.0)) for k in range(count)])
    clean, path = 0.3 + ratio * SIGMA * cover, (cover > 0).any(axis=0)
    squares = []
    for _ in range(draws):
        noisy = clean + SIGMA * rng.standard_normal(clean.shape)
        aligned = move_frames(noisy, np.zeros((count, 2)))
        rules = robust_weights(aligned, SIGMA), seen_weights(aligned)
        errors = [(merge(aligned, weights) - clean[0])[path] for weights in rules]
        squares.append([np.mean(error**2) for error in errors])
    robust, mean = np.sqrt(np.mean(squares, axis=0)) / SIGMA
    return float(robust), float(mean)


@dataclass(frozen=True)
class Row:
    """One way to a picture, on a slanted edge."""

    name: str
    psnr: float
    point: BlurPoint


def frames_or_network(
    network: Denoiser, ratio: float, counts: Sequence[int] = (4, 16), draws: int = 12
) -> list[Row]:
    """One frame, one frame and a network, and N frames moved by whole pixels, on one edge.

    Parameters
    ----------
    network : Denoiser
        What makes the most of one frame.
    ratio : float
        Contrast of the edge over one frame's sigma.
    counts : sequence of int
        Frames that are merged.
    draws : int
        Pictures made in each way.

    Returns
    -------
    list of Row
    """
    edge, rng = SlantedEdge(contrast=ratio * SIGMA), np.random.default_rng(0)
    clean = edge.image()
    singles = clean + SIGMA * rng.standard_normal((draws, *clean.shape))
    ways = {"one frame": singles, "network": [network(one, SIGMA) for one in singles]}
    for count in counts:
        ways[f"{count} frames"] = [_whole_merge(edge, count, rng) for _ in range(draws)]
    rows = []
    for name, pictures in ways.items():
        error = np.mean((np.asarray(pictures) - clean) ** 2)
        point = measure_estimates(pictures, edge, SIGMA)
        rows.append(Row(name, -10 * math.log10(error), point))
    return rows


def _whole_merge(edge: SlantedEdge, count: int, rng: np.random.Generator) -> Image:
    """Robust merge of frames that a hand has moved by whole pixels."""
    shifts = rng.integers(-3, 4, (count, 2))
    shifts[0] = 0
    aligned = move_frames(edge_burst(edge, shifts, SIGMA, rng), shifts, interpolation="nearest")
    return merge(aligned, robust_weights(aligned, SIGMA))


def lasting_share(errors: Sequence[Image]) -> tuple[float, float]:
    """How large an error is, and which share of its square comes again in each draw.

    Parameters
    ----------
    errors : sequence of ndarray, ``(draws, H, W)``
        Result - clean over sigma, from several draws of the noise; at least 2. Judged away from
        the border.

    Returns
    -------
    size : float
        Root mean square, in sigma.
    share : float
        bias^2 / (bias^2 + variance): about 0 if the error is noise, near 1 if something is
        always lost. Unbiased, so it may fall a little below 0.
    """
    stack = np.asarray(errors, dtype=np.float64)[:, BORDER:-BORDER, BORDER:-BORDER]
    variance = stack.var(axis=0, ddof=1).mean()
    missed = np.mean(stack.mean(axis=0) ** 2) - variance / len(stack)
    return float(np.sqrt(missed + variance)), float(missed / (missed + variance))


def errors_of_both(
    scene: Image, shifts: np.ndarray, network: Denoiser, draws: int = 8
) -> dict[str, list[Image]]:
    """Errors over sigma on the roof: a robust merge of all frames, and frame 0 and a network.

    Parameters
    ----------
    scene : ndarray
        The fine street.
    shifts : ndarray, ``(N, 2)``
        Of the hand; the same in all draws.
    network : Denoiser
        For linear light with the noise of 150 electrons.
    draws : int
        Bursts that differ in their noise only.

    Returns
    -------
    dict of str to list of ndarray
        'frames' and 'network'.
    """
    errors: dict[str, list[Image]] = {"frames": [], "network": []}
    for seed in range(draws):
        burst = take_burst(scene, shifts, seed=seed, centre=ROOF)
        clean, sigma = burst.clean[0], burst.sigma[0]
        merged = BurstMerge()(burst.frames, sigma).image
        errors["frames"].append((merged - clean) / sigma)
        errors["network"].append((network(burst.frames[0], 1.0) - clean) / sigma)
    return errors


def width_and_noise(blur: float, amount: float, noise: Image) -> tuple[float, float]:
    """A Gaussian of ``blur`` px, then unsharp masking of 1.5 px: 10-90 % width and noise left.

    Parameters
    ----------
    blur, amount : float
        px, and how much of the difference is added.
    noise : ndarray
        White, of standard deviation 1.

    Returns
    -------
    width : float
        Of the clean slanted edge after both, px.
    left : float
        Standard deviation of the noise after both.
    """
    edge = SlantedEdge()
    made = [unsharp_mask(Gaussian(blur)(one, 1.0), 1.5, amount) for one in (edge.image(), noise)]
    inner = made[1][16:-16, 16:-16]
    return rise_width(edge_spread(made[0], edge)), float(inner.std())
