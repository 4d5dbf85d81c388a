"""What the blur microscope shows: pictures with alternative text, plots, and sentences."""


import numpy as np

from lessons_lib.denoisers import Denoiser
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.kernels import effective_pixels, gather, row_sum
from lessons_lib.display import pixels
from lessons_lib.display.look import Look
from lessons_lib.image import Image

KERNEL_REACH = 12
LONGEST_WAIT = 2.0  # seconds that a kernel may take
REST = 64  # px around the cross that a kernel is computed on


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
            {"key": "noisy", "title": "clean" if look.noisy is look.clean else "noisy", **cross,
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
    look: Look, denoiser: Denoiser, spot: tuple[int, int], seconds_per_pixel: float
) -> list[tuple[dict, np.ndarray]]:
    """The kernel at the cross and, for a picture larger than the crop, the whole picture."""
    wait = kernel_seconds(denoiser, seconds_per_pixel)
    kernel = _kernel_picture if wait < LONGEST_WAIT else _no_kernel_picture
    shown = [kernel(look, denoiser, spot)]
    if max(look.subject.image.shape[:2]) > max(look.noisy.shape[:2]):
        shown.append(_overview_picture(look))
    return shown


def kernel_seconds(denoiser: Denoiser, seconds_per_pixel: float) -> float:
    """What a kernel will cost: two estimates of a crop for each of its pixels, by differences.

    A denoiser with a pullback needs one; one without a finite reach needs the whole crop.
    """
    reach = getattr(denoiser, "reach", None)
    crop = (2 * (REST if reach is None else min(reach, REST)) + 1) ** 2
    window = (2 * min(KERNEL_REACH, KERNEL_REACH if reach is None else reach) + 1) ** 2
    estimates = 1 if hasattr(denoiser, "pullback") else 2 * window
    return estimates * crop * seconds_per_pixel


def _no_kernel_picture(
    look: Look, denoiser: Denoiser, spot: tuple[int, int]
) -> tuple[dict, np.ndarray]:
    """An empty picture that says why there is no kernel."""
    description = {
        "key": "kernel", "side": True, "title": "kernel: too slow for this denoiser",
        "alt": f"No kernel: {denoiser!r} would need over {LONGEST_WAIT:g} s for one",
    }  # fmt: skip
    return description, np.full((2 * KERNEL_REACH + 1, 2 * KERNEL_REACH + 1), 230, np.uint8)


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
    # In float64, so that a step can be small: an order statistic's row is right only then.
    top, left = (max(0, place - REST) for place in spot)
    crop = look.noisy[top : spot[0] + REST + 1, left : spot[1] + REST + 1].astype(np.float64)
    inside = (spot[0] - top, spot[1] - left)
    row = gather(denoiser, crop, look.sigma, inside, reach=reach)
    padded = np.pad(row, KERNEL_REACH)
    side = 2 * KERNEL_REACH + 1
    window = padded[inside[0] : inside[0] + side, inside[1] : inside[1] + side]
    text = f"about {effective_pixels(row):.1f} pixels, row sum {row_sum(row):.2f}"
    place = f"({spot[0] + look.corner[0]}, {spot[1] + look.corner[1]})"
    description = {
        "key": "kernel", "side": True, "title": f"kernel at {place}: {text}",
        "alt": f"Equivalent kernel of the pixel at {place}: {text}; "
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


def sentence(
    look: Look, estimate: Image, denoiser: Denoiser, width: str, seconds: float
) -> str:
    """The read-out under the pictures, which a screen reader speaks."""
    parts = [f"sigma {look.sigma:.3f} ({look.origin})"]
    if look.clean is not None and look.clean is not look.noisy:
        after = psnr(look.clean, estimate)
        parts.append(f"PSNR of this crop {look.noisy_psnr:.1f} to {after:.1f} dB")
    parts += [width, f"{denoiser!r}: {seconds * 1000:.0f} ms"]
    return " · ".join(parts)
