"""Judges of PS3: patch distances, weights, noise of rare patches; groups in the module beside."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import uniform_filter

from lessons_lib.classroom.assignments.ps3_groups import judge_find_group, judge_wiener_group
from lessons_lib.classroom.assignments.returned import array, call, near, none_of, number
from lessons_lib.classroom.checks import expect
from lessons_lib.image import Image

# ---------------------------------------------------------------- 1 all distances of a shift


def judge_distance_map(answer: Callable, rng: np.random.Generator) -> None:
    """Pictures with an edge, several patch sizes, shifts in all directions."""
    cases = ((30, 41), (2, -5), 2), ((24, 20), (0, 3), 1), ((40, 33), (-4, 1), 4)
    for shape, shift, radius in cases:
        sigma = rng.uniform(0.05, 0.2)
        noisy = sigma * rng.standard_normal(shape)
        noisy[:, shape[1] // 2 :] += rng.uniform(0.2, 0.5)
        found = array(call(answer, noisy, shift, radius, sigma), shape, "the distances")
        _hint_on_distances(found, noisy, shift, radius, sigma)


def distance_map(noisy: Image, shift: tuple[int, int], radius: int, floor: float = 0.0) -> Image:
    """Reference: summed squared difference of each patch to the shifted one, minus a floor."""
    n = (2 * radius + 1) ** 2
    other = np.roll(noisy, (-shift[0], -shift[1]), (0, 1))  # the pixel at i + shift
    return n * uniform_filter((noisy - other) ** 2, 2 * radius + 1, mode="wrap") - floor


def _hint_on_distances(
    found: Image, noisy: Image, shift: tuple[int, int], radius: int, sigma: float
) -> None:
    """Raise the hint that fits wrong distances."""
    n = (2 * radius + 1) ** 2
    floor = 2 * n * sigma**2
    right, (rows, cols) = distance_map(noisy, shift, radius, floor), shift
    slips = {
        "The noise floor is still in it: take it off.": right + floor,
        "Both pixels of a difference are noisy: the floor is twice what you took off.": (
            right + floor / 2
        ),
        "The floor of the whole patch has n pixels in it.": right + floor - 2 * sigma**2,
        "Is the floor made of sigma, or of sigma squared?": right + floor - 2 * n * sigma,
        "Below 0 is right: after the floor is off, twins scatter about 0. Do not cut.": np.maximum(
            right, 0
        ),
        "Summed over the patch, not averaged.": right / n,
        "Squared differences are summed; no root is taken.": np.sqrt(np.maximum(right, 0)),
        "The differences are not squared.": n * uniform_filter(
            np.abs(noisy - np.roll(noisy, (-rows, -cols), (0, 1))), 2 * radius + 1, mode="wrap"
        ) - floor,
        "That compares the pixel at i with the one at i - shift. np.roll(y, 1) moves y on by one, "
        "so that its entry i is y's i - 1.": distance_map(noisy, (-rows, -cols), radius, floor),
        "The shift is (rows, columns), in this order.": distance_map(
            noisy, (cols, rows), radius, floor
        ),
        "A patch reaches `radius` px to each side of its middle.": distance_map(
            noisy, shift, radius // 2, floor * (2 * (radius // 2) + 1) ** 2 / n
        ),
        "That is one difference for each pixel; sum them over the patch.": (
            noisy - np.roll(noisy, (-rows, -cols), (0, 1))
        ) ** 2 - 2 * sigma**2,
    }  # fmt: skip
    none_of(found, right, slips)
    edge = radius + max(map(abs, shift))
    inside = np.s_[edge:-edge, edge:-edge]
    expect(
        not near(found[inside], right[inside]) or near(found, right),
        "Right in the middle, wrong at the borders: here the picture goes round, so that left of "
        "the first column stands the last one.",
    )
    expect(
        near(found, right),
        "Not the distances. Squared difference of the picture and its shifted self, summed over "
        "each pixel's (2 r + 1) x (2 r + 1) patch, minus 2 sigma² n.",
    )


# ---------------------------------------------------------------- 2 from distance to weight


def judge_friend_weights(answer: Callable, rng: np.random.Generator) -> None:
    """Close and far friends, a pixel without any, and friends nearer than the floor."""
    for count, n, strength, far in ((40, 25, 0.75, 2.0), (12, 9, 0.4, 1.0), (30, 49, 1.1, 4.0)):
        sigma = rng.uniform(0.05, 0.3)
        distances = n * sigma**2 * rng.normal(far, 1.0, count) * strength**2
        own = int(rng.integers(count))
        distances[own] = -2 * n * sigma**2  # what the formula of question 1 gives for itself
        others = np.delete(np.arange(count), own)
        distances[others[0]] = -0.3 * n * sigma**2
        if far > 3:  # no perfect friend
            distances[others] = np.abs(distances[others]) + 0.5 * n * (strength * sigma) ** 2
        given = distances, own, sigma, n, strength
        _hint_on_weights(_two_parts(call(answer, *given), distances.shape), *given)
    lonely = np.full(9, 1e9)
    weights, count = _two_parts(call(answer, lonely, 4, 0.1, 25, 0.75), (9,))
    expect(
        near(weights, np.eye(9)[4]) and near(count, 1.0),
        "All others are so far that their weights are 0 in a computer. The pixel must then keep "
        "itself: weight 1, effective number 1.",
    )


def _two_parts(reply: object, shape: tuple[int, ...]) -> tuple[np.ndarray, float]:
    expect(
        isinstance(reply, (tuple, list)) and len(reply) == 2,
        f"Return two things, the weights and the effective number; got {type(reply).__name__}.",
    )
    return array(reply[0], shape, "the weights"), number(reply[1], "the effective number")


def friend_weights(
    distances: np.ndarray, own: int, width: float, mine: float | None = None, cut: float = 0.0
) -> np.ndarray:
    """Reference: exp(-max(d, 0) / width), the pixel's own weight that of its best friend."""
    weights = np.exp(-np.maximum(distances, cut) / width)
    others = np.delete(weights, own)
    weights[own] = (others.max() or 1.0) if mine is None else mine
    return weights / weights.sum()


