"""Wrong answers to the exercises of lesson 02 and the hint that each one gets."""

from pathlib import Path

import build_notebooks as builder
import numpy as np
import pytest

from lessons_lib.classroom import lesson_02 as check
from lessons_lib.diagnosis import edges
from lessons_lib.diagnosis.edges import EdgeSpread, plateaus, rise_width
from lessons_lib.display.profiles import edge_direction, profile_through

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "source" / "02_six_instruments.py"


def solutions() -> dict:
    """The solutions as they stand in the lesson, run with the lesson's own names."""
    names = {
        "np": np, "EdgeSpread": EdgeSpread, "plateaus": plateaus, "rise_width": rise_width,
        "profile_through": profile_through,
    }  # fmt: skip
    exec(compile(builder.solution_code(SOURCE), str(SOURCE), "exec"), names)
    return names


CHECKS = {
    "width_10_90": check.check_width,
    "mtf50_of_line": check.check_mtf50,
    "bias_and_variance": check.check_bias_and_variance,
    "jacobian_row": check.check_jacobian_row,
    "width_along": check.check_width_along,
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_solution_in_the_lesson_passes(name):
    result = CHECKS[name](solutions()[name])
    assert result.status == "passed", result.message


@pytest.mark.parametrize("name", CHECKS)
def test_an_unanswered_stub_is_open(name):
    def stub(*arguments):
        raise NotImplementedError

    assert CHECKS[name](stub).status == "open"


@pytest.mark.parametrize("name", CHECKS)
def test_an_answer_that_crashes_is_an_error(name):
    def crash(*arguments):
        raise KeyError("oops")

    assert CHECKS[name](crash).status == "error"


def rejected(result, words):
    assert result.status == "hint"
    assert words in result.message, result.message


# -- exercise 1


def interpolated(x, y, low, high):
    return np.interp(high, y, x) - np.interp(low, y, x)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x, y, d, li: None, "one number"),
        (lambda x, y, d, li: np.array([4.0]), "one number"),
        (lambda x, y, d, li: np.nan, "NaN"),
        (lambda x, y, d, li: 3.97, "straight ramp"),
        (lambda x, y, d, li: interpolated(x, (y - d) / (li - d), 0.2, 0.8), "straight ramp"),
        (lambda x, y, d, li: interpolated(x, (y - d) / (li - d), 0.1, 0.9) / 2.563, "ramp"),
        (lambda x, y, d, li: interpolated(x, y, 0.1, 0.9), "shares of the way"),
        (
            lambda x, y, d, li: float(
                x[np.argmax(y >= d + 0.9 * (li - d))] - x[np.argmax(y >= d + 0.1 * (li - d))]
            ),
            "between two samples",
        ),
    ],
)
def test_wrong_widths(answer, words):
    rejected(check.check_width(answer), words)


# -- exercise 2


def transform(x, y, frequencies):
    return np.exp(-2j * np.pi * np.outer(frequencies, x)) @ y


def first_below(frequencies, response, level=0.5):
    below = np.flatnonzero(response <= level)
    return float(frequencies[below[0]]) if below.size else 0.5


FREQUENCIES = np.linspace(0, 0.5, 1001)


def power(x, y):
    size = np.abs(transform(x, y, FREQUENCIES) / y.sum()) ** 2
    return first_below(FREQUENCIES, size)


def radians(x, y):
    size = np.abs(transform(x, y, FREQUENCIES) / y.sum())
    return 2 * np.pi * first_below(FREQUENCIES, size)


def not_normalised(x, y):
    return first_below(FREQUENCIES, np.abs(transform(x, y, FREQUENCIES)))


def real_part(x, y):
    return first_below(FREQUENCIES, (transform(x, y, FREQUENCIES) / y.sum()).real)


def gaussian_formula(x, y):
    weights = y / y.sum()
    return 0.187390 / np.sqrt(weights @ (x - weights @ x) ** 2)


def beyond_nyquist(x, y):
    frequencies = np.linspace(0, 3, 6001)
    size = np.abs(transform(x, y, frequencies) / y.sum())
    return first_below(frequencies, size)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (power, "*power*"),
        (radians, "radians"),
        (not_normalised, "Not for all"),
        (real_part, "Not for all"),
        (gaussian_formula, "Right for a Gaussian"),
        (beyond_nyquist, "honest answer"),
        (lambda x, y: 0.125, "same answer"),
        (lambda x, y: (0.1, 0.2), "one number"),
    ],
)
def test_wrong_mtf50(answer, words):
    rejected(check.check_mtf50(answer), words)


# -- exercise 3


