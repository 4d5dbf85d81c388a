"""Instant checks of lesson 06 on pictures: Jacobian rows, hidden pixels, coloured noise."""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check, named_numbers

_SEED = 60_616


@instant_check
def check_read_row(read_row: Callable) -> str:
    """Exercise 3: random rows with negative entries, random sides."""
    rng = np.random.default_rng(_SEED)
    for shape in ((7, 9), (12, 5)):
        row = rng.standard_normal(shape) * np.exp(-np.hypot(*np.indices(shape)) / 3)
        same = rng.random(shape) < 0.6
        given = row.copy(), same.copy()
        answer = read_row(*given)
        total, noise, across = named_numbers(answer, ("row sum", "noise left", "share across"))
        expect(np.array_equal(given[0], row), "Your function changes the row; leave it alone.")
        expect(np.isclose(total, row.sum()), "The first number is the sum of all entries.")
        _judge_noise(noise, row)
        _judge_across(across, row, same)
    return "Sum, noise and edge: three questions to one row."


def _judge_noise(noise: float, row: np.ndarray) -> None:
    """Raise the hint that fits a wrong noise."""
    wrong = {
        "Noise left: that is the variance; its root is asked for.": np.sum(row**2),
        "Noise left: independent noises add in their variances, not in their sizes.": np.sum(
            np.abs(row)
        ),
        "Noise left: sum the squares, do not average them.": np.sqrt(np.mean(row**2)),
        "Noise left: that is the effective number of pixels.": np.sum(row) ** 2 / np.sum(row**2),
        "Noise left: that is the standard deviation of the entries.": row.std(),
    }
    for hint, value in wrong.items():
        expect(not np.isclose(noise, value), hint)
    expect(
        np.isclose(noise, np.sqrt(np.sum(row**2))),
        "Noise left: a small noise n moves the estimate by sum row * n. What is the standard "
        "deviation of that sum, if each n has the standard deviation 1?",
    )


def _judge_across(across: float, row: np.ndarray, same: np.ndarray) -> None:
    """Raise the hint that fits a wrong share across the edge."""
    size = np.abs(row)
    wrong = {
        "Share across: that is the share on the pixel's *own* side.": size[same].sum()
        / size.sum(),
        "Share across: negative entries count by their size.": row[~same].sum() / row.sum(),
        "Share across: that counts pixels, not entries.": np.mean(~same),
        "Share across: divide by the sum of the sizes of all entries.": size[~same].sum(),
        "Share across: sizes are asked for, not squares.": np.sum(row[~same] ** 2)
        / np.sum(row**2),
        "Share across: divide by the sum of *sizes*, not by the row sum.": size[~same].sum()
        / row.sum(),
    }
    for hint, value in wrong.items():
        expect(not np.isclose(across, value), hint)
    expect(
        np.isclose(across, size[~same].sum() / size.sum()),
        "Share across: sum |row| where `same_side` is False, over the sum of |row|.",
    )


def _neighbours(noisy: np.ndarray, mode: str = "reflect") -> np.ndarray:
    """Mean of the four neighbours of every pixel."""
    framed = np.pad(noisy, 1, mode=mode)
    return (framed[:-2, 1:-1] + framed[2:, 1:-1] + framed[1:-1, :-2] + framed[1:-1, 2:]) / 4


@instant_check
def check_hide(hide: Callable) -> str:
    """Exercise 4: several strides and first pixels; hidden pixels on the border."""
    rng = np.random.default_rng(_SEED)
    for shape, stride, first in (((9, 10), 3, (0, 2)), ((8, 12), 4, (3, 1)), ((11, 7), 5, (4, 0))):
        noisy = rng.random(shape)
        given = noisy.copy()
        answer = hide(given, stride, first)
        expect(np.array_equal(given, noisy), "Your function changes the picture; work on a copy.")
        expect(
            isinstance(answer, (tuple, list)) and len(answer) == 2,
            "Return two things: the picture with hidden pixels, and where they are.",
        )
        shown, hidden = np.asarray(answer[0], dtype=float), np.asarray(answer[1])
        expect(
            shown.shape == shape and hidden.shape == shape and hidden.dtype == bool,
            f"Both must have the shape {shape}, and the second be boolean; got {shown.shape} and "
            f"{hidden.dtype} {hidden.shape}.",
        )
        _judge_grid(hidden, stride, first)
        _judge_filling(shown, noisy, hidden)
    return "What a network cannot see, it cannot copy."


