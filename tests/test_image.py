"""Image conventions and the error texts that learners will meet."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lessons_lib.image import (
    as_image,
    check_image,
    check_same_shape,
    check_sigma,
    luminance,
    to_uint8,
)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([[0.0]], "must be a NumPy array, got list; read files with"),
        (np.zeros((4, 4), np.uint8), "must be float in [0, 1], got uint8; convert it with"),
        (np.zeros((4, 4), np.uint16), "got uint16"),
        (np.zeros(4), "must have shape (H, W) or (H, W, C), got (4,)"),
        (np.zeros((2, 4, 4, 3)), "pass one image at a time"),
        (np.zeros((0, 4)), "is empty: its shape is (0, 4)"),
        (np.zeros((4, 4, 4)), "drop the alpha channel: image[..., :3]"),
        (np.zeros((4, 4, 7)), "put the channels last"),
        (np.full((2, 2), np.nan), "4 pixels that are NaN or infinite; replace them first"),
        (np.array([[0.0, np.inf]]), "1 pixels that are NaN or infinite"),
    ],
)
def test_what_is_no_image_is_refused_with_what_to_do(bad, words):
    with pytest.raises(ValueError) as caught:
        check_image(bad)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (25, "sigma must be in image units (0 to 1), got 25; divide by 255?"),
        (-0.1, "must be at least 0, got -0.1"),
        (float("nan"), "must be a finite number"),
        ("0.1", "must be one number"),
        (np.array([0.1, 0.2]), "must be one number"),
        (True, "must be one number"),
    ],
)
def test_what_is_no_sigma_is_refused(bad, words):
    with pytest.raises(ValueError) as caught:
        check_sigma(bad)
    assert words in str(caught.value)


def test_zero_sigma_only_where_it_makes_sense():
    assert check_sigma(0) == 0.0
    with pytest.raises(ValueError, match="above 0, got 0"):
        check_sigma(0, zero_allowed=False)


def test_a_checked_image_is_the_same_object():
    image = np.zeros((3, 5))
    assert check_image(image) is image


@settings(deadline=None, max_examples=60)
@given(
    arrays.arrays(
        st.sampled_from([np.uint8, np.uint16, np.bool_]),
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=12),
    )
)
def test_whole_numbers_become_the_unit_range_and_come_back(array):
    image = as_image(array)
    assert image.dtype == np.float64
    assert image.shape == array.shape
    full = 1 if array.dtype == bool else np.iinfo(array.dtype).max
    assert np.array_equal(np.rint(image * full).astype(array.dtype), array)


@settings(deadline=None, max_examples=60)
@given(
    arrays.arrays(
        st.sampled_from([np.int8, np.int32, np.uint32, np.complex128, np.float32, np.uint8]),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
def test_anything_else_is_an_image_or_a_value_error(array):
    try:
        image = as_image(array)
    except ValueError as error:
        assert ";" in str(error) or "NaN" in str(error) or "pixel" in str(error)
    else:
        check_image(image)


def test_eight_bits_clip_and_round():
    shown = to_uint8(np.array([[-1.0, 0.0, 0.5, 1.0, 2.0]]))
    assert shown.tolist() == [[0, 0, 128, 255, 255]]


def test_luminance_of_grey_is_the_grey_value():
    grey = np.random.default_rng(0).random((5, 6))
    # The three weights add up to 1 to rounding.
    np.testing.assert_allclose(luminance(np.dstack([grey] * 3)), grey, atol=1e-15)
    assert luminance(grey) is grey


def test_different_shapes_are_named():
    with pytest.raises(ValueError, match=r"got \(2, 2\) and \(2, 3\); crop them"):
        check_same_shape(np.zeros((2, 2)), np.zeros((2, 3)))
