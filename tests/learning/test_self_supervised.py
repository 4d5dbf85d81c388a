"""What can be learnt without clean pictures, on toys whose best answer is known."""

import numpy as np
import pytest

from lessons_lib.learning.blind_spots import blind_spot_estimate
from lessons_lib.learning.crops import draw_batch
from lessons_lib.learning.networks import DnCNNShape
from lessons_lib.learning.self_supervised import (
    AsItIs,
    Demosaiced,
    Noise2Noise,
    Noise2Self,
    Noise2Void,
    OneLevel,
    learn_from_one,
    noise_kept,
)
from lessons_lib.learning.small import estimate
from lessons_lib.learning.training import Plan, train

SIGMA = 0.1
CLEAN = np.full((64, 48, 1), 0.5, np.float32)


def smooth(shape, seed=0):
    """A random smooth picture around .5: each pixel is like its neighbours."""
    waves = np.fft.rfft2(np.random.default_rng(seed).standard_normal(shape))
    rows = np.fft.fftfreq(shape[0])[:, None]
    cols = np.fft.rfftfreq(shape[1])[None]
    picture = np.fft.irfft2(waves / (1 + 900 * (rows**2 + cols**2)), shape)
    return (0.5 + 0.2 * picture / picture.std())[..., None].astype(np.float32)


def patches(image, radius=1):
    """All (2 radius + 1)^2 windows as rows of a matrix, and where their middles are."""
    side = 2 * radius + 1
    windows = np.lib.stride_tricks.sliding_window_view(image[..., 0], (side, side))
    middles = slice(radius, -radius), slice(radius, -radius)
    return windows.reshape(-1, side**2).astype(np.float64), middles


def least_squares(matrix, target):
    """Fit a linear filter. Directions that only float32 rounding tells apart are left out."""
    return np.linalg.lstsq(matrix, target.ravel().astype(np.float64), rcond=1e-5)[0]


# Noise2Noise


def test_two_shots_share_the_scene_and_not_the_noise():
    first, second, sigma = Noise2Noise(SIGMA)(CLEAN, np.random.default_rng(0))
    one, two = (first - CLEAN).ravel(), (second - CLEAN).ravel()
    assert sigma == SIGMA and first.dtype == second.dtype == np.float32
    # Standard errors for 3,072 pixels: 1 / sqrt(2 n) = .013 and 1 / sqrt(n) = .018; 4 each.
    assert abs(one.std() / SIGMA - 1) < 0.05 and abs(two.std() / SIGMA - 1) < 0.05
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.07


def test_noise2noise_has_the_minimiser_of_the_supervised_loss():
    """Linear least squares in closed form, w = (Y'Y)^-1 Y't.

    Another target t + e moves it by (Y'Y)^-1 Y'e, whose covariance is sigma^2 (Y'Y)^-1:
    mean 0, and vanishing with more pictures. Its squared length in that metric is
    chi-squared with as many degrees of freedom as there are weights.
    """
    rng, clean = np.random.default_rng(1), smooth((200, 200))
    first, second, _ = Noise2Noise(SIGMA)(clean, rng)
    matrix, middles = patches(first)
    gram = matrix.T @ matrix
    supervised = least_squares(matrix, clean[..., 0][middles])
    from_noise = least_squares(matrix, second[..., 0][middles])
    moved = from_noise - supervised
    chi_squared = moved @ gram @ moved / SIGMA**2
    assert 0.9 < chi_squared < 28  # 9 weights: all but .1 % of draws are below 27.9
    # The weights themselves agree: their standard errors are about SIGMA / sqrt(gram).
    assert np.abs(moved).max() < 4 * SIGMA * np.sqrt(np.diag(np.linalg.inv(gram))).max()
    # And one's own shot as the target teaches the identity instead.
    identity = least_squares(matrix, first[..., 0][middles])
    assert np.allclose(identity, np.eye(9)[4], atol=1e-6)  # float32 pictures


# Noise2Self and Noise2Void


