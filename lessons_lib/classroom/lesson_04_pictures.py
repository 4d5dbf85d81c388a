"""Instant checks of lesson 04 on whole pictures: cycle spinning, and what a photo loses."""

from collections.abc import Callable, Sequence

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


def _estimates(noisy: Image, shifts: Sequence[tuple[int, int]], back: bool = True) -> np.ndarray:
    """One estimate for each shift, shifted back or not, ``(shifts, H, W)``."""
    found = []
    for pair in shifts:
        estimate = _BlockMean()(np.roll(noisy, pair, (0, 1)), 0.1)
        found.append(np.roll(estimate, (-pair[0], -pair[1]), (0, 1)) if back else estimate)
    return np.array(found)


@instant_check
def check_spin(spin: Callable) -> str:
    """Exercise 4: a denoiser whose grid differs along the axes, and odd lists of shifts."""
    rng = np.random.default_rng(_SEED)
    cases = (
        ((12, 18), [(0, 0), (1, 2), (3, 1), (0, 2), (5, 4)], 0.1),
        ((8, 6), [(1, 0), (0, 1)], 0.4),
        ((4, 6), [(1, 1)], 0.2),
    )
    for shape, shifts, sigma in cases:
        noisy = rng.random(shape)
        given, denoiser = noisy.copy(), _BlockMean()
        answer = spin(denoiser, given, sigma, list(shifts))
        expect(np.array_equal(given, noisy), "Your function changes noisy; leave it as it was.")
        expect(
            isinstance(answer, (tuple, list)) and len(answer) == 2,
            "Return two pictures: the mean, and the standard deviation over the shifts.",
        )
        expect(
            all(isinstance(one, np.ndarray) and one.shape == shape for one in answer),
            f"Return two pictures of the same shape as noisy, {shape}.",
        )
        _judge_mean(answer[0], noisy, shifts)
        _judge_spread(answer[1], noisy, shifts)
        expect(denoiser.sigmas == {sigma}, "Pass sigma on to the denoiser as it was given.")
        expect(
            denoiser.calls == len(shifts),
            f"For {len(shifts)} shifts the denoiser is called {len(shifts)} times; yours called "
            f"it {denoiser.calls} times.",
        )
    return "Mean and spread over any list of shifts, for a denoiser you could not look into."


def _judge_mean(answer: Image, noisy: Image, shifts: Sequence[tuple[int, int]]) -> None:
    """Raise the hint that fits what is wrong with a mean over shifts."""
    estimates, count = _estimates(noisy, shifts), len(shifts)
    if np.allclose(answer, estimates.mean(axis=0), rtol=1e-9, atol=1e-12):
        return
    rows_only, cols_only = [(i, 0) for i, _ in shifts], [(0, j) for _, j in shifts]
    most = max(max(pair) for pair in shifts) + 1
    square = list(np.ndindex(most, most))
    wrong = {
        "That is the sum; divide by how many estimates there are.": estimates.sum(axis=0),
        "You divide by the square of how many shifts there are. How many estimates did you "
        "add?": estimates.sum(axis=0) / count**2,
        "Shift each estimate back before you average.": _estimates(noisy, shifts, False).mean(0),
        "You shift only the rows.": _estimates(noisy, rows_only).mean(0),
        "You shift only the columns.": _estimates(noisy, cols_only).mean(0),
        "Rows and columns are swapped: a shift is (rows, columns), along axes (0, "
        "1).": _estimates(noisy, [pair[::-1] for pair in shifts]).mean(0),
        "You shift up and to the left. The exercise asks for shifts by +rows and +columns, and "
        "then back.": _estimates(noisy, [(-i, -j) for i, j in shifts]).mean(0),
        "You take a full square of shifts. The exercise asks for those of the list "
        "only.": _estimates(noisy, square).mean(0),
    }
    for hint, values in wrong.items():
        expect(not np.allclose(answer, values), hint)
    expect(
        False,
        "The mean is wrong. Roll by a shift along axes (0, 1), denoise, roll by its opposite, and "
        "average over the shifts of the list.",
    )


def _judge_spread(answer: Image, noisy: Image, shifts: Sequence[tuple[int, int]]) -> None:
    """Raise the hint that fits a wrong standard deviation over shifts."""
    estimates = _estimates(noisy, shifts)
    spread = estimates.std(axis=0)
    if np.allclose(answer, spread, rtol=1e-7, atol=1e-9):
        return
    wrong = {
        "That is the variance over the shifts; its root is wanted.": spread**2,
        "Divide by how many shifts there are, not by one less: these are all the shifts of the "
        "list, no sample of them.": spread * np.sqrt(len(shifts) / max(len(shifts) - 1, 1)),
        "The spread is that of estimates that were not shifted back.": _estimates(
            noisy, shifts, False
        ).std(axis=0),
    }
    for hint, values in wrong.items():
        expect(not np.allclose(answer, values), hint)
    expect(
        False,
        "The mean is right, the standard deviation is not. For each pixel: how far do the "
        "estimates of different shifts lie from their mean?",
    )


@instant_check
def check_deleted_part(deleted_part: Callable) -> str:
    """Exercise 5: sides that 8 does not divide, several thresholds, and a dark picture."""
    rng = np.random.default_rng(_SEED)
    cases = (((29, 43), 3.0, 0.05, 0.3), ((16, 24), 1.5, 0.2, 0.3), ((24, 40), 4.0, 0.05, 0.0))
    for shape, ratio, sigma, dark in cases:
        # In the dark the approximation is as small as a detail: 8 times nearly nothing.
        image = dark + 0.4 * (np.arange(shape[1]) > 12) + sigma * rng.standard_normal(shape)
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
    no_details = [tuple(np.zeros_like(one) for one in three) for three in bands]
    dark = np.where(np.abs(coarse) <= ratio * sigma, coarse, 0)

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
        "deleted: set it to zero.": truth + inverse(coarse, no_details, HAAR),
        "In a dark picture some approximations are small, too, and yours are in it. The threshold "
        "is for details only: set all of the approximation to "
        "zero.": truth + inverse(dark, no_details, HAAR),
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
