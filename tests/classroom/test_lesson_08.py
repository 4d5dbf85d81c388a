"""Wrong answers to the exercises of lesson 08 and their hints; the pictures of the lesson."""

import numpy as np
import pytest
from exercises import rejected, solutions

from lessons_lib.classroom import lesson_08 as check
from lessons_lib.classroom import lesson_08_pictures as pictures


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda D, y, s: (y - D(y, s)) / s**2, "points downhill"),
        (lambda D, y, s: D(y, s) - y, "That is the whole step"),
        (lambda D, y, s: (D(y, s) - y) / s, "sigma squared"),
        (lambda D, y, s: (D(y, s) - y) * s**2, "You multiply"),
        (lambda D, y, s: D(y, s) / s**2, "The estimate alone"),
        (lambda D, y, s: np.zeros_like(y), "Not the slope"),
        (lambda D, y, s: np.zeros(3), "must have the shape (5,)"),
        (lambda D, y, s: "up", "as an array"),
        (lambda D, y, s: np.full_like(y, np.nan), "NaN or infinite"),
    ],
)
def test_wrong_slopes(answer, words):
    rejected(check.check_slope(answer), words)


def test_a_slope_that_changes_its_input_is_told():
    def answer(D, noisy, sigma):
        slope = (D(noisy, sigma) - noisy) / sigma**2
        noisy *= 0
        return slope

    rejected(check.check_slope(answer), "changes noisy")


def step(kept, new=lambda t, h, f: f * t):
    def answer(x, guess, here, there, noise, fresh):
        return guess + kept(there, here, fresh) * (x - guess) + new(there, here, fresh) * noise

    return answer


def right_share(there, here, fresh):
    return np.sqrt(1 - fresh**2) * there / here


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (step(lambda t, h, f: t / h), "new noise comes on top"),
        (step(lambda t, h, f: (1 - f) * t / h), "Standard deviations do not add up"),
        (step(lambda t, h, f: (t / h) ** 2), "for any `fresh`"),
        (step(right_share, lambda t, h, f: f), "`fresh` times `there`"),
        (step(right_share, lambda t, h, f: f * h), "we are going `there`"),
        (step(lambda t, h, f: np.sqrt(1 - f**2)), "keeps its full size"),
        (step(lambda t, h, f: t * np.sqrt(1 - f**2)), "not of size 1"),
        (
            step(lambda t, h, f: np.sqrt(1 - f) * t / h, lambda t, h, f: np.sqrt(f) * t),
            "not of the variance",
        ),
        (
            lambda x, g, h, t, n, f: x + right_share(t, h, f) * (x - g) + f * t * n,
            "Start from the guess",
        ),
        (lambda x, g, h, t, n, f: g, "Not the step"),
        (lambda x, g, h, t, n, f: g[0], "must have the shape"),
    ],
)
def test_wrong_steps(answer, words):
    rejected(check.check_step(answer), words)


def test_a_step_that_changes_its_input_is_told():
    def answer(x, guess, here, there, noise, fresh):
        x -= guess
        return guess + right_share(there, here, fresh) * x + fresh * there * noise

    rejected(check.check_step(answer), "changes its inputs")


def excess(decibel, per=10):
    return 10 ** (decibel / per) - 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda b: int(np.ceil(1 / excess(b))) - 1, "One too few"),
        (lambda b: max(1, int(np.ceil(1 / excess(b, 20)))), "10 log10, not 20"),
        (lambda b: max(1, int(1 / excess(b))), "Rounded down"),
        (lambda b: 1 / excess(b), "Half a draw"),
        (lambda b: max(1, round(1 / excess(b))), "Not the nearest"),
        (lambda b: 10 ** (b / 10), "the ratio of the errors"),
        (lambda b: max(1, int(np.ceil(10 ** (-b / 10)))), "where did the 1 go"),
        (lambda b: 16, "Not the number"),
        (lambda b: "many", "Return one number"),
        (lambda b: np.inf, "NaN or infinite"),
    ],
)
def test_wrong_numbers_of_draws(answer, words):
    rejected(check.check_draws_needed(answer), words)


def blocks(noisy, draw, side):
    height, width = noisy.shape
    return (noisy - draw).reshape(height // side, side, width // side, side)


def means(noisy, draw, side):
    return blocks(noisy, draw, side).mean(axis=(1, 3))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda d, y, s, k: means(d, y, k) * k / s, "The other way round"),
        (lambda d, y, s, k: means(y, d, k), "divide them by their standard error"),
        (lambda d, y, s, k: means(y, d, k) / s, "A single pixel has the error sigma"),
        (lambda d, y, s, k: means(y, d, k) * np.sqrt(k) / s, "there are side² of them"),
        (lambda d, y, s, k: means(y, d, k) * k**2 / s, "*root* of the number"),
        (lambda d, y, s, k: means(y, d, k) / (s * k), "*better* known"),
        (
            lambda d, y, s, k: (
                (y - d).reshape(k, len(y) // k, k, y.shape[1] // k).mean(axis=(0, 2)) * k / s
            ),
            "not connected",
        ),
        (lambda d, y, s, k: np.abs(means(y, d, k)) * k / s, "without its sign"),
        (lambda d, y, s, k: blocks(y, d, k).std(axis=(1, 3)) * k / s, "Not the means"),
        (lambda d, y, s, k: (y - d) / s, "must have the shape"),
    ],
)
def test_wrong_misfits(answer, words):
    rejected(check.check_misfits(answer), words)


