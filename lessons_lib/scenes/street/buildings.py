"""The buildings of the night street, each wall and roof painted on a flat canvas.

Lengths are metres, colours are linear light: reflectance from 0 to 1, emission relative
to scene white = 1 (lamps reach 8).
"""

import numpy as np

from lessons_lib.scenes.street.canvas import BLACK, Canvas, Colour
from lessons_lib.scenes.street.textures import cloudiness, masonry

FRONT_LENGTH, SIDE_LENGTH, EAVES = 15.0, 11.0, 5.7
WARM: Colour = (1.0, 0.62, 0.28)
STONE: Colour = (0.42, 0.38, 0.33)
IRON: Colour = (0.025, 0.027, 0.03)
DARK_GLASS: Colour = (0.05, 0.06, 0.075)
# Where the rendered ground floor of the side wall ends: the weak edge that is measured.
BAND_HEIGHT = 3.15
# Left, bottom, right, top of the shop window, metres from the far end of the front.
SHOP_WINDOW = (FRONT_LENGTH - 5.6, 0.75, FRONT_LENGTH - 0.9, 2.5)


def _scaled(colour: Colour, factor: float) -> Colour:
    return tuple(factor * part for part in colour)


def front_wall(rng: np.random.Generator) -> Canvas:
    """Brick front with the lit cafe, its door, and the windows above."""
    wall = Canvas(FRONT_LENGTH, EAVES, (0.30, 0.27, 0.23))
    cover, tone = masonry(wall, (0.24, 0.085), 0.014, rng)
    brick = np.array((0.33, 0.155, 0.10)) * np.exp(0.22 * tone)[..., None]
    wall.reflectance += cover[..., None] * (brick - wall.reflectance)
    wall.shade(np.exp(0.14 * cloudiness(cover.shape, 110, rng)))
    wall.rectangle((0, 0, FRONT_LENGTH, 0.5), (0.17, 0.155, 0.14))
    wall.rectangle((0, EAVES - 0.28, FRONT_LENGTH, EAVES), STONE)
    wall.rectangle((0, 3.42, FRONT_LENGTH, 3.52), STONE)
    for number, left in enumerate(FRONT_LENGTH - np.array([2.1, 4.75, 7.4, 10.05, 12.7])):
        _upper_window(wall, left, lit=number in (1, 3), curtain=number == 3)
        if number < 3:
            _flower_box(wall, left, rng)
    _shop_front(wall, rng)
    _shop_door(wall, FRONT_LENGTH - 7.2)
    _shutter(wall, FRONT_LENGTH - 11.2)
    return wall


def _upper_window(wall: Canvas, left: float, *, lit: bool, curtain: bool) -> None:
    right, bottom, top = left + 1.0, 3.85, 5.2
    wall.rectangle((left - 0.1, bottom - 0.12, right + 0.1, top + 0.14), STONE)
    wall.rectangle((left, bottom, right, top), (0.2, 0.19, 0.17))
    for start in (left + 0.06, left + 0.53):
        for low, high in ((bottom + 0.06, bottom + 0.78), (bottom + 0.84, top - 0.06)):
            glow = _scaled(WARM, (0.75 if low > 4.5 else 1.0) if lit else 0.0)
            wall.rectangle((start, low, start + 0.41, high), DARK_GLASS, glow)
            if not lit:
                shine = [(start, low + 0.2), (start + 0.41, low + 0.5), (start + 0.41, high)]
                wall.polygon(shine + [(start, high)], DARK_GLASS, (0.016, 0.022, 0.034), 0.5)
    if lit:
        for start in (left + 0.06, right - 0.06 - (0.34 if curtain else 0.2)):
            width = 0.34 if curtain else 0.2
            for fold in np.arange(0, width - 0.05, 0.07):
                tone = _scaled((1.0, 0.42, 0.16), 0.42 + 0.2 * np.sin(45 * fold))
                wall.rectangle(
                    (start + fold, bottom + 0.06, start + width, top - 0.06), BLACK, tone
                )
    wall.rectangle((left - 0.16, bottom - 0.2, right + 0.16, bottom - 0.08), STONE)


