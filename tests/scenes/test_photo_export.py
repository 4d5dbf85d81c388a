"""A finished photo is written whole or not at all, and says how it was made."""

import errno
import hashlib
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage

from lessons_lib.scenes import photo_export
from lessons_lib.scenes.camera import srgb_encode
from lessons_lib.scenes.photo import read_photo
from lessons_lib.scenes.photo_export import ExportError, check_output, export_photo
from lessons_lib.scenes.photo_formats import written_files

SETTINGS = {"method": "bm3d", "levels": [0.01, 0.02, 0.02], "photo": "Nacht über Ä.jpg"}
CAMERA = {
    "make": "Maker",
    "model": "Model 1",
    "exposure_seconds": 0.25,
    "iso": 3200.0,
    "f_number": 1.8,
    "date": "2026:01:02 03:04:05",
}
FORMATS = [(".png", 8), (".png", 16), (".tif", 8), (".tiff", 16), (".jpg", 8), (".jpeg", 8)]
SHAPES = [(40, 51, 3), (33, 20), (17, 16, 1), (700, 2000, 3)]


def picture(shape=(40, 51, 3), seed=0):
    smooth = np.add.outer(np.linspace(0, 1, shape[0]), np.linspace(0, 1, shape[1])) / 2
    return np.broadcast_to(smooth.reshape(*shape[:2], *(1,) * (len(shape) - 2)), shape).astype(
        np.float32
    )


def png_numbers(path):
    """Read a PNG of 16 bits by the standard's own words: only filter 2 is used here."""
    data, position, packed = path.read_bytes(), 8, b""
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        body = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack_from(">IIBB", body)
        packed += body if kind == b"IDAT" else b""
        position += 12 + length
    channels = 3 if colour == 2 else 1
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, -1)
    assert (rows[:, 0] == 2).all()
    stored = np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8)
    numbers = np.ascontiguousarray(stored).view(f">u{depth // 8}")
    return numbers.reshape((height, width, channels) if channels == 3 else (height, width))


