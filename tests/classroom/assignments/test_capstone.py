"""The capstone: its model answers pass in every class, and typical slips are named and fail."""

import json

import numpy as np
import pytest
from mutants import (
    assert_rejected,
    solutions,
)

from lessons_lib.classroom.assignments.capstone import simulated_photo
from lessons_lib.classroom.assignments.capstone_frames import make_burst
from lessons_lib.classroom.assignments.capstone_record import KEYS, width_by_definition
from lessons_lib.classroom.assignments.capstone_shown import (
    crops_figure,
    cut_piece,
    photo_figure,
    places_figure,
    print_records,
    save_results,
)
from lessons_lib.classroom.assignments.judging import hidden_check, public_check


def right(name):
    return solutions("capstone")[name]


def assert_passes_a_few(name, answer):
    public_check("capstone", name, answer)
    for seed in range(5):
        hidden_check("capstone", name, answer, seed)


# -- places


def places(**changed):
    return lambda height, width: {**right("my_places")(height, width), **changed}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda h, w: None, "Return a dict"),
        (lambda h, w: {}, "missing: piece, strong, weak, flat"),
        (places(weak=(1, 2, 3)), "four whole numbers"),
        (places(weak=(0.5, 40, 0, 40)), "four whole numbers"),
        (places(weak=(-5, 40, 0, 40)), "four whole numbers"),
        (places(weak="here"), "four whole numbers"),
        (places(flat=(10, 20, 0, 40)), "at least 12"),
        (places(flat=(40, 10, 0, 40)), "at least 12"),
        (places(piece=(0, 2000, 0, 300)), "above 1000 px"),
        (places(strong=(200, 300, 0, 40)), "inside the piece"),
        (places(strong=(0, 40, 0, 14)), "16 columns or more"),
        (places(flat=(120, 150, 30, 60)), "'flat' and 'strong' share pixels"),
    ],
)
def test_places_of_a_wrong_form(answer, words):
    assert_rejected("capstone", "my_places", answer, words)


# -- noise


def neighbours(photo):
    return (photo[:, 1:] - photo[:, :-1]).ravel(), (photo[:, 1:] + photo[:, :-1]).ravel() / 2


def from_differences(photo, levels, spread, groups=10):
    """Noise in groups of like brightness; the line through their variances."""
    differences, light = neighbours(photo)
    parts = np.array_split(np.argsort(light), groups)
    variances = [spread(differences[part]) ** 2 for part in parts]
    fit = np.polyfit([light[part].mean() for part in parts], variances, 1)
    return np.sqrt(np.maximum(np.polyval(fit, levels), 1e-9))


def robust(values):
    return np.median(np.abs(values)) / 0.6745


def scaled(factor):
    return lambda photo, levels: factor * right("noise_at")(photo, levels)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda p, v: right("noise_at")(p, v) ** 2, "These are variances"),
        (scaled(255), "In units of 255"),
        (lambda p, v: from_differences(p, v, robust), "the noise of both"),
        (scaled(2), "four noises"),
        (scaled(0.6745), "0.6745"),
        (scaled(1.4), "the noise of both"),
        (scaled(1.7), "too large by more than 25 %"),
        (scaled(0.5), "too small by more than 25 %"),
        (lambda p, v: np.full(v.shape, right("noise_at")(p, v).mean()), "One sigma for all"),
        (lambda p, v: p.std() * (1 + v), "the scene's own contrast"),
        (lambda p, v: 0 * v, "must be above 0"),
        (lambda p, v: right("noise_at")(p, v)[::-1].copy(), "by more than 25 %"),
    ],
)
def test_slips_in_the_noise(answer, words):
    assert_rejected("capstone", "noise_at", answer, words)


def test_the_noise_by_plain_differences_passes_too():
    assert_passes_a_few(
        "noise_at", lambda photo, levels: from_differences(photo, levels, robust) / np.sqrt(2)
    )


def test_the_model_answer_is_nearer_than_it_must_be():
    ratios = []
    for seed in range(30):
        photo, true = simulated_photo(np.random.default_rng(seed))
        ratios.append(right("noise_at")(photo, np.array([0.15, 0.4, 0.8])) / true)
    assert np.abs(np.mean(ratios, axis=0) - 1).max() < 0.1  # fine structure makes it too high
    assert np.std(ratios, axis=0).max() < 0.07  # three of these fit into what is left of 25 %


# -- tiles


def tiles(step=None, margin=None, cut=True):
    def answer(denoiser, noisy, sigma, tile, overlap):
        tile, overlap = (step or tile), overlap if margin is None else margin(overlap)
        estimate = np.zeros_like(noisy)
        for row in range(0, noisy.shape[0], tile):
            for col in range(0, noisy.shape[1], tile):
                top, left = max(row - overlap, 0), max(col - overlap, 0)
                seen = noisy[top : row + tile + overlap, left : col + tile + overlap].copy()
                found = denoiser(seen, sigma)
                found = found[row - top :, col - left :] if cut else found
                part = estimate[row : row + tile, col : col + tile]
                part[:] = found[: part.shape[0], : part.shape[1]]
        return estimate

    return answer


