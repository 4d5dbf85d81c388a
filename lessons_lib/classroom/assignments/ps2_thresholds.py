"""Judges of PS2 about thresholds: what a coefficient risks, a whole denoiser, and its grid."""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from lessons_lib.classroom.assignments.returned import array, call, near, none_of
from lessons_lib.classroom.checks import expect
from lessons_lib.denoisers.filter_bank import HAAR, inverse, transform
from lessons_lib.denoisers.shrink_statistics import shrunk_mean, shrunk_variance
from lessons_lib.denoisers.thresholds import bayes_threshold, hard, soft, universal_threshold
from lessons_lib.image import Image

# ---------------------------------------------------------------- 3 the risk of a threshold


def judge_hard_risk(answer: Callable, rng: np.random.Generator) -> None:
    """Small, middling and large coefficients of both signs, in several units."""
    for ratio, sigma in ((3.0, 0.1), (1.5, 1.0), (2.5, 0.02), (4.0, 6.0)):
        sigma, ratio = sigma * rng.uniform(0.9, 1.1), ratio * rng.uniform(0.9, 1.1)
        theta = sigma * np.concatenate([[0.0, ratio], rng.uniform(-7, 7, 7)])
        given = theta, ratio * sigma, sigma
        found = array(call(answer, *given), theta.shape, "the risks")
        _hint_on_risk(found, *given)


def _hint_on_risk(found: np.ndarray, theta: np.ndarray, T: float, sigma: float) -> None:
    """Raise the hint that fits a wrong risk of hard thresholding."""
    mean, variance = (f(theta, T, sigma, "hard") for f in (shrunk_mean, shrunk_variance))
    right = (mean - theta) ** 2 + variance
    above, below = ndtr((theta - T) / sigma), ndtr((-theta - T) / sigma)
    lost = 1 - above - below
    softly = (shrunk_mean(theta, T, sigma) - theta) ** 2 + shrunk_variance(theta, T, sigma)
    a = (T - theta) / sigma  # the part of the integral above T only
    upper = sigma**2 * (a * norm.pdf(a) + above) + theta**2 * (1 - above)
    slips = {
        "That is the bias squared. What survives is noisy: the variance belongs to it.": (
            mean - theta
        ) ** 2,
        "That is the variance. The mean after the threshold is not theta: add the bias squared.": (
            variance
        ),
        "That is the risk of soft thresholding; hard leaves what survives as it is.": softly,
        "That is a root: the mean *squared* error is asked for.": np.sqrt(right),
        "In units of sigma²? The risk is in the units of theta, squared.": right / sigma**2,
        "What is deleted loses theta². You forgot the noise of what survives.": lost * theta**2,
        "You forgot what is deleted: its error is theta², with the chance that it is.": right
        - lost * theta**2,
        "Nearly. Those that survive are not a fair sample of the noise: the ones that noise "
        "pushed up survive. Integrate (y - theta)² over |y| > T.": lost * theta**2
        + (1 - lost) * sigma**2,
        "Values below -T survive as well: |y| > T.": upper,
    }
    none_of(found, right, slips, rtol=1e-4)
    scale = max(T, sigma) ** 2
    off = np.abs(found - right).max() / scale
    expect(
        not 1e-3 < off < 0.1,
        f"Close, but off by up to {off:.1%} of T². Drawn numbers? Integrate over y on a fine grid "
        "that reaches 8 sigma to both sides of theta, or use Phi and phi.",
    )
    expect(
        off <= 1e-3,
        "Not E[(hard(theta + n) - theta)²]. Two parts: theta² where |y| <= T, and (y - theta)² "
        "where |y| > T, both weighed by the density of y.",
    )


# ---------------------------------------------------------------- 4 a whole denoiser

_SILENT = "In a band with less power than the noise alone has, sigma_x is 0: delete it whole."