def _flower_box(wall: Canvas, left: float, rng: np.random.Generator) -> None:
    wall.rectangle((left - 0.05, 3.72, left + 1.05, 3.9), (0.10, 0.06, 0.04))
    for number, colour in ((150, (0.10, 0.17, 0.04)), (45, (0.75, 0.10, 0.16))):
        middle = rng.normal((left + 0.5, 3.96), (0.3, 0.06), (number, 2))
        middle[:, 0] = np.clip(middle[:, 0], left, left + 1.0)
        corners = rng.uniform(0.015, 0.045, (number, 4, 1)) * [(-1, 0), (0, 1), (1, 0), (0, -1)]
        wall.leaves(middle[:, None] + corners, rng.uniform(0.4, 1.0, number), colour)


def _shop_front(wall: Canvas, rng: np.random.Generator) -> None:
    left, bottom, right, top = SHOP_WINDOW
    wall.rectangle((left - 0.25, 0.0, right + 0.25, 3.35), (0.035, 0.075, 0.065))
    wall.rectangle((left, 0.15, right, 0.55), (0.05, 0.10, 0.085))
    _cafe_inside(wall, rng)
    for post in np.linspace(left, right, 4):
        wall.rectangle((post - 0.045, bottom, post + 0.045, top), (0.035, 0.075, 0.065))
    wall.rectangle((left, 2.02, right, 2.07), (0.035, 0.075, 0.065))
    middle = (left + right) / 2
    wall.rectangle((left - 0.2, 2.72, right + 0.2, 3.3), (0.02, 0.04, 0.045))
    # An oval board; the red light that the tubes throw on it fades in small steps.
    for size in np.linspace(1.0, 0.3, 24):
        red = _scaled((0.17, 0.035, 0.02), 1.02 - size)
        wall.ellipse((middle, 3.01), (1.5 * size, 0.29 * size**0.5), BLACK, red)
    wall.text("CAFE", (middle, 3.01), 0.56, BLACK, (3.6, 0.75, 0.32))


def _cafe_inside(wall: Canvas, rng: np.random.Generator) -> None:
    left, bottom, right, top = SHOP_WINDOW
    for low in np.arange(bottom, top, 0.05):
        bright = 0.45 + 0.75 * ((low - bottom) / (top - bottom)) ** 1.5
        wall.rectangle((left, low, right, top), BLACK, _scaled((1.0, 0.56, 0.22), bright))
    for shelf in (1.45, 1.78):
        wall.rectangle((left + 0.2, shelf - 0.03, right - 1.5, shelf), BLACK, (0.35, 0.18, 0.07))
        for at in np.arange(left + 0.25, right - 1.6, 0.105):
            colour = rng.uniform((0.1, 0.08, 0.02), (0.9, 0.6, 0.2))
            tall = rng.uniform(0.1, 0.22)
            wall.rectangle((at, shelf, at + 0.06, shelf + tall), BLACK, tuple(colour))
    wall.rectangle((left, bottom + 0.26, right - 1.3, bottom + 0.31), BLACK, (0.3, 0.15, 0.07))
    for at, tall in ((left + 1.05, 1.62), (right - 1.0, 1.5), (right - 0.55, 1.56)):
        shade = (0.06, 0.03, 0.018)
        wall.ellipse((at, tall), (0.095, 0.125), BLACK, shade)
        body = [(at - 0.27, bottom + 0.3), (at - 0.26, tall - 0.36), (at - 0.19, tall - 0.22)]
        body += [(at - 0.05, tall - 0.16), (at - 0.05, tall)]
        body += [(2 * at - across, up) for across, up in reversed(body)]
        wall.polygon(body, BLACK, shade)
    for at in np.linspace(left + 0.6, right - 0.6, 5):
        wall.rectangle((at - 0.006, 2.3, at + 0.006, top), BLACK, (0.3, 0.15, 0.07))
        wall.ellipse((at, 2.26), (0.11, 0.075), BLACK, (5.0, 3.7, 2.1))
    wall.rectangle((left, bottom, right, bottom + 0.26), BLACK, (0.80, 0.50, 0.24))


