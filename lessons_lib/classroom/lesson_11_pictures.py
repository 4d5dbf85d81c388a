"""Lesson 11: where to look in a photo of which nobody has a clean version, and what was taken."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lessons_lib.diagnosis.edges import EdgeSpread, plateaus, rise_width
from lessons_lib.diagnosis.noise_level import NoiseCurve
from lessons_lib.image import Image, luminance
from lessons_lib.scenes.night_street import street_crops, street_edges

REACH = 10.0  # px shown on each side of an edge
NEAR, FAR = 0.5, 4.0  # px from the edge within which its blur is looked for
HALF_LENGTH = 16.0  # px of a found edge, to each side of its middle
SIDE = 96  # px of a crop
SCALE, FINE = 3.0, 1.5  # px of the Gaussians behind which edges are looked for
CANDIDATES = 40  # for the weak edge
WEAK = (1.5, 4.0)  # contrast / sigma of what is called a weak edge


@dataclass(frozen=True)
class Edge:
    """A straight piece of an edge in a photo.

    Parameters
    ----------
    name : str
        'strong edge' or 'weak edge'.
    start, end : (float, float)
        Its ends, (row, col), px.
    """

    name: str
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def middle(self) -> tuple[int, int]:
        """(row, col) half-way."""
        row, col = (np.array(self.start) + self.end) / 2
        return round(row), round(col)


@dataclass(frozen=True)
class Places:
    """Where the report looks: two edges and a crop of texture."""

    strong: Edge
    weak: Edge
    texture: tuple[slice, slice]

    def crops(self, shape: tuple[int, ...]) -> dict[str, tuple[slice, slice]]:
        """Three crops of at most 96 x 96 px, around the edges and of the texture."""
        return {
            "strong edge": crop_around(self.strong.middle, shape),
            "weak edge": crop_around(self.weak.middle, shape),
            "texture": self.texture,
        }


def crop_around(middle: tuple[int, int], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """A square of 96 px, or all there is, around a place, inside the picture."""
    found = []
    for place, side in zip(middle, shape[:2], strict=True):
        length = min(SIDE, side)
        start = int(np.clip(place - length // 2, 0, side - length))
        found.append(slice(start, start + length))
    return found[0], found[1]


def street_places() -> Places:
    """The places of the night street that lesson 00 looked at."""
    edges = street_edges()
    strong, weak = (Edge(f"{key} edge", edges[key].start, edges[key].end) for key in edges)
    return Places(strong, weak, street_crops()["texture"])


def find_places(photo: Image, estimate: Image, sigma: float) -> Places:
    """Look for a strong edge, a weak one and a texture in the learner's own photo.

    Edges are looked for in the *estimate*, where noise makes none: what the denoiser has
    wiped out altogether cannot be found. Give the places yourself to look for that.

    Parameters
    ----------
    photo, estimate : ndarray
        Display values, at least 64 x 64 px.
    sigma : float
        Noise, image units.

    Raises
    ------
    ValueError
        For a photo below 64 x 64 px.
    """
    if min(photo.shape[:2]) < 64:
        raise ValueError(f"a photo of at least 64 x 64 px is needed, got {photo.shape[:2]}")
    grey = luminance(estimate).astype(float)
    slopes = [ndimage.gaussian_filter(grey, SCALE, order=order) for order in ((1, 0), (0, 1))]
    # Behind a Gaussian of s a step of contrast c has the slope c / (sqrt(2 pi) s).
    contrast = np.hypot(*slopes) * np.sqrt(2 * np.pi) * SCALE
    straight = contrast * _coherence(slopes)
    for side in range(2):  # a profile there would leave the picture
        border = int(HALF_LENGTH + REACH) + 1
        straight = np.moveaxis(straight, side, 0)
        straight[:border] = straight[-border:] = 0
        straight = np.moveaxis(straight, 0, side)
    strong = _edge_at("strong edge", np.argmax(straight), slopes)
    fitting = (contrast > WEAK[0] * sigma) & (contrast < WEAK[1] * sigma)
    # A soft edge, out of focus or a shadow, would look blurred whatever is done to it.
    finer = ndimage.gaussian_gradient_magnitude(grey, FINE) * np.sqrt(2 * np.pi) * FINE
    sharp = np.clip(finer / np.maximum(contrast, 1e-9), 0, 1) ** 2
    coherent = straight / np.maximum(contrast, 1e-9)
    score = np.where(fitting & _peaks(contrast), coherent * sharp, 0)
    best = np.argsort(score, axis=None)[: -CANDIDATES - 1 : -1]
    weak = max((_edge_at("weak edge", index, slopes) for index in best),
               key=lambda edge: _is_step(grey, edge, sigma) * score[edge.middle])  # fmt: skip
    return Places(strong, weak, _texture(grey))


def _is_step(grey: Image, edge: Edge, sigma: float) -> float:
    """Near 1 for a step of weak contrast that stays, lower for a thin line, whose sides agree."""
    dark, light = plateaus(edge_profile(grey, edge))
    return float(np.clip(abs(light - dark) / (2 * sigma), 0.01, 1))


def _coherence(slopes: list[Image]) -> Image:
    """Near 1 where all slopes around point one way, along a straight edge; 0 in a texture."""
    down, across = slopes
    a, b, c = (
        ndimage.gaussian_filter(one, 6.0) for one in (down * down, across * across, down * across)
    )
    return np.hypot(a - b, 2 * c) / np.maximum(a + b, 1e-12)


def _peaks(contrast: Image) -> Image:
    """Where nothing within 12 px is steeper: an edge that stands alone."""
    return contrast >= ndimage.maximum_filter(contrast, 25)


def _edge_at(name: str, index: int, slopes: list[Image]) -> Edge:
    row, col = np.unravel_index(index, slopes[0].shape)
    down, across = (float(slope[row, col]) for slope in slopes)
    length = float(np.hypot(down, across))
    way = (-across / length, down / length) if length > 1e-12 else (1.0, 0.0)  # flat: any way
    step = HALF_LENGTH * np.array(way)
    middle = np.array([row, col], dtype=float)
    return Edge(name, tuple(map(float, middle - step)), tuple(map(float, middle + step)))


def _texture(grey: Image) -> tuple[slice, slice]:
    """The square with the most fine detail nearly everywhere in it; one edge does not count."""
    detail = np.abs(grey - ndimage.gaussian_filter(grey, 2.0))
    best, found = -1.0, (slice(0, SIDE), slice(0, SIDE))
    for row in range(SIDE // 2, max(grey.shape[0] - SIDE // 2, SIDE // 2 + 1), SIDE // 2):
        for col in range(SIDE // 2, max(grey.shape[1] - SIDE // 2, SIDE // 2 + 1), SIDE // 2):
            place = crop_around((row, col), grey.shape)
            amount = float(np.median(detail[place]))
            if amount > best:
                best, found = amount, place
    return found


def edge_profile(picture: Image, edge: Edge, lines: int = 60) -> EdgeSpread:
    """Mean of parallel profiles across a straight edge, from its dark to its light side.

    Values between pixels are read off a straight line, which adds a little width to all
    pictures alike.
    """
    start, end = np.array(edge.start), np.array(edge.end)
    along = (end - start) / np.hypot(*(end - start))
    uphill = np.array([-along[1], along[0]])
    steps = np.arange(-REACH, REACH + 0.25, 0.25)
    feet = start + np.linspace(0.05, 0.95, lines)[:, None] * (end - start)
    points = np.moveaxis(feet[:, None, :] + steps[:, None] * uphill, -1, 0)
    grey = luminance(picture).astype(float)
    values = ndimage.map_coordinates(grey, points, order=1, mode="nearest").mean(axis=0)
    return EdgeSpread(steps, values)


def rising(spread: EdgeSpread, guide: EdgeSpread) -> EdgeSpread:
    """Turn a profile round if its guide falls."""
    dark, light = plateaus(guide)
    return spread if light >= dark else EdgeSpread(spread.positions, spread.values[::-1])


@dataclass(frozen=True)
class EdgeLoss:
    """What a denoiser did to one edge of a photo.

    Attributes
    ----------
    ratio : float
        Contrast / sigma.
    before, after : float
        10-90 % width in the photo and in the estimate, px.
    taken : float
        Step in what was removed, from 4 to 0.5 px on either side, over the edge's contrast: 0 if
        only noise was removed.
    chance : float
        Its standard deviation if only noise was removed; too large in colour (sigma of channels).
    """

    ratio: float
    before: float
    after: float
    taken: float
    chance: float


def edge_loss(
    photo: Image, estimate: Image, edge: Edge, sigma: float, blotch_area: float
) -> EdgeLoss:
    """Measure an edge before and after, and the step in what was removed.

    Parameters
    ----------
    photo, estimate : ndarray
        Display values.
    edge : Edge
        Where to look.
    sigma, blotch_area : float
        Of the noise: image units, and px (luminance).
    """
    guide = edge_profile(estimate, edge)
    spreads = [rising(edge_profile(one, edge), guide) for one in (photo, estimate)]
    dark, light = plateaus(spreads[1])
    contrast = max(light - dark, 1e-9)
    removed = spreads[0].values - spreads[1].values
    place = spreads[0].positions
    sides = [removed[(NEAR <= way * place) & (way * place <= FAR)].mean() for way in (1, -1)]
    length = float(np.hypot(*(np.array(edge.end) - edge.start)))
    # Two strips; pixels that share their noise count once for each blotch.
    chance = sigma * np.sqrt(2 * blotch_area / (length * (FAR - NEAR)))
    return EdgeLoss(
        contrast / sigma, rise_width(spreads[0]), rise_width(spreads[1]),
        float(sides[0] - sides[1]) / contrast, float(chance / contrast),
    )  # fmt: skip


def taken_over_noise(photo: Image, estimate: Image, noise: NoiseCurve) -> float:
    """Standard deviation of what was removed over that of the noise at this brightness.

    ``photo`` and ``estimate`` are a crop, ``noise`` is that of the whole photo. Far above 1,
    something that was not noise went with it; below 1, noise was left. The noise of a photo is
    often measured a fifth or more too low, so compare methods.
    """
    expected = np.interp(float(np.mean(photo)), noise.levels, noise.sigmas)
    return float(np.std(photo - estimate) / max(expected, 1e-9))
