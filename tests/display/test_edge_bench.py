"""The edge bench: its numbers are the instruments' own, and it answers in time."""

import time

import numpy as np
import pytest

from lessons_lib.denoisers import Entry, Gaussian, Median
from lessons_lib.diagnosis.blur_curve import (
    BlurPoint,
    blur_curve,
    edge_estimates,
    measure_estimates,
)
from lessons_lib.diagnosis.edges import EdgeSpread, edge_spread, rise_width
from lessons_lib.display import edge_bench as module
from lessons_lib.display.edge_bench import (
    BENCH,
    SIGMA,
    EdgeBench,
    Evidence,
    SharpGuess,
    edge_bench,
    measure_evidence,
    rise_marks,
    verdict,
)
from lessons_lib.scenes.phantoms import SlantedEdge

GAUSSIAN, MEDIAN, GUESS = "Gaussian (linear)", "Median (order statistic)", "Sharp guess (toy)"


@pytest.fixture
def bench() -> EdgeBench:
    return edge_bench(draws=4)


def test_every_denoiser_of_the_bench_is_shown_without_a_message(bench):
    for name in BENCH:
        bench.set(denoiser=name)
        assert bench.message == ""
        assert len(bench.panels) == 4 and len(bench.plots) == 2
        assert all(panel["alt"] for panel in bench.panels)
        assert all(plot["alt"] for plot in bench.plots)


def test_the_numbers_are_those_of_the_blur_curve(bench):
    bench.set(ratio=4.0, draws=6)
    point = next(blur_curve(Median(2), sigma=SIGMA, ratios=(4,), draws=6, size=96, seed=0))
    # the same noise and the same instrument, written with two decimals
    assert f"width of the mean of 6: {point.width:.2f} ± " in bench.readout
    assert f"single draws {point.width_per_draw:.2f} ± " in bench.readout
    assert f"differ by {point.jitter:.2f} px" in bench.readout
    assert bench.readout.endswith("± is one standard error")


@pytest.mark.parametrize(
    ("name", "words"), [(MEDIAN, "BLUR"), (GAUSSIAN, "BLUR"), (GUESS, "JITTER")]
)
def test_blur_and_jitter_are_told_apart(bench, name, words):
    bench.set(denoiser=name)
    bench.set(draws=12)
    assert words in bench.readout


def test_a_denoiser_that_is_off_is_sharp(bench):
    bench.set(denoiser=GUESS)
    bench.set(strength=0.0)
    assert "sharp: neither" in bench.readout


def test_one_draw_gives_no_verdict(bench):
    bench.set(draws=1)
    assert "cannot tell blur from jitter" in bench.readout
    assert "BLUR" not in bench.readout


def test_the_shown_draw_changes_the_estimate_but_not_the_mean(bench):
    before = (bytes(bench.frame_1), bytes(bench.frame_2))
    bench.set(shown=3)
    assert bytes(bench.frame_1) != before[0]
    assert bytes(bench.frame_2) == before[1]
    assert "draw 3" in bench.panels[1]["title"]


def test_a_shown_draw_beyond_the_mean_is_computed(bench):
    bench.set(shown=9)
    assert bench.message == ""
    assert "draw 9" in bench.panels[0]["title"]
    assert bench.panels[2]["title"] == "mean of 4 estimates"


def test_the_draws_are_those_of_edge_estimates(bench):
    edge = SlantedEdge(contrast=4 * SIGMA)
    expected = edge_estimates(Median(2), edge, SIGMA, draws=4, seed=0)
    np.testing.assert_allclose(bench._estimates[MEDIAN, 2.0, 4.0], expected, rtol=1e-12)


def test_a_drag_shows_what_fits_into_one_event_and_settling_finishes_it():
    def slow(wait):
        def denoiser(noisy, sigma):
            time.sleep(wait)
            return noisy.copy()

        return denoiser

    catalogue = {"slow": Entry(slow, "wait", "wait, s", (0.0, 0.05, 0.01), 0.02)}
    bench = edge_bench(denoiser="slow", draws=2, catalogue=catalogue)
    bench.state.update(ratio=6.0, draws=6)
    bench.react("ratio", settled=False)
    assert bench.panels[2]["title"] != "mean of 6 estimates"
    assert "once the slider rests" in bench.readout
    bench.react("ratio", settled=True)
    assert bench.panels[2]["title"] == "mean of 6 estimates"
    assert bench.progress == -1.0


