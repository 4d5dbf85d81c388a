import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data as reference

from lessons_lib.scenes.pictures import BUNDLED, picture, picture_names

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_every_picture_is_scikit_images_own(name):
    image = picture(name)
    assert image.dtype == np.float64
    np.testing.assert_array_equal(image, getattr(reference, name)() / 255)


def test_names_are_sorted_and_each_has_origin_and_licence():
    assert list(picture_names()) == sorted(BUNDLED)
    assert all(entry.origin and entry.licence for entry in BUNDLED.values())


def test_size_is_a_centred_crop_without_resampling():
    whole = picture("camera")
    np.testing.assert_array_equal(picture("camera", 100), whole[206:306, 206:306])
    with pytest.raises(ValueError, match="size must be from 1 to 172 px"):
        picture("text", 200)


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(ValueError, match=r"must be one of astronaut, .*, text; got 'eagle'"):
        picture("eagle")  # scikit-image has it, but only by download


def test_a_file_that_the_installation_lacks_is_not_downloaded(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_loader("skimage", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(FileNotFoundError, match="camera is missing from the installed scikit"):
        picture("camera")


def test_pictures_import_neither_scikit_image_nor_pooch():
    code = (
        "import sys; from lessons_lib.scenes.pictures import picture; picture('coins');"
        "print([m for m in ('skimage', 'pooch', 'requests', 'torch') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_pictures_without_a_clear_licence_are_left_out():
    # scikit-image has them, but states no origin, or one whose licence is disputed.
    assert not {"moon", "page", "rocket"} & BUNDLED.keys()
    assert not [name for name, entry in BUNDLED.items() if "not stated" in entry.licence]


def readme_rows() -> list[tuple[str, ...]]:
    """The rows of the table in data/README.md that stands under the bundled pictures."""
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    table = text.partition("| name | file |")[2].partition("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip(" `") for cell in line.strip("|").split("|")) for line in table]


def test_the_table_in_data_readme_is_that_of_the_code():
    expected = [
        (name, entry.file, entry.origin, entry.licence) for name, entry in sorted(BUNDLED.items())
    ]
    assert readme_rows() == expected
