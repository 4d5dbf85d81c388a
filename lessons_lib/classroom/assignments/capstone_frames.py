"""Judge of the capstone's robust merge: noise falls as 1 / sqrt N, and nothing leaves a ghost."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lessons_lib.classroom.assignments.returned import array, call, near
from lessons_lib.classroom.checks import expect
from lessons_lib.image import Image
from lessons_lib.scenes.dead_leaves import dead_leaves

_SIDE, _RADIUS = 72, 6


@dataclass(frozen=True, eq=False)
class Burst:
    """Aligned frames of one scene through which a disc moves.

    Attributes
    ----------
    frames : ndarray, ``(N, H, W)``
        Noisy.
    wanted : ndarray, ``(H, W)``
        Frame 0 without noise.
    there : ndarray, ``(N, H, W)``
        Where the disc is in each frame.
    sigma : float
        Noise of one frame.
    """

    frames: np.ndarray
    wanted: Image
    there: np.ndarray
    sigma: float

    @property
    def path(self) -> np.ndarray:
        """Where the disc is in another frame and not in frame 0."""
        return self.there[1:].any(axis=0) & ~self.there[0]

    def error(self, image: Image, where: np.ndarray) -> float:
        """Root mean squared error in a part of the picture, in sigma."""
        return float(np.sqrt(np.mean((image - self.wanted)[where] ** 2)) / self.sigma)


def make_burst(rng: np.random.Generator, moving: bool) -> Burst:
    """6 to 10 frames; the disc is 8 to 14 sigma from what it covers, and moves by its own size."""
    count, sigma = int(rng.integers(6, 11)), float(rng.uniform(0.03, 0.06))
    scene = dead_leaves(_SIDE, int(rng.integers(2**31)), smallest_radius=6.0, low=0.1, high=0.4)
    start, step = rng.uniform(12, 20, 2), rng.uniform(4, 6, 2) * rng.permutation([1.0, 0.4])
    rows, cols = np.indices(scene.shape)
    there = np.zeros((count, *scene.shape), dtype=bool)
    for k in range(count) if moving else ():
        row, col = start + k * step
        there[k] = (rows - row) ** 2 + (cols - col) ** 2 < _RADIUS**2
    clean = np.where(there, 0.4 + rng.uniform(9, 13) * sigma, scene)
    frames = clean + sigma * rng.standard_normal(clean.shape)
    return Burst(frames, clean[0], there, sigma)


def judge_merge(answer: Callable, rng: np.random.Generator) -> None:
    """A still scene, and one with a thing that moves: in frame 0, and on its way."""
    for moving in (False, True):
        burst = make_burst(rng, moving)
        found = array(call(answer, burst.frames, burst.sigma), burst.wanted.shape, "the merge")
        expect(not near(found, burst.frames[0]), "That is frame 0 alone, with all its noise.")
        expect(
            not near(found, burst.frames.sum(axis=0)), "That is the sum; divide by the weights."
        )
        still = ~burst.there.any(axis=0)
        _judge_still(burst, found, still)
        if moving:
            _judge_motion(burst, found)


def _judge_still(burst: Burst, found: Image, still: np.ndarray) -> None:
    """The law of the mean, where nothing moves."""
    count = len(burst.frames)
    left = burst.error(found, still) * np.sqrt(count)
    median = np.median(burst.frames, axis=0)
    expect(
        not near(found, median),
        "A median over the frames keeps more noise than a mean, and it forgets what frame 0 alone "
        "shows.",
    )
    expect(
        left < 1.12,
        f"Where nothing moves {left:.2f} times the noise of a mean of all frames is left. Do all "
        "frames count there? Two noisy values differ by √2 sigma by chance alone, and at times by "
        "three times that.",
    )


def _judge_motion(burst: Burst, found: Image) -> None:
    """No ghost on the way, and frame 0's own thing stays."""
    ghost = burst.error(found, burst.path)
    mean = burst.error(burst.frames.mean(axis=0), burst.path)
    expect(
        ghost < 0.75,
        "There is a ghost: where only other frames show the moving thing, the error is "
        f"{ghost:.1f} sigma (plain mean: {mean:.1f}). A frame that disagrees with frame 0 by far "
        "more than the noise must not count there.",
    )
    thing = burst.error(found, burst.there[0])
    expect(
        thing < 1.3,
        f"Where frame 0 shows the moving thing your merge is off by {thing:.1f} sigma. Frame 0 "
        "says what the picture shows; the others only help where they agree with it.",
    )
