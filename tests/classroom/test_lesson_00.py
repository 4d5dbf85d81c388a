"""Lesson 00's checks: what they let through, and the hint that each wrong answer gets."""

import numpy as np
import pytest
from scipy import ndimage

from lessons_lib.classroom import lesson_00 as check
from lessons_lib.diagnosis.edges import EdgeSpread, rise_width


def patch(image, rows, cols):
    return image[rows, cols] - image[rows, cols].mean((0, 1))


def colours(image, rows, cols):
    return patch(image, rows, cols).std((0, 1))


def without_mean_over(image, rows, cols, axis):
    return image[rows, cols] - image[rows, cols].mean(axis, keepdims=True)


def box(noisy, _sigma=None, size=3, mode="reflect"):
    return ndimage.uniform_filter(noisy, size, mode=mode)


def width(picture, edge):
    """10-90 % width along the edge's normal, light above, as the lesson measures it."""
    start, end = np.array(edge.start), np.array(edge.end)
    along = (end - start) / np.hypot(*(end - start))
    steps = np.arange(-10, 10.25, 0.25)
    feet = start + np.linspace(0.05, 0.95, 60)[:, None] * (end - start)
    points = feet[:, None, :] + steps[:, None] * [-along[1], along[0]]
    values = ndimage.map_coordinates(picture.mean(2), np.moveaxis(points, -1, 0), order=1)
    return rise_width(EdgeSpread(steps, values.mean(axis=0)))


def ratio(y, d, s, e):
    return width(d(y, s), e) / width(y, e)


def blurred_ratio(y, d, s, e):
    soft = ndimage.gaussian_filter(d(y, s), (2, 2, 0))
    return width(soft, e) / width(y, e)


STRONG, WEAK = (edge for edge, _ in check._EDGES)

