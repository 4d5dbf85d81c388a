"""The way from file to result without a notebook: results, words, exit codes."""

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage

from lessons_lib.command_line import arguments, commands
from lessons_lib.command_line.entry import main
from lessons_lib.denoisers.photo_choice import METHODS
from lessons_lib.scenes.camera import Sensor, capture, save_dng, srgb_decode
from lessons_lib.scenes.photo import read_photo
from lessons_lib.scenes.pictures import picture

ROOT = Path(__file__).resolve().parents[1]
FAST = ["--method", "wavelet"]


def noisy(side=96, sigma=0.05):
    clean = picture("astronaut")[:side, 150 : 150 + side] * 0.8 + 0.1
    return np.clip(clean + sigma * np.random.default_rng(0).standard_normal(clean.shape), 0, 1)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "night.png"
    path.parent.mkdir()
    PillowImage.fromarray(np.rint(255 * noisy()).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["clean.tif", "clean.png", "clean.jpg"])
def test_denoise_writes_a_less_noisy_copy_and_leaves_the_photo_alone(photo, out, name, capsys):
    before = digest(photo), photo.stat().st_mtime_ns
    assert main(["denoise", str(photo), "-o", str(out / name), *FAST]) == 0
    assert (digest(photo), photo.stat().st_mtime_ns) == before
    assert [file.name for file in out.iterdir()] == [name]
    clean = picture("astronaut")[:96, 150:246] * 0.8 + 0.1
    errors = [np.mean((read_photo(path).image - clean) ** 2) for path in (photo, out / name)]
    assert errors[1] < 0.4 * errors[0]
    said = capsys.readouterr()
    assert said.out == ""
    for words in ("Reading", "Noise: sigma", "Method: wavelet", "100 %", "Wrote"):
        assert words in said.err


def test_the_settings_are_in_the_file(photo, out):
    assert main(["denoise", str(photo), "-o", str(out / "a.tif"), *FAST, "--strength", "0.7"]) == 0
    with tifffile.TiffFile(out / "a.tif") as file:
        found = json.loads(file.pages[0].description)
    assert found["method"] == "wavelet" and found["strength"] == 0.7 and found["tile"] == 1024
    assert found["photo"] == "night.png"


def test_a_raw_of_a_simulated_camera_goes_through(tmp_path, out, capsys):
    light = 0.5 * srgb_decode(picture("astronaut")[:128, 150:278])
    raw = capture(
        light, electrons_at_white=600, sensor=Sensor(), rng=np.random.default_rng(0)
    )
    save_dng(tmp_path / "a.dng", raw, Sensor())
    before = digest(tmp_path / "a.dng")
    assert main(["denoise", str(tmp_path / "a.dng"), "-o", str(out / "a.tif"), *FAST]) == 0
    assert digest(tmp_path / "a.dng") == before
    assert "photon noise even" in capsys.readouterr().err
    result, dark = read_photo(out / "a.tif").image, read_photo(tmp_path / "a.dng")
    # Tone curve applied: the mean is that of the developed photo, whose noise is mean-free.
    assert result.mean() == pytest.approx(dark.display.mean(), rel=0.05)


