"""PS3: its solutions pass for every class, and each slip gets its own hint."""

import numpy as np
import pytest
from assignments import mutants
from scipy import fft

from lessons_lib.classroom.assignments import ps3
from lessons_lib.classroom.assignments.ps3 import distance_map, friend_weights, noise_by_number
from lessons_lib.classroom.assignments.ps3_groups import candidates, wiener_group
from lessons_lib.classroom.assignments.ps3_programs import PROGRAMS, measure
from lessons_lib.denoisers.bm3d_by_definition import haar_matrix
from lessons_lib.denoisers.non_local_means import effective_number, non_local_weights

SOLVED = mutants.solutions("ps3")
every_question = pytest.mark.parametrize("name", ps3.QUESTIONS)


@every_question
def test_the_solution_passes_in_every_class(name):
    mutants.assert_accepted("ps3", name, SOLVED[name])


@every_question
def test_knowing_the_public_outputs_does_not_help(name):
    mutants.assert_memory_is_useless("ps3", name, SOLVED[name])


@every_question
def test_replies_of_a_wrong_kind(name):
    mutants.assert_wrong_kinds_get_a_hint("ps3", name, SOLVED[name])
    mutants.assert_changing_the_input_gets_a_hint("ps3", name, SOLVED[name])


def by_rolls(noisy, shift, radius, sigma):
    """Add up shifted pictures instead of a running sum."""
    other = np.roll(noisy, (-shift[0], -shift[1]), (0, 1))
    return summed((noisy - other) ** 2 - 2 * sigma**2, radius)


def grouped(noisy, spot, side, search, count, limit):
    places, errors = candidates(noisy, spot, side, search)
    places = places[errors <= limit][:count]
    return places[: 2 ** (len(places).bit_length() - 1)].astype(float)


def by_matrix(noisy, pilot, sigma):
    filtered, gains = wiener_group(noisy, pilot, sigma)
    return filtered, np.float64(1 / np.sum(gains**2))


OTHER_WAYS = {
    "distance_map": by_rolls,
    "find_group": grouped,
    "wiener_group": by_matrix,
    "noise_by_number": lambda estimates, number, edges: noise_by_number(
        np.var(estimates, axis=0, ddof=1), number, edges
    ),
}


@pytest.mark.parametrize("name", OTHER_WAYS)
def test_other_right_ways_pass(name):
    mutants.assert_accepted("ps3", name, OTHER_WAYS[name])


def size(radius):
    return (2 * radius + 1) ** 2


def distance(y, shift, radius, sigma):
    return distance_map(y, shift, radius, 2 * size(radius) * sigma**2)


def without_round(y, shift, radius, sigma):
    """The picture is mirrored at its borders."""
    margin = radius + max(map(abs, shift))
    wide = distance(np.pad(y, margin, mode="symmetric"), shift, radius, sigma)
    return wide[margin:-margin, margin:-margin]


def moved(y, shift):
    return np.roll(y, (-shift[0], -shift[1]), (0, 1))


def summed(squared, radius):
    around = range(-radius, radius + 1)
    return sum(np.roll(squared, (a, b), (0, 1)) for a in around for b in around)


