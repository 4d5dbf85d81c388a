"""Judges of PS3 about BM3D's groups: who belongs to one, and what is done with it."""

from collections.abc import Callable

import numpy as np
from scipy import fft

from lessons_lib.classroom.assignments.returned import array, call, near, none_of, number
from lessons_lib.classroom.checks import expect
from lessons_lib.denoisers.bm3d_by_definition import haar_matrix
from lessons_lib.image import Image

# ---------------------------------------------------------------- 3 who belongs to a group


def judge_find_group(answer: Callable, rng: np.random.Generator) -> None:
    """Blocks in the middle and at corners, tight and loose limits, few and many wanted."""
    cases = (
        ((34, 30), (12, 9), 8, 7, 16, 11), ((20, 26), (0, 18), 8, 6, 12, 40),
        ((24, 24), (16, 16), 6, 9, 16, 6), ((18, 18), (4, 5), 4, 4, 32, 23),
    )  # fmt: skip
    for shape, spot, side, search, count, passing in cases:
        noisy = np.tile(0.4 * (np.arange(shape[1]) > spot[1] + 3), (shape[0], 1))
        noisy = noisy + rng.uniform(0.08, 0.12) * rng.standard_normal(shape)
        errors = candidates(noisy, spot, side, search)[1]
        limit = float(errors[passing - 1 : passing + 1].mean())  # no block comes close to it
        given = noisy, spot, side, search, count, limit
        reply = call(answer, *given)
        _hint_on_form(reply, spot)
        _hint_on_group(np.asarray(reply, dtype=float), *given)


def candidates(
    noisy: Image, spot: tuple[int, int], side: int, search: int
) -> tuple[np.ndarray, np.ndarray]:
    """Positions within reach of a block, nearest in value first, and their mean squared errors."""
    top, left = (max(at - search, 0) for at in spot)
    bottom, right = (min(at + search, size - side)
                     for at, size in zip(spot, noisy.shape, strict=True))  # fmt: skip
    rows, cols = np.mgrid[top : bottom + 1, left : right + 1].reshape(2, -1)
    blocks = np.lib.stride_tricks.sliding_window_view(noisy, (side, side))
    errors = np.mean((blocks[rows, cols] - blocks[spot]) ** 2, axis=(1, 2))
    order = np.argsort(errors, kind="stable")
    return np.stack([rows, cols], axis=1)[order], errors[order]


def _power_of_two(size: int) -> int:
    return 1 << (size.bit_length() - 1)


def _hint_on_form(reply: object, spot: tuple[int, int]) -> None:
    """Raise a hint unless the reply holds (row, col) pairs that begin with the block itself."""
    fits = isinstance(reply, np.ndarray) and reply.ndim == 2 and reply.shape[1:] == (2,)
    expect(
        fits and reply.shape[0] > 0,
        "Return one array of shape (K, 2): row and column of each block's first pixel.",
    )
    array(reply, reply.shape, "the positions")
    expect(
        tuple(reply[0]) == spot,
        "The group begins with the block itself: its distance is 0, and it is the nearest.",
    )


def _hint_on_group(
    found: np.ndarray, noisy: Image, spot: tuple[int, int], side: int, search: int, count: int,
    limit: float,
) -> None:  # fmt: skip
    """Raise the hint that fits a wrong group."""
    places, errors = candidates(noisy, spot, side, search)
    passing = min(int(np.sum(errors <= limit)), count)
    right = places[: _power_of_two(passing)]
    none_of(found, right, {
        "The number of blocks is cut down to a power of two (1, 2, 4, 8, ...), for the Haar "
        "transform.": places[:passing],
        "Some of your blocks are too unlike: the limit holds for the mean squared difference.": (
            places[: _power_of_two(min(count, len(places)))]
        ),
        "The limit holds for the *mean* squared difference over the block, not for the sum.": (
            places[: _power_of_two(max(min(int(np.sum(errors * side**2 <= limit)), count), 1))]
        ),
        "At most `count` blocks.": places[: _power_of_two(int(np.sum(errors <= limit)))],
    })  # fmt: skip
    top = np.array(noisy.shape) - side
    expect(
        bool(((found >= 0) & (found <= top)).all()),
        "A block of yours leaves the picture. The first pixel stays at least `side` px away from "
        "the lower and right border, and at 0 or more.",
    )
    expect(
        bool((np.abs(found - spot) <= search).all()),
        "A block of yours is farther away than `search` px in rows or in columns.",
    )
    same = sorted(map(tuple, found)) == sorted(map(tuple, right))
    expect(
        not same or near(found, right),
        "The right blocks, in another order: the nearest in value come first.",
    )
    expect(
        near(found, right),
        f"Not this group; yours has {len(found)} blocks. Candidates: first pixels within `search` "
        "px in rows and columns (both ends count) whose blocks lie in the picture. Nearest first, "
        "limit, count, power of two.",
    )


