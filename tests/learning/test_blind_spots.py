"""Hidden pixels: nothing of them gets through, and the best guess is the conditional mean."""

import numpy as np
import pytest
import torch

from lessons_lib.denoisers.blind_spot import fill_hidden
from lessons_lib.learning import losses
from lessons_lib.learning.blind_spots import (
    blind_spot_estimate,
    grid,
    mean_of_neighbours,
    random_neighbour,
)

FILLINGS = [mean_of_neighbours, random_neighbour]


def noise(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def test_the_grids_of_all_numbers_cover_each_pixel_once():
    total = sum(grid((9, 11), 4, number).astype(int) for number in range(16))
    assert np.array_equal(total, np.ones((9, 11)))


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("stride", [3, 4, 5])
def test_a_filled_picture_knows_nothing_of_the_hidden_values(filling, stride):
    for number in range(stride**2):
        hidden = grid((16, 17), stride, number)
        one, two = noise((16, 17, 1)), noise((16, 17, 1))
        two[hidden] += 5
        filled = [filling(y, hidden, np.random.default_rng(1)) for y in (one, two)]
        assert np.array_equal(filled[0], filled[1])
        assert np.array_equal(filled[0][~hidden], one[~hidden])


@pytest.mark.parametrize("number", [0, 5, 15])
def test_the_mean_is_that_of_lesson_03(number):
    noisy, hidden = noise((13, 10, 3)), grid((13, 10), 4, number)
    # Two sums of four numbers of size 1 in another order: rounding alone.
    assert np.allclose(
        mean_of_neighbours(noisy, hidden), fill_hidden(noisy, hidden), rtol=0, atol=1e-14
    )


def test_a_random_neighbour_is_one_of_24_with_equal_chances():
    rows, cols = np.mgrid[0:5, 0:5]
    numbers = (5 * rows + cols).astype(float)  # the pixel itself is number 12
    hidden = np.zeros((5, 5), bool)
    hidden[2, 2] = True
    rng = np.random.default_rng(0)
    found = [int(random_neighbour(numbers, hidden, rng)[2, 2]) for _ in range(4800)]
    counts = np.bincount(found, minlength=25)
    assert counts[12] == 0
    # 200 expected for each; the standard deviation is 14, and 5 of them are never seen.
    assert (np.abs(np.delete(counts, 12) - 200) < 70).all()


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 3), (3, 3, 3)])
def test_tiny_pictures_are_filled_from_inside(filling, shape):
    noisy = np.arange(np.prod(shape), dtype=float).reshape(shape)
    filled = filling(noisy, grid(shape[:2], 3, 0), np.random.default_rng(0))
    assert filled.shape == shape and np.isfinite(filled).all()


def test_the_loss_is_the_mean_over_hidden_pixels_alone():
    estimate = torch.zeros(1, 2, 2, 2)
    noisy = torch.tensor([[[1.0, 9.0], [9.0, 9.0]], [[3.0, 9.0], [9.0, 9.0]]])[None]
    mask = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])[None]
    loss = losses.hidden(estimate, torch.cat([noisy, mask], dim=1), torch.ones(1))
    assert loss.item() == (1 + 9) / 2


def test_each_pixel_is_estimated_without_itself():
    """Of the identity, what comes back is the filling; of a constant, the constant."""
    noisy = noise((9, 14))
    estimate = blind_spot_estimate(lambda y, sigma: y.copy(), noisy, 0.1)
    neighbours = mean_of_neighbours(noisy, np.ones_like(noisy, bool))
    assert np.allclose(estimate, neighbours, rtol=0, atol=1e-14)  # rounding
    colour = np.full((6, 5, 3), 0.25, np.float32)
    kept = blind_spot_estimate(lambda y, sigma: y, colour, 0.1, 3, random_neighbour)
    assert np.array_equal(kept, colour) and kept.dtype == np.float32


def test_a_dense_grid_is_refused():
    with pytest.raises(ValueError, match="at least 3 px, got 2; closer pixels"):
        blind_spot_estimate(lambda y, sigma: y, noise((8, 8)), 0.1, stride=2)
