"""Wrong answers to the exercises of lesson 09 and the hint that each one gets."""

import numpy as np
import pytest
from exercises import rejected

from lessons_lib.classroom import lesson_09 as check

# -- exercise 1


def keeping(rule, real=True):
    def answer(noise, low, high):
        rows, columns = (np.fft.fftfreq(size) for size in noise.shape)
        kept = np.fft.ifft2(np.fft.fft2(noise) * rule(rows[:, None], columns[None], low, high))
        return kept.real if real else kept

    return answer


def within(size, low, high):
    return (size >= low) & (size <= high)


def in_place(noise, low, high):
    noise -= noise.mean()
    return noise


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, low, high: n, "Nothing was taken away"),
        (keeping(lambda r, c, a, b: ~within(np.hypot(r, c), a, b)), "*outside* of the ring"),
        (keeping(lambda r, c, a, b: np.hypot(r, c) <= b), "That is a disc"),
        (keeping(lambda r, c, a, b: np.hypot(r, c) >= a), "high frequencies are still there"),
        (
            keeping(lambda r, c, a, b: within(np.hypot(r, c), a, b) & (r >= 0) & (c >= 0)),
            "Negative frequencies count, too",
        ),
        (keeping(lambda r, c, a, b: within(np.hypot(r, c), a, b) & (c > 0), False), "complex"),
        (
            keeping(lambda r, c, a, b: within(np.maximum(abs(r), abs(c)), a, b)),
            "Your ring is a square",
        ),
        (keeping(lambda r, c, a, b: within(abs(c) + 0 * r, a, b)), "one direction only"),
        (keeping(lambda r, c, a, b: 2 * within(np.hypot(r, c), a, b)), "Not that ring"),
        (lambda n, low, high: n[:-1], "Return a field of shape"),
        (in_place, "changes the noise"),
    ],
)
def test_wrong_rings(answer, words):
    rejected(check.check_ring(answer), words)


# -- exercise 2


def ordered(rule):
    return lambda a, b: rule(np.sort(a, axis=None) - np.sort(b, axis=None))


def sorting_in_place(one, other):
    one.sort(axis=-1)
    return 1.0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda a, b: np.sqrt(np.mean((a - b) ** 2)), "compares pixel with pixel"),
        (ordered(lambda d: np.mean(d**2)), "its root is asked for"),
        (ordered(lambda d: np.mean(np.abs(d))), "mean *absolute* difference"),
        (lambda a, b: abs(a.mean() - b.mean()), "compares the means only"),
        (ordered(lambda d: np.sqrt(np.sum(d**2))), "not their sum"),
        (
            lambda a, b: np.sqrt(np.mean((np.sort(a, axis=-1) - np.sort(b, axis=-1)) ** 2)),
            "flatten it first",
        ),
        (lambda a, b: 0.0, "Not the distance of the two sorted lists"),
        (lambda a, b: a, "Return one number"),
        (lambda a, b: np.inf, "came out as inf"),
        (sorting_in_place, "changes its inputs"),
    ],
)
def test_wrong_distances(answer, words):
    rejected(check.check_sorted_distance(answer), words)


# -- exercise 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, b, r: 100 * (n.mean() - b.mean()) / (n.mean() - r.mean()), "per cent"),
        (lambda n, b, r: (n.mean() - r.mean()) / (n.mean() - b.mean()), "upside down"),
        (lambda n, b, r: (b.mean() - r.mean()) / (n.mean() - r.mean()), "still missing"),
        (lambda n, b, r: 1 - b.mean() / n.mean(), "not by the distance without noise"),
        (lambda n, b, r: r.mean() / b.mean(), "divides two distances"),
        (lambda n, b, r: 0.5, "Not the share"),
        (lambda n, b, r: n, "Return one number"),
    ],
)
def test_wrong_shares(answer, words):
    rejected(check.check_gain_share(answer), words)


# -- exercise 4


def answering(picture=None, error=None, draw=None):
    """Right parts, but for those given."""

    def answer(pictures):
        mean = pictures.mean(axis=0)
        pairs = (pictures[:, None] - pictures[None]) ** 2
        return (
            picture(pictures) if picture else mean,
            error(pictures) if error else np.mean((pictures - mean) ** 2),
            draw(pairs) if draw else np.mean(pairs),
        )

    return answer


def centring(pictures):
    pictures -= pictures.mean(axis=0)
    return pictures[0], 0.0, 0.0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (answering(picture=lambda p: np.median(p, axis=0)), "best for the *absolute* error"),
        (answering(picture=lambda p: p[0]), "One of the pictures is sharp"),
        (answering(picture=lambda p: p.mean(axis=(1, 2))), "average over the pictures"),
        (answering(picture=lambda p: p[0] * 0), "Set the derivative"),
        (answering(error=lambda p: 0.0), "Error of the picture"),
        (answering(draw=lambda d: np.mean(d) * len(d) / (len(d) - 1)), "take *all* pairs"),
        (answering(draw=lambda d: np.mean(d) / 2), "the mean picture's own"),
        (answering(draw=lambda d: 7.0), "every picture may be the truth"),
        (lambda p: p.mean(axis=0), "Return three things"),
        (centring, "changes the pictures"),
    ],
)
def test_wrong_best_answers(answer, words):
    rejected(check.check_best_single(answer), words)


# -- exercise 5


def half(piece, power=2, centre=True):
    size = np.abs(np.fft.fft2(piece - piece.mean() * centre)) ** power
    f = np.hypot(np.fft.fftfreq(piece.shape[0])[:, None], np.fft.fftfreq(piece.shape[1]))
    order = np.argsort(f, axis=None)
    reached = np.cumsum(size.ravel()[order])
    return f.ravel()[order][np.searchsorted(reached, reached[-1] / 2)]


def largest(piece):
    size = np.abs(np.fft.fft2(piece - piece.mean()))
    f = np.hypot(np.fft.fftfreq(piece.shape[0])[:, None], np.fft.fftfreq(piece.shape[1]))
    return f.ravel()[size.argmax()]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda p: half(p, centre=False), "Take the mean off first"),
        (largest, "where the largest value is"),
        (lambda p: half(p, power=1), "*square* of the spectrum's size"),
        (lambda p: 0.25, "Not that frequency"),
        (lambda p: p, "Return one number"),
    ],
)
def test_wrong_frequencies(answer, words):
    rejected(check.check_median_frequency(answer), words)
