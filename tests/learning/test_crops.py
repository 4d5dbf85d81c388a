"""Training crops: from a folder, with noise, the same for the same seed."""

import numpy as np
import pytest
from PIL import Image as PillowImage

from lessons_lib.learning.crops import GREY_WEIGHTS, WhiteNoise, cut, draw_batch, read_folder
from lessons_lib.scenes.standard_sets import standard_set


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(array).save(path)


def test_a_folder_is_read_with_its_subfolders_in_order(tmp_path):
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)
    save(tmp_path / "b.png", colour)
    save(tmp_path / "a" / "x.png", colour[..., 0])
    save(tmp_path / "small.png", colour[:8])
    (tmp_path / "notes.txt").write_text("no picture")
    grey = read_folder(tmp_path, channels=1, smallest=16)
    assert [p.shape for p in grey] == [(20, 24, 1), (20, 24, 1)]
    assert np.array_equal(grey[0][..., 0], colour[..., 0])
    # MATLAB's rgb2gray: ITU-R BT.601, rounded.
    expected = np.rint(colour @ np.array([0.299, 0.587, 0.114]))
    assert np.array_equal(grey[1][..., 0], expected)
    only = read_folder(tmp_path, channels=3, smallest=16)
    assert len(only) == 1 and np.array_equal(only[0], colour)


def test_weak_noise_comes_more_often_with_an_exponent():
    clean, rng = np.full((4, 4, 1), 0.5, np.float32), np.random.default_rng(0)
    levels = np.array([WhiteNoise(share=0.0, exponent=1.5)(clean, rng)[2] for _ in range(2000)])
    # sigma = usual u^1.5: half of the levels lie below usual / 2^1.5; 2,000 of them know a
    # quantile to about 3 %.
    assert np.median(levels) == pytest.approx(60 / 255 / 2**1.5, rel=0.1)
    assert 0 <= levels.min() and levels.max() <= 60 / 255


def test_grey_is_that_of_the_standard_set(shared_data):
    """BSD68 was made from CBSD68 by MATLAB's rgb2gray; a network for it should be, too."""
    # Other names, in the same order.
    grey, colour = (standard_set(name, shared_data) for name in ("BSD68", "CBSD68"))
    for name, other in list(zip(sorted(grey), sorted(colour), strict=True))[::17]:
        pixels = np.rint(np.rint(colour[other] * 255) @ GREY_WEIGHTS)
        assert np.abs(pixels - np.rint(grey[name] * 255)).max() <= 1


def test_an_empty_folder_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="name a folder of PNG"):
        read_folder(tmp_path, channels=1)
    with pytest.raises(FileNotFoundError, match="name a folder of PNG"):
        read_folder(tmp_path / "missing", channels=1)


def test_noise_levels_cover_the_whole_range():
    recipe, clean = WhiteNoise(), np.full((32, 32, 1), 0.5, np.float32)
    draws = [recipe(clean, np.random.default_rng(seed)) for seed in range(2000)]
    levels = np.array([sigma for _, _, sigma in draws])
    assert levels.min() < 0.005 and 1.1 < levels.max() <= 1.2
    # 20 % of 2,000 draws: a standard deviation of .9 %.
    assert np.mean(levels > recipe.usual) == pytest.approx(0.2, abs=0.03)
    for noisy, target, sigma in draws[:50]:
        assert target is clean and noisy.dtype == np.float32
        # 1,024 samples: sigma is known to 2.2 %.
        assert (noisy - clean).std() == pytest.approx(sigma, rel=0.1)


def test_a_crop_is_one_of_the_eight_orientations_of_a_place():
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    seen = set()
    for seed in range(400):
        noisy, target, _ = cut([picture], 8, WhiteNoise(), np.random.default_rng(seed))
        assert target.dtype == np.float32 and noisy.shape == target.shape
        seen.add(tuple(np.rint(target * 255).astype(int).ravel()))
    turned = {tuple(np.rot90(p, k).ravel()) for p in (picture, picture[:, ::-1]) for k in range(4)}
    assert seen == turned


def test_a_batch_does_not_depend_on_how_it_is_shared(pictures):
    whole = draw_batch(pictures, 16, [0, 1, 2, 3], WhiteNoise(), seed=5, step=9)
    halves = [draw_batch(pictures, 16, n, WhiteNoise(), 5, 9) for n in ([0, 2], [1, 3])]
    for part in range(3):
        assert np.array_equal(whole[part][::2], halves[0][part])
        assert np.array_equal(whole[part][1::2], halves[1][part])
    assert whole[0].shape == (4, 1, 16, 16) and whole[2].shape == (4,)
    other = draw_batch(pictures, 16, [0, 1, 2, 3], WhiteNoise(), seed=5, step=10)
    assert not np.array_equal(whole[1], other[1])
