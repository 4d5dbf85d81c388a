"""BM3D: the fast version against the one that is written out, its parts against closed forms."""

import numpy as np
import pytest
import pywt

from lessons_lib.denoisers.bm3d import BM3D, HARD, WIENER, bm3d, bm3d_steps, extended_planes
from lessons_lib.denoisers.bm3d_by_definition import (
    block_group,
    bm3d_by_definition,
    filter_group,
    find_group,
    haar_matrix,
    transform,
    transform_back,
)
from lessons_lib.denoisers.bm3d_transforms import (
    biorthogonal_matrix,
    cosine_matrix,
    inverse,
    kaiser_window,
)
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.scenes.pictures import picture

SIGMA = 0.1


def noisy_camera(size, dtype=np.float64, seed=0):
    clean = picture("camera", size)
    return (clean + SIGMA * np.random.default_rng(seed).standard_normal(clean.shape)).astype(dtype)


@pytest.mark.parametrize("shape", [(44, 37), (8, 8), (19, 60), (5, 3)], ids=str)
def test_fast_equals_the_definition(shape):
    noisy = noisy_camera(64)[: shape[0], : shape[1]]
    # The same sums in another order.
    np.testing.assert_allclose(
        bm3d(noisy, SIGMA), bm3d_by_definition(noisy, SIGMA), atol=1e-10
    )


def test_fast_equals_the_definition_in_colour():
    noisy = np.random.default_rng(1).normal(0.5, 0.15, (20, 26, 3))
    np.testing.assert_allclose(
        bm3d(noisy, SIGMA), bm3d_by_definition(noisy, SIGMA), atol=1e-10
    )


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_threads_change_nothing_but_rounding(threads):
    noisy = noisy_camera(64)
    shares, estimates = zip(*bm3d_steps(noisy, SIGMA, threads=threads), strict=True)
    np.testing.assert_allclose(estimates[-1], bm3d(noisy, SIGMA), atol=1e-10)
    assert list(shares) == sorted(shares)


def test_float32_is_float64_nearly():
    noisy = noisy_camera(64)
    single = bm3d(noisy.astype(np.float32), SIGMA)
    # Here and there a coefficient beside the threshold falls to the other side.
    assert np.sqrt(np.mean((single - bm3d(noisy, SIGMA)) ** 2)) < 1e-3 * SIGMA


@pytest.mark.parametrize("count", [1, 2, 8, 32])
def test_haar_is_orthonormal_and_its_first_row_is_the_mean(count):
    matrix = haar_matrix(count)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(count), atol=1e-12)
    np.testing.assert_allclose(matrix[0], 1 / np.sqrt(count))


def test_haar_is_that_of_pywavelets():
    values = np.random.default_rng(2).random(8)
    theirs = np.concatenate(pywt.wavedec(values, "haar", mode="periodization"))
    np.testing.assert_allclose(haar_matrix(8) @ values, theirs, atol=1e-12)


@pytest.mark.parametrize("matrix", [biorthogonal_matrix(), cosine_matrix()], ids=["bior", "dct"])
def test_block_transforms_keep_the_noise_level_and_come_back(matrix):
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1)  # variance 1 stays 1
    np.testing.assert_allclose(inverse(matrix) @ matrix, np.eye(8), atol=1e-12)
    # A constant has nothing but its mean.
    assert np.abs(matrix[1:] @ np.ones(8)).max() < 1e-12


def test_the_wavelet_is_that_of_pywavelets_but_for_the_scale_of_each_row():
    ratios = []
    for signal in np.random.default_rng(3).random((2, 8)):
        with pytest.warns(UserWarning, match="too high"):
            bands = pywt.wavedec(signal, "bior1.5", mode="periodization", level=3)
        ratios.append((biorthogonal_matrix() @ signal) / np.concatenate(bands))
    np.testing.assert_allclose(*ratios)


def test_a_group_comes_back_and_pools_its_noise():
    blocks = np.random.default_rng(4).random((16, 8, 8))
    for matrix in (biorthogonal_matrix(), cosine_matrix()):
        np.testing.assert_allclose(
            transform_back(transform(blocks, matrix), matrix), blocks, atol=1e-12
        )
    flat = 0.5 + SIGMA * np.random.default_rng(5).standard_normal((16, 8, 8))
    estimate, weight = filter_group(flat, None, SIGMA, cosine_matrix())
    # The mean, and the 0.7 % of 1023 that pass 2.7 sigma by chance, with 3 sigma each.
    assert 1 / weight < 20 and estimate.std() < 0.4 * SIGMA


