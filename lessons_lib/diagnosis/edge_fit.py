"""Place and width of an edge in single noisy estimates, by least squares.

A single estimate is noisy, so nothing is read off its pixels; an edge with free place,
width and plateaus is fitted to it, in short strips so that an edge that wriggles along
its length counts as moved and not as blurred.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from lessons_lib.scenes.phantoms import SlantedEdge

# Rows in a strip: with an angle of 5 degrees the edge crosses about one pixel in them, so
# that a strip sees every sub-pixel phase once.
STRIP_ROWS = 12
# A normal distribution function climbs from 10 to 90 % in this many standard deviations.
RISE = 2.5631031310892007
# The fit looks for the edge within +-6 px, and for blurs from 0.15 px (as good as none for
# a pixel of unit area) to 12 px.
_PLACES = np.arange(-6.0, 6.01, 0.25)
_BLURS = 0.15 * 1.2 ** np.arange(25)
# The fit sees this share of the distance to the border, away from the border's own
# effects, and at most so many px, which is enough and keeps large pictures cheap.
_FIT_SHARE, _FIT_REACH = 0.6, 30.0


def fit_edge(estimates: np.ndarray, edge: SlantedEdge) -> tuple[np.ndarray, np.ndarray]:
    """Fit an edge to every strip of 12 rows of every estimate.

    Rows that are left over at the bottom are not used. The templates of the fit are kept
    for the next call with an edge of the same size, angle and offset.

    Parameters
    ----------
    estimates : ndarray, ``(draws, size, size)``
        What a denoiser made of noisy copies of ``edge``.
    edge : SlantedEdge
        The clean picture, at least 12 px in size; its levels do not matter.

    Returns
    -------
    places : ndarray, ``(strips, draws)``
        Where the edge stands, px from the true edge, positive towards the light side.
    widths : ndarray, ``(strips, draws)``
        10-90 % widths, px.
    """
    strips = _strips(edge.size, edge.angle, edge.offset)
    places, widths = zip(*(strip.fit(estimates) for strip in strips), strict=True)
    return np.array(places), np.array(widths)


@dataclass(frozen=True, eq=False)
class _Strip:
    """A few rows of the edge, and what blurred and shifted edges look like in them."""

    rows: slice
    near: np.ndarray  # (rows, size), which pixels count
    templates: np.ndarray  # (places * blurs, pixel), each of mean 0 and length 1

    def fit(self, estimates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Place and 10-90 % width of the edge in each estimate, px, ``(draws,)`` each.

        For free plateaus, least squares means the template with the largest projection.
        """
        pixels = estimates[:, self.rows][:, self.near]  # (draw, pixel)
        score = (pixels @ self.templates.T).reshape(len(pixels), _PLACES.size, _BLURS.size)
        place, blur = np.divmod(score.reshape(len(pixels), -1).argmax(axis=1), _BLURS.size)
        draw = np.arange(len(pixels))
        place_index = place + _vertex(score[draw, :, blur], place)
        blur_index = blur + _vertex(score[draw, place], blur)
        places = _PLACES[0] + place_index * (_PLACES[1] - _PLACES[0])
        return places, RISE * _BLURS[0] * (_BLURS[1] / _BLURS[0]) ** blur_index


# 130 ms and 54 MB for 96 px; two are kept because two widgets may be open side by side.
@lru_cache(maxsize=2)
def _strips(size: int, angle: float, offset: float) -> tuple[_Strip, ...]:
    """Cut the edge into strips; all callers share them, so their arrays are read-only."""
    distance = SlantedEdge(size=size, angle=angle, offset=offset).distance()
    strips = []
    for first in range(0, size - STRIP_ROWS + 1, STRIP_ROWS):
        rows = slice(first, first + STRIP_ROWS)
        away = distance[rows]
        near = np.abs(away) <= min(_FIT_SHARE * (size - 1) / 2, _FIT_REACH)
        templates = ndtr((away[near] - _PLACES[:, None, None]) / _BLURS[:, None])
        templates = templates.reshape(-1, near.sum())
        templates -= templates.mean(axis=1, keepdims=True)
        templates /= np.linalg.norm(templates, axis=1, keepdims=True)
        near.setflags(write=False)
        templates.setflags(write=False)
        strips.append(_Strip(rows, near, templates))
    return tuple(strips)


def _vertex(scores: np.ndarray, peak: np.ndarray) -> np.ndarray:
    """Where the parabola through a peak and its neighbours is highest, in grid steps.

    0 for a peak at the end of the grid, which has only one neighbour.
    """
    draw, last = np.arange(len(scores)), scores.shape[1] - 1
    left, right = scores[draw, np.maximum(peak - 1, 0)], scores[draw, np.minimum(peak + 1, last)]
    bend = 2 * scores[draw, peak] - left - right
    inner = (peak > 0) & (peak < last) & (bend > 0)
    return np.where(inner, (right - left) / (2 * np.where(inner, bend, 1.0)), 0.0)
