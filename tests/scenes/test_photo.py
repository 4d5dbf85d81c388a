import importlib.util
import io
import logging
import os
import struct
import subprocess
import sys
import types
import zlib

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageFile, ImageOps
from skimage.transform import downscale_local_mean

from lessons_lib.scenes.photo import PhotoError, centre_crop, downscale, read_photo
from lessons_lib.scenes.photo_formats import limits, pillow_files, signatures
from lessons_lib.scenes.photo_formats.decoder_messages import nothing_printed

PROPERTY = settings(deadline=None, max_examples=60, derandomize=True, database=None)
PNG = b"\x89PNG\r\n\x1a\n"


def random_picture(mode="RGB", height=24, width=20, seed=0):
    rng = np.random.default_rng(seed)
    if mode == "I;16":
        return PillowImage.fromarray(rng.integers(0, 2**16, (height, width), dtype=np.uint16))
    colour = PillowImage.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
    return colour.convert(mode)


def saved(picture, form="PNG", **options):
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def tiff(array, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, array, metadata=None, **options)
    return file.getvalue()


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def png(width, height, pixels, *extra, bits=8, colour=0):
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return PNG + b"".join(parts)


def bomb(megabytes):
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(1_000_000)) for _ in range(megabytes)]
    return b"".join([*parts, packer.flush()])


GREY_ROWS = zlib.compress((b"\0" + b"\x80" * 32) * 32)


# ---- what is read ----


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP"])
def test_lossless_colour_comes_back_exactly(form):
    picture = random_picture()
    result = read_photo(saved(picture, form))
    expected = np.asarray(picture).astype(np.float32) / np.float32(255)
    assert result.image.dtype == np.float32
    np.testing.assert_array_equal(result.image, expected)
    assert (result.encoding, result.notes, result.camera) == ("srgb", (), {})
    assert result.display is result.image


def test_jpeg_agrees_with_pillow():
    data = saved(random_picture(), "JPEG")
    with PillowImage.open(io.BytesIO(data)) as picture:
        np.testing.assert_array_equal(read_photo(data).image * 255, np.asarray(picture))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_all_bits(form):
    picture = random_picture("I;16")
    expected = np.asarray(picture).astype(np.float32) / np.float32(65535)
    np.testing.assert_array_equal(read_photo(saved(picture, form)).image, expected)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zlib"},
        {"compression": "zlib", "predictor": True},
        {"planarconfig": "separate"},
        {"byteorder": ">"},
        {"bigtiff": True},
        {"tile": (16, 16)},
    ],
)
def test_sixteen_bit_colour_tiff_keeps_all_bits(options):
    values = np.random.default_rng(1).integers(0, 2**16, (24, 20, 3), dtype=np.uint16)
    stored = np.moveaxis(values, 2, 0) if "planarconfig" in options else values
    result = read_photo(tiff(stored, photometric="rgb", **options))
    np.testing.assert_array_equal(result.image, values.astype(np.float32) / np.float32(65535))
    unread = "The EXIF block could not be read: camera facts were left out."
    assert result.notes == ((unread,) if "bigtiff" in options else ())


def test_white_is_zero_tiff_is_turned_over():
    data = tiff(np.full((20, 24), 65535, np.uint16), photometric="miniswhite")
    assert read_photo(data).image.max() == 0


def test_float_tiff_is_read_with_a_note():
    result = read_photo(tiff(np.full((20, 24), 0.25, np.float32)))
    assert (result.image == 0.25).all()
    assert result.notes == (
        "Float values were taken as display values (sRGB), not as linear light.",
    )


def test_thumbnail_page_of_a_tiff_is_passed_over():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(np.zeros((18, 18), np.uint8), subfiletype=1, metadata=None)
        writer.write(np.full((40, 30), 255, np.uint8), metadata=None)
    result = read_photo(file.getvalue())
    assert result.image.shape == (40, 30)
    assert result.image.min() == 1


