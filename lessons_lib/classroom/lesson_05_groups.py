"""Instant checks of lesson 05 on groups of blocks: filtering and aggregation."""

from collections.abc import Callable

import numpy as np
from scipy import fft

from lessons_lib.classroom.checks import expect, instant_check

_SEED = 50_515


@instant_check
def check_filter_group(filter_group: Callable) -> str:
    """Exercise 3: stacks of 4, 8 and 1 blocks; one of them with a mean of nearly 0."""
    rng = np.random.default_rng(_SEED)
    for count, level, sigma, ratio in (
        (4, 0.5, 0.1, 2.7),
        (8, 0.001, 0.3, 2.0),
        (1, 2.0, 1.0, 1.5),
    ):
        clean = level + sigma * rng.integers(0, 3, (8, 8)) * (level > 0.1)
        blocks = clean + sigma * rng.standard_normal((count, 8, 8))
        blocks -= (blocks.mean() - level) * (level < 0.1)  # its mean coefficient is tiny
        given = blocks.copy()
        answer = filter_group(given, sigma, ratio)
        expect(np.array_equal(given, blocks), "Your function changes the blocks; leave them so.")
        expect(
            isinstance(answer, (tuple, list)) and len(answer) == 2,
            "Return two things: the filtered stack and its weight.",
        )
        stack, weight = np.asarray(answer[0], dtype=float), answer[1]
        expect(
            stack.shape == blocks.shape,
            f"The filtered stack must have the shape {blocks.shape}; got {stack.shape}.",
        )
        expect(
            np.ndim(weight) == 0 and isinstance(weight, (int, float, np.number)),
            f"The weight is one number; got {type(weight).__name__}.",
        )
        _judge_group(stack, float(weight), blocks, (sigma, ratio))
    return "A stack filtered as one."


def _judge_group(stack: np.ndarray, weight: float, blocks: np.ndarray, settings: tuple) -> None:
    """Raise the hint that fits what is wrong with a filtered group."""
    sigma, ratio = settings
    spectrum = fft.dctn(blocks, norm="ortho")
    keep = np.abs(spectrum) > ratio * sigma

    def back(coefficients: np.ndarray) -> np.ndarray:
        return fft.idctn(coefficients, norm="ortho")

    mean_lost = keep.copy()
    mean_lost[0, 0, 0] = False
    only_large = back(keep * spectrum)
    keep[0, 0, 0] = True
    right = back(keep * spectrum)
    flat = fft.dctn(blocks, axes=(1, 2), norm="ortho")
    alone = fft.idctn(flat * (np.abs(flat) > ratio * sigma), axes=(1, 2), norm="ortho")
    each = np.abs(flat) > ratio * sigma
    each[:, 0, 0] = True
    soft = np.where(keep, spectrum - np.sign(spectrum) * ratio * sigma, 0)
    soft[0, 0, 0] = spectrum[0, 0, 0]
    raw = fft.dctn(blocks)
    coarse = np.abs(raw) > ratio * sigma
    coarse[0, 0, 0] = True
    wrong = (
        ("The first coefficient, the mean of the group, was deleted. It is never doubted.",
         (back(mean_lost * spectrum), only_large)),
        ("Each block is filtered alone. Transform along the stack as well: all three axes.",
         (alone, fft.idctn(flat * each, axes=(1, 2), norm="ortho"))),
        ("You kept the small coefficients and deleted the large ones.",
         (back(~keep * spectrum), blocks - right)),
        ("That is a soft threshold: what survives must stay as it is.", (back(soft),)),
        ("The threshold is ratio times sigma.",
         (back(spectrum * _mean_kept(np.abs(spectrum) > ratio)),)),
        ("Compare the *size* of a coefficient with the threshold: large negative ones stay.",
         (back(spectrum * _mean_kept(spectrum > ratio * sigma)),)),
        ('Without norm="ortho" the noise in a coefficient is not sigma.',
         (fft.idctn(raw * coarse),)),
    )  # fmt: skip
    for hint, others in wrong:
        for other in others:
            expect(not np.allclose(stack, other) or np.allclose(other, right), hint)
    expect(
        np.allclose(stack, right),
        "Not the filtered stack. Transform all three axes, keep what is above ratio * sigma in "
        "size and the first coefficient, and transform back.",
    )
    kept = np.count_nonzero(keep)
    expect(kept == 1 or not np.isclose(weight, kept), "The weight is 1 over that number.")
    expect(
        not np.isclose(weight, 1 / blocks.size) or kept == blocks.size,
        "The weight counts the coefficients that were *kept*, not all of them.",
    )
    expect(
        np.isclose(weight, 1 / kept),
        f"The weight should be 1 / {kept} in one case, for {kept} coefficients stay (the first "
        f"among them); got {weight:.4g}.",
    )


