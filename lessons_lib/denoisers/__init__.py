"""Denoisers: (noisy, sigma) -> estimate, and the table of what each one promises.

``CATALOGUE`` lists the denoisers that the widgets offer and that the contract test runs:
a new denoiser is added by one line there.
"""

from importlib.util import find_spec

from lessons_lib.denoisers.anisotropic_diffusion import PeronaMalik, perona_malik
from lessons_lib.denoisers.bilateral import Bilateral, bilateral, bilateral_weights
from lessons_lib.denoisers.bm3d import BM3D, bm3d
from lessons_lib.denoisers.calibration import Calibrated
from lessons_lib.denoisers.colour import LuminanceChroma, PerChannel
from lessons_lib.denoisers.contract import Denoiser, Differentiable, Entry, Properties, prepare
from lessons_lib.denoisers.cycle_spin import CycleSpin
from lessons_lib.denoisers.dct import LocalDCT
from lessons_lib.denoisers.edge_preserving import LocalWiener, Median, local_wiener, median
from lessons_lib.denoisers.fourier_wiener import FourierWiener, fourier_wiener, wiener_gain
from lessons_lib.denoisers.guided import Guided, guided, guided_weights
from lessons_lib.denoisers.linear import Box, Gaussian, box, gaussian
from lessons_lib.denoisers.network import Network
from lessons_lib.denoisers.non_local_means import NonLocalMeans, non_local_means
from lessons_lib.denoisers.stabilised import Stabilised
from lessons_lib.denoisers.total_variation import TotalVariation, chambolle, total_variation
from lessons_lib.denoisers.undecimated import UndecimatedHaar
from lessons_lib.denoisers.wavelet import WaveletShrink

__all__ = [
    "BM3D",
    "CATALOGUE",
    "Bilateral",
    "Box",
    "Calibrated",
    "CycleSpin",
    "Denoiser",
    "Differentiable",
    "Entry",
    "FourierWiener",
    "Gaussian",
    "Guided",
    "LocalDCT",
    "LocalWiener",
    "LuminanceChroma",
    "Median",
    "Network",
    "NonLocalMeans",
    "PerChannel",
    "PeronaMalik",
    "Properties",
    "Stabilised",
    "TotalVariation",
    "UndecimatedHaar",
    "WaveletShrink",
    "bilateral",
    "bilateral_weights",
    "bm3d",
    "box",
    "chambolle",
    "fourier_wiener",
    "gaussian",
    "guided",
    "guided_weights",
    "local_wiener",
    "median",
    "non_local_means",
    "perona_malik",
    "prepare",
    "total_variation",
    "wiener_gain",
]

CATALOGUE: dict[str, Entry] = {
    "Gaussian (linear)": Entry(
        Gaussian, "width", "width (standard deviation), px", (0.0, 6.0, 0.1), 1.5
    ),
    "Box (linear)": Entry(Box, "radius", "radius, px", (0, 8, 1), 2),
    "Wiener (Fourier)": Entry(
        FourierWiener, "strength", "strength, x sigma", (0.0, 4.0, 0.1), 1.0
    ),
    "Median (order statistic)": Entry(Median, "radius", "radius, px", (0, 5, 1), 2),
    "Local Wiener (adaptive)": Entry(
        LocalWiener, "strength", "strength, x sigma", (0.0, 4.0, 0.1), 1.0
    ),
    "Bilateral (near and alike)": Entry(
        Bilateral, "value_ratio", "value width, x sigma", (0.0, 10.0, 0.1), 3.0
    ),
    "Guided (a line per window)": Entry(
        Guided, "strength", "sqrt(epsilon), x sigma", (0.0, 5.0, 0.1), 1.5
    ),
    "Perona-Malik (diffusion)": Entry(PeronaMalik, "steps", "steps", (0, 40, 1), 10),
    "Total variation": Entry(
        TotalVariation, "strength", "lambda, x sigma", (0.0, 3.0, 0.05), 0.8
    ),
    "Wavelet (BayesShrink)": Entry(
        WaveletShrink, "strength", "threshold, x BayesShrink's", (0.0, 4.0, 0.1), 1.0
    ),
    "Wavelet (Haar, all shifts)": Entry(
        UndecimatedHaar, "threshold_ratio", "threshold, x sigma", (0.0, 6.0, 0.1), 3.3
    ),
    "Local DCT (8 x 8)": Entry(
        LocalDCT, "threshold_ratio", "threshold, x sigma", (0.0, 6.0, 0.1), 2.7
    ),
    "Non-local means": Entry(
        NonLocalMeans, "strength", "filter width h, x sigma", (0.0, 3.0, 0.05), 0.75
    ),
    "BM3D": Entry(BM3D, "strength", "strength, x sigma", (0.0, 3.0, 0.05), 1.0),
}
if find_spec("torch"):  # the course can be set up without it; this one then is not offered
    CATALOGUE["Network (U-Net)"] = Entry(
        Network, "strength", "strength, x sigma", (0.0, 3.0, 0.05), 1.0
    )
