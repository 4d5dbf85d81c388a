"""Instant checks of lesson 03: best box, Wiener gain, joint bilateral, SURE, colour.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check, one_number
from lessons_lib.denoisers.linear import Box, box, gaussian
from lessons_lib.denoisers.risks import risk_oracle
from lessons_lib.image import Image
from lessons_lib.scenes.dead_leaves import dead_leaves

_SEED = 30_503


@instant_check
def check_best_box(best_box: Callable) -> str:
    """Exercise 1: random contrasts, spacings and noise levels against the closed form."""
    rng = np.random.default_rng(_SEED)
    cases = [
        (rng.uniform(0.2, 0.8), rng.uniform(20, 100), rng.uniform(0.05, 0.3)) for _ in range(6)
    ]
    answers = np.array([one_number(best_box(*case), "width in px") for case in cases])
    truth = np.array([(24 * sigma**2 * space / c**2) ** (1 / 3) for c, space, sigma in cases])
    expect((answers > 0).all(), "A width must be above 0.")
    ratio = answers / truth
    expect(
        not np.allclose(ratio, 1, rtol=0.1) or np.allclose(ratio, 1, rtol=1e-3),
        "Nearly: your widths are off by a few percent, as if searched on a coarse grid. "
        "Set the derivative of the sum to zero and solve for w.",
    )
    expect(
        not np.allclose(ratio, ratio[0]) or np.allclose(ratio, 1, rtol=1e-3),
        f"The right law, but times {ratio[0]:.3f} everywhere. Check the derivative, and the "
        "squared error of the ramp: it is c/2 at the edge and falls to 0 on both sides.",
    )
    strong, weak = (one_number(best_box(0.5, 64, sigma), "width") for sigma in (0.2, 0.1))
    doubled = strong / weak
    expect(
        abs(doubled - 4 ** (1 / 3)) < 1e-3,
        f"Twice the sigma makes your box {doubled:.2f} times as wide. The variance falls with w², "
        "the bias² grows with w: where is the derivative of their sum zero?",
    )
    expect(
        np.allclose(ratio, 1, rtol=1e-3),
        "The noise enters correctly; contrast or spacing does not. The bias² grows with the "
        "contrast squared, and falls if edges are farther apart.",
    )
    return "A box, too, obeys a cube-root law."


@instant_check
def check_gain(gain_from_noisy: Callable) -> str:
    """Exercise 2: powers above, at and below the noise's."""
    rng = np.random.default_rng(_SEED)
    for sigma, shape in ((0.1, (7,)), (0.4, (5, 6)), (1.3, (4,))):
        power = rng.uniform(0, 4, shape) * sigma**2
        noisy_power = power + sigma**2
        noisy_power.flat[0], noisy_power.flat[1] = 2 * sigma**2, 0.4 * sigma**2
        power.flat[0], power.flat[1] = sigma**2, 0.0
        gain = np.asarray(gain_from_noisy(noisy_power.copy(), sigma), dtype=float)
        expect(
            gain.shape == shape, f"Return one gain per entry, shape {shape}; got {gain.shape}."
        )
        _judge_gain(gain, noisy_power, power, sigma)
    return "One half where the noisy power is twice the noise's; nothing below it."


def _judge_gain(gain: np.ndarray, noisy: np.ndarray, power: np.ndarray, sigma: float) -> None:
    """Raise the hint that fits what is wrong with a Wiener gain."""
    expect(
        not np.allclose(gain, noisy / (noisy + sigma**2)),
        "That takes the *noisy* power for P: it never falls below one half. Take off what the "
        "noise adds.",
    )
    expect((gain >= 0).all(), "Some gains are negative. Power below the noise's is chance.")
    expect(
        sigma == 1 or not np.allclose(gain, power / (power + sigma)),
        "Is the noise's mean square sigma, or sigma squared?",
    )
    expect(
        np.allclose(gain, power / (power + sigma**2)),
        "Not everywhere. Estimate P first, at least 0, and then put it into P / (P + sigma²).",
    )


