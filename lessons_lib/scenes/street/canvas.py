"""Flat surfaces to paint on: what the walls, lamps and leaves of the night street are made of.

A canvas is a flat piece of the scene seen straight on, measured in metres from its lower
left corner. It keeps reflectance and emission apart, in linear light, because the light
is worked out later, from where the canvas stands.
"""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

# Shapes are drawn this many times finer and averaged, so that their edges are area-sampled.
_FINER = 4

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)


def _trim(mask: PillowImage.Image) -> PillowImage.Image:
    """Take off the extra row and column that Pillow draws, as it includes both ends."""
    fine = np.array(mask)
    fine[1:] = np.minimum(fine[1:], fine[:-1])
    fine[:, 1:] = np.minimum(fine[:, 1:], fine[:, :-1])
    return PillowImage.fromarray(fine)


class Canvas:
    """Reflectance, emission and opacity of a flat rectangle.

    Parameters
    ----------
    width, height : float
        Size in metres; it is rounded to whole texels.
    reflectance : (float, float, float), optional
        Colour it is filled with, 0 to 1; without it the canvas starts fully clear.
    density : float
        Texels per metre; less is enough for what is far away.

    Attributes
    ----------
    reflectance, emission : ndarray, ``(rows, columns, 3)``
        Linear light, multiplied by the opacity.
    opacity : ndarray, ``(rows, columns)``
        0 (clear) to 1.
    """

    def __init__(
        self,
        width: float,
        height: float,
        reflectance: Colour | None = None,
        density: float = 96,
    ):
        rows, columns = round(height * density), round(width * density)
        # Whole texels: else what is painted would lie a fraction of a texel too high.
        self.width, self.height, self.density = columns / density, rows / density, density
        self.reflectance = np.zeros((rows, columns, 3))
        self.emission = np.zeros((rows, columns, 3))
        self.opacity = np.zeros((rows, columns))
        if reflectance is not None:
            self.reflectance += reflectance
            self.opacity += 1.0

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the height ``(rows, 1)`` and the run ``(1, columns)`` of the texels, metres."""
        rows, columns = self.opacity.shape
        height = self.height - (np.arange(rows) + 0.5) / self.density
        return height[:, None], ((np.arange(columns) + 0.5) / self.density)[None, :]

    def rectangle(
        self,
        box: tuple[float, float, float, float],
        reflectance: Colour,
        emission: Colour = BLACK,
    ) -> None:
        """Paint the rectangle ``(left, bottom, right, top)``, metres; its cover is exact."""
        left, bottom, right, top = box
        here, low = self._box(np.array([(left, bottom), (right, top)]), 0.0)
        rows, columns = self.opacity[here].shape
        down = np.arange(low[1], low[1] + rows)
        across = np.arange(low[0], low[0] + columns)
        first, last = (len(self.opacity) - edge * self.density for edge in (top, bottom))
        tall = np.minimum(down + 1, last) - np.maximum(down, first)
        wide = np.minimum(across + 1, right * self.density)
        wide = wide - np.maximum(across, left * self.density)
        self._mix(here, np.outer(tall.clip(0, 1), wide.clip(0, 1)), reflectance, emission)

    def ellipse(
        self,
        centre: tuple[float, float],
        radii: tuple[float, float],
        reflectance: Colour,
        emission: Colour = BLACK,
        strength: float = 1.0,
    ) -> None:
        """Paint an upright ellipse as a polygon of 40 corners; lengths in metres."""
        turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        across, up = centre[0] + radii[0] * np.cos(turn), centre[1] + radii[1] * np.sin(turn)
        self.polygon(list(zip(across, up, strict=True)), reflectance, emission, strength)

    def polygon(
        self,
        points: Sequence[tuple[float, float]],
        reflectance: Colour,
        emission: Colour = BLACK,
        strength: float = 1.0,
    ) -> None:
        """Paint a filled polygon; ``points`` are (across, up) in metres."""
        self._paint(
            points,
            0.0,
            lambda draw, at: draw.polygon(at, fill=255),
            reflectance,
            emission,
            strength,
        )

    def stroke(
        self,
        points: Sequence[tuple[float, float]],
        width: float,
        reflectance: Colour,
        emission: Colour = BLACK,
    ) -> None:
        """Paint a line of ``width`` metres through ``points``."""
        fine_width = max(1, round(width * self.density * _FINER))
        self._paint(
            points,
            width,
            lambda draw, at: draw.line(at, fill=255, width=fine_width, joint="curve"),
            reflectance,
            emission,
        )

    def text(
        self,
        words: str,
        centre: tuple[float, float],
        size: float,
        reflectance: Colour,
        emission: Colour = BLACK,
    ) -> None:
        """Write ``words`` with letters about ``0.7 * size`` metres tall around ``centre``."""
        font = ImageFont.load_default(size * self.density * _FINER)
        reach = size * len(words) * 0.5
        points = [(centre[0] - reach, centre[1] - size), (centre[0] + reach, centre[1] + size)]

        def write(draw: ImageDraw.ImageDraw, at: list[tuple[float, float]]) -> None:
            middle = ((at[0][0] + at[1][0]) / 2, (at[0][1] + at[1][1]) / 2)
            draw.text(middle, words, fill=255, font=font, anchor="mm")

        self._paint(points, 0.0, write, reflectance, emission)

    def _box(
        self, points: np.ndarray, margin: float
    ) -> tuple[tuple[slice, slice], np.ndarray]:
        """Return the texels around ``points`` and the (across, down) index of their corner."""
        rows, columns = self.opacity.shape
        texels = points * (1, -1) * self.density + (0, rows)  # (across, down)
        border = margin * self.density + 1
        low = np.floor(texels.min(axis=0) - border).astype(int)
        high = np.ceil(texels.max(axis=0) + border).astype(int)
        low, high = np.clip(low, 0, (columns, rows)), np.clip(high, 0, (columns, rows))
        return (slice(low[1], high[1]), slice(low[0], high[0])), low

    def _paint(
        self,
        points: Sequence[tuple[float, float]],
        margin: float,
        draw_shape: Callable,
        reflectance: Colour,
        emission: Colour,
        strength: float = 1.0,
    ) -> None:
        """Draw into a fine mask of the shape's own bounding box, then mix the paint in."""
        here, low = self._box(np.array(points), margin)
        rows, columns = self.opacity[here].shape
        if rows == 0 or columns == 0:
            return
        texels = np.array(points) * (1, -1) * self.density + (0, len(self.opacity))
        mask = PillowImage.new("L", (columns * _FINER, rows * _FINER))
        at = (texels - low) * _FINER - 0.5
        draw_shape(ImageDraw.Draw(mask), [tuple(corner) for corner in at])
        cover = np.asarray(_trim(mask).reduce(_FINER), dtype=float) / 255 * strength
        self._mix(here, cover, reflectance, emission)

    def _mix(
        self,
        here: tuple[slice, slice],
        cover: np.ndarray,
        reflectance: Colour,
        emission: Colour,
    ) -> None:
        self.reflectance[here] += cover[..., None] * (reflectance - self.reflectance[here])
        self.emission[here] += cover[..., None] * (emission - self.emission[here])
        self.opacity[here] += cover * (1 - self.opacity[here])

    def leaves(self, outlines: np.ndarray, tones: np.ndarray, reflectance: Colour) -> None:
        """Paint many small polygons at once, later ones over earlier ones.

        Parameters
        ----------
        outlines : ndarray, ``(number, corners, 2)``
            (across, up) of their corners, metres.
        tones : ndarray, ``(number,)``
            Factor on ``reflectance`` for each, above 0 and up to 1.
        reflectance : (float, float, float)
            Colour of a leaf of tone 1.
        """
        here, low = self._box(outlines.reshape(-1, 2), 0.0)
        rows, columns = self.opacity[here].shape
        texels = outlines * (1, -1) * self.density + (0, len(self.opacity))
        at = ((texels - low) * _FINER).reshape(len(outlines), -1)
        size = (columns * _FINER, rows * _FINER)
        tone, mask = PillowImage.new("L", size), PillowImage.new("L", size)
        draw_tone, draw_mask = ImageDraw.Draw(tone), ImageDraw.Draw(mask)
        for corners, level in zip(at.tolist(), np.rint(255 * tones), strict=True):
            draw_tone.polygon(corners, fill=int(level))
            draw_mask.polygon(corners, fill=255)
        cover = np.asarray(mask.reduce(_FINER), dtype=float)[..., None] / 255
        toned = np.asarray(tone.reduce(_FINER), dtype=float)[..., None] / 255
        self.reflectance[here] += toned * reflectance - cover * self.reflectance[here]
        self.emission[here] *= 1 - cover
        self.opacity[here] += cover[..., 0] * (1 - self.opacity[here])

    def cut(self, keep: np.ndarray) -> None:
        """Make the canvas clear where ``keep``, ``(rows, columns)`` from 0 to 1, is 0."""
        self.shade(keep)
        self.opacity *= keep

    def shade(self, factor: np.ndarray) -> None:
        """Multiply reflectance and emission by ``factor``, ``(rows, columns)``."""
        self.reflectance *= factor[..., None]
        self.emission *= factor[..., None]
