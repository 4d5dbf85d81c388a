"""The blur microscope without a browser."""

import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image as PillowImage

from lessons_lib.denoisers import CATALOGUE, Entry, Gaussian, Median, Properties
from lessons_lib.diagnosis.noise_level import estimate_sigma
from lessons_lib.display import microscope as microscope_module
from lessons_lib.display.microscope import BlurMicroscope
from lessons_lib.display.microscope_text import kernel_seconds
from lessons_lib.display.profiles import edge_direction, profile_through
from lessons_lib.display.subjects import NOISES, SUBJECTS, add_noise, subject
from lessons_lib.scenes.phantoms import SlantedEdge


@pytest.fixture(scope="module")
def microscope():
    return BlurMicroscope(picture="slanted edge")


def keys(microscope):
    return [panel["key"] for panel in microscope.panels]


def test_it_opens_with_all_instruments(microscope):
    assert microscope.message == ""
    assert keys(microscope) == ["noisy", "estimate", "third", "kernel"]
    assert len(microscope.plots) == 2
    assert all(panel["alt"] and panel["title"] for panel in microscope.panels)
    assert all(plot["alt"] for plot in microscope.plots)


@pytest.mark.parametrize("denoiser", CATALOGUE)
def test_more_strength_is_more_blur(microscope, denoiser):
    microscope.set(picture="slanted edge", noise="Gaussian", level=0.02)
    microscope.set(denoiser=denoiser)
    low, high, _ = CATALOGUE[denoiser].span
    microscope.set(strength=low)
    sharp = microscope.frame_1
    assert sharp == microscope.frame_0, "strength 0 is the identity"
    microscope.set(strength=high)
    assert microscope.message == ""
    assert microscope.frame_1 != sharp


def test_the_width_in_the_read_out_is_the_closed_form(microscope):
    microscope.set(picture="slanted edge", noise="Gaussian", level=0.0)
    microscope.set(denoiser="Gaussian (linear)")
    microscope.set(strength=3.0)
    said = microscope.readout.split("estimate ")[1].split(" px")[0]
    # 2.563 sqrt(3^2 + 1/12) = 7.72, plus the interpolation's own width and one decimal.
    assert float(said) == pytest.approx(7.72, abs=0.15)


def test_the_kernel_follows_the_cross(microscope):
    microscope.set(picture="slanted edge", noise="Gaussian", level=0.05)
    microscope.set(denoiser="Local Wiener (adaptive)")
    microscope.set(row=40, col=40)
    flat = microscope.panels[3]
    microscope.set(row=128, col=128)
    edge = microscope.panels[3]
    assert "(40, 40)" in flat["title"] and "(128, 128)" in edge["title"]

    def averaged(panel):
        return float(panel["title"].split("about ")[1].split(" pixels")[0])

    assert averaged(flat) > 2 * averaged(edge), "the filter averages less at the edge"


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_picture_opens(microscope, name):
    microscope.set(picture=name)
    assert microscope.message == ""
    expected = "as it is" if subject(name).noisy_already else "Gaussian"
    assert microscope.state["noise"] == expected


@pytest.mark.parametrize("kind", NOISES)
def test_every_noise(microscope, kind):
    microscope.set(picture="dead leaves")
    microscope.set(noise=kind)
    assert microscope.message == ""


def control(microscope, name):
    return next((spec for spec in microscope.controls if spec["name"] == name), None)


def test_the_noise_slider_says_what_it_moves(microscope):
    microscope.set(picture="night street, photographed")
    assert control(microscope, "level") is None
    assert control(microscope, "sigma")["label"] == "sigma told to the denoiser"
    microscope.set(noise="Gaussian")
    assert control(microscope, "sigma") is None
    assert control(microscope, "level")["label"] == "sigma of the noise"
    microscope.set(noise="salt and pepper")
    assert control(microscope, "level")["label"] == "share of pixels hit"


def test_sigma_can_be_corrected_by_hand(microscope):
    microscope.set(picture="night street, photographed")
    microscope.set(denoiser="Local Wiener (adaptive)")
    before = microscope.frame_1
    assert microscope.state["sigma"] == round(microscope.look.sigma, 3)
    microscope.set(sigma=0.15)
    assert "sigma 0.150 (set by you)" in microscope.readout
    assert microscope.frame_1 != before
    microscope.set(strength=1.2)
    assert "set by you" in microscope.readout, "another slider must not take it back"
    microscope.set(overview_row=40, overview_col=40)
    assert "(known)" in microscope.readout


def test_the_width_never_shrinks_as_the_gaussian_widens(microscope):
    microscope.set(picture="night street, photographed")
    microscope.set(denoiser="Gaussian (linear)")
    widths = []
    for strength in np.arange(0.5, 6.1, 0.5):
        microscope.set(strength=float(strength))
        said = microscope.readout.split("estimate ")[1]
        widths.append(float(said.split(" px")[0]) if said[0].isdigit() else np.inf)
    assert np.isfinite(widths[0]) and widths == sorted(widths)
    assert "too wide to measure here" in microscope.readout


