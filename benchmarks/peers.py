"""The same methods in other Python packages, each with settings tuned for each noise level.

Ours follow one rule from sigma (``lessons_lib/denoisers/rules.py``); a peer may have another
setting at every level, which is the harder comparison. Widths are in pixels, and value widths
and weights in units of sigma. scikit-image's bilateral filter is in the table as a warning:
its spatial table is sheared in version 0.26.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from scipy import ndimage, signal
from skimage import restoration

from lessons_lib.image import Image

Denoise = Callable[[Image, float], Image]


@dataclass(frozen=True)
class Peer:
    """A function of another package and how it is called.

    Attributes
    ----------
    label : str
        How the table names it.
    module, distribution : str
        What is imported, and what is installed.
    call : callable
        ``(noisy, sigma, **settings) -> estimate``.
    settings : dict of int to dict
        For each noise level (of 255).
    """

    label: str
    module: str
    distribution: str
    call: Callable[..., Image]
    settings: dict[int, dict[str, float | str]]

    def available(self) -> bool:
        """Whether the package is installed."""
        return importlib.util.find_spec(self.module) is not None

    def denoiser(self, level: int) -> Denoise:
        """Bind the settings of one noise level."""
        settings = self.settings[level]
        return lambda noisy, sigma: self.call(noisy, sigma, **settings)

    def fingerprint(self, level: int) -> str:
        """Name what decides its result: the package's version and the settings."""
        return f"{self.distribution} {version(self.distribution)} {self.settings[level]}"


def nothing(noisy: Image, sigma: float) -> Image:
    """Return the noisy image: what every method has to beat."""
    return noisy


def scipy_gaussian(noisy: Image, sigma: float, width: float) -> Image:
    """Blur; the border is mirrored, as in ours."""
    return ndimage.gaussian_filter(noisy, width)


def scipy_median(noisy: Image, sigma: float, side: int) -> Image:
    """Median of a square window."""
    return ndimage.median_filter(noisy, side)


def scipy_wiener(noisy: Image, sigma: float, side: int) -> Image:
    """Lee's filter, told the noise variance; beyond the border it sees zeros."""
    return signal.wiener(noisy, side, noise=sigma**2)


def opencv_bilateral(noisy: Image, sigma: float, value_ratio: float, width: float) -> Image:
    """Bilateral filter on float32; OpenCV derives the radius from the width."""
    import cv2  # here, because the course does without it

    cv2.setNumThreads(1)
    return cv2.bilateralFilter(noisy, -1, value_ratio * sigma, width)


def skimage_bilateral(noisy: Image, sigma: float, value_ratio: float, width: float) -> Image:
    """Bilateral filter with a sheared spatial table."""
    return restoration.denoise_bilateral(
        noisy, sigma_color=value_ratio * sigma, sigma_spatial=width
    )


def skimage_tv(noisy: Image, sigma: float, weight_ratio: float, eps: float) -> Image:
    """Chambolle's total variation; ``eps`` is the relative change at which it stops."""
    return restoration.denoise_tv_chambolle(noisy, weight=weight_ratio * sigma, eps=eps)


def skimage_visu(noisy: Image, sigma: float, wavelet: str, threshold_ratio: float) -> Image:
    """Universal threshold, soft, for a share of sigma."""
    return restoration.denoise_wavelet(
        noisy, sigma=threshold_ratio * sigma, wavelet=wavelet, method="VisuShrink"
    )


def skimage_bayes(noisy: Image, sigma: float, wavelet: str) -> Image:
    """BayesShrink, soft, a decimated transform."""
    return restoration.denoise_wavelet(
        noisy, sigma=sigma, wavelet=wavelet, method="BayesShrink"
    )


def skimage_bayes_spun(noisy: Image, sigma: float, wavelet: str, shifts: int) -> Image:
    """BayesShrink averaged over (shifts + 1)^2 shifts."""
    settings = {"sigma": sigma, "wavelet": wavelet, "method": "BayesShrink"}
    return restoration.cycle_spin(
        noisy, restoration.denoise_wavelet, max_shifts=shifts, func_kw=settings, workers=1
    )


