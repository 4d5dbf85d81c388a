"""What the wavelet bench shows and says."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.diagnosis.edges import format_width, rise_width
from lessons_lib.diagnosis.fidelity import mse, psnr
from lessons_lib.display import pixels, view
from lessons_lib.display.wavelet_bench_risk import THRESHOLDS
from lessons_lib.display.wavelet_bench_scene import PROFILE_ROW, Scene
from lessons_lib.display.wavelet_plane import coefficient_plane, nest
from lessons_lib.image import Image

SHOWN = 20  # px to each side of the edge in the profile


@dataclass(frozen=True, eq=False)
class Look:
    """All that one setting of the bench has to show.

    Attributes
    ----------
    scene : Scene
        Clean and noisy picture, and how to measure the edge.
    noisy, clean : list
        Coefficients on the grid at the picture's corner.
    risk : dict of ndarray
        Curves against the threshold, sigma^2.
    threshold : float
        Image units.
    estimate : ndarray, ``(256, 256)``
    wavelet, mode : str
        Names of both.
    all_shifts : bool
        Whether the estimate is the mean over all shifts.
    """

    scene: Scene
    noisy: list
    clean: list
    risk: dict
    threshold: float
    estimate: Image
    wavelet: str
    mode: str
    all_shifts: bool

    @property
    def settings(self) -> str:
        """'haar, hard, T = 3.0 σ, one grid'."""
        grid, ratio = "all shifts" if self.all_shifts else "one grid", self.threshold
        ratio /= self.scene.sigma
        return f"{self.wavelet}, {self.mode}, T = {ratio:.1f} σ, {grid}"


def pictures(look: Look) -> list[tuple[dict, np.ndarray]]:
    """Noisy picture, its coefficients, the estimate, and what was taken away."""
    scene, sigma = look.scene, look.scene.sigma
    # One grey scale for noisy and estimate, wide enough for edge and noise.
    half = scene.contrast / 2 + 3 * sigma if scene.has_edge else 0.5
    scale = f"black is {0.5 - half:.2f}, white {0.5 + half:.2f}"
    shown = [
        pixels.tones(0.5 + (image - 0.5) / (2 * half)) for image in (scene.noisy, look.estimate)
    ]
    plane = coefficient_plane(look.noisy, look.threshold, sigma)
    taken = pixels.mid_grey(scene.noisy - look.estimate, 3 * sigma)
    kept, total, _, _ = counts(look)
    texts = [
        ("noisy", "noisy", f"{scene.picture} in noise; {scale}"),
        ("plane", "orange: kept, blue: deleted",
         f"Wavelet coefficients in nested bands, the coarsest at the top left; {kept} of {total} "
         "details are orange (kept), the others blue (deleted); brighter is larger"),
        ("estimate", "estimate", f"{scene.picture} after thresholding; {scale}"),
        ("taken", "taken away: noisy - estimate",
         f"What was taken away, mid-grey is 0, black and white are 3 σ = {3 * sigma:.2f}; a line "
         "along the edge is a part of the edge that was lost"),
    ]  # fmt: skip
    frames = (shown[0], plane, shown[1], taken)
    return [
        ({"key": key, "title": title, "alt": alt}, frame)
        for (key, title, alt), frame in zip(texts, frames, strict=True)
    ]


def counts(look: Look) -> tuple[int, int, int, int]:
    """Details kept and all of them; and both again of those that are large without noise.

    Large means above sigma in the clean picture: edges, lines, texture.
    """
    noisy, clean = nest(look.noisy), np.abs(nest(look.clean))
    detail = np.ones(noisy.shape, dtype=bool)
    detail[: look.clean[0].shape[0], : look.clean[0].shape[1]] = False
    kept = (np.abs(noisy) > look.threshold) & detail
    large = (clean > look.scene.sigma) & detail
    return int(kept.sum()), int(detail.sum()), int((kept & large).sum()), int(large.sum())


def profile_plot(look: Look) -> dict:
    """Brightness across the edge: clean, estimate, and the noisy picture's dots."""
    scene = look.scene
    clean, noisy, estimate = (
        scene.profile(image) for image in (scene.clean, scene.noisy, look.estimate)
    )
    if scene.has_edge:
        span, label = [-float(SHOWN), float(SHOWN)], "distance from the true edge [px]"
        half = 0.5 * scene.contrast + 0.35 * max(scene.contrast, scene.sigma)
        levels = [0.5 - half, 0.5 + half]
        said = f"width {format_width(rise_width(estimate))} px, {_overshoot(look, estimate)}"
        title = f"mean profile: {said}"
    else:
        span, label, levels = [60.0, 195.0], "column [px]", [-0.15, 1.15]
        title = f"profile along row {PROFILE_ROW}"
    near = (clean.positions >= span[0]) & (clean.positions <= span[1])
    named = (("estimate", estimate), ("noisy", noisy), ("clean", clean))
    return {
        "title": title,
        "alt": f"Brightness across the edge of the clean, the noisy and the denoised picture; "
               f"{title}",
        "x_label": label, "y_label": "value", "x_range": span, "y_range": levels,
        "series": [
            view.series(name, one.positions[near], one.values[near]) for name, one in named
        ],
    }  # fmt: skip


def _overshoot(look: Look, profile: object) -> str:
    return f"overshoot {look.scene.overshoot(profile):.1f} %"


def risk_plot(look: Look) -> dict:
    """Expected error against the threshold, SURE, and the estimate that is shown."""
    variance, at = look.scene.sigma**2, look.threshold / look.scene.sigma
    error = mse(look.scene.clean, look.estimate) / variance
    expected = look.risk["bias²"] + look.risk["variance"]
    curves = {"error = bias² + variance, one grid": expected, **look.risk}
    top = max(1.1, min(1.15 * float(expected.max()), 3.0), 1.15 * error)
    best = THRESHOLDS[np.argmin(expected)]
    return {
        "title": f"error per pixel: {error:.3f} σ²; least on one grid at T = {best:.2f} σ",
        "alt": "Expected squared error, bias² and variance on one grid against the threshold, in "
               f"σ²; least at {best:.2f} σ; the estimate shown, at {at:.1f} σ, has {error:.3f} σ²",
        "x_label": "threshold [σ]", "y_label": "mean squared error [σ²]",
        "x_range": [0.0, 6.0], "y_range": [0.0, top],
        "series": [
            *(view.series(name, THRESHOLDS, values) for name, values in curves.items()),
            view.series("estimate shown", np.array([at]), np.array([error]), dots=True),
        ],
    }  # fmt: skip


def sentence(look: Look, universal: float) -> str:
    """The read-out: settings, what is deleted, what the edge loses, and PSNR."""
    kept, total, large_kept, large = counts(look)
    scene = look.scene
    grid = " on the grid shown" if look.all_shifts else ""
    parts = [
        f"{look.settings} (universal: {universal:.1f} σ)",
        f"{total - kept:,} of {total:,} details deleted{grid}",
        f"of the {large:,} that are above σ without noise, {large - large_kept:,} are deleted",
    ]
    if scene.has_edge:
        profile = scene.profile(look.estimate)
        parts.insert(1, f"contrast {scene.ratio:g} σ")
        parts += [
            f"10-90 % width {format_width(rise_width(profile))} px "
            f"(clean {format_width(rise_width(scene.profile(scene.clean)))} px)",
            f"{_overshoot(look, profile)} of the contrast",
        ]
    parts.append(
        f"PSNR {psnr(scene.clean, look.estimate):.2f} dB "
        f"(noisy {psnr(scene.clean, scene.noisy):.2f} dB)"
    )
    return " · ".join(parts)
