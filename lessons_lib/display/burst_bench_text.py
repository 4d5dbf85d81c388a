"""Pictures, plots and words of the burst bench."""

import math
from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers.burst import Merged
from lessons_lib.denoisers.burst_resampling import move_frames
from lessons_lib.diagnosis.edges import EdgeSpread, edge_spread, format_width, rise_width
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.display import pixels, view
from lessons_lib.display.burst_bench_scene import (
    EDGE_SIGMA,
    LONG,
    LONG_NETWORK,
    MEAN,
    MOST,
    PLACES,
    ROBUST,
    BurstScene,
)
from lessons_lib.display.profiles import edge_direction, profile_through
from lessons_lib.image import Image
from lessons_lib.scenes.development import srgb_encode

BORDER = 24  # px that are not judged: there some frames do not see the scene
REACH = 10.0  # px shown to each side of the edge
ENLARGED = 0.45  # linear light that is drawn white; the street is dark
MANY, SEVERAL = (MEAN, ROBUST), (MEAN, ROBUST, LONG, LONG_NETWORK)


@dataclass(frozen=True, eq=False)
class Look:
    """What the bench shows at one setting.

    Attributes
    ----------
    scene : BurstScene
        The burst.
    rule : str
        One of the bench's rules.
    count : int
        Frames that the rule is given.
    result : Merged
        What it made of them.
    """

    scene: BurstScene
    rule: str
    count: int
    result: Merged

    @property
    def clean(self) -> Image:
        """Frame 0 without noise."""
        return self.scene.burst.clean[0]

    @property
    def frames(self) -> int:
        """Frames whose light is in the result."""
        return self.count if self.rule in SEVERAL else 1


def shown(scene: BurstScene, image: Image) -> np.ndarray:
    """8-bit pixels: the street through a tone curve, an edge stretched about its mean."""
    if scene.edge is None:
        return pixels.tones(srgb_encode(np.clip(image / ENLARGED, 0, 1)))
    half = scene.edge.contrast / 2 + 3 * EDGE_SIGMA
    return pixels.tones(0.5 + (image - 0.5) / (2 * half))


def panels(look: Look) -> list[tuple[dict, np.ndarray]]:
    """Frame 0, the result, its error, and how many frames each pixel averages."""
    scene, result = look.scene, look.result
    limit = 3 * float(np.median(scene.sigma))
    used = result.frames_used
    least, top = f"{used.min():.1f}", max(look.count, 2)
    described = [
        ("first", "frame 0", "One noisy frame of the burst", shown(scene, scene.burst.frames[0])),
        ("result", _title(look), f"What '{look.rule}' makes of it", shown(scene, result.image)),
        (
            "error", f"error: black -{limit:.2f}, white +{limit:.2f}",
            "Result minus clean frame 0; mid-grey is none. Doubled outlines are ghosts or blur",
            pixels.mid_grey(result.image - look.clean, limit),
        ),
        (
            "frames", f"frames averaged: black 1, white {top}",
            f"Effective number of frames in each pixel, from {least} to {used.max():.1f}; dark "
            "where the frames disagree",
            pixels.tones((used - 1) / (top - 1)),
        ),
    ]  # fmt: skip
    return [({"key": k, "title": title, "alt": alt}, image) for k, title, alt, image in described]


def _title(look: Look) -> str:
    if look.rule in MANY:
        return f"{look.rule} of {look.count} frame{'s' if look.count > 1 else ''}"
    light = f", light of {look.count} frames" if look.rule in (LONG, LONG_NETWORK) else ""
    return look.rule + light


def spread_of(scene: BurstScene, image: Image) -> EdgeSpread:
    """Profile across the edge: of all rows, or through one of the street."""
    if scene.edge is not None:
        return edge_spread(image, scene.edge)
    clean = scene.burst.clean[0]
    place = PLACES[scene.picture]
    return profile_through(image, place, edge_direction(clean, place))


def profile_plot(look: Look) -> dict:
    """Profiles of the clean frame, frame 0 and the result."""
    scene = look.scene
    named = {
        "result": look.result.image, "frame 0": scene.burst.frames[0], "clean": look.clean,
    }  # fmt: skip
    lines = []
    for name, image in named.items():
        spread = spread_of(scene, image)
        near = np.abs(spread.positions) <= REACH
        lines.append(view.series(name, spread.positions[near], spread.values[near]))
    where = "all rows of the edge" if scene.edge else f"five lines at {PLACES[scene.picture]}"
    return {
        "title": f"profile across the edge, mean of {where}",
        "alt": f"Image value against distance from the edge: clean, frame 0, result; {where}",
        "x_label": "distance from the edge [px]", "y_label": "value",
        "series": lines,
    }  # fmt: skip


def noise_plot(scene: BurstScene, look: Look) -> dict:
    """Noise left against the number of frames: the law, and where this result lies."""
    counts = np.arange(1, MOST + 1)
    error = noise_left(look)
    return {
        "title": f"error left {error:.2f} σ; a static burst of {look.frames} would have "
                 f"{1 / math.sqrt(look.frames):.2f} σ",
        "alt": f"One over the root of N against N, and the result's error, {error:.2f} sigma",
        "x_label": "frames N", "y_label": "error [σ of one frame]",
        "y_range": [0.0, max(1.1, 1.1 * min(error, 4.0))],
        "series": [
            view.series("1 / √N", counts, 1 / np.sqrt(counts)),
            view.series("this result", np.array([look.frames]), np.array([error]), dots=True),
        ],
    }  # fmt: skip


def judged(scene: BurstScene) -> np.ndarray:
    """Where errors count: away from the border and from everything that moves."""
    inside = np.zeros(scene.burst.clean[0].shape, bool)
    inside[BORDER:-BORDER, BORDER:-BORDER] = True
    return inside & ~path(scene)


def path(scene: BurstScene) -> np.ndarray:
    """Pixels of frame 0's view that the moving thing covers in some frame."""
    burst = scene.burst
    back = move_frames(burst.moving, burst.shifts, interpolation="linear").frames
    return (back > 0).any(axis=0)


def noise_left(look: Look, where: np.ndarray | None = None) -> float:
    """Root mean square error, blur and ghosts included, in units of one frame's sigma."""
    scene = look.scene
    where = judged(scene) if where is None else where
    error = (look.result.image - look.clean) / scene.sigma
    return float(np.sqrt(np.mean(error[where] ** 2)))


def sentence(look: Look) -> str:
    """PSNR, error on and off the path, width, and how well the frames were aligned."""
    scene = look.scene
    parts = [
        f"{_title(look)}: {psnr(look.clean, look.result.image):.2f} dB, one frame "
        f"{psnr(look.clean, scene.burst.frames[0]):.2f} dB",
        f"error away from the border {noise_left(look):.2f} σ",
    ]
    on = path(scene)
    on[:BORDER] = on[-BORDER:] = on[:, :BORDER] = on[:, -BORDER:] = False
    if on.any():
        parts.append(f"on the lamp's path {noise_left(look, on):.2f} σ (one frame 1.00 σ)")
    if scene.edge is not None:
        width, clean = (
            format_width(rise_width(spread_of(scene, image)))
            for image in (look.result.image, look.clean)
        )
        parts.append(f"10-90 % width {width} px, clean {clean} px")
    if look.rule in MANY and look.count > 1:
        by = "moved by their true shifts" if scene.edge else (
            f"aligned to {scene.shift_error:.3f} px"
        )
        parts.append(f"frames {by}")
    return " · ".join(parts)