def right_maps(clean, stack):
    return (stack.mean(0) - clean) ** 2, stack.var(0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x, e: right_maps(x, e)[::-1], "swapped"),
        (lambda x, e: (e.mean(0) - x, e.var(0)), "asks for its square"),
        (lambda x, e: (right_maps(x, e)[0], e.std(0)), "standard deviation"),
        (lambda x, e: (right_maps(x, e)[0], e.var(0, ddof=1)), "what number do you divide"),
        (lambda x, e: (right_maps(x, e)[0], ((e - x) ** 2).mean(0)), "Around what"),
        (lambda x, e: (((e - x) ** 2).mean(0), e.var(0)), "Average the estimates first"),
        (lambda x, e: (np.zeros_like(x), np.zeros_like(x)), "Average the estimates first"),
        (lambda x, e: tuple(m.mean() for m in right_maps(x, e)), "over the pixels"),
        (lambda x, e: right_maps(x, e)[0], "two things"),
    ],
)
def test_wrong_bias_and_variance(answer, words):
    rejected(check.check_bias_and_variance(answer), words)


@pytest.mark.parametrize("container", [tuple, list, np.stack])
def test_two_maps_in_any_container_pass(container):
    result = check.check_bias_and_variance(lambda x, e: container(right_maps(x, e)))
    assert result.status == "passed", result.message


# -- exercise 4


def row_by(difference):
    """Fill a row with ``difference(denoiser, noisy, change, sigma, position, step)``."""

    def answer(denoiser, noisy, sigma, position, step):
        row = np.zeros(noisy.shape)
        for pixel in np.ndindex(noisy.shape):
            change = np.zeros(noisy.shape)
            change[pixel] = step
            row[pixel] = difference(denoiser, noisy, change, sigma, position, step)
        return row

    return answer


def central(denoiser, noisy, change, sigma, position):
    return (denoiser(noisy + change, sigma) - denoiser(noisy - change, sigma))[position]


def column(denoiser, noisy, sigma, position, step):
    change = np.zeros(noisy.shape)
    change[position] = step
    return (denoiser(noisy + change, sigma) - denoiser(noisy - change, sigma)) / (2 * step)


def changes_its_input(denoiser, noisy, sigma, position, step):
    noisy += step
    return noisy


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (column, "the column"),
        (row_by(lambda d, y, c, s, p, h: central(d, y, c, s, p)), "change itself"),
        (row_by(lambda d, y, c, s, p, h: central(d, y, c, s, p) / h), "factor of two"),
        (row_by(lambda d, y, c, s, p, h: (d(y + c, s) - d(y, s))[p] / h), "one-sided"),
        (row_by(lambda d, y, c, s, p, h: (d(y, s) - d(y - c, s))[p] / h), "one-sided"),
        (row_by(lambda d, y, c, s, p, h: central(d, y, c, 0.05, p) / (2 * h)), "sigma passed"),
        (lambda d, y, s, p, h: np.zeros(y.shape), "Some entries are wrong"),
        (lambda d, y, s, p, h: d(y, s), "Some entries are wrong"),
        (lambda d, y, s, p, h: np.zeros(y.size), "one number per input pixel"),
        (changes_its_input, "changes noisy"),
    ],
)
def test_wrong_jacobian_rows(answer, words):
    rejected(check.check_jacobian_row(answer), words)


# -- exercise 5


def middle_only(image, start, end):
    middle = tuple(int(round((a + b) / 2)) for a, b in zip(start, end, strict=True))
    return rise_width(profile_through(image, middle, edge_direction(image, middle)))


def mean_profile(image, start, end, direction):
    points = np.linspace(start, end, 40)
    profiles = [profile_through(image, tuple(point), direction) for point in points]
    values = np.mean([profile.values for profile in profiles], axis=0)
    return EdgeSpread(profiles[0].positions, values)


def unit(start, end):
    vector = np.subtract(end, start)
    return vector / np.linalg.norm(vector)


def along_the_edge(image, start, end):
    return rise_width(mean_profile(image, start, end, tuple(unit(start, end))))


def one_way_only(image, start, end):
    down, across = unit(start, end)
    return rise_width(mean_profile(image, start, end, (across, -down)))


def other_levels(image, start, end):
    down, across = unit(start, end)
    spreads = [
        mean_profile(image, start, end, normal) for normal in ((across, -down), (-across, down))
    ]
    return min(rise_width(spread, 0.2, 0.8) for spread in spreads)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (middle_only, "Average the profiles"),
        (one_way_only, "turn the direction"),
        (other_levels, "10 to 90"),
        (lambda image, start, end: 2.3, "Average the profiles"),
        (lambda image, start, end: np.inf, "right angle"),
        (lambda image, start, end: "wide", "one number"),
    ],
)
def test_wrong_photo_widths(answer, words):
    rejected(check.check_width_along(answer), words)


def test_profiles_along_the_edge_are_rejected():
    assert check.check_width_along(along_the_edge).status == "hint"


def test_the_known_numbers_of_the_mtf_check():
    # sinc(f50) = 1/2 and exp(-2 pi^2 s^2 f^2) = 1/2, to the digits the check uses
    assert np.sinc(0.603355) == pytest.approx(0.5, abs=1e-6)
    assert np.exp(-2 * (np.pi * 0.187390) ** 2) == pytest.approx(0.5, abs=1e-5)
    assert edges.NYQUIST == 0.5
