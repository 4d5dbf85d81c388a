"""Wrong answers to the exercises of lesson 05 and the hint that each one gets."""

import numpy as np
import pytest
from exercises import rejected
from scipy import fft

from lessons_lib.classroom import lesson_05 as check
from lessons_lib.classroom.lesson_05 import _signal_means

# -- exercise 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, k, z: z * np.sqrt(8 * n) / k, "the *square* of the contrast"),
        (lambda n, k, z: np.sqrt(z * np.sqrt(8 * n) / n), "Here all n pixels differ"),
        (lambda n, k, z: np.sqrt(z * 8 * n / k), "the *variance* of the distance"),
        (lambda n, k, z: np.sqrt(z * 2 * n / k), "with the floor itself"),
        (lambda n, k, z: np.sqrt(z * np.sqrt(12 * n) / k), "patches that overlap"),
        (
            lambda n, k, z: np.sqrt((4 * z**2 + z * np.sqrt(16 * z**2 + 8 * n)) / k),
            "scatter of the *floor*",
        ),
        (lambda n, k, z: np.sqrt(np.sqrt(8 * n) / k), "Where is z"),
        (lambda n, k, z: z * np.sqrt(np.sqrt(8 * n) / k), "goes with the square"),
        (lambda n, k, z: 1.8, "Not the contrast"),
        (lambda n, k, z: np.nan, "division by zero"),
        (lambda n, k, z: [1.0], "one number"),
    ],
)
def test_wrong_contrasts(answer, words):
    rejected(check.check_visible_contrast(answer), words)


# -- exercise 2


def local(signal, sigma, r, h):
    """Searches only 5 samples to each side."""
    n, away = 2 * r + 1, np.abs(np.subtract.outer(np.arange(len(signal)), np.arange(len(signal))))
    padded = np.pad(signal, r, mode="symmetric")
    patches = np.array([padded[k : k + n] for k in range(len(signal))])
    d = np.sum((patches[:, None] - patches[None]) ** 2, axis=2)
    w = np.exp(-np.maximum(d - 2 * sigma**2 * n, 0) / (h**2 * n)) * (away <= 5)
    return w @ signal / w.sum(axis=1)


def uncut(signal, sigma, r, h):
    n, padded = 2 * r + 1, np.pad(signal, r, mode="symmetric")
    patches = np.array([padded[k : k + n] for k in range(len(signal))])
    d = np.sum((patches[:, None] - patches[None]) ** 2, axis=2)
    weights = np.exp(-(d - 2 * sigma**2 * n) / (h**2 * n))
    np.fill_diagonal(weights, 1)
    return weights @ signal / weights.sum(axis=1)


def changed(signal, sigma, r, h):
    signal -= signal.mean()
    return signal


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda y, s, r, h: _signal_means(y, s, r, h, floor=0), "still in your distances"),
        (lambda y, s, r, h: _signal_means(y, s, r, h, floor=1 / (2 * r + 1)), "sums n squares"),
        (lambda y, s, r, h: _signal_means(y, s, r, h, floor=0.5), "*both* patches are noisy"),
        (lambda y, s, r, h: _signal_means(y, s, r, h, own=0), "left out; its weight is 1"),
        (lambda y, s, r, h: _signal_means(y, s, r, h, mode="reflect"), 'mode="symmetric"'),
        (lambda y, s, r, h: _signal_means(y, s, r, h, mode="wrap"), "go round"),
        (lambda y, s, r, h: _signal_means(y, s, r, h / np.sqrt(2 * r + 1)), "not by h² alone"),
        (lambda y, s, r, h: _signal_means(y, s, r, h, divided=False), "divide by the sum"),
        (uncut, "cut it off at 0"),
        (local, "Not the weighted mean"),
        (lambda y, s, r, h: y, "Not the weighted mean"),
        (lambda y, s, r, h: y[:-1], "one estimate per sample"),
        (lambda y, s, r, h: y * np.nan, "NaN"),
        (changed, "changes the signal"),
    ],
)
def test_wrong_signals(answer, words):
    rejected(check.check_nlm_signal(answer), words)


# -- exercise 3


