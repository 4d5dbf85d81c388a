"""Lesson 01's checks: which wrong answer gets which hint, and that the solutions pass."""

from pathlib import Path

import jupytext
import numpy as np
import pytest

from lessons_lib.classroom import lesson_01 as checks
from lessons_lib.diagnosis import noise_level

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "source" / "01_noise_models.py"


def fit(means, variances):
    return np.polyfit(means, variances, 1, w=1 / np.asarray(variances))[0]


def points(pairs, black_level):
    means = [(a.mean() + b.mean()) / 2 - black_level for a, b in pairs]
    return means, [(a - b).var() / 2 for a, b in pairs]


def twice(pairs, black_level):
    means, variances = points(pairs, black_level)
    return 2 * fit(means, variances)


def upside_down(pairs, black_level):
    return 1 / fit(*points(pairs, black_level))


def one_frame(pairs, black_level):
    means, _ = points(pairs, black_level)
    return np.polyfit(means, [a.var() for a, _ in pairs], 1)[0]


def standard_deviation(pairs, black_level):
    means, variances = points(pairs, black_level)
    return fit(means, np.sqrt(variances))


def with_black(pairs, black_level):
    means, variances = points(pairs, 0)
    return np.mean(np.divide(variances, means))


def through_zero(pairs, black_level):
    means, variances = points(pairs, black_level)
    return np.median(np.divide(variances, means))


def brightest_pair_alone(pairs, black_level):
    return through_zero(pairs[-1:], black_level)


def without_weights(pairs, black_level):
    return np.polyfit(*points(pairs, black_level), 1)[0]


def from_two_pairs(pairs, black_level):
    means, variances = points([pairs[0], pairs[-1]], black_level)
    return np.diff(variances)[0] / np.diff(means)[0]


@pytest.mark.parametrize("answer", [without_weights, from_two_pairs])
def test_other_ways_to_a_slope_pass(answer):
    assert checks.check_gain_from_pairs(answer).status == "passed"


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda pairs, black: 0.64, "same answer"),
        (lambda pairs, black: pairs[0][0], "one number"),
        (lambda pairs, black: np.nan, "finite"),
        (twice, "How many noises"),
        (upside_down, "electrons per DN"),
        (one_frame, "equally sensitive"),
        (standard_deviation, "no standard deviation"),
        (with_black, "black level"),
        (through_zero, "go through 0"),
        (brightest_pair_alone, "go through 0"),
    ],
)
def test_a_wrong_gain_gets_its_hint(answer, hint):
    result = checks.check_gain_from_pairs(answer)
    assert result.status == "hint"
    assert hint in result.message


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda e, r: np.sqrt(e), "changes nothing"),
        (lambda e, r: e, "standard deviation"),
        (lambda e, r: e / (e + r**2), "standard deviation"),
        (lambda e, r: 20 * np.log10(e / np.sqrt(e + r**2)), "standard deviation"),
        (lambda e, r: e / (np.sqrt(e) + r), "added two standard deviations"),
        (lambda e, r: e / np.sqrt(e + r), "given as a standard deviation"),
        (lambda e, r: np.sqrt(e) / (1 + r), "variance of the sum"),
        (lambda e, r: float(np.max(e)) / np.sqrt(float(np.max(e)) + r**2), "array"),
        (lambda e, r: "20", "one number"),
    ],
)
def test_a_wrong_ratio_gets_its_hint(answer, hint):
    result = checks.check_signal_to_noise(answer)
    assert result.status == "hint"
    assert hint in result.message


def scale(counts):
    return 2 * np.sqrt(np.asarray(counts) + 3 / 8)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda n, v=1: scale(n), "two things"),
        (lambda n, v=1: (n, -v / 4), "slope that falls"),
        (lambda n, v=1: (np.log(n + 1), -v / 4), "slope that falls"),
        (lambda n, v=1: (np.sqrt(n + 3 / 8), -v / 4), "0.25 and not 1"),
        (lambda n, v=1: (2 * np.sqrt(n), -v / 4), "At a mean of 4"),
        (lambda n, v=1: (2 * np.sqrt(n + 1), -v / 4), "At a mean of 4"),
        (lambda n, v=1: (2 / np.sqrt(np.maximum(n - 3, -1.0)), -v / 4), "finite"),
        (lambda n, v=1: (scale(n), 0.0), "mean of squares"),
        (lambda n, v=1: (scale(n), v / 4), "sign"),
        (lambda n, v=1: (scale(n), -0.25), "depend on the variance"),
        (lambda n, v=1: (scale(n), -np.sqrt(v) / 4), "E[t²]"),
        (lambda n, v=1: (scale(n)[:5], -v / 4), "shape"),
    ],
)
def test_a_wrong_stabilisation_gets_its_hint(answer, hint):
    with np.errstate(all="ignore"):
        result = checks.check_stabilise(answer)
    assert result.status == "hint"
    assert hint in result.message