def _judge_grid(hidden: np.ndarray, stride: int, first: tuple[int, int]) -> None:
    """Raise the hint that fits a wrong grid of hidden pixels."""
    right = np.zeros(hidden.shape, dtype=bool)
    right[first[0] :: stride, first[1] :: stride] = True
    swapped = np.zeros(hidden.shape, dtype=bool)
    swapped[first[1] :: stride, first[0] :: stride] = True
    expect(not np.array_equal(hidden, ~right), "True must stand where a pixel *is* hidden.")
    expect(not np.array_equal(hidden, swapped), "`first` is (row, col), in this order.")
    lines = np.zeros(hidden.shape, dtype=bool)
    lines[first[0] :: stride] = True
    lines[:, first[1] :: stride] = True
    expect(not np.array_equal(hidden, lines), "You hide whole rows and columns.")
    expect(
        np.array_equal(hidden, right),
        "Not that grid: hide every `stride`-th pixel of every `stride`-th row, from `first` on.",
    )


def _judge_filling(shown: np.ndarray, noisy: np.ndarray, hidden: np.ndarray) -> None:
    """Raise the hint that fits what stands in the place of hidden pixels."""
    right = np.where(hidden, _neighbours(noisy), noisy)
    framed = np.pad(noisy, 1, mode="reflect")
    squares = sum(
        framed[i : i + noisy.shape[0], j : j + noisy.shape[1]] for i in range(3) for j in range(3)
    )
    wrong = {
        "The hidden pixels can still be seen: nothing was put in their place.": noisy,
        'With mode="symmetric" a pixel at the border is its own neighbour, and can be seen; use '
        'mode="reflect".': np.where(hidden, _neighbours(noisy, "symmetric"), noisy),
        "Do not let the picture go round at its border.": np.where(
            hidden, _neighbours(noisy, "wrap"), noisy
        ),
        "The pixel itself is in its mean: that lets it be seen.": np.where(
            hidden, squares / 9, noisy
        ),
        "Take the four nearest neighbours, not all eight.": np.where(
            hidden, (squares - noisy) / 8, noisy
        ),
        "Only hidden pixels are replaced; the others stay as they are.": _neighbours(noisy),
        "Do not put 0 there: an edge of the network's own making.": np.where(hidden, 0, noisy),
    }
    for hint, other in wrong.items():
        expect(not np.allclose(shown, other) or np.allclose(other, right), hint)
    expect(
        np.allclose(shown[~hidden], noisy[~hidden]),
        "Pixels that are not hidden must stay as they are.",
    )
    expect(
        np.allclose(shown, right),
        "Not the mean of the four neighbours (above, below, left, right) in the picture that is "
        'mirrored with np.pad(noisy, 1, mode="reflect").',
    )


@instant_check
def check_neighbour_correlation(neighbour_correlation: Callable) -> str:
    """Exercise 5: bright and dark pieces whose noise is spread along one direction."""
    rng = np.random.default_rng(_SEED)
    for shape, level in (((30, 40), 0.7), ((24, 17), 0.05)):
        noise = 0.03 * rng.standard_normal((shape[0] + 1, shape[1] + 1))
        piece = level + noise[1:, 1:] + 0.8 * noise[1:, :-1] + 0.3 * noise[:-1, 1:]
        given = piece.copy()
        answer = neighbour_correlation(given)
        right, below = named_numbers(answer, ("correlation to the right", "correlation below"))
        expect(np.array_equal(given, piece), "Your function changes the piece; leave it alone.")
        _judge_correlation((right, below), piece)
    return "White noise gives two numbers near 0."


def _correlations(noise: np.ndarray) -> tuple[float, float]:
    """Mean product of neighbours: to the right, and below."""
    return np.mean(noise[:, 1:] * noise[:, :-1]), np.mean(noise[1:] * noise[:-1])


def _judge_correlation(answer: tuple[float, float], piece: np.ndarray) -> None:
    """Raise the hint that fits a wrong correlation."""
    noise = piece - piece.mean()
    products, power = _correlations(noise), np.mean(noise**2)
    right = tuple(one / power for one in products)
    raw = tuple(one / np.mean(piece**2) for one in _correlations(piece))
    wrong = {
        "Take the mean off first: brightness is no noise.": raw,
        "The order is: right neighbour first, then the one below.": right[::-1],
        "That is the mean product; divide it by the mean square of the noise.": products,
        "Divide by the variance, not by the standard deviation.": tuple(
            one / np.sqrt(power) for one in products
        ),
    }
    for hint, other in wrong.items():
        expect(not np.allclose(answer, other, rtol=1e-3), hint)
    # Other ways to divide (np.corrcoef, sums of fewer pixels) differ by a pixel at the rim.
    expect(
        np.allclose(answer, right, atol=0.05),
        "Not the correlations. With n the piece less its mean: the mean of n times its right "
        "neighbour, over the mean of n²; then the same with the neighbour below.",
    )
