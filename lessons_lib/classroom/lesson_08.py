"""Instant checks of lesson 08: slopes, steps, averages, consistency, and what nobody knows.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_08_draws import check_disputed, judge_array, read_array
from lessons_lib.scenes.step_signals import posterior_mean

__all__ = [
    "check_disputed",
    "check_draws_needed",
    "check_misfits",
    "check_slope",
    "check_step",
]

_SEED = 80_808


@instant_check
def check_slope(log_density_slope: Callable) -> str:
    """Exercise 1: random worlds of a few points in five dimensions, several noise levels."""
    rng = np.random.default_rng(_SEED)
    for sigma in (0.3, 0.8, 2.5):
        points = rng.standard_normal((4, 5))
        noisy = points[1] + sigma * rng.standard_normal(5)
        given = noisy.copy()

        def denoise(noisy: np.ndarray, sigma: float, points: np.ndarray = points) -> np.ndarray:
            return posterior_mean(noisy, sigma, points)

        answer = log_density_slope(denoise, given, sigma)
        expect(np.array_equal(given, noisy), "Your function changes noisy; leave it alone.")
        answer = read_array(answer, (5,), "the gradient")
        uphill = denoise(noisy, sigma) - noisy
        wrong = {
            "That points downhill: from the noisy signal *towards* the estimate is up.": -uphill
            / sigma**2,
            "That is the whole step sigma² times the gradient. Solve Tweedie's formula for the "
            "gradient.": uphill,
            "Divide by sigma squared: units must be 1 / value.": uphill / sigma,
            "You multiply by sigma²; solve Tweedie's formula for the gradient.": uphill * sigma**2,
            "The estimate alone is no slope. How far is it from the noisy signal?": denoise(
                noisy, sigma
            )
            / sigma**2,
        }
        judge_array(
            answer, uphill / sigma**2, wrong,
            "Not the slope. In D = noisy + sigma² x gradient, everything else is known.",
        )  # fmt: skip
    return "A denoiser is a compass."


@instant_check
def check_step(step_back: Callable) -> str:
    """Exercise 2: random states; Euler, ancestral, everything between, and the step to 0."""
    rng = np.random.default_rng(_SEED)
    for here, there in ((0.8, 0.6), (0.3, 0.29), (0.5, 0.0)):
        x, guess, noise = rng.standard_normal((3, 6, 7))
        for fresh in (0.0, 0.5, np.sqrt(1 - (there / here) ** 2), 0.9):
            given = x.copy(), guess.copy(), noise.copy()
            answer = step_back(*given[:2], here, there, given[2], fresh)
            same = all(np.array_equal(a, b) for a, b in zip(given, (x, guess, noise), strict=True))
            expect(same, "Your function changes its inputs; leave them as they were.")
            found = read_array(answer, (6, 7), "x")
            _judge_step(found, x - guess, guess, (here, there, noise, fresh))
    return "One dial from 'always the same answer' to 'another one each time'."


def _judge_step(
    answer: np.ndarray, old: np.ndarray, guess: np.ndarray, setting: tuple
) -> None:  # fmt: skip
    """Raise the hint that fits what is wrong with a step."""
    here, there, noise, fresh = setting
    left = np.sqrt(1 - fresh**2)
    new = fresh * there * noise

    def step(share: float, drawn: np.ndarray = new) -> np.ndarray:
        return guess + share * old + drawn

    wrong = {
        "Variances add up: the kept share of the standard deviation is a root.": step(
            (1 - fresh**2) * there / here
        ),
        "The new noise has the deviation fresh * there, not fresh: subtract its square.": step(
            np.sqrt(max(there**2 - fresh**2, 0)) / here
        ),
        "guess - x points the wrong way.": step(-left * there / here),
        "The old noise is kept as Euler keeps it, and new noise comes on top: the total is more "
        "than `there`. Variances add up.": step(there / here),
        "Standard deviations do not add up, variances do: kept² + new² = there².": step(
            (1 - fresh) * there / here
        ),
        "That keeps what the ancestral step keeps, for any `fresh`.": step((there / here) ** 2),
        "The new noise has the standard deviation `fresh`; it should be `fresh` times `there`.": (
            step(left * there / here, fresh * noise)
        ),
        "The new noise has the level `here`; we are going `there`.": step(
            left * there / here, fresh * here * noise
        ),
        "The old noise keeps its full size: `x - guess` has the level `here`, so divide by "
        "it.": step(left),
        "The old noise is scaled by `there`, but it is not of size 1: divide by `here`.": step(
            left * there
        ),
        "`fresh` is a share of the standard deviation, not of the variance.": step(
            np.sqrt(1 - fresh) * there / here, np.sqrt(fresh) * there * noise
        ),
        "You take the *guess's* share of the noise from x itself. Start from the guess, and add "
        "what is kept of x - guess.": step(left * there / here) + old,
    }
    judge_array(
        answer, step(left * there / here), wrong,
        "Not the step. What is the deviation of the new noise? How much variance is then left "
        "for the old one, and what deviation has x - guess now?",
    )  # fmt: skip


@instant_check
def check_draws_needed(draws_needed: Callable) -> str:
    """Exercise 3: from a tiny excess to more than a single draw has."""
    cases = np.array([0.013, 0.1, 0.3, 0.47, 0.9, 1.3, 2.2, 2.9, 3.5, 6.0])
    answers = [draws_needed(float(one)) for one in cases]
    for answer in answers:
        single = np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number, np.ndarray))
        expect(single, f"Return one number; got {type(answer).__name__}.")
        expect(np.isfinite(answer), "The number came out as NaN or infinite.")
    found = np.array(answers, dtype=float)
    excess = 10 ** (cases / 10) - 1
    right = np.maximum(1, np.ceil(1 / excess))
    amplitude = np.maximum(1, np.ceil(1 / (10 ** (cases / 20) - 1)))
    wrong = {
        "One too few: round up, not down, and never below one.": np.floor(1 / excess),
        "Decibels of an *error squared* are 10 log10, not 20.": amplitude,
        "Rounded down, the error is a little above the limit. Round up.": np.maximum(
            1, np.floor(1 / excess)
        ),
        "Half a draw cannot be made: return a whole number, rounded up.": 1 / excess,
        "Not the nearest whole number: the error must be *at most* so high. Round up.": np.maximum(
            1, np.rint(1 / excess)
        ),
        "That is the ratio of the errors. Set it equal to 1 + 1/N, and solve for N.": (
            10 ** (cases / 10)
        ),
        "Set 1 + 1/N equal to the ratio: where did the 1 go?": np.maximum(
            1, np.ceil(10 ** (-cases / 10))
        ),
    }
    judge_array(
        found, right, wrong,
        "Not the number. A limit of b dB is a ratio of 10^(b/10); 1/N may be what is above 1.",
    )  # fmt: skip
    expect(all(float(one) == int(one) for one in answers), "Return a whole number of draws.")
    return "A handful of draws, and the blur is back."


def _blocks(residual: np.ndarray, side: int) -> np.ndarray:
    """Mean of each block of side x side."""
    height, width = residual.shape
    return residual.reshape(height // side, side, width // side, side).mean(axis=(1, 3))


@instant_check
def check_misfits(block_misfits: Callable) -> str:
    """Exercise 4: pictures that are not square, several sides and noise levels."""
    rng = np.random.default_rng(_SEED)
    for (height, width), side, sigma in (
        ((24, 40), 8, 0.1),
        ((12, 20), 4, 0.3),
        ((6, 9), 3, 0.05),
    ):
        draw = rng.random((height, width))
        noisy = draw + sigma * rng.standard_normal((height, width)) + 0.5 * sigma
        given = draw.copy(), noisy.copy()
        answer = block_misfits(*given, sigma, side)
        expect(
            np.array_equal(given[0], draw) and np.array_equal(given[1], noisy),
            "Your function changes its inputs; leave them as they were.",
        )
        shape = (height // side, width // side)
        answer = read_array(answer, shape, "the small picture")
        means = _blocks(noisy - draw, side)
        crosswise = (noisy - draw).reshape(side, shape[0], side, shape[1]).mean(axis=(0, 2))
        wrong = {
            "The other way round: photo minus draw.": -means * side / sigma,
            "These are the means; divide them by their standard error.": means,
            "A single pixel has the error sigma. The mean of side² pixels is known better.": means
            / sigma,
            "You count side pixels in a block; there are side² of them.": means
            * np.sqrt(side)
            / sigma,
            "The error of a mean falls with the *root* of the number of pixels.": means
            * side**2
            / sigma,
            "A mean is *better* known than a pixel: its standard error is sigma / side.": means
            / (sigma * side),
            "Your blocks are not connected: the axes of your reshape are (blocks, side, blocks, "
            "side), in this order.": crosswise * side / sigma,
            "That is the size without its sign.": np.abs(means) * side / sigma,
        }
        judge_array(
            answer, means * side / sigma, wrong,
            "Not the means over their standard error. Reshape photo minus draw to (H / side, "
            "side, W / side, side), average over the two sides, divide by sigma / side.",
        )  # fmt: skip
    return "It can reject a draw. It cannot make one true."
