"""What a burst can and cannot do, in closed form: alignment, and the blur that its errors make."""

import numpy as np

from lessons_lib.diagnosis.edges import EdgeSpread, line_spread
from lessons_lib.image import Image, check_image


def shift_bound(clean: Image, sigma: float | np.ndarray) -> np.ndarray:
    """Smallest standard deviation with which a shift between two noisy frames can be known.

    With the slopes g_r and g_c of the scene, the Fisher information of the shift is the matrix
    of the sums of g_i g_j / (2 sigma^2): 2, because both frames are noisy and the scene itself
    is not known. The bound is the root of the diagonal of its inverse (Cramer-Rao).

    Parameters
    ----------
    clean : ndarray, ``(H, W)``
        The scene without noise, image units, at least 3 x 3 px.
    sigma : float or ndarray
        Noise of one frame, image units: a number above 0 or a map ``(H, W)``.

    Returns
    -------
    ndarray, ``(2,)``
        Rows and columns, px; infinite where the scene has no slope in a direction. Holds for
        an unbiased estimate and shifts that are small against the scene's details.

    Raises
    ------
    ValueError
        For colour and for pictures below 3 x 3 px.

    References
    ----------
    Robinson and Milanfar, Fundamental performance limits in image registration, 2004, doi
    10.1109/TIP.2004.832923; Aguerrebere et al., Fundamental limits in multi-image alignment,
    arXiv 1602.01541.
    """
    check_image(clean, "clean")
    if clean.ndim != 2 or min(clean.shape) < 3:
        raise ValueError(
            f"clean must be grey and at least 3 x 3 px, got {clean.shape}; for colour pass "
            "lessons_lib.image.luminance(clean)"
        )
    slopes = np.array(np.gradient(clean.astype(np.float64)))
    information = np.einsum("iab,jab->ij", slopes / sigma, slopes / sigma) / 2
    spread, axes = np.linalg.eigh(information)
    known = spread > 1e-12 * max(spread.max(), 1e-300)
    with np.errstate(divide="ignore"):
        variance = np.where(known, 1 / np.where(known, spread, 1), np.inf)
    # An axis that takes no part in a direction must not make it infinite.
    share = np.where(axes**2 < 1e-12, 0.0, axes**2)
    with np.errstate(invalid="ignore"):
        parts = np.where(share > 0, share * variance, 0.0)
    return np.sqrt(parts.sum(axis=1))


def line_spread_variance(spread: EdgeSpread) -> float:
    """Variance of the line spread, px^2: the second moment of the edge's slope about its mean.

    Variances of blurs that follow each other add, whatever their shapes: unlike 10-90 %
    widths. The merge of N displaced edges is their sharp edge blurred by the set of
    displacements, so its variance is higher by the set's own variance, divided by N.

    Parameters
    ----------
    spread : EdgeSpread
        Of an edge with little noise; the moment weighs far pixels by their squared distance,
        so noise there drowns it.

    Returns
    -------
    float
        NaN if there is no edge.
    """
    line = line_spread(spread)
    mass = line.values.sum()
    if not abs(mass) > 1e-12:
        return float("nan")
    share = line.values / mass
    mean = np.sum(share * line.positions)
    return float(np.sum(share * (line.positions - mean) ** 2))