def test_the_group_starts_with_the_block_itself_and_is_sorted():
    noisy = noisy_camera(96)
    for stage in (HARD, WIENER):
        positions, distances = find_group(noisy, (40, 30), SIGMA, stage)
        assert tuple(positions[0]) == (40, 30) and distances[0] == 0
        assert (np.diff(distances[1:]) >= 0).all()
        assert len(positions) in (1, 2, 4, 8, 16) and len(positions) <= stage.most


def test_the_shifts_are_dense_near_and_sparse_far():
    down, across = HARD.shifts()
    assert (down[0], across[0]) == (0, 0)
    tried = set(zip(down.tolist(), across.tolist(), strict=True))
    assert len(tried) == len(down) and {(-d, -a) for d, a in tried} == tried
    assert (9, 9) in tried and (10, 9) not in tried and (10, 10) in tried and (18, -18) in tried


@pytest.mark.parametrize(("height", "width"), [(1, 1), (8, 9), (30, 20), (41, 12)])
def test_blocks_of_both_stages_end_at_the_border(height, width):
    planes = extended_planes(np.zeros((height, width)))
    for side, given in zip(planes.shape[1:], (height, width), strict=True):
        assert side >= max(given, 8)
        assert all((side - 8) % stage.step == 0 for stage in (HARD, WIENER))


def test_progress_rises_to_one_and_ends_with_the_estimate():
    noisy = noisy_camera(48)
    shares, estimates = zip(*bm3d_steps(noisy, SIGMA), strict=True)
    assert list(shares) == sorted(shares) and shares[-1] == 1.0 and len(shares) > 20
    assert list(BM3D().progress(noisy, SIGMA))[-1][0] == 1.0
    np.testing.assert_array_equal(estimates[0], noisy)
    np.testing.assert_array_equal(estimates[-1], BM3D()(noisy, SIGMA))
    first_stage = estimates[-2]
    clean = picture("camera", 48)
    assert psnr(clean, noisy) < psnr(clean, first_stage) < psnr(clean, estimates[-1])


def test_memory_is_linear():
    """No array of all blocks of the image: 64 numbers for each pixel would be 64 images."""
    import tracemalloc

    peaks = []
    for height in (128, 512):
        noisy = np.zeros((height, 128), np.float32)
        bm3d(noisy[:32], SIGMA)
        tracemalloc.start()
        bm3d(noisy, SIGMA)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 384 more rows of 128 float32: a few images of 0.2 MB.
    assert peaks[1] - peaks[0] < 12 * 384 * 128 * 4


def test_a_group_to_look_at():
    noisy = noisy_camera(96)
    group = block_group(noisy, SIGMA, (40, 30))
    count = len(group.positions)
    assert group.blocks.shape == group.spectrum.shape == group.kept.shape == (count, 8, 8)
    assert group.kept[0, 0, 0] and group.kept.mean() < 0.5
    row, col = group.positions[1]
    np.testing.assert_array_equal(group.blocks[1], noisy[row : row + 8, col : col + 8])
    pilot = bm3d(noisy, SIGMA)
    assert len(block_group(noisy, SIGMA, (40, 30), pilot).positions) <= WIENER.most


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: BM3D(strength=-1), r"strength \(ratio to sigma\) must be from 0 to 20"),
        (lambda: bm3d(np.zeros((9, 9)), 25), "divide by 255"),
        (lambda: block_group(np.zeros((9, 9)), 0.1, (2, 0)), "must leave room for a block"),
        (lambda: block_group(np.zeros((9, 9, 3)), 0.1, (0, 0)), "must be grey"),
        (lambda: block_group(np.zeros((9, 9)), 0.0, (0, 0)), "must be above 0"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_window_is_kaisers():
    window = kaiser_window()
    assert window.max() == pytest.approx(window[3, 3]) and window[0, 0] < 0.25 * window[3, 3]
    np.testing.assert_allclose(window, window.T)
