"""The procedural mosaic: tiles are Voronoi cells, joints as wide as asked, colours from a list."""

import numpy as np
import pytest

from lessons_lib.scenes.mosaic import GROUT, PALETTE, mosaic, nearest_tile, tile_seeds


def test_every_pixel_belongs_to_its_nearest_seed():
    seeds = tile_seeds(40, 9.0, np.random.default_rng(0))
    owner, _ = nearest_tile(40, seeds)
    pixels = np.stack(np.indices((40, 40)), axis=-1)[:, :, None]
    by_force = np.linalg.norm(pixels - seeds, axis=-1).argmin(axis=-1)
    np.testing.assert_array_equal(owner, by_force)


def test_the_border_is_the_nearest_of_all_bisectors():
    seeds = tile_seeds(30, 8.0, np.random.default_rng(1))
    owner, border = nearest_tile(30, seeds)
    for row, col in ((3, 4), (15, 20), (29, 0), (11, 11)):
        place, own = np.array([row, col]), seeds[owner[row, col]]
        others = np.delete(seeds, owner[row, col], axis=0)
        middle, across = (others + own) / 2, others - own
        away = np.sum((middle - place) * across, axis=1) / np.linalg.norm(across, axis=1)
        # Differences of squares of some 100 px: rounding of 1e-12.
        assert border[row, col] == pytest.approx(away.min(), abs=1e-9)


def test_two_seeds_meet_in_the_middle():
    far = [[90.0 + k, 90.0] for k in range(8)]
    owner, border = nearest_tile(12, np.array([[5.0, 2.0], [5.0, 8.0], *far]))
    assert owner[5, 4] == 0 and owner[5, 6] == 1
    np.testing.assert_allclose(border[5, [2, 4, 5, 6]], [3, 1, 0, 1], atol=1e-12)


def test_joints_take_the_share_of_their_width():
    """A joint of width w along a border line of length b per area covers w b of it."""
    narrow, wide = (np.all(np.abs(mosaic(256, 3, grout=w, unevenness=0) - GROUT) < 1e-9, axis=-1)
                    for w in (1.5, 3.0))  # fmt: skip
    owner, border = nearest_tile(256, tile_seeds(256, 12.0, np.random.default_rng(3)))
    # Fully covered pixels have their centre within (w - 1) / 2 px of the bisector.
    for covered, width in ((narrow, 1.5), (wide, 3.0)):
        np.testing.assert_array_equal(covered, border <= (width - 1) / 2)
    assert 2 < wide.mean() / narrow.mean() < 6


def test_tiles_have_the_palettes_colours():
    image = mosaic(128, 0, unevenness=0)
    inside = image.reshape(-1, 3)
    near = np.abs(inside[:, None] - PALETTE).max(axis=-1).min(axis=1) < 1e-9
    assert 0.4 < near.mean() < 0.95
    used = np.abs(inside[:, None] - PALETTE).max(axis=-1).argmin(axis=1)[near]
    assert len(np.unique(used)) >= 6


def test_it_is_an_image_and_the_same_each_time():
    image = mosaic(50, 7)
    assert image.shape == (50, 50, 3) and image.min() >= 0 and image.max() <= 1
    np.testing.assert_array_equal(image, mosaic(50, 7))
    assert np.abs(image - mosaic(50, 8)).max() > 0.2


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"tile": 2.0}, "tile must be at least 3 px"),
        ({"tile": 5.0, "grout": 5.0}, "up to below tile, got tile 5.0"),
        ({"grout": 0.5}, "grout from 1 px"),
        ({"tile": -1.0}, "tile"),
        ({"unevenness": float("nan")}, "unevenness"),
    ],
)
def test_impossible_mosaics_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        mosaic(64, 0, **settings)


def test_a_size_too_small_is_refused():
    with pytest.raises(ValueError, match="size"):
        mosaic(4, 0)
