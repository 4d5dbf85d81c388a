"""What all tests share: where the optional standard images are."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the standard images; a test that needs it is skipped where it is missing."""
    folder = Path(os.environ.get("WHY_EDGES_BLUR_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the standard images are not here; set WHY_EDGES_BLUR_DATA to their folder")
    return folder
