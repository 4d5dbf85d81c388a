"""Judges of PS5's questions about textures and raters."""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.agreement_statistics import percentile_interval, two_way_bootstrap
from lessons_lib.classroom.assignments.returned import call, near, none_of, number, numbers
from lessons_lib.classroom.checks import expect


def _responses(image: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """What each filter sees wherever it fits: (filters, places)."""
    windows = np.lib.stride_tricks.sliding_window_view(image, filters.shape[1:])
    return np.einsum("ijab,kab->kij", windows, filters).reshape(len(filters), -1)


def judge_sliced_distance(answer: Callable, rng: np.random.Generator) -> None:
    """Two textures, filters with a mean of their own; then a moved copy, which is the same."""
    what = "the sliced distance"
    filters = rng.standard_normal((5, 3, 2)) + 0.3
    one, other = rng.random((13, 16)) ** 2, rng.random((13, 16))
    found = number(call(answer, one, other, filters), what)
    right = _relative(np.sort(_responses(one, filters)), np.sort(_responses(other, filters)))
    none_of(found, right, _sliced_slips(one, other, filters))
    expect(
        near(found, right),
        "Not the distance. For each filter: what it sees wherever it fits inside, sorted, in both "
        "pictures; the mean squared difference over the mean square in the second.",
    )
    tile = rng.random((4, 4))
    wide, moved = (  # the filters see whole periods
        np.pad(np.tile(one, (3, 3)), ((0, 2), (0, 1)), mode="wrap")
        for one in (tile, np.roll(tile, (1, 2), (0, 1)))
    )
    again = number(call(answer, moved, wide, filters), what)
    expect(again < 1e-12, f"A moved copy of a texture is {again:.3g} away; that must be 0.")


def _relative(mine: np.ndarray, theirs: np.ndarray) -> float:
    """Mean squared difference over mean square, filter by filter; then the mean."""
    return float(np.mean(np.mean((mine - theirs) ** 2, axis=1) / np.mean(theirs**2, axis=1)))


def _sliced_slips(one: np.ndarray, other: np.ndarray, filters: np.ndarray) -> dict[str, float]:
    """Hint -> what the slip gives."""
    a, b = (_responses(image, filters) for image in (one, other))
    low, high = np.sort(a), np.sort(b)
    turned = [np.sort(_responses(image, filters[:, ::-1, ::-1])) for image in (one, other)]
    gaps, size = np.mean((low - high) ** 2, axis=1), np.mean(b**2, axis=1)
    return {
        "You compare place by place. Sort what each filter sees, in both pictures.":
            _relative(a, b),
        "Sort for each filter by itself, not all filters' values in one list.":
            _relative(np.sort(a, axis=None)[None], np.sort(b, axis=None)[None]),
        "Relative to the *second* picture, please: divide by its mean square.":
            _relative(high, low),
        "Divide by the mean *square*, not by the variance.": np.mean(gaps / b.var(axis=1)),
        "Divide filter by filter, and then take the mean over the filters.":
            gaps.mean() / size.mean(),
        "Relative, please: divide by the mean square of what the filter sees in the second "
        "picture.": gaps.mean(),
        "A root too many: squares over squares.": np.sqrt(_relative(low, high)),
        "The mean over the filters, not their sum.": np.sum(gaps / size),
        "Sizes without signs? Sort the values as they are.":
            _relative(np.sort(np.abs(a)), np.sort(np.abs(b))),
        "Your filters are turned by 180 degrees; lay them on as they are.": _relative(*turned),
    }  # fmt: skip


def _class(rng: np.random.Generator) -> np.ndarray:
    """(raters, pairs): 1 or 0, NaN where nobody answered; raters and pairs both matter."""
    size = 14, 16
    middle = rng.uniform(0.4, 0.6)
    likes, easy = (
        0.33 * rng.permutation(np.linspace(-1, 1, n)).reshape(shape)
        for n, shape in zip(size, ((-1, 1), (1, -1)), strict=True)
    )
    table = (rng.random(size) < middle + likes + easy).astype(float)
    table[rng.random(size) < 0.08] = np.nan
    return table


def _one_way(table: np.ndarray, axis: int | None, rng: np.random.Generator) -> np.ndarray:
    """Bootstrap means over the rows, the columns or the single answers."""
    if axis is None:
        flat = table[np.isfinite(table)]
        return rng.choice(flat, (2000, len(flat))).mean(axis=1)
    lines = table if axis == 0 else table.T
    drawn = rng.integers(len(lines), size=(2000, len(lines)))
    return np.nanmean(lines[drawn], axis=(1, 2))


def judge_preference(answer: Callable, rng: np.random.Generator) -> None:
    """A class with gaps: the share exactly, the interval as well as 2,000 draws know it."""
    words = "the share", "the lower end", "the upper end"
    table, seed = _class(rng), int(rng.integers(1_000_000))
    found = numbers(call(answer, table, seed), *words)
    share = float(np.nanmean(table))
    slips = {
        "The share: a missing answer is no 'no'.": np.nansum(table) / table.size,
        "The share: a mean of the raters' means weighs their answers unequally.":
            np.mean(np.nanmean(table, axis=1)),
        "The share: a mean of the pairs' means weighs the answers unequally.":
            np.mean(np.nanmean(table, axis=0)),
    }  # fmt: skip
    none_of(found[0], share, slips)
    expect(near(found[0], share), "The share is not that of the given answers.")
    expect(found[1] < found[2], "The lower end must come first, and lie below the upper one.")
    _judge_interval(np.array(found[1:]), table, rng)
    again = numbers(call(answer, table, seed), *words)
    expect(found == again, "The same seed must give the same interval.")
    other = numbers(call(answer, table, seed + 1), *words)
    expect(
        found[1:] != other[1:],
        "Another seed must draw another bootstrap: make your generator from `seed`.",
    )


def _judge_interval(found: np.ndarray, table: np.ndarray, rng: np.random.Generator) -> None:
    """Raise the hint that fits a wrong interval; each way has ends of its own."""
    means = two_way_bootstrap(table, rng, 20_000)
    right, spread = np.array(percentile_interval(means)), means.std()
    # 2,000 draws know each end to .06 standard deviations, and half the width, as the middle, to
    # .04; an interval of 90 % is .3 narrower.
    wider = (np.ptp(found) - np.ptp(right)) / 2 / spread
    if abs(wider) < 0.18 and abs(found.mean() - right.mean()) < 0.25 * spread:
        return
    others = {
        "That draws raters alone. Another class would have seen other pairs, too.":
            percentile_interval(_one_way(table, 0, rng)),
        "That draws pairs alone. The raters are a sample, too.":
            percentile_interval(_one_way(table, 1, rng)),
        "That draws single answers, as if all were independent: too narrow.":
            percentile_interval(_one_way(table, None, rng)),
        "That is an interval of 90 %: leave 2.5 % out at *each* end.":
            np.quantile(means, (0.05, 0.95)),
        "That is the mean give or take one standard deviation.":
            (means.mean() - spread, means.mean() + spread),
    }  # fmt: skip
    hint, ends = min(others.items(), key=lambda item: np.abs(found - item[1]).max())
    expect(np.abs(found - ends).max() > 0.3 * spread, hint)
    expect(wider < 0.3, "Too wide: leave out 2.5 % of the draws at each end, no less.")
    expect(
        False,
        "The interval's ends are not where a bootstrap over raters *and* pairs has them. Draw "
        "both with replacement, take the mean of the answers that are there, repeat 2,000 times.",
    )
