"""The course's opening picture: a street at night, in linear light, without any noise.

The street is a small three-dimensional scene: flat painted canvases (reflectance and
emission), a few lamps whose light falls off with the square of the distance, wet ground
that mirrors all of it, and a camera whose pixels average what they cover.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from lessons_lib.image import Image
from lessons_lib.scenes.street import buildings as street_buildings
from lessons_lib.scenes.street import things as street_things
from lessons_lib.scenes.street.ground import ground
from lessons_lib.scenes.street.light import Camera, Lamp, Panel
from lessons_lib.scenes.street.sky import glare, haze, sky

SMALLEST_SIDE = 128
_SEED = 20240229
_TURN = np.deg2rad(34.0)
_CORNER = np.array((1.4, 0.0, 10.0))
_ALONG_FRONT = np.array((np.cos(_TURN), 0.0, -np.sin(_TURN)))  # towards the corner
_ALONG_SIDE = np.array((np.sin(_TURN), 0.0, np.cos(_TURN)))  # away from the corner
_FRONT_NORMAL, _SIDE_NORMAL = -_ALONG_SIDE, _ALONG_FRONT
_UP, _RIGHT = np.array((0.0, 1.0, 0.0)), np.array((1.0, 0.0, 0.0))
_AWAY = np.array((0.0, 0.0, 1.0))
_TOWARDS_CAMERA = -_AWAY
_LAMP_FOOT = np.array((-3.75, 0.0, 10.9))
_FAR_LAMP_FOOT = np.array((10.0, 0.0, 20.5))
_LAMP_HEIGHT = 4.25
_FRONT_END = _CORNER - street_buildings.FRONT_LENGTH * _ALONG_FRONT
_DEFAULT_SIZE = (512, 768)
_CROP_SIDE = 96
# Upper left corners, (row, col), in the default size.
_CROP_CORNERS = {
    "strong edge": (303, 212),
    "weak edge": (226, 503),
    "texture": (45, 285),
    "sign": (205, 264),
}


@dataclass(frozen=True)
class StreetEdge:
    """A straight edge of the night street.

    Parameters
    ----------
    name : str
        What it is the edge of.
    start, end : (float, float)
        Its ends, (row, col); integers are pixel centres, as for array indices.
    """

    name: str
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def angle(self) -> float:
        """Degrees from the row direction, positive where the row grows with the column."""
        rise, run = self.end[0] - self.start[0], self.end[1] - self.start[1]
        return float(np.rad2deg(np.arctan2(rise, run)))


def night_street(height: int = 512, width: int = 768) -> Image:
    """Render a street at night: the same picture each time, without noise.

    The layout stretches with the size, so that the crops and edges keep their places.

    Parameters
    ----------
    height, width : int
        Size in pixels, each at least 128; meant for 2:3, other shapes look stretched.

    Returns
    -------
    ndarray
        float64 ``(height, width, 3)``, linear light relative to scene white = 1. Shadows
        lie near 0.02 and lamps reach about 8, so it needs a tone curve to be shown.

    Raises
    ------
    ValueError
        If a side is no whole number or is below 128.
    """
    _check_size(height, width)
    rng = np.random.default_rng(_SEED)
    camera, lamps = Camera(height, width), _lamps()
    far, buildings, near = _panels(rng)
    picture = sky(camera, rng)
    mirrored = picture[np.abs(2 * round(camera.horizon) - np.arange(height)) % height]
    lit = [(panel, panel.radiance(lamps)) for panel in far + buildings]
    for panel, radiance in lit:
        camera.draw(mirrored, panel.mirrored(), radiance, samples=1)
    # Wet stones smear what they mirror, mostly up and down.
    mirrored = ndimage.gaussian_filter(mirrored, (height / 60, width / 300, 0))
    walls = [(_CORNER, _FRONT_NORMAL), (_CORNER, _SIDE_NORMAL)]
    first_row, wet = ground(camera, lamps, mirrored, walls, rng)
    picture[first_row:] = wet
    for panel, radiance in lit:
        camera.draw(picture, panel, radiance)
    for panel in near:
        camera.draw(picture, panel, panel.radiance(lamps))
    return glare(picture + haze(camera, lamps))


def street_crops(height: int = 512, width: int = 768) -> dict[str, tuple[slice, slice]]:
    """Return four telling pieces of the night street, 96 x 96 px in the default size.

    Parameters
    ----------
    height, width : int
        Size of the picture in pixels, each at least 128.

    Returns
    -------
    dict of str to (slice, slice)
        Rows and columns of 'strong edge' (the lit shop window in its dark frame), 'weak
        edge' (door and poster in the shadow), 'texture' (roof tiles and bricks), 'sign'.

    Raises
    ------
    ValueError
        If the size is not one that ``night_street`` takes.
    """
    _check_size(height, width)
    scales = (height / _DEFAULT_SIZE[0], width / _DEFAULT_SIZE[1])
    crops = {}
    for name, corner in _CROP_CORNERS.items():
        starts = [round(at * scale) for at, scale in zip(corner, scales, strict=True)]
        sides = [round(_CROP_SIDE * scale) for scale in scales]
        down, right = (slice(at, at + side) for at, side in zip(starts, sides, strict=True))
        crops[name] = (down, right)
    return crops


def street_edges(height: int = 512, width: int = 768) -> dict[str, StreetEdge]:
    """Return one strong and one weak straight edge with nothing else close to them.

    Parameters
    ----------
    height, width : int
        Size of the picture in pixels, each at least 128.

    Returns
    -------
    dict of str to StreetEdge
        'strong' is the lower edge of the lit shop window, light above; 'weak' is where the
        dark base of the side wall ends, light above. Both are slanted by perspective.

    Raises
    ------
    ValueError
        If the size is not one that ``night_street`` takes.
    """
    _check_size(height, width)
    camera = Camera(height, width)
    left, sill, right, _ = street_buildings.SHOP_WINDOW
    pane = [left + share * (right - left) for share in (0.70, 0.97)]
    strong = [_FRONT_END + at * _ALONG_FRONT + sill * _UP for at in pane]
    weak = [_CORNER + at * _ALONG_SIDE + street_buildings.BAND_HEIGHT * _UP for at in (0.5, 7.0)]
    edges = {}
    for name, ends in (("strong", strong), ("weak", weak)):
        # Half a pixel less: array indices count pixel centres, the camera counts corners.
        start, end = (tuple(part - 0.5 for part in camera.project(point)) for point in ends)
        edges[name] = StreetEdge(name, start, end)
    return edges


def _check_size(height: int, width: int) -> None:
    for name, side in (("height", height), ("width", width)):
        whole = isinstance(side, (int, np.integer)) and not isinstance(side, bool)
        if not whole or side < SMALLEST_SIDE:
            raise ValueError(
                f"{name} must be a whole number of pixels, at least {SMALLEST_SIDE}, "
                f"got {side!r}; render larger and crop with street_crops"
            )


def _lamps() -> list[Lamp]:
    front = tuple(_FRONT_NORMAL)
    shop = [
        _CORNER + 0.05 * _FRONT_NORMAL - back * _ALONG_FRONT + 1.7 * _UP
        for back in (1.7, 3.2, 4.8)
    ]
    street = Lamp(tuple(_LAMP_FOOT + _LAMP_HEIGHT * _UP), (6.6, 3.9, 1.55))
    far = Lamp(tuple(_FAR_LAMP_FOOT + _LAMP_HEIGHT * _UP), (6.0, 6.2, 6.0))
    # Out of the frame on the right; it lifts the side wall out of the black.
    unseen = Lamp((8.0, 5.0, 6.5), (12.5, 13.2, 14.0))
    return [street, far, unseen] + [Lamp(tuple(at), (2.8, 1.65, 0.72), front) for at in shop]


def _panels(rng: np.random.Generator) -> tuple[list[Panel], list[Panel], list[Panel]]:
    """Return the far, the middle and the near panels, each from back to front."""
    town = street_things.skyline(rng)
    far = [Panel(town, np.array((12.0, 0.0, 62.0)), _RIGHT, _UP, _TOWARDS_CAMERA)]
    eaves = street_buildings.EAVES * _UP
    buildings = []
    for start, along, normal, length, hips in (
        (_FRONT_END, _ALONG_FRONT, _FRONT_NORMAL, street_buildings.FRONT_LENGTH, (0.0, 0.6)),
        (_CORNER, _ALONG_SIDE, _SIDE_NORMAL, street_buildings.SIDE_LENGTH, (0.6, 0.6)),
    ):
        slope = 0.8 * _UP - 0.6 * normal
        tiles = street_buildings.roof(length, hips, rng)
        buildings.append(Panel(tiles, start + eaves, along, slope, 0.8 * normal + 0.6 * _UP))
    front = Panel(street_buildings.front_wall(rng), _FRONT_END, _ALONG_FRONT, _UP, _FRONT_NORMAL)
    side = Panel(street_buildings.side_wall(rng), _CORNER, _ALONG_SIDE, _UP, _SIDE_NORMAL)
    buildings += [front, side, _awning()]
    shadow = street_things.contact_shadow(3.3, 4.2)
    leaning = _CORNER + 4.6 * _ALONG_SIDE + 0.25 * _SIDE_NORMAL
    near = [
        Panel(shadow, np.array((4.2, 0.0, 10.8)), _RIGHT, _AWAY, _UP),
        _lamp_post(_FAR_LAMP_FOOT, (0.95, 1.0, 0.98)),
        Panel(street_things.bicycle(), leaning, _ALONG_SIDE, _UP, _SIDE_NORMAL),
        Panel(street_things.car(), np.array((4.6, 0.0, 11.5)), _RIGHT, _UP, _TOWARDS_CAMERA),
        _lamp_post(_LAMP_FOOT, (1.0, 0.66, 0.31)),
        Panel(street_things.tree(rng), np.array((-4.3, 2.6, 7.0)), _RIGHT, _UP, None),
    ]
    return far, buildings, near


def _lamp_post(foot: np.ndarray, glow: tuple[float, float, float]) -> Panel:
    post = street_things.street_lamp(glow)
    return Panel(post, foot - post.width / 2 * _RIGHT, _RIGHT, _UP, _TOWARDS_CAMERA)


def _awning() -> Panel:
    slope = np.deg2rad(52.0)
    up = np.sin(slope) * _UP - np.cos(slope) * _FRONT_NORMAL
    facing = np.cos(slope) * _UP + np.sin(slope) * _FRONT_NORMAL
    length = 4.8
    cloth = street_things.awning(length)
    top = _CORNER - (0.85 + length) * _ALONG_FRONT + 2.75 * _UP
    return Panel(cloth, top - cloth.height * up, _ALONG_FRONT, up, facing)
