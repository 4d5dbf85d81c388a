"""Lesson 11: the checks' hints, the places in a photo, what was taken, and the page."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import nnls

from lessons_lib.classroom import lesson_11 as check
from lessons_lib.classroom.lesson_11_pictures import (
    Edge,
    crop_around,
    edge_loss,
    edge_profile,
    find_places,
    street_places,
    taken_over_noise,
)
from lessons_lib.classroom.lesson_11_report import (
    CAUSES,
    PARTS,
    Page,
    random_facts,
    supported_cause,
)
from lessons_lib.diagnosis.edges import rise_width
from lessons_lib.diagnosis.noise_level import NoiseCurve
from lessons_lib.scenes.phantoms import SlantedEdge

CHECKS = {
    "electrons_at_white": check.check_electrons,
    "noise_of_mean": check.check_noise_of_mean,
    "most_frames": check.check_most_frames,
    "merged_width": check.check_merged_width,
    "my_answer": check.check_my_answer,
}


def line(levels, sigmas):
    slope, dark = np.polyfit(levels, sigmas**2, 1)
    return slope, max(dark, 0)


WRONG = [
    ("electrons_at_white", lambda v, s: (line(v, s)[0], 0.0), "That is the slope"),
    ("electrons_at_white", lambda v, s: 1 / line(v, s)[0], "Return two numbers"),
    ("electrons_at_white", lambda v, s: (1 / np.polyfit(v, s, 1)[0], 0.0), "Plot the *variance*"),
    ("electrons_at_white", lambda v, s: (1 / line(v, s)[0], line(v, s)[1] ** 0.5),
     "in image units; multiply"),
    ("electrons_at_white", lambda v, s: (1 / line(v, s)[0], line(v, s)[1]),
     "a variance in image units"),
    ("electrons_at_white", lambda v, s: (1 / line(v, s)[0], line(v, s)[1] / line(v, s)[0] ** 2),
     "take the root"),
    ("electrons_at_white", lambda v, s: (1 / line(v, s)[0], 7.0), "Not the read noise"),
    ("electrons_at_white",
     lambda v, s: (1 / line(v, s)[0], abs(np.polyfit(v, s**2, 1)[1]) ** 0.5 / line(v, s)[0]),
     "no read noise was seen"),
    ("noise_of_mean", lambda s, c, n: s / n, "the law for independent noise"),
    ("noise_of_mean", lambda s, c, n: s**2 * check._variance_of_mean(c, n), "the variance; its"),
    ("noise_of_mean", lambda s, c, n: s * check._variance_of_mean(c, n, falling=False) ** 0.5,
     "holds n - |i| pairs"),
    ("noise_of_mean", lambda s, c, n: s * check._variance_of_mean(c, n) ** 0.5 * n,
     "by n⁴"),
    ("noise_of_mean", lambda s, c, n: 2 * s, "Not the noise of a mean"),
    ("noise_of_mean", lambda s, c, n: [s], "Return one number"),
    ("merged_width", lambda b, e: 2.563 * np.sqrt(b**2 + 1 / 12 + e.var(ddof=1)), "not by N - 1"),
    ("merged_width", lambda b, e: 2.563 * np.sqrt(b**2 + 1 / 12 + np.mean(e**2)),
     "take the errors' mean off"),
    ("merged_width", lambda b, e: 2.563 * np.sqrt(b**2 + e.var()), "variance 1/12"),
    ("merged_width", lambda b, e: 2.563 * (np.sqrt(b**2 + 1 / 12) + e.std()), "Variances add"),
    ("merged_width", lambda b, e: np.sqrt(b**2 + 1 / 12 + e.var()), "a standard deviation"),
    ("merged_width", lambda b, e: b, "Not the width"),
    ("my_answer", lambda f: "noise", "Return a dict"),
    ("my_answer", lambda f: {}, "The page has no noise"),
    ("my_answer", lambda f: {**right(f), "noise": 3}, "must be a sentence"),
    ("my_answer", lambda f: {**right(f), "noise": f"{f.sigma:.3f}"}, "is not a sentence yet"),
    ("my_answer", lambda f: {**right(f), "weak edge": "It became much wider than it was."},
     "does not say the number"),
    ("my_answer", lambda f: {**right(f), "cause": "bad luck"}, "one of capture, mixing"),
    ("my_answer", lambda f: {**right(f), "cause": None}, "one of capture, mixing"),
    ("my_answer", lambda f: {**right(f), "cause": "hedging"}, "does not fit a weak edge"),
    ("my_answer", lambda f: {**right(f), "cause": cause(f, limit=1.2)}, "more than a tenth"),
    ("my_answer", lambda f: {**right(f), "cause": cause(f, limit=1.0)}, "more than a tenth"),
    ("my_answer", lambda f: {**right(f), "cause": by_method(f)}, "its blur was in the photo"),
    ("my_answer", lambda f: {**right(f), "cause": cause(f).replace("mis-deciding", "hedging")},
     "what kind of denoiser"),
]  # fmt: skip


def cause(facts, limit=1.1) -> str:
    """The rule of the exercise, or with another limit."""
    if facts.weak.after <= limit * facts.weak.before:
        return "capture"
    return "hedging" if facts.method == "network" else "mis-deciding"


def by_method(facts) -> str:
    """Forgets that a network may have spared the edge."""
    return "hedging" if facts.method == "network" else cause(facts)


def right(facts) -> dict:
    """An answer that passes."""
    return {**{part: f"The number of this part is {value:.4f}."
               for part, value in facts.numbers().items()},
            "cause": supported_cause(facts)}  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "words"), WRONG)
def test_wrong_answers_get_their_hint(name, answer, words):
    result = CHECKS[name](answer)
    assert result.status == "hint" and words in result.message, result


def never_below_zero(levels, sigmas):
    """Least squares with both parts of the line held at 0 or above; an array."""
    slope, dark = nnls(np.stack([levels, np.ones_like(levels)], axis=1), sigmas**2)[0]
    return np.array([1, np.sqrt(dark)]) / slope


def by_counting(electrons, read_noise, penalty):
    """Frames one more at a time, on standard deviations."""
    most, one = 1, np.hypot(np.sqrt(electrons), read_noise)
    while np.sqrt(electrons + (most + 1) * read_noise**2) <= penalty * one:
        most += 1
    return float(most)


def in_per_cent(facts):
    sentences = {part: f"In per cent it is about {100 * value:.3g} here."
                 for part, value in facts.numbers().items()}  # fmt: skip
    return {**sentences, "cause": cause(facts)}


OTHER_FORMS = [
    ("electrons_at_white", never_below_zero),
    ("electrons_at_white", lambda v, s: [1 / line(v, s)[0],
                                         np.sqrt(line(v, s)[1]) / line(v, s)[0]]),
    ("noise_of_mean", lambda s, c, n: np.float64(s * check._variance_of_mean(c, n) ** 0.5)),
    ("most_frames", by_counting),
    ("merged_width", lambda b, e: 2.5631 * np.hypot(np.hypot(b, 12**-0.5), np.std(e))),
    ("my_answer", in_per_cent),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer"), OTHER_FORMS)
def test_right_answers_of_another_form_pass(name, answer):
    assert CHECKS[name](answer).status == "passed", CHECKS[name](answer)


def test_the_noise_of_a_mean_is_that_of_the_full_covariance():
    # Brute force: sum the covariance of every pair of pixels in the window.
    lags = np.arange(-2, 3)
    table = np.exp(-(lags[:, None] ** 2 + lags**2) / 1.3)
    places = np.stack(np.meshgrid(range(4), range(4)), -1).reshape(-1, 2)
    steps = places[:, None] - places[None]
    known = (np.abs(steps) <= 2).all(-1)
    pairs = np.where(known, table[tuple(np.clip(np.moveaxis(steps, -1, 0), -2, 2) + 2)], 0)
    assert check._variance_of_mean(table, 4) == pytest.approx(pairs.mean(), rel=1e-12)


# -- places and losses


def edge_picture(contrast=0.4, sigma=0.0, seed=0):
    edge = SlantedEdge(size=128, contrast=contrast)
    return edge.image() + sigma * np.random.default_rng(seed).standard_normal((128, 128)), edge


def along(edge) -> Edge:
    """The slanted edge's line as a piece of a photo."""
    slope = np.tan(np.deg2rad(edge.angle))
    middle = (edge.size - 1) / 2
    ends = [(middle + d, middle - d * slope) for d in (-30.0, 30.0)]
    return Edge("strong edge", *ends)


