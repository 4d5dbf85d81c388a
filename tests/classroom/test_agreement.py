"""The merge and its figures against hand-computed values; statistics against published ones."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import binomtest

from lessons_lib.classroom.agreement import class_report, merge, rater_line
from lessons_lib.classroom.agreement_annotators import (
    STRATEGIES,
    Campaign,
    disc_overlap,
    run_campaign,
)
from lessons_lib.classroom.agreement_bench import CampaignBench, campaign_bench
from lessons_lib.classroom.agreement_outline_bench import BLURRED, OutlineBench, outline_bench
from lessons_lib.classroom.agreement_outlines import (
    EYE,
    SCENE,
    Annotator,
    Disc,
    annotate,
    contour_radius,
    draw_scene,
    overlap,
    star_mask,
    true_masks,
)
from lessons_lib.classroom.agreement_raters import (
    Habits,
    simulate_rater,
    standardised,
    write_answers,
)
from lessons_lib.classroom.agreement_scores import bradley_terry
from lessons_lib.classroom.agreement_statistics import (
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    percentile_interval,
    two_way_bootstrap,
    wilson_interval,
)
from lessons_lib.classroom.agreement_tables import choice_table, counted, win_counts
from lessons_lib.classroom.study_answers import Answer, append_answer, as_line
from lessons_lib.classroom.study_stimuli import make_stimuli
from lessons_lib.denoisers import Box, Gaussian

# -- three raters' files, one of them corrupt, and what a pencil says about them


def answer(rater, trial, number, chose, chosen="left", kind="test", block=1):
    """Pair ``number``; ``chose`` is the method, and ``chosen`` the side it stood on."""
    other = "B" if chose == "A" else "A"
    left = chose if chosen == "left" else other
    return Answer(rater, "s", trial, block, kind, f"p{number}", "A", "B", left, chosen, 1.5)


@pytest.fixture
def folder(tmp_path):
    """a prefers A in p1 to p9 of 12, b in p1 to p6, c in p1 to p8; c's file is damaged."""
    for rater, wins in (("a", 9), ("b", 6), ("c", 8)):
        for k in range(1, 13):
            side = "left" if rater == "a" or k % 2 else "right"
            choice = "A" if k <= wins else "B"
            append_answer(tmp_path / f"{rater}.csv", answer(rater, k, k, choice, side))
    append_answer(tmp_path / "a.csv", answer("a", 20, 1, "A", "right", "repeat"))
    append_answer(tmp_path / "a.csv", answer("a", 21, 10, "A", "right", "repeat"))
    append_answer(tmp_path / "c.csv", answer("c", 20, 0, "B", "right", "catch"))
    damaged = (tmp_path / "c.csv").read_text().splitlines()
    damaged[11] = damaged[11].replace("p11", "p10")  # somebody edited the answer to p11
    damaged[12] = damaged[12][:15]  # and that to p12 was cut short
    (tmp_path / "c.csv").write_text("\n".join(damaged))
    return tmp_path


def test_three_files_one_of_them_corrupt_merge_into_the_report_of_a_pencil(folder):
    merged = merge(folder.glob("*.csv"))
    assert len(merged.answers) == 14 + 12 + 11
    assert merged.notes == (
        "c.csv: line 12 was changed or damaged: its check does not fit; skipped",
        "c.csv: line 13 was cut short (6 of 12 values); skipped",
    )
    report = class_report(merged)
    (block,) = report.blocks
    assert (block.raters, block.count) == (3, 12 + 12 + 10)
    assert (block.preferences["A"].won, block.preferences["A"].count) == (9 + 6 + 8, 34)
    assert block.preferences["B"].won == 11
    # Three disagreements, in p7, p8 and p9: each thing adds 2; chance (34^2 - 23^2 - 11^2) / 33.
    assert block.alpha == pytest.approx(1 - 6 / (506 / 33), abs=1e-12) == pytest.approx(14 / 23)
    # a and b: (3/4 - 1/2) / (1/2); a and c: (.9 - .74) / .26; b and c: (.8 - .56) / .44.
    assert block.mean_cohen == pytest.approx((1 / 2 + 8 / 13 + 6 / 11) / 3, abs=1e-12)
    # 23.5 of 34 games and one against the stranger; the sum of both equations gives s_B = -s_A.
    score = brentq(lambda s: 34 * expit(2 * s) + expit(s) - 23.5, 0, 5)
    assert block.scores["A"][0] == pytest.approx(score, abs=1e-8)
    assert block.scores["B"][0] == pytest.approx(-score, abs=1e-8)