def _shop_door(wall: Canvas, left: float) -> None:
    wall.rectangle((left - 0.12, 0.0, left + 1.12, 2.75), (0.035, 0.075, 0.065))
    wall.rectangle((left + 0.12, 0.75, left + 0.88, 2.1), DARK_GLASS, (0.55, 0.31, 0.12))
    wall.rectangle((left + 0.12, 2.2, left + 0.88, 2.6), DARK_GLASS, (0.75, 0.43, 0.18))
    wall.rectangle((left + 0.28, 1.3, left + 0.72, 1.6), (0.7, 0.68, 0.6))
    wall.text("OPEN", (left + 0.5, 1.45), 0.16, (0.3, 0.03, 0.03))
    wall.rectangle((left + 0.12, 0.15, left + 0.88, 0.62), (0.05, 0.10, 0.085))


def _shutter(wall: Canvas, left: float) -> None:
    wall.rectangle((left - 0.15, 0.0, left + 2.75, 2.9), STONE)
    wall.rectangle((left, 0.1, left + 2.6, 2.8), (0.12, 0.14, 0.16))
    for low in np.arange(0.1, 2.7, 0.1):
        wall.rectangle((left, low, left + 2.6, low + 0.03), (0.06, 0.07, 0.08))


def side_wall(rng: np.random.Generator) -> Canvas:
    """The wall in the shadow: plaster, a dark door, a poster, a name plate and a bicycle."""
    wall = Canvas(SIDE_LENGTH, EAVES, (0.38, 0.36, 0.34))
    wall.rectangle((0, 0, SIDE_LENGTH, BAND_HEIGHT), (0.155, 0.147, 0.142))
    blotches = 0.05 * cloudiness(wall.opacity.shape, 60, rng)
    blotches += 0.04 * cloudiness(wall.opacity.shape, 9, rng)
    wall.shade(np.exp(blotches))
    wall.rectangle((0, EAVES - 0.28, SIDE_LENGTH, EAVES), STONE)
    for left in (1.3, 4.3, 7.3):
        wall.rectangle((left - 0.1, 3.75, left + 1.1, 5.25), STONE)
        wall.rectangle((left, 3.85, left + 1.0, 5.15), DARK_GLASS)
        wall.rectangle((left + 0.47, 3.85, left + 0.53, 5.15), (0.2, 0.19, 0.18))
    wall.rectangle((1.35, 0.0, 2.65, 2.45), (0.03, 0.03, 0.034))
    wall.rectangle((1.5, 0.2, 2.5, 1.0), (0.04, 0.04, 0.045))
    wall.rectangle((1.5, 1.15, 2.5, 2.3), (0.04, 0.04, 0.045))
    _poster(wall)
    wall.rectangle((0.25, 2.62, 1.25, 2.88), (0.05, 0.09, 0.30))
    wall.text("NOISE ST", (0.75, 2.75), 0.2, (0.7, 0.7, 0.72))
    return wall


def _poster(wall: Canvas) -> None:
    wall.rectangle((3.1, 0.95, 4.2, 2.35), (0.33, 0.29, 0.23))
    wall.ellipse((3.65, 1.75), (0.36, 0.36), (0.36, 0.14, 0.08))
    wall.rectangle((3.2, 1.05, 4.1, 1.25), (0.10, 0.11, 0.14))
    wall.text("JAZZ", (3.65, 2.2), 0.3, (0.08, 0.08, 0.09))


def roof(length: float, hips: tuple[float, float], rng: np.random.Generator) -> Canvas:
    """Courses of tiles; ``hips`` is how far each end leans in per metre up the slope."""
    tiles = Canvas(length, 3.4, (0.03, 0.028, 0.03), density=80)
    cover, tone = masonry(tiles, (0.26, 0.2), 0.03, rng)
    up, run = tiles.places()
    lip = 0.65 + 0.7 * (1 - (up / 0.2) % 1)
    clay = np.array((0.22, 0.115, 0.085)) * (np.exp(0.25 * tone) * lip)[..., None]
    tiles.reflectance += cover[..., None] * (clay - tiles.reflectance)
    inside = np.minimum(run - hips[0] * up, length - run - hips[1] * up)
    tiles.reflectance[inside < 0.11] = (0.15, 0.085, 0.065)
    tiles.cut(np.clip(inside * tiles.density + 0.5, 0, 1))
    return tiles
