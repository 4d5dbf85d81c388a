"""Files for the reader's tests: a minimal DNG."""

import io

import numpy as np
import pytest
import tifffile


def _fractions(*values):
    return [part for value in values for part in (round(value * 10_000), 10_000)]


@pytest.fixture(scope="session")
def dng() -> bytes:
    """A 96 x 64 px RGGB mosaic: dark left half, light right half, 12 bits, black at 64."""
    mosaic = np.full((64, 96), 264, np.uint16)
    mosaic[:, 48:] = 1064
    tags = [
        (271, "s", 0, "Course", True),
        (272, "s", 0, "Camera", True),
        (33421, "H", 2, (2, 2), True),  # CFA pattern size and colours
        (33422, "B", 4, (0, 1, 1, 2), True),
        (33434, "2I", 1, (1, 30), True),  # exposure time, f-number, ISO
        (33437, "2I", 1, (28, 10), True),
        (34855, "H", 1, 1600, True),
        (50706, "B", 4, (1, 4, 0, 0), True),  # DNGVersion
        (50708, "s", 0, "Course Camera", True),
        (50714, "H", 1, 64, True),  # black and white level
        (50717, "H", 1, 4095, True),
        (50721, "2i", 9, _fractions(1, 0, 0, 0, 1, 0, 0, 0, 1), True),  # ColorMatrix1
        (50728, "2I", 3, _fractions(1, 1, 1), True),  # AsShotNeutral
        (50778, "H", 1, 21, True),
    ]
    file = io.BytesIO()
    tifffile.imwrite(file, mosaic, photometric="cfa", extratags=tags, metadata=None)
    return file.getvalue()
