"""Instant checks of lesson 09: rings of frequency, sorted lists, best answers, shares."""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check, one_number

_SEED = 90_916


def _distances(shape: tuple[int, int]) -> np.ndarray:
    """Distance of each bin of fft2 from frequency 0, cycles/px."""
    return np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1]))


def _kept(noise: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.fft.ifft2(np.fft.fft2(noise) * mask).real


@instant_check
def check_ring(ring: Callable) -> str:
    """Exercise 1: odd and even sides, several rings."""
    rng = np.random.default_rng(_SEED)
    for shape, low, high in (((24, 31), 0.1, 0.22), ((17, 40), 0.03, 0.13), ((32, 32), 0.3, 0.5)):
        noise = rng.standard_normal(shape) + 0.5
        given = noise.copy()
        answer = ring(given, low, high)
        expect(np.array_equal(given, noise), "Your function changes the noise; leave it alone.")
        answer = np.asarray(answer)
        expect(answer.shape == shape, f"Return a field of shape {shape}, got {answer.shape}.")
        if np.iscomplexobj(answer):
            expect(np.allclose(answer.imag, 0, atol=1e-9),
                   "The field is complex: your ring is not the same at f and -f.")  # fmt: skip
            answer = answer.real
        _judge_ring(answer, noise, (low, high))
    return "A ring in the Fourier plane is a grain in the picture."


def _judge_ring(answer: np.ndarray, noise: np.ndarray, ends: tuple[float, float]) -> None:
    """Raise the hint that fits a wrong ring."""
    low, high = ends
    away = _distances(noise.shape)
    right = (away >= low) & (away <= high)
    rows, columns = np.fft.fftfreq(noise.shape[0])[:, None], np.fft.fftfreq(noise.shape[1])[None]
    square, across = np.maximum(np.abs(rows), np.abs(columns)), np.abs(columns) + 0 * rows
    one_side = right & (rows >= 0) & (columns >= 0)
    wrong = {
        "Nothing was taken away.": np.ones_like(right),
        "That keeps what lies *outside* of the ring.": ~right,
        "That is a disc: the low frequencies must go, too.": away <= high,
        "The high frequencies are still there.": away >= low,
        "Negative frequencies count, too: np.fft.fftfreq gives them. Go by the distance from 0.":
            one_side,
        "Your ring is a square: the distance from 0 is the root of the sum of squares.":
            (square >= low) & (square <= high),
        "You go by one direction only; frequency has two components.":
            (across >= low) & (across <= high),
    }  # fmt: skip
    for hint, mask in wrong.items():
        expect(not np.allclose(answer, _kept(noise, mask), atol=1e-6), hint)
    expect(
        np.allclose(answer, _kept(noise, right), atol=1e-6),
        "Not that ring. Transform with np.fft.fft2, set to 0 what is nearer to 0 than `low` or "
        "farther than `high`, and go back.",
    )


@instant_check
def check_sorted_distance(sorted_distance: Callable) -> str:
    """Exercise 2: pairs of samples that differ in mean, spread and form."""
    rng = np.random.default_rng(_SEED)
    pairs = (rng.normal(0, 1, 300), rng.normal(0.5, 2, 300)), (
        rng.normal(0, 1, (15, 20)), rng.exponential(2, (15, 20)) - 1,
    )  # fmt: skip
    for one, other in pairs:
        kept = one.copy(), other.copy()
        value = one_number(sorted_distance(one, other), "distance")
        expect(np.array_equal(kept[0], one) and np.array_equal(kept[1], other),
               "Your function changes its inputs; np.sort makes a copy.")  # fmt: skip
        first, second = np.sort(one.ravel()), np.sort(other.ravel())
        right = np.sqrt(np.mean((first - second) ** 2))
        wrong = {
            "That compares pixel with pixel. Two textures need not agree anywhere: sort first.":
                np.sqrt(np.mean((one - other) ** 2)),
            "np.sort sorts each row of a picture by itself; flatten it first.":
                np.sqrt(np.mean((np.sort(one, axis=-1) - np.sort(other, axis=-1)) ** 2)),
            "That is the squared distance; its root is asked for.": right**2,
            "That is the mean *absolute* difference; squares are asked for.":
                np.mean(np.abs(first - second)),
            "That compares the means only; the lists have more in them.":
                abs(one.mean() - other.mean()),
            "Take the mean of the squares, not their sum.": right * np.sqrt(one.size),
        }  # fmt: skip
        # In one dimension sorting a row is sorting everything.
        for hint, other_value in wrong.items():
            expect(not np.isclose(value, other_value) or np.isclose(other_value, right), hint)
        expect(np.isclose(value, right), "Not the distance of the two sorted lists: the root of "
               "the mean of their squared differences.")  # fmt: skip
    return "Two textures may be alike without one pixel in common."


@instant_check
def check_best_single(best_single: Callable) -> str:
    """Exercise 4: several sets of pictures for one mask."""
    rng = np.random.default_rng(_SEED)
    for count, shape in ((7, (5, 6)), (20, (4, 9))):
        pictures = rng.exponential(1.0, (count, *shape)) + rng.random(shape)
        given = pictures.copy()
        answer = best_single(given)
        expect(np.array_equal(given, pictures), "Your function changes the pictures.")
        expect(isinstance(answer, (tuple, list)) and len(answer) == 3,
               "Return three things: the picture, its error, the error of a draw.")  # fmt: skip
        picture = np.asarray(answer[0])
        error, draw = (one_number(v, w) for v, w in zip(answer[1:], ("error", "draw's error"),
                                                         strict=True))  # fmt: skip
        expect(picture.shape == shape, f"The picture must have shape {shape}, got "
               f"{picture.shape}: average over the pictures, not over the pixels.")  # fmt: skip
        expect(not np.allclose(picture, np.median(pictures, axis=0)),
               "That is the median, the best for the *absolute* error.")  # fmt: skip
        expect(not np.allclose(picture, pictures[0]),
               "One of the pictures is sharp, but its error is not the least.")  # fmt: skip
        mean = pictures.mean(axis=0)
        expect(np.allclose(picture, mean), "Set the derivative of the summed squares to 0, pixel "
               "by pixel.")  # fmt: skip
        best = np.mean((pictures - mean) ** 2)
        expect(np.isclose(error, best), "Error of the picture: the mean squared difference from "
               "all pictures, over all pixels.")  # fmt: skip
        _judge_draw(draw, pictures, best)
    return "One answer, no texture; any texture, twice the error."


def _judge_draw(draw: float, pictures: np.ndarray, best: float) -> None:
    """Raise the hint that fits a wrong error of a random picture."""
    differences = pictures[:, None] - pictures[None]
    count, every = len(pictures), np.mean(differences**2)
    expect(not np.isclose(draw, every * count / (count - 1)),
           "Draw's error: truth and draw may be the same picture, too; take *all* pairs."
           )  # fmt: skip
    expect(not np.isclose(draw, best), "Draw's error: that is the mean picture's own.")
    expect(np.isclose(draw, every), "Draw's error: every picture may be the truth and every "
           "picture may be drawn; average the squared differences of all pairs.")  # fmt: skip


@instant_check
def check_gain_share(gain_share: Callable) -> str:
    """Exercise 3: distances of several seeds."""
    rng = np.random.default_rng(_SEED)
    for _ in range(3):
        none, band, real = (m + 0.02 * rng.random(3) for m in (0.7, 0.33, 0.24))
        value = one_number(gain_share(none, band, real), "share")
        means = none.mean(), band.mean(), real.mean()
        right = (means[0] - means[1]) / (means[0] - means[2])
        wrong = {
            "That is per cent; a share lies between 0 and 1 here.": 100 * right,
            "That is upside down: how much of the *real structure's* gain?": 1 / right,
            "That is the part that is still missing.": 1 - right,
            "Divide by the gain of the real structure, not by the distance without noise.":
                (means[0] - means[1]) / means[0],
            "That divides two distances; a gain is a difference of distances.":
                means[2] / means[1],
        }  # fmt: skip
        for hint, other in wrong.items():
            expect(not np.isclose(value, other, rtol=1e-6), hint)
        expect(np.isclose(value, right, rtol=1e-3), "Not the share. A gain is how much the mean "
               "distance falls below that without noise.")  # fmt: skip
    return "Say beside it what was measured, and on what."


@instant_check
def check_median_frequency(median_frequency: Callable) -> str:
    """Exercise 5: noise of several colours on a bright and a dark ground."""
    rng = np.random.default_rng(_SEED)
    for level, keep in ((0.5, 0.12), (0.05, 0.8)):
        white = rng.standard_normal((40, 52))
        noise = level + 0.04 * _kept(white, np.exp(-((_distances(white.shape) / keep) ** 2)))
        given = noise.copy()
        value = one_number(median_frequency(given), "frequency")
        expect(np.array_equal(given, noise), "Your function changes the piece; leave it alone.")
        away = _distances(noise.shape).ravel()
        order = np.argsort(away, kind="stable")

        def half(weights: np.ndarray, away: np.ndarray = away, order: np.ndarray = order) -> float:
            total = np.cumsum(weights.ravel()[order])
            return away[order][np.searchsorted(total, total[-1] / 2)]

        spectrum = np.abs(np.fft.fft2(noise - noise.mean()))
        with_mean = half(np.abs(np.fft.fft2(noise)) ** 2)
        right = half(spectrum**2)
        expect(not np.isclose(value, with_mean) or np.isclose(with_mean, right),
               "Take the mean off first: brightness is no noise, and lies at frequency 0."
               )  # fmt: skip
        expect(not np.isclose(value, away[spectrum.argmax()]) or np.isclose(right, value),
               "That is where the largest value is; half of the power is asked for."
               )  # fmt: skip
        expect(not np.isclose(value, half(spectrum)) or abs(half(spectrum) - right) < 0.006,
               "Power is the *square* of the spectrum's size.")  # fmt: skip
        expect(abs(value - right) < 0.012, "Not that frequency: sort all bins by their distance "
               "from 0, add up their power, and find where half of it is reached.")  # fmt: skip
    return "White noise gives about 0.40: half of the square's area lies farther out."