@pytest.mark.parametrize("recipe", [Noise2Self, Noise2Void])
def test_the_target_has_the_noisy_pixels_and_the_mask(recipe):
    made = recipe(OneLevel(SIGMA), stride=5)
    filled, target, sigma = made(CLEAN, np.random.default_rng(0))
    noisy, hidden = target[..., :1], target[..., 1:]
    assert filled.shape == (64, 48, 1) and target.shape == (64, 48, 2) and sigma == SIGMA
    assert filled.dtype == target.dtype == np.float32
    assert set(np.unique(hidden)) == {0, 1}
    assert np.array_equal(filled[hidden == 0], noisy[hidden == 0])
    assert not (filled[hidden == 1] == noisy[hidden == 1]).any()


def test_colour_pixels_are_hidden_with_all_their_channels():
    colour = np.repeat(CLEAN, 3, axis=2)
    filled, target, _ = Noise2Self(OneLevel(SIGMA))(colour, np.random.default_rng(0))
    assert target.shape == (64, 48, 4)
    changed = (filled != target[..., :3]).any(axis=2)
    assert np.array_equal(changed, target[..., 3] == 1)


def windows_of(recipe, clean, draws, rng):
    """Windows of the filled picture around hidden pixels, and the noisy pixels themselves."""
    rows, targets = [], []
    for _ in range(draws):
        filled, target, _ = recipe(clean, rng)
        matrix, middles = patches(filled)
        at = target[..., 1][middles].ravel() == 1
        rows.append(matrix[at])
        targets.append(target[..., 0][middles].ravel()[at])
    return np.concatenate(rows), np.concatenate(targets)


@pytest.mark.parametrize("recipe", [Noise2Self, Noise2Void])
def test_the_best_guess_is_the_conditional_mean(recipe):
    """A random field with known covariance: E[x_i | the eight others] in closed form.

    Each pixel is the mean of white numbers over 3 x 3, so pixels (a, b) apart have the
    covariance (3 - |a|) (3 - |b|) / 81 and the best guess is linear. The noise adds
    sigma^2 on the diagonal, and nothing to the covariance with the hidden pixel.
    """
    rng, sigma = np.random.default_rng(2), 0.3
    places = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    apart = np.abs(places[:, None] - places[None])
    covariance = np.prod(3 - apart, axis=2) / 81
    others = [0, 1, 2, 3, 5, 6, 7, 8]
    inside = covariance[np.ix_(others, others)] + sigma**2 * np.eye(8)
    exact = np.linalg.solve(inside, covariance[others, 4])
    rows, targets = [], []
    for _ in range(40):
        field = np.lib.stride_tricks.sliding_window_view(rng.standard_normal((130, 130)), (3, 3))
        part = windows_of(
            recipe(OneLevel(sigma)), field.mean((2, 3))[..., None].astype(np.float32), 1, rng
        )
        rows.append(part[0])
        targets.append(part[1])
    matrix, target = np.concatenate(rows), np.concatenate(targets)
    guess = matrix @ least_squares(matrix, target)
    best = matrix[:, others] @ exact
    # The fitted weights miss by a standard error each: rms sqrt(9 / n) of the target's spread
    # (n = 40,000: .015); twice that is never seen.
    spread = np.std(target - best)
    assert np.sqrt(np.mean((guess - best) ** 2)) < 0.03 * spread
    assert np.mean((target - guess) ** 2) < 1.001 * np.mean((target - best) ** 2)


def test_demosaiced_noise_has_the_stated_level_and_is_shared_by_neighbours():
    clean = np.full((200, 200, 1), 0.5, np.float32)
    noisy, target, sigma = Demosaiced(SIGMA)(clean, np.random.default_rng(0))
    error = (noisy - target)[..., 0].astype(float)
    assert np.allclose(target, clean, atol=1e-6) and noisy.dtype == np.float32
    # 40,000 pixels from 20,000 independent samples: standard error .5 %; 4 of them.
    assert sigma == SIGMA and abs(error.std() / SIGMA - 1) < 0.02
    # Green: correlation 2/5 between neighbours (lesson 01); standard error .007.
    neighbours = np.mean(error[1:] * error[:-1]) / np.mean(error**2)
    assert abs(neighbours - 0.4) < 0.03


