"""How sharp is an edge: spread function, rise width, and modulation transfer.

A straight, slightly slanted edge passes through the pixel grid at many sub-pixel places.
Sorting the pixels by their distance from the edge gives one profile sampled far more
finely than the pixels are spaced: the *edge spread function*. Its slope is the *line
spread function*, and the size of that one's Fourier transform is the *modulation
transfer function* (MTF): the share of a pattern's contrast that is kept, by frequency.
"""

import math
from dataclasses import dataclass

import numpy as np

from lessons_lib.diagnosis.edge_words import NYQUIST, format_mtf50, format_width
from lessons_lib.image import Image, check_image
from lessons_lib.scenes.phantoms import SlantedEdge

__all__ = [
    "NYQUIST", "EdgeSpread", "edge_spread", "format_mtf50", "format_width", "line_spread",
    "modulation_transfer", "mtf50", "plateaus", "rise_width",
]  # fmt: skip

# The plateaus are read here (shares of the reach): far from the edge, where its blur is
# over, and away from the image border, where the denoiser lacks neighbours.
PLATEAU_FROM, PLATEAU_TO = 0.6, 0.85
# The line spread counts in full up to the first share of the reach, and not at all from
# the second; in between a cosine, because a hard cut would ring.
WINDOW_FLAT, WINDOW_END = 1 / 3, 2 / 3


@dataclass(frozen=True, eq=False)
class EdgeSpread:
    """Brightness against the distance from the edge.

    Attributes
    ----------
    positions : ndarray, ``(N,)``
        Distance from the true edge along its normal, px; evenly spaced, rising, from the
        dark to the light side, 0 at the true edge.
    values : ndarray, ``(N,)``
        Mean of the pixels at about that distance, image units.
    """

    positions: np.ndarray
    values: np.ndarray


def edge_spread(image: Image, edge: SlantedEdge, bin_width: float = 0.25) -> EdgeSpread:
    """Average the pixels of an image by their distance from a known edge.

    A bin without any pixel (with an angle of 0 most are) is filled by a straight line
    between its neighbours.

    Parameters
    ----------
    image : ndarray, ``(size, size)``
        Grey; the edge's own picture, or what a denoiser made of it.
    edge : SlantedEdge
        Where the edge truly is. It is known, not estimated, so that a shifted edge shows.
    bin_width : float
        Spacing of the bins, px; (0, 1].

    Returns
    -------
    EdgeSpread
        Reaches as far to each side as the nearer image border.

    Raises
    ------
    ValueError
        For a colour image, another size than the edge's, or an impossible bin width.
    """
    check_image(image)
    if image.shape != (edge.size, edge.size):
        raise ValueError(
            f"image must be the grey {edge.size} x {edge.size} picture of this edge, got shape "
            f"{image.shape}; for colour, pass lessons_lib.image.luminance(image)"
        )
    if not 0 < bin_width <= 1:
        raise ValueError(f"bin_width must be above 0 and at most 1 px, got {bin_width}")
    bins_per_side = int(((edge.size - 1) / 2 - abs(edge.offset)) / bin_width)
    if bins_per_side * bin_width < 3:
        raise ValueError(
            f"the edge must stand at least 3 px inside the image, got offset {edge.offset} in "
            f"{edge.size} px; move it towards the middle"
        )
    index = np.floor(edge.distance() / bin_width).astype(int) + bins_per_side
    inside = (index >= 0) & (index < 2 * bins_per_side)
    count = np.bincount(index[inside], minlength=2 * bins_per_side)
    total = np.bincount(index[inside], weights=image[inside], minlength=2 * bins_per_side)
    positions = (np.arange(2 * bins_per_side) + 0.5 - bins_per_side) * bin_width
    filled = count > 0
    return EdgeSpread(
        positions, np.interp(positions, positions[filled], total[filled] / count[filled])
    )


def plateaus(spread: EdgeSpread) -> tuple[float, float]:
    """Mean level of the dark and the light side, away from the edge and from the border.

    Returns
    -------
    (float, float)
        Dark and light, image units.
    """
    share = spread.positions / np.abs(spread.positions).max()
    dark = (share <= -PLATEAU_FROM) & (share >= -PLATEAU_TO)
    light = (share >= PLATEAU_FROM) & (share <= PLATEAU_TO)
    return float(spread.values[dark].mean()), float(spread.values[light].mean())