def test_memory_is_bounded(bench):
    bench.set(draws=2)
    for ratio in np.arange(1.0, 11.0):
        bench.state["ratio"] = float(ratio)
        bench.react("ratio", settled=False)
    assert len(bench._estimates) <= module.KEPT


def test_a_broken_denoiser_is_reported_in_the_widget():
    def broken(strength):
        def denoiser(noisy, sigma):
            if strength > 0.8:
                raise ValueError("strength must be smaller; move the slider")
            return noisy * 1.0

        return denoiser

    catalogue = {"broken": Entry(broken, "strength", "strength", (0.0, 1.0, 0.1), 0.5)}
    bench = edge_bench(denoiser="broken", catalogue=catalogue)
    bench.set(strength=0.9)
    assert bench.message == "strength must be smaller; move the slider"


def test_sharp_guess_is_sharp_repeatable_and_random():
    edge = SlantedEdge(contrast=0.2)
    noise = SIGMA * np.random.default_rng(1).standard_normal((300, 96, 96))
    guess = SharpGuess(jitter=1.5)
    first = guess(edge.image() + noise[0], SIGMA)
    np.testing.assert_array_equal(first, guess(edge.image() + noise[0], SIGMA))
    shifts = []
    for one in noise:
        light_share = (guess(edge.image() + one, SIGMA) - 0.4).mean() / 0.2
        shifts.append((0.5 - light_share) * 96)
    # the standard deviation of 300 values has a standard error of 4 %; three of those
    assert np.std(shifts) == pytest.approx(1.5, rel=0.13)
    point = measure_estimates(
        [guess(edge.image() + one, SIGMA) for one in noise[:8]], edge, SIGMA
    )
    assert point.width_per_draw < 1.0


def test_sharp_guess_without_noise_stays_in_place():
    clean = SlantedEdge(contrast=0.2).image()
    np.testing.assert_allclose(SharpGuess()(clean, 0.0), clean, atol=1e-12)


@pytest.mark.parametrize("width", [0.0, 1.0, 2.5])
def test_rise_marks_are_as_far_apart_as_the_width(width):
    edge = SlantedEdge()
    spread = edge_spread(Gaussian(width)(edge.image(), SIGMA), edge)
    places, values = rise_marks(spread)
    # the two half widths start at levels 1e-9 apart
    assert places[1] - places[0] == pytest.approx(rise_width(spread), abs=1e-6)
    np.testing.assert_allclose(np.interp(places, spread.positions, spread.values), values)


def test_no_marks_where_there_is_no_edge():
    flat = EdgeSpread(np.linspace(-5, 5, 41), np.full(41, 0.5))
    assert np.isnan(rise_marks(flat)[0]).all()


def evidence(mean, draw, *, error=0.02, crossing=None, scatter=1.1) -> Evidence:
    """Widths against a clean edge of 0.8 px, all with one standard error."""
    point = BlurPoint(4.0, mean if crossing is None else crossing, draw, 0.1, 1.0, 0.2)
    return Evidence(point, error, mean, error, error, 0.8, scatter)


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (evidence(3.9, 3.9, crossing=np.inf), "no edge is left"),
        (evidence(0.87, 0.85), "sharp: neither blur nor jitter"),
        (evidence(1.1, 1.1), "hardly blurred"),
        (evidence(1.1, 0.8), "hardly jittered"),
        (evidence(1.1, 1.1, crossing=1.7), "BLUR: single draws are 1.4 times as wide"),
        (evidence(1.44, 1.44), "BLUR: single draws are 1.8 times as wide as the clean edge"),
        (evidence(4.0, 3.9), "BLUR: single draws are 4.9 times as wide as the clean edge"),
        (evidence(4.0, 0.8), "JITTER: the mean is 5.0 times as wide as single draws"),
        (evidence(4.0, 0.4), "JITTER: the mean is 10.0 times as wide as single draws"),
        (evidence(4.0, 3.9, scatter=2.1), "too noisy to tell blur from jitter"),
        # blur and jitter are even where 4.0² - 2.884² = 2.884² - 0.8²
        (evidence(4.0, 2.884), "too noisy to tell blur from jitter"),
        (evidence(4.0, 0.8, error=1.7), "too noisy to tell blur from jitter"),
        (evidence(1.0, 0.9), "hardly wider than the clean edge, too noisy"),
    ],
)
def test_verdicts(measured, words):
    assert verdict(measured).startswith(words)


