"""Denoisers: (noisy, sigma) -> estimate, and the table of what each one promises.

``CATALOGUE`` lists the denoisers that the widgets offer and that the contract test runs:
a new denoiser is added by one line there.
"""

from lessons_lib.denoisers.contract import Denoiser, Differentiable, Entry, Properties, prepare
from lessons_lib.denoisers.edge_preserving import LocalWiener, Median, local_wiener, median
from lessons_lib.denoisers.linear import Gaussian, gaussian

__all__ = [
    "CATALOGUE",
    "Denoiser",
    "Differentiable",
    "Entry",
    "Gaussian",
    "LocalWiener",
    "Median",
    "Properties",
    "gaussian",
    "local_wiener",
    "median",
    "prepare",
]

CATALOGUE: dict[str, Entry] = {
    "Gaussian (linear)": Entry(
        Gaussian, "width", "width (standard deviation), px", (0.0, 6.0, 0.1), 1.5
    ),
    "Median (order statistic)": Entry(Median, "radius", "radius, px", (0, 5, 1), 2),
    "Local Wiener (adaptive)": Entry(
        LocalWiener, "strength", "strength, x sigma", (0.0, 4.0, 0.1), 1.0
    ),
}
