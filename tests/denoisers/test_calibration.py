import numpy as np
import pytest
from skimage.restoration import calibrate_denoiser, denoise_invariant

from lessons_lib.denoisers import CATALOGUE, Gaussian, LocalWiener, Median
from lessons_lib.denoisers.blind_spot import blind_spots, fill_hidden, mask_grids
from lessons_lib.denoisers.calibration import (
    Calibrated,
    Calibration,
    best,
    gap,
    risk_j_invariant,
    risk_oracle,
    risk_second_shot,
    risk_sure,
    varying,
)
from lessons_lib.scenes.development import demosaic, mosaic
from lessons_lib.scenes.noise import add_gaussian
from lessons_lib.scenes.pictures import picture

SIGMA = 0.1
WIDTHS = tuple(np.arange(31) / 10)
STRENGTHS = tuple(np.arange(31) / 10)
LOCAL_WIENER = varying(LocalWiener(radius=2), "strength")


def soft(threshold):
    """Soft threshold of the pixels themselves: the textbook case of SURE."""

    def shrink(noisy, sigma):
        return np.sign(noisy) * np.maximum(np.abs(noisy) - threshold * sigma, 0)

    return shrink


def draws(clean, sigma, count):
    rng = np.random.default_rng(0)
    return [add_gaussian(clean, sigma, rng) for _ in range(count)]


def standard_error(samples):
    return np.std(samples, ddof=1) / np.sqrt(len(samples))


# --- SURE -------------------------------------------------------------------------------


def test_sure_of_a_linear_filter_is_its_closed_form():
    noisy = draws(picture("camera", 40), SIGMA, 1)[0]
    units = np.eye(1600).reshape(1600, 40, 40)
    matrix = np.array([Gaussian(1.0)(unit, SIGMA).ravel() for unit in units])
    left = np.mean((noisy.ravel() - matrix.T @ noisy.ravel()) ** 2)
    closed = left - SIGMA**2 + 2 * SIGMA**2 * np.trace(matrix) / 1600
    risks = [next(risk_sure(Gaussian, noisy, SIGMA, (1.0,), seed=seed)) for seed in range(200)]
    # One random direction has a spread; its mean over 200 must be the trace, within three.
    assert np.mean(risks) == pytest.approx(closed, abs=3 * standard_error(risks))
    # Each direction alone: variance of b^T A b for signs b is 2 sum over i != j of A_ij^2.
    off_diagonal = (matrix**2).sum() - (np.diag(matrix) ** 2).sum()
    spread = 2 * SIGMA**2 * np.sqrt(2 * off_diagonal) / 1600
    assert np.std(risks) == pytest.approx(spread, rel=0.15)  # 200 samples: 5 %, three of it


@pytest.mark.parametrize(
    "make", [Gaussian, LOCAL_WIENER, soft], ids=["Gaussian", "LocalWiener", "soft threshold"]
)
def test_sure_is_the_true_error_on_average(make):
    clean = picture("camera", 64) - 0.4
    difference = []
    for seed, noisy in enumerate(draws(clean, SIGMA, 150)):
        sure = next(risk_sure(make, noisy, SIGMA, (1.2,), seed=seed))
        difference.append(sure - next(risk_oracle(make, noisy, SIGMA, (1.2,), clean)))
    assert abs(np.mean(difference)) < 3 * standard_error(difference)
    assert standard_error(difference) < 1e-4  # the test has power: 1 % of sigma^2


def test_soft_threshold_has_steins_closed_form():
    noisy = draws(np.zeros((50, 50)), SIGMA, 1)[0]
    inside = np.abs(noisy) < SIGMA
    stein = np.mean(np.minimum(np.abs(noisy), SIGMA) ** 2) - SIGMA**2 * (2 * inside.mean() - 1)
    # J is diagonal with ones and zeros, so signs as direction give the trace without any
    # spread, but for the one or other pixel which the nudge of sigma / 1000 takes over the
    # threshold: 2500 pixels, density near sigma of .48 per sigma, one pixel of 8e-4 sigma^2.
    assert next(risk_sure(soft, noisy, SIGMA, (1.0,))) == pytest.approx(
        stein, abs=4 * 8e-4 * SIGMA**2
    )


