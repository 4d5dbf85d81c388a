"""What lesson 07 measures: fine detail, what of it is true, and the marks of an upsampling."""

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from lessons_lib.image import Image, check_image, check_same_shape, luminance
from lessons_lib.learning.batches import to_batch
from lessons_lib.learning.perceptual import FEATURES
from lessons_lib.learning.style_features import Features, Maps, gram_distance, grams

FINE_WIDTH = 1.5  # px; fine detail is what a Gaussian of this width takes away


def fine(image: Image) -> Image:
    """What a Gaussian of 1.5 px takes away from the luminance, ``(H, W)``."""
    grey = luminance(image).astype(np.float64)
    return grey - gaussian_filter(grey, FINE_WIDTH, mode="reflect")


def fine_energy(image: Image) -> float:
    """Mean square of :func:`fine`."""
    return float(np.mean(fine(image) ** 2))


def correlation(first: Image, second: Image) -> float:
    """Cosine between two pictures without their means; 0 if one of them is flat."""
    one, two = first - first.mean(), second - second.mean()
    lengths = float(np.linalg.norm(one) * np.linalg.norm(two))
    return float(np.vdot(one, two)) / lengths if lengths > 0 else 0.0


def truth_and_leak(clean: Image, noisy: Image, estimate: Image) -> tuple[float, float]:
    """How much of an estimate's fine detail is true, and how much is noise let through.

    Parameters
    ----------
    clean, noisy, estimate : ndarray
        ``(H, W)`` or ``(H, W, C)``, one shape.

    Returns
    -------
    (float, float)
        Correlation of the estimate's fine detail with that of the clean picture, and with
        that of the noise. Where clean and noise are independent, their squares sum to at
        most 1.
    """
    check_same_shape(clean, estimate, "clean and estimate")
    check_same_shape(clean, noisy, "clean and noisy")
    detail = fine(estimate)
    return correlation(detail, fine(clean)), correlation(detail, fine(noisy - clean))


def texture_distance(image: Image, wanted: Image, features: Features = FEATURES) -> float:
    """Distance of two pictures' Gram matrices, relative to those of ``wanted``.

    Parameters
    ----------
    image, wanted : ndarray
        Both with as many channels as the features have; they may differ in size.
    features : Features
        By default those of the denoisers, for grey pictures.
    """
    return distance_from(image, texture_of(wanted, features), features)


def texture_of(image: Image, features: Features = FEATURES) -> Maps:
    """A picture's Gram matrices, for comparing many pictures with one."""
    with torch.inference_mode():
        return grams(features.maps(to_batch(image)))


def distance_from(image: Image, wanted: Maps, features: Features = FEATURES) -> float:
    """As :func:`texture_distance`, from what :func:`texture_of` found of the wanted one."""
    with torch.inference_mode():
        return float(gram_distance(texture_of(image, features), wanted))


def checkerboard(image: Image, period: int = 4) -> float:
    """Share of the fine detail's variance that the position modulo ``period`` explains.

    An upsampling network that treats some rows and columns differently leaves a pattern of
    its own period. 0 without any; about ``period**2 / pixels`` for white noise; 1 for the
    pattern alone.

    Parameters
    ----------
    image : ndarray
        ``(H, W)`` or ``(H, W, C)``, at least ``period`` px a side; the rest that does not
        fill a period is cut off.
    period : int
        In px; 4 for two doublings.

    Raises
    ------
    ValueError
        If the image is smaller than one period.
    """
    check_image(image)
    rows, cols = (side // period for side in image.shape[:2])
    if min(rows, cols) < 1:
        raise ValueError(f"image must have at least {period} x {period} px, got {image.shape[:2]}")
    detail = fine(image)[: rows * period, : cols * period]
    detail = detail - detail.mean()
    means = detail.reshape(rows, period, cols, period).mean(axis=(0, 2))
    total = float(np.mean(detail**2))
    return float(np.mean(means**2)) / total if total > 1e-20 else 0.0