def straightest(picture, edge):
    """The one of both slants that is steeper; the sign of the angle is the phantom's matter."""
    line = along(edge)
    turned = Edge(line.name, *[(2 * 63.5 - row, col) for row, col in (line.start, line.end)])
    return min((line, turned), key=lambda one: rise_width(edge_profile(picture, one)))


def test_nothing_was_taken_where_nothing_was_done():
    picture, edge = edge_picture(sigma=0.05)
    loss = edge_loss(picture, picture, straightest(edge.image(), edge), 0.05, 1.0)
    assert loss.taken == 0 and loss.before == loss.after
    assert loss.ratio == pytest.approx(0.4 / 0.05, rel=0.03)  # a plateau averages 300 px


def test_a_blurred_edge_is_wider_and_its_step_is_in_what_was_taken():
    from lessons_lib.denoisers import Gaussian

    picture, edge = edge_picture()
    place = straightest(picture, edge)
    blurred = Gaussian(2.0)(picture, 0.05)
    loss = edge_loss(picture, blurred, place, 0.05, 1.0)
    # 2.563 sqrt(s² + 1/12 + 1/6): pixel area, and reading between pixels on a straight line.
    assert loss.after == pytest.approx(2.563 * np.sqrt(4 + 1 / 4), rel=0.05)
    assert loss.taken > 0.15 > 5 * loss.chance > 0