def test_each_rater_gets_a_line_of_their_own(folder):
    a, b, c = class_report(merge(folder.glob("*.csv"))).raters
    assert [one.count for one in (a, b, c)] == [12, 12, 10]
    # (9 + 1.9207) / 15.8415 and 1.95996 sqrt(9 * 3 / 12 + .96036) / 15.8415
    assert a.preferences[1]["A"].interval == pytest.approx((0.46769, 0.91105), abs=1e-4)
    assert a.one_sided and a.left.won == 12 and not b.one_sided
    assert (a.repeats.won, a.repeats.count) == (1, 2) and b.repeats is None
    assert a.repeat_kappa == pytest.approx(0)  # A then B, and again A and A: 1/2 by chance
    assert (c.catches.won, c.catches.count) == (0, 1) and a.catches is None


def test_the_report_says_it_in_words(folder):
    append_answer(folder / "d.csv", answer("d", 1, 1, "A"))
    (folder / "e.csv").write_bytes(b"\x89PNG\r\n\x1a\n not an answer file")
    text = str(class_report(merge([*folder.glob("*.csv"), folder / "missing.csv"])))
    assert "d: 1 answers: not enough data, 10 are needed (they still count" in text
    assert "a: 12 answers" in text and "chose the left picture in 12 of 12" in text
    assert "catch trials" not in text  # one slip happens
    assert "missing.csv: could not be read (No such file" in text
    assert "e.csv: no usable answer; is it the right file?" in text
    assert "24 of 35 = 69%" in text and "Bradley-Terry" in text


def test_copies_withdrawals_and_other_studies(folder):
    (folder / "copy of a.csv").write_bytes((folder / "a.csv").read_bytes())
    merged = merge(folder.glob("*.csv"))
    assert len(merged.answers) == 37
    assert any("14 answers were in an earlier file; counted once" in note for note in merged.notes)
    without = merge(folder.glob("*.csv"), withdrawn=("a",))
    assert {one.rater for one in without.answers} == {"b", "c"}
    assert not any("a.csv: no usable" in note for note in without.notes)
    (folder / "x.csv").write_text(as_line(replace(answer("x", 1, 1, "A"), study="t")))
    with pytest.raises(ValueError, match="several studies; .*: s by a, b, c; t by x"):
        class_report(merge(folder.glob("*.csv")))


def test_two_people_with_one_name_are_told_apart_from_a_copy(folder):
    other = [answer("a", k, k, "B") for k in range(1, 13)]
    for one in other:
        append_answer(folder / "z.csv", one)
    notes = merge(folder.glob("*.csv")).notes
    assert any("z.csv: 9 answers differ" in note and "did two people" in note for note in notes)
    assert any("z.csv: 3 answers were in an earlier file" in note for note in notes)


def test_a_name_as_plain_text_is_one_name(folder):
    append_answer(folder / "ab.csv", answer("ab", 1, 1, "A"))
    assert {one.rater for one in merge(folder.glob("*.csv"), withdrawn="ab").answers} == set("abc")
    report = class_report(merge(folder.glob("*.csv")), leave_out="ab")
    assert report.blocks[0].raters == 3


def test_files_full_of_rubbish_are_named_in_few_lines(folder):
    (folder / "long.csv").write_text("x" * 200_000 + "\n" + as_line(answer("l", 1, 1, "A")))
    (folder / "binary.csv").write_bytes(bytes(range(256)) * 40)
    merged = merge(folder.glob("*.csv"))
    assert any(one.rater == "l" for one in merged.answers)
    about = [note for note in merged.notes if note.startswith("binary.csv")]
    assert len(about) == 5 and "more lines like these" in about[3] and "no usable" in about[4]


