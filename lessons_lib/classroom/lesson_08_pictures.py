"""What lesson 08 draws and measures on pictures: number plates, fine detail, frequencies."""

from functools import cache

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from lessons_lib.image import Image

HEIGHT, WIDTH, COUNT = 12, 8, 4  # px of a digit, digits on a plate
PAPER, INK, AROUND = 0.85, 0.25, 0.3
TOP, LEFT = 6, 8  # where the first digit begins, px
_FINER = 8  # the digits are painted finer and averaged: pixels report the mean over their area


@cache
def digits() -> np.ndarray:
    """How much of each pixel is ink, for 0 to 9: ``(10, 12, 8)``, read-only."""
    font = ImageFont.load_default(1.25 * HEIGHT * _FINER)
    masks = []
    for digit in "0123456789":
        paper = PillowImage.new("L", (WIDTH * _FINER, HEIGHT * _FINER), 0)
        middle = (WIDTH * _FINER / 2, HEIGHT * _FINER / 2)
        ImageDraw.Draw(paper).text(middle, digit, fill=255, font=font, anchor="mm")
        fine = np.asarray(paper, dtype=np.float32) / 255
        masks.append(fine.reshape(HEIGHT, _FINER, WIDTH, _FINER).mean(axis=(1, 3)))
    stack = np.array(masks)
    stack.flags.writeable = False
    return stack


def number_plate(number: str) -> Image:
    """A plate with four digits, each in a known place: float32 ``(24, 48)``.

    Raises
    ------
    ValueError
        For anything but four digits.
    """
    if len(number) != COUNT or not number.isdigit():
        raise ValueError(f"a plate has {COUNT} digits, got {number!r}")
    plate = np.full((HEIGHT + 2 * TOP, COUNT * WIDTH + 2 * LEFT), AROUND, dtype=np.float32)
    plate[3:-3, 3:-3] = PAPER
    for place, digit in enumerate(number):
        plate[_cell(place)] -= np.float32(PAPER - INK) * digits()[int(digit)]
    return plate


def read_plate(picture: Image) -> str:
    """The digits that fit best, by least squares; places and shapes are known.

    For a photo with white Gaussian noise this is the likeliest reading, and no other reading
    of that photo is right more often if all numbers are equally probable.
    """
    patterns = PAPER - (PAPER - INK) * digits()
    best = [
        int(np.argmin(np.sum((picture[_cell(place)] - patterns) ** 2, axis=(1, 2))))
        for place in range(COUNT)
    ]
    return "".join(str(digit) for digit in best)


def _cell(place: int) -> tuple[slice, slice]:
    left = LEFT + place * WIDTH
    return slice(TOP, TOP + HEIGHT), slice(left, left + WIDTH)


def fine_energy(picture: Image, low: float = 0.125) -> float:
    """Energy of a grey picture above ``low`` cycles/px, under a Hann window.

    Divide by the clean picture's: 1 is as much fine detail as the truth has, whether true or
    not.

    Parameters
    ----------
    picture : ndarray, ``(H, W)``
        Grey.
    low : float
        Radial frequency from which energy counts, cycles/px, up to 0.5.
    """
    spectrum, radius = _spectrum(picture)
    return float(spectrum[(radius > low) & (radius <= 0.5)].sum())


def rings(picture: Image, count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Mean power of a grey picture in rings of frequency; white noise of sigma has sigma^2.

    Returns
    -------
    frequencies, power : ndarray, ``(count,)``
        Middle of each ring, cycles/px; image units squared.
    """
    spectrum, radius = _spectrum(picture)
    ring = np.minimum((radius / 0.5 * count).astype(int), count)
    total, number = (np.bincount(ring.ravel(), w, count + 1)[:count] for w in (
        spectrum.ravel(), np.ones(spectrum.size)))  # fmt: skip
    return (np.arange(count) + 0.5) * 0.5 / count, total / number


def _spectrum(picture: Image) -> tuple[np.ndarray, np.ndarray]:
    """Power under a Hann window, scaled so that white noise has its variance; and |frequency|."""
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in picture.shape))
    centred = (picture - np.average(picture, weights=window)) * window
    power = np.abs(np.fft.fft2(centred)) ** 2 / np.sum(window**2)
    rows, columns = (np.fft.fftfreq(side) for side in picture.shape)
    return power, np.hypot(rows[:, np.newaxis], columns)