@instant_check
def check_joint_bilateral(joint_bilateral_at: Callable) -> str:
    """Exercise 3: random pictures; pixels near the border and in the middle."""
    rng = np.random.default_rng(_SEED)
    for shape, position, s, h in (((9, 11), (4, 5), 2.0, 0.2), ((12, 8), (0, 6), 1.3, 0.5)):
        noisy, flash = rng.random((2, *shape))
        given = noisy.copy(), flash.copy()
        answer = one_number(joint_bilateral_at(*given, position, s, h), "estimate")
        expect(
            np.array_equal(given[0], noisy) and np.array_equal(given[1], flash),
            "Your function changes one of the pictures; leave both as they were.",
        )
        mixed = _pair_weights(flash, position, s, h, noisy[position])
        expect(
            not np.isclose(answer, (mixed * noisy).sum() / mixed.sum()),
            "You compare the flash picture with the noisy pixel: both values must be the flash's.",
        )
        weights = _pair_weights(flash, position, s, h)
        wrong = _pair_weights(noisy, position, s, h)
        expect(
            not np.isclose(answer, (wrong * noisy).sum() / wrong.sum()),
            "That is the plain bilateral filter: the likeness must come from the flash picture.",
        )
        expect(
            not np.isclose(answer, (weights * flash).sum() / weights.sum()),
            "You average the flash picture. Its weights are wanted, but the other one's values.",
        )
        expect(
            not np.isclose(answer, (weights * noisy).sum()),
            "The weights do not sum to 1: divide by their sum.",
        )
        expect(
            np.isclose(answer, (weights * noisy).sum() / weights.sum(), rtol=1e-9),
            "Not the weighted mean over the whole picture. A Gaussian has its squared width, "
            "times 2, under the square: once for the distance, once for the flash values.",
        )
    return "Edges from one picture, light from the other."


def _pair_weights(
    guide: Image, position: tuple[int, int], s: float, h: float, value: float | None = None
) -> Image:
    rows, cols = np.indices(guide.shape)
    squared = (rows - position[0]) ** 2 + (cols - position[1]) ** 2
    difference = guide - (guide[position] if value is None else value)
    return np.exp(-squared / (2 * s**2) - difference**2 / (2 * h**2))


@instant_check
def check_choose_radius(choose_radius: Callable) -> str:
    """Exercise 4: four noisy pictures; the choice must cost little against the oracle's."""
    rng = np.random.default_rng(_SEED)
    radii = [3, 1, 0, 4, 2, 6]  # in no order, so that a number in the list is no radius
    cases = ((0.0, 0.15, 128), (2.0, 0.1, 128), (4.0, 0.2, 192), (0.0, 0.01, 128))
    # In these four the best radius is so clear that SURE finds it in any noise (20 tried).
    for smooth, sigma, size in cases:
        clean = gaussian(dead_leaves(size, seed=7), smooth)
        noisy = clean + sigma * rng.standard_normal(clean.shape)
        answer = one_number(choose_radius(noisy.copy(), sigma, list(radii)), "radius in px")
        risks = np.array(list(risk_oracle(Box, noisy, sigma, radii, clean)))
        right = int(np.argmin(risks))
        expect(
            answer in radii and not (answer == right != radii[right]),
            f"Return one of the given radii, not its number in the list; got {answer:g}.",
        )
        expect(
            answer > 0 or radii[right] == 0,
            "Your function takes no average at all: |D(y) - y|² alone always does. What does the "
            "estimate know of its own noise? Twice sigma² times the weight of the centre.",
        )
        lost = 10 * np.log10(risks[radii.index(answer)] / risks.min())
        expect(
            lost < 0.1,
            f"On one picture your radius {answer:g} costs {lost:.2f} dB against the best. Is the "
            "centre weight that of each radius, and sigma squared?",
        )
    return "Within 0.1 dB of the oracle, and you never saw the clean picture."


@instant_check
def check_clean_colour(clean_colour: Callable) -> str:
    """Exercise 5: filters that leave a trace show which plane went where."""
    rng = np.random.default_rng(_SEED)
    photo = rng.random((8, 9, 3))

    def keep(plane: Image, sigma: float) -> Image:
        expect(np.ndim(plane) == 2, "A filter must be given one plane at a time, (H, W).")
        return plane.copy()

    def erase(plane: Image, sigma: float) -> Image:
        return 0.0 * keep(plane, sigma)

    def average(plane: Image, sigma: float) -> Image:
        return sigma * box(keep(plane, sigma), 1)

    same = np.asarray(clean_colour(photo.copy(), 0.1, keep, keep), dtype=float)
    expect(same.shape == photo.shape, f"Return a photo of shape {photo.shape}; got {same.shape}.")
    expect(
        np.allclose(same, photo),
        "With filters that change nothing the photo must come back. Are the colours turned back?",
    )
    grey = np.asarray(clean_colour(photo.copy(), 0.1, keep, erase), dtype=float)
    expect(
        np.allclose(grey, photo.mean(axis=2, keepdims=True)),
        "With a colour_filter that returns 0, a grey photo must be left: luminance is the plane "
        "with the number 0, the colour differences are 1 and 2.",
    )
    half = np.asarray(clean_colour(photo.copy(), 0.5, average, average), dtype=float)
    expect(
        np.allclose(half, 0.5 * box(photo, 1)),
        "Each filter must see one whole plane (H, W), and sigma.",
    )
    return "Luminance and colour go their own ways and come back together."