def test_quiet_is_quiet(photo, out, capsys):
    assert main(["denoise", str(photo), "-o", str(out / "a.png"), *FAST, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_noise_says_what_it_measured_and_writes_nothing(photo, capsys):
    assert main(["noise", str(photo)]) == 0
    said = capsys.readouterr()
    assert "96 x 96 px" in said.out and "Noise: sigma 0.05" in said.out
    assert main(["noise", str(photo), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sigma"] == pytest.approx(0.05, rel=0.2) and found["white"] is True
    assert [file.name for file in photo.parent.iterdir()] == ["night.png"]


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["denoise"],
        ["denoise", "a.png"],
        ["denoise", "a.png", "-o", "b.png", "--method", "magic"],
        ["denoise", "a.png", "-o", "b.png", "--strength", "9"],
        ["denoise", "a.png", "-o", "b.png", "--sigma", "25"],
        ["denoise", "a.png", "-o", "b.png", "--tile", "big"],
        ["sharpen", "a.png"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(given, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(given)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "words"),
    [("x.gif", "must end with"), ("x.jpg --depth 16", "8 bits"), ("SELF", "the photo itself")],
)
def test_outputs_that_cannot_be_meant_end_with_2(photo, out, output, words, capsys):
    before = digest(photo)
    name, *more = output.split()
    target = str(photo) if name == "SELF" else str(out / name)
    assert main(["denoise", str(photo), "-o", target, *more, "--overwrite", *FAST]) == 2
    assert words in capsys.readouterr().err
    assert digest(photo) == before and list(out.iterdir()) == []


@pytest.mark.parametrize("command", [["--help"], ["denoise", "--help"], ["noise", "--help"]])
def test_help_helps(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(command)
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert "exit codes:" in said and "wrong usage" in said


def bad_photo(kind, folder):
    path = folder / f"{kind}.png"
    images = {
        "flat": np.full((64, 64, 3), 128, np.uint8),
        "black": np.zeros((64, 64, 3), np.uint8),
        "wide": np.zeros((16, 20_500), np.uint8),
        "tiny": np.zeros((5, 5), np.uint8),
    }
    if kind in images:
        PillowImage.fromarray(images[kind]).save(path)
    elif kind == "cut":
        PillowImage.fromarray((255 * noisy()).astype(np.uint8)).save(path)
        path.write_bytes(path.read_bytes()[:-2000])
    elif kind == "raw":
        path = folder / "unknown.cr2"
        path.write_bytes(b"FUJIFILM" + bytes(5000))
    elif kind == "text":
        path.write_text("this is no photo")
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("flat", "no noise that could be measured"),
        ("black", "total darkness"),
        ("wide", "at most 20000 px a side"),
        ("tiny", "at least 16 px a side"),
        ("cut", "damaged or cut short"),
        ("raw", "camera that LibRaw does not know"),
        ("text", "plain text"),
        ("missing", "is not there"),
    ],
)
def test_problems_with_the_photo_end_with_1_in_words(tmp_path, out, kind, words, capsys):
    path = bad_photo(kind, tmp_path)
    assert main(["denoise", str(path), "-o", str(out / "a.tif"), "--quiet", *FAST]) == 1
    said = capsys.readouterr().err
    assert words in said and path.name in said and "Traceback" not in said
    assert said.count("\n") == 1
    assert list(out.iterdir()) == []


def test_clipped_highlights_and_missing_exif_are_named_and_no_reason_to_stop(
    tmp_path, out, capsys
):
    burnt = noisy(128)
    burnt[:50] = 1
    path = tmp_path / "burnt.png"
    PillowImage.fromarray(np.rint(255 * burnt).astype(np.uint8)).save(path)
    assert main(["denoise", str(path), "-o", str(out / "a.png"), *FAST]) == 0
    said = capsys.readouterr().err
    assert "clipped at white" in said and "nothing about camera and exposure" in said


def test_a_panorama_goes_through(tmp_path, out):
    wide = np.tile(noisy(), (1, 30, 1))[:48]
    PillowImage.fromarray(np.rint(255 * wide).astype(np.uint8)).save(tmp_path / "wide.png")
    given = ["denoise", str(tmp_path / "wide.png"), "-o", str(out / "a.jpg"), "--tile", "256"]
    assert main([*given, *FAST]) == 0
    assert read_photo(out / "a.jpg").image.shape == (48, 2880, 3)


def test_problems_with_the_disk_end_with_1_in_words(photo, out, monkeypatch, capsys):
    given = ["denoise", str(photo), "--quiet", *FAST, "-o"]
    assert main([*given, str(out / "none" / "a.png")]) == 1
    assert "no folder" in capsys.readouterr().err
    (out / "old.png").write_bytes(b"old")
    assert main([*given, str(out / "old.png")]) == 1
    assert "there already" in capsys.readouterr().err

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("lessons_lib.scenes.photo_export.os.fsync", full)
    assert main([*given, str(out / "a.png")]) == 1
    assert "disk is full" in capsys.readouterr().err
    assert [file.name for file in out.iterdir()] == ["old.png"]


@pytest.mark.parametrize(
    ("failure", "code", "words"),
    [(KeyboardInterrupt(), 130, "nothing was written"), (MemoryError(), 1, "smaller --tile")],
)
def test_stopping_in_the_middle_leaves_nothing(
    photo, out, monkeypatch, failure, code, words, capsys
):
    def stops(*_):
        yield 0.5, np.zeros((2, 2))
        raise failure

    monkeypatch.setattr(commands, "denoise_photo", stops)
    assert main(["denoise", str(photo), "-o", str(out / "a.png"), *FAST]) == code
    assert words in capsys.readouterr().err
    assert list(out.iterdir()) == []


def test_a_given_sigma_is_taken_where_nothing_can_be_measured(tmp_path, out):
    path = bad_photo("flat", tmp_path)
    given = ["denoise", str(path), "-o", str(out / "a.png"), "--sigma", "0.02", *FAST]
    assert main(given) == 0
    np.testing.assert_allclose(read_photo(out / "a.png").image, 128 / 255, atol=1 / 255)


def test_every_method_of_the_library_can_be_asked_for():
    assert set(arguments.METHODS) == {"auto", *METHODS}


def test_the_module_runs_as_a_program(photo, out):
    command = [sys.executable, "-m", "lessons_lib", "denoise", str(photo), *FAST]
    done = subprocess.run(
        [*command, "-o", str(out / "a.tif")], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and "Wrote" in done.stderr
    again = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert again.returncode == 2 and "usage:" in again.stderr
