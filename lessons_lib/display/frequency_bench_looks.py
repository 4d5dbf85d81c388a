"""Pictures, plots and words of the frequency bench."""

from typing import TYPE_CHECKING

import numpy as np

from lessons_lib.diagnosis.noise_level import power_spectrum
from lessons_lib.display import pixels, view
from lessons_lib.image import Image
from lessons_lib.learning import tissue
from lessons_lib.scenes.tissue import CLASSES

if TYPE_CHECKING:
    from lessons_lib.display.frequency_bench import Seen

Panel = tuple[dict, np.ndarray]
WHITEST = 1.2  # density over DAB_STRONG that is drawn white
RINGS = 28
LOOKS = {
    tissue.NONE: "flat regions with lines along their borders",
    tissue.SQUARED: "flat regions, as smooth as the mask",
    tissue.STRUCTURE: "cells where the real ones are, flat inside",
    tissue.SPARSE: "bright dots on flat regions",
    tissue.band(0.02): "smooth patches with a few folds between them",
    tissue.band(0.05): "winding worms",
    tissue.band(0.08): "short worms and round grain",
    tissue.band(0.12): "round grain, finer than cells",
}


def panels(seen: "Seen") -> list[Panel]:
    """Mask, what stands beside it, what comes out, and the truth."""
    shown = [
        _panel("mask", "the mask", pixels.tones(seen.piece.mask / (len(CLASSES) - 1)),
               "three smooth regions without any cell"),
        _panel("extra", f"beside it: {seen.condition}", pixels.mid_grey(seen.extra, 3.0),
               "mid-grey everywhere" if not np.any(seen.extra) else "light and dark spots"),
        _panel("drawn", "what the generator makes of both", density(seen.drawn), look_of(seen)),
        _panel("real", "the real tissue", density(seen.piece.brown),
               "cells side by side, their borders stained"),
    ]  # fmt: skip
    if seen.again is not None:
        shown.append(_panel("again", "the one trained just now", density(seen.again),
                            f"distance {seen.distance(seen.again):.2f}"))  # fmt: skip
    return shown


def _panel(key: str, title: str, shown: np.ndarray, words: str) -> Panel:
    return {"key": key, "title": title, "alt": f"{title}: {words}"}, shown


def density(brown: Image) -> np.ndarray:
    """8-bit pixels of a density: the more brown, the lighter."""
    return pixels.tones(np.clip(brown / WHITEST, 0, 1))


def look_of(seen: "Seen") -> str:
    """What one sees in the generator's picture, in a few words."""
    return LOOKS.get(seen.condition, "irregular grain all over the regions")


def bumps(image: Image) -> tuple[np.ndarray, np.ndarray]:
    """Power per octave against frequency, as a share of its largest value; 0 if flat.

    Power times frequency squared: a ring of spectrum grows with its radius, and so does
    its width where rings are octaves.
    """
    window = np.hanning(image.shape[0])[:, None] * np.hanning(image.shape[1])
    frequencies, power = power_spectrum((image - image.mean()) * window, RINGS)
    octaves = power * frequencies**2
    return frequencies[1:], octaves[1:] / max(octaves[1:].max(), 1e-12)


def spectrum_plot(seen: "Seen") -> dict:
    """Noise, drawing and target: where in frequency each has its power."""
    curves = {"real tissue": seen.piece.brown, "drawing": seen.drawn}
    if np.any(seen.extra):
        curves["beside the mask"] = seen.extra
    series, peaks = [], []
    for name, image in curves.items():
        frequencies, power = bumps(image)
        series.append(view.series(name, frequencies, power))
        peaks.append(f"{name} is strongest at {frequencies[power.argmax()]:.2f}")
    return {
        "title": "power per octave, each over its largest",
        "alt": "; ".join(peaks) + " cycles/px",
        "x_label": "frequency [cycles/px]", "y_label": "share of the largest",
        "series": series,
    }  # fmt: skip


def distance_plot(scores: dict[str, np.ndarray], bands: tuple[str, ...], seen: "Seen") -> dict:
    """Stored distances along the slider: mean, worst and best training."""
    places, ends = np.arange(len(bands)), np.array([0, len(bands) - 1])
    values = [scores[name] for name in bands]
    series = [
        view.series("mean of the trainings", places, [v.mean() for v in values], dots=True),
        view.series("best to worst", *_bars(values)),
    ]
    for name, label in ((tissue.NONE, "mask only"), (tissue.STRUCTURE, "real structure")):
        series.append(view.series(label, ends, np.full(2, scores[name].mean())))
    here = bands.index(seen.condition) if seen.condition in bands else None
    if here is not None:
        series.append(view.series("here", [here, here], [0, scores[tissue.NONE].mean()]))
    means = ", ".join(f"{name} {scores[name].mean():.3f}" for name in bands)
    return {
        "title": "distance on both test strips, from the table",
        "alt": f"Mean distances: {means}; mask only {scores[tissue.NONE].mean():.3f}, real "
               f"structure {scores[tissue.STRUCTURE].mean():.3f}",
        "x_label": "place of the slider (6: white)", "y_label": "sliced Wasserstein distance",
        "series": series,
    }  # fmt: skip


def _bars(values: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """An upright line for each list, from its least to its largest, with gaps between them."""
    x = np.repeat(np.arange(len(values)), 3)
    return x, np.array([[v.min(), v.max(), np.nan] for v in values]).ravel()


def sentence(seen: "Seen") -> str:
    """Distances here, and in the table."""
    low, high = seen.stored.min(), seen.stored.max()
    parts = [
        f"{seen.condition}, noise seed {seen.seed}: this drawing's distance from this piece is "
        f"{seen.distance(seen.drawn):.3f}",
        f"in the table, on both test strips: mean {seen.stored.mean():.3f}, from {low:.3f} to "
        f"{high:.3f} over {len(seen.stored)} trainings",
    ]
    if seen.again is not None:
        parts.append(f"trained just now: {seen.distance(seen.again):.3f}")
    return " · ".join(parts)
