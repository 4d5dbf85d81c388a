"""What stands on the burst bench: a burst of 16 frames, and what each rule makes of it."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lessons_lib.denoisers.burst import BurstMerge, Merged
from lessons_lib.denoisers.burst_alignment import measure_shifts
from lessons_lib.denoisers.burst_frames import Aligned
from lessons_lib.denoisers.burst_resampling import move_frames
from lessons_lib.denoisers.network import Network
from lessons_lib.denoisers.stabilised import Stabilised
from lessons_lib.display.subjects import check_picture
from lessons_lib.image import Image
from lessons_lib.scenes.hand_held_burst import (
    Burst,
    MovingDisc,
    edge_burst,
    fine_street,
    hand_held_burst,
    hand_shake,
    light_sigma,
)
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.sensor import Sensor

MOST = 16
SHAPE = (128, 160)
EDGE_SIGMA = 0.05
# Where the profile of a street crosses an edge, (row, col), away from the lamp's path: a strong
# edge of the shop window, and two weak ones.
PLACES = {"café": (94, 120), "roof": (60, 70), "dark wall": (60, 70)}
SENSOR = Sensor(prnu=0.0, dsnu=0.0)
# Middle of the crop, (row, col), in squares of the fine street.
STREETS = {"café": (640.0, 640.0), "roof": (300.0, 800.0), "dark wall": (560.0, 1080.0)}
EDGES = {f"slanted edge, contrast {ratio} σ": float(ratio) for ratio in (4, 2, 1)}
PICTURES = (*STREETS, *EDGES)

SINGLE, NETWORK = "one frame", "one frame + network"
LONG, LONG_NETWORK = "one long exposure", "one long exposure + network"
MEAN, ROBUST = "plain mean", "robust merge"
RULES = (SINGLE, NETWORK, LONG, LONG_NETWORK, MEAN, ROBUST)
STILL, MOVING = "nothing", "a lamp"


@dataclass(frozen=True)
class BurstScene:
    """One burst, taken once; rules and numbers of frames only choose from it.

    Attributes
    ----------
    picture : str
        One of ``PICTURES``.
    shake : float
        Standard deviation of the hand's step between two frames along each axis, px.
    moving : str
        ``STILL`` or ``MOVING``.
    electrons : float
        Mean photo-electrons of white in one frame of the street; edges have a fixed sigma.
    seed : int
        Of hand and noise.

    Raises
    ------
    ValueError
        For a picture that does not exist.
    """

    picture: str = "café"
    shake: float = 1.0
    moving: str = STILL
    electrons: float = 150.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_picture(self.picture, PICTURES)

    @property
    def edge(self) -> SlantedEdge | None:
        """The edge whose width can be measured, or None for the street."""
        ratio = EDGES.get(self.picture)
        return SlantedEdge(size=SHAPE[0], contrast=ratio * EDGE_SIGMA) if ratio else None

    @cached_property
    def burst(self) -> Burst:
        """All 16 frames."""
        rng = np.random.default_rng(self.seed)
        shifts = np.clip(hand_shake(MOST, self.shake, rng), -24, 24)
        thing = self._thing()
        if self.edge is not None:
            return _edge_frames(self.edge, shifts, thing, rng)
        return hand_held_burst(
            fine_street(), shifts, shape=SHAPE, centre=STREETS[self.picture], rng=rng,
            electrons_at_white=self.electrons, sensor=SENSOR, moving=thing,
        )  # fmt: skip

    def _thing(self) -> MovingDisc | None:
        if self.moving != MOVING:
            return None
        level = 0.6 if self.edge is None else 0.5 + 6 * EDGE_SIGMA
        return MovingDisc((88.0, 24.0), (-1.0, 7.0), 6.0, level)

    @cached_property
    def aligned(self) -> Aligned:
        """All frames, moved onto frame 0.

        The edge by its true shifts: one straight edge does not show a shift along itself.
        """
        shifts = self.burst.shifts if self.edge else measure_shifts(self.burst.frames)
        return move_frames(self.burst.frames, shifts)

    @property
    def shift_error(self) -> float:
        """Root mean square of the alignment's errors over frames and axes, px."""
        return float(np.sqrt(np.mean((self.aligned.shifts - self.burst.shifts)[1:] ** 2)))

    @property
    def sigma(self) -> Image:
        """Noise of one frame at the reference, image units, ``SHAPE``."""
        return self.burst.sigma[0]

    def result(self, rule: str, count: int) -> Merged:
        """What a rule makes of the first ``count`` frames, or of one."""
        if rule in (MEAN, ROBUST) and count > 1:
            chosen = self.aligned
            some = Aligned(
                chosen.frames[:count], chosen.seen[:count], chosen.gain[:count],
                chosen.shifts[:count],
            )  # fmt: skip
            return BurstMerge("mean" if rule == MEAN else "robust").merge_aligned(some, self.sigma)
        frames = count if rule in (LONG, LONG_NETWORK) else 1
        image, sigma = self._one_frame(frames)
        if rule in (NETWORK, LONG_NETWORK):
            image = self._network(image, frames)
        return Merged(image, np.ones((1, *image.shape)), sigma, np.zeros((1, 2)))

    def _one_frame(self, frames: int) -> tuple[Image, Image]:
        """Frame 0, or one exposure as long as several frames: it sees all that moved."""
        burst = self.burst
        if frames == 1:
            return burst.frames[0], self.sigma
        light, rng = burst.clean[:frames].mean(axis=0), np.random.default_rng(self.seed + 1)
        if self.edge is not None:
            sigma = np.full(light.shape, EDGE_SIGMA / math.sqrt(frames))
        else:  # read out once, so less noise than the mean of as many frames
            sigma = light_sigma(light, frames * self.electrons, SENSOR)
        return light + sigma * rng.standard_normal(light.shape), sigma

    def _network(self, image: Image, frames: int) -> Image:
        if self.edge is not None:
            return Network()(image, EDGE_SIGMA / math.sqrt(frames))
        read = math.hypot(SENSOR.read_noise, math.sqrt(1 / 12) / SENSOR.gain)
        return Stabilised(Network(), frames * self.electrons, read)(image, 1.0)


def _edge_frames(
    edge: SlantedEdge, shifts: np.ndarray, thing: MovingDisc | None, rng: np.random.Generator
) -> Burst:
    """The edge in white noise, in the middle of frames of ``SHAPE[0]`` squared."""
    clean = edge_burst(edge, shifts, 0.0, rng)
    covered = np.zeros(clean.shape)
    if thing is not None:
        for number, shift in enumerate(shifts):
            covered[number] = thing.coverage(clean.shape[1:], number, shift)
        clean = clean + covered * (thing.level - clean)
    noise = EDGE_SIGMA * rng.standard_normal(clean.shape)
    return Burst(clean + noise, shifts, clean, covered, np.full(clean.shape, EDGE_SIGMA))