def skimage_nlm(
    noisy: Image, sigma: float, patch: int, distance: int, width_ratio: float
) -> Image:
    """Non-local means, fast mode, told sigma."""
    return restoration.denoise_nl_means(
        noisy, patch_size=patch, patch_distance=distance, h=width_ratio * sigma, sigma=sigma,
        fast_mode=True,
    )  # fmt: skip


def _by_level(name: str, *values: float) -> dict[int, dict[str, float]]:
    """One setting at the three noise levels."""
    return {level: {name: value} for level, value in zip((15, 25, 50), values, strict=True)}


def _always(settings: dict[str, float | str]) -> dict[int, dict[str, float | str]]:
    return {level: settings for level in (15, 25, 50)}


def _with(
    settings: dict[int, dict[str, float]], name: str, *values: float
) -> dict[int, dict[str, float]]:
    """Add another setting to each level."""
    added = _by_level(name, *values)
    return {level: settings[level] | added[level] for level in settings}


_TV = _by_level("weight_ratio", 0.6, 0.7, 0.9)
_SKIMAGE = ("skimage", "scikit-image")

# The keys are those of the file that the values are checked against, shared/data/peers.tsv.
PEERS: dict[str, Peer] = {
    "noisy": Peer("noisy image", "numpy", "numpy", nothing, _always({})),
    "scipy_gaussian": Peer(
        "scipy `gaussian_filter`", "scipy", "scipy", scipy_gaussian,
        _by_level("width", 0.6, 0.9, 2),
    ),
    "scipy_wiener": Peer(
        "scipy `wiener`", "scipy", "scipy", scipy_wiener, _by_level("side", 5, 7, 9)
    ),
    "scipy_median": Peer(
        "scipy `median_filter`", "scipy", "scipy", scipy_median, _by_level("side", 3, 5, 7)
    ),
    "cv2_bilateral": Peer(
        "OpenCV `bilateralFilter`", "cv2", "opencv-python-headless", opencv_bilateral,
        _with(_by_level("value_ratio", 2, 2.5, 4), "width", 2, 2, 2.5),
    ),
    "skimage_bilateral": Peer(
        "scikit-image `denoise_bilateral`", *_SKIMAGE, skimage_bilateral,
        _with(_by_level("value_ratio", 1.25, 1.5, 1.75), "width", 2, 2, 2),
    ),
    "skimage_tv_chambolle": Peer(
        "scikit-image `denoise_tv_chambolle`, eps 1e-5", *_SKIMAGE, skimage_tv,
        _with(_TV, "eps", 1e-5, 1e-5, 1e-5),
    ),
    "skimage_tv_default": Peer(
        "scikit-image `denoise_tv_chambolle`, its default eps 2e-4", *_SKIMAGE, skimage_tv,
        _with(_TV, "eps", 2e-4, 2e-4, 2e-4),
    ),
    "skimage_wavelet_visu": Peer(
        "scikit-image `denoise_wavelet`, VisuShrink", *_SKIMAGE, skimage_visu,
        {
            15: {"wavelet": "sym4", "threshold_ratio": 1 / 4},
            25: {"wavelet": "db2", "threshold_ratio": 1 / 3},
            50: {"wavelet": "db2", "threshold_ratio": 1 / 2},
        },
    ),
    "skimage_wavelet_bayes": Peer(
        "scikit-image `denoise_wavelet`, BayesShrink", *_SKIMAGE, skimage_bayes,
        _always({"wavelet": "db2"}),
    ),
    "skimage_wavelet_bayes_cs": Peer(
        "scikit-image `cycle_spin` of BayesShrink, 16 shifts", *_SKIMAGE, skimage_bayes_spun,
        _always({"wavelet": "db1", "shifts": 3}),
    ),
    "skimage_nlm_fast": Peer(
        "scikit-image `denoise_nl_means`, fast mode", *_SKIMAGE, skimage_nlm,
        {
            15: {"patch": 5, "distance": 10, "width_ratio": 0.5},
            25: {"patch": 5, "distance": 7, "width_ratio": 0.6},
            50: {"patch": 7, "distance": 7, "width_ratio": 0.5},
        },
    ),
}  # fmt: skip