def test_a_list_of_the_two_answers_passes():
    assert checks.check_stabilise(lambda n, v=1.0: [scale(n), -v / 4]).status == "passed"


def diagonal(image):
    a, b, c, d = image[::2, ::2], image[::2, 1::2], image[1::2, ::2], image[1::2, 1::2]
    return a - b - c + d


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda image: 0.08, "same answer"),
        (lambda image: image, "one number"),
        (lambda image: image.std(), "own edges and lamps"),
        (lambda image: diagonal(image).std() / 2, "own edges and lamps"),
        (lambda image: np.median(np.abs(diagonal(image))) / 2, "third too low"),
        (lambda image: np.median(np.abs(diagonal(image))) / 0.6745, "variance does your"),
        (lambda image: (np.median(np.abs(diagonal(image))) / 1.349) ** 2, "four times"),
        (lambda image: image.mean() / 5, "plus a constant"),
        (
            lambda image: np.median(np.abs(diagonal(image[:200, :200]))) / 1.349
            if image.shape[0] % 2 == 0
            else 0.01,
            "odd sides",
        ),
    ],
)
def test_a_wrong_noise_estimate_gets_its_hint(answer, hint):
    result = checks.check_estimate_noise(answer)
    assert result.status == "hint"
    assert hint in result.message


def flattened(patch):
    rows, cols = np.indices(patch.shape)
    plane = np.stack([rows.ravel(), cols.ravel(), np.ones(patch.size)], axis=1)
    return patch - (plane @ np.linalg.lstsq(plane, patch.ravel(), rcond=None)[0]).reshape(
        patch.shape
    )


def three(plane, patch):
    curve = noise_level.noise_against_intensity(plane)
    alike = noise_level.autocorrelation(flattened(plane[patch]), 1)
    return curve.sigmas[0], curve.sigmas[-1], alike


def whole_picture(plane, patch):
    dark, bright, _ = three(plane, patch)
    return dark, bright, noise_level.autocorrelation(plane, 1)[1, 2]


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda d, b, a: (d, b), "three numbers"),
        (lambda d, b, a: (b, d, (a[1, 2] + a[2, 1]) / 2), "brightest level"),
        (lambda d, b, a: (d**2, b**2, (a[1, 2] + a[2, 1]) / 2), "first and the last"),
        (lambda d, b, a: (d, b, a[1, 1]), "move by a lag"),
        (lambda d, b, a: (d, b, a[1, 2]), "one direction"),
        (lambda d, b, a: (d, b, 0.7), "next to the centre"),
        (lambda d, b, a: (d, b, None), "one number"),
    ],
)
def test_wrong_numbers_of_a_photo_get_their_hint(change, hint):
    plane = np.random.default_rng(0).standard_normal((64, 64))

    def answer(plane, patch):
        return change(*three(plane, patch))

    result = checks.check_describe_noise(answer, plane, (slice(0, 32), slice(0, 32)))
    assert result.status == "hint"
    assert hint in result.message


def test_the_correlation_of_the_whole_photo_is_refused():
    plane = np.random.default_rng(0).standard_normal((64, 64))
    result = checks.check_describe_noise(whole_picture, plane, (slice(0, 32), slice(0, 32)))
    assert result.status == "hint"
    assert "Use the patch only" in result.message


def test_the_slope_of_the_scene_is_refused():
    def answer(plane, patch):
        dark, bright, _ = three(plane, patch)
        alike = noise_level.autocorrelation(plane[patch], 1)
        return dark, bright, (alike[1, 2] + alike[2, 1]) / 2

    plane = np.random.default_rng(0).standard_normal((64, 64))
    result = checks.check_describe_noise(answer, plane, (slice(0, 32), slice(0, 32)))
    assert result.status == "hint"
    assert "Take it off first" in result.message


CHECKS = (
    "check_gain_from_pairs",
    "check_signal_to_noise",
    "check_stabilise",
    "check_estimate_noise",
    "check_describe_noise",
)


def cells(tag):
    lesson = jupytext.read(SOURCE, fmt="py:percent")
    return [cell.source for cell in lesson.cells if tag in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("number", range(len(CHECKS)))
def test_the_stub_is_open_and_the_solution_passes(number):
    plane = 0.2 + 0.05 * np.random.default_rng(1).standard_normal((64, 64))
    names = {"np": np, "checks": checks, "noise_level": noise_level, "without_slope": flattened}
    names |= {"mine": plane, "PATCH": (slice(0, 32), slice(0, 32))}
    check = cells("check")[number]
    assert CHECKS[number] in check
    for tag, status in (("exercise", "open"), ("solution", "passed")):
        exec(cells(tag)[number], names)
        assert eval(check, names).status == status


def test_a_crash_in_the_answer_is_reported_and_not_raised():
    result = checks.check_signal_to_noise(lambda electrons, read_noise: 1 / 0)
    assert result.status == "error"
    assert "ZeroDivisionError" in result.message