def test_float32_is_measured_as_finely_as_float64():
    noisy = draws(picture("camera", 64), SIGMA, 1)[0].astype(np.float32)
    pair = [next(risk_sure(Gaussian, y, SIGMA, (1.0,))) for y in (noisy, noisy.astype(float))]
    assert pair[0] == pair[1]


def test_all_values_see_the_same_random_direction():
    noisy = draws(picture("camera", 64), SIGMA, 1)[0]
    twice = list(risk_sure(Gaussian, noisy, SIGMA, (1.0, 2.0, 1.0)))
    assert twice[0] == twice[2]
    hidden = list(risk_j_invariant(Gaussian, noisy, SIGMA, (1.0, 2.0, 1.0), renoise_seed=0))
    assert hidden[0] == hidden[2]


# --- J-invariance -----------------------------------------------------------------------


def denoise(image, width, channel_axis=None):
    """Gaussian(width) as scikit-image calls a denoiser."""
    return Gaussian(width)(image, SIGMA)


@pytest.mark.parametrize("shape", [(20, 23), (16, 18, 3)], ids=str)
def test_j_invariant_risk_is_that_of_scikit_image(shape):
    noisy = np.random.default_rng(0).normal(0.5, 0.2, shape)
    widths = (0.5, 1.0, 2.0)
    axis = -1 if len(shape) == 3 else None
    _, (_, losses) = calibrate_denoiser(
        noisy, denoise, {"width": widths, "channel_axis": [axis]}, extra_output=True
    )
    ours = np.array(list(risk_j_invariant(Gaussian, noisy, SIGMA, widths)))
    np.testing.assert_allclose(ours + SIGMA**2, losses, rtol=1e-12)  # sums in another order
    predicted = denoise_invariant(
        noisy, denoise, stride=3, denoiser_kwargs={"width": 1.0, "channel_axis": axis}
    )
    ours = next(risk_j_invariant(Gaussian, noisy, SIGMA, (1.0,), stride=3, masks=9))
    assert ours + SIGMA**2 == pytest.approx(np.mean((predicted - noisy) ** 2), rel=1e-12)


def masked_error(noisy, clean, stride, blind_radius, renoise_seed):
    """Mean squared error of the predictions against the clean picture."""
    (grid,) = mask_grids(noisy.shape, stride, blind_radius)
    rng = None if renoise_seed is None else np.random.default_rng(renoise_seed)
    hidden = blind_spots(grid, blind_radius)
    seen = fill_hidden(noisy, hidden, blind_radius + 1, SIGMA, rng)
    return np.mean((LocalWiener()(seen, SIGMA) - clean)[grid] ** 2)


@pytest.mark.parametrize("settings", [(4, 0, None), (4, 0, 7), (6, 2, None)], ids=str)
def test_j_invariant_risk_is_the_error_of_the_prediction_on_average(settings):
    clean = picture("camera", 64)
    stride, blind_radius, renoise_seed = settings
    difference = [
        next(risk_j_invariant(LOCAL_WIENER, noisy, SIGMA, (1.0,), stride, blind_radius, 1,
                              renoise_seed))
        - masked_error(noisy, clean, *settings)
        for noisy in draws(clean, SIGMA, 150)
    ]
    assert abs(np.mean(difference)) < 3 * standard_error(difference)
    assert standard_error(difference) < 4e-4  # the test has power: 4 % of sigma^2