def test_misfits_that_change_their_input_are_told():
    def answer(draw, noisy, sigma, side):
        noisy -= draw
        return means(noisy, 0 * draw, side) * side / sigma

    rejected(check.check_misfits(answer), "changes its inputs")


def spread(draws):
    return draws.std(axis=0, ddof=1)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda d, t: (d.std(axis=0), d.std(axis=0) > t), "Divide by N - 1"),
        (lambda d, t: (spread(d) ** 2, spread(d) > t), "That is the variance"),
        (lambda d, t: (d.mean(axis=0), spread(d) > t), "the mean of the draws"),
        (lambda d, t: (np.ptp(d, axis=0), spread(d) > t), "the span"),
        (
            lambda d, t: (np.abs(d - d.mean(axis=0)).mean(axis=0), spread(d) > t),
            "mean absolute deviation",
        ),
        (lambda d, t: (0 * d[0], spread(d) > t), "Not the standard deviation"),
        (lambda d, t: (spread(d), spread(d) < t), "where the draws *agree*"),
        (lambda d, t: (spread(d), spread(d) >= t), "*Above* the limit"),
        (lambda d, t: (spread(d), spread(d) > 2 * t), "Not the pixels"),
        (lambda d, t: (spread(d), 1.0 * (spread(d) > t)), "boolean picture"),
        (lambda d, t: spread(d), "Return two pictures"),
    ],
)
def test_wrong_maps(answer, words):
    rejected(check.check_disputed(answer), words)


# -- pictures


@pytest.mark.parametrize("number", ["0123", "4567", "8909"])
def test_a_plate_reads_as_it_was_written(number):
    plate = pictures.number_plate(number)
    assert plate.shape == (24, 48) and plate.dtype == np.float32
    assert pictures.read_plate(plate) == number
    noisy = plate + 0.1 * np.random.default_rng(0).standard_normal(plate.shape)
    assert pictures.read_plate(noisy) == number


@pytest.mark.parametrize("number", ["123", "12345", "12a4"])
def test_a_plate_has_four_digits(number):
    with pytest.raises(ValueError, match="a plate has 4 digits"):
        pictures.number_plate(number)


def test_power_of_white_noise_is_its_variance_at_each_frequency():
    noise = 0.3 * np.random.default_rng(1).standard_normal((256, 256))
    frequencies, power = pictures.rings(noise, 8)
    np.testing.assert_allclose(frequencies, (np.arange(8) + 0.5) / 16)
    # The innermost ring has some 800 frequencies, about a third of them independent under the
    # window: their mean power is known to 6 %.
    np.testing.assert_allclose(power, 0.09, rtol=4 * 0.06)
    assert power[4:].mean() == pytest.approx(0.09, rel=0.05)


def test_fine_energy_counts_what_is_fine():
    rows = np.arange(64)[:, np.newaxis]
    coarse, fine = (np.cos(2 * np.pi * f * rows) * np.ones((1, 64)) for f in (1 / 16, 1 / 4))
    # The window leaks a few millionths that far.
    assert pictures.fine_energy(coarse) < 1e-5 * pictures.fine_energy(fine)
    assert pictures.fine_energy(2 * fine) == pytest.approx(4 * pictures.fine_energy(fine))


def spread_by_squares(draws, limit):
    """The spread by another formula, which differs in the last bit."""
    mean, squares = draws.mean(axis=0), (draws**2).mean(axis=0)
    spread = np.sqrt(np.maximum(squares - mean**2, 0) * len(draws) / (len(draws) - 1))
    return [spread, spread > limit]


@pytest.mark.parametrize(
    ("check_it", "answer"),
    [
        (check.check_disputed, spread_by_squares),
        (check.check_slope, lambda D, noisy, sigma: (D(noisy, sigma=sigma) - noisy) / sigma**2),
        (check.check_draws_needed, lambda b: np.array(solutions("08")["draws_needed"](b))),
    ],
)
def test_right_answers_of_another_form_pass(check_it, answer):
    result = check_it(answer)
    assert result.status == "passed", result.message


@pytest.mark.parametrize("number", [1, 2, 4, 5, 7, 11, 19])
def test_the_limit_itself_is_allowed(number):
    assert solutions("08")["draws_needed"](10 * np.log10(1 + 1 / number)) == number


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (lambda h, t, f: (1 - f**2) * t / h, "deviation is a root"),
        (lambda h, t, f: np.sqrt(max(t**2 - f**2, 0)) / h, "subtract its square"),
        (lambda h, t, f: -np.sqrt(1 - f**2) * t / h, "points the wrong way"),
    ],
)
def test_likely_slips_of_a_step_get_their_own_hint(kept, words):
    def answer(x, guess, here, there, noise, fresh):
        return guess + kept(here, there, fresh) * (x - guess) + fresh * there * noise

    rejected(check.check_step(answer), words)