DISTANCES = {
    "still in it": lambda y, s, r, g: distance_map(y, s, r),
    "twice what you took off": lambda y, s, r, g: distance_map(y, s, r, size(r) * g**2),
    "has n pixels in it": lambda y, s, r, g: distance_map(y, s, r, 2 * g**2),
    "or of sigma squared": lambda y, s, r, g: distance_map(y, s, r, 2 * size(r) * g),
    "Do not cut": lambda y, s, r, g: np.maximum(distance(y, s, r, g), 0),
    "not averaged": lambda y, s, r, g: distance(y, s, r, g) / size(r),
    "no root": lambda y, s, r, g: np.sqrt(np.maximum(distance(y, s, r, g), 0)),
    "are not squared": lambda y, s, r, g: summed(np.abs(y - moved(y, s)), r)
    - 2 * size(r) * g**2,
    "the one at i - shift": lambda y, s, r, g: distance(y, (-s[0], -s[1]), r, g),
    "in this order": lambda y, s, r, g: distance(y, (s[1], s[0]), r, g),
    "px to each side": lambda y, s, r, g: distance(y, s, r // 2, g),
    "That is one difference": lambda y, s, r, g: (y - moved(y, s)) ** 2 - 2 * g**2,
    "wrong at the borders": without_round,
    "Not the distances": lambda y, s, r, g: distance(255 * y, s, r, g),  # units of 0..255
}  # fmt: skip


def numbered(weights):
    return weights, float(1 / np.sum(weights**2))


def weighed(change):
    """Weights from a wrong width or own weight, with their true effective number."""
    return lambda d, own, s, n, k: numbered(change(d, own, s, n, k))


def counted(change):
    """The right weights with a wrong effective number."""

    def answer(d, own, s, n, k):
        weights = SOLVED["friend_weights"](d, own, s, n, k)[0]
        return weights, float(change(weights))

    return answer


def bare(d, own, s, n, k):
    weights = np.exp(-np.maximum(d, 0) / ((k * s) ** 2 * n))
    weights[own] = np.delete(weights, own).max()
    return weights


def lonely(d, own, s, n, k):
    """No friend, and no provision for that."""
    weights = bare(d, own, s, n, k)
    total = weights.sum()
    return numbered(weights / total if total else np.full(d.shape, 1 / d.size))


WEIGHTS = {
    "divide by their sum": weighed(bare),
    "its best friend, not 1": weighed(
        lambda d, o, s, n, k: friend_weights(d, o, (k * s) ** 2 * n, 1)
    ),
    "has a weight, too": weighed(lambda d, o, s, n, k: friend_weights(d, o, (k * s) ** 2 * n, 0)),
    "is squared: h² n": weighed(lambda d, o, s, n, k: friend_weights(d, o, k * s * n)),
    "is strength times sigma": weighed(lambda d, o, s, n, k: friend_weights(d, o, k**2 * n)),
    "strength is missing": weighed(lambda d, o, s, n, k: friend_weights(d, o, s**2 * n)),
    "with h² times n": weighed(lambda d, o, s, n, k: friend_weights(d, o, (k * s) ** 2)),
    "No 2 in this formula": weighed(
        lambda d, o, s, n, k: friend_weights(d, o, 2 * (k * s) ** 2 * n)
    ),
    "lucky friends": weighed(
        lambda d, o, s, n, k: friend_weights(d, o, (k * s) ** 2 * n, cut=-np.inf)
    ),
    "nobody is compared": weighed(lambda d, o, s, n, k: np.full(d.shape, 1 / d.size)),
    "Not these weights": weighed(lambda d, o, s, n, k: friend_weights(d, o, 9 * k**2 * s**2 * n)),
    "keep itself": lonely,
    "one *over* the sum": counted(lambda w: np.sum(w**2)),
    "over the largest weight": counted(lambda w: 1 / w.max()),
    "small ones count less": counted(np.count_nonzero),
    "needs the *squares*": counted(lambda w: 1 / np.sum(w)),
    "number is 1 / sum": counted(lambda w: 2 / np.sum(w**2)),
}


def power_cut(places):
    return places[: 2 ** (len(places).bit_length() - 1)].astype(float)


def group(choose):
    """A group chosen otherwise from the right candidates."""

    def answer(noisy, spot, side, search, count, limit):
        places, errors = candidates(noisy, spot, side, search)
        return power_cut(choose(places, errors, count, limit, side))

    return answer


def uncut(noisy, spot, side, search, count, limit):
    places, errors = candidates(noisy, spot, side, search)
    return places[errors <= limit][:count].astype(float)


def beyond(noisy, spot, side, search, count, limit):
    """The search does not mind the picture's border."""
    found = SOLVED["find_group"](noisy, spot, side, search, count, limit)
    found[-1] = np.array(noisy.shape) - side + 1
    return found


def farther(noisy, spot, side, search, count, limit):
    return SOLVED["find_group"](noisy, spot, side, search + 3, count, limit)


def in_scan_order(*given):
    found = SOLVED["find_group"](*given)
    return np.concatenate([found[:1], found[1:][np.lexsort(found[1:].T[::-1])]])


GROUPS = {
    "cut down to a power of two": uncut,
    "too unlike": group(lambda p, e, count, limit, side: p[:count]),
    "not for the sum": group(lambda p, e, count, limit, side: p[e * side**2 <= limit][:count]),
    "At most `count`": group(lambda p, e, count, limit, side: p[e <= limit]),
    "leaves the picture": beyond,
    "farther away than": farther,
    "another order": in_scan_order,
    "begins with the block itself": lambda *given: SOLVED["find_group"](*given)[::-1],
    "shape (K, 2)": lambda *given: SOLVED["find_group"](*given).T,
    "Not this group": lambda y, at, side, search, count, limit: SOLVED["find_group"](
        y, at, side, search - 1, count, limit
    ),
}


def forward(stack):
    flat = fft.dctn(stack, axes=(1, 2), norm="ortho")
    return np.tensordot(haar_matrix(len(stack)), flat, axes=1)


def back(spectrum):
    flat = np.tensordot(haar_matrix(len(spectrum)).T, spectrum, axes=1)
    return fft.idctn(flat, axes=(1, 2), norm="ortho")


def filtered(change):
    """Another stack with the right weight."""
    return lambda y, p, s: (change(y, p, s), SOLVED["wiener_group"](y, p, s)[1])


def weight(change):
    """The right stack with another weight, made of the gains."""

    def answer(y, p, s):
        estimate, gains = wiener_group(y, p, s)
        return estimate, float(change(gains))

    return answer


def cosines_everywhere(y, p, s):
    power = fft.dctn(p, norm="ortho") ** 2
    return fft.idctn(power / (power + s**2) * fft.dctn(y, norm="ortho"), norm="ortho")


def block_by_block(y, p, s):
    pairs = zip(y, p, strict=True)
    return np.concatenate([wiener_group(one[None], own[None], s)[0] for one, own in pairs])


def plain_power(y, p, s):
    size_of = np.abs(forward(p))
    return back(size_of / (size_of + s) * forward(y))


WIENERS = {
    "Nothing is filtered": filtered(lambda y, p, s: y.copy()),
    "You return the pilot": filtered(lambda y, p, s: p.copy()),
    "You filter the pilot": filtered(lambda y, p, s: wiener_group(p, p, s)[0]),
    "come from the noisy group": filtered(lambda y, p, s: wiener_group(y, y, s)[0]),
    "noise's power is sigma squared": filtered(lambda y, p, s: wiener_group(y, p, s**0.5)[0]),
    "the pilot's coefficient squared": filtered(plain_power),
    "Nothing is done along the stack": filtered(block_by_block),
    "not a cosine transform": filtered(cosines_everywhere),
    "mean of the group": filtered(lambda y, p, s: np.tile(y.mean(axis=0), (len(y), 1, 1))),
    "not a yes or no": filtered(lambda y, p, s: back((forward(p) ** 2 > s**2) * forward(y))),
    "Not yet": filtered(lambda y, p, s: wiener_group(y, p, 255 * s)[0]),
    "weight is one *over*": weight(lambda g: np.sum(g**2)),
    "the *squared* gains": weight(lambda g: 1 / np.sum(g)),
    "not over their mean": weight(lambda g: 1 / np.mean(g**2)),
    "counts all coefficients": weight(lambda g: 1 / g.size),
    "The weight: 1 /": weight(lambda g: 2 / np.sum(g**2)),
}


def binned(measure):
    """One number for each bin, from the draws of its pixels, (draws, pixels)."""

    def answer(estimates, number, edges):
        bins = zip(edges[:-1], edges[1:], strict=True)
        inside = [(low <= number) & (number < high) for low, high in bins]
        return np.array([measure(estimates[:, one]) for one in inside])

    return answer


def upper_edge(estimates, number, edges):
    inside = [(a < number) & (number <= b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    return np.sqrt([estimates[:, one].var(axis=0, ddof=1).mean() for one in inside])


def off_the_grand_mean(estimates, number, edges):
    error = estimates - estimates.mean()
    return binned(lambda one: np.sqrt(np.mean(one**2)))(error, number, edges)


NOISES = {
    "That is a variance": binned(lambda one: one.var(axis=0, ddof=1).mean()),
    "ddof=1": binned(lambda one: np.sqrt(one.var(axis=0).mean())),
    "then take the root": binned(lambda one: one.std(axis=0, ddof=1).mean()),
    "how the *picture* varies": binned(np.std),
    "from pixel to pixel": binned(lambda one: one[0].std()),
    "not one mean of all": off_the_grand_mean,
    "lower edge of a bin": upper_edge,
    "whole picture for each bin": lambda estimates, number, edges: np.full(
        edges.size - 1, np.sqrt(estimates.var(axis=0, ddof=1).mean())
    ),
    "other way round": lambda *given: SOLVED["noise_by_number"](*given)[::-1],
    "Not yet": lambda *given: 255 * SOLVED["noise_by_number"](*given),
}

SLIPS = {
    "distance_map": DISTANCES,
    "friend_weights": WEIGHTS,
    "find_group": GROUPS,
    "wiener_group": WIENERS,
    "noise_by_number": NOISES,
}


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name, slips in SLIPS.items() for words in slips]
)
def test_a_slip_gets_its_hint_and_no_points(name, words):
    mutants.assert_rejected("ps3", name, SLIPS[name][words], words)


def test_the_solutions_agree_with_the_library():
    """Own weight 1, as the library has it, in place of the best friend's."""
    noisy = 0.1 * np.random.default_rng(0).standard_normal((40, 40))
    noisy[:, 22:] += 0.5
    shifts = [(a, b) for a in range(-6, 7) for b in range(-6, 7)]
    maps = [SOLVED["distance_map"](noisy, shift, 2, 0.1)[20, 18] for shift in shifts]
    weights = np.exp(-np.maximum(maps, 0) / (0.075**2 * 25))
    weights /= weights.sum()
    theirs = non_local_weights(noisy, (20, 18), 0.1)[14:27, 12:25].ravel()
    np.testing.assert_allclose(weights, theirs, atol=1e-12)
    np.testing.assert_allclose(1 / np.sum(weights**2), effective_number(noisy, 0.1)[20, 18])


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_numbers_of_the_written_question_are_measured(name):
    found, kept = measure(name), PROGRAMS[name]
    # Rounded to two digits; on another machine sums may come in another order.
    for pair in ("width", "width_per_draw", "jitter"):
        np.testing.assert_allclose(getattr(found, pair), getattr(kept, pair), atol=0.03)
    assert abs(found.noise_flat - kept.noise_flat) < 0.003
    assert abs(found.noise_at_edge - kept.noise_at_edge) < 0.01


def test_the_numbers_say_what_the_mark_scheme_says():
    p, q, r = (PROGRAMS[name] for name in "PQR")
    assert max(abs(one.noise_flat - 0.112) for one in (p, q, r)) < 0.01  # equal noise left
    assert p.width[0] < 1.1 and p.width[1] > q.width[1] > 6.5 and r.width[1] < 3
    assert p.noise_at_edge > 5 * p.noise_flat and q.noise_at_edge < 1.2 * q.noise_flat
    for one in (p, q, r):
        assert one.width_per_draw[1] > 0.75 * one.width[1]
        assert 2.563 * np.sqrt(one.jitter[1] ** 2 + 1 / 12) < 2