def test_who_misses_two_catch_trials_is_named(folder):
    for trial in (21, 22):
        append_answer(folder / "c.csv", answer("c", trial, 0, "B", "right", "catch"))
    assert "WARNING: missed 3 of 3 catch trials" in str(class_report(merge([folder / "c.csv"])))


def test_a_rater_can_be_left_out_of_the_class_and_keeps_the_line(folder):
    report = class_report(merge(folder.glob("*.csv")), leave_out=("a",))
    assert report.blocks[0].raters == 2 and len(report.raters) == 3
    assert report.blocks[0].preferences["A"].won == 14


def test_nothing_at_all_is_said_kindly():
    report = class_report(merge([]))
    assert "nobody yet" in str(report) and "not enough data" in str(report)
    few = class_report(merge([]))
    assert few.blocks == () and few.alpha_change is None
    assert rater_line("r", []).preferences == {} and not rater_line("r", []).one_sided


def test_the_change_of_alpha_is_that_of_the_same_raters_and_pairs(folder):
    for rater, wins in (("a", 8), ("b", 8)):  # in block 2 both agree in all; c did not go on
        for k in range(1, 13):
            choice = "A" if k <= wins else "B"
            append_answer(
                folder / f"{rater}.csv", answer(rater, 100 + k, k, choice, "right", block=2)
            )
    change, (low, high) = class_report(merge(folder.glob("*.csv"))).alpha_change
    # a and b alone in block 1: 15 A, 9 B, 3 things differ: 1 - 6 / ((24^2 - 15^2 - 9^2) / 23).
    assert change == pytest.approx(1 - (1 - 6 / (270 / 23)), abs=1e-12)
    assert low <= change <= high


# -- the statistics


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # Newcombe 1998, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_against_newcombes_table(k, n, low, high):
    assert wilson_interval(k, n) == pytest.approx((low, high), abs=5e-5)
    reference = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson_interval(k, n) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_wilson_at_its_ends_and_on_nonsense():
    assert wilson_interval(0, 0) == (0, 1)
    assert wilson_interval(5, 5)[1] == pytest.approx(1) and wilson_interval(0, 5)[0] == 0
    with pytest.raises(ValueError, match="0 to trials"):
        wilson_interval(3, 2)
    with pytest.raises(ValueError, match="between 0 and 1"):
        wilson_interval(1, 2, 95)


def test_the_bootstrap_has_the_variance_of_its_closed_form():
    rng = np.random.default_rng(0)
    x = rng.random((5, 7))
    rows, columns = (np.eye(n) + (1 - 1 / n) * np.ones((n, n)) for n in x.shape)
    law = np.trace(rows @ x @ columns @ x.T) / x.size**2 - x.mean() ** 2
    draws = two_way_bootstrap(x, rng, 40_000)
    # 40,000 draws know a variance to .7 %, and the mean to its error / 200; five of each.
    assert draws.var() == pytest.approx(law, rel=0.035)
    assert draws.mean() == pytest.approx(x.mean(), abs=5 * np.sqrt(law) / 200)


def test_the_bootstrap_counts_a_gap_as_no_answer():
    x = np.array([[1.0, np.nan], [np.nan, np.nan], [1.0, 1.0]])
    draws = two_way_bootstrap(x, np.random.default_rng(0), 500)
    assert set(draws[np.isfinite(draws)]) == {1.0} and np.isnan(draws).any()
    assert percentile_interval(draws) == (1.0, 1.0)
    for bad in (np.full((2, 2), np.nan), np.ones(3)):
        with pytest.raises(ValueError, match="table \\(raters, pairs\\) with answers"):
            two_way_bootstrap(bad, np.random.default_rng(0))


