"""Pictures, plots and words of the draw bench: arrays in, descriptions for the view out."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.display import pixels, view
from lessons_lib.image import Image

Panel = tuple[dict, np.ndarray]
COLUMNS = 4  # of the mosaic: truth, photo and ten draws fill three rows
PROFILES = 2  # single draws in the profile; more lines hide each other


@dataclass(frozen=True, eq=False)
class Seen:
    """All that is shown at one moment.

    Attributes
    ----------
    clean, noisy, mean : ndarray, ``(H, W)``
        The truth, the photo, and the one-step estimate of the mean of all that fit.
    draws : ndarray, ``(n, H, W)``
        The clean estimates of all processes, at the last step the draws; blended.
    tiles : ndarray, ``(n, H, W)``
        What the mosaic shows: those, or the states with their noise.
    number : int
        How many draws are averaged.
    drawn : float
        Share of the way from the mean to the draw.
    sigma, level : float
        Noise of the photo, and of the processes at this step.
    step, steps : int
        Where the process stands.
    cancelled : bool
        Whether it was stopped.
    """

    clean: Image
    noisy: Image
    mean: Image
    draws: np.ndarray
    tiles: np.ndarray
    number: int
    drawn: float
    sigma: float
    level: float
    step: int
    steps: int
    cancelled: bool

    @property
    def average(self) -> Image:
        """Mean of the first ``number`` draws."""
        return self.draws[: self.number].mean(axis=0)

    @property
    def spread(self) -> Image:
        """Standard deviation over all draws, pixel by pixel."""
        return self.draws.std(axis=0, ddof=1)

    def ratio(self, estimate: Image) -> float:
        """Mean squared error over that of the one-step estimate."""
        return float(
            np.mean((estimate - self.clean) ** 2) / np.mean((self.mean - self.clean) ** 2)
        )

    @property
    def finished(self) -> bool:
        """Whether these are draws, and no longer estimates on the way."""
        return self.step == self.steps


def panels(seen: Seen) -> list[Panel]:
    """Truth, photo and the ten in one mosaic; one-step estimate; their mean; their spread."""
    count = len(seen.draws)
    kind = "draws" if seen.finished else f"processes at noise {seen.level:.3f}"
    largest = max(float(seen.spread.max()), 1 / 255)  # below it is rounding
    tiles = np.concatenate([[seen.clean, seen.noisy], seen.tiles])
    return [
        ({"key": "draws", "title": f"truth, photo (σ = {seen.sigma:.2f}), then {count} {kind}",
          "alt": f"Tiles row by row: the truth, which nobody has; the noisy photo; then {count} "
                 f"{kind}, each with other details"},
         pixels.tones(mosaic(tiles))),
        _picture("mean", "one step: the mean of all that fits", seen.mean),
        _picture("average", f"mean of the first {seen.number}", seen.average),
        ({"key": "spread", "title": f"where they differ: white is {largest:.2f}",
          "alt": "Standard deviation over the draws, pixel by pixel: bright along edges and "
                 f"letters, dark in flat parts; at most {largest:.2f}"},
         pixels.tones(seen.spread / largest)),
    ]  # fmt: skip


def mosaic(tiles: np.ndarray, gap: float = 1.0) -> Image:
    """Tiles ``(n, H, W)`` side by side, four in a row, with a white line between."""
    count, height, width = tiles.shape
    rows = -(-count // COLUMNS)
    sheet = np.full((rows * (height + 1) - 1, COLUMNS * (width + 1) - 1), gap)
    for index, tile in enumerate(tiles):
        top, left = index // COLUMNS * (height + 1), index % COLUMNS * (width + 1)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def _picture(key: str, title: str, image: Image) -> Panel:
    return {"key": key, "title": title, "alt": f"{title}, {len(image)} px high"}, pixels.tones(
        image
    )


def error_plot(seen: Seen) -> dict:
    """Error of the mean of the first N draws, beside the law of exact draws."""
    numbers = np.arange(1, len(seen.draws) + 1)
    sums = np.cumsum(seen.draws, axis=0)
    found = np.array([seen.ratio(total / n) for n, total in zip(numbers, sums, strict=True)])
    law = 1 + seen.drawn**2 / numbers
    return {
        "title": f"error of a mean of {seen.number}: {found[seen.number - 1]:.2f}",
        "alt": "Squared error of the mean of N draws over that of the one-step estimate: "
               + ", ".join(f"{value:.2f}" for value in found) + " for N = 1 to "
               + f"{len(found)}; the law of exact draws is 1 + drawn squared / N",
        "x_label": "N draws averaged", "y_label": "error / that of one step",
        "x_range": [0.5, len(numbers) + 0.5],
        "y_range": [0.8, max(2.1, 1.05 * float(found.max()))],
        "series": [
            view.series("measured", numbers, found, dots=True),
            view.series("exact draws: 1 + drawn² / N", numbers, law),
        ],
    }  # fmt: skip


def row_plot(seen: Seen) -> dict:
    """One row through the middle: draws are steep, each at its own place."""
    row = seen.clean.shape[0] // 2
    columns = np.arange(seen.clean.shape[1])
    singles = [view.series(f"draw {k + 1}", columns, seen.draws[k, row]) for k in range(PROFILES)]
    return {
        "title": f"row {row}",
        "alt": f"Values along row {row}: the truth, the one-step estimate, and {PROFILES} single "
               "draws, which are steeper and disagree with each other",
        "x_label": "column [px]", "y_label": "value", "x_range": [0.0, float(columns[-1])],
        "y_range": [-0.05, 1.05],
        "series": [
            view.series("truth", columns, seen.clean[row]),
            view.series("one step", columns, seen.mean[row]),
            *singles,
        ],
    }  # fmt: skip


def sentence(seen: Seen) -> str:
    """The read-out: how wrong one draw is, how wrong their mean, and what that means."""
    single = float(np.mean([seen.ratio(one) for one in seen.draws]))
    parts = [f"step {seen.step} of {seen.steps}, noise left {seen.level:.3f}"]
    if seen.cancelled:
        parts[0] = f"cancelled at step {seen.step} of {seen.steps}: these are no draws yet"
    parts += [
        f"squared error of one: {single:.2f} x that of one step; of the mean of {seen.number}: "
        f"{seen.ratio(seen.average):.2f} x",
        f"they differ by up to {seen.spread.max():.2f} in a pixel",
        "where they differ, dice decided",
    ]
    return " · ".join(parts)