def _hint_on_weights(
    found: tuple[np.ndarray, float], distances: np.ndarray, own: int, sigma: float, n: int,
    strength: float,
) -> None:  # fmt: skip
    """Raise the hint that fits wrong weights, or a wrong effective number."""
    weights, count = found
    h = strength * sigma
    right = friend_weights(distances, own, h**2 * n)
    bare = np.exp(-np.maximum(distances, 0) / (h**2 * n))
    bare[own] = np.delete(bare, own).max()
    none_of(weights, right, {
        "The weights must sum to 1: divide by their sum.": bare,
        "The pixel's own weight is that of its best friend, not 1.": friend_weights(
            distances, own, h**2 * n, mine=1.0
        ),
        "The pixel itself has a weight, too: that of its best friend.": friend_weights(
            distances, own, h**2 * n, mine=0.0
        ),
        "The filter width is squared: h² n.": friend_weights(distances, own, h * n),
        "The filter width is strength times sigma.": friend_weights(
            distances, own, strength**2 * n
        ),
        "The strength is missing: h is strength times sigma.": friend_weights(
            distances, own, sigma**2 * n
        ),
        "A larger patch has a larger sum: the distance is compared with h² times n.": (
            friend_weights(distances, own, h**2)
        ),
        "No 2 in this formula: h² n, not 2 h² n.": friend_weights(distances, own, 2 * h**2 * n),
        "A distance below 0 is luck. It must count as 0, or lucky friends weigh too much.": (
            friend_weights(distances, own, h**2 * n, cut=-np.inf)
        ),
        "All weights are equal: nobody is compared.": np.full(right.shape, 1 / right.size),
    })  # fmt: skip
    expect(
        near(weights, right),
        "Not these weights: exp(-max(d, 0) / (h² n)) with h = strength sigma, the pixel's own one "
        "set to the largest of the others, all divided by their sum.",
    )
    none_of(count, 1 / np.sum(right**2), {
        "The effective number is one *over* the sum of the squared weights.": np.sum(right**2),
        "One over the largest weight is another number; sum the squares of all.": 1 / right.max(),
        "That counts who has a weight. Ten weights of 1/10 are ten, but small ones count less.": (
            np.count_nonzero(right)
        ),
        "The effective number needs the *squares* of the weights; their sum is 1.": 1.0,
    })  # fmt: skip
    expect(near(count, 1 / np.sum(right**2)), "The effective number is 1 / sum of the weights².")