def test_path_and_name(tmp_path):
    path = tmp_path / "night.jpeg"  # a PNG under a JPEG's name: the content decides
    data = saved(random_picture())
    path.write_bytes(data)
    before = path.stat().st_mtime_ns
    assert read_photo(path).name == "night.jpeg"
    assert read_photo(str(path), "mine").name == "mine"
    assert read_photo(memoryview(data)).name == "the photo"
    assert path.read_bytes() == data
    assert path.stat().st_mtime_ns == before
    assert list(tmp_path.iterdir()) == [path]


# ---- what is said about it ----


@pytest.mark.parametrize(
    ("picture", "form", "note"),
    [
        (random_picture("RGBA"), "PNG", "The alpha channel was dropped; the picture was opaque."),
        (random_picture("P"), "PNG", "The palette was expanded to full colour."),
        (
            random_picture("CMYK"),
            "JPEG",
            "CMYK values were converted to RGB without a colour profile.",
        ),
    ],
)
def test_notes(picture, form, note):
    assert read_photo(saved(picture, form)).notes == (note,)


def test_transparency_lies_over_black():
    colour = np.full((20, 20, 4), 200, np.uint8)
    colour[:10, :, 3], colour[10:, :, 3] = 0, 51
    result = read_photo(saved(PillowImage.fromarray(colour)))
    assert (result.image[:10] == 0).all()
    # 51 / 255 = 0.2 of 200 / 255; float32 rounding only.
    np.testing.assert_allclose(result.image[10:], 0.2 * 200 / 255, rtol=1e-6)
    assert result.notes == ("The picture is partly transparent and was laid over black.",)


def test_transparent_palette_and_transparent_grey():
    palette = saved(random_picture("P"), transparency=0)
    assert "The palette was expanded to full colour." in read_photo(palette).notes
    grey = PillowImage.fromarray(np.full((20, 20), 7, np.uint8))
    result = read_photo(saved(grey, transparency=7))
    assert result.image.shape == (20, 20)
    assert result.image.max() == 0


def test_sixteen_bit_colour_png_says_that_half_is_lost():
    row = b"\0" + struct.pack(">3H", 65535, 32768 + 77, 255) * 32
    result = read_photo(png(32, 32, zlib.compress(row * 32), bits=16, colour=2))
    np.testing.assert_array_equal(np.rint(result.image[0, 0] * 255), [255, 128, 0])
    assert result.notes == (
        "16-bit colour was read at 8 bits, the upper half; a TIFF keeps all 16.",
    )


def test_animation_and_profile_are_noted():
    frames = [random_picture(seed=seed) for seed in range(3)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    notes = read_photo(data).notes
    assert "The file holds several pictures; only the first was read." in notes
    data = saved(frames[0], icc_profile=b"any profile")
    assert read_photo(data).notes == (
        "A colour profile was not applied; the values are taken as sRGB.",
    )


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "TIFF tiff_lzw"])
def test_orientation_agrees_with_pillow(orientation, form):
    exif = PillowImage.Exif()
    exif[274] = orientation
    form, *compression = form.split()
    data = saved(random_picture(), form, exif=exif, compression=(compression or [None])[0])
    with PillowImage.open(io.BytesIO(data)) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture))
    result = read_photo(data)
    np.testing.assert_array_equal(np.rint(result.image * 255), expected)
    noted = f"The picture was turned upright (EXIF orientation {orientation})."
    assert (noted in result.notes) == (orientation > 1)


def test_orientation_of_a_16_bit_tiff():
    values = np.random.default_rng(0).integers(0, 2**16, (20, 24, 3), dtype=np.uint16)
    data = tiff(values, photometric="rgb", extratags=[(274, "H", 1, 6, True)])
    result = read_photo(data)
    np.testing.assert_array_equal(np.rint(result.image * 65535), np.rot90(values, -1))


