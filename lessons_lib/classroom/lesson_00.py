"""Instant checks of lesson 00."""

from collections.abc import Callable

import numpy as np
from scipy import special

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.denoisers import Gaussian
from lessons_lib.image import Image
from lessons_lib.scenes.night_street import StreetEdge

# Other seeds than the lesson's, so that a number that was written down does not pass.
SEEDS = (101, 202, 303)

# Share of sigma in each colour: their mean square is 1, so one colour alone is not sigma.
_COLOURS = np.array((0.5, 0.8, np.sqrt(2.11)))
# Few rows or few columns: whoever takes out a mean for each column or row takes out noise.
_PATCHES = ((7, 90), (80, 6), (40, 50))


@instant_check
def sigma_of_patch(answer: Callable[[Image, slice, slice], float]) -> str:
    """Check a noise level read off a flat patch with three different colours."""
    for seed, sigma, (height, width) in zip(SEEDS, (0.02, 0.05, 0.11), _PATCHES, strict=True):
        rng = np.random.default_rng(seed)
        rows, cols = slice(20, 20 + height), slice(30, 30 + width)
        image = np.zeros((110, 130, 3))
        image[:10] = 1.0  # a bright roof outside the patch
        noise = sigma * _COLOURS * rng.standard_normal((height, width, 3))
        image[rows, cols] = [0.2, 0.5, 0.4] + noise
        _judge_sigma(
            _one_number(answer(image.copy(), rows, cols), "all three colours together"), noise
        )
    return "Three patches with different noise in each colour were read right."


def _judge_sigma(found: float, noise: Image) -> None:
    """Raise the hint that fits a wrong noise level."""
    left = noise - noise.mean(axis=(0, 1))
    wanted = left.std()
    # One per cent lets both conventions pass, division by n and by n - 3.
    close = _near(found, wanted, 0.01)
    expect(close or found >= 0, "a standard deviation is not negative: have you squared?")
    expect(
        not _near(found, 255 * wanted, 0.05),
        "about 255 times too large: stay in image units, where white is 1",
    )
    expect(
        close or not _near(found, wanted**2, 0.1),
        "this looks like the variance; sigma is its square root, in image units",
    )
    for colour, word in enumerate(("red", "green", "blue")):
        expect(
            close or not _near(found, left[..., colour].std(), 0.01),
            f"this is {word} alone, and each colour has its own noise: use all three",
        )
    expect(
        close or not _near(found, left.std(axis=(0, 1)).mean(), 0.01),
        "this is the mean of the three standard deviations: what adds up are variances, so take "
        "the standard deviation of all values at once",
    )
    expect(
        close or found < wanted,
        "too large: is something in your patch that is not noise, such as the difference "
        "between the colours, or pixels outside rows and cols?",
    )
    expect(
        close,
        "too small: did you average before you measured the spread, or take out more than one "
        "mean for each colour?",
    )


def _one_number(found: object, what: str) -> float:
    """Return the answer as a number, or raise the hint that says why it is none."""
    expect(found is not None, "your function returns nothing: is there a line with return?")
    expect(np.ndim(found) == 0, f"return one number, not an array: {what}")
    expect(isinstance(found, (int, float, np.number)), f"return a number, not {found!r}")
    expect(
        bool(np.isfinite(found)),
        f"your function returns {found}: was something empty, or divided by 0?",
    )
    return float(found)


def _near(found: float, wanted: float, tolerance: float) -> bool:
    return abs(found / wanted - 1) < tolerance


@instant_check
def box_average(answer: Callable[[Image, float], Image]) -> str:
    """Check a 3 x 3 mean with a mirrored border."""
    rng = np.random.default_rng(SEEDS[0])
    noisy = rng.random((23, 31))
    before = noisy.copy()
    estimate = answer(noisy, 0.1)
    expect(isinstance(estimate, np.ndarray), "return an array: the estimate")
    expect(
        estimate.shape == noisy.shape,
        f"the estimate has shape {estimate.shape}, the image {noisy.shape}: cut the padding off",
    )
    expect(np.array_equal(noisy, before), "your function changed the image it was given")
    expect(not np.allclose(estimate, noisy), "nothing was averaged: it is the noisy image itself")
    flat = answer(np.full((9, 8), 0.6), 0.1)
    expect(np.allclose(flat[1:-1, 1:-1], 0.6), "even images must stay even: do weights sum to 1?")
    expect(np.allclose(flat, 0.6), "the border of an even image changed: mirror the image there")
    point = np.zeros((15, 15))
    point[7, 7] = 9.0
    spread = answer(point, 0.1)
    expect(
        np.count_nonzero(np.abs(spread) > 1e-9) <= 9,
        "one pixel reached more than 9 pixels of the estimate: the window is too large, "
        "or averaged twice",
    )
    expect(np.allclose(spread[6:9, 6:9], 1.0), "the 9 pixels of the window must weigh the same")
    padded = np.pad(noisy, 1, mode="symmetric")
    wanted = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).mean((2, 3))
    expect(
        np.allclose(estimate, wanted),
        "inside it is right; look at the outermost rows again: the mirror includes the border "
        "pixel",
    )
    return "Constants stay, the window is 3 x 3, and independent noise would fall to a third."


