"""The study: its plan, its file, and the widget's answers to buttons and keys."""

from collections import Counter
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from lessons_lib.classroom import study as study_module
from lessons_lib.classroom.study import Study
from lessons_lib.classroom.study_answers import (
    HEADER,
    Answer,
    append_answer,
    as_line,
    check_rater,
    read_answers,
)
from lessons_lib.classroom.study_examples import example_strip
from lessons_lib.classroom.study_plan import Pair, plan_trials
from lessons_lib.classroom.study_stimuli import (
    BLURRED,
    CATCH_CROPS,
    CLEAN,
    CROPS,
    SIDE,
    WithGrain,
    clean_crop,
    make_stimuli,
)
from lessons_lib.denoisers import Box, Gaussian, Median

PAIRS = tuple(Pair(f"picture {k}", "a", "b") for k in range(10))
CATCH = (Pair("known", CLEAN, BLURRED),)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """On a busy machine two threads of torch wait for each other far longer than they work."""
    if find_spec("torch"):
        import torch

        before = torch.get_num_threads()
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(before)
    else:
        yield


@pytest.fixture(scope="module")
def stimuli():
    """Cheap ones: three filters on four pictures, and no network."""
    methods = {"gauss": Gaussian(1.0), "median": Median(1), "box": Box(1)}
    return make_stimuli(("camera man", "cat", "bricks", "coins"), methods)


def an_answer(**changes) -> Answer:
    one = Answer("r-1", "s", 3, 1, "test", "cat", "gauss", "box", "box", "left", 1.25)
    return replace(one, **changes)


# -- the plan


@pytest.mark.parametrize("rater", ["r-1", "r-2", "x"])
def test_each_pair_comes_once_in_a_block_and_repeats_later(rater):
    trials = plan_trials("s", rater, PAIRS, CATCH, repeats=4)
    assert [one.number for one in trials] == list(range(2 * (10 + 4 + 1)))
    for block in (1, 2):
        own = [one for one in trials if one.block == block]
        tests = [one for one in own if one.kind == "test"]
        assert sorted(one.pair.picture for one in tests) == sorted(p.picture for p in PAIRS)
        assert sum(one.left == one.pair.first for one in tests) == 5  # half at the left
        assert Counter(one.kind for one in own) == {"test": 10, "repeat": 4, "catch": 1}
        order = [one.pair for one in own if one.kind != "catch"]
        for again in (one for one in own if one.kind == "repeat"):
            first = next(one for one in tests if one.pair == again.pair)
            assert again.left != first.left
            places = [k for k, pair in enumerate(order) if pair == again.pair]
            assert places[1] - places[0] >= 5  # half of the block lies between


def test_block_two_swaps_all_sides_and_raters_differ():
    one, other = (plan_trials("s", name, PAIRS, repeats=2) for name in ("r-1", "r-2"))
    sides = [
        {t.pair: t.left for t in one if t.block == block and t.kind == "test"} for block in (1, 2)
    ]
    assert all(sides[0][pair] != sides[1][pair] for pair in PAIRS)
    assert one != other and one == plan_trials("s", "r-1", PAIRS, repeats=2)


def test_a_plan_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="each listed once"):
        plan_trials("s", "r", [PAIRS[0], PAIRS[0]])
    with pytest.raises(ValueError, match="needs pairs"):
        plan_trials("s", "r", [])
    with pytest.raises(ValueError, match="repeats must be 0 to 5"):
        plan_trials("s", "r", PAIRS, repeats=6)
    assert len(plan_trials("s", "r", PAIRS[:1], repeats=1)) == 4


# -- the file


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "new folder" / "a.csv"
    answers = [an_answer(trial=k, chosen=("left", "right")[k % 2]) for k in range(5)]
    for one in answers:
        append_answer(path, one)
    found = read_answers(path)
    assert found.answers == tuple(answers) and found.complaints == ()
    assert path.read_text().splitlines()[0] == HEADER
    assert answers[0].method == "box" and answers[1].method == "gauss"
    assert answers[1].chose_first and answers[0].pair == ("cat", "gauss", "box")