def test_camera_facts_without_the_place():
    exif = PillowImage.Exif()
    exif[271], exif[272] = "Maker\0", "Model X"
    details = {33434: 1 / 15, 34855: 6400, 33437: 1.8, 36867: "2024:01:02 23:30:00"}
    exif.get_ifd(0x8769).update(details)
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.25)})
    result = read_photo(saved(random_picture(), "JPEG", exif=exif))
    assert result.camera == {
        "make": "Maker",
        "model": "Model X",
        "exposure_seconds": pytest.approx(1 / 15, rel=1e-6),  # stored as a ratio of integers
        "iso": 6400.0,
        "f_number": pytest.approx(1.8),
        "date": "2024:01:02 23:30:00",
    }
    assert "52.0" not in repr(result)


def test_damaged_exif_does_not_lose_the_picture(monkeypatch):
    def fail(picture):
        raise SyntaxError("not a TIFF file")

    data = saved(random_picture(), "JPEG", exif=b"Exif\0\0no TIFF header")
    assert read_photo(data).image.shape == (24, 20, 3)
    monkeypatch.setattr(PillowImage.Image, "getexif", fail)
    result = read_photo(data)
    assert result.image.shape == (24, 20, 3)
    assert result.camera == {}
    assert result.notes == ("The EXIF block could not be read: camera facts were left out.",)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_thumbnails_end_mark_does_not_end_the_photo(progressive):
    thumbnail = b"Exif\0\0II*\0" + bytes(8) + saved(random_picture("L"), "JPEG")
    data = saved(random_picture(), "JPEG", exif=thumbnail, progressive=progressive)
    assert read_photo(data + b"trailer \xff\xda").image.shape == (24, 20, 3)
    for cut in range(1, 300):
        with pytest.raises(PhotoError):
            read_photo(data[:-cut])


def test_opaque_16_bit_alpha_is_dropped():
    values = np.full((20, 24, 4), 65535, np.uint16)
    data = tiff(values, photometric="rgb", extrasamples=["unassalpha"])
    assert read_photo(data).image.shape == (20, 24, 3)


# ---- RAW ----


def test_dng_is_developed_to_linear_light(dng):
    result = read_photo(dng, "night.dng")
    assert result.encoding == "linear"
    assert result.image.shape == (64, 96, 3)
    assert result.image.dtype == np.float32
    assert result.camera == {
        "make": "Course",
        "model": "Camera",
        "exposure_seconds": pytest.approx(1 / 30),
        "iso": 1600.0,
        "f_number": pytest.approx(2.8),
    }
    assert result.notes == (
        "RAW was developed by LibRaw: demosaiced, the camera's white balance, linear light.",
    )
    # (1064 - 64) / (264 - 64) = 5: a tone curve would shrink it. Away from the edge and the
    # borders; 16-bit rounding of values near 3200 bounds the error by 1 / 3200 each.
    dark, light = result.image[8:-8, 8:40, 1].mean(), result.image[8:-8, 56:-8, 1].mean()
    assert light / dark == pytest.approx(5, rel=1e-3)
    assert dark == pytest.approx(200 / 4031, rel=1e-3)


def test_display_of_raw_is_the_srgb_curve(dng):
    result = read_photo(dng)
    linear = result.image[32, 20, 1]
    expected = 1.055 * linear ** (1 / 2.4) - 0.055  # IEC 61966-2-1; float32 has 7 digits
    assert result.display[32, 20, 1] == pytest.approx(expected, rel=1e-5)


@given(cut=st.integers(1, 13_000))
@settings(PROPERTY, max_examples=40)
def test_a_truncated_dng_is_refused(dng, cut):
    with pytest.raises(PhotoError):
        read_photo(dng[: max(len(dng) - cut, 0)], "night.dng")


def test_a_dng_cut_by_one_byte_says_so_and_prints_nothing(dng, capfd):
    with pytest.raises(PhotoError, match=r"^night.dng is damaged or cut short; copy it again"):
        read_photo(dng[:-1], "night.dng")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("words", [b"unknown file: Unexpected end of file\n", b"JPEGLib: x"])
