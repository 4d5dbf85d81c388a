"""What the blur microscope shows: pictures with alternative text, plots, and sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lessons_lib.denoisers import Denoiser
from lessons_lib.diagnosis.blur_curve import BlurPoint
from lessons_lib.diagnosis.edges import EdgeSpread, plateaus, rise_width
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.kernels import effective_pixels, gather, row_sum
from lessons_lib.display import pixels
from lessons_lib.display.profiles import edge_direction, profile_through
from lessons_lib.display.subjects import Subject
from lessons_lib.display.view import series
from lessons_lib.image import Image

KERNEL_REACH = 12


@dataclass(frozen=True, eq=False)
class Look:
    """One crop under the microscope.

    Attributes
    ----------
    subject : Subject
        The whole picture.
    corner : (int, int)
        Row and column of the crop's first pixel in it.
    clean : ndarray or None
        The crop without noise; None for a photo, of which nobody has one.
    noisy : ndarray
        The crop that is denoised.
    sigma : float
        Its noise level, image units.
    sigma_known : bool
        False if sigma was estimated from the crop.
    """

    subject: Subject
    corner: tuple[int, int]
    clean: Image | None
    noisy: Image
    sigma: float
    sigma_known: bool

    # What a moving slider does not change is computed once for each crop.

    @cached_property
    def noisy_pixels(self) -> np.ndarray:
        """The noisy crop as 8-bit pixels."""
        return pixels.tones(self.noisy)

    @cached_property
    def noisy_psnr(self) -> float:
        """PSNR of the noisy crop in dB."""
        return psnr(self.clean, self.noisy)

    @cached_property
    def profiles(self) -> dict[tuple, dict[str, EdgeSpread]]:
        """Profiles of the noisy and the clean crop, by place and direction; the last one only."""
        return {}


def clamp(spot: tuple[int, int], shape: tuple[int, ...]) -> tuple[int, int]:
    """Move a position into an image of this shape."""
    return (int(np.clip(spot[0], 0, shape[0] - 1)), int(np.clip(spot[1], 0, shape[1] - 1)))


def pictures(
    look: Look, estimate: Image, denoiser: Denoiser, third: str
) -> list[tuple[dict, np.ndarray]]:
    """Noisy, estimate, and the third picture that was asked for."""
    cross = {"moves": ["row", "col"], "marked": True}
    title, difference, formula = _third_picture(look, estimate, denoiser, third)
    limit = 3 * max(look.sigma, 0.01)
    return [
        (
            {"key": "noisy", "title": "noisy", **cross,
             "alt": f"Noisy crop of {look.subject.name}, sigma {look.sigma:.3f}"},
            look.noisy_pixels,
        ),
        (
            {"key": "estimate", "title": f"estimate: {denoiser!r}", **cross,
             "alt": f"Estimate by {denoiser!r}"},
            pixels.tones(estimate),
        ),
        (
            {"key": "third", "title": f"{title}: {formula}", **cross,
             "alt": f"{title}, {formula}; mid-grey is 0, black and white are "
                    f"{limit:.2f} below and above; edges seen here are edges lost"},
            pixels.mid_grey(difference, limit),
        ),
    ]  # fmt: skip


def guides(
    look: Look, denoiser: Denoiser, spot: tuple[int, int]
) -> list[tuple[dict, np.ndarray]]:
    """The kernel at the cross and, for a picture larger than the crop, the whole picture."""
    shown = [_kernel_picture(look, denoiser, spot)]
    if max(look.subject.image.shape[:2]) > max(look.noisy.shape[:2]):
        shown.append(_overview_picture(look))
    return shown


def _third_picture(
    look: Look, estimate: Image, denoiser: Denoiser, third: str
) -> tuple[str, Image, str]:
    """The signed picture that was asked for, or the residual where no clean image exists."""
    if look.clean is None or third == "residual":
        return "residual", look.noisy - estimate, "noisy - estimate"
    if third == "error":
        return "error", estimate - look.clean, "estimate - clean"
    return "method noise", look.clean - denoiser(look.clean, look.sigma), "clean - D(clean)"


def _kernel_picture(
    look: Look, denoiser: Denoiser, spot: tuple[int, int]
) -> tuple[dict, np.ndarray]:
    """The equivalent kernel of one output pixel, enlarged around that pixel."""
    reach = min(getattr(denoiser, "reach", None) or KERNEL_REACH, KERNEL_REACH)
    row = gather(denoiser, look.noisy, look.sigma, spot, reach=reach, step=1e-2)
    padded = np.pad(row, KERNEL_REACH)
    side = 2 * KERNEL_REACH + 1
    window = padded[spot[0] : spot[0] + side, spot[1] : spot[1] + side]
    count, total = effective_pixels(row), row_sum(row)
    text = f"averages about {count:.1f} pixels, row sum {total:.2f}"
    description = {
        "key": "kernel", "side": True, "title": f"kernel at ({spot[0]}, {spot[1]}): {text}",
        "alt": f"Equivalent kernel of the pixel at row {spot[0]}, column {spot[1]}: {text}; "
               f"{side} by {side} pixels, orange positive, purple negative",
    }  # fmt: skip
    return description, pixels.signed_colours(window)


def _overview_picture(look: Look) -> tuple[dict, np.ndarray]:
    """The whole picture, on which a click moves the crop."""
    factor = pixels.shrink_factor(look.subject.image)
    top, left = look.corner
    height, width = look.noisy.shape[:2]
    box = [top / factor, left / factor, (top + height) / factor, (left + width) / factor]
    description = {
        "key": "overview", "side": True, "box": box,
        "title": "whole picture: click to move the crop",
        "moves": ["overview_row", "overview_col"],
        "alt": f"Whole picture of {look.subject.name}; the crop starts at row {top}, "
               f"column {left}",
    }  # fmt: skip
    return description, pixels.tones(look.subject.image[::factor, ::factor])


def profile_plot(look: Look, estimate: Image, spot: tuple[int, int]) -> tuple[dict, str]:
    """Profiles through the marked pixel, and a sentence with their 10-90 % widths."""
    guide = estimate if look.clean is None else look.clean
    direction = edge_direction(guide, spot)
    fixed = _fixed_profiles(look, spot, direction)
    spreads = {"noisy": fixed["noisy"], "estimate": profile_through(estimate, spot, direction)}
    spreads |= {name: spread for name, spread in fixed.items() if name == "clean"}
    widths = {
        name: _width(spread, look.sigma) for name, spread in spreads.items() if name != "noisy"
    }
    said = ", ".join(f"{name} {_pixels(width)}" for name, width in widths.items())
    sentence = f"10-90 % width at ({spot[0]}, {spot[1]}): {said}"
    plot = {
        "title": f"profile through the cross: {said}", "alt": sentence,
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


def _width(spread: EdgeSpread, sigma: float) -> float:
    """10-90 % width, or infinity where the step is smaller than the noise was."""
    dark, light = plateaus(spread)
    return rise_width(spread) if light - dark > sigma else np.inf


def _pixels(width: float) -> str:
    return f"{width:.1f} px" if np.isfinite(width) else "no edge to measure"


def curve_plot(points: Sequence[BlurPoint], sigma: float) -> dict:
    """Blur against contrast/sigma: width of the mean estimate and of single draws."""
    ratios = np.array([point.ratio for point in points])
    mean = np.array([point.width for point in points])
    single = np.array([point.width_per_draw for point in points])
    spoken = "; ".join(
        f"contrast/sigma {ratio:g}: {_pixels(width)}"
        for ratio, width in zip(ratios, mean, strict=True)
    )
    return {
        "title": f"blur against contrast/sigma (slanted edge, sigma {sigma:.3f})",
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


def sentence(
    look: Look, estimate: Image, denoiser: Denoiser, width: str, seconds: float
) -> str:
    """The read-out under the pictures, which a screen reader speaks."""
    origin = "known" if look.sigma_known else "estimated"
    parts = [f"sigma {look.sigma:.3f} ({origin})"]
    if look.clean is not None:
        after = psnr(look.clean, estimate)
        parts.append(f"PSNR {look.noisy_psnr:.1f} to {after:.1f} dB")
    parts += [width, f"{denoiser!r}: {seconds * 1000:.0f} ms"]
    return " · ".join(parts)
