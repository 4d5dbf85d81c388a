"""Judges of the capstone: a photo's noise, tiles, frames, edges and the record of what was lost.

Frames are judged in capstone_frames.py, edges and the record in capstone_record.py.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.assignments.capstone_frames import judge_merge
from lessons_lib.classroom.assignments.capstone_record import (
    judge_edge_width,
    judge_my_places,
    judge_record,
)
from lessons_lib.classroom.assignments.returned import array, call, near, none_of
from lessons_lib.classroom.checks import expect
from lessons_lib.denoisers.bilateral import Bilateral
from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.denoisers.edge_preserving import Median
from lessons_lib.denoisers.fourier_wiener import FourierWiener
from lessons_lib.denoisers.linear import Gaussian
from lessons_lib.image import Image
from lessons_lib.scenes.dead_leaves import dead_leaves
from lessons_lib.scenes.sensor import Sensor, expose, raw_variance

_LEVELS = np.array([0.15, 0.4, 0.8])
_SIDE = 136  # px
_NEAR = 0.25  # how far a sigma may be off; a good answer stays within 0.2 (tested)
_WORD = "the estimate"


# -- noise


def simulated_photo(rng: np.random.Generator) -> tuple[Image, np.ndarray]:
    """A grey photo in linear light, white 1, and its true sigma at three levels."""
    scene = dead_leaves(_SIDE, int(rng.integers(2**31)), smallest_radius=12.0, largest_radius=60.0,
                        low=0.3, high=1.0)  # fmt: skip
    light = scene * np.linspace(0.15, 1.0, _SIDE)  # a lamp at the right
    electrons = float(np.exp(rng.uniform(np.log(50), np.log(1000))))
    sensor = Sensor(
        gain=8.0, bit_depth=14, dark_current=0.0, read_noise=float(rng.uniform(1.5, 4))
    )
    numbers = expose(light * electrons / sensor.quantum_efficiency, 1.0, sensor, rng)
    variances = [raw_variance(level * electrons, 1.0, sensor) for level in _LEVELS]
    unit = sensor.gain * electrons  # DN at white, above black
    return (numbers - sensor.black_level) / unit, np.sqrt(variances) / unit


def judge_noise_at(answer: Callable, rng: np.random.Generator) -> None:
    """Three photos through the camera model; dark and bright parts apart."""
    for _ in range(3):
        photo, true = simulated_photo(rng)
        found = array(call(answer, photo, _LEVELS), _LEVELS.shape, "one sigma per level")
        expect(bool((found > 0).all()), "A standard deviation must be above 0.")
        ratio = found / true
        _hint_on_noise(ratio, true)
        worst = int(np.argmax(np.abs(np.log(ratio))))
        off = "large" if ratio[worst] > 1 else "small"
        expect(
            bool((np.abs(ratio - 1) < _NEAR).all()),
            f"At level {_LEVELS[worst]:g} your sigma is too {off} by more than 25 %. Structure is "
            "steep in few places: use differences of neighbours, and a median.",
        )


def _hint_on_noise(ratio: np.ndarray, true: np.ndarray) -> None:
    """Raise the hint that fits a wrong noise, by how it is off at the three levels."""

    def off_by(factor: float | np.ndarray, tolerance: float = 0.12) -> bool:
        return bool((np.abs(ratio / factor - 1) < tolerance).all())

    expect(not off_by(true, 0.5), "These are variances. A standard deviation is the root.")
    expect(not off_by(255, 0.2), "In units of 255? The photo's white is 1.")
    expect(
        not off_by(np.sqrt(2)),
        "Too large by √2: the difference of two neighbours has the noise of both.",
    )
    expect(not off_by(2), "Too large by 2: the sum of four noises has twice the deviation of one.")
    expect(
        not off_by(0.6745),
        "Too small by a third: the median of sizes is 0.6745 of a standard deviation.",
    )
    expect(
        not np.allclose(ratio * true, (ratio * true)[0]),
        "One sigma for all levels. Shot noise grows with the light: sort pixels by brightness "
        "first.",
    )
    expect(
        bool((ratio < 2.2).all()),
        "Far too large: that is the scene's own contrast. Subtract neighbours, so that what they "
        "share falls out.",
    )


# -- tiles


def _tile_cases(rng: np.random.Generator) -> list[tuple[Denoiser, tuple[int, ...], int, int]]:
    """One that sees everything; of short reach with room enough, and with too little."""
    return [
        (FourierWiener(), (33, 26), int(rng.integers(9, 14)), int(rng.integers(2, 6))),
        (Gaussian(float(rng.uniform(0.6, 0.9))), (37, 50), 16, 8),
        (Bilateral(space_width=1.0), (24, 31, 3), 12, 6),
        (Median(2), (20, 45), 20, 1),
    ]


def tiled_by_definition(
    denoiser: Denoiser, noisy: Image, sigma: float, tile: int, overlap: int, inside: bool = True
) -> Image:
    """Tiles from the upper left corner, each seen with ``overlap`` px more, and cut hard."""
    estimate = np.zeros_like(noisy)
    height, width = noisy.shape[:2]
    for row in range(0, height, tile):
        for col in range(0, width, tile):
            top, left = max(row - overlap, 0), max(col - overlap, 0)
            seen = noisy[top : row + tile + overlap, left : col + tile + overlap]
            found = denoiser(np.ascontiguousarray(seen), sigma)
            kept = (slice(row, row + tile), slice(col, col + tile))
            first = (row - top, col - left) if inside else (0, 0)
            shape = estimate[kept].shape[:2]
            estimate[kept] = found[first[0] : first[0] + shape[0], first[1] : first[1] + shape[1]]
    return estimate


def judge_tiled(answer: Callable, rng: np.random.Generator) -> None:
    """Sides that are no multiples of the tile, colour, and a denoiser that shows each tile."""
    sigma = 0.1
    for denoiser, shape, tile, overlap in _tile_cases(rng):
        columns = rng.random(shape[1]).reshape(-1, *[1] * (len(shape) - 2))
        noisy = columns + sigma * rng.standard_normal(shape)
        found = array(call(answer, denoiser, noisy, sigma, tile, overlap), shape, _WORD)
        right = tiled_by_definition(denoiser, noisy, sigma, tile, overlap)
        none_of(found, right, _tile_slips(denoiser, noisy, sigma, tile, overlap))
        expect(
            near(found, right, 1e-9),
            f"Not tile by tile for {denoiser!r} and a picture of {shape[0]} x {shape[1]} px. "
            "Tiles start at 0, tile, 2 tile ...; the last ones may be shorter; at the picture's "
            "border there is nothing more to see.",
        )


def _tile_slips(
    denoiser: Denoiser, noisy: Image, sigma: float, tile: int, overlap: int
) -> dict[str, Image]:
    """Hint -> what the slip gives."""
    settings = denoiser, noisy, sigma, tile
    return {
        "Your tiles do not see what is around them: where is the overlap?":
            tiled_by_definition(*settings, 0),
        "You see twice the overlap; it is the number of px at *each* side.":
            tiled_by_definition(*settings, 2 * overlap),
        "You see half the overlap; it is the number of px at *each* side.":
            tiled_by_definition(*settings, overlap // 2),
        "A tile lies inside what was seen: cut its margin off at the *upper left*, too.":
            tiled_by_definition(*settings, overlap, inside=False),
        "That is the noisy picture.": noisy,
        "That is the whole picture at once. A large photo would not fit.": denoiser(noisy, sigma),
    }  # fmt: skip


QUESTIONS = {
    "my_places": judge_my_places,
    "noise_at": judge_noise_at,
    "tiled": judge_tiled,
    "merge": judge_merge,
    "edge_width": judge_edge_width,
    "record": judge_record,
}