def _mean_kept(keep: np.ndarray) -> np.ndarray:
    keep[0, 0, 0] = True
    return keep


@instant_check
def check_aggregate(aggregate: Callable) -> str:
    """Exercise 4: random blocks that overlap, one place twice, and a rim without any."""
    rng = np.random.default_rng(_SEED)
    for shape, side in (((9, 12), 4), ((8, 7), 3)):
        fallback = rng.random(shape)
        positions = np.array([(0, 0), (2, 1), (2, 1), (shape[0] - side - 1, shape[1] - side)])
        estimates = rng.random((len(positions), side, side))
        estimates[-1] = 0  # black is not the same as not covered
        weights = rng.uniform(0.2, 3, len(positions))
        given = estimates.copy(), fallback.copy()
        answer = np.asarray(aggregate(given[0], positions, weights, given[1]), dtype=float)
        expect(
            np.array_equal(given[0], estimates) and np.array_equal(given[1], fallback),
            "Your function changes its inputs; leave them as they were.",
        )
        expect(answer.shape == shape, f"Return a picture of shape {shape}; got {answer.shape}.")
        _judge_picture(answer, estimates, positions, weights, fallback)
    return "One picture out of many overlapping opinions."


def _judge_picture(
    answer: np.ndarray, estimates: np.ndarray, positions: np.ndarray, weights: np.ndarray,
    fallback: np.ndarray,
) -> None:  # fmt: skip
    """Raise the hint that fits what is wrong with an aggregated picture."""
    total, plain, covered, count = np.zeros((4, *fallback.shape))
    last = fallback.copy()
    for block, (row, col), weight in zip(estimates, positions, weights, strict=True):
        place = np.s_[row : row + len(block), col : col + len(block)]
        total[place] += weight * block
        plain[place] += block
        covered[place] += weight
        count[place] += 1
        last[place] = block
    inside = covered > 0
    expect(
        bool(np.isfinite(answer).all()),
        "NaN or infinite where no block lies: take fallback's pixel there.",
    )
    right = np.where(inside, total / np.where(inside, covered, 1), fallback)
    black = inside & (total == 0)
    expect(
        not (np.allclose(answer[~black], right[~black]) and np.all(answer[black] != 0)),
        "Black is not the same as not covered: ask where the *weights* are 0, not the sum.",
    )
    wrong = {
        "That is the sum of weighted blocks; divide by the sum of the weights.": total,
        "All blocks count alike in your mean. Where are the weights?": plain
        / np.where(inside, count, 1),
        "You divide by the number of blocks; divide by the sum of their weights.": total
        / np.where(inside, count, 1),
        "Later blocks overwrite earlier ones. Add up, and divide at the end.": last,
        "You divide by the sum of *all* weights; each pixel has its own blocks.": total
        / weights.sum(),
    }
    for hint, other in wrong.items():
        expect(not np.allclose(answer[inside], other[inside]), hint)
    expect(
        np.allclose(answer[inside], right[inside]),
        "Not the weighted mean of the blocks that cover a pixel. A position is the (row, col) of "
        "the block's *first* pixel.",
    )
    expect(
        np.allclose(answer[~inside], fallback[~inside]),
        "Where no block lies the picture must be fallback's.",
    )
