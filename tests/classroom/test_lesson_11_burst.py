"""Lesson 11 on bursts: its numbers, its figures, and the hints of its exercise."""

import math

import numpy as np
import pytest

from lessons_lib.classroom import lesson_11_burst as lesson
from lessons_lib.denoisers.burst import BurstMerge
from lessons_lib.denoisers.linear import Gaussian
from lessons_lib.scenes.hand_held_burst import MovingDisc, fine_street, hand_shake


@pytest.fixture(scope="module")
def street():
    return fine_street()


def test_the_alignment_is_near_its_bound(street):
    error, bound = lesson.alignment_error(street, 150.0)
    rough, same = lesson.alignment_error(street, 150.0, refine=False)
    # 16 numbers know a standard deviation to 18 %.
    assert bound == same and 0.6 * bound < error < 2.2 * bound and rough > error


@pytest.mark.parametrize("count", [8, 16])
def test_the_law_of_shift_errors(count):
    errors = 0.5 * np.random.default_rng(count).standard_normal((count, 2))
    measured, law = lesson.blur_of_shift_errors(errors)
    assert measured == pytest.approx(law, rel=0.1)
    assert law == pytest.approx(np.var(errors[:, 1]), rel=0.3)  # nearly vertical


def test_ghosts_stay_below_one_frame():
    for ratio in (0.5, 2.0, 8.0):
        robust, plain = lesson.ghost(ratio, draws=2)
        assert robust < 0.65 and plain > robust - 0.02
    assert plain > 2


def test_frames_keep_what_a_gaussian_blurs():
    one, blurred, four = lesson.frames_or_network(Gaussian(1.5), 2.0, counts=(4,), draws=12)
    assert [row.name for row in (one, blurred, four)] == ["one frame", "network", "4 frames"]
    assert four.psnr - one.psnr == pytest.approx(6.02, abs=0.4)
    assert blurred.point.width > 3.5 and four.point.width < 1.2


def test_the_share_that_lasts():
    rng = np.random.default_rng(0)
    always, noise = rng.standard_normal((80, 90)), rng.standard_normal((8, 80, 90))
    for weight in (0.0, 0.5, 1.0):
        size, share = lesson.lasting_share(list(weight * always + noise))
        # 1,344 pixels: 4 % for the part that lasts, less for the noise.
        assert size == pytest.approx(math.hypot(weight, 1), rel=0.05)
        assert share == pytest.approx(weight**2 / (weight**2 + 1), abs=0.03)


def test_errors_of_both_are_in_sigma(street):
    errors = lesson.errors_of_both(street, np.zeros((4, 2)), lambda image, sigma: image, draws=2)
    size = {name: lesson.lasting_share(draws)[0] for name, draws in errors.items()}
    assert size["network"] == pytest.approx(1, abs=0.03)
    assert size["frames"] == pytest.approx(0.5, abs=0.03)


def test_sharpening_trades_width_for_noise():
    noise = np.random.default_rng(0).standard_normal((128, 128))
    plain, sharp = (lesson.width_and_noise(1.5, amount, noise) for amount in (0.0, 2.0))
    assert sharp[0] < 0.6 * plain[0] and sharp[1] > 1.6 * plain[1]


def test_figures_have_alternative_texts(street):
    lamp = MovingDisc((88.0, 24.0), (-1.0, 7.0), 6.0, 0.6)
    burst = lesson.take_burst(street, hand_shake(3, 0.5, np.random.default_rng(0)), moving=lamp)
    plain, robust = (BurstMerge(rule)(burst.frames, burst.sigma[0]) for rule in ("mean", "robust"))
    figures = [
        lesson.ghost_figure(burst, plain, robust),
        lesson.compared_figure({"one": burst.frames[0], "three": plain.image}, "Two pictures."),
        lesson.errors_figure({"frames": [burst.frames[0]], "network": [burst.frames[1]]}),
    ]
    assert all(figure.alt and "<img alt" in figure._repr_mimebundle_()["text/html"]
               for figure in figures)  # fmt: skip
    path = lesson.path_of(burst)
    assert 0.005 < path.mean() < 0.05
    assert lesson.error_in_sigma(burst, burst.frames[0], ~path) == pytest.approx(1, abs=0.03)


# -- the exercise


def right(electrons, read, penalty):
    return int((penalty**2 * (electrons + read**2) - electrons) // read**2)


def test_the_solution_passes():
    result = lesson.check_most_frames(right)
    assert result.status == "passed" and "no finer" in result.message


def test_the_solution_keeps_the_limit():
    for electrons, read, penalty in ((150.0, 1.6, 1.1), (40.0, 3.0, 1.05)):
        count = right(electrons, read, penalty)
        noise = [math.sqrt(electrons + n * read**2) for n in (1, count, count + 1)]
        assert noise[1] <= penalty * noise[0] < noise[2]


def test_an_unanswered_stub_is_open_and_a_crash_an_error():
    def stub(*arguments):
        raise NotImplementedError

    def crash(*arguments):
        raise KeyError("oops")

    assert lesson.check_most_frames(stub).status == "open"
    assert lesson.check_most_frames(crash).status == "error"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda e, r, p: (p**2 * (e + r**2) - e) / r**2, "round *down*"),
        (lambda e, r, p: right(e, r, p) + 1, "round *down*"),
        (lambda e, r, p: math.floor((p * (e + r**2) - e) / r**2), "square it for the variance"),
        (lambda e, r, p: math.floor((p**2 - 1) * e / r**2), "read out once as well"),
        (lambda e, r, p: math.floor((p**2 * (e + r) - e) / r), "adds its *square*"),
        (lambda e, r, p: math.floor(p**2 * (e + r**2) / r**2), "nothing of the shot noise"),
        (lambda e, r, p: 1, "Each frame adds its own read noise|Not the number"),
        (lambda e, r, p: 1000, "Write the variance"),
        (lambda e, r, p: [3], "Return one number"),
        (lambda e, r, p: math.nan, "came out as nan"),
    ],
)
def test_wrong_numbers_of_frames(answer, words):
    result = lesson.check_most_frames(answer)
    assert result.status == "hint", result
    assert any(part in result.message for part in words.split("|")), result.message
