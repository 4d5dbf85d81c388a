"""What stands in front of the buildings of the night street, each on a flat canvas.

Lengths are metres, colours are linear light: reflectance from 0 to 1, emission relative
to scene white = 1 (lamps reach 8).
"""

import numpy as np

from lessons_lib.scenes.street.canvas import BLACK, Canvas, Colour

IRON: Colour = (0.025, 0.027, 0.03)


def bicycle() -> Canvas:
    """A bicycle, to lean on a wall."""
    bike = Canvas(1.9, 1.15)
    turn = np.linspace(0, 2 * np.pi, 49)
    for hub in (0.42, 1.45):
        rim = list(zip(hub + 0.36 * np.cos(turn), 0.38 + 0.36 * np.sin(turn), strict=True))
        bike.stroke(rim, 0.045, IRON)
    seat, crank, head = (0.72, 0.88), (0.86, 0.38), (1.28, 0.86)
    frame = [(0.42, 0.38), seat, crank, head, seat, crank, (0.42, 0.38)]
    bike.stroke(frame, 0.05, (0.04, 0.06, 0.07))
    bike.stroke([(1.45, 0.38), head, (1.25, 1.02), (1.38, 1.06)], 0.045, IRON)
    bike.stroke([(0.6, 0.95), (0.83, 0.95)], 0.07, IRON)
    return bike


def awning(length: float) -> Canvas:
    """Red and cream stripes; the lowest 0.22 m is the scalloped edge."""
    cloth = Canvas(length, 1.25)
    # From the right end leftwards, each stripe over what is left, so that no seam stays open.
    for number, left in reversed(list(enumerate(np.arange(0, length - 0.01, 0.3)))):
        colour = (0.55, 0.05, 0.04) if number % 2 else (0.62, 0.55, 0.42)
        # Light of the shop shines through the cloth.
        through = tuple(0.22 * part for part in colour)
        cloth.rectangle((0.0, 0.1, left + 0.3, 1.25), colour, through)
        cloth.ellipse((left + 0.15, 0.1), (0.15, 0.1), colour, through)
    return cloth


def street_lamp(glow: Colour) -> Canvas:
    """An iron post with a lantern of colour ``glow`` around a height of 4.25 m."""
    lamp = Canvas(0.9, 4.8)
    lamp.rectangle((0.40, 0.0, 0.50, 4.0), IRON)
    lamp.rectangle((0.34, 0.0, 0.56, 0.75), IRON)
    lamp.rectangle((0.30, 0.0, 0.60, 0.12), IRON)
    lamp.rectangle((0.36, 2.6, 0.54, 2.66), IRON)
    lamp.stroke([(0.15, 3.62), (0.75, 3.62)], 0.035, IRON)
    glass = [(0.33, 4.0), (0.57, 4.0), (0.68, 4.45), (0.22, 4.45)]
    lamp.polygon(glass, BLACK, tuple(5.0 * part for part in glow))
    mantle = tuple(5.5 + 2.5 * part for part in glow)
    lamp.ellipse((0.45, 4.24), (0.09, 0.14), BLACK, mantle)
    lamp.polygon([(0.16, 4.45), (0.74, 4.45), (0.52, 4.66), (0.38, 4.66)], IRON)
    for foot, head in ((0.33, 0.22), (0.45, 0.45), (0.57, 0.68)):
        lamp.stroke([(foot, 4.0), (head, 4.45)], 0.02, IRON)
    lamp.rectangle((0.43, 4.66, 0.47, 4.76), IRON)
    return lamp