# ---------------------------------------------------------------- 4 what is done with it


def judge_wiener_group(answer: Callable, rng: np.random.Generator) -> None:
    """Groups of 1 to 16 blocks with an edge, and pilots that miss some of it."""
    for size, side in ((8, 8), (16, 8), (4, 6), (1, 8)):
        sigma = rng.uniform(0.05, 0.2)
        clean = 0.4 * (np.arange(side) >= side // 2) * np.ones((size, side, 1))
        noisy = clean + sigma * rng.standard_normal(clean.shape) + rng.uniform(0.1, 0.5)
        pilot = noisy - 0.7 * (noisy - noisy.mean(axis=(0, 1)))
        given = noisy, pilot, sigma
        reply = call(answer, *given)
        expect(
            isinstance(reply, (tuple, list)) and len(reply) == 2,
            "Return two things, the filtered group and its weight; got "
            f"{type(reply).__name__}.",
        )
        found = array(reply[0], noisy.shape, "the filtered group"), number(reply[1], "the weight")
        _hint_on_wiener(found, *given)


def _forward(group: np.ndarray, along: Callable | None = None) -> np.ndarray:
    flat = fft.dctn(group, axes=(1, 2), norm="ortho")
    return along(flat) if along else np.tensordot(haar_matrix(len(group)), flat, axes=1)


def _back(spectrum: np.ndarray) -> np.ndarray:
    flat = np.tensordot(haar_matrix(len(spectrum)).T, spectrum, axes=1)
    return fft.idctn(flat, axes=(1, 2), norm="ortho")


def wiener_group(
    noisy: np.ndarray, pilot: np.ndarray, sigma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Reference: (filtered group, gains)."""
    power = _forward(pilot) ** 2
    gains = power / (power + sigma**2)
    return _back(gains * _forward(noisy)), gains


def _hint_on_wiener(
    found: tuple[np.ndarray, float], noisy: np.ndarray, pilot: np.ndarray, sigma: float
) -> None:
    """Raise the hint that fits a wrong filter or weight."""
    right, gains = wiener_group(noisy, pilot, sigma)
    power, values = _forward(pilot) ** 2, _forward(noisy)
    single = fft.dctn(pilot, axes=(1, 2), norm="ortho") ** 2
    cosines = fft.dctn(pilot, norm="ortho") ** 2
    plain = fft.dctn(noisy, axes=(1, 2), norm="ortho")
    none_of(found[0], right, {
        "Nothing is filtered: that is the noisy group.": noisy,
        "You return the pilot. Its coefficients set the gains; the noisy ones are filtered.": (
            pilot
        ),
        "You filter the pilot. Its coefficients set the gains; the noisy group is filtered.": (
            wiener_group(pilot, pilot, sigma)[0]
        ),
        "The gains come from the noisy group. A pilot is there because it has less noise.": (
            wiener_group(noisy, noisy, sigma)[0]
        ),
        "The noise's power is sigma squared.": wiener_group(noisy, pilot, np.sqrt(sigma))[0],
        "The picture's power is the pilot's coefficient squared.": _back(
            np.sqrt(power) / (np.sqrt(power) + sigma) * values
        ),
        "Nothing is done along the stack: there the blocks agree.": fft.idctn(
            single / (single + sigma**2) * plain, axes=(1, 2), norm="ortho"
        ),
        "Along the stack a Haar transform is asked for, not a cosine transform.": fft.idctn(
            cosines / (cosines + sigma**2) * fft.dctn(noisy, norm="ortho"), norm="ortho"
        ),
        "That is the mean of the group, in each block.": np.tile(
            noisy.mean(axis=0), (len(noisy), 1, 1)
        ),
        "A gain is a share between 0 and 1, not a yes or no.": _back((power > sigma**2) * values),
    })  # fmt: skip
    expect(
        near(found[0], right),
        "Not yet. Cosines (norm='ortho') in each block, Haar along the stack (sums and "
        "differences over sqrt(2), again and again on the sums), the gains, both transforms back.",
    )
    none_of(found[1], 1 / np.sum(gains**2), {
        "The weight is one *over* the sum of the squared gains.": np.sum(gains**2),
        "The weight is one over the sum of the *squared* gains.": 1 / np.sum(gains),
        "The weight is one over the sum of the squared gains, not over their mean.": 1 / np.mean(
            gains**2
        ),
        "That counts all coefficients; with gains each counts by its gain squared.": (
            1 / gains.size
        ),
    })  # fmt: skip
    expect(near(found[1], 1 / np.sum(gains**2)), "The weight: 1 / (sum of the squared gains).")
