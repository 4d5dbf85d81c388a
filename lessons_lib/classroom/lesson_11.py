"""Instant checks of lesson 11: light, blotches, frames, shift errors, and the learner's page.

The check on frames stands with the burst; it can be imported from here.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_11_burst import check_most_frames
from lessons_lib.classroom.lesson_11_report import (
    CAUSES,
    PARTS,
    Facts,
    random_facts,
    supported_cause,
)

__all__ = [
    "check_electrons",
    "check_merged_width",
    "check_most_frames",
    "check_my_answer",
    "check_noise_of_mean",
]

_SEED = 111_111
RISE = 2.563  # 10-90 % width of a Gaussian edge over its standard deviation


def _number(answer: object, what: str) -> float:
    """Return the answer as a float, or hint that one number is wanted."""
    single = np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number))
    expect(single, f"Return one number, the {what}; got {type(answer).__name__}.")
    expect(bool(np.isfinite(answer)), f"The {what} came out as {answer}.")
    return float(answer)


@instant_check
def check_electrons(electrons_at_white: Callable) -> str:
    """Exercise 1: random sensors, exact lines, and one whose line dips below zero."""
    rng = np.random.default_rng(_SEED)
    for read in (0.0, 1.6, 4.0, None):
        electrons = float(rng.uniform(60, 3000))
        levels = np.sort(rng.uniform(0.01, 0.9, 6))
        dark = -1e-5 if read is None else (read / electrons) ** 2
        sigmas = np.sqrt(levels / electrons + max(dark, 0) + min(dark, 0) * levels.min())
        answer = electrons_at_white(levels.copy(), sigmas.copy())
        expect(
            isinstance(answer, (tuple, list, np.ndarray)) and len(answer) == 2,
            "Return two numbers: the electrons that white gives, and the read noise in electrons.",
        )
        white, found = _number(answer[0], "electrons"), _number(answer[1], "read noise")
        _judge_electrons(white, electrons)
        if read is not None:
            _judge_read(found, read, electrons)
        else:
            seen = abs(found) > 0.01  # electrons; a fit that is held to r >= 0 leaves a trace
            expect(not seen, "Where the line dips below 0, no read noise was seen: return 0.")
    return "One photo has told how much light it caught."


def _judge_electrons(found: float, electrons: float) -> None:
    """Raise the hint that fits a wrong number of electrons."""
    close = np.isclose(found, electrons, rtol=0.02)
    expect(close or not np.isclose(found, 1 / electrons, rtol=0.02), "That is the slope: how much "
           "variance each unit of light brings. Light arrives in 1 / slope pieces.")  # fmt: skip
    expect(
        close,
        "Not the electrons. Plot the *variance* (sigma squared) against the level: shot noise "
        "makes it a straight line of slope 1 / electrons. (np.polyfit fits one.)",
    )


def _judge_read(found: float, read: float, electrons: float) -> None:
    """Raise the hint that fits a wrong read noise."""
    close = np.isclose(found, read, rtol=0.02, atol=0.02)
    wrong = {
        "That is the read noise in image units; multiply by the electrons of white.":
            read / electrons,
        "That is the line's value without light, a variance in image units.":
            (read / electrons) ** 2,
        "The read noise is a standard deviation: take the root.": read**2,
    }  # fmt: skip
    for hint, value in wrong.items():
        expect(close or not np.isclose(found, value, rtol=0.02, atol=1e-9), hint)
    expect(
        close,
        "Not the read noise. Where the line meets level 0 there is no light: what is left there "
        "is (read noise / electrons)².",
    )


def _variance_of_mean(correlation: np.ndarray, n: int, *, falling: bool = True) -> float:
    """Variance of an n x n mean of noise of variance 1; lags beyond the table are 0."""
    reach = len(correlation) // 2
    lags = np.arange(-reach, reach + 1)
    pairs = np.maximum(n - np.abs(lags), 0) if falling else n * (np.abs(lags) < n)
    return float(np.sum(np.outer(pairs, pairs) * correlation)) / n**4


@instant_check
def check_noise_of_mean(noise_of_mean: Callable) -> str:
    """Exercise 2: random blotches, windows smaller and larger than the table."""
    rng = np.random.default_rng(_SEED)
    for n, reach in ((1, 2), (3, 3), (2, 4), (8, 2)):
        width, sigma = rng.uniform(0.6, 1.5), rng.uniform(0.01, 0.2)
        lags = np.arange(-reach, reach + 1)
        correlation = np.exp(-(lags[:, None] ** 2 + lags**2 / 2) / (2 * width**2))
        found = _number(noise_of_mean(sigma, correlation.copy(), n), "standard deviation")
        right = sigma * np.sqrt(_variance_of_mean(correlation, n))
        wrong = {
            "That is the law for independent noise, sigma / n. Here neighbours share theirs.":
                sigma / n,
            "That is the variance; its root is asked for.": right**2,
            "A window of n pixels holds n - |i| pairs at the distance i, not n.":
                sigma * np.sqrt(_variance_of_mean(correlation, n, falling=False)),
            "A mean of n x n pixels divides by n², and so its variance by n⁴.": right * n,
        }  # fmt: skip
        for hint, value in wrong.items():
            expect(np.isclose(found, right) or not np.isclose(found, value), hint)
        expect(
            np.isclose(found, right),
            f"Not the noise of a mean of {n} x {n}. Add up sigma² times the correlation over all "
            "pairs of its pixels: (n - |i|) (n - |j|) of them are (i, j) apart. Lags beyond the "
            "table count nothing.",
        )
    return "Blotches average out too, only later."


@instant_check
def check_merged_width(merged_width: Callable) -> str:
    """Exercise 4: random blurs and shift errors that do not average to zero."""
    rng = np.random.default_rng(_SEED)
    for count in (2, 5, 12):
        blur, errors = rng.uniform(0.5, 2), rng.uniform(-1, 1) + rng.uniform(0.4, 1, count)
        found = _number(merged_width(blur, errors.copy()), "width")
        pixel = 1 / 12
        right = RISE * np.sqrt(blur**2 + pixel + errors.var())
        wrong = {
            "Divide by N, not by N - 1: these are all the frames there are, no sample of more.":
                RISE * np.sqrt(blur**2 + pixel + errors.var(ddof=1)),
            "If all frames are off by the same, nothing blurs: take the errors' mean off.":
                RISE * np.sqrt(blur**2 + pixel + np.mean(errors**2)),
            "The pixel's area is missing: variance 1/12.": RISE * np.sqrt(blur**2 + errors.var()),
            "Variances add, not standard deviations.":
                RISE * (np.sqrt(blur**2 + pixel) + errors.std()),
            "That is a standard deviation; the 10-90 % width is 2.563 of them.":
                np.sqrt(blur**2 + pixel + errors.var()),
        }  # fmt: skip
        for hint, value in wrong.items():
            expect(np.isclose(found, right, rtol=1e-3) or not np.isclose(found, value), hint)
        expect(
            np.isclose(found, right, rtol=1e-3),
            "Not the width. Add three variances, of the blur, of the pixel's area and of the "
            "shift errors, and take 2.563 times the root.",
        )
    return "The law needs no Gaussian; only the factor 2.563 does."


@instant_check
def check_my_answer(my_answer: Callable) -> str:
    """Exercise 5: the page must carry the numbers of whatever photo it is given."""
    rng = np.random.default_rng(_SEED)
    for number in range(20):  # each of the five methods both spares the weak edge and widens it
        facts = random_facts(rng, number)
        answer = my_answer(facts)
        expect(isinstance(answer, dict), "Return a dict: part of the page -> your sentence.")
        missing = [part for part in PARTS if part not in answer]
        expect(not missing, f"The page has no {', '.join(missing)}.")
        for part, value in facts.numbers().items():
            _judge_sentence(part, answer[part], value)
        _judge_cause(answer["cause"], facts)
    return "Every number on your page comes from the photo. The sentences only you can judge."


def _judge_sentence(part: str, sentence: object, value: float) -> None:
    expect(isinstance(sentence, str), f"'{part}' must be a sentence, a string.")
    expect(len(sentence.split()) >= 5, f"'{part}' is not a sentence yet: {sentence!r}.")
    found = [float(word) for word in _numerals(sentence)]
    # Two digits are enough for a page; a share may be written in per cent.
    near = any(abs(one - seen) <= 0.06 * abs(seen) + 5e-4 for one in found
               for seen in (value, 100 * value))  # fmt: skip
    expect(
        near,
        f"'{part}' does not say the number of this photo ({PARTS[part]}). Put it in with an "
        "f-string, so that it changes with the photo.",
    )


def _numerals(sentence: str) -> list[str]:
    """Runs of digits and points in a sentence that are numbers."""
    kept = "".join(letter if letter in "0123456789." else " " for letter in sentence)
    return [word.strip(".") for word in kept.split() if word.strip(".").count(".") <= 1
            and word.strip(".")]  # fmt: skip


def _judge_cause(answer: object, facts: Facts) -> None:
    expect(
        isinstance(answer, str) and answer in CAUSES,
        f"The cause must be one of {', '.join(CAUSES)}; got {answer!r}.",
    )
    weak = facts.weak
    expect(
        answer == supported_cause(facts),
        f"'{answer}' does not fit a weak edge of {weak.before:.2f} px in the photo and "
        f"{weak.after:.2f} px after {facts.method}. Did the denoiser widen it by more than a "
        "tenth at all? If not, its blur was in the photo. If it did: what kind of denoiser?",
    )