def tree(rng: np.random.Generator) -> Canvas:
    """Branches and some 2000 leaves, hanging in from the upper left."""
    crown = Canvas(3.4, 3.8)
    for path in (
        [(0.0, 1.2), (0.7, 1.9), (1.3, 2.3), (2.2, 2.4)],
        [(0.5, 1.75), (0.9, 2.6), (1.5, 3.1), (2.4, 3.2)],
        [(0.3, 1.5), (0.9, 1.5), (1.5, 1.4)],
    ):
        crown.stroke(path, 0.05, (0.05, 0.04, 0.03))
    clumps = rng.uniform((-0.2, 0.7), (2.5, 3.9), (46, 2))
    clumps = clumps[clumps[:, 0] < 0.9 + 0.55 * (clumps[:, 1] - 0.6) + rng.normal(0, 0.2, 46)]
    number = 2600
    middles = clumps[rng.integers(len(clumps), size=number)] + rng.normal(0, 0.2, (number, 2))
    turn, length = rng.uniform(0, np.pi, number), rng.uniform(0.035, 0.065, number)
    along = (length * (np.cos(turn), np.sin(turn))).T
    aside = (0.42 * length * (-np.sin(turn), np.cos(turn))).T
    outlines = middles[:, None] + np.stack([-along, aside, along, -aside], axis=1)
    crown.leaves(outlines, rng.uniform(0.15, 1.0, number), (0.2, 0.28, 0.075))
    return crown


def car() -> Canvas:
    """The back of a parked car with its number plate."""
    body = Canvas(1.9, 1.6)
    paint, glass = (0.045, 0.055, 0.075), (0.02, 0.022, 0.027)
    for left in (0.16, 1.46):
        body.rectangle((left, 0.0, left + 0.28, 0.5), (0.012, 0.012, 0.012))
    shell = [(0.10, 0.25), (0.05, 0.55), (0.09, 0.86), (0.24, 1.0), (0.42, 1.4), (0.6, 1.47)]
    shell += [(1.9 - across, up) for across, up in reversed(shell)]
    body.polygon(shell, paint)
    body.polygon([(0.36, 1.0), (0.5, 1.35), (1.4, 1.35), (1.54, 1.0)], glass)
    body.stroke([(0.42, 1.41), (0.6, 1.465), (1.3, 1.465), (1.48, 1.41)], 0.022, (0.5, 0.52, 0.55))
    body.stroke([(0.24, 0.95), (1.66, 0.95)], 0.02, (0.25, 0.26, 0.28))
    for left in (0.13, 1.47):
        body.rectangle((left, 0.68, left + 0.3, 0.84), (0.28, 0.015, 0.012))
    body.rectangle((0.08, 0.3, 1.82, 0.48), (0.022, 0.024, 0.03))
    body.rectangle((0.66, 0.56, 1.24, 0.72), (0.62, 0.62, 0.56))
    body.text("PSF 42", (0.95, 0.64), 0.165, (0.04, 0.04, 0.05))
    return body


def skyline(rng: np.random.Generator) -> Canvas:
    """Houses far down the street, with small lit windows."""
    town = Canvas(36.0, 15.0, density=20)
    left = 0.0
    while left < 36:
        width, tall = rng.uniform(2.5, 4.5), rng.uniform(5.5, 10.5) + 0.1 * left
        haze = tuple(np.array((0.012, 0.012, 0.016)) * rng.uniform(0.6, 1.2))
        gable = (left + width / 2, tall + rng.uniform(0.3, 2.0))
        right = left + width + 0.1  # a little overlap, so that no sky shows between houses
        outline = [(left, 0), (left, tall), gable, (right, tall), (right, 0)]
        town.polygon(outline, BLACK, haze)
        for across in np.arange(left + 0.5, left + width - 0.7, 1.0):
            for up in np.arange(1.5, tall - 1.2, 1.7):
                if rng.random() < 0.28:
                    glow = tuple(rng.uniform(0.25, 1.0) * np.array((1.0, 0.68, 0.36)))
                    town.rectangle((across, up, across + 0.45, up + 0.8), BLACK, glow)
        left += width
    return town


def contact_shadow(width: float, depth: float) -> Canvas:
    """The soft dark patch under something that stands on the ground."""
    patch = Canvas(width, depth, density=32)
    for size in np.linspace(0.5, 0.25, 8):
        patch.ellipse((width / 2, depth / 2), (width * size, depth * size), BLACK, BLACK, 0.22)
    return patch