CASES = [
    (check.sigma_of_patch, lambda i, r, c: patch(i, r, c).std(), "passed", "read right"),
    (check.sigma_of_patch, lambda i, r, c: np.sqrt((colours(i, r, c) ** 2).mean()), "passed", ""),
    (check.sigma_of_patch, lambda i, r, c: patch(i, r, c).std(ddof=3), "passed", "read right"),
    (check.sigma_of_patch, lambda i, r, c: patch(i, r, c).var(), "hint", "variance"),
    (check.sigma_of_patch, lambda i, r, c: i[r, c].std(), "hint", "between the colours"),
    (check.sigma_of_patch, lambda i, r, c: patch(i, slice(None), c).std(), "hint", "too large"),
    (check.sigma_of_patch, lambda i, r, c: colours(i, r, c), "hint", "one number"),
    (check.sigma_of_patch, lambda i, r, c: patch(i, r, c).mean(2).std(), "hint", "too small"),
    (check.sigma_of_patch, lambda i, r, c: 0.053, "hint", "too large"),
    (check.sigma_of_patch, lambda i, r, c: 255 * patch(i, r, c).std(), "hint", "255 times"),
    (check.sigma_of_patch, lambda i, r, c: patch(i, r, c)[..., 0].std(), "hint", "red alone"),
    (check.sigma_of_patch, lambda i, r, c: i[r, c][..., 1].std(), "hint", "green alone"),
    (check.sigma_of_patch, lambda i, r, c: colours(i, r, c).mean(), "hint", "variances"),
    (
        check.sigma_of_patch,
        lambda i, r, c: without_mean_over(i, r, c, 0).std(),
        "hint",
        "more than one mean",
    ),
    (
        check.sigma_of_patch,
        lambda i, r, c: without_mean_over(i, r, c, 1).std(),
        "hint",
        "more than one mean",
    ),
    (check.sigma_of_patch, lambda i, r, c: None, "hint", "line with return"),
    (check.sigma_of_patch, lambda i, r, c: float("nan"), "hint", "returns nan"),
    (check.sigma_of_patch, lambda i, r, c: -patch(i, r, c).std(), "hint", "not negative"),
    (check.sigma_of_patch, lambda i, r, c: "0.05", "hint", "not '0.05'"),
    (check.box_average, box, "passed", "independent noise would fall to a third"),
    (check.box_average, lambda y, s: y, "hint", "noisy image itself"),
    (check.box_average, lambda y, s: box(y, size=5), "hint", "more than 9"),
    (check.box_average, lambda y, s: box(box(y)), "hint", "averaged twice"),
    (check.box_average, lambda y, s: box(y, mode="constant"), "hint", "border"),
    (check.box_average, lambda y, s: box(y, mode="wrap"), "hint", "outermost"),
    (check.box_average, lambda y, s: box(y, mode="mirror"), "hint", "includes the border pixel"),
    (check.box_average, lambda y, s: 9 * box(y), "hint", "sum to 1"),
    (check.box_average, lambda y, s: box(np.pad(y, 1)), "hint", "cut the padding off"),
    (check.box_average, lambda y, s: ndimage.gaussian_filter(y, 0.6, radius=1), "hint", "weigh"),
    (check.residual, lambda y, d, s: y - d(y, s), "passed", "third picture in the microscope"),
    (check.residual, lambda y, d, s: d(y, s) - y, "hint", "sign"),
    (check.residual, lambda y, d, s: d(y, s), "hint", "what is left"),
    (check.residual, lambda y, d, s: y, "hint", "subtract"),
    (check.residual, lambda y, d, s: y - d(y, 0.1), "hint", "sigma you were given"),
    (check.residual, lambda y, d, s: y - d(y, s) + 0.5, "hint", "nothing else"),
    (check.widening, ratio, "passed", "three pictures"),
    (check.widening, lambda y, d, s, e: 1.0, "hint", "measure the estimate"),
    (check.widening, lambda y, d, s, e: width(y, e) / width(y, e), "hint", "the estimate"),
    (check.widening, lambda y, d, s, e: ratio(y, d, 0.05, e), "hint", "the sigma"),
    (check.widening, lambda y, d, s, e: 1 / ratio(y, d, s, e), "hint", "upside down"),
    (check.widening, lambda y, d, s, e: ratio(y, d, s, STRONG), "hint", "another edge"),
    (check.widening, lambda y, d, s, e: ratio(y, d, s, WEAK), "hint", "another edge"),
    (check.widening, lambda y, d, s, e: width(d(y, s), e), "hint", "one width"),
    (
        check.widening,
        lambda y, d, s, e: width(d(y, s), e) - width(y, e),
        "hint",
        "difference of two widths",
    ),
    (check.widening, lambda y, d, s, e: 1.9, "hint", "1.90"),
    (check.widening, blurred_ratio, "hint", "you return"),
    (check.widening, lambda y, d, s, e: None, "hint", "line with return"),
    (check.widening, lambda y, d, s, e: float("inf"), "hint", "returns inf"),
    (check.widening, lambda y, d, s, e: np.ones(2), "hint", "one ratio"),
]


@pytest.mark.parametrize(("run", "answer", "status", "words"), CASES)
def test_each_answer_gets_its_words(run, answer, status, words):
    result = run(answer)
    assert result.status == status, result
    assert words in result.message


def test_no_single_edge_decides_about_widening():
    """An answer that is right for one edge only is refused, whichever edge that is."""
    for known in (STRONG, WEAK):
        result = check.widening(
            lambda y, d, s, e, known=known: ratio(y, d, s, e) if e is known else 1.0
        )
        assert result.status == "hint", result


def test_the_closed_form_of_a_width_agrees_with_the_instrument():
    """Within 3 %, so that the check's 5 % refuse no right answer."""
    for blur in (1.0, 1.5, 2.5):
        picture = check._two_edges([blur, blur])
        for edge in (STRONG, WEAK):
            assert width(picture, edge) == pytest.approx(check._width(blur), rel=0.03)