def test_demosaiced_noise_can_be_guessed_and_white_noise_cannot():
    """On a flat picture all that there is to learn is the noise."""
    clean, shares = np.full((80, 80, 1), 0.5, np.float32), {}
    for noise in (OneLevel(SIGMA), Demosaiced(SIGMA)):
        recipe = Noise2Self(noise)
        matrix, target = windows_of(recipe, clean, 20, np.random.default_rng(3))
        matrix, target = matrix - 0.5, target - 0.5
        guess = matrix @ least_squares(matrix, target)
        shares[type(noise).__name__] = noise_kept(target, guess)
    # A fit of 9 weights to 7,600 pixels keeps 9 / 7,600 of white noise.
    assert shares["OneLevel"] < 0.005
    # One linear rule for sampled and interpolated pixels alike keeps .69 of it already; a
    # network that tells the two apart keeps it all.
    assert shares["Demosaiced"] > 0.65


def test_colour_is_demosaiced_in_three_planes():
    colour = np.repeat(CLEAN, 3, axis=2)
    noisy, target, _ = Demosaiced(SIGMA)(colour, np.random.default_rng(0))
    assert noisy.shape == target.shape == (64, 48, 3)


# In the training loop


@pytest.mark.parametrize("recipe", [Noise2Noise(SIGMA), Noise2Self(), Noise2Void()])
def test_the_loop_takes_each_recipe(recipe):
    pictures = [np.rint(255 * smooth((40, 40))).clip(0, 255).astype(np.uint8)]
    loss = "squared" if isinstance(recipe, Noise2Noise) else "hidden"
    plan = Plan(DnCNNShape(width=6, depth=3), recipe, loss, steps=2, batch=2, side=24)
    losses = [progress.loss for progress in train(plan, pictures, precision="float32")]
    assert len(losses) == 2 and np.isfinite(losses).all()
    noisy, target, _ = draw_batch(pictures, 24, [0], recipe, 0, 0)
    assert noisy.shape == (1, 1, 24, 24) and target.shape[1] in (1, 2)


def test_one_noisy_picture_is_taken_as_it_is():
    noisy = smooth((48, 48))[..., 0] + np.float32(0.8)  # above 1: not clipped, not rounded
    crop, again, sigma = AsItIs(SIGMA)(noisy, np.random.default_rng(0))
    assert crop is noisy and again is noisy and sigma == SIGMA
    steps = list(learn_from_one(noisy, SIGMA, DnCNNShape(width=6, depth=3), steps=3))
    assert [progress.step for progress in steps] == [1, 2, 3]
    again = list(learn_from_one(noisy, SIGMA, DnCNNShape(width=6, depth=3), steps=3))
    assert steps[-1].losses == again[-1].losses


def test_noise_kept_is_1_for_the_noisy_picture_and_0_for_the_clean_one():
    noise = np.random.default_rng(0).standard_normal((5, 5))
    assert noise_kept(noise, noise) == pytest.approx(1, abs=1e-15)
    assert noise_kept(noise, 0 * noise) == 0


@pytest.mark.parametrize(
    ("noise", "low", "high"), [(OneLevel, -0.03, 0.03), (Demosaiced, 0.8, 1.05)]
)
def test_a_network_learns_to_keep_noise_that_neighbours_share(noise, low, high):
    """The lesson's demonstration, small: one picture, 60 steps."""
    noisy, clean, sigma = noise(SIGMA)(smooth((96, 96)), np.random.default_rng(0))
    *_, last = learn_from_one(noisy[..., 0], sigma, steps=60)

    def denoise(picture, level):
        return estimate(last.network, picture, level)

    guess = blind_spot_estimate(denoise, noisy[..., 0], sigma)
    # After 120 steps .002 and .97, after 300 on a photo .005 and 1.00.
    kept = noise_kept((noisy - clean)[..., 0], guess - clean[..., 0])
    assert low < kept < high
