"""The photon transfer curve: variance against mean gives a sensor's gain back."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lessons_lib.image import Image, check_same_shape


@dataclass(frozen=True)
class PhotonTransfer:
    """The straight line variance = gain * mean + read_variance of a sensor.

    With K = gain: variance [DN^2] = K^2 (read^2 + electrons) + 1/12, mean [DN] = K electrons.

    Attributes
    ----------
    gain : float
        K, digital numbers per electron [DN/e-].
    read_variance : float
        Variance without light [DN^2]: K^2 read^2 + 1/12 of rounding. Below 0 if the
        line misses.
    r_squared : float
        Share of the weighted variation of the variances that the line explains.
    """

    gain: float
    read_variance: float
    r_squared: float

    @property
    def electrons_per_dn(self) -> float:
        """Electrons per digital number, 1 / gain [e-/DN]."""
        return 1 / self.gain

    @property
    def read_noise(self) -> float:
        """Read noise [e-] after taking off the 1/12 of rounding; 0 if nothing is left."""
        return float(np.sqrt(max(self.read_variance - 1 / 12, 0.0))) / self.gain


def photon_transfer(
    pairs: Iterable[tuple[Image, Image]], black_level: float = 0.0
) -> PhotonTransfer:
    """Gain and read noise of a sensor from pairs of equal flat-field frames.

    The variance is that of the difference of a pair, / 2: fixed pattern, shading and
    PRNU are in both frames and cancel. Leave out pairs with clipped pixels, whose
    variance is too small, and pass one colour plane of a mosaic at a time.

    Parameters
    ----------
    pairs : iterable of tuple of ndarray
        Two raw frames ``(H, W)`` [DN] of each light level; two levels or more.
    black_level : float
        Raw value without light [DN], taken off the means.

    Returns
    -------
    PhotonTransfer
        See :func:`photon_transfer_fit`.

    References
    ----------
    EMVA Standard 1288, release 4.0, the photon transfer method.
    """
    means, variances, counts = [], [], []
    for first, second in pairs:
        check_same_shape(first, second, "the two frames of a pair")
        first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
        means.append((first.mean() + second.mean()) / 2 - black_level)
        # ddof = 1 takes the mean difference off: lamps flicker between two frames.
        variances.append((first - second).var(ddof=1) / 2)
        counts.append(first.size)
    return photon_transfer_fit(np.array(means), np.array(variances), np.array(counts))


def photon_transfer_fit(
    means: np.ndarray, variances: np.ndarray, counts: np.ndarray | None = None
) -> PhotonTransfer:
    """Weighted straight line through measured means and variances.

    A variance V estimated from n samples has itself the variance 2 V^2 / (n - 1), so a
    bright point counts much less than a dark one. V is taken from the fitted line, in
    turns: weights from the measured V would favour the points that came out too low.

    Parameters
    ----------
    means, variances : ndarray
        ``(N,)`` [DN] above the black level, and [DN^2], of one colour plane.
    counts : ndarray, optional
        ``(N,)`` samples behind each variance; equal if not given.

    Returns
    -------
    PhotonTransfer
        Gain [DN/e-], read variance [DN^2] and weighted R^2.

    Raises
    ------
    ValueError
        For fewer than two different levels, variances that are not positive, or a line
        that does not rise.
    """
    means, variances = np.asarray(means, dtype=float), np.asarray(variances, dtype=float)
    samples = np.ones_like(means) if counts is None else np.asarray(counts, dtype=float)
    if means.size < 2 or np.ptp(means) == 0:
        raise ValueError(f"photon transfer needs at least two light levels, got {means.size}")
    if not np.all(variances > 0):
        raise ValueError("every variance must be above 0; leave out clipped or identical frames")
    expected = variances
    for _ in range(20):  # converges to 1e-6 within five turns
        weights = samples / expected**2
        gain, read_variance = np.polyfit(means, variances, 1, w=np.sqrt(weights))
        line = gain * means + read_variance
        # A line that dips below 0 on the way must not give a weight without bound.
        expected = np.maximum(line, variances.min() / 10)
    if gain <= 0:
        raise ValueError(f"variance must rise with the mean, got a slope of {gain:.3g}")
    residual = np.sum(weights * (variances - line) ** 2)
    total = np.sum(weights * (variances - np.average(variances, weights=weights)) ** 2)
    return PhotonTransfer(float(gain), float(read_variance), float(1 - residual / total))