def test_what_decoders_only_print_becomes_an_error(words, capfd):
    with pytest.raises(PhotoError, match="cut short"), nothing_printed():
        os.write(2, words)
    assert capfd.readouterr().err == ""


def test_other_prints_still_arrive(capfd):
    with nothing_printed():
        os.write(2, b"kept")
    assert "kept" in capfd.readouterr().err


def test_an_ordinary_tiff_under_a_raw_name_is_read_as_tiff():
    result = read_photo(tiff(np.zeros((20, 24), np.uint16)), "odd.nef")
    assert result.encoding == "srgb"
    assert result.notes == ()


@pytest.mark.parametrize("start", [b"FUJIFILMCCD-RAW ", b"IIU\0", b"\0\0\0\x18ftypcrx "])
def test_unknown_raw(start):
    with pytest.raises(PhotoError, match="RAW file of a camera that LibRaw does not know"):
        read_photo(start + bytes(range(256)))
    with pytest.raises(PhotoError, match="convert it to DNG, or export it as TIFF"):
        read_photo(bytes(range(256)) * 3, "x.arw")


# ---- what is refused ----


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"^x is empty \(0 bytes\); copy it again from the camera$"),
        (b"Dear diary,\nit was dark.", r"^x is plain text, not a photo; expected a JPEG, PNG"),
        ("Grüße aus der Nacht ".encode() * 60, "is plain text, not a photo"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF document, not a photo"),
        (b"\n<!DOCTYPE html><html>", r"is a web page \(HTML\), not a photo"),
        (bytes(range(128, 256)) * 4, "is a file of an unknown kind, not a photo"),
        (PNG, "is damaged or cut short"),
        (b"GIF89a", "is damaged or cut short"),
        (b"II*\0", "is damaged or cut short"),
        (saved(random_picture("L", 1, 1)), r"is 1 x 1 px; at least 16 px a side are needed"),
        (saved(random_picture("L", 16, 15), "JPEG"), r"is 15 x 16 px; at least 16 px"),
        (
            saved(PillowImage.new("L", (30_000, 20)), "JPEG"),
            r"says it is 30000 x 20 px; at most 20000 px a side and 110 million pixels are read",
        ),
        (png(60_000, 60_000, GREY_ROWS), "says it is 60000 x 60000 px"),
        (png(9_000, 9_000, GREY_ROWS), "is damaged or cut short"),
        (png(32, 32, GREY_ROWS, chunk(b"iCCP", b"x\0\0" + bomb(300))), "damaged or cut short"),
        (png(32, 32, GREY_ROWS, chunk(b"zTXt", b"x\0\0" + bomb(300))), "damaged or cut short"),
        (tiff(np.zeros((20, 20), np.uint32)), "holds uint32 numbers of 32 bits, whose full scale"),
        (tiff(np.zeros((20, 20), np.int16)), "holds int16 numbers"),
        (
            tiff(np.zeros((3, 20, 20), np.uint8), photometric="minisblack"),
            "holds 3 pages, expected 1; save one page as its own file",
        ),
        (
            tiff(np.full((20, 20), 200.0, np.float32)),
            r"holds float values from 200 to 200, expected \[0, 1\]; divide by its full scale",
        ),
        (tiff(np.full((20, 20), -0.5)), "holds float values from -0.5 to -0.5"),
        (tiff(np.full((20, 20), np.nan)), "has 400 values that are NaN or infinite; replace"),
        (tiff(np.full((20, 20), np.inf, np.float32)), "has 400 values that are NaN or infinite"),
        (b"\0\0\0\x18ftypheic" + bytes(99), "HEIC picture .* 'pip install pillow-heif'"),
    ],
)
def test_refusals(data, message, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PhotoError, match=message):
        read_photo(data, "x")