def test_noise_added_to_a_photo_is_not_called_known(microscope, tmp_path):
    path = tmp_path / "mine.png"
    own = np.random.default_rng(5).normal(128, 20, (120, 130)).clip(0, 255).astype(np.uint8)
    PillowImage.fromarray(own).save(path)
    microscope.receive("mine.png", path.read_bytes())
    microscope.set(noise="Gaussian")
    assert "estimated" in microscope.readout
    # 20 / 255 of its own and 0.05 more; a MAD of 4,000 samples is good to 2 %.
    expected = np.hypot(20 / 255, microscope.state["level"])
    assert microscope.look.sigma == pytest.approx(expected, rel=0.06)


def test_a_photo_offers_only_the_residual(microscope, tmp_path):
    microscope.set(picture="slanted edge")
    microscope.set(third="error")
    path = tmp_path / "mine.png"
    PillowImage.fromarray(np.arange(10_000, dtype=np.uint8).reshape(100, 100)).save(path)
    microscope.receive("mine.png", path.read_bytes())
    assert control(microscope, "third")["options"] == ["residual"]
    assert microscope.state["third"] == "residual"
    microscope.set(picture="slanted edge")
    assert microscope.state["third"] == "method noise"


def test_the_curve_is_never_another_denoisers(microscope):
    microscope.set(picture="slanted edge", noise="Gaussian", level=0.0333)
    values = {**microscope.state, "strength": 2.7}
    microscope.event = {"values": values, "source": "strength", "settled": False, "serial": 99}
    assert microscope.plots[1]["title"].endswith("being measured")
    assert microscope.plots[1]["series"][0]["y"] == []
    microscope.event = {"values": values, "source": "strength", "settled": True, "serial": 100}
    assert len(microscope.plots[1]["series"][0]["y"]) == 4


def test_the_crop_moves_with_a_click_on_the_whole_picture(microscope):
    microscope.set(picture="night street, photographed")
    assert keys(microscope)[-1] == "overview"
    before = microscope.frame_0
    microscope.set(overview_row=10, overview_col=10)
    assert microscope.message == ""
    assert microscope.look.corner == (0, 0)
    assert microscope.frame_0 != before


def test_a_simulated_photo_is_held_against_its_scene(microscope):
    microscope.set(picture="night street, photographed")
    assert "PSNR" in microscope.readout and "(known)" in microscope.readout
    # The finest scale is fooled by demosaicing and JPEG: it reads less than half.
    assert estimate_sigma(microscope.look.noisy) < 0.5 * microscope.look.sigma


def test_an_own_photo(microscope, tmp_path):
    path = tmp_path / "mine.png"
    pixels = np.random.default_rng(0).integers(0, 255, (300, 310, 3), dtype=np.uint8)
    PillowImage.fromarray(pixels).save(path)
    microscope.receive("mine.png", path.read_bytes())
    assert microscope.state["picture"] == "my photo"
    assert microscope.notes.startswith("Opened mine.png.")
    assert "my photo" in microscope.controls[0]["options"]
    assert microscope.look.clean is None and microscope.state["noise"] == "as it is"
    assert microscope.panels[2]["title"].startswith("residual")
    assert "PSNR" not in microscope.readout and "(estimated" in microscope.readout
    microscope.set(strength=1.0)
    assert microscope.message == ""


def test_a_file_that_is_no_photo_gets_words_and_changes_nothing(microscope):
    microscope.set(picture="coins")
    before = microscope.frame_0
    content = {"kind": "upload", "id": "x", "name": "notes.txt", "index": 0, "parts": 1}
    microscope._on_message(microscope, content, [b"dear diary"])
    assert "notes.txt" in microscope.message
    assert microscope.frame_0 == before and microscope.state["picture"] == "coins"
    microscope.set(strength=2)
    assert microscope.message == ""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"picture": "moon"}, "there is no picture 'moon'; choose one of night street"),
        ({"noise": "brown"}, "there is no noise 'brown'; choose one of as it is, Gaussian"),
        ({"denoiser": "magic"}, "there is no denoiser 'magic'; choose one of Gaussian"),
        ({"level": 25}, "sigma must be in image units (0 to 1), got 25; divide by 255?"),
        ({"level": float("nan")}, "must be a finite number"),
        ({"size": 3}, "size must be a whole number from 16 to 2048 px, got 3"),
        ({"photo": "no_such_file.jpg"}, "no_such_file.jpg is not there"),
    ],
)
def test_impossible_settings_are_refused_where_they_were_written(settings, words):
    with pytest.raises(ValueError) as caught:
        BlurMicroscope(**settings)
    assert words in str(caught.value)


def test_a_photo_can_be_named_in_code(tmp_path):
    path = tmp_path / "street.png"
    PillowImage.fromarray(np.full((80, 90), 128, np.uint8)).save(path)
    microscope = BlurMicroscope(photo=path)
    assert microscope.notes.startswith("Opened street.png.")
    assert keys(microscope) == ["noisy", "estimate", "third", "kernel"]


