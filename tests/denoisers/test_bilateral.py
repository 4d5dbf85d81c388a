"""The bilateral filter against its definition, pixel by pixel, and its closed forms."""

import numpy as np
import pytest

from lessons_lib.denoisers import Bilateral, bilateral, bilateral_weights
from lessons_lib.denoisers.bilateral import STRIP_ROWS, half_disc, window_radius


def by_definition(image, space_width, value_width):
    """Weights of every pixel, one pixel at a time, on the mirrored image."""
    reach = window_radius(space_width)
    margin = [(reach, reach)] * 2 + [(0, 0)] * (image.ndim - 2)
    padded = np.pad(image, margin, mode="symmetric")
    estimate = np.empty_like(image)
    for row in range(image.shape[0]):
        for col in range(image.shape[1]):
            place = (row + reach, col + reach)
            weights = bilateral_weights(padded, place, space_width, value_width)
            estimate[row, col] = np.tensordot(weights, padded, axes=2)
    return estimate


@pytest.mark.parametrize("shape", [(12, 9), (5, 8, 3), (1, 1), (2, 7)], ids=str)
@pytest.mark.parametrize("space_width", [0.6, 1.5])
def test_fast_equals_the_definition(shape, space_width):
    image = np.random.default_rng(0).normal(0.5, 0.2, shape)
    # The same sums in another order.
    np.testing.assert_allclose(
        bilateral(image, space_width, 0.3), by_definition(image, space_width, 0.3), atol=1e-12
    )


def test_strips_leave_no_seam():
    image = np.random.default_rng(1).normal(0.5, 0.2, (2 * STRIP_ROWS + 5, 11))
    rows = slice(STRIP_ROWS - 20, STRIP_ROWS + 20)
    whole = bilateral(image, 1.0, 0.3)[rows]
    part = bilateral(image[rows.start - 5 : rows.stop + 5], 1.0, 0.3)[5:-5]
    np.testing.assert_allclose(whole, part, atol=1e-13)


def test_float32_is_float64_to_its_own_precision():
    image = np.random.default_rng(2).normal(0.5, 0.2, (40, 30))
    single = bilateral(image.astype(np.float32), 1.5, 0.3)
    # 40 weights, each with a relative rounding of 6e-8 and an exponent of up to 30.
    np.testing.assert_allclose(single, bilateral(image, 1.5, 0.3), atol=5e-6)


def test_an_infinite_value_width_makes_it_linear():
    pulse = np.zeros((15, 15))
    pulse[7, 7] = 1
    spread = bilateral(pulse, 1.5, 1e9)
    rows, cols = np.indices((15, 15)) - 7
    expected = np.exp(-(rows**2 + cols**2) / (2 * 1.5**2)) * (rows**2 + cols**2 <= 16)
    np.testing.assert_allclose(spread, expected / expected.sum(), atol=1e-12)
    np.testing.assert_allclose(bilateral(pulse, 1.5, np.inf), spread, atol=1e-12)
    single = bilateral(pulse.astype(np.float32), 1.5, np.inf)
    np.testing.assert_allclose(single, spread, atol=1e-6)


def test_a_strong_edge_is_kept():
    edge = np.where(np.arange(40) < 20, 0.2, 0.8) * np.ones((40, 1))
    # Contrast 0.6 is 12 value widths: weights of exp(-72) on the other side.
    np.testing.assert_allclose(bilateral(edge, 1.5, 0.05), edge, atol=1e-12)


def test_half_a_disc_and_its_mirror_make_the_disc():
    pairs = half_disc(4)
    both = set(pairs) | {(-down, -across) for down, across in pairs}
    disc = {(r, c) for r in range(-4, 5) for c in range(-4, 5) if 0 < r * r + c * c <= 16}
    assert both == disc and len(pairs) == len(disc) / 2


def test_colour_shares_one_weight():
    """An edge that only red has protects green and blue as well."""
    rng = np.random.default_rng(3)
    image = np.full((30, 30, 3), 0.5) + 0.02 * rng.standard_normal((30, 30, 3))
    image[:, 15:, 0] += 0.6
    weights = bilateral_weights(image, (15, 14), 1.5, 0.1)
    assert weights[:, 15:].sum() < 0.01


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Bilateral(space_width=-1), r"space_width \(px\) must be from 0 to 20, got -1"),
        (lambda: Bilateral(value_ratio=101), r"value_ratio \(ratio to sigma\) must be from 0"),
        (lambda: bilateral(np.zeros((4, 4)), 1.0, 0.0), "must be above 0, got 0.0; a few sigma"),
        (lambda: bilateral(np.zeros((4, 4)), 1.0, np.nan), "must be above 0, got nan"),
    ],
)
def test_wrong_settings_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
