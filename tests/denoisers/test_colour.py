import numpy as np
import pytest

from lessons_lib.denoisers import Gaussian, LocalWiener, Median
from lessons_lib.denoisers.colour import (
    OPPONENT,
    LuminanceChroma,
    PerChannel,
    from_opponent,
    to_opponent,
)
from lessons_lib.diagnosis.edges import edge_spread, rise_width
from lessons_lib.image import LUMINANCE_WEIGHTS
from lessons_lib.scenes.noise import add_gaussian
from lessons_lib.scenes.phantoms import SlantedEdge

EDGE = SlantedEdge(size=96, contrast=0.3)
SIGMA = 0.08


@pytest.fixture
def colour():
    return np.random.default_rng(1).normal(0.5, 0.2, (15, 22, 3))


def test_the_opponent_matrix_is_orthonormal_and_grey_has_no_colour(colour):
    # Exact in real arithmetic; a few products of numbers near 1 are rounded.
    np.testing.assert_allclose(OPPONENT @ OPPONENT.T, np.eye(3), atol=1e-15)
    grey = to_opponent(np.full((2, 2, 3), 0.4))
    np.testing.assert_allclose(grey[..., 0], 0.4 * np.sqrt(3), atol=1e-15)
    np.testing.assert_allclose(grey[..., 1:], 0, atol=1e-15)
    red, green, blue = np.moveaxis(colour, -1, 0)
    np.testing.assert_allclose(
        to_opponent(colour)[..., 2], (red - 2 * green + blue) / np.sqrt(6), atol=1e-15
    )


@pytest.mark.parametrize(("dtype", "rounding"), [(np.float64, 1e-15), (np.float32, 5e-7)])
def test_there_and_back_is_the_same(colour, dtype, rounding):
    image = colour.astype(dtype)
    back = from_opponent(to_opponent(image))
    assert back.dtype == dtype
    np.testing.assert_allclose(back, image, atol=2 * rounding)  # two rounded sums of three


def test_energy_is_kept(colour):
    # Parseval, up to rounding in a sum of 990 squares.
    assert (to_opponent(colour) ** 2).sum() == pytest.approx((colour**2).sum(), rel=1e-13)


def test_white_noise_stays_white_where_luma_weights_would_not():
    noise = np.random.default_rng(2).standard_normal((300, 300, 3))
    opponent = to_opponent(noise).reshape(-1, 3)
    # 90,000 samples: a standard deviation is known to 1 / sqrt(2 n) = .24 %, a correlation
    # to 1 / sqrt(n) = .0033; four of each.
    np.testing.assert_allclose(opponent.std(axis=0), 1, atol=4 * 0.0024)
    np.testing.assert_allclose(np.corrcoef(opponent.T), np.eye(3), atol=4 * 0.0033)
    assert np.linalg.norm(LUMINANCE_WEIGHTS) == pytest.approx(0.75, abs=0.001)
    luma = noise @ LUMINANCE_WEIGHTS
    blue_difference = noise[..., 2] - luma
    assert luma.std() == pytest.approx(0.75, abs=0.01)
    # cov(Y, B - Y) = w_B - |w|^2 = -.49, and |B - Y| = sqrt(1 - 2 w_B + |w|^2) = 1.191.
    correlation = np.corrcoef(luma.ravel(), blue_difference.ravel())[0, 1]
    assert correlation == pytest.approx(-0.49 / (0.75 * 1.191), abs=0.01)


def test_per_channel_is_three_grey_images(colour):
    denoiser = PerChannel(LocalWiener(radius=1))
    estimate = denoiser(colour, 0.2)
    for channel in range(3):
        alone = LocalWiener(radius=1)(colour[..., channel], 0.2)
        np.testing.assert_array_equal(estimate[..., channel], alone)
        np.testing.assert_array_equal(denoiser(colour[..., channel], 0.2), alone)


def test_a_linear_denoiser_does_not_care_about_the_colour_space(colour):
    # Both are the same fixed matrix in space, which commutes with one in colour.
    np.testing.assert_allclose(
        LuminanceChroma.of(Gaussian(1.2))(colour, 0.2), Gaussian(1.2)(colour, 0.2), atol=1e-14
    )