def test_a_jpeg_header_of_3600_megapixels_is_refused():
    data = bytearray(saved(random_picture("L"), "JPEG"))
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", 60_000, 60_000)
    with pytest.raises(PhotoError, match="says it has more than 110 million pixels; crop") as info:
        read_photo(bytes(data))
    assert isinstance(info.value.__cause__, PillowImage.DecompressionBombError)


def test_a_picture_between_the_limits_gives_no_warning():
    # 100 million pixels is above Pillow's own warning level, below MAX_PIXELS; tests turn
    # warnings into errors. The pixels are missing, so it stays quick.
    with pytest.raises(PhotoError, match="cut short"):
        read_photo(png(10_000, 10_000, GREY_ROWS))


def test_a_deflate_strip_that_unpacks_to_too_much_is_refused():
    data = bytearray(tiff(np.zeros((32, 32), np.uint16), compression="zlib"))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as file:
        tags = file.pages[0].tags
        places = [(tags[code].valueoffset, tags[code].dtype) for code in (273, 279)]
    strip = bomb(20)
    for (place, kind), value in zip(places, (len(data), len(strip)), strict=True):
        struct.pack_into({3: "<H", 4: "<I"}[int(kind)], data, place, value)
    with pytest.raises(PhotoError, match="compressed data hold more than its header says"):
        read_photo(bytes(data) + strip)


def test_idat_that_goes_on_after_the_last_row_is_not_unpacked():
    assert read_photo(png(32, 32, bomb(300))).image.max() == 0


def test_one_flipped_bit_in_a_png_is_found():
    data = bytearray(saved(random_picture()))
    data[data.index(b"IDAT") + 200] ^= 1
    with pytest.raises(PhotoError, match="damaged or cut short"):
        read_photo(bytes(data))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("no/such/night.jpg", r"^night.jpg is not there: no file at .*night.jpg; check"),
        (".", r"is a folder \(\.\); choose one picture in it"),
        ("x" * 5000, "cannot be opened"),
        ("a\0b", "is not there"),
        (42, "must be a path or bytes, got int"),
        (None, "must be a path or bytes, got NoneType"),
    ],
)
def test_sources_that_are_none(source, message):
    with pytest.raises(PhotoError, match=message):
        read_photo(source)


def test_a_file_beyond_the_byte_limit_is_not_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 100)
    path = tmp_path / "big.png"
    path.write_bytes(bytes(101))
    with pytest.raises(PhotoError, match=r"^big.png has 0.0 GB; at most 1e-07 GB are read"):
        read_photo(path)


def test_heic_uses_the_decoder_that_is_installed(monkeypatch):
    calls = []
    module = types.ModuleType("pillow_heif")
    module.register_heif_opener = lambda: calls.append("registered")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setitem(sys.modules, "pillow_heif", module)
    assert pillow_files._formats(b"\0\0\0\x18ftypheic" + bytes(99))[-1] == "HEIF"
    assert calls == ["registered"]


def test_pillow_is_left_as_it_was(dng):
    read_photo(dng)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    assert PillowImage.MAX_IMAGE_PIXELS is not None
    assert logging.getLogger("tifffile").disabled is False


def test_import_stays_light():
    code = (
        "import sys, lessons_lib.scenes.photo; "
        "print([m for m in ('torch', 'rawpy', 'skimage') if m in sys.modules])"
    )
    printed = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert printed.strip() == "[]"


# ---- properties ----

MODES = ["L", "RGB", "RGBA", "LA", "P", "CMYK", "1", "I;16"]
NOT_WRITTEN = {
    ("CMYK", "PNG"), ("RGBA", "JPEG"), ("LA", "JPEG"), ("P", "JPEG"), ("1", "JPEG"),
    ("I;16", "JPEG"),
}  # fmt: skip
files = st.tuples(
    st.sampled_from(MODES),
    st.sampled_from(["PNG", "JPEG", "TIFF"]),
    st.integers(16, 60),
    st.integers(16, 60),
    st.integers(0, 9),
    st.sampled_from([None, "tiff_lzw", "tiff_adobe_deflate"]),
).filter(lambda case: case[:2] not in NOT_WRITTEN)


