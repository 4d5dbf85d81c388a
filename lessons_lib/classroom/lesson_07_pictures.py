"""Instant checks of lesson 07 on pictures: truth and leak, and edges that were invented."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import binary_dilation

from lessons_lib.classroom.checks import expect, instant_check, named_numbers

_SEED = 70_717


def _cosine(one: np.ndarray, two: np.ndarray) -> float:
    """Correlation of two pictures."""
    return float(np.corrcoef(one.ravel(), two.ravel())[0, 1])


@instant_check
def check_truth_and_leak(truth_and_leak: Callable) -> str:
    """Exercise 4: details made of known parts of truth, noise and invention."""
    rng = np.random.default_rng(_SEED)
    for shape, parts in (((20, 31), (0.5, 0.3, 0.4)), ((17, 12), (-0.2, 0.6, 0.1))):
        truth, noise, invented = rng.standard_normal((3, *shape))
        truth, noise = 0.05 * truth + 0.02, 0.2 * noise - 0.01
        detail = parts[0] * truth + parts[1] * noise + 0.1 * parts[2] * invented + 0.03
        given = truth.copy(), noise.copy(), detail.copy()
        found = named_numbers(truth_and_leak(*given), ("truth", "leak"))
        same = (np.array_equal(a, b) for a, b in zip(given, (truth, noise, detail), strict=True))
        expect(all(same), "Your function changes its inputs; leave them as they were.")
        _judge_pair(found, truth, noise, detail)
    return "What is left over is a multiple of neither: reshaped, or invented."


def _judge_pair(
    found: list[float], truth: np.ndarray, noise: np.ndarray, detail: np.ndarray
) -> None:
    """Raise the hint that fits a wrong pair."""
    right = [_cosine(detail, truth), _cosine(detail, noise)]
    raw = [
        float(np.vdot(detail, one) / np.linalg.norm(detail) / np.linalg.norm(one))
        for one in (truth, noise)
    ]
    slopes = [
        float(np.mean((detail - detail.mean()) * (one - one.mean())) / one.var())
        for one in (truth, noise)
    ]
    wrong = {
        "The order is: truth first, then leak.": right[::-1],
        "Take the means off first: a common brightness is no likeness.": raw,
        "That is a slope; divide by *both* standard deviations.": slopes,
        "Do not square them.": [one**2 for one in right],
        "Keep the sign: it says whether bright became dark.": [abs(one) for one in right],
    }
    for hint, other in wrong.items():
        expect(not np.allclose(found, other) or np.allclose(other, right), hint)
    expect(
        np.allclose(found, right),
        "Not the correlations of `detail` with `truth` and with `noise`.",
    )


@instant_check
def check_invented(invented: Callable) -> str:
    """Exercise 5: sparse edges, several radii, edges at the border, and no edges at all."""
    rng = np.random.default_rng(_SEED)
    for shape, radius in (((30, 41), 1), ((24, 25), 2), ((40, 20), 3)):
        photo, mosaic = rng.random(shape) < 0.01, rng.random(shape) < 0.1
        photo[0, 3] = photo[-1, -1] = mosaic[0, 0] = True
        given = photo.copy(), mosaic.copy()
        (found,) = named_numbers((invented(*given, radius),), ("share",))
        same = np.array_equal(given[0], photo) and np.array_equal(given[1], mosaic)
        expect(same, "Your function changes its inputs; leave them as they were.")
        _judge_share(found, photo, mosaic, radius)
    nothing = np.zeros((9, 9), dtype=bool)
    some = nothing.copy()
    some[4, 4] = True
    expect(invented(nothing, some, 2) == 1, "Without edges in the photo all edges are invented.")
    with np.errstate(all="ignore"):
        none = invented(some, nothing, 2)
    expect(none == 0, "A picture without any edge has invented none: return 0.")
    return "The rest lie where the photo has an edge, though perhaps another one."


def _near(edges: np.ndarray, radius: int) -> np.ndarray:
    """Pixels at most ``radius`` rows and columns from an edge."""
    return binary_dilation(edges, np.ones((2 * radius + 1,) * 2, dtype=bool))


def _wrapped(edges: np.ndarray, radius: int) -> np.ndarray:
    """The same if the picture were continued by itself beyond its borders."""
    framed = _near(np.pad(edges, radius, mode="wrap"), radius)
    return framed[radius:-radius, radius:-radius]


def _judge_share(found: float, photo: np.ndarray, mosaic: np.ndarray, radius: int) -> None:
    """Raise the hint that fits a wrong share of invented edges."""
    near = _near(photo, radius)
    right = float(np.mean(~near[mosaic]))
    wrong = {
        "That is the share that is *not* invented.": 1 - right,
        "That is the share of the photo's edges that were lost; the question is about the "
        "mosaic's.": float(np.mean(~_near(mosaic, radius)[photo])),
        "Divide by the number of the mosaic's edges, not by that of all pixels.": float(
            np.mean(mosaic & ~near)
        ),
        "An edge may have moved by up to `radius` px: look around each of the photo's.": float(
            np.mean(~photo[mosaic])
        ),
        "The square around an edge reaches `radius` px to *each* side.": float(
            np.mean(~_near(photo, radius - 1)[mosaic])
        ),
        "An edge at the border has no neighbours on the other side of the picture (np.roll brings "
        "them in).": float(np.mean(~_wrapped(photo, radius)[mosaic])),
        "Corners of the square belong to it.": float(
            np.mean(~binary_dilation(photo, iterations=radius)[mosaic])
        ),
    }
    for hint, other in wrong.items():
        expect(not np.isclose(found, other) or np.isclose(other, right), hint)
    expect(
        np.isclose(found, right),
        "Not that share: of all pixels where `mosaic` is True, how many have no True in `photo` "
        "within `radius` rows and columns?",
    )
