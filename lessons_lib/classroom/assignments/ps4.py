"""Judges of PS4: what a network can see, what it was asked for, and what that costs an edge.

The two questions about pictures are judged in the module beside.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.assignments.ps4_pictures import judge_defects, judge_texture_distance
from lessons_lib.classroom.assignments.returned import (
    array,
    call,
    near,
    none_of,
    number,
    numbers,
)
from lessons_lib.classroom.checks import expect

Layers = list[tuple[int, int, int, int]]
_FACTS = "weights", "multiply-adds per pixel", "view in px"


def _walk(layers: Layers) -> dict[str, np.ndarray]:
    """Facts of each layer: its weights, its growth, its grid before and after."""
    inputs, outputs, side, stride = np.array(layers, dtype=float).T
    after = np.cumprod(stride)
    return {"weights": inputs * outputs * side**2, "grows": side - 1, "before": after / stride,
            "after": after, "maps": inputs * outputs, "side": side}  # fmt: skip


def _cost_slips(layers: Layers) -> tuple[np.ndarray, dict[str, tuple[int, float]]]:
    """(right numbers; hint -> (which of the three numbers, what the slip gives))."""
    at = _walk(layers)
    weights, grows, before, after = (at[key] for key in ("weights", "grows", "before", "after"))
    right = weights.sum(), np.sum(weights / after**2), 1 + np.sum(grows * before)
    slips = {
        "Weights: a filter of side x side has side² of them, for each input map and each output "
        "map.": (0, np.sum(at["maps"] * at["side"])),
        "Weights: each output map has a filter for *each* input map.":
            (0, np.sum(weights / np.array(layers)[:, 0])),
        "Multiply-adds: after a stride of 2 there are fewer pixels to write.": (1, weights.sum()),
        "Multiply-adds: the layer with the stride writes fewer pixels itself, too.":
            (1, np.sum(weights / before**2)),
        "Multiply-adds: a stride leaves out rows *and* columns.": (1, np.sum(weights / after)),
        "View: behind a stride of 2 neighbours are 2 px of the picture apart.":
            (2, 1 + grows.sum()),
        "View: a layer's own stride spreads only what comes *after* it.":
            (2, 1 + np.sum(grows * after)),
        "View: without any layer an output sees one pixel, not none.": (2, right[2] - 1),
        "View: a filter of 3 adds 2 to what is seen, one at each side.":
            (2, 1 + np.sum((grows + 1) * before)),
    }  # fmt: skip
    return np.array(right), slips


def judge_cost_and_view(answer: Callable, rng: np.random.Generator) -> None:
    """Random stacks of layers, with and without strides, against the sums."""
    for strided in (False, True, True):
        maps = rng.integers(2, 40, 6)
        maps[0] = 1
        layers = [
            (int(maps[k]), int(maps[k + 1]), int(2 * rng.integers(1, 5) + 1), 1) for k in range(5)
        ]
        for k in rng.choice(4, 2, replace=False) if strided else ():
            layers[k] = (*layers[k][:3], 2)
        found = np.array(numbers(call(answer, layers), *_FACTS))
        right, slips = _cost_slips(layers)
        for hint, (which, wrong) in slips.items():
            none_of(found[which], right[which], {hint: wrong})
        for name, ours, yours in zip(_FACTS, right, found, strict=True):
            expect(near(ours, yours), f"The {name} are not right for one stack of layers.")


def _climb(noisy: np.ndarray, width: float, low: float, high: float) -> np.ndarray:
    """Chance of each place, for exp(-|noisy - step|^2 / width)."""
    before, after = (noisy - low) ** 2, (noisy - high) ** 2
    cost = np.cumsum(before)[:-1] + after.sum() - np.cumsum(after)[:-1]
    chance = np.exp(-(cost - cost.min()) / width)
    return chance / chance.sum()


def _ramp_of(chance: np.ndarray, low: float, high: float) -> np.ndarray:
    return low + (high - low) * np.concatenate([[0.0], np.cumsum(chance)])


def _ramp_slips(noisy: np.ndarray, sigma: float, low: float, high: float) -> dict[str, np.ndarray]:
    """Hint -> what the slip gives."""
    chance = _climb(noisy, 2 * sigma**2, low, high)
    right, best = _ramp_of(chance, low, high), np.zeros_like(chance)
    best[chance.argmax()] = 1
    return {
        "That is one sharp step, the most probable one. The mean of *all* steps is asked for.":
            _ramp_of(best, low, high),
        "That is one sharp step, the median. The mean of *all* steps is asked for.":
            np.where((right - low) / (high - low) > 0.5, high, low),
        "The exponent has *twice* sigma squared below.": _ramp_of(
            _climb(noisy, sigma**2, low, high), low, high),
        "The exponent has 2 sigma² below, not 2 sigma.": _ramp_of(
            _climb(noisy, 2 * sigma, low, high), low, high),
        "Your ramp goes from 0 to 1; the levels are `low` and `high`.": _ramp_of(chance, 0, 1),
        "Your ramp comes one sample late: a step at k has `high` from sample k on.":
            np.concatenate([[low], right[:-1]]),
        "Your ramp comes one sample early: a step at k has `high` from sample k on.":
            np.concatenate([right[1:], [high]]),
        "That is the noisy signal.": noisy,
        "That is the mean before anything was seen: every place alike.": _ramp_of(
            np.full_like(chance, 1 / len(chance)), low, high),
    }  # fmt: skip


def judge_ramp(answer: Callable, rng: np.random.Generator) -> None:
    """Rising and falling steps, near and far, weak and strong noise, one long signal."""
    cases = (40, 1.2, False), (64, 0.7, True), (25, 3.0, False), (2000, 9.0, True)
    for length, ratio, falls in cases:
        low, contrast = rng.uniform(0.1, 0.4), rng.uniform(0.3, 0.6)
        high = low + contrast
        low, high = (high, low) if falls else (low, high)
        sigma, place = contrast / ratio, int(rng.integers(length // 4, 3 * length // 4))
        clean = np.where(np.arange(length) >= place, high, low)
        noisy = clean + sigma * rng.standard_normal(length)
        result = call(answer, noisy, float(sigma), float(low), float(high))
        expect(
            not (isinstance(result, np.ndarray) and np.isnan(result).any()),
            "Some of your values are not finite. In a long signal every exp(...) is 0 in a "
            "computer: take the least squared distance off all of them first. The quotient stays.",
        )
        found = array(result, noisy.shape, "one value per sample")
        right = _ramp_of(_climb(noisy, 2 * sigma**2, low, high), low, high)
        none_of(found, right, _ramp_slips(noisy, sigma, low, high))
        expect(
            near(found, right),
            "Not the posterior mean. Give the step at each place 1 ... n - 1 its weight "
            "exp(-|noisy - step|² / (2 sigma²)), divide by the sum, take the mean of the steps.",
        )


def judge_risk_from_shots(answer: Callable, rng: np.random.Generator) -> None:
    """A large picture and strong, unequal noise; the true risk is known to within chance."""
    for first, second in ((0.05, 0.3), (0.3, 0.05), (0.2, 0.2), (0.5, 0.4)):
        clean = rng.random((1, 256)) * np.ones((256, 1))
        estimate = clean + rng.uniform(0.05, 0.2) * rng.standard_normal(clean.shape)
        estimate += rng.uniform(-0.1, 0.1)  # a bias counts as well
        shots = [clean + s * rng.standard_normal(clean.shape) for s in (first, second)]
        found = number(call(answer, estimate, *shots), "the mean squared error")
        error = np.mean((estimate - clean) ** 2)
        none_of(found, error, _risk_slips(*(estimate - shot for shot in shots)))
        # Chance of the product of both errors: exact for independent Gaussian noise.
        spread = (first**2 + error) * (second**2 + error) + 2 * error**2
        expect(
            abs(found - error) < 5 * np.sqrt(spread / clean.size),
            "Off by more than chance for one pair of shots. The two noises are independent, of "
            "mean 0 and *not* equally strong: what has the mean (estimate - clean)² all the same?",
        )


def _risk_slips(one: np.ndarray, two: np.ndarray) -> dict[str, float]:
    """Hint -> what the slip gives, from the estimate's differences to the two shots."""
    return {
        "That is the error against one *noisy* shot: its noise is counted as yours.":
            np.mean(one**2),
        "That is the error against the other *noisy* shot: its noise is counted as yours.":
            np.mean(two**2),
        "Against the mean of both shots half of their noise is still counted as yours.":
            np.mean(((one + two) / 2) ** 2),
        "A root too many: the mean *squared* error is asked for.": np.sqrt(np.mean(one * two)),
        "That is the sum over the pixels; the mean is asked for.": np.sum(one * two),
        "That is how far the two shots differ; where is the estimate?": np.mean((one - two) ** 2),
    }  # fmt: skip


QUESTIONS = {
    "cost_and_view": judge_cost_and_view,
    "ramp": judge_ramp,
    "risk_from_shots": judge_risk_from_shots,
    "defects": judge_defects,
    "texture_distance": judge_texture_distance,
}