# ---------------------------------------------------------------- 5 the rare patch


def judge_noise_by_number(answer: Callable, rng: np.random.Generator) -> None:
    """Few draws of a picture whose noise falls with the number; the picture itself varies."""
    for draws, shape, bins in ((6, (24, 30), 3), (9, (16, 40), 4), (4, (40, 20), 2)):
        number_of = np.exp(rng.uniform(0, 5, shape))
        edges = np.exp(np.linspace(0, 5.001, bins + 1))
        number_of.flat[:bins] = edges[:-1]  # just on the lower edge of each bin
        noise = rng.standard_normal((draws, *shape)) * (0.1 / np.sqrt(number_of))
        estimates = noise * rng.uniform(0.4, 1.6, shape) + rng.uniform(0, 1, shape)
        estimates[:, :, ::7] += 3 * noise[:, :, ::7]
        estimates[:, *np.unravel_index(np.arange(bins), shape)] *= 4
        given = estimates, number_of, edges
        _hint_on_noise(array(call(answer, *given), (bins,), "the noise left"), *given)


def noise_by_number(variance: Image, number_of: Image, edges: np.ndarray) -> np.ndarray:
    """Reference: root of the mean variance in each bin."""
    bins = zip(edges[:-1], edges[1:], strict=True)
    inside = [(low <= number_of) & (number_of < high) for low, high in bins]
    return np.sqrt([variance[one].mean() for one in inside])


def _hint_on_noise(
    found: np.ndarray, estimates: np.ndarray, number_of: Image, edges: np.ndarray
) -> None:
    """Raise the hint that fits a wrong noise left."""
    variance = estimates.var(axis=0, ddof=1)
    right = noise_by_number(variance, number_of, edges)
    mean_error = (estimates - estimates.mean()) ** 2
    bins = list(zip(edges[:-1], edges[1:], strict=True))
    inside = [(low <= number_of) & (number_of < high) for low, high in bins]
    slips = {
        "That is a variance; its root is asked for.": right**2,
        "With so few draws it matters: divide by the draws less one (ddof=1).": noise_by_number(
            estimates.var(axis=0), number_of, edges
        ),
        "Average the variances, then take the root; not the other way round.": np.array(
            [np.sqrt(variance[one]).mean() for one in inside]
        ),
        "That is how the *picture* varies. Noise is what changes from draw to draw in a pixel.": (
            np.array([estimates[:, one].std() for one in inside])
        ),
        "That is how one draw varies from pixel to pixel. Noise changes from draw to draw.": (
            np.array([estimates[0][one].std() for one in inside])
        ),
        "Take the mean of each pixel off its own draws, not one mean of all.": np.sqrt(
            [mean_error[:, one].mean() for one in inside]
        ),
        "A number just at the lower edge of a bin belongs to it; one at the upper edge does "
        "not.": np.sqrt([
            variance[(low < number_of) & (number_of <= high)].mean() for low, high in bins
        ]),
        "That is the whole picture for each bin: choose the pixels by their number.": np.full(
            right.shape, np.sqrt(variance.mean())
        ),
        "The bins are the other way round.": right[::-1],
    }  # fmt: skip
    none_of(found, right, slips)
    expect(
        near(found, right),
        "Not yet. The variance over the draws for each pixel (ddof=1), its mean over the pixels "
        "with low <= number < high, and the root.",
    )


QUESTIONS = {
    "distance_map": judge_distance_map,
    "friend_weights": judge_friend_weights,
    "find_group": judge_find_group,
    "wiener_group": judge_wiener_group,
    "noise_by_number": judge_noise_by_number,
}