def group_by(
    rule=lambda c, s, t: np.abs(c) > t * s, mean=True, axes=None, norm="ortho", weight=None,
    soft=False,
):  # fmt: skip
    def answer(blocks, sigma, ratio):
        spectrum = fft.dctn(blocks, axes=axes, norm=norm)
        keep = rule(spectrum, sigma, ratio)
        if mean:
            keep[0, 0, 0] = True
        shrunk = spectrum - np.sign(spectrum) * ratio * sigma if soft else spectrum
        shrunk[0, 0, 0] = spectrum[0, 0, 0]
        count = np.count_nonzero(keep)
        back = fft.idctn(keep * shrunk, axes=axes, norm=norm)
        return back, weight(count, blocks.size) if weight else 1 / count

    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (group_by(mean=False), "never doubted"),
        (group_by(axes=(1, 2), mean=False), "Transform along the stack"),
        (group_by(lambda c, s, t: np.abs(c) <= t * s, mean=False), "kept the small"),
        (group_by(soft=True), "soft threshold"),
        (group_by(lambda c, s, t: np.abs(c) > t), "ratio times sigma"),
        (group_by(lambda c, s, t: c > t * s), "*size* of a coefficient"),
        (group_by(norm=None), 'Without norm="ortho"'),
        (group_by(lambda c, s, t: np.abs(c) > 0.5 * t * s), "Not the filtered stack"),
        (group_by(weight=lambda kept, size: kept), "1 over that number"),
        (group_by(weight=lambda kept, size: 1 / size), "that were *kept*"),
        (group_by(weight=lambda kept, size: 1 / kept**2), "The weight should be"),
        (group_by(weight=lambda kept, size: None), "The weight is one number"),
        (lambda blocks, s, t: blocks, "Return two things"),
        (lambda blocks, s, t: (blocks[0], 1.0), "must have the shape"),
    ],
)
def test_wrong_groups(answer, words):
    rejected(check.check_filter_group(answer), words)


def test_a_group_and_its_weight_in_a_list_pass():
    right = group_by()
    assert check.check_filter_group(lambda *given: list(right(*given))).status == "passed"


# -- exercise 4


def put_together(divide="weights", weighted=True, overwrite=False, fill="fallback", swap=False):
    def answer(estimates, positions, weights, fallback):
        total, covered, count = np.zeros((3, *fallback.shape))
        for block, (row, col), weight in zip(estimates, positions, weights, strict=True):
            row, col = (col, row) if swap else (row, col)
            place = np.s_[row : row + len(block), col : col + len(block)]
            block = block[: total[place].shape[0], : total[place].shape[1]]
            total[place] = (
                block if overwrite else total[place] + block * (weight if weighted else 1)
            )
            covered[place] += weight
            count[place] += 1
        bottom = {"weights": covered, "count": count, "none": np.ones_like(covered),
                  "all": np.full_like(covered, weights.sum())}[divide]  # fmt: skip
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = total / bottom
        return {"fallback": np.where(count > 0, mean, fallback), "nan": mean,
                "zero": np.where(count > 0, mean, 0)}[fill]  # fmt: skip

    return answer


def black_is_empty(estimates, positions, weights, fallback):
    total, covered = np.zeros(fallback.shape), np.zeros(fallback.shape)
    for block, (row, col), weight in zip(estimates, positions, weights, strict=True):
        place = np.s_[row : row + len(block), col : col + len(block)]
        total[place] += weight * block
        covered[place] += weight
    return np.where(total != 0, total / np.maximum(covered, 1e-9), fallback)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (put_together("none"), "That is the sum"),
        (put_together("count", weighted=False), "Where are the weights?"),
        (put_together("count"), "divide by the sum of their weights"),
        (put_together("none", overwrite=True), "overwrite earlier ones"),
        (put_together("all"), "the sum of *all* weights"),
        (put_together(swap=True), "*first* pixel"),
        (put_together(fill="nan"), "NaN or infinite where no block lies"),
        (put_together(fill="zero"), "must be fallback's"),
        (black_is_empty, "Black is not the same"),
        (lambda e, p, w, f: e[0], "Return a picture of shape"),
    ],
)
def test_wrong_aggregates(answer, words):
    rejected(check.check_aggregate(answer), words)


def test_an_aggregate_that_writes_into_fallback_is_told():
    def answer(estimates, positions, weights, fallback):
        fallback[:] = 0
        return fallback

    rejected(check.check_aggregate(answer), "changes its inputs")


# -- exercise 5


def share(number, rare, power=1.0):
    return np.sum(number[rare] ** -power) / np.sum(number**-power)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, f: (n >= f, 0.1), "the pixels *with* friends"),
        (lambda n, f: (n <= f, share(n, n <= f)), "*Fewer than*"),
        (lambda n, f: (n < f / 2, share(n, n < f / 2)), "Not the pixels below"),
        (lambda n, f: (n < f, (n < f).mean()), "share of the *pixels*"),
        (lambda n, f: (n < f, share(n, n < f, -1)), "goes with 1 / N"),
        (lambda n, f: (n < f, share(n, n < f, 0.5)), "standard deviations"),
        (lambda n, f: (n < f, 1 - share(n, n < f)), "all *other* pixels"),
        (lambda n, f: (n < f, 100 * share(n, n < f)), "in percent"),
        (lambda n, f: (n < f, np.sum(1 / n[n < f])), "Divide it by that of all"),
        (lambda n, f: (n < f, 0.123), "Not the share"),
        (lambda n, f: n < f, "Return two things"),
        (lambda n, f: (1.0 * (n < f), 0.5), "boolean picture"),
        (lambda n, f: (n < f, np.nan), "division by zero"),
    ],
)
def test_wrong_rare_pixels(answer, words):
    rejected(check.check_rare_pixels(answer), words)


def test_rare_pixels_in_a_list_pass():
    result = check.check_rare_pixels(lambda n, f: [n < f, share(n, n < f)])
    assert result.status == "passed", result