@pytest.mark.parametrize("shape", [(17, 19), (9, 12, 3), (1, 9), (3, 2)], ids=str)
@pytest.mark.parametrize(("stride", "blind_radius"), [(2, 0), (4, 0), (4, 1), (7, 2)])
def test_a_prediction_knows_nothing_of_what_is_hidden(shape, stride, blind_radius):
    rng = np.random.default_rng(0)
    noisy = rng.random(shape)
    for grid in mask_grids(shape[:2], stride, blind_radius, 4):
        hidden = blind_spots(grid, blind_radius)
        if hidden.all():
            continue
        other = noisy.copy()
        other[hidden] = rng.random(other[hidden].shape)
        filled = fill_hidden(noisy, hidden, blind_radius + 1)
        np.testing.assert_array_equal(filled, fill_hidden(other, hidden, blind_radius + 1))
        np.testing.assert_array_equal(filled[~hidden], noisy[~hidden])


def test_grids_give_every_pixel_its_turn_once():
    for shape in [(10, 13), (2, 9), (1, 1)]:
        grids = mask_grids(shape, 4, count=16)
        np.testing.assert_array_equal(np.sum(grids, axis=0), 1)
    rows, cols = np.nonzero(mask_grids((30, 30), 6, 2)[0])
    assert set(np.diff(np.unique(rows))) == {6} and set(np.diff(np.unique(cols))) == {6}


def test_a_fill_is_a_mean_of_neighbours_and_gets_its_noise_back():
    noisy = draws(np.full((400, 400), 0.5), SIGMA, 1)[0]
    (grid,) = mask_grids(noisy.shape, 4)
    filled = fill_hidden(noisy, grid)
    row, col = np.argwhere(grid)[50]
    neighbours = [noisy[row - 1, col], noisy[row + 1, col], noisy[row, col - 1],
                  noisy[row, col + 1]]
    assert filled[row, col] == pytest.approx(np.mean(neighbours), abs=1e-15)
    # 10,000 pixels tell a standard deviation to .7 %, of which three.
    assert filled[grid].std() == pytest.approx(SIGMA / 2, rel=0.021)
    again = fill_hidden(noisy, grid, 1, SIGMA, np.random.default_rng(1))
    assert again[grid].std() == pytest.approx(SIGMA, rel=0.021)


# --- the choice -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def white():
    clean = picture("camera", 192)
    return clean, add_gaussian(clean, SIGMA, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("make", "renoise_seed"), [(Gaussian, None), (LOCAL_WIENER, 0)], ids=["Gaussian", "Wiener"]
)
def test_on_white_noise_the_choice_is_nearly_the_oracles(white, make, renoise_seed):
    clean, noisy = white
    oracle = best(WIDTHS, risk_oracle(make, noisy, SIGMA, WIDTHS, clean))
    sure = best(WIDTHS, risk_sure(make, noisy, SIGMA, WIDTHS))
    hidden = best(
        WIDTHS,
        risk_j_invariant(make, noisy, SIGMA, WIDTHS, masks=4, renoise_seed=renoise_seed),
    )
    assert not oracle.at_an_end
    # Measured 0 for SURE; .07 (Gaussian) and .04 dB (local Wiener) for the hidden pixels.
    assert gap(sure, oracle) < 0.02 and gap(hidden, oracle) < 0.15


def test_hiding_pixels_tunes_the_denoiser_that_does_not_see_them(white):
    """At little noise the pixel itself is the best witness; J-invariance forbids it."""
    clean, _ = white
    noisy = add_gaussian(clean, 0.05, np.random.default_rng(0))
    oracle = best(WIDTHS, risk_oracle(Gaussian, noisy, 0.05, WIDTHS, clean))
    hidden = best(WIDTHS, risk_j_invariant(Gaussian, noisy, 0.05, WIDTHS, masks=4))
    assert gap(hidden, oracle) > 1.0  # measured 3.3 dB
    sure = best(WIDTHS, risk_sure(Gaussian, noisy, 0.05, WIDTHS))
    assert gap(sure, oracle) < 0.02  # measured 0


