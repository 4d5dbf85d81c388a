"""What lies between the things of the night street: sky, mist around lamps, lens glare."""

import numpy as np
from scipy import ndimage

from lessons_lib.scenes.street.light import Camera, Lamp
from lessons_lib.scenes.street.textures import cloudiness


def sky(camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Blue above, the town's glow at the horizon, thin cloud, stars and a moon."""
    shape = (camera.height, camera.width)
    above = np.clip((camera.horizon - np.arange(shape[0])) / camera.horizon, 0, 1)[:, None, None]
    high, low = np.array((0.014, 0.024, 0.055)), np.array((0.040, 0.050, 0.085))
    glow = np.array((0.15, 0.092, 0.055))
    air = high + (low - high) * np.exp(-above / 0.45) + glow * np.exp(-above / 0.24)
    cloud = sum(
        weight * cloudiness(shape, size * shape[1] / 768, rng)
        for weight, size in ((0.5, 150), (0.35, 70), (0.2, 34))
    )
    air = air * np.exp(0.5 * ndimage.gaussian_filter(cloud, shape[0] / 64))[..., None]
    pixel = 512 / shape[0]
    rows, columns = np.mgrid[: shape[0], : shape[1]] * (512 / shape[0])
    for _ in range(90):
        row, column = rng.uniform(0, 0.55) * 512, rng.uniform(0, 1.0) * shape[1] * 512 / shape[0]
        _add_star(air, (row, column), 0.05 * rng.pareto(1.3) + 0.05, 512 / shape[0])
    distance = np.hypot(rows - 62, columns - shape[1] * 512 / shape[0] * 690 / 768)
    dark_side = np.hypot(rows - 58, columns - shape[1] * 512 / shape[0] * 684 / 768)
    moon = _disc(distance, 13.5, pixel) * (1 - 0.997 * _disc(dark_side, 12.5, pixel))
    air += moon[..., None] * np.array((2.3, 2.25, 2.05))
    return air + np.exp(-distance / 38)[..., None] * np.array((0.05, 0.055, 0.065))


def _disc(distance: np.ndarray, radius: float, pixel: float) -> np.ndarray:
    return np.clip((radius - distance) / pixel + 0.5, 0, 1)


def _add_star(sky: np.ndarray, position: tuple[float, float], light: float, pixel: float) -> None:
    """Add a point, blurred by the lens to a Gaussian of 0.7 px; ``light`` is its sum."""
    row, column = position[0] / pixel, position[1] / pixel
    low = np.maximum(np.array((row, column)).astype(int) - 3, 0)
    here = sky[low[0] : low[0] + 7, low[1] : low[1] + 7]
    down = np.arange(here.shape[0])[:, None] + low[0] - row
    right = np.arange(here.shape[1])[None, :] + low[1] - column
    spot = np.exp(-(down**2 + right**2) / (2 * 0.7**2)) * min(light, 1.2)
    here += spot[..., None] * np.array((0.92, 0.96, 1.0))


def haze(camera: Camera, lamps: list[Lamp]) -> np.ndarray:
    """Mist around the bare lamps; in front of the camera it falls off as 1 / distance."""
    mist = np.zeros((camera.height, camera.width, 3))
    down, right = np.mgrid[: camera.height, : camera.width] + 0.5
    scale = 512 / camera.height
    for lamp in lamps:
        if lamp.facing is None:
            row, column = camera.project(np.array(lamp.position))
            depth = lamp.position[2]
            below, aside = (down - row) * scale, (right - column) * 768 / camera.width
            distance = np.hypot(below, aside) * depth / 9 + 9
            cone = 0.35 + 0.65 / (1 + np.exp(-6 * (below / (np.hypot(below, aside) + 1) - 0.55)))
            strength = 1.3 / distance * cone * np.exp(-distance / 110)
            mist += strength[..., None] * np.array(lamp.power)
    return mist


def glare(picture: np.ndarray) -> np.ndarray:
    """Spread a little light around bright spots and dim the corners, as lenses do."""
    scale = picture.shape[0] / 512
    spread = 0.94 * picture
    for share, reach in ((0.035, 5), (0.025, 24)):
        glow = picture
        for _ in range(3):  # three running means are close to a Gaussian
            glow = ndimage.uniform_filter(glow, (2 * round(reach * scale) + 1,) * 2 + (1,))
        spread += share * glow
    down, right = (np.linspace(-1, 1, side) for side in picture.shape[:2])
    corners = down[:, None, None] ** 2 + right[None, :, None] ** 2
    return spread * (1 - 0.14 * corners)