def test_luminance_and_chroma_each_get_their_own(colour):
    seen = []

    def watching(noisy, sigma):
        seen.append((noisy.shape, sigma))
        return noisy

    estimate = LuminanceChroma(watching, watching, chroma_ratio=3)(colour, 0.2)
    np.testing.assert_allclose(estimate, colour, atol=1e-14)
    assert [shape for shape, _ in seen] == [(15, 22)] * 3
    assert [told for _, told in seen] == pytest.approx([0.2, 0.6, 0.6])


def test_grey_images_meet_only_the_luminance_denoiser(colour):
    grey = colour[..., 0]
    denoiser = LuminanceChroma(Median(1), Gaussian(9))
    np.testing.assert_array_equal(denoiser(grey, 0.2), Median(1)(grey, 0.2))
    np.testing.assert_array_equal(denoiser(grey[..., None], 0.2)[..., 0], Median(1)(grey, 0.2))


def width_after(clean, read, chroma_ratio):
    """10-90 % width of the mean of 16 estimates, px."""
    rng = np.random.default_rng(0)
    denoiser = LuminanceChroma.of(LocalWiener(radius=2), chroma_ratio)
    estimates = [denoiser(add_gaussian(clean, SIGMA, rng), SIGMA) for _ in range(16)]
    return rise_width(edge_spread(read(np.mean(estimates, axis=0)), EDGE))


def test_colour_bleeds_over_an_edge_of_equal_luminance_and_brightness_does_not():
    rise, level = EDGE.image(), np.full((96, 96), 0.5)
    red_green = np.stack([rise, 1 - rise, level], axis=-1)
    np.testing.assert_allclose(to_opponent(red_green)[..., 0], 1.5 / np.sqrt(3), atol=1e-14)

    def redness(image):
        return (image[..., 0] - image[..., 1]) / 2

    fair, hard = (width_after(red_green, redness, ratio) for ratio in (1.0, 2.0))
    # Measured: 1.32 and 4.00 px. A box of 5 px is 0.8 * 5 = 4 px wide from 10 to 90 %: the
    # filter has given up on the edge.
    assert fair < 1.6 and hard == pytest.approx(4.0, abs=0.1)
    black_white = np.stack([rise] * 3, axis=-1)
    widths = [width_after(black_white, lambda image: image.mean(axis=-1), r) for r in (1.0, 2.0)]
    # The luminance channel is the very same computation; only the turning back is rounded.
    assert widths[0] == pytest.approx(widths[1], abs=1e-9) and widths[0] < 1.2


def test_chroma_is_smoother_in_the_flat():
    noisy = add_gaussian(np.full((64, 64, 3), 0.5), SIGMA, np.random.default_rng(3))
    left = [
        to_opponent(LuminanceChroma.of(LocalWiener(2), ratio)(noisy, SIGMA)).std(axis=(0, 1))
        for ratio in (1.0, 2.0)
    ]
    assert left[0][0] == pytest.approx(left[1][0], rel=1e-12)
    # Told twice the noise, the filter takes all of it for noise: the mean of 25 pixels leaves
    # sigma / 5. 4096 / 25 independent means tell it to 1 / sqrt(2 * 164) = 5.5 %; three.
    np.testing.assert_allclose(left[1][1:], SIGMA / 5, rtol=0.17)
    assert (left[1][1:] < 0.85 * left[0][1:]).all()  # measured .81


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: to_opponent(np.zeros((4, 4))), r"must be colour, \(H, W, 3\), got \(4, 4\)"),
        (lambda: from_opponent(np.zeros((4, 4, 1))), "nothing but luminance"),
        (lambda: LuminanceChroma.of(Median(), -1), r"chroma_ratio \(ratio to sigma\) must"),
        (lambda: LuminanceChroma.of(Median(), "2"), "must be a number from 0 to 20"),
        (
            lambda: LuminanceChroma.of(Median(), 5)(np.zeros((4, 4, 3)), 0.5),
            r"at most 2 \(image units\), got 5 \* 0.5; lower chroma_ratio",
        ),
    ],
)
def test_wrong_use_is_refused_with_what_to_do(act, words):
    with pytest.raises(ValueError, match=words):
        act()