def written(case):
    mode, form, height, width, seed, compression = case
    options = {"compression": compression} if form == "TIFF" and compression else {}
    return saved(random_picture(mode, height, width, seed), form, **options)


@given(files)
@PROPERTY
def test_every_kind_gives_a_float_image_of_the_right_shape(case):
    mode, _, height, width = case[:4]
    image = read_photo(written(case)).image
    grey = mode in ("L", "LA", "1", "I;16")
    assert image.shape == ((height, width) if grey else (height, width, 3))
    assert image.dtype == np.float32
    assert 0 <= image.min() <= image.max() <= 1
    assert image.max() > 0.5  # random pixels: all black would mean that they were lost


@given(files, st.floats(0, 1, exclude_max=True))
@PROPERTY
def test_every_truncation_is_refused(case, part):
    data = written(case)
    with pytest.raises(PhotoError):
        read_photo(data[: int(part * len(data))])


@given(files, st.integers(1, 12))
@PROPERTY
def test_the_last_bytes_count_too(case, cut):
    with pytest.raises(PhotoError):
        read_photo(written(case)[:-cut])


STARTS = [b"", b"\xff\xd8\xff", PNG, b"II*\0", b"MM\0*", b"II+\0", b"GIF89a", b"BM", b"RIFF"]


@given(st.sampled_from([*STARTS, *signatures.RAW]), st.binary(max_size=400))
@PROPERTY
def test_garbage_is_refused(start, rest):
    for name in ("", "x.dng"):
        with pytest.raises(PhotoError):
            read_photo(start + rest, name)


places = st.floats(0, 1, exclude_max=True)


@given(files, st.lists(st.tuples(places, st.integers(0, 255)), min_size=1))
@PROPERTY
def test_damage_never_gives_another_error(case, changes):
    data = bytearray(written(case))
    for part, value in changes:
        data[int(part * len(data))] = value
    try:
        image = read_photo(bytes(data)).image
    except PhotoError:
        return
    assert image.dtype == np.float32
    assert 0 <= image.min() <= image.max() <= 1


# ---- crops and overviews ----


def test_centre_crop_is_centred_and_a_copy():
    image = np.arange(35.0).reshape(5, 7)
    crop = centre_crop(image, 3)
    np.testing.assert_array_equal(crop, image[1:4, 2:5])
    crop[:] = 0
    assert image[2, 3] == 17


@pytest.mark.parametrize("size", [0, 6, -1])
def test_centre_crop_that_does_not_fit(size):
    with pytest.raises(ValueError, match=r"size must be from 1 to 5 px, the shorter side of this"):
        centre_crop(np.zeros((5, 7, 3)), size)


@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 3)])
def test_downscale_agrees_with_scikit_image(shape):
    image = np.random.default_rng(0).random(shape)
    blocks = (4, 4) + (1,) * (len(shape) - 2)
    # The same 16 numbers are added in another order: a few times 2^-53.
    np.testing.assert_allclose(
        downscale(image, 15), downscale_local_mean(image, blocks), rtol=1e-14
    )


@given(st.integers(1, 50), st.integers(1, 50), st.integers(1, 60))
@PROPERTY
def test_downscale_keeps_constants_and_the_bound(height, width, longest):
    image = np.full((height, width, 3), 0.3, np.float32)
    small = downscale(image, longest)
    assert max(small.shape[:2]) <= longest
    assert small.dtype == np.float32
    # One rounding from float64 to float32 on each axis.
    np.testing.assert_allclose(small, 0.3, rtol=2.5e-7)


def test_downscale_leaves_small_images_alone_and_refuses_zero():
    image = np.random.default_rng(0).random((5, 7))
    np.testing.assert_array_equal(downscale(image, 7), image)
    with pytest.raises(ValueError, match="longest_side must be at least 1 px, got 0"):
        downscale(image, 0)