@pytest.fixture(scope="module")
def demosaiced():
    """A photo whose noise is white on the sensor and demosaiced; the truth is known."""
    colour = picture("astronaut", 192)
    clean = demosaic(mosaic(colour))
    raws = [add_gaussian(mosaic(colour), 0.2, np.random.default_rng(seed)) for seed in range(3)]
    first, second, third = (demosaic(raw) for raw in raws)
    sigma = float((first - clean).std())
    wide = tuple(np.arange(41) / 10)
    oracle = best(wide, risk_oracle(Gaussian, first, sigma, wide, clean))
    noise_like = third - clean  # a photo of nothing, through the same camera
    return first, second, noise_like, sigma, wide, oracle


def test_demosaiced_noise_breaks_both(demosaiced):
    noisy, _, _, sigma, widths, oracle = demosaiced
    sure = best(widths, risk_sure(Gaussian, noisy, sigma, widths))
    hidden = best(widths, risk_j_invariant(Gaussian, noisy, sigma, widths, masks=4))
    # Measured: oracle 2.1 px, SURE 1.0 px (2.1 dB worse), hidden pixels .2 px (6.6 dB).
    assert hidden.chosen < sure.chosen < oracle.chosen
    assert gap(sure, oracle) > 1.5 and gap(hidden, oracle) > 5


def test_a_wider_stride_alone_repairs_nothing(demosaiced):
    noisy, _, _, sigma, widths, oracle = demosaiced
    far = best(widths, risk_j_invariant(Gaussian, noisy, sigma, widths, stride=12, masks=8))
    assert gap(far, oracle) > 5  # measured 6.6 dB: the neighbours know the noise


def test_what_repairs_it(demosaiced):
    noisy, second, noise_like, sigma, widths, oracle = demosaiced
    # Bilinear demosaicing correlates noise over 2 px. Measured .05 dB.
    blind = risk_j_invariant(
        Gaussian, noisy, sigma, widths, stride=8, blind_radius=2, masks=8
    )
    assert gap(best(widths, blind), oracle) < 0.25
    # Measured 0 for both: one needs a sample of the noise, the other a second shot.
    told = risk_sure(Gaussian, noisy, sigma, widths, noise_like=noise_like)
    assert gap(best(widths, told), oracle) < 0.1
    again = risk_second_shot(Gaussian, noisy, sigma, widths, second)
    assert gap(best(widths, again), oracle) < 0.1


def test_a_wide_blind_spot_with_its_noise_given_back_serves_local_wiener(demosaiced):
    noisy, _, _, sigma, strengths, _ = demosaiced
    clean = demosaic(mosaic(picture("astronaut", 192)))
    oracle = best(strengths, risk_oracle(LOCAL_WIENER, noisy, sigma, strengths, clean))

    def choice(blind_radius, renoise_seed):
        risks = risk_j_invariant(LOCAL_WIENER, noisy, sigma, strengths, 8, blind_radius, 8,
                                 renoise_seed)
        return gap(best(strengths, risks), oracle)

    # Measured 5.97, 2.03, 1.32 and .10 dB: it takes both.
    assert choice(0, None) > 4 and choice(0, 0) > 1.5 and choice(2, None) > 0.8
    assert choice(2, 0) < 0.25


def test_on_one_bayer_plane_the_noise_is_white_again():
    clean = mosaic(picture("astronaut", 192))[0::2, 1::2]  # green, beside red
    noisy = add_gaussian(clean, 0.2, np.random.default_rng(1))
    oracle = best(WIDTHS, risk_oracle(Gaussian, noisy, 0.2, WIDTHS, clean))
    assert gap(best(WIDTHS, risk_sure(Gaussian, noisy, 0.2, WIDTHS)), oracle) < 0.1