@dataclass(frozen=True)
class Sleepy:
    """A denoiser that takes its time."""

    strength: float = 1.0
    properties: ClassVar[Properties] = Properties(True, True, True, "strength")
    reach = 0

    def __call__(self, noisy, sigma):
        time.sleep(4e-5 * noisy.shape[0] * noisy.shape[1] * self.strength)
        return noisy * 1.0


@dataclass(frozen=True)
class Glacial(Sleepy):
    """One that looks at the whole picture, so that a kernel needs very many estimates."""

    reach = None

    def __call__(self, noisy, sigma):
        time.sleep(0.02)
        return noisy * 1.0


def test_a_slow_denoiser_waits_for_the_release_and_shows_progress():
    entry = Entry(Sleepy, "strength", "strength", (0.0, 1.0, 0.1), 0.6)
    microscope = BlurMicroscope("slanted edge", size=128, catalogue={"Gaussian (linear)": entry})
    shares, pictures = [], microscope.frame_1
    microscope.observe(lambda change: shares.append(change["new"]), names="progress")
    values = {**microscope.state, "strength": 0.9}
    microscope.event = {"values": values, "source": "strength", "settled": False, "serial": 1}
    assert "Release the slider" in microscope.readout and max(shares, default=-1) < 0
    assert microscope.frame_1 == pictures
    microscope.event = {"values": values, "source": "strength", "settled": True, "serial": 2}
    assert len([share for share in shares if share > 0]) >= 4
    assert microscope.progress == -1.0 and "ms" in microscope.readout


def test_a_kernel_that_would_take_minutes_is_not_computed():
    entry = Entry(Glacial, "strength", "strength", (0.0, 1.0, 0.1), 0.5)
    microscope = BlurMicroscope("slanted edge", denoiser="g", size=64, catalogue={"g": entry})
    assert "kernel: too slow for this denoiser" in [panel["title"] for panel in microscope.panels]


def test_a_kernel_costs_what_gather_does():
    assert kernel_seconds(Gaussian(2.0), 1e-6) == pytest.approx(17**2 * 1e-6)  # one pullback
    assert kernel_seconds(Median(2), 1e-6) == pytest.approx(2 * 25 * 25 * 1e-6)
    assert kernel_seconds(Glacial(), 1e-6) == pytest.approx(2 * 25**2 * 129**2 * 1e-6)


def test_profiles_find_the_edge_and_its_direction():
    edge = SlantedEdge(size=64, angle=20.0).image()
    down, across = edge_direction(edge, (32, 32))
    # The gradient of a sampled edge: its direction is good to a few degrees.
    assert np.degrees(np.arctan2(down, across)) == pytest.approx(20, abs=4) or np.degrees(
        np.arctan2(down, across)
    ) == pytest.approx(-20, abs=4)
    spread = profile_through(edge, (32, 32), (down, across))
    assert spread.values[0] == pytest.approx(0.25, abs=1e-9)
    assert spread.values[-1] == pytest.approx(0.75, abs=1e-9)


def test_noise_levels_mean_what_the_slider_says():
    grey = np.full((200, 200), 0.5)
    for kind in ("Gaussian", "Poisson (photons)"):
        noisy, _ = add_noise(grey, kind, 0.05, seed=1)
        # 40,000 samples know a standard deviation to 1 / sqrt(80000) = 0.35 %; three of those.
        assert noisy.std() == pytest.approx(0.05, rel=0.011)
    hit, _ = add_noise(grey, "salt and pepper", 0.05, seed=1)
    assert (hit != 0.5).mean() == pytest.approx(0.05, abs=0.0033)
    with pytest.raises(ValueError, match="choose one of"):
        add_noise(grey, "brown", 0.1, seed=0)


def test_bm3d_shows_its_own_progress_and_is_not_run_for_every_picture(monkeypatch):
    calls, bm3d = [], CATALOGUE["BM3D"]

    class Counted(bm3d.make):
        def __call__(self, noisy, sigma):
            calls.append(noisy.shape)
            return super().__call__(noisy, sigma)

    entry = Entry(Counted, bm3d.setting, bm3d.label, bm3d.span, bm3d.default)
    microscope = BlurMicroscope(
        "camera man", noise="Gaussian", denoiser="BM3D", size=72, catalogue={"BM3D": entry}
    )
    monkeypatch.setattr(microscope_module, "SLOW", 0.0)
    shares, pictures = [], []
    microscope.observe(lambda change: shares.append(change["new"]), "progress")
    microscope.observe(lambda change: pictures.append(change["new"]), "frame_1")
    calls.clear()
    microscope.set(strength=1.2)
    assert microscope.message == ""
    inside = [share for share in shares if 0 < share < 1]
    assert len(inside) > 15 and len(pictures) >= 2
    # Once, for the method noise of the finished estimate; the blur curve has other sizes.
    assert calls.count((72, 72)) == 1
    assert "strength=1.2" in microscope.panels[1]["title"]