def judge_bayes_haar(answer: Callable, rng: np.random.Generator) -> None:
    """Blocks with weak lines in noise; some bands are silent."""
    for shape, levels, sigma in (((32, 32), 3, 0.05), ((16, 24), 2, 0.1), ((8, 12), 1, 0.2)):
        noisy = _blocks(shape, rng) + sigma * rng.standard_normal(shape)
        found = array(call(answer, noisy, sigma, levels), shape, "the estimate")
        _hint_on_bayes(found, noisy, sigma, levels)
    silent = np.full((8, 8), 0.4) + 0.01 * rng.standard_normal((8, 8))
    found = array(call(answer, silent, 0.1, 1), (8, 8), "the estimate")
    expect(near(found, bayes_haar(silent, 0.1, 1)), _SILENT)


def _blocks(shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Flat blocks of 4 x 4 px, and a few columns that are brighter."""
    blocks = np.kron(rng.uniform(0.1, 0.7, (shape[0] // 4, shape[1] // 4)), np.ones((4, 4)))
    blocks[:, rng.choice(shape[1], 3, replace=False)] += 0.4
    return blocks


def bayes_haar(
    noisy: Image, sigma: float, levels: int, rule: Callable | None = None,
    shrink: Callable = soft, approximation: Callable = lambda coarse: coarse,
) -> Image:  # fmt: skip
    """Reference: Haar, a threshold for each band by a rule, and back."""
    rule = rule or (lambda band: bayes_threshold(band, sigma))
    coarse, bands = transform(noisy, HAAR, levels)
    kept = [tuple(shrink(band, rule(band)) for band in level) for level in bands]
    return inverse(approximation(coarse), kept, HAAR)


def _hint_on_bayes(found: Image, noisy: Image, sigma: float, levels: int) -> None:
    """Raise the hint that fits a wrong denoiser."""

    def spread(band: np.ndarray) -> float:
        return np.sqrt(max(np.mean(band**2) - sigma**2, 1e-300))

    def kept_if_silent(band: np.ndarray) -> float:
        return sigma**2 / spread(band) if np.mean(band**2) > sigma**2 else 0.0

    def other(rule: Callable | None = None, **settings: object) -> Image:
        return bayes_haar(noisy, sigma, levels, rule, **settings)

    bands = transform(noisy, HAAR, levels)[1]
    every = np.concatenate([band.ravel() for level in bands for band in level])
    slips = {
        "Your transform and its inverse give the noisy picture back: nothing is shrunk.": noisy,
        "That is hard thresholding; soft was asked for.": other(shrink=hard),
        "T = sigma² / sigma_x: your sigma is not squared.": other(lambda b: sigma / spread(b)),
        "T = sigma² / sigma_x: sigma_x is a standard deviation; you divide by its square.": other(
            lambda b: sigma**2 / spread(b) ** 2
        ),
        "sigma_x is the *clean* band's: take the noise's sigma² off the mean square.": other(
            lambda b: sigma**2 / np.sqrt(np.mean(b**2))
        ),
        "One threshold for all bands? Each band has its own sigma_x.": other(
            lambda b: bayes_threshold(every, sigma)
        ),
        "That is the universal threshold, which never looks at the picture.": other(
            lambda b: universal_threshold(sigma, noisy.size)
        ),
        "The approximation is no detail: leave it alone.": other(
            approximation=lambda coarse: soft(coarse, bayes_threshold(coarse, sigma))
        ),
        _SILENT: other(kept_if_silent),
        "Only the finest level is shrunk.": bayes_haar(noisy, sigma, 1),
        "One level too few.": bayes_haar(noisy, sigma, levels - 1),
        "That is the mean of 2 x 2 blocks: all details are gone.": other(lambda b: np.inf),
    }
    if levels == 1:  # with one level, or fewer, these are no slips
        slips = {hint: wrong for hint, wrong in slips.items() if "level" not in hint}
    none_of(found, other(), slips)
    expect(
        abs(found.mean() - noisy.mean()) < 1e-9,
        "Your estimate is brighter or darker than the picture. Every detail sums to 0 over its "
        "block, so shrinking keeps the mean. Does your inverse undo your transform?",
    )
    expect(
        near(found, other()),
        "Not yet. Check that the inverse undoes the transform, that noise of sigma stays sigma in "
        "every band (divide sums of four by 2), and then the threshold of one band by hand.",
    )


# ---------------------------------------------------------------- 5 both grids


def judge_two_shifts(answer: Callable, rng: np.random.Generator) -> None:
    """Bumps in noise."""
    for length, threshold in ((24, 0.3), (40, 0.15), (12, 0.5)):
        signal = 0.2 + 0.8 * (np.abs(np.arange(length) - rng.integers(4, length - 4)) < 2.5)
        signal += threshold * rng.uniform(-1.2, 1.2, length)  # details on both sides of it
        signal[-1] = signal[0] + 0.6 * threshold  # the pair across the ends is deleted
        _hint_on_shifts(array(call(answer, signal, threshold), (length,), "the mean"), signal,
                        threshold, answer)  # fmt: skip


def one_grid(signal: np.ndarray, threshold: float, rule: Callable = hard) -> np.ndarray:
    """Reference: one level of Haar, its details thresholded, and back."""
    first, second = signal[0::2], signal[1::2]
    mean = (first + second) / 2
    half = rule((first - second) / np.sqrt(2), threshold) / np.sqrt(2)
    return np.stack([mean + half, mean - half], axis=1).ravel()


def both_grids(signal: np.ndarray, threshold: float, rule: Callable = hard) -> np.ndarray:
    """Reference: the mean over the two grids, periodic."""
    moved = np.roll(one_grid(np.roll(signal, 1), threshold, rule), -1)
    return (one_grid(signal, threshold, rule) + moved) / 2


def _hint_on_shifts(
    found: np.ndarray, signal: np.ndarray, threshold: float, answer: Callable
) -> None:
    """Raise the hint that fits a wrong mean over shifts."""
    right = both_grids(signal, threshold)
    plain, shifted = one_grid(signal, threshold), one_grid(np.roll(signal, 1), threshold)
    ends = right.copy()  # as if the shifted grid stopped at the ends
    ends[[0, -1]] = (plain[[0, -1]] + signal[[0, -1]]) / 2
    none_of(found, right, {
        "Nothing is deleted: that is the signal.": signal,
        "That is one grid only, where the pairs start at sample 0.": plain,
        "That is one grid only, the shifted one.": np.roll(shifted, -1),
        "The shifted result must be shifted back before you average.": (plain + shifted) / 2,
        "You shift on where you should shift back.": (plain + np.roll(shifted, 1)) / 2,
        "That is soft thresholding; hard was asked for.": both_grids(signal, threshold, soft),
        "The detail of a pair is its difference over sqrt(2); you compare the difference "
        "itself.": both_grids(signal, threshold / np.sqrt(2)),
        "The detail of a pair is its difference over sqrt(2), not over 2.": both_grids(
            signal, threshold * np.sqrt(2)
        ),
        "The signal is periodic: its last and first sample are a pair of the shifted grid.": ends,
        "Details that are *large* stay; yours go.": both_grids(
            signal, threshold, lambda d, T: d - hard(d, T)
        ),
    })  # fmt: skip
    if near(found, right):
        return
    moved = array(call(answer, np.roll(signal, 1), threshold), signal.shape, "the mean")
    expect(
        near(moved, np.roll(found, 1)),
        "Shift the signal by one sample, and your estimate does not shift with it. A mean over "
        "both grids must.",
    )
    expect(
        False,
        "Not yet. One grid: pairs (0, 1), (2, 3), ...; keep a detail if its size is above the "
        "threshold. The other: the same for the signal shifted by one, shifted back. The mean.",
    )
