"""Pictures, plots and words of the photo bench."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers.photo_choice import PhotoChoice
from lessons_lib.diagnosis.edges import format_width, rise_width
from lessons_lib.diagnosis.photo_noise import PhotoNoise
from lessons_lib.display import pixels, view
from lessons_lib.display.profiles import edge_direction, profile_through, strongest_edge
from lessons_lib.image import Image, luminance
from lessons_lib.scenes.photo import Photo

RULES = {
    "blotches": "its noise is blotchy: told sigma x (blotch area)^(1/4)",
    "hidden pixels": "its noise is white: the strength that best foretells hidden pixels",
    "given": "the noise was given",
}


@dataclass(frozen=True, eq=False)
class Look:
    """What the bench shows at one setting.

    Attributes
    ----------
    photo : Photo
        All of it.
    window : (slice, slice)
        The crop.
    before, after : ndarray
        The crop and its estimate, display values.
    noise : PhotoNoise
        Of the whole photo, in display values.
    choice : PhotoChoice
        At strength 1.
    strength : float
        What its levels are multiplied by.
    """

    photo: Photo
    window: tuple[slice, slice]
    before: Image
    after: Image
    noise: PhotoNoise
    choice: PhotoChoice
    strength: float

    @property
    def removed(self) -> Image:
        """What was taken away."""
        return self.before - self.after


def panels(look: Look) -> list[tuple[dict, np.ndarray]]:
    """The whole photo, the crop before and after, and what was taken away."""
    factor = pixels.shrink_factor(look.photo.image)
    small = look.photo.display[::factor, ::factor]
    limit = max(3 * look.noise.sigma, 1e-3)
    described = [
        (
            {"key": "overview", "title": "whole photo: click",
             "alt": f"{look.photo.name}, all of it; click or use the arrow keys to move the crop",
             "moves": ["overview_row", "overview_col"]},
            small,
        ),
        ({"key": "before", "title": "before", "alt": "The crop as it is in the photo"},
         look.before),
        ({"key": "after", "title": f"after {look.choice.method}",
          "alt": f"The crop after {look.choice.method}"}, look.after),
    ]  # fmt: skip
    shown = [(about, pixels.tones(image)) for about, image in described]
    taken = {
        "key": "removed", "title": f"taken away, -{limit:.2f} to {limit:.2f}",
        "alt": "The crop before minus after, mid-grey is 0; what can be recognised was picture",
    }  # fmt: skip
    return [*shown, (taken, pixels.mid_grey(look.removed, limit))]


def noise_plot(look: Look) -> dict:
    """Noise against brightness in the photo, and what was taken in the crop."""
    curve = look.noise.curve
    brightness = look.before if look.before.ndim == 2 else look.before.mean(-1)
    taken = look.removed if look.removed.ndim == 2 else np.sqrt((look.removed**2).mean(-1))
    order = np.argsort(brightness, axis=None)
    groups = np.array_split(order, 6)
    levels = np.array([brightness.ravel()[group].mean() for group in groups])
    size = np.array([np.sqrt(np.mean(taken.ravel()[group] ** 2)) for group in groups])
    return {
        "title": "noise against brightness",
        "alt": "Standard deviation against brightness: measured noise of the photo, and what was "
        "taken away in the crop",
        "x_label": "brightness (display)", "y_label": "standard deviation",
        "series": [
            view.series("noise of the photo", curve.levels, curve.sigmas),
            view.series("taken away, crop", levels, size),
        ],
    }  # fmt: skip


def correlation_plot(look: Look) -> dict:
    """Autocorrelation of the noise along rows and columns: a drop to 0 at 1 px is white."""
    table = look.noise.autocorrelation(6)
    lags = np.arange(7)
    return {
        "title": f"noise of neighbours; {look.noise.blotch_areas[0]:.1f} px share theirs",
        "alt": "Autocorrelation of the luminance noise against distance, along rows and columns",
        "x_label": "distance [px]", "y_label": "correlation",
        "series": [
            view.series("along rows", lags, table[6, 6:]),
            view.series("along columns", lags, table[6:, 6]),
        ],
    }  # fmt: skip


def sentence(look: Look) -> str:
    """Noise, choice, what was taken over the noise, and the crop's strongest edge."""
    choice = look.choice
    expected = np.interp(float(look.before.mean()), look.noise.curve.levels,
                         look.noise.curve.sigmas)  # fmt: skip
    ratio = float(look.removed.std() / max(expected, 1e-9))
    parts = [
        f"sigma {look.noise.sigma:.4f} ({255 * look.noise.sigma:.1f} of 255)",
        f"{choice.method} in {choice.domain} values, strength {look.strength:.1f}: "
        f"{RULES.get(choice.rule, choice.rule)}",
        f"taken away here: {ratio:.2f} times the noise",
    ]
    if min(look.before.shape[:2]) >= 40:
        grey = luminance(look.before)
        place = strongest_edge(grey)
        way = edge_direction(grey, place)
        widths = [
            format_width(rise_width(profile_through(one, place, way)))
            for one in (look.before, look.after)
        ]
        parts.append(f"steepest edge {widths[0]} -> {widths[1]} px")
    return " · ".join(parts)
