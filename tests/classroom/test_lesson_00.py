"""Lesson 00's checks: what they let through, and the hint that each wrong answer gets."""

import numpy as np
import pytest
from scipy import ndimage

from lessons_lib.classroom import lesson_00 as check


def patch(image, rows, cols):
    return image[rows, cols] - image[rows, cols].mean((0, 1))


def box(noisy, _sigma=None, size=3, mode="reflect"):
    return ndimage.uniform_filter(noisy, size, mode=mode)


CASES = [
    (check.sigma_of_patch, lambda i, r, c: patch(i, r, c).std(), "passed", "within 5 %"),
    (check.sigma_of_patch, lambda i, r, c: patch(i, r, c).var(), "hint", "variance"),
    (check.sigma_of_patch, lambda i, r, c: i[r, c].std(), "hint", "between the colours"),
    (check.sigma_of_patch, lambda i, r, c: patch(i, slice(None), c).std(), "hint", "too large"),
    (check.sigma_of_patch, lambda i, r, c: patch(i, r, c).std((0, 1)), "hint", "one number"),
    (check.sigma_of_patch, lambda i, r, c: patch(i, r, c).mean(2).std(), "hint", "too small"),
    (check.sigma_of_patch, lambda i, r, c: 0.053, "hint", "too large"),
    (check.box_average, box, "passed", "3 x 3"),
    (check.box_average, lambda y, s: y, "hint", "noisy image itself"),
    (check.box_average, lambda y, s: box(y, size=5), "hint", "more than 9"),
    (check.box_average, lambda y, s: box(box(y)), "hint", "averaged twice"),
    (check.box_average, lambda y, s: box(y, mode="constant"), "hint", "border"),
    (check.box_average, lambda y, s: box(y, mode="wrap"), "hint", "outermost"),
    (check.box_average, lambda y, s: 9 * box(y), "hint", "sum to 1"),
    (check.box_average, lambda y, s: box(np.pad(y, 1)), "hint", "cut the padding off"),
    (check.box_average, lambda y, s: ndimage.gaussian_filter(y, 0.6, radius=1), "hint", "weigh"),
    (check.residual, lambda y, d, s: y - d(y, s), "passed", "any denoiser"),
    (check.residual, lambda y, d, s: d(y, s) - y, "hint", "sign"),
    (check.residual, lambda y, d, s: d(y, s), "hint", "what is left"),
    (check.residual, lambda y, d, s: y, "hint", "subtract"),
    (check.residual, lambda y, d, s: y - d(y, 0.1), "hint", "sigma you were given"),
    (check.residual, lambda y, d, s: y - d(y, s) + 0.5, "hint", "nothing else"),
]


@pytest.mark.parametrize(("run", "answer", "status", "words"), CASES)
def test_each_answer_gets_its_words(run, answer, status, words):
    result = run(answer)
    assert result.status == status, result
    assert words in result.message
