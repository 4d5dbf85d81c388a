"""The two programs that the written question of PS1 compares."""

import numpy as np
from scipy.optimize import curve_fit
from scipy.special import ndtr

from lessons_lib.diagnosis.edge_position import locate_edge


def two_programs(frames: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Draw the edges that two programs made of noisy frames, for the written question.

    The lens blurs by a Gaussian of 1 px; contrast / sigma is 2 in one row. Program A saw 400
    rows of a door in each frame, averaged across the edge, and drew what it then fitted.
    Program B saw 3 rows of a letter, fitted the place, and drew the edge as sharp as the lens.

    Returns
    -------
    positions : ndarray, ``(161,)``
        px from the true place.
    profiles : dict of ndarray, ``(frames, 161)``
        'A' and 'B', between 0 and 1.
    """
    rng, pixels, place = np.random.default_rng(seed), np.arange(40.0), 19.3
    # Program A's own average, a Gaussian of 0.65 px, would make its grain softer, too; so little
    # noise is left of 400 rows that its fits do not feel it.
    door = ndtr((pixels - place) / np.hypot(1.0, 0.65))
    door = door + 0.5 / np.sqrt(400) * rng.standard_normal((frames, pixels.size))
    letter = ndtr(pixels - place) + 0.5 / np.sqrt(3) * rng.standard_normal((frames, pixels.size))
    fits = np.array([_fit(pixels, one) for one in door])
    found = {"A": fits.T, "B": (locate_edge(letter, 1.0, 1.0), np.ones(frames))}
    positions = np.linspace(-8, 8, 161)
    return positions, {
        name: ndtr((positions - (places - place)[:, None]) / blurs[:, None])
        for name, (places, blurs) in found.items()
    }


def _fit(pixels: np.ndarray, profile: np.ndarray) -> tuple[float, float]:
    """Place and blur of the edge that fits a profile best, px."""
    found, _ = curve_fit(lambda x, p, b: ndtr((x - p) / b), pixels, profile, (20.0, 1.0))
    return float(found[0]), float(found[1])
