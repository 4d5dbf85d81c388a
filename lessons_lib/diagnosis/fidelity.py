"""How far an estimate is from the clean image: three numbers that every paper quotes.

None of them is told where the edges are. That is why this course never reads them alone.
Nothing is clipped: an estimate that leaves [0, 1] is scored as it is.
"""

import math

import numpy as np
from skimage.metrics import structural_similarity

from lessons_lib.image import Image, check_image, check_same_shape

# Wang et al. weigh each place by a Gaussian of 1.5 px, cut at 3.5 of them: 11 px across.
SSIM_WIDTH = 1.5
SSIM_WINDOW = 11


def mse(clean: Image, estimate: Image) -> float:
    """Mean squared error over all pixels and channels.

    Parameters
    ----------
    clean, estimate : ndarray, ``(H, W)`` or ``(H, W, C)``
        Same shape, image units.

    Returns
    -------
    float
        Image units squared; 0 for identical images.

    Raises
    ------
    ValueError
        If one is no image or the shapes differ.
    """
    _check_pair(clean, estimate)
    return float(np.mean((estimate.astype(np.float64) - clean) ** 2))


def psnr(clean: Image, estimate: Image) -> float:
    """Peak signal-to-noise ratio for a peak of 1: -10 log10(mse).

    Parameters
    ----------
    clean, estimate : ndarray, ``(H, W)`` or ``(H, W, C)``
        Same shape, image units.

    Returns
    -------
    float
        dB; infinite for identical images. For colour, the error is averaged over the
        channels before the logarithm.

    Raises
    ------
    ValueError
        If one is no image or the shapes differ.
    """
    error = mse(clean, estimate)
    return math.inf if error == 0 else -10 * math.log10(error)


def ssim(clean: Image, estimate: Image) -> float:
    """Structural similarity: local means, variances and covariance compared, then averaged.

    The settings are those of the paper: Gaussian weights of 1.5 px, K1 = 0.01, K2 = 0.03,
    range 1. A frame of 5 px, where the window would leave the image, is not counted.

    Parameters
    ----------
    clean, estimate : ndarray, ``(H, W)`` or ``(H, W, C)``
        Same shape, image units; at least 11 x 11 px.

    Returns
    -------
    float
        1 for identical images, about 0 for unrelated ones; the mean over the channels.

    Raises
    ------
    ValueError
        If one is no image, the shapes differ, or the image is smaller than the window.

    References
    ----------
    Wang, Bovik, Sheikh and Simoncelli, Image quality assessment: from error visibility to
    structural similarity, 2004, DOI 10.1109/TIP.2003.819861.
    """
    _check_pair(clean, estimate)
    if min(clean.shape[:2]) < SSIM_WINDOW:
        raise ValueError(
            f"ssim needs at least {SSIM_WINDOW} x {SSIM_WINDOW} px, got shape {clean.shape}; "
            "its window is that large, so use mse for smaller crops"
        )
    return float(
        structural_similarity(
            clean.astype(np.float64),
            estimate.astype(np.float64),
            gaussian_weights=True,
            sigma=SSIM_WIDTH,
            use_sample_covariance=False,
            data_range=1.0,
            channel_axis=2 if clean.ndim == 3 else None,
        )
    )


def _check_pair(clean: Image, estimate: Image) -> None:
    check_image(clean, "clean")
    check_image(estimate, "estimate")
    check_same_shape(clean, estimate, "clean and estimate")
