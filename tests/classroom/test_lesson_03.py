"""Wrong answers to the exercises of lesson 03 and the hint that each one gets."""

from pathlib import Path

import build_notebooks as builder
import numpy as np
import pytest

from lessons_lib.classroom import lesson_03 as check
from lessons_lib.denoisers import box
from lessons_lib.denoisers.colour import from_opponent, to_opponent

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "source" / "03_classical_filters.py"


def solutions() -> dict:
    """The solutions as they stand in the lesson, run with the lesson's own names."""
    names = {
        "np": np, "box": box, "to_opponent": to_opponent, "from_opponent": from_opponent,
    }  # fmt: skip
    exec(compile(builder.solution_code(SOURCE), str(SOURCE), "exec"), names)
    return names


CHECKS = {
    "best_box": check.check_best_box,
    "gain_from_noisy": check.check_gain,
    "joint_bilateral_at": check.check_joint_bilateral,
    "choose_radius": check.check_choose_radius,
    "clean_colour": check.check_clean_colour,
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_lessons_own_solution_passes(name):
    result = CHECKS[name](solutions()[name])
    assert result.status == "passed", result


@pytest.mark.parametrize("name", CHECKS)
def test_a_stub_is_open_and_a_crash_is_named(name):
    def stub(*answers):
        raise NotImplementedError

    def crash(*answers):
        raise ZeroDivisionError("oh")

    assert CHECKS[name](stub).status == "open"
    assert "ZeroDivisionError" in CHECKS[name](crash).message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda c, L, s: (12 * s**2 * L / c**2) ** (1 / 3), "times 0.794 everywhere"),
        (lambda c, L, s: (24 * s * L / c**2) ** (1 / 3), "derivative of their sum"),
        (lambda c, L, s: (24 * s**2 * L / c**2) ** (1 / 2), "derivative of their sum"),
        (lambda c, L, s: (24 * s**2 * L / c) ** (1 / 3), "contrast or spacing does not"),
        (lambda c, L, s: (24 * s**2 / L / c**2) ** (1 / 3), "contrast or spacing does not"),
        (lambda c, L, s: round((24 * s**2 * L / c**2) ** (1 / 3), 1), "searched on a coarse grid"),
        (lambda c, L, s: -1.0, "above 0"),
        (lambda c, L, s: np.inf, "division by zero"),
        (lambda c, L, s: [1, 2], "Return one number"),
    ],
)
def test_wrong_boxes(answer, words):
    result = check.check_best_box(answer)
    assert result.status == "hint" and words in result.message, result


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda p, s: p / (p + s**2), "never falls below one half"),
        (lambda p, s: (p - s**2) / p, "negative"),
        (lambda p, s: np.maximum(p - s**2, 0) / (np.maximum(p - s**2, 0) + s), "sigma squared"),
        (lambda p, s: 0.5, "one gain per entry"),
        (lambda p, s: np.ones_like(p), "Estimate P first"),
    ],
)
def test_wrong_gains(answer, words):
    result = check.check_gain(answer)
    assert result.status == "hint" and words in result.message, result


def test_a_gain_written_differently_passes():
    assert check.check_gain(lambda p, s: np.maximum(1 - s**2 / p, 0)).status == "passed"


def weighted(noisy, flash, position, s, h, *, guide, values, divide=True, half=2, value=None):
    rows, cols = np.indices(noisy.shape)
    squared = (rows - position[0]) ** 2 + (cols - position[1]) ** 2
    value = guide[position] if value is None else value
    alike = np.exp(-((guide - value) ** 2) / (half * h**2))
    w = np.exp(-squared / (half * s**2)) * alike
    return float(np.sum(w * values) / (np.sum(w) if divide else 1))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda y, f, *a: weighted(y, f, *a, guide=y, values=y), "plain bilateral"),
        (lambda y, f, *a: weighted(y, f, *a, guide=f, values=f), "the other one's values"),
        (lambda y, f, *a: weighted(y, f, *a, guide=f, values=y, divide=False), "sum to 1"),
        (lambda y, f, *a: weighted(y, f, *a, guide=f, values=y, half=1), "times 2"),
        (lambda y, f, *a: weighted(y, f, *a, guide=f, values=y, value=y[a[0]]), "noisy pixel"),
        (lambda y, f, p, s, h: y, "Return one number"),
    ],
)
def test_wrong_joint_filters(answer, words):
    result = check.check_joint_bilateral(answer)
    assert result.status == "hint" and words in result.message, result


def test_a_changed_picture_is_noticed():
    def careless(noisy, flash, position, s, h):
        noisy *= 2
        return 0.0

    assert "leave both as they were" in check.check_joint_bilateral(careless).message


def by_risk(extra):
    """Choose the radius of the least |D(y) - y|² plus something."""

    def choose(y, s, radii):
        risks = [np.mean((box(y, r) - y) ** 2) + extra(s, 1 / (2 * r + 1) ** 2) for r in radii]
        return radii[int(np.argmin(risks))]

    return choose


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (by_risk(lambda s, weight: 0.0), "takes no average at all"),
        (by_risk(lambda s, weight: s**2 * weight), "takes no average at all"),
        (by_risk(lambda s, weight: 2 * s * weight), "costs"),
        (lambda y, s, w: w[-1], "costs"),
        (lambda y, s, w: w[2], "takes no average at all"),
        (lambda y, s, w: w[1], "costs"),
        (lambda y, s, w: 0.5, "one of the given radii"),
        (lambda y, s, w: w, "Return one number"),
    ],
)
def test_wrong_radii(answer, words):
    result = check.check_choose_radius(answer)
    assert result.status == "hint" and words in result.message, result


def test_a_number_in_the_list_is_no_radius():
    right = by_risk(lambda s, weight: 2 * s**2 * weight)
    result = check.check_choose_radius(lambda y, s, w: w.index(right(y, s, w)))
    assert "not its number in the list" in result.message


def test_two_planes_at_once_are_noticed():
    def lazy(photo, sigma, bright, colour):
        planes = to_opponent(photo)
        both = colour(planes[..., 1:], sigma)
        return from_opponent(np.dstack([bright(planes[..., 0], sigma), both]))

    assert "one plane at a time" in check.check_clean_colour(lazy).message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda p, s, b, c: to_opponent(p), "turned back"),
        (lambda p, s, b, c: p[..., 0], "Return a photo of shape"),
        (lambda p, s, b, c: p, "the plane with the number 0"),
        (
            lambda p, s, b, c: from_opponent(
                np.stack([b(to_opponent(p)[..., 0], s), *np.moveaxis(
                    0 * to_opponent(p)[..., 1:] + c(to_opponent(p)[..., 1], s)[..., None], 2, 0
                )], axis=-1)
            ),
            "must come back",
        ),
        (
            lambda p, s, b, c: from_opponent(np.stack(
                [b(to_opponent(p)[..., 0], s), c(to_opponent(p)[..., 1], 2 * s),
                 c(to_opponent(p)[..., 2], 2 * s)], axis=-1)),
            "and sigma",
        ),
    ],
)  # fmt: skip
def test_wrong_colours(answer, words):
    result = check.check_clean_colour(answer)
    assert result.status == "hint" and words in result.message, result