def only_whole_tiles(denoiser, noisy, sigma, tile, overlap):
    estimate = right("tiled")(denoiser, noisy, sigma, tile, overlap)
    estimate[noisy.shape[0] // tile * tile :] = 0
    return estimate


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda D, y, s, t, o: y.copy(), "the noisy picture"),
        (lambda D, y, s, t, o: D(y, s), "the whole picture at once"),
        (tiles(margin=lambda o: 0), "where is the overlap"),
        (tiles(margin=lambda o: 2 * o), "twice the overlap"),
        (tiles(margin=lambda o: o // 2), "half the overlap"),
        (tiles(cut=False), "at the *upper left*"),
        (tiles(step=8), "Not tile by tile"),
        (only_whole_tiles, "Not tile by tile"),
        (lambda D, y, s, t, o: right("tiled")(D, y, s**2, t, o), "Not tile by tile"),
        (lambda D, y, s, t, o: right("tiled")(D, y, s / 255, t, o), "Not tile by tile"),
    ],
)
def test_slips_in_the_tiles(answer, words):
    assert_rejected("capstone", "tiled", answer, words)


# -- frames


def kept_below(limit):
    def answer(frames, sigma):
        agrees = np.abs(frames - frames[0]) < limit * sigma
        return (frames * agrees).sum(axis=0) / agrees.sum(axis=0)

    return answer


def windowed(frames, sigma):
    """Lesson 11's weights, from means of squares over 5 x 5 px: right, in another way."""
    squares = np.pad((frames - frames[0]) ** 2, ((0, 0), (2, 2), (2, 2)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(squares, (5, 5), axis=(1, 2))
    q = windows.mean(axis=(3, 4)) / (2 * sigma**2)
    weights = np.exp(-np.maximum((q - 1) / np.sqrt(2 / 25) - 2, 0))
    return (weights * frames).sum(axis=0) / weights.sum(axis=0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda f, s: f[0].copy(), "frame 0 alone"),
        (lambda f, s: f.sum(axis=0), "That is the sum"),
        (lambda f, s: np.median(f, axis=0), "A median over the frames"),
        (lambda f, s: f.mean(axis=0), "There is a ghost"),
        (lambda f, s: f[1:].mean(axis=0), "There is a ghost"),
        (kept_below(0.7), "the noise of a mean of all frames"),
        (kept_below(255 * 4.0), "There is a ghost"),
        (lambda f, s: kept_below(5)(f, s**2), "the noise of a mean of all frames"),
        (lambda f, s: kept_below(5)(f, s) / 2, "the noise of a mean of all frames"),
        (
            lambda f, s: np.where(np.ptp(f, axis=0) > 6 * s, np.median(f, axis=0), f.mean(axis=0)),
            "Frame 0 says",
        ),
    ],
)
def test_slips_in_the_merge(answer, words):
    assert_rejected("capstone", "merge", answer, words)


@pytest.mark.parametrize("answer", [windowed, kept_below(4.5), kept_below(6.0)])
def test_other_ways_to_merge_pass_too(answer):
    assert_passes_a_few("merge", answer)


def test_the_moving_thing_is_far_above_the_noise():
    for seed in range(10):
        burst = make_burst(np.random.default_rng(seed), moving=True)
        thing = burst.wanted[burst.there[0]]
        covered = np.median(burst.frames[1:], axis=0)[
            burst.there[0] & ~burst.there[2:].any(axis=0)
        ]
        assert thing.min() - covered.max() > 5 * burst.sigma  # 8 less the covered part's own noise
        assert burst.path.sum() > 100


# -- edges


def profile_of(patch):
    profile = patch.mean(axis=0)
    quarter = len(profile) // 4
    first, last = profile[:quarter].mean(), profile[-quarter:].mean()
    share = (profile - first) / (last - first)
    return share if last > first else 1 - share[::-1]


def whole_pixels(patch):
    share = profile_of(patch)
    return float(np.argmax(share >= 0.9) - np.argmax(share >= 0.1))


def extremes_as_levels(patch):
    low, high = patch.mean(axis=0).min(), patch.mean(axis=0).max()
    return 1.02 * width_by_definition(np.clip(patch, low, high))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda p: -width_by_definition(p), "turn the profile round"),
        (lambda p: width_by_definition(p, 0.2, 0.8), "from 20 to 80"),
        (lambda p: width_by_definition(p) / 2.563, "In standard deviations"),
        (whole_pixels, "Whole pixels"),
        (extremes_as_levels, "Not the width of one edge"),
        (lambda p: 255 * width_by_definition(p), "Not the width of one edge"),
        (lambda p: 2.563 * p.std(), "Not the width of one edge"),
        (lambda p: 0.0, "Whole pixels"),
    ],
)
def test_slips_in_the_width(answer, words):
    assert_rejected("capstone", "edge_width", answer, words)