def test_kappas_against_published_examples():
    # Fleiss' kind of table, as printed in many textbooks: 14 raters, 10 things, 5 labels.
    counts = """0 0 0 0 14  0 2 6 4 2  0 0 3 5 6  0 3 9 2 0  2 2 8 1 1
                7 7 0 0 0  3 2 6 3 0  2 5 3 2 2  6 5 2 1 0  0 2 2 3 7"""
    table = np.array(counts.split(), dtype=int).reshape(10, 5)
    assert fleiss_kappa(table) == pytest.approx(0.210, abs=5e-4)
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: .7 observed, .5 by chance.
    times = [20, 5, 10, 15]
    first, second = np.repeat([1, 1, 0, 0], times), np.repeat([1, 0, 1, 0], times)
    assert cohen_kappa(first, second) == pytest.approx(0.4, abs=1e-12)


def numbers(text):
    return [np.nan if one == "." else float(one) for one in text.split()]


def test_alpha_against_krippendorffs_examples():
    two = [numbers("0 1 0 0 0 0 0 0 1 0"), numbers("1 1 1 0 0 1 0 0 0 0")]
    assert krippendorff_alpha(two) == pytest.approx(0.095, abs=5e-4)
    four = [numbers("1 2 3 3 2 1 4 1 2 . . ."), numbers("1 2 3 3 2 2 4 1 2 5 . 3"),
            numbers(". 3 3 3 2 3 4 2 2 5 1 ."), numbers("1 2 3 3 2 4 4 1 2 5 1 .")]  # fmt: skip
    assert krippendorff_alpha(four) == pytest.approx(0.743, abs=5e-4)


def test_what_has_no_kappa_is_nan_and_what_is_wrong_is_refused():
    assert np.isnan(cohen_kappa(np.ones(4), np.ones(4)))
    assert np.isnan(krippendorff_alpha(np.ones((3, 4))))
    assert np.isnan(krippendorff_alpha([[1, np.nan], [np.nan, 0]]))  # nothing labelled twice
    assert np.isnan(krippendorff_alpha(np.full((2, 2), np.nan)))
    with pytest.raises(ValueError, match="same things"):
        cohen_kappa(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="krippendorff_alpha takes gaps"):
        fleiss_kappa([[3, 0], [1, 1]])
    with pytest.raises(ValueError, match="\\(raters, things\\)"):
        krippendorff_alpha(np.ones(3))


def test_bradley_terry_wins_as_often_as_expected():
    rng = np.random.default_rng(1)
    wins = rng.integers(0, 9, (5, 5))
    np.fill_diagonal(wins, 0)
    for prior in (0.0, 0.5, 2.0):
        scores = bradley_terry(wins, prior)
        assert scores.mean() == pytest.approx(0, abs=1e-12)
        games = wins + wins.T
        if prior == 0:  # the maximum of the likelihood: expected wins are the wins
            expected = (games * expit(scores[:, None] - scores)).sum(axis=1)
            np.testing.assert_allclose(expected, wins.sum(axis=1), atol=1e-6)
    assert bradley_terry([[0, 3], [1, 0]], 0.0)[0] == pytest.approx(np.log(3) / 2, abs=1e-8)
    order = [1, 0, 2]
    some = wins[:3, :3]
    np.testing.assert_allclose(
        bradley_terry(some)[order], bradley_terry(some[np.ix_(order, order)]), atol=1e-8
    )


def test_bradley_terry_stays_finite_and_says_when_it_cannot():
    never_lost = [[0, 5, 5], [0, 0, 3], [0, 3, 0]]
    assert np.isfinite(bradley_terry(never_lost)).all()
    with pytest.raises(ValueError, match="set prior to 0.5"):
        bradley_terry(never_lost, 0.0)
    for bad in ([[0, 1]], [[1, 2], [2, 0]], [[0, -1], [1, 0]]):
        with pytest.raises(ValueError, match="square table of counts"):
            bradley_terry(bad)
    with pytest.raises(ValueError, match="prior must be 0 or more"):
        bradley_terry([[0, 1], [1, 0]], -1)


# -- simulated raters