@pytest.mark.parametrize(("suffix", "depth"), FORMATS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_pixels_come_back(tmp_path: Path, suffix, depth, shape):
    image = picture(shape)
    path = tmp_path / f"out{suffix}"
    export_photo(path, image, SETTINGS, depth=depth, camera=CAMERA)
    back = read_photo(path)
    plane = image[..., 0] if shape[2:] == (1,) else image
    assert back.image.shape == plane.shape
    # Half a step of rounding; JPEG at quality 95 adds a few grey levels; Pillow reads the
    # upper 8 of a PNG's 16 bits in colour.
    as_read = 8 if suffix == ".png" and plane.ndim == 3 else depth
    steps = 6 if suffix.startswith(".j") else 1.01 if as_read < depth else 0.51
    assert np.abs(back.image - plane).max() < steps / (2**as_read - 1)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("shape", [(40, 51, 3), (33, 20), (1100, 1000, 3)], ids=str)
def test_all_16_bits_are_in_the_png(tmp_path: Path, shape):
    image = np.random.default_rng(0).random(shape)
    export_photo(tmp_path / "out.png", image, SETTINGS)
    numbers = png_numbers(tmp_path / "out.png")
    np.testing.assert_array_equal(numbers, np.rint(image * 65535).astype(int))


@pytest.mark.parametrize(("suffix", "depth"), FORMATS)
def test_settings_are_inside(tmp_path: Path, suffix, depth):
    path = tmp_path / f"out{suffix}"
    export_photo(path, picture(), SETTINGS, depth=depth, camera=CAMERA)
    if suffix.startswith(".t"):
        with tifffile.TiffFile(path) as file:
            comment, software = file.pages[0].description, file.pages[0].software
    else:
        with PillowImage.open(path) as opened:
            if suffix == ".png":
                comment, software = opened.info["Description"], opened.info["Software"]
            else:
                exif = opened.getexif()
                comment = exif.get_ifd(0x8769)[37510].removeprefix(b"ASCII\0\0\0").decode()
                software = exif[305]
    found = json.loads(comment)
    assert {key: found[key] for key in SETTINGS} == SETTINGS
    assert found["iso"] == 3200.0 and "Why Edges Blur" in software


def test_a_jpeg_keeps_the_exposure_and_stands_upright(tmp_path: Path):
    export_photo(tmp_path / "out.jpg", picture(), SETTINGS, camera=CAMERA)
    back = read_photo(tmp_path / "out.jpg")
    assert back.camera == pytest.approx(CAMERA)
    with PillowImage.open(tmp_path / "out.jpg") as opened:
        assert opened.getexif()[274] == 1


def test_the_place_of_capture_is_not_kept_and_the_picture_is_turned_once(tmp_path: Path):
    exif = PillowImage.Exif()
    exif[274], exif[271] = 6, "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    source = tmp_path / "source.jpg"
    PillowImage.fromarray((255 * picture()).astype(np.uint8)).save(source, exif=exif)
    photo = read_photo(source)
    assert photo.image.shape == (51, 40, 3)
    for name in ("out.jpg", "out.png", "out.tif"):
        export_photo(tmp_path / name, photo.image, SETTINGS, camera=photo.camera, source=source)
        back = read_photo(tmp_path / name)
        assert back.image.shape == (51, 40, 3)
        assert not any("turned" in note for note in back.notes)
        with PillowImage.open(tmp_path / name) as opened:
            assert not opened.getexif().get_ifd(0x8825)
        assert "GPS" not in (tmp_path / name).read_bytes().decode("latin-1")


def test_linear_light_gets_the_tone_curve_and_values_are_clipped(tmp_path: Path):
    image = picture() * 1.4 - 0.2
    before = image.copy()
    export_photo(tmp_path / "out.tif", image, SETTINGS, encoding="linear")
    expected = srgb_encode(np.clip(image, 0, 1))
    # float32 and half a step of 65535.
    np.testing.assert_allclose(read_photo(tmp_path / "out.tif").image, expected, atol=1e-5)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ("name", "depth", "words"),
    [
        ("out.gif", None, "must end with .png, .tif or .jpg"),
        ("out", None, "must end with"),
        ("out.jpg", 16, "holds 8 bits"),
        ("out.png", 12, "8 or 16 bits"),
        ("in.png", None, "is the photo itself"),
        ("link.png", None, "is the photo itself"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, name, depth, words):
    source = tmp_path / "in.png"
    export_photo(source, picture(), {})
    (tmp_path / "link.png").symlink_to(source)
    before = source.read_bytes()
    with pytest.raises(ValueError, match=words):
        export_photo(
            tmp_path / name, picture(), {}, depth=depth, source=source, overwrite=True
        )
    assert source.read_bytes() == before
    assert check_output("x.tif") == 16 and check_output("x.JPG") == 8


def test_a_missing_folder_an_older_file_and_a_folder_are_refused(tmp_path: Path):
    with pytest.raises(ExportError, match="no folder"):
        export_photo(tmp_path / "none" / "out.png", picture(), {})
    (tmp_path / "old.png").write_bytes(b"old")
    with pytest.raises(ExportError, match="there already"):
        export_photo(tmp_path / "old.png", picture(), {})
    assert (tmp_path / "old.png").read_bytes() == b"old"
    export_photo(tmp_path / "old.png", picture(), {}, overwrite=True)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        export_photo(tmp_path / "folder.png", picture(), {}, overwrite=True)


def test_a_closed_folder_is_refused(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    with pytest.raises(ExportError, match="not writable"):
        export_photo(tmp_path / "out.png", picture(), {})


@pytest.mark.parametrize("name", ["out.png", "out.tif", "out.jpg"])
@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full: .* needs up to .* MB"),
        (OSError(errno.EIO, "Input/output error"), "could not be written .Input/output error."),
    ],
)
def test_a_failing_disk_leaves_no_partial_file(tmp_path: Path, monkeypatch, name, failure, words):
    """It fails in the second strip, when half of the file is there."""
    whole = written_files.strips

    def failing(image, depth, *, linear):
        yield next(whole(image, depth, linear=linear))
        assert name.endswith("jpg") or any(part.suffix == ".part" for part in tmp_path.iterdir())
        raise failure

    monkeypatch.setattr(written_files, "strips", failing)
    monkeypatch.setattr(written_files, "STRIP", 500)
    older = tmp_path / name
    older.write_bytes(b"older")
    with pytest.raises(ExportError, match=words):
        export_photo(older, picture(), {}, overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert older.read_bytes() == b"older"


def test_an_interruption_leaves_no_partial_file(tmp_path: Path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(photo_export.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_photo(tmp_path / "out.png", picture(), {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["out.png", "out.tif", "out.jpg"])
def test_a_real_limit_of_the_system_leaves_no_partial_file(tmp_path: Path, name):
    """Files of this process may have 20,000 bytes: the system itself refuses the rest."""
    pytest.importorskip("resource")  # not on Windows
    code = (
        "import resource, signal, sys, numpy as np;"
        "from lessons_lib.scenes.photo_export import export_photo;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "noise = np.random.default_rng(0).random((200, 300, 3));"
        "export_photo(sys.argv[1], noise, {})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / name)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.returncode == 1
    assert "ExportError" in done.stderr and "no partial file was left" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_source_is_never_touched(tmp_path: Path):
    source = tmp_path / "in.tif"
    export_photo(source, picture(), {})
    before = hashlib.sha256(source.read_bytes()).hexdigest(), source.stat().st_mtime_ns
    photo = read_photo(source)
    export_photo(tmp_path / "out.tif", photo.image, SETTINGS, source=source)
    assert (hashlib.sha256(source.read_bytes()).hexdigest(), source.stat().st_mtime_ns) == before


def test_a_panorama_fits_all_formats_but_a_jpeg_that_is_too_wide(tmp_path: Path, monkeypatch):
    wide = picture((16, 19_000))
    for name in ("out.png", "out.tif", "out.jpg"):
        export_photo(tmp_path / name, wide, {})
        assert read_photo(tmp_path / name).image.shape == (16, 19_000)
    monkeypatch.setattr(photo_export, "JPEG_MOST_SIDE", 1000)
    with pytest.raises(ValueError, match="at most 1000 px a side"):
        export_photo(tmp_path / "wide.jpg", wide, {})
    assert not (tmp_path / "wide.jpg").exists()