def test_a_torn_line_spoils_only_itself(tmp_path):
    path = tmp_path / "a.csv"
    for k in range(3):
        append_answer(path, an_answer(trial=k))
    path.write_bytes(path.read_bytes()[:-9])  # the machine stopped while it wrote trial 2
    append_answer(path, an_answer(trial=2))
    append_answer(path, an_answer(trial=3))
    found = read_answers(path)
    assert [one.trial for one in found.answers] == [0, 1, 2, 3]
    assert len(found.complaints) == 1 and found.complaints[0].startswith("line 4 was")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda line: line.replace("left", "right"), "its check does not fit"),
        (lambda line: line[:20], "cut short"),
        (lambda line: line.replace(",", ";"), "semicolons: a spreadsheet saved it"),
        (lambda line: "\x00\x01 binary", "cut short"),
        (lambda line: line.replace("1.250", "1,250"), "its check does not fit"),
        (lambda line: line + "\n" + line, "a second time; the first counts"),
        (lambda line: as_line(an_answer(left="nobody")), "not a known choice"),
        (lambda line: as_line(an_answer(chosen="up")), "not a known choice"),
    ],
)
def test_a_spoilt_line_is_told_and_the_others_stay(tmp_path, spoil, words):
    path = tmp_path / "a.csv"
    good = [as_line(an_answer(trial=k)) for k in (1, 2)]
    lines = [HEADER, good[0], spoil(as_line(an_answer())), "", good[1]]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())  # a mark and ends of Windows
    found = read_answers(path)
    kept = {one.trial for one in found.answers}
    assert {1, 2} <= kept <= {1, 2, 3}
    assert len(found.complaints) == 1 and words in found.complaints[0]


def test_names_that_would_break_the_file_are_refused():
    for name in ("", "Ann Smith", "a,b", "x" * 25, "../a", 7):
        with pytest.raises(ValueError, match="take a made-up one"):
            check_rater(name)
    assert check_rater("r-17_B") == "r-17_B"
    with pytest.raises(ValueError, match="no comma"):
        as_line(an_answer(picture="cat, sitting"))


# -- the stimuli


def test_stimuli_are_repeatable_and_each_two_methods_meet_equally_often(stimuli):
    again = make_stimuli(("camera man", "cat", "bricks", "coins"), {"gauss": Gaussian(1.0),
                         "median": Median(1), "box": Box(1)})  # fmt: skip
    for key, picture in stimuli.estimates.items():
        np.testing.assert_array_equal(picture, again.estimates[key])
        assert picture.shape == (SIDE, SIDE)
    met = Counter((pair.first, pair.second) for pair in stimuli.pairs)
    assert met == {("gauss", "median"): 2, ("gauss", "box"): 2, ("median", "box"): 2}
    assert [pair.first for pair in stimuli.catches] == [CLEAN] * len(CATCH_CROPS)
    for name in CATCH_CROPS:
        clean, blurred = (stimuli.shown(name, which) for which in (CLEAN, BLURRED))
        assert blurred.std() < 0.9 * clean.std()


def test_nobody_sees_the_clean_picture_of_a_pair():
    for source, (row, col) in CATCH_CROPS.values():
        for other, (top, left) in CROPS.values():
            apart = abs(row - top) >= SIDE or abs(col - left) >= SIDE
            assert apart or source != other


def test_crops_lie_in_their_pictures_and_the_examples_show_four():
    assert all(clean_crop(name).shape == (SIDE, SIDE) for name in (*CROPS, *CATCH_CROPS))
    assert example_strip().shape == (128, 4 * 192 + 3 * 8)
    noisy = np.random.default_rng(0).normal(0.5, 0.1, (16, 16))
    assert WithGrain(1.0)(noisy, 0.1) == pytest.approx(noisy)
    with pytest.raises(ValueError, match="2 methods or more"):
        make_stimuli(("cat",), {"gauss": Gaussian(1.0)}, each=1)


# -- the widget


def answer_all(one, side="left"):
    while one.screen in ("trial", "instructions"):
        one.press(side if one.screen == "trial" else "ready", one.number, 0.5)


