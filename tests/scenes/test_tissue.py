"""Stained tissue: colour deconvolution, coarse masks, and slides that will not do."""

import numpy as np
import pytest
from skimage.color import rgb2hed

from lessons_lib.scenes.pictures import picture
from lessons_lib.scenes.tissue import (
    DAB_STRONG,
    STAINS,
    Tissue,
    bundled_tissue,
    check_mask,
    control_tissue,
    densities,
    inner_structure,
    polygon_mask,
    split,
    tissue_of,
)


def slide(rows=256, columns=64):
    return picture("immunohistochemistry")[:rows, 200 : 200 + columns]


def test_densities_are_scikit_images():
    np.testing.assert_allclose(densities(slide()), rgb2hed(slide()), atol=1e-14)


def test_stains_that_were_mixed_are_unmixed():
    amounts = np.random.default_rng(0).random((5, 7, 3)) * 0.1
    photo = np.exp(np.log(1e-6) * (amounts @ STAINS))
    np.testing.assert_allclose(densities(photo), amounts, atol=1e-12)  # log and exp


def test_the_bundled_slide_is_split_into_strips_that_do_not_touch():
    school, test = bundled_tissue()
    assert [p.mask.shape for p in school] == [(120, 512), (112, 512)]
    assert [p.mask.shape for p in test] == [(112, 512), (120, 512)]
    whole = tissue_of(picture("immunohistochemistry"))
    np.testing.assert_array_equal(school[0].brown, whole.brown[:120])
    np.testing.assert_array_equal(test[0].brown, whole.brown[136:248])
    for piece in school + test:
        assert set(np.unique(piece.mask)) == {0, 1, 2}
        assert set(np.unique(piece.structure)) == {-1.0, 1.0}
        assert piece.brown.min() >= 0 and piece.brown.max() <= 1.5


def test_the_mask_has_lost_the_cells_and_kept_the_brown():
    whole = tissue_of(slide(256, 200))
    means = [whole.brown[whole.mask == k].mean() for k in np.unique(whole.mask)]
    assert means == sorted(means)
    borders = np.mean(whole.mask[:, 1:] != whole.mask[:, :-1])
    cells = np.mean(whole.structure[:, 1:] != whole.structure[:, :-1])
    assert borders < cells / 5


def test_odd_sizes_work():
    piece = tissue_of(slide(101, 77))
    assert piece.brown.shape == piece.mask.shape == piece.structure.shape == (101, 77)


def test_inner_structure_does_not_care_how_strong_the_stain_is():
    brown = densities(slide())[..., 2] / DAB_STRONG
    np.testing.assert_array_equal(inner_structure(brown), inner_structure(2 * brown))


def test_control_spots_have_the_frequency_that_was_asked_for():
    whole = tissue_of(slide(256, 256))
    spots = control_tissue(whole, 0.1, np.random.default_rng(0))
    flat = spots.brown - 0.2 * whole.mask
    power = np.abs(np.fft.rfft2(flat - flat.mean())) ** 2
    f = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256))
    # A hard limit adds odd harmonics (Bussgang: some .36 of the power), so take the peak.
    rings = [power[(f >= a) & (f < a + 0.02)].mean() for a in np.arange(0, 0.5, 0.02)]
    assert np.argmax(rings) in (4, 5)  # 0.08 to 0.12
    np.testing.assert_array_equal(spots.mask, whole.mask)


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        (np.full((64, 64), 0.5), "must be a colour photo .* a grey photo has none"),
        (np.full((64, 64, 1), 0.5), "must be a colour photo"),
        (np.full((64, 64, 4), 0.5), r"drop the alpha channel: image\[..., :3\]"),
        (np.full((64, 64, 3), 0.5), "the slide is constant"),
        (slide(31, 64), "31 x 64 px, at least 32 px"),
        (slide(64, 31), "64 x 31 px, at least 32 px"),
        ((255 * slide()).astype(np.uint8), "convert it with"),
        (np.where(slide() > 0.9, np.nan, slide()), "NaN"),
    ],
)
def test_slides_that_will_not_do(photo, words):
    with pytest.raises(ValueError, match=words):
        tissue_of(photo)


def test_a_slide_without_tissue_has_a_single_class():
    pale = 0.95 + 0.001 * np.random.default_rng(0).standard_normal((64, 64, 3))
    with pytest.raises(ValueError, match=r"the whole mask is class 0 \(little brown\)"):
        tissue_of(pale)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.ones((40, 40), int), "the whole mask is class 1"),
        (np.arange(4).reshape(2, 2), "classes 0 to 2, got 0 to 3"),
        (np.array([[-1, 1]]), "got -1 to 1"),
        (np.array([[0.0, 1.0]]), "whole numbers, got float64"),
        (np.zeros((3, 3, 3), int), r"a mask is \(H, W\)"),
    ],
)
def test_masks_that_will_not_do(mask, words):
    with pytest.raises(ValueError, match=words):
        check_mask(mask)


def test_a_stain_must_be_one_channel():
    with pytest.raises(ValueError, match="one stain"):
        polygon_mask(np.zeros((40, 40, 3)))


def test_a_slide_that_is_too_small_for_four_strips():
    piece = np.zeros((150, 64))
    with pytest.raises(ValueError, match="150 rows are too few for 4 strips .* at least 192 rows"):
        split(Tissue(piece, piece.astype(int), piece))
