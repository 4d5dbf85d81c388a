"""Blur curves that were measured once and are kept."""

from collections.abc import Iterator

from lessons_lib.denoisers import Denoiser
from lessons_lib.diagnosis.blur_curve import BlurPoint, blur_curve
from lessons_lib.display.microscope_plots import curve_plot

RATIOS = (8.0, 4.0, 2.0, 1.0)
DRAWS = 12
SIZE = 64  # px
LEAST_SIGMA = 0.005  # below it the curve is measured at this one


class CurveStore:
    """The blur curve of each denoiser and sigma that has been looked at."""

    def __init__(self) -> None:
        self._curves: dict[tuple[str, float], list[BlurPoint]] = {}

    def plot(self, denoiser: Denoiser, sigma: float) -> dict:
        """The curve of this very setting, or an empty plot that says it is to come."""
        key = _key(denoiser, sigma)
        name = f"edge in sigma {key[1]:.3f}" if key in self._curves else "being measured"
        return curve_plot(self._curves.get(key, []), name)

    def measure(self, denoiser: Denoiser, sigma: float) -> Iterator[float]:
        """Measure the curve unless it is known; yields the share that is done."""
        key = _key(denoiser, sigma)
        if key in self._curves:
            return
        points = []
        for point in blur_curve(denoiser, sigma=key[1], ratios=RATIOS, draws=DRAWS, size=SIZE):
            points.append(point)
            yield len(points) / len(RATIOS)
        self._curves[key] = points


def _key(denoiser: Denoiser, sigma: float) -> tuple[str, float]:
    return repr(denoiser), round(max(sigma, LEAST_SIGMA), 3)
