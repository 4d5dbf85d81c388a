"""PS1: its solutions pass for every class, and each slip gets its own hint."""

import numpy as np
import pytest
from assignments import mutants
from scipy import stats

from lessons_lib.classroom.assignments import ps1
from lessons_lib.classroom.assignments.ps1_programs import two_programs
from lessons_lib.diagnosis.edge_position import position_bound
from lessons_lib.scenes.noise import anscombe, inverse_anscombe_unbiased

SOLVED = mutants.solutions("ps1")
every_question = pytest.mark.parametrize("name", ps1.QUESTIONS)


@every_question
def test_the_solution_passes_in_every_class(name):
    mutants.assert_accepted("ps1", name, SOLVED[name])


@every_question
def test_knowing_the_public_outputs_does_not_help(name):
    mutants.assert_memory_is_useless("ps1", name, SOLVED[name])


@every_question
def test_replies_of_a_wrong_kind(name):
    mutants.assert_wrong_kinds_get_a_hint("ps1", name, SOLVED[name])
    mutants.assert_changing_the_input_gets_a_hint("ps1", name, SOLVED[name])


def other_ways():
    """Right answers that go another way than the solution."""

    def response(first, second, black):
        pattern = first.var() - (first - second).var() / 2
        return np.sqrt(max(pattern, 0)) / (first.mean() - black)

    def response_of_one_mean(first, second, black):
        mean = (first + second) / 2
        pattern = mean.var(ddof=1) - (first - second).var(ddof=1) / 4
        return 0 if pattern < 0 else pattern**0.5 / (mean.mean() - black)

    def bisected(root, offset):
        low, high = np.zeros(root.shape), np.full(root.shape, 150.0)
        for _ in range(40):
            middle = (low + high) / 2
            above = ps1.expected_root(middle, offset) > root
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return low

    def differenced(pixels, place, dark, light, blur, sigmas, rows):
        def values(q):
            return dark + (light - dark) * stats.norm.cdf((pixels - q) / blur)

        slopes = (values(place + 0.01) - values(place - 0.01)) / 0.02
        return 1 / np.sqrt(rows * np.sum(slopes**2 / sigmas**2))

    def jitter_of_a_sample(positions, profiles, dark, light):
        width, typical, _ = SOLVED["blur_or_jitter"](positions, profiles, dark, light)
        half = (dark + light) / 2
        places = [np.interp(half, one, positions) for one in profiles]
        return np.float64(width), typical, np.std(places, ddof=1)

    return {
        "pixel_response": (response, response_of_one_mean),
        "mean_count": (bisected,),
        "place_bound": (differenced,),
        "blur_or_jitter": (jitter_of_a_sample,),
    }


@pytest.mark.parametrize("name", other_ways())
def test_other_right_ways_pass(name):
    for answer in other_ways()[name]:
        mutants.assert_accepted("ps1", name, answer)


def part(first, second):
    return first.var() - (first - second).var() / 2


RESPONSES = {
    "whole spread of one frame": lambda a, b, black: a.std() / (a.mean() - black),
    "noise without the pattern": lambda a, b, black: (a - b).std() / 2**0.5 / (a.mean() - black),
    "The difference of two frames holds": lambda a, b, black: (
        np.sqrt(max(a.var() - (a - b).var(), 0)) / (a.mean() - black)
    ),
    "counted from the black level": lambda a, b, black: np.sqrt(max(part(a, b), 0)) / a.mean(),
    "That is a variance": lambda a, b, black: part(a, b) / (a.mean() - black) ** 2,
    "That is in DN": lambda a, b, black: np.sqrt(max(part(a, b), 0)),
    "not percent": lambda a, b, black: 100 * np.sqrt(max(part(a, b), 0)) / (a.mean() - black),
    "Not the PRNU": lambda a, b, black: 0.05,
    "Then return 0": lambda a, b, black: np.sqrt(abs(part(a, b))) / (a.mean() - black),
    "came out as nan": lambda a, b, black: np.sqrt(part(a, b)) / (a.mean() - black),
}


def law(value, K, r, black, white, **other):
    span = other.get("span", white - black)
    level = np.maximum(value, 0) * other.get("scale", white - black) + other.get("more", 0)
    variance = other.get("light", K) * level + other.get("floor", (K * r) ** 2)
    return np.sqrt(variance + other.get("rounding", 1 / 12)) / span