def test_only_noise_taken_leaves_a_step_by_chance():
    _, edge = edge_picture()
    place, clean = straightest(edge.image(), edge), edge.image()
    takes = []
    for seed in range(30):
        noisy, _ = edge_picture(sigma=0.1, seed=seed)
        takes.append(edge_loss(noisy, clean, place, 0.1, 1.0))
    spread = np.std([one.taken for one in takes])
    # 30 draws know a standard deviation to 13 %; reading between pixels smooths a little.
    assert spread == pytest.approx(takes[0].chance, rel=0.4)
    assert abs(np.mean([one.taken for one in takes])) < 3 * spread / np.sqrt(30)


def test_in_colour_the_chance_is_rather_too_large():
    _, edge = edge_picture()
    place, clean = straightest(edge.image(), edge), np.repeat(edge.image()[..., None], 3, -1)
    rng = np.random.default_rng(0)
    takes = [edge_loss(clean + 0.1 * rng.standard_normal(clean.shape), clean, place, 0.1, 1.0)
             for _ in range(30)]  # fmt: skip
    assert np.std([one.taken for one in takes]) < takes[0].chance


def test_edges_are_found_where_they_are():
    picture = np.full((160, 200), 0.2)
    picture[:, 60:] = 0.7  # strong
    picture[:, 140:] = 0.62  # weak: 2 sigma of .04
    found = find_places(picture, picture, 0.04)
    assert abs(found.strong.middle[1] - 59.5) <= 1 and abs(found.weak.middle[1] - 139.5) <= 1
    crops = found.crops(picture.shape)
    assert set(crops) == {"strong edge", "weak edge", "texture"}
    assert all(picture[crop].shape == (96, 96) for crop in crops.values())


def test_texture_is_found_and_not_the_edge():
    rng = np.random.default_rng(0)
    picture = np.full((200, 300), 0.3)
    picture[:, 100:] = 0.9
    picture[100:, 200:] += 0.05 * rng.standard_normal((100, 100))
    rows, cols = find_places(picture, picture, 0.01).texture
    assert rows.start >= 52 and cols.start >= 152


def test_small_pictures_are_refused_and_crops_stay_inside():
    with pytest.raises(ValueError, match="at least 64 x 64"):
        find_places(np.zeros((40, 200)), np.zeros((40, 200)), 0.1)
    rows, cols = crop_around((0, 70), (80, 80))
    assert (rows, cols) == (slice(0, 80), slice(0, 80))


def test_the_street_has_its_places():
    places = street_places()
    assert places.strong.name == "strong edge" and places.weak.name == "weak edge"


def test_taken_over_noise_is_one_for_noise_alone():
    rng = np.random.default_rng(0)
    clean = np.full((64, 64), 0.5)
    curve = NoiseCurve(np.array([0.0, 1.0]), np.array([0.0, 0.2]), np.array([9, 9]))
    noisy = clean + 0.1 * rng.standard_normal(clean.shape)
    assert taken_over_noise(noisy, clean, curve) == pytest.approx(1, abs=0.04)  # 4,096 px: 1.1 %


# -- the page


def facts():
    return random_facts(np.random.default_rng(0), 0)


def test_the_page_stands_alone_and_says_everything():
    crop = np.full((4, 5, 3), 0.5)
    page = Page(facts(), right(facts()), {"weak edge": (crop, crop)}).html()
    assert "http" not in page and "<script" not in page
    assert page.count("<img alt='weak edge, ") == 2
    for what, much in facts().rows():
        assert what in page and much in page


def test_missing_sentences_leave_lines_and_marks_are_escaped():
    page = Page(replace(facts(), name="<b>&"), {"noise": "a < b"}).html()
    assert page.count("." * 60) == len(PARTS) - 1
    assert "<b>&" not in page and "&lt;b&gt;&amp;" in page and "a &lt; b" in page


def test_the_page_is_written_whole_or_not_at_all(tmp_path):
    page = Page(facts())
    target = page.save(tmp_path / "page.html")
    assert target.read_text(encoding="utf-8") == page.html()
    with pytest.raises(OSError):
        page.save(tmp_path / "nowhere" / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_the_notebook_shows_it_in_a_frame():
    shown = Page(facts())._repr_html_()
    assert shown.startswith("<iframe title='My page'") and "&lt;h1&gt;" in shown
    assert repr(Page(facts())).startswith("photo: photo 0")


def test_an_edge_that_is_gone_is_said_to_be_gone():
    gone = replace(facts(), weak=replace(facts().weak, after=np.inf))
    assert "too faint to measure" in repr(Page(gone))
    assert supported_cause(gone) in CAUSES