def test_simulated_raters_leave_files_that_merge(tmp_path):
    stimuli = make_stimuli(("cat", "coins"), {"gauss": Gaussian(1.0), "box": Box(2)})
    quality = standardised(stimuli, np.std, lambda clean, one: -np.abs(clean - one).mean())
    assert quality("cat", "gauss") == pytest.approx((1, 1), abs=1e-5)  # beats the box in both
    rng = np.random.default_rng(0)
    for k, left in enumerate((0.0, 0.0, 9.0)):
        write_answers(
            tmp_path,
            simulate_rater(f"s-{k}", stimuli, quality, Habits(left=left), rng, repeats=1),
        )
    merged = merge(tmp_path.glob("*.csv"))
    assert len(merged.answers) == 3 * 2 * (2 + 1 + 2) and not merged.notes
    table, raters, pairs = choice_table(counted(merged.answers, 1))
    assert table.shape == (3, 2) and raters == ["s-0", "s-1", "s-2"]
    wins = win_counts(table, pairs, ["gauss", "box"])
    assert wins.sum() == 6
    assert all(one.chosen == "left" for one in merged.answers if one.rater == "s-2"
               and one.kind == "test") or Habits().slips > 0  # fmt: skip


# -- outlines


def test_a_star_of_equal_radii_is_a_disc_and_overlap_counts_pixels():
    mask = star_mask((40.0, 41.0), np.full(90, 15.0), 96)
    assert mask.sum() == pytest.approx(np.pi * 15**2, rel=0.02)  # pixels, and chords of 90 spokes
    square = star_mask((20, 20), np.full(4, 10.0), 41)  # spokes to the four sides: a rhombus
    rows, cols = np.abs(np.indices((41, 41)) - 20)
    np.testing.assert_array_equal(square[rows + cols < 10], True)
    np.testing.assert_array_equal(square[rows + cols > 10], False)
    one, other = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    one[:2], other[1:3] = True, True
    assert overlap(one, other) == 2 * 4 / 16 and overlap(one, ~one) == 0
    assert overlap(one & False, other & False) == 1.0
    with pytest.raises(ValueError, match="one shape"):
        overlap(one, other[:2])


@pytest.mark.parametrize(("radius", "blur"), [(12, 1.5), (12, 2), (12, 3), (8, 2)])
@pytest.mark.parametrize("level", [0.3, 0.5, 0.7])
def test_a_blurred_disc_passes_its_level_where_the_law_says(radius, blur, level):
    one = Disc(40, 40, radius, 0.5)
    seen = gaussian_filter(draw_scene([one], size=81), np.sqrt(blur**2 - EYE**2))
    measured = Annotator(level, hand=0).outline(seen, one).mean()
    law = contour_radius(radius, np.sqrt(blur**2 + 1 / 12), level)
    # The next term is of the order blur^3 / radius^2: .19 px at 3 px on 12, times less than 1.
    assert measured == pytest.approx(law, abs=0.4 * blur**3 / radius**2 + 0.06)


def test_a_faint_disc_goes_unnoticed_in_noise_only():
    clean = draw_scene()
    assert all(mask is not None for mask in annotate(clean, Annotator()))
    noise = 0.12 * np.random.default_rng(0).standard_normal(clean.shape)
    found = [mask is not None for mask in annotate(clean + noise, Annotator())]
    assert found.count(False) == 1 and not found[3]
    for mask, truth in zip(annotate(clean, Annotator(hand=0)), true_masks(), strict=True):
        assert overlap(mask, truth) > 0.93


# -- the campaign


def test_disc_overlap_is_that_of_masks():
    rows, cols = np.indices((201, 201)) - 100
    away = np.hypot(rows, cols)
    assert disc_overlap(60, 75) == pytest.approx(overlap(away <= 60, away <= 75), abs=2e-3)
    assert disc_overlap(5.0, 5.0) == 1 and disc_overlap(3, 6) == disc_overlap(6, 3)


