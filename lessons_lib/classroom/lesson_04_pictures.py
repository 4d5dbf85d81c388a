"""Instant checks of lesson 04 on whole pictures: cycle spinning, and what a photo loses."""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.denoisers.filter_bank import HAAR, inverse, transform
from lessons_lib.image import Image

_SEED = 20_505


class _BlockMean:
    """A denoiser with a grid: each block of 2 x 3 becomes its mean; counts its calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.sigmas: set[float] = set()

    def __call__(self, noisy: Image, sigma: float) -> Image:
        self.calls += 1
        self.sigmas.add(sigma)
        height, width = noisy.shape
        blocks = noisy.reshape(height // 2, 2, width // 3, 3).mean(axis=(1, 3))
        return np.repeat(np.repeat(blocks, 2, axis=0), 3, axis=1)


def _spun(noisy: Image, pairs: list[tuple[int, int]], back: bool = True) -> Image:
    """Sum over the given shifts, shifted back or not."""
    total = np.zeros(noisy.shape)
    for pair in pairs:
        estimate = _BlockMean()(np.roll(noisy, pair, (0, 1)), 0.1)
        total += np.roll(estimate, (-pair[0], -pair[1]), (0, 1)) if back else estimate
    return total


@instant_check
def check_spin(spin: Callable) -> str:
    """Exercise 4: a denoiser whose grid differs along the axes, on images that do too."""
    rng = np.random.default_rng(_SEED)
    for shape, shifts, sigma in (((12, 18), 3, 0.1), ((8, 6), 2, 0.4), ((4, 6), 1, 0.2)):
        noisy = rng.random(shape)
        given, denoiser = noisy.copy(), _BlockMean()
        answer = spin(denoiser, given, sigma, shifts)
        expect(np.array_equal(given, noisy), "Your function changes noisy; leave it as it was.")
        expect(
            isinstance(answer, np.ndarray) and answer.shape == shape,
            f"Return an image of the same shape, {shape}.",
        )
        _judge_spin(answer, noisy, shifts)
        expect(denoiser.sigmas == {sigma}, "Pass sigma on to the denoiser as it was given.")
        expect(
            denoiser.calls == shifts**2,
            f"For {shifts} shifts along each axis the denoiser is called {shifts**2} times; yours "
            f"called it {denoiser.calls} times.",
        )
    return "A mean over all shifts, for a denoiser you could not look into."


def _judge_spin(answer: Image, noisy: Image, shifts: int) -> None:
    """Raise the hint that fits what is wrong with a spun estimate."""
    pairs = [(i, j) for i in range(shifts) for j in range(shifts)]
    total = _spun(noisy, pairs)
    if np.allclose(answer, total / shifts**2, rtol=1e-9, atol=1e-12):
        return
    diagonal = [(i, i) for i in range(shifts)]
    backwards = [(-i, -j) for i, j in pairs]
    wrong = {
        "That is the sum; divide by how many estimates there are.": total,
        "Divide by the number of estimates: there are shifts along both axes.": total / shifts,
        "Shift each estimate back before you add it.": _spun(noisy, pairs, False) / shifts**2,
        "You shift rows and columns by the same number each time. Every pair of i and j is "
        "wanted.": _spun(noisy, diagonal) / shifts,
        "You shift only the rows.": _spun(noisy, [(i, 0) for i in range(shifts)]) / shifts,
        "You shift only the columns.": _spun(noisy, [(0, j) for j in range(shifts)]) / shifts,
        "You shift up and to the left. The exercise asks for shifts by +i and +j, and then "
        "back.": _spun(noisy, backwards) / shifts**2,
    }
    for hint, values in wrong.items():
        expect(not np.allclose(answer, values), hint)
    expect(
        False,
        "Not the mean over shifts. Roll by (i, j) along axes (0, 1), denoise, roll by (-i, -j), "
        "add, and divide at the end.",
    )


@instant_check
def check_deleted_part(deleted_part: Callable) -> str:
    """Exercise 5: sides that 8 does not divide, several thresholds."""
    rng = np.random.default_rng(_SEED)
    for shape, ratio, sigma in (((29, 43), 3.0, 0.05), ((16, 24), 1.5, 0.2)):
        image = 0.3 + 0.4 * (np.arange(shape[1]) > 12) + sigma * rng.standard_normal(shape)
        given = image.copy()
        answer = deleted_part(given, sigma, ratio)
        expect(np.array_equal(given, image), "Your function changes the image; leave it as it is.")
        wanted = (shape[0] // 8 * 8, shape[1] // 8 * 8)
        expect(isinstance(answer, np.ndarray), "Return a picture, as an array.")
        expect(
            answer.shape == wanted,
            f"For an image of {shape} return {wanted}: cut so that 8 divides both sides; got "
            f"{answer.shape}.",
        )
        _judge_deleted(answer, image[: wanted[0], : wanted[1]], sigma, ratio)
    return "All that the threshold takes away, and nothing else."


def _judge_deleted(answer: Image, image: Image, sigma: float, ratio: float) -> None:
    """Raise the hint that fits a wrong picture of what is deleted."""
    coarse, bands = transform(image, HAAR, 3)
    nothing = np.zeros_like(coarse)

    def drawn(limit: float, signed: bool = False) -> Image:
        small = [
            tuple(np.where((one if signed else np.abs(one)) <= limit, one, 0) for one in three)
            for three in bands
        ]
        return inverse(nothing, small, HAAR)

    truth = drawn(ratio * sigma)
    if np.allclose(answer, truth, rtol=1e-9, atol=1e-12):
        return
    wrong = {
        "That is what the threshold keeps; the exercise asks for what it deletes.": image - truth,
        "The approximation is in it. The threshold never touches that, so it is not "
        "deleted: set it to zero.": truth + inverse(coarse, [
            tuple(np.zeros_like(one) for one in three) for three in bands], HAAR),
        "You kept the large details. Deleted are those whose size is at most ratio * "
        "sigma.": drawn(np.inf) - truth,
        "Compare the *size* of a detail with the threshold: large negative ones are kept "
        "too.": drawn(ratio * sigma, signed=True),
        "Is the threshold ratio times sigma?": drawn(ratio),
    }  # fmt: skip
    for hint, values in wrong.items():
        expect(not np.allclose(answer, values, atol=1e-9), hint)
    expect(
        False,
        "Not what the threshold deletes. Are there three levels of Haar, and is every band "
        "treated?",
    )