def test_the_width_of_a_gaussian_edge_is_the_law_of_lesson_02():
    fine = (np.arange(640) >= 317).astype(float)
    offsets = np.arange(-80, 81)
    bell = np.exp(-((offsets / 20) ** 2) / 2)  # 2 px
    edge = np.convolve(np.pad(fine, 80, mode="edge"), bell / bell.sum(), "valid")
    patch = np.tile(edge.reshape(64, 10).mean(axis=1), (12, 1))
    law = 2.563 * np.sqrt(2**2 + 1 / 12)
    assert right("edge_width")(patch) == pytest.approx(law, rel=0.03)
    assert right("edge_width")(0.7 - 0.3 * patch) == pytest.approx(law, rel=0.03)


# -- the record


def with_record(**changed):
    """The model answer with some of its numbers put through a function."""

    def answer(*given):
        found = right("record")(*given)
        return {key: changed.get(key, lambda value: value)(found[key]) for key in found}

    return answer


def swapped(one, other):
    def answer(*given):
        found = right("record")(*given)
        found[one], found[other] = found[other], found[one]
        return found

    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda b, a, s, p: None, "Return a dict"),
        (lambda b, a, s, p: list(right("record")(b, a, s, p).values()), "Return a dict"),
        (lambda b, a, s, p: {"sigma": s}, "missing: removed_over_sigma"),
        (with_record(sigma=lambda v: None), "Return one number, sigma"),
        (with_record(sigma=lambda v: 255 * v), "as it was given"),
        (with_record(sigma=lambda v: v**2), "'sigma' is not right"),
        (with_record(removed_over_sigma=lambda v: v**2), "squares over squares"),
        (with_record(noise_left=lambda v: 1 / v), "after over before"),
        (with_record(noise_left=lambda v: v**2), "not of variances"),
        (with_record(noise_left=lambda v: np.nan), "came out as nan"),
        (with_record(strong_after=lambda v: "wide"), "Return one number, strong_after"),
        (with_record(weak_after=lambda v: v / 2), "'weak_after' is not right"),
        (with_record(weak_contrast_over_sigma=lambda v: -v), "without its sign"),
        (swapped("weak_before", "weak_after"), "that is 'weak_after'"),
        (swapped("strong_before", "strong_after"), "that is 'strong_after'"),
        (lambda b, a, s, p: right("record")(b, b + 1e-9 * a, s, p), "'removed_over_sigma'"),
        (lambda b, a, s, p: dict.fromkeys(KEYS, 1.0), "'sigma' is not right"),
    ],
)
def test_slips_in_the_record(answer, words):
    assert_rejected("capstone", "record", answer, words)


# -- what is shown and saved


def test_a_piece_that_reaches_out_of_the_photo_is_told():
    photo = np.zeros((50, 60, 3), np.float32)
    assert cut_piece(photo, (0, 50, 20, 60)).shape == (50, 40, 3)
    with pytest.raises(ValueError, match="reaches out of the photo, which is 50 x 60 px"):
        cut_piece(photo, (0, 51, 20, 60))


def test_results_are_saved_beside_the_notebook_or_it_says_why_not(tmp_path, capsys):
    before = np.linspace(0, 1, 64 * 64).reshape(64, 64)
    where = {"strong": (0, 20, 0, 20), "weak": (20, 40, 0, 20), "flat": (44, 64, 0, 20)}
    records = {"Gaussian 1.5": dict.fromkeys(KEYS, 1.0)}
    figure = crops_figure(before, {"Gaussian 1.5": before}, where)
    save_results(tmp_path, "my_photo.jpg", records, figure)
    kept = json.loads((tmp_path / "capstone_record.json").read_text(encoding="utf-8"))
    assert kept == {"photo": "my_photo.jpg", "records": records}
    assert (tmp_path / "capstone_crops.png").stat().st_size > 1000
    save_results(tmp_path / "missing", "my_photo.jpg", records, figure)
    assert "could not be saved here" in capsys.readouterr().out


def test_records_stand_side_by_side(capsys):
    print_records({"one": {"sigma": 0.5}, "two": {"sigma": 0.25}})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["one", "two"] and lines[1].split() == ["sigma", "0.500", "0.250"]


def test_places_and_photo_can_be_looked_at():
    photo = np.random.default_rng(0).random((120, 150, 3))
    where = {"strong": (0, 20, 0, 20), "weak": (20, 40, 0, 20), "flat": (44, 64, 0, 20)}
    assert "px at its sides" in photo_figure(photo).alt
    assert len(places_figure(photo[..., 0], where).axes) == 4
