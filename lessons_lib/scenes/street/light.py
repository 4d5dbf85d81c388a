"""Light in the night street: lamps, the camera's projection, and the wet cobblestones.

Points are ``(x, y, z)`` in metres: x to the right, y up from the ground, z away from the
camera, which looks along z from ``EYE``.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image as PillowImage

from lessons_lib.scenes.street.canvas import Canvas

EYE = np.array((0.0, 1.6, 0.0))
SKY_LIGHT = np.array((0.11, 0.14, 0.21))
# Light is worked out on every eighth texel: it changes slowly along a wall.
_LIGHT_STEP = 8


@dataclass(frozen=True)
class Lamp:
    """A point light: where it is, its power per colour, and which way it shines.

    ``power`` is the radiance of a white surface 1 m away; ``facing`` is a unit vector for
    a flat source (a shop window), None for one that shines all around.
    """

    position: tuple[float, float, float]
    power: tuple[float, float, float]
    facing: tuple[float, float, float] | None = None

    def reach(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return unit vectors from ``points`` (..., 3) to the lamp, and the falloff (...)."""
        towards = np.array(self.position, dtype=points.dtype) - points
        distance = np.sqrt(np.einsum("...i,...i->...", towards, towards)) + 1e-6
        towards /= distance[..., None]
        falloff = 1 / (distance**2 + 0.05)
        if self.facing is not None:
            falloff *= np.clip(-(towards @ np.array(self.facing, dtype=points.dtype)), 0, 1)
        return towards, falloff


@dataclass(frozen=True)
class Panel:
    """A canvas placed in the street.

    ``origin`` is its lower left corner, ``across`` and ``up`` are unit vectors, and
    ``facing`` is its normal, or None for what light passes through, such as leaves.
    """

    canvas: Canvas
    origin: np.ndarray
    across: np.ndarray
    up: np.ndarray
    facing: np.ndarray | None

    def mirrored(self) -> "Panel":
        """Return the panel as a still puddle shows it: upside down below the ground."""
        flip = np.array((1.0, -1.0, 1.0))
        return Panel(self.canvas, self.origin * flip, self.across * flip, self.up * flip, None)

    def radiance(self, lamps: list[Lamp]) -> np.ndarray:
        """Return reflectance x illumination + emission and the opacity, (rows, columns, 4)."""
        rows, columns = self.canvas.opacity.shape
        up, run = self.canvas.places()
        up, run = up[::_LIGHT_STEP, :, None], run[:, ::_LIGHT_STEP, None]
        points = self.origin + run * self.across + up * self.up
        light = self._illumination(points, lamps)
        smooth = np.stack([enlarge(part, (rows, columns)) for part in np.moveaxis(light, -1, 0)])
        lit = self.canvas.reflectance * np.moveaxis(smooth, 0, -1) + self.canvas.emission
        return np.concatenate([lit, self.canvas.opacity[..., None]], axis=-1, dtype=np.float32)

    def _illumination(self, points: np.ndarray, lamps: list[Lamp]) -> np.ndarray:
        light = np.zeros(points.shape)
        light += SKY_LIGHT if self.facing is None else SKY_LIGHT * (0.8 + 0.5 * self.facing[1])
        for lamp in lamps:
            towards, falloff = lamp.reach(points)
            slant = 0.5 if self.facing is None else np.clip(towards @ self.facing, 0, 1)
            light += (slant * falloff)[..., None] * np.array(lamp.power)
        # Corners where the wall meets the ground see less of the sky and the lamps.
        return light * (1 - 0.45 * np.exp(-np.abs(points[..., 1:2]) / 0.25))


def enlarge(channel: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Stretch one float channel to ``shape`` by bilinear interpolation."""
    picture = PillowImage.fromarray(np.ascontiguousarray(channel, dtype=np.float32))
    return np.asarray(picture.resize(shape[::-1], PillowImage.Resampling.BILINEAR))


@dataclass(frozen=True)
class Camera:
    """A level camera with a shifted lens, so that upright walls stay upright.

    Positions in the picture are (row, col) in pixels, measured from the upper left corner
    of the first pixel, so that pixel centres lie at halves.
    """

    height: int
    width: int

    @property
    def samples(self) -> int:
        """Samples per pixel and direction; small pictures take more, for clean averages."""
        return int(np.clip(np.ceil(2304 / self.width), 3, 8))

    @property
    def horizon(self) -> float:
        """Row of the horizon."""
        return self.height * 326 / 512

    def matrix(self) -> np.ndarray:
        """Return the 3 x 3 matrix from (x, y, z) to homogeneous (column, row, 1)."""
        across, down = self.width * 680 / 768, self.height * 680 / 512
        middle = (self.width / 2, self.horizon)
        return np.array([[across, 0, middle[0]], [0, -down, middle[1]], [0, 0, 1.0]])

    def project(self, point: np.ndarray) -> tuple[float, float]:
        """Return where a point of the street lies in the picture, (row, col)."""
        column, row, depth = self.matrix() @ (np.asarray(point) - EYE)
        return float(row / depth), float(column / depth)

    def draw(
        self, picture: np.ndarray, panel: Panel, radiance: np.ndarray, samples: int | None = None
    ) -> None:
        """Lay a panel over the picture, each pixel by the share of it that is covered."""
        size = (panel.canvas.width, panel.canvas.height)
        offsets = [across * size[0] * panel.across for across in (0, 1)]
        feet = [panel.origin + run for run in offsets]
        corners = feet + [foot + size[1] * panel.up for foot in feet]
        seen = np.array([self.project(corner) for corner in corners])
        low = np.maximum(np.floor(seen.min(axis=0)), 0).astype(int)
        high = np.minimum(np.ceil(seen.max(axis=0)), (self.height, self.width)).astype(int)
        if (high <= low).any():
            return
        layer = self._warp(panel, radiance, (low, high), samples or self.samples)
        here = (slice(low[0], high[0]), slice(low[1], high[1]))
        picture[here] = picture[here] * (1 - layer[..., 3:]) + layer[..., :3]

    def _warp(
        self,
        panel: Panel,
        radiance: np.ndarray,
        box: tuple[np.ndarray, np.ndarray],
        samples: int,
    ) -> np.ndarray:
        """Project the texels into the box of pixels, averaging the samples of each."""
        low, high = box
        texel = 1 / panel.canvas.density
        top = panel.origin + panel.canvas.height * panel.up - EYE
        to_picture = self.matrix() @ np.stack([panel.across * texel, -panel.up * texel, top], 1)
        from_sample = np.array([[1 / samples, 0, low[1]], [0, 1 / samples, low[0]], [0, 0, 1.0]])
        back = np.linalg.inv(to_picture) @ from_sample
        rows, columns = high - low
        fine = []
        for channel in np.moveaxis(radiance, -1, 0):
            texels = PillowImage.fromarray(np.ascontiguousarray(channel, dtype=np.float32))
            warped = texels.transform(
                (int(columns) * samples, int(rows) * samples),
                PillowImage.Transform.PERSPECTIVE,
                tuple((back / back[2, 2]).ravel()[:8]),
                PillowImage.Resampling.BILINEAR,
            )
            fine.append(np.asarray(warped.reduce(samples)))
        return np.stack(fine, axis=-1).astype(float)