def rise_width(spread: EdgeSpread, low: float = 0.1, high: float = 0.9) -> float:
    """Distance in which the edge climbs from ``low`` to ``high`` of its own contrast.

    The levels are shares of the way between the plateaus of *this* spread, so a loss of
    contrast alone does not look like blur. The walk starts at the half-way crossing that
    is nearest to the true edge and goes outwards on each side to the *first* crossing, so
    noise or ringing farther out does not count; crossings are interpolated by a straight
    line.

    Parameters
    ----------
    spread : EdgeSpread
        As measured by :func:`edge_spread`.
    low, high : float
        0 < low < 0.5 < high < 1.

    Returns
    -------
    float
        Width in px; infinite if there is no edge left to measure: the light side is not
        lighter than the dark one, or a level is never reached.

    Raises
    ------
    ValueError
        For levels in another order.
    """
    if not 0 < low < 0.5 < high < 1:
        raise ValueError(f"levels must satisfy 0 < low < 0.5 < high < 1, got {low} and {high}")
    dark, light = plateaus(spread)
    # A contrast below rounding is none: a flat image must not get a width from it.
    if light - dark <= 1e-9 * max(abs(light), abs(dark), 1e-300):
        return math.inf
    climb = (spread.values - dark) / (light - dark)
    middles = np.flatnonzero((climb[:-1] < 0.5) & (climb[1:] >= 0.5))
    if middles.size == 0:
        return math.inf
    middle = middles[np.argmin(np.abs(spread.positions[middles]))]
    to_light = _first_crossing(spread.positions[middle:], climb[middle:], high)
    # The walk to the dark side is the same walk in a mirror.
    back = slice(middle + 1, None, -1)
    to_dark = _first_crossing(-spread.positions[back], 1 - climb[back], 1 - low)
    return to_light + to_dark


def _first_crossing(positions: np.ndarray, values: np.ndarray, level: float) -> float:
    """Where ``values`` first reach ``level`` from below; infinite if they never do."""
    above = np.flatnonzero(values >= level)
    if above.size == 0:
        return math.inf
    after = above[0]
    before = after - 1
    share = (level - values[before]) / (values[after] - values[before])
    return float(positions[before] + share * (positions[after] - positions[before]))


def line_spread(spread: EdgeSpread) -> EdgeSpread:
    """Slope of the edge spread, by differences of neighbouring bins.

    Returns
    -------
    EdgeSpread
        One value fewer, half-way between the bins; image units per px.
    """
    middles = (spread.positions[1:] + spread.positions[:-1]) / 2
    return EdgeSpread(middles, np.diff(spread.values) / np.diff(spread.positions))


def modulation_transfer(
    spread: EdgeSpread, reference: EdgeSpread, count: int = 201
) -> tuple[np.ndarray, np.ndarray]:
    """Share of contrast that a pattern keeps, by frequency: the MTF.

    Dividing by the clean edge's transform, measured in the same way, removes what pixel
    area, bins and differences do to both. ISO 12233 measures cameras in this way (e-SFR).

    Parameters
    ----------
    spread : EdgeSpread
        Of the estimate.
    reference : EdgeSpread
        Of the clean edge, with the same positions.
    count : int
        Number of frequencies.

    Returns
    -------
    frequencies : ndarray, ``(count,)``
        From 0 to 0.5 cycles/px (Nyquist).
    response : ndarray, ``(count,)``
        1 at frequency 0. All 0 if no contrast is left: nothing is transferred.

    Raises
    ------
    ValueError
        If the positions differ.
    """
    if not np.array_equal(spread.positions, reference.positions):
        raise ValueError(
            "spread and reference must have the same positions; measure both with the same "
            "edge and bin_width"
        )
    frequencies = np.linspace(0, NYQUIST, count)
    if math.isinf(rise_width(spread)):
        return frequencies, np.zeros(count)
    return frequencies, _transform(spread, frequencies) / _transform(reference, frequencies)


def _transform(spread: EdgeSpread, frequencies: np.ndarray) -> np.ndarray:
    """Size of the windowed line spread's Fourier transform, 1 at frequency 0."""
    line = line_spread(spread)
    share = np.abs(line.positions) / np.abs(line.positions).max()
    taper = np.clip((share - WINDOW_FLAT) / (WINDOW_END - WINDOW_FLAT), 0.0, 1.0)
    windowed = line.values * 0.5 * (1 + np.cos(np.pi * taper))
    waves = np.exp(-2j * np.pi * frequencies[:, None] * line.positions)  # (frequency, position)
    return np.abs(waves @ windowed) / abs(windowed.sum())


def mtf50(spread: EdgeSpread, reference: EdgeSpread) -> float:
    """Frequency at which half of the contrast is left.

    Parameters
    ----------
    spread, reference : EdgeSpread
        As for :func:`modulation_transfer`.

    Returns
    -------
    float
        cycles/px, where the response first falls to 0.5, interpolated. **0.5 means 'at
        least 0.5'**: past Nyquist the pixels cannot tell; print it with
        :func:`format_mtf50`. 0 if no contrast is left.
    """
    frequencies, response = modulation_transfer(spread, reference)
    if response[0] == 0:
        return 0.0
    return min(_first_crossing(frequencies, 1 - response, 0.5), NYQUIST)