NOISES = {
    "in DN. In image units": lambda v, K, r, b, w: law(v, K, r, b, w, span=1),
    "the variance; sigma is its root": lambda v, K, r, b, w: law(v, K, r, b, w) ** 2,
    "the variance in DN²": lambda v, K, r, b, w: law(v, K, r, b, w, span=1) ** 2,
    "one unit is white_level - black_level": lambda v, K, r, b, w: law(v, K, r, b, w, span=w),
    "counted above black": lambda v, K, r, b, w: law(v, K, r, b, w, scale=w),
    "black level is no light": lambda v, K, r, b, w: law(v, K, r, b, w, more=b),
    "multiplied by the gain": lambda v, K, r, b, w: law(v, K, r, b, w, floor=r**2),
    "its square adds up": lambda v, K, r, b, w: law(v, K, r, b, w, floor=K**2 * r),
    "Rounding to whole DN": lambda v, K, r, b, w: law(v, K, r, b, w, rounding=0),
    "not 1/12 DN of standard": lambda v, K, r, b, w: law(v, K, r, b, w, rounding=1 / 144),
    "left the gain out": lambda v, K, r, b, w: law(v, K, r, b, w, light=1),
    "mean in *electrons*": lambda v, K, r, b, w: law(v, K, r, b, w, light=K**2),
    "Not the law's sigma": lambda v, K, r, b, w: law(v, K, r, b, w) * 255,  # units of 0..255
    "gets no number": lambda v, K, r, b, w: np.sqrt(K * v * (w - b) + (K * r) ** 2 + 1 / 12)
    / (w - b) * np.where(v < 0, np.nan, 1),
    "must have the sigma of value 0": lambda v, K, r, b, w: law(np.abs(v), K, r, b, w),
}  # fmt: skip


def drawn(root, offset):
    """A table from drawn counts."""
    table = np.linspace(0, 110, 800)
    counts = np.random.default_rng(0).poisson(table, (400, 800))
    return np.interp(root, np.sort((2 * np.sqrt(counts + offset)).mean(axis=0)), table)


COUNTS = {
    "solves t = 2 sqrt": lambda root, c: (root / 2) ** 2 - c,
    "what stands under the root": lambda root, c: (root / 2) ** 2,
    "wrong in the dark": lambda root, c: np.maximum((root / 2) ** 2 - c + 1 / 4, 0),
    "Wrong even where there is much light": lambda root, c: np.minimum(
        SOLVED["mean_count"](root, c), 20
    ),
    "does it use the offset": lambda root, c: SOLVED["mean_count"](root, 0.6),
    "Off by up to": lambda root, c: 1.0016 * SOLVED["mean_count"](root, c),
    "below that of no light": lambda root, c: np.where(
        root < 2 * np.sqrt(c) - 1e-9, -0.1, SOLVED["mean_count"](root, c)
    ),
}


def bound(x, q, dark, light, b, sigmas, rows, squared=2):
    slopes = (light - dark) * stats.norm.pdf((x - q) / b) / b
    return 1 / np.sqrt(rows * np.sum(slopes**2 / sigmas**squared))


BOUNDS = {
    "That is a variance": lambda *given: bound(*given) ** 2,
    "That is the information": lambda *given: bound(*given) ** -2,
    "root of the information": lambda *given: 1 / bound(*given),
    "One mean sigma": lambda x, q, d, top, b, s, R: bound(x, q, d, top, b, s.mean(), R),
    "One mean variance": lambda x, q, d, top, b, s, R: bound(
        x, q, d, top, b, np.mean(s**2) ** 0.5, R
    ),
    "your sigma is not squared": lambda *given: bound(*given, squared=1),
    "sigma to the fourth": lambda *given: bound(*given, squared=4),
    "rows are not in it": lambda x, q, d, top, b, s, R: bound(x, q, d, top, b, s, 1),
    "More rows make it worse": lambda x, q, d, top, b, s, R: bound(x, q, d, top, b, s, 1 / R),
    "stand under the root": lambda x, q, d, top, b, s, R: bound(x, q, d, top, b, s, R**2),
    "has a 1 / blur": lambda x, q, d, top, b, s, R: bound(x, q, d, top, b, s, R) / b,
    "How high is the edge": lambda x, q, d, top, b, s, R: bound(x, q, 0, 1, b, s, R),
    "not the light level": lambda x, q, d, top, b, s, R: bound(x, q, 0, top, b, s, R),
    "the squares add": lambda x, q, d, top, b, s, R: 1 / np.sqrt(R)
    / np.sum((top - d) * stats.norm.pdf((x - q) / b) / b / s),
    "Not 1 / sqrt(I)": lambda x, q, d, top, b, s, R: position_bound(top - d, s.mean() * 2, b, R),
    "is above 0": lambda *given: -bound(*given),
}  # fmt: skip


