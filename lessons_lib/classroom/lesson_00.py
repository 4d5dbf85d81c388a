"""Instant checks of lesson 00."""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.denoisers import Gaussian
from lessons_lib.image import Image

# Other seeds than the lesson's, so that a number that was written down does not pass.
SEEDS = (101, 202, 303)


@instant_check
def sigma_of_patch(answer: Callable[[Image, slice, slice], float]) -> str:
    """Check a noise level read off a flat patch with three different colours."""
    rows, cols = slice(20, 60), slice(30, 80)
    for seed, sigma in zip(SEEDS, (0.02, 0.05, 0.11), strict=True):
        rng = np.random.default_rng(seed)
        image = np.zeros((90, 100, 3))
        image[:10] = 1.0  # a bright roof outside the patch
        image[rows, cols] = [0.2, 0.5, 0.4] + rng.normal(0, sigma, (40, 50, 3))
        found = answer(image.copy(), rows, cols)
        expect(np.ndim(found) == 0, "return one number, not an array: all three colours together")
        # 6,000 samples know a standard deviation to 1 / sqrt(12000) = 0.9 %; five of those.
        close = abs(found / sigma - 1) < 0.05
        expect(
            close or abs(found / sigma**2 - 1) > 0.1,
            "this looks like the variance; sigma is its square root, in image units",
        )
        expect(
            close or found < 1.05 * sigma,
            "too large: is something in your patch that is not noise, such as the difference "
            "between the colours, or pixels outside rows and cols?",
        )
        expect(close, "too small: did you average before you measured the spread?")
    return "Three patches with different noise were read within 5 %."


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
    expect(np.allclose(estimate, wanted), "inside it is right; look at the outermost rows again")
    return "Constants stay, the window is 3 x 3, and the noise is a third of what it was."


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
    return "It works for any denoiser: the third picture of the microscope shows the same."