@pytest.mark.parametrize("seed", range(3))
def test_instructions_win_where_slips_are_rare_and_qa_where_they_abound(seed):
    for slips, better in ((0.0, 2), (0.02, 2), (0.05, 2), (0.3, 1), (0.4, 1), (0.5, 1)):
        found = [
            run_campaign(Campaign(slips=slips).with_strategy(one), np.random.default_rng(seed))
            for one in STRATEGIES
        ]
        assert max(range(3), key=lambda k: found[k].accuracy) == better
    told = run_campaign(Campaign(slips=0), np.random.default_rng(seed))
    assert told.agreement > told.accuracy + 0.08  # agreement is not accuracy


def test_the_crossover_is_where_both_are_equal_and_grows_with_blur():
    turns = []
    for blur in (0.5, 1, 2, 4):
        one = Campaign(blur=blur)
        there = replace(one, slips=one.crossover())
        qa, told = (there.with_strategy(name).expected_overlap() for name in STRATEGIES[1:])
        assert qa == pytest.approx(told, abs=1e-12)
        turns.append(one.crossover())
    assert np.all(np.diff(turns) > 0)
    assert Campaign(left_over=1.0).crossover() == 0 and Campaign(caught=0.0).crossover() == 1
    assert Campaign(caught=0.0, left_over=1.0).crossover() == 0


def test_the_simulation_follows_its_closed_form():
    for name, slips in itertools.product(STRATEGIES, (0.05, 0.3)):
        one = Campaign(hand=0.0, slips=slips).with_strategy(name)
        found = run_campaign(one, np.random.default_rng(4), objects=20_000)
        # 60,000 drawn objects know a share to .002; four of those.
        assert found.accuracy == pytest.approx(one.expected_overlap(), abs=0.008)


def test_a_campaign_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="slips must be a share"):
        Campaign(slips=5)
    with pytest.raises(ValueError, match="radius must be above 0"):
        Campaign(radius=0)
    with pytest.raises(ValueError, match="choose one of nothing"):
        Campaign().with_strategy("hope")


# -- the benches


def test_the_campaign_bench_says_who_wins():
    bench = campaign_bench()
    assert bench.message == "" and "best here: picture instructions" in bench.readout
    before = bench.frame_0
    bench.set(slips=0.3)
    assert "best here: quality assurance" in bench.readout and bench.frame_0 == before
    bench.set(blur=4.0)
    assert bench.frame_0 != before and all(plot["alt"] for plot in bench.plots)
    with pytest.raises(ValueError, match="caught must be a share"):
        CampaignBench(caught=2.0)


def test_the_outline_bench_scores_a_well_drawn_disc():
    bench = outline_bench()
    assert bench.message == "" and len(bench.panels) == 2
    bench.set(size=12.0)
    bench.set(judge=1)
    assert "1 objects found with a mean overlap of 0.9" in bench.readout
    assert "5 missed, 0 outlines of nothing" in bench.readout


def test_outlines_are_made_bent_and_deleted():
    bench = OutlineBench()
    bench.set(row=28, col=45)  # right of the centre at (28, 30): spoke 0
    assert bench.own[0][2][0] == 15 and np.all(bench.own[0][2][1:] == 5)
    bench.set(row=98, col=66)  # far away: nothing moves
    assert bench.own[0][2][0] == 15
    bench.set(new=1)
    assert len(bench.own) == 2 and bench.current == 1 and bench.state["size"] == 5
    bench.set(size=12.0)
    bench.set(next=1)
    assert bench.current == 0
    bench.set(delete=1)
    assert len(bench.own) == 1 and bench.own[0][:2] == [98, 66]
    bench.set(delete=2)
    bench.set(size=9.0)
    assert bench.own == [] and bench.message == ""
    bench.set(picture=BLURRED)
    assert len(bench.own) == 1  # each picture has outlines of its own


def test_two_pictures_with_outlines_are_compared_with_each_other():
    bench = OutlineBench()
    for name in ("noisy", BLURRED):
        bench.set(picture=name)
        bench.set(size=12.0)
        bench.set(row=int(SCENE[4].row), col=int(SCENE[4].col))
        bench.set(new=1)
        bench.set(size=12.0)
    bench.set(judge=1)
    assert "you against yourself: noisy and Gaussian 2 1.00" in bench.readout