def test_a_second_shot_gives_the_error_on_average():
    clean = picture("camera", 64)
    shots = draws(clean, SIGMA, 200)
    difference = [
        next(risk_second_shot(Median, y, SIGMA, (2,), z)) - np.mean((Median(2)(y, 0) - clean) ** 2)
        for y, z in zip(shots[::2], shots[1::2], strict=True)
    ]
    assert abs(np.mean(difference)) < 3 * standard_error(difference)


# --- bookkeeping ------------------------------------------------------------------------


def test_best_and_gap():
    oracle = Calibration((1.0, 2.0, 3.0), (0.04, 0.01, 0.02))
    choice = best([1.0, 2.0, 3.0], iter([0.5, 0.1, -0.2]))
    assert choice.chosen == 3.0 and choice.at_an_end and not oracle.at_an_end
    assert gap(choice, oracle) == pytest.approx(10 * np.log10(2))
    assert gap(oracle, oracle) == 0


@pytest.mark.parametrize("settings", [{}, {"method": "j-invariant"}], ids=str)
def test_calibrated_denoises_with_the_value_that_it_chose(white, settings):
    _, noisy = white
    denoiser = Calibrated(LocalWiener(), "strength", (0.5, 1.2, 3.0), **settings)
    chosen = best(denoiser.values, denoiser.risks(noisy, SIGMA)).chosen
    assert denoiser.tuned(noisy, SIGMA) == LocalWiener(strength=chosen)
    np.testing.assert_array_equal(
        denoiser(noisy, SIGMA), LocalWiener(strength=chosen)(noisy, SIGMA)
    )


def test_the_catalogue_can_be_calibrated(white):
    _, noisy = white
    entry = CATALOGUE["Gaussian (linear)"]
    assert best(WIDTHS, risk_sure(entry.build, noisy, SIGMA, WIDTHS)).chosen == pytest.approx(0.8)


NOISY = np.full((8, 8), 0.5)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: next(risk_sure(Gaussian, NOISY, 0, (1,))), "sigma must be above 0"),
        (lambda: next(risk_oracle(Gaussian, NOISY, 0.1, (1,), NOISY[1:])), "noisy and clean must"),
        (
            lambda: next(risk_sure(Gaussian, NOISY, 0.1, (1,), noise_like=NOISY[1:])),
            "noisy and noise_like must",
        ),
        (lambda: mask_grids((9, 9), 1), r"stride \(px\) must be from 2 to 50, got 1"),
        (lambda: mask_grids((9, 9), 5, 2), r"stride \(px\) must be from 6 to 50, got 5"),
        (lambda: mask_grids((9, 9), 4, 0.5), "whole number of pixels"),
        (lambda: mask_grids((9, 9), 4, count=17), "masks must be from 1 to 16, got 17"),
        (lambda: fill_hidden(NOISY, np.full((8, 8), True)), "no pixel of the 8 x 8 px image"),
        (lambda: best((1, 2), (0.1,)), "got 1 for 2 values"),
        (lambda: best((), ()), "got 0 for 0 values"),
        (lambda: best((1,), (np.nan,)), "NaN or infinite"),
        (lambda: gap(Calibration((1,), (1,)), Calibration((2,), (1,))), "tried the same values"),
        (lambda: varying(Median(), "width"), "Median has no setting 'width'; it has radius"),
        (lambda: varying(np.mean, "axis"), "it has none"),
        (lambda: Calibrated(Median(), "radius", (1,), method="gcv"), "sure, j-invariant, got"),
        (lambda: Calibrated(Median(), "radius", ()), "a tuple of settings to try"),
        (lambda: Calibrated(Median(), "radius", (1, 99)), "must be from 0 to 50, got 99"),
        (lambda: Calibrated(Median(), "radius", (1,), stride=4, blind_radius=2), "from 6 to 50"),
    ],
)
def test_wrong_use_is_refused_with_what_to_do(act, words):
    with pytest.raises(ValueError, match=words):
        act()