@instant_check
def residual(answer: Callable[[Image, Callable, float], Image]) -> str:
    """Check noisy - estimate, with the right sign and the right sigma."""
    for seed in SEEDS:
        noisy = np.random.default_rng(seed).random((12, 14))
        wanted = noisy - Gaussian(width=1.0)(noisy, 0.1)
        found = answer(noisy.copy(), Gaussian(width=1.0), 0.1)
        expect(np.shape(found) == noisy.shape, "the residual has the shape of the image")
        expect(
            not np.allclose(found, -wanted),
            "the sign: what was removed is the noisy image minus what is left",
        )
        expect(not np.allclose(found, noisy - wanted), "this is the estimate: what is left")
        expect(np.allclose(found, wanted), "subtract the denoiser's estimate, and nothing else")
        expect(
            np.allclose(answer(noisy, lambda image, sigma: sigma * image, 0.5), 0.5 * noisy),
            "call the denoiser with the sigma you were given",
        )
    return "It works for any denoiser. Choose residual as the third picture in the microscope."


# Two edges in one picture, light above: where each starts and ends, its contrast, and the
# standard deviations of its blur before and after the stand-in for a denoiser, px.
_EDGES = (
    (StreetEdge("strong", (31.2, 12.0), (38.7, 96.0)), 0.5),
    (StreetEdge("weak", (88.5, 14.0), (79.9, 99.0)), 0.15),
)
_BLURS = (((1.1, 1.25), (1.0, 2.5)), ((1.0, 1.3), (1.4, 2.1)), ((1.5, 2.3), (1.0, 2.0)))


@instant_check
def widening(answer: Callable[[Image, Callable, float, StreetEdge], float]) -> str:
    """Check a ratio of edge widths against the closed form for two edges of known blur."""
    for number, blurs in enumerate(_BLURS):
        sigma = 0.02 * (number + 1)
        noisy, blurred = (_two_edges([pair[when] for pair in blurs]) for when in (0, 1))

        def denoiser(image: Image, level: float, sigma=sigma, noisy=noisy, blurred=blurred):
            right = level == sigma and np.array_equal(image, noisy)
            return (blurred if right else image).copy()

        widths = [[_width(blur) for blur in pair] for pair in blurs]
        for index, (edge, _) in enumerate(_EDGES):
            found = _one_number(answer(noisy.copy(), denoiser, sigma, edge), "one ratio")
            _judge_widening(found, widths[index], widths[1 - index])
    return (
        "Both edges of three pictures came out right. Now the street's: "
        'widening(photo, Median(radius=1), sigma, edges["weak"]).'
    )


def _two_edges(blurs: list[float]) -> Image:
    """A picture of both edges, each blurred by a Gaussian of its own standard deviation."""
    rows, cols = np.mgrid[:120, :112]
    picture = np.full(rows.shape, 0.2)
    for (edge, contrast), blur in zip(_EDGES, blurs, strict=True):
        (top, left), angle = edge.start, np.deg2rad(edge.angle)
        above = (cols - left) * np.sin(angle) - (rows - top) * np.cos(angle)
        picture += contrast * special.ndtr(above / blur)
    return np.repeat(picture[..., None], 3, axis=2)


def _width(blur: float) -> float:
    """10-90 % width in px; reading between pixels on a straight line adds variance 1/6."""
    return 2.563 * np.sqrt(blur**2 + 1 / 6)


def _judge_widening(found: float, widths: list[float], others: list[float]) -> None:
    """Raise the hint that fits a wrong ratio of widths."""
    before, after = widths
    wanted = after / before
    close = _near(found, wanted, 0.05)  # the closed form holds within 3 %
    expect(
        close or not _near(found, 1.0, 0.01),
        "your answer is 1 for an edge that got wider: measure the estimate, and call the "
        "denoiser with the picture and the sigma that you were given",
    )
    expect(
        close or not _near(found, before / after, 0.05),
        "upside down: an edge that got wider must give a number above 1",
    )
    expect(
        close or not _near(found, others[1] / others[0], 0.03),
        "this is another edge of the picture: measure the one that you were given",
    )
    expect(
        close or not (_near(found, after, 0.05) or _near(found, before, 0.05)),
        "this is one width in pixels: compare the estimate's with the noisy picture's",
    )
    expect(
        close or abs(found - (after - before)) > 0.1,
        "this is the difference of two widths; how many *times* wider is their ratio",
    )
    expect(close, f"for one edge that became {wanted:.2f} times as wide you return {found:.2f}")
