"""The blur microscope's two plots: the profile through the cross, and the blur curve."""

from collections.abc import Sequence

import numpy as np

from lessons_lib.diagnosis.blur_curve import BlurPoint
from lessons_lib.diagnosis.edges import EdgeSpread, plateaus, rise_width
from lessons_lib.display.look import Look
from lessons_lib.display.profiles import edge_direction, profile_through
from lessons_lib.display.view import series
from lessons_lib.image import Image

# Below this share of the reference's contrast the profile no longer reaches its plateaus
# within sight, and a width measured between what is left of them is too small.
LEAST_CONTRAST = 0.85


def profile_plot(look: Look, estimate: Image, spot: tuple[int, int]) -> tuple[dict, str]:
    """Profiles through the marked pixel, and a sentence with their 10-90 % widths."""
    guide = estimate if look.clean is None else look.clean
    direction = edge_direction(guide, spot)
    fixed = _fixed_profiles(look, spot, direction)
    spreads = {"noisy": fixed["noisy"], "estimate": profile_through(estimate, spot, direction)}
    spreads |= {name: spread for name, spread in fixed.items() if name == "clean"}
    reference = fixed.get("clean", fixed["noisy"])
    named = [name for name in ("estimate", "clean") if name in spreads]
    widths = [f"{name} {_width(spreads[name], reference, look.sigma)}" for name in named]
    said = ", ".join(widths)
    sentence = f"10-90 % width at the cross: {said}"
    plot = {
        "title": f"profile at the cross: {said}", "alt": sentence,
        "x_label": "distance across the edge [px]", "y_label": "value",
        "series": [
            series(name, spread.positions, spread.values) for name, spread in spreads.items()
        ],
    }  # fmt: skip
    return plot, sentence


def _fixed_profiles(
    look: Look, spot: tuple[int, int], direction: tuple[float, float]
) -> dict[str, EdgeSpread]:
    key = (spot, direction)
    if key not in look.profiles:
        images = {"noisy": look.noisy}
        if look.clean is not None:
            images["clean"] = look.clean
        look.profiles.clear()
        look.profiles[key] = {
            name: profile_through(image, spot, direction) for name, image in images.items()
        }
    return look.profiles[key]


def _width(spread: EdgeSpread, reference: EdgeSpread, sigma: float) -> str:
    """10-90 % width in words, or why there is none."""
    heights = [light - dark for dark, light in (plateaus(spread), plateaus(reference))]
    if heights[1] <= max(sigma, 0.01):
        return "no edge here"
    kept, width = heights[0] / heights[1], rise_width(spread)
    if kept < LEAST_CONTRAST or not np.isfinite(width):
        return f"too wide to measure here ({max(kept, 0):.0%} of the contrast in sight)"
    return f"{width:.1f} px"


def curve_plot(points: Sequence[BlurPoint], name: str) -> dict:
    """Blur against contrast/sigma: width of the mean estimate and of single draws.

    ``name`` says whose curve it is, for it is measured after the pictures are shown.
    """
    ratios = np.array([point.ratio for point in points])
    mean = np.array([point.width for point in points])
    single = np.array([point.width_per_draw for point in points])
    spoken = "; ".join(
        f"contrast/sigma {ratio:g}: {width:.1f} px"
        for ratio, width in zip(ratios, mean, strict=True)
    )
    return {
        "title": f"blur against contrast/sigma: {name}",
        "alt": f"Blur curve. {spoken or 'not measured yet'}",
        "x_label": "contrast / sigma", "y_label": "10-90 % width [px]", "log_x": True,
        "x_range": [0.9, 9.0], "y_range": [0.0, _round_up(np.concatenate([mean, single]))],
        "series": [
            series("mean of all draws", ratios, mean, dots=True),
            series("single draws", ratios, single, dots=True),
        ],
    }  # fmt: skip


def _round_up(widths: np.ndarray) -> float:
    """Upper end of the width axis, in steps of 2 px so that it does not jump at each move."""
    finite = widths[np.isfinite(widths)]
    return 2.0 * np.ceil((finite.max() if finite.size else 4.0) * 1.05 / 2.0)