def test_a_study_from_consent_to_thanks(tmp_path, stimuli):
    one = Study("r-1", stimuli, tmp_path, repeats=2)
    assert one.screen == "consent" and not one.path.exists()  # nothing is kept before consent
    assert "never graded" in " ".join(one.words)
    one.press("left")
    assert one.screen == "consent"
    one.press("agree")
    assert one.screen == "trial" and len(one.left) == SIDE * SIDE and one.left != one.right
    answer_all(one)
    assert one.screen == "done" and one.progress == 1.0
    found = read_answers(one.path)
    assert len(found.answers) == len(one.trials) == 2 * (6 + 2 + 2) and not found.complaints
    assert "left picture in 100% of 12 pairs" in one.words[0]
    assert "in 0 of 4 repeated pairs" in one.words[0]  # sides were swapped


def test_what_is_shown_left_is_what_is_kept_as_left(tmp_path, stimuli):
    one = Study("r-1", stimuli, tmp_path, repeats=2)
    one.press("agree")
    shown = np.frombuffer(one.left, np.uint8).reshape(SIDE, SIDE) / 255
    one.press("left", one.number)
    kept = read_answers(one.path).answers[0]
    wanted = np.clip(stimuli.shown(kept.picture, kept.left), 0, 1)
    np.testing.assert_allclose(shown, wanted, atol=0.5 / 255 + 1e-6)
    assert kept.method == kept.left


def test_a_broken_off_study_goes_on_where_it_stopped(tmp_path, stimuli):
    one = Study("r-1", stimuli, tmp_path, repeats=2)
    one.press("agree")
    for _ in range(4):
        one.press("right", one.number)
    one.path.write_bytes(one.path.read_bytes()[:-5])  # the last line is torn
    again = Study("r-1", stimuli, tmp_path, repeats=2)
    assert "3 of 20" in " ".join(again.words) and "damaged" in " ".join(again.words)
    again.press("agree")
    assert again.number == 3
    answer_all(again)
    assert len(read_answers(again.path).answers) == 20


def test_a_double_press_counts_once(tmp_path, stimuli):
    one = Study("r-1", stimuli, tmp_path, repeats=2)
    one.press("agree")
    message = {"kind": "press", "what": "left", "number": one.number, "seconds": 0.7}
    one._on_message(one, message, [])
    one._on_message(one, message, [])  # the second was sent before the next pair was shown
    one._on_message(one, {"kind": "other"}, [])
    assert len(one.answers) == 1 and one.number == 1
    assert read_answers(one.path).answers[0].seconds == 0.7


def test_a_full_disk_loses_nothing(tmp_path, stimuli, monkeypatch):
    one = Study("r-1", stimuli, tmp_path, repeats=2)
    one.press("agree")

    def full(path, answer):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(study_module, "append_answer", full)
        one.press("left", one.number)
    assert "No space left" in one.message and "answer this pair again" in one.message
    assert one.number == 0 and not one.answers
    one.press("left", one.number)
    assert one.number == 1 and one.message == "" and len(read_answers(one.path).answers) == 1


def test_instructions_stand_between_the_blocks_and_after_a_resume(tmp_path, stimuli):
    one = Study("r-1", stimuli, tmp_path, repeats=2)
    one.press("agree")
    while one.screen == "trial":
        one.press("left", one.number)
    assert one.screen == "instructions" and one.strip_width == 792
    assert len(one.strip) == 792 * 128
    again = Study("r-1", stimuli, tmp_path, repeats=2)
    again.press("agree")
    assert again.screen == "instructions"
    again.press("ready")
    assert again.screen == "trial" and "truer" in again.heading and again.strip_width == 0


def test_withdrawing_takes_two_presses_and_deletes_the_file(tmp_path, stimuli):
    one = Study("r-1", stimuli, tmp_path, repeats=2)
    one.press("agree")
    answer_all(one)
    one.press("withdraw")
    assert one.path.exists() and "once more" in one.message
    one.press("withdraw")
    assert not one.path.exists() and one.screen == "consent" and one.progress == 0.0


def test_somebody_elses_file_is_not_taken_over(tmp_path, stimuli):
    append_answer(tmp_path / "judging-2_r-2.csv", an_answer(rater="r-9", study="judging-2"))
    with pytest.raises(ValueError, match="holds answers of 'r-9'"):
        Study("r-2", stimuli, tmp_path)


def test_without_a_kernel_a_picture_stands_in(tmp_path, stimuli):
    data, _ = Study("r-1", stimuli, tmp_path)._repr_mimebundle_()
    assert data["image/png"][:4] == b"\x89PNG"
