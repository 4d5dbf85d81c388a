"""The scoreboard: sensible numbers for known filters, a table that reads aloud, JSON."""

import json
import math
import time
from dataclasses import dataclass, replace
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from lessons_lib.diagnosis.scoreboard import (
    Scoreboard,
    ScoreRow,
    disc_contrast_kept,
    residual_noise,
    score,
    seconds_per_megapixel,
)
from lessons_lib.scenes.phantoms import dead_leaves, disc


@dataclass(frozen=True)
class Blur:
    width: float = 1.5

    def __call__(self, noisy, sigma):
        return gaussian_filter(noisy, self.width, axes=(0, 1))


def identity(noisy, sigma):
    return noisy.copy()


def flat(noisy, sigma):
    return np.full_like(noisy, 0.5)


@pytest.fixture(scope="module")
def clean():
    return dead_leaves(96, 0)


@pytest.fixture(scope="module")
def rows(clean):
    return {name: score(d, clean) for name, d in (("blur", Blur()), ("id", identity))}


def test_the_identity_scores_as_the_noise_itself(rows):
    row = rows["id"]
    assert row.name == "identity"
    # 9,216 pixels: the standard error of the mean squared error is 1.5 %, 0.06 dB.
    assert row.psnr == pytest.approx(-20 * math.log10(25 / 255), abs=0.25)
    for ratio in (8, 4, 2, 1):
        # The clean edge's 0.84 px; three standard errors of 16 draws, 0.11 px / ratio.
        assert getattr(row, f"width_{ratio}") == pytest.approx(0.84, abs=0.01 + 0.33 / ratio)
    assert row.mtf50_8 == row.mtf50_2 == 0.5
    # Three standard errors of 4 x 9,216 pixels.
    assert row.residual_noise == pytest.approx(1.0, abs=0.012)
    # Standard error over 30 seeds: 0.007.
    assert row.contrast_kept == pytest.approx(1.0, abs=0.03)


def test_a_gaussian_scores_as_theory_says(rows):
    row = rows["blur"]
    assert row.name == "Blur(width=1.5)"
    width = 2.563 * math.sqrt(1.5**2 + 1 / 12)
    for ratio in (8, 4, 2, 1):
        # Standard error of 16 draws: 5 % / ratio (three of them); closed form: 1.5 %.
        tolerance = 0.015 + 3 * 0.05 / ratio
        assert getattr(row, f"width_{ratio}") == pytest.approx(width, rel=tolerance)
    assert row.mtf50_8 == pytest.approx(0.1874 / 1.5, rel=0.02)
    # White noise through a Gaussian: 1 / (2 s sqrt(pi)); standard error 1.4 %.
    assert row.residual_noise == pytest.approx(1 / (3 * math.sqrt(math.pi)), rel=0.04)
    covered = disc(64, 4, background=0.0, level=1.0)
    kept = np.average(gaussian_filter(covered, 1.5), weights=covered)
    kept /= np.average(covered, weights=covered)
    assert row.contrast_kept == pytest.approx(kept, abs=0.03)


def test_more_noise_is_left_out_of_the_mean_than_of_one_draw():
    # The disc is read from the mean of all draws, so noise does not count as lost contrast.
    assert disc_contrast_kept(identity, draws=64) == pytest.approx(1.0, abs=0.02)
    assert disc_contrast_kept(flat) == pytest.approx(0.0, abs=1e-12)
    assert residual_noise(flat) == pytest.approx(0.0, abs=1e-12)


def test_a_denoiser_that_removes_everything(clean):
    row = score(flat, clean, draws=2)
    assert row.width_1 == math.inf and row.mtf50_8 == 0.0
    assert str(Scoreboard((row,))).count("no edge") == 6


def test_colour_pictures_are_scored(clean):
    colour = np.repeat(clean[..., None], 3, axis=2).astype(np.float32)
    row = score(Blur(), colour, draws=2, name="colour")
    assert row.name == "colour" and 10 < row.psnr < 40


def test_time_counts_the_processor_and_not_the_sleep():
    def sleepy(noisy, sigma):
        time.sleep(0.02)
        return noisy

    def busy(noisy, sigma):
        end = time.process_time() + 0.02
        while time.process_time() < end:
            pass
        return noisy

    # 0.02 s for 65,536 pixels.
    assert seconds_per_megapixel(sleepy) < 0.1
    assert seconds_per_megapixel(busy) == pytest.approx(0.02 / 0.065536, rel=0.3)


def test_equal_seeds_give_equal_rows(clean, rows):
    again = score(Blur(), clean)
    assert replace(again, seconds_per_megapixel=0.0) == replace(
        rows["blur"], seconds_per_megapixel=0.0
    )
    assert score(Blur(), clean, seed=1, draws=2).psnr != again.psnr


def test_rows_stay_sorted_and_a_repeated_row_replaces(rows):
    board = Scoreboard().add(rows["id"]).add(rows["blur"])
    assert [row.name for row in board.rows] == ["Blur(width=1.5)", "identity"]
    again = replace(rows["blur"], psnr=1.0)
    assert [row.psnr for row in board.add(again).rows] == [rows["id"].psnr, 1.0]
    assert len(board.rows) == 2  # adding makes a new board
    assert len(board.add(replace(rows["blur"], sigma=0.05)).rows) == 3


def test_board_survives_json(rows):
    board = Scoreboard((replace(rows["blur"], width_1=math.inf), rows["id"]))
    text = json.dumps(board.to_dicts(), allow_nan=False)
    assert Scoreboard.from_dicts(json.loads(text)) == board
    with pytest.raises(ValueError, match=r"differing: \['ssim'\]"):
        Scoreboard.from_dicts([{k: v for k, v in board.to_dicts()[0].items() if k != "ssim"}])


class Table(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.text = [], []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes).get("scope")))

    def handle_data(self, data):
        self.text.append(data)


def test_html_table_is_accessible_and_escaped(rows):
    table = Table()
    row = replace(rows["blur"], name="<b>&")
    table.feed(Scoreboard((row, rows["id"]))._repr_html_())
    assert table.found.count(("caption", None)) == 1
    assert table.found.count(("th", "col")) == 13
    assert table.found.count(("th", "row")) == 2
    assert ("b", None) not in table.found and "<b>&" in table.text
    headings = [text for text in table.text if text.endswith(")")]
    assert {"PSNR (dB)", "Width at c/σ 8 (px)", "MTF50 at c/σ 2 (cycles/px)"} <= set(headings)
    assert "≥ 0.5" in table.text


def test_plain_text_lines_up(rows):
    lines = str(Scoreboard(tuple(rows.values()))).splitlines()
    assert lines[0].startswith("Scoreboard")
    assert len({len(line) for line in lines[1:]}) == 1
    assert lines[2].startswith("Blur(width=1.5)")


def test_every_column_is_a_field_of_the_row():
    assert list(Scoreboard().to_dicts()) == []
    assert "PSNR" in str(Scoreboard())
    assert ScoreRow.__dataclass_fields__.keys() == dict.fromkeys(ScoreRow.__annotations__).keys()


def test_what_cannot_be_scored(clean):
    with pytest.raises(ValueError, match="sigma must be in image units"):
        score(identity, clean, 25)
    with pytest.raises(ValueError, match="clean must be float"):
        score(identity, np.zeros((32, 32), dtype=np.uint8))
    with pytest.raises(ValueError, match="draws must be at least 2"):
        score(identity, clean, draws=1)