def test_the_verdict_turns_at_two_standard_errors():
    # 0.8 px is the even width for draws as sharp as the clean edge, and there the draws' error
    # counts 2 draw / even = 2 times: sqrt(1 + 4) errors in all
    gap = 2.0 - 0.8
    assert "JITTER" in verdict(evidence(2.0, 0.8, error=0.99 * gap / 2 / 5**0.5))
    assert "too noisy" in verdict(evidence(2.0, 0.8, error=1.01 * gap / 2 / 5**0.5))


@pytest.mark.parametrize(("name", "ratio"), [(MEDIAN, 0.5), (GAUSSIAN, 0.5)])
def test_an_edge_below_the_noise_is_too_noisy_to_tell(name, ratio):
    edge = SlantedEdge(contrast=ratio * SIGMA)
    estimates = edge_estimates(BENCH[name].build(BENCH[name].default), edge, SIGMA, 32, seed=0)
    assert "too noisy to tell" in verdict(measure_evidence(estimates, edge, SIGMA))


def test_the_slider_starts_where_blur_can_be_told(bench):
    slider = next(control for control in bench.controls if control["name"] == "ratio")
    assert slider["min"] == 1.0
    for name in (MEDIAN, GAUSSIAN):
        bench.set(denoiser=name)
        bench.set(ratio=1.0, draws=16)
        assert "BLUR" in bench.readout


def test_a_strong_edge_behind_the_median_is_hardly_blurred(bench):
    bench.set(ratio=12.0)
    assert "hardly blurred" in bench.readout
    bench.set(ratio=10.0)  # as lesson 02 says
    assert "BLUR" in bench.readout


def test_two_guesses_are_too_few(bench):
    bench.set(denoiser=GUESS)
    bench.set(draws=2)
    assert "too noisy to tell" in bench.readout


def test_the_mean_of_a_linear_filter_is_as_wide_as_its_draws():
    edge = SlantedEdge(contrast=4 * SIGMA)
    found = measure_evidence(edge_estimates(Gaussian(1.5), edge, SIGMA, 16, 0), edge, SIGMA)
    # fitted alike, no jitter: they differ by no more than three of their errors
    error = np.hypot(found.mean_error, found.draw_error)
    assert abs(found.mean_width - found.point.width_per_draw) < 3 * error < 0.3


def test_standard_errors_are_those_of_other_noise():
    edge, errors, widths = SlantedEdge(size=48, contrast=4 * SIGMA), [], []
    for seed in range(60):
        found = measure_evidence(edge_estimates(SharpGuess(), edge, SIGMA, 24, seed), edge, SIGMA)
        errors.append((found.mean_error, found.crossing_error))
        widths.append((found.mean_width, found.point.width))
    # A standard deviation of 60 values is known to 9 %; three of those, and for crossings,
    # which are quantiles, the bootstrap itself is 15 % off.
    ratio = np.sqrt(np.mean(np.square(errors), axis=0)) / np.std(widths, axis=0, ddof=1)
    np.testing.assert_allclose(ratio, 1.0, atol=0.4)


def test_an_unknown_denoiser_is_refused_with_the_list():
    with pytest.raises(ValueError, match="no denoiser 'magic'; choose one of Gaussian"):
        edge_bench(denoiser="magic")