def widths(change):
    """The solution's three numbers, one of them changed; change gets them and the input."""

    def answer(positions, profiles, dark, light):
        right = SOLVED["blur_or_jitter"](positions, profiles, dark, light)
        return change(*right, positions, profiles, dark, light)

    return answer


def single(x, p, d, top):
    climbs = (p - d) / (top - d)
    return np.array([np.interp([0.1, 0.5, 0.9], one, x) for one in climbs])


def nearest(x, p, d, top):
    climb = (p.mean(axis=0) - d) / (top - d)
    return x[np.argmin(abs(climb - 0.9))] - x[np.argmin(abs(climb - 0.1))]


def width_of(x, profile, d, top):
    return float(np.diff(np.interp([0.1, 0.9], (profile - d) / (top - d), x))[0])


WIDTHS = {
    "average the *profiles* first": widths(
        lambda a, b, j, *g: (np.mean(single(*g)[:, 2] - single(*g)[:, 0]), b, j)
    ),
    "do not take their median": widths(
        lambda a, b, j, x, p, d, top: (width_of(x, np.median(p, axis=0), d, top), b, j)
    ),
    "The mean's width is in samples": widths(lambda a, b, j, x, *g: (a / (x[1] - x[0]), b, j)),
    "not of the value 1": widths(lambda a, b, j, x, p, *g: (width_of(x, p.mean(0), 0, 1), b, j)),
    "a blur's standard deviation": widths(lambda a, b, j, *g: (a / 2.563, b, j)),
    "read the places of 10 and 90": widths(lambda a, b, j, *g: (nearest(*g), b, j)),
    "Not the distance from 10 to 90": widths(lambda a, b, j, *g: (2 * a, b, j)),
    "you return the mean's width once more": widths(lambda a, b, j, *g: (a, a, j)),
    "the *median* is asked for": widths(
        lambda a, b, j, *g: (a, np.mean(single(*g)[:, 2] - single(*g)[:, 0]), j)
    ),
    "typical width of one is in samples": widths(lambda a, b, j, x, *g: (a, b / (x[1] - x[0]), j)),
    "that is a variance": widths(lambda a, b, j, *g: (a, b, j**2)),
    "The jitter is in samples": widths(lambda a, b, j, x, *g: (a, b, j / (x[1] - x[0]))),
    "not how the widths scatter": widths(
        lambda a, b, j, *g: (a, b, np.std(single(*g)[:, 2] - single(*g)[:, 0]))
    ),
    "about *their own mean*": widths(
        lambda a, b, j, *g: (a, b, np.sqrt(np.mean(single(*g)[:, 1] ** 2)))
    ),
    "where half of the way is reached, px": widths(lambda a, b, j, *g: (a, b, 1.5 * j)),
}

SLIPS = {
    "pixel_response": RESPONSES,
    "noise_of_value": NOISES,
    "mean_count": COUNTS,
    "place_bound": BOUNDS,
    "blur_or_jitter": WIDTHS,
}


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name, slips in SLIPS.items() for words in slips]
)
def test_a_slip_gets_its_hint_and_no_points(name, words):
    mutants.assert_rejected("ps1", name, SLIPS[name][words], words)


def test_the_solutions_agree_with_the_library():
    counts = np.array([0.5, 2.0, 30.0])
    root = ps1.expected_root(counts, 3 / 8)
    few = np.arange(99)
    np.testing.assert_allclose(root[0], stats.poisson.pmf(few, 0.5) @ anscombe(few))
    found = SOLVED["mean_count"](root, 3 / 8)
    np.testing.assert_allclose(found, inverse_anscombe_unbiased(root), atol=1e-3)
    even = SOLVED["place_bound"](np.arange(40.0), 19.3, 0.1, 0.4, 1.2, np.full(40, 0.05), 9)
    np.testing.assert_allclose(even, position_bound(0.3, 0.05, 1.2, 9), rtol=1e-3)


def test_the_numbers_of_the_written_question():
    positions, drawings = two_programs(frames=120, seed=1)
    (a, one_a, move_a), (b, one_b, move_b) = (
        SOLVED["blur_or_jitter"](positions, drawings[name], 0.0, 1.0) for name in "AB"
    )
    assert abs(a - b) < 0.1 and abs(a - 3.1) < 0.05 and abs(one_a - 3.1) < 0.05
    assert abs(one_b - 2.563) < 0.01 and 0.55 < move_b < 0.7 and move_a < 0.07
    bounds = [position_bound(1.0, 0.5, 1.0, rows) for rows in (400, 3)]
    assert abs(bounds[0] - 0.05) < 0.005 and abs(bounds[1] - 0.54) < 0.005 and move_b > bounds[1]
