import numpy as np
import pytest
from scipy.stats import poisson

from lessons_lib.scenes.noise import (
    add_gaussian,
    add_poisson,
    add_poisson_gaussian,
    add_salt_and_pepper,
    anscombe,
    generalised_anscombe,
    inverse_anscombe_algebraic,
    inverse_anscombe_unbiased,
    inverse_generalised_anscombe_algebraic,
    inverse_generalised_anscombe_unbiased,
    sigma_map,
)

SIZE = 256
# Four standard deviations of a mean and of a variance of SIZE**2 normal values.
MEAN_TOLERANCE = 4 / SIZE  # times sigma
VARIANCE_TOLERANCE = 4 * np.sqrt(2) / SIZE  # relative


def generator(seed=0):
    return np.random.default_rng(seed)


MODELS = {
    "gaussian": (lambda clean, rng: add_gaussian(clean, 0.1, rng), 0.3, 0.01),
    "poisson": (lambda clean, rng: add_poisson(clean, 50, rng), 0.3, 0.3 / 50),
    "poisson_gaussian": (
        lambda clean, rng: add_poisson_gaussian(clean, 50, 0.05, rng),
        0.3,
        0.3 / 50 + 0.05**2,
    ),
    "salt_and_pepper": (
        lambda clean, rng: add_salt_and_pepper(clean, 0.2, rng),
        0.8 * 0.3 + 0.1,
        0.8 * 0.09 + 0.1 - 0.34**2,
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_mean_and_variance_are_the_stated_ones(name):
    model, mean, variance = MODELS[name]
    noisy = model(np.full((SIZE, SIZE), 0.3), generator())
    assert abs(noisy.mean() - mean) < MEAN_TOLERANCE * np.sqrt(variance)
    # Salt and pepper has less kurtosis than 3, a Poisson mean of 15 has 3.07: the normal
    # tolerance holds for all of them.
    assert noisy.var() == pytest.approx(variance, rel=1.1 * VARIANCE_TOLERANCE)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_models_keep_shape_type_and_input_and_repeat(name, dtype):
    model = MODELS[name][0]
    clean = np.linspace(0, 1, 5 * 7 * 3).reshape(5, 7, 3).astype(dtype)
    before = clean.copy()
    noisy = model(clean, generator(3))
    assert noisy.shape == clean.shape and noisy.dtype == dtype
    assert np.array_equal(clean, before)
    assert np.array_equal(noisy, model(clean, generator(3)))
    assert not np.array_equal(noisy, model(clean, generator(4)))


def test_gaussian_noise_is_not_clipped():
    noisy = add_gaussian(np.zeros((64, 64)), 0.1, generator())
    assert 0.4 < (noisy < 0).mean() < 0.6  # 4 standard deviations are 0.03


def test_no_noise_leaves_the_image():
    clean = generator().random((6, 6))
    assert np.array_equal(add_gaussian(clean, 0, generator()), clean)
    assert np.array_equal(add_salt_and_pepper(clean, 0, generator()), clean)
    assert set(np.unique(add_salt_and_pepper(clean, 1, generator()))) == {0.0, 1.0}


def test_sigma_map_predicts_the_noise_at_each_level():
    clean = np.repeat(np.array([[0.0], [0.1], [0.5], [1.0]]), 40_000, axis=1)
    noisy = add_poisson_gaussian(clean, 80, 0.02, generator())
    # Relative error of a standard deviation of N values: sqrt(1 / 2N), four of them.
    assert noisy.std(axis=1) == pytest.approx(sigma_map(clean, 80, 0.02)[:, 0], rel=0.0142)


@pytest.mark.parametrize("peak", [0, -3, np.nan, np.inf])
def test_peak_must_be_above_zero(peak):
    for call in (add_poisson, lambda clean, peak, _: sigma_map(clean, peak)):
        with pytest.raises(ValueError, match=r"peak must be above 0 \(mean electrons"):
            call(np.ones((2, 2)), peak, generator())


@pytest.mark.parametrize("fraction", [-0.1, 1.5, 20, np.nan])
def test_fraction_must_be_a_fraction(fraction):
    with pytest.raises(ValueError, match="fraction must be from 0 to 1, got .*per cent"):
        add_salt_and_pepper(np.ones((2, 2)), fraction, generator())


def test_negative_light_is_refused_and_not_clipped():
    for call in (
        lambda clean: add_poisson(clean, 10, generator()),
        lambda clean: add_poisson_gaussian(clean, 10, 0.1, generator()),
        lambda clean: sigma_map(clean, 10, 0.1),
    ):
        with pytest.raises(ValueError, match=r"no negative light.*np\.maximum"):
            call(np.array([[0.1, -0.01]]))


def test_rng_must_be_a_generator():
    with pytest.raises(ValueError, match=r"rng must be .* got 7; .*default_rng\(seed\)"):
        add_gaussian(np.ones((2, 2)), 0.1, 7)


def test_sigma_on_the_255_scale_is_refused():
    with pytest.raises(ValueError, match="divide by 255"):
        add_gaussian(np.ones((2, 2)), 25, generator())


# ---- variance stabilisation: exact sums over the Poisson distribution, no sampling ----

COUNTS = np.arange(700)


def moments(mean):
    """Mean and variance of anscombe(X), X Poisson, by the exact sum."""
    chances, values = poisson.pmf(COUNTS, mean), anscombe(COUNTS)
    expected = chances @ values
    return expected, chances @ (values - expected) ** 2


@pytest.mark.parametrize(
    ("mean", "variance"), [(3, 0.983), (2, 0.924), (1, 0.717), (0.5, 0.467)]
)
def test_anscombe_fails_at_few_electrons_as_stated(mean, variance):
    assert moments(mean)[1] == pytest.approx(variance, abs=0.0005)  # its last digit


@pytest.mark.parametrize("mean", [4, 5, 5.5, 6, 8, 12, 30, 100, 400])
def test_anscombe_has_variance_one_from_a_mean_of_four(mean):
    assert moments(mean)[1] == pytest.approx(1, abs=0.003)


@pytest.mark.parametrize("mean", [0, 1e-3, 0.05, 0.3, 1, 2.7, 9, 40, 150, 199, 201, 450])
def test_unbiased_inverse_gives_the_mean_back(mean):
    # 1e-6 counts: the asymptote's error where the table ends; 1e-10 within the table.
    assert inverse_anscombe_unbiased(moments(mean)[0]) == pytest.approx(mean, abs=1e-6)


def test_algebraic_inverse_is_biased():
    for mean in (4, 10, 100):
        bias = inverse_anscombe_algebraic(moments(mean)[0]) - mean
        # E[y]^2 / 4 = E[y^2] / 4 - var(y) / 4, so exactly a quarter of the variance.
        assert bias == pytest.approx(-moments(mean)[1] / 4, abs=1e-9)
        assert bias == pytest.approx(-0.25, abs=0.001)


def test_unbiased_inverse_agrees_with_the_published_closed_form():
    # Makitalo and Foi's approximation, doi:10.1109/TIP.2010.2056693; its own error is
    # below 0.02 counts from one count on.
    value = np.linspace(moments(1)[0], 30, 50)
    root = np.sqrt(1.5)
    published = (
        value**2 / 4 + root / (4 * value) - 11 / (8 * value**2) + 5 * root / (8 * value**3) - 1 / 8
    )
    assert np.abs(inverse_anscombe_unbiased(value) - published).max() < 0.02


def test_unbiased_inverse_of_a_value_below_no_light_is_zero():
    assert np.array_equal(inverse_anscombe_unbiased(np.array([-1.0, 0.0, 1.2])), [0, 0, 0])


def test_unbiased_inverse_is_increasing_across_the_end_of_the_table():
    value = np.linspace(2 * np.sqrt(3 / 8), 40, 4000)
    for sigma in (0, 0.4, 3, 10):
        inverse = inverse_generalised_anscombe_unbiased(value, 1, sigma)
        assert (np.diff(inverse) >= 0).all()


def test_algebraic_inverses_undo_their_transforms():
    counts = np.linspace(0, 50, 11)
    assert inverse_anscombe_algebraic(anscombe(counts)) == pytest.approx(counts, abs=1e-12)
    settings = {"gain": 0.4, "sigma": 3.0, "offset": 64.0}
    raw = 64 + counts
    there = generalised_anscombe(raw, **settings)
    back = inverse_generalised_anscombe_algebraic(there, **settings)
    assert back == pytest.approx(raw, abs=1e-10)


def test_without_read_noise_the_generalised_transform_is_anscombes():
    counts = np.arange(20)
    assert generalised_anscombe(counts, 1, 0) == pytest.approx(anscombe(counts), abs=1e-14)
    value = np.linspace(2, 30, 9)
    assert np.array_equal(
        inverse_generalised_anscombe_unbiased(value, 1, 0), inverse_anscombe_unbiased(value)
    )


def readout_grid(mean, sigma):
    """Values and probabilities of Poisson(mean) + sigma N, on an independent fine grid."""
    normal = np.linspace(-9, 9, 6001)
    density = np.exp(-(normal**2) / 2)
    counts = np.arange(int(mean + 12 * np.sqrt(mean) + 30))
    chances = poisson.pmf(counts, mean)[:, np.newaxis] * density / density.sum()
    return counts[:, np.newaxis] + sigma * normal, chances


@pytest.mark.parametrize("mean", [0, 0.2, 1, 5, 30, 260])
@pytest.mark.parametrize("sigma", [0.02, 0.3, 1, 4])
def test_generalised_unbiased_inverse_gives_the_mean_back(mean, sigma):
    gain, offset = 0.406, 64.0
    electrons, chances = readout_grid(mean, sigma)
    raw = gain * electrons + offset
    expected = (chances * generalised_anscombe(raw, gain, gain * sigma, offset)).sum()
    back = inverse_generalised_anscombe_unbiased(expected, gain, gain * sigma, offset)
    # 2e-4 electrons: the asymptote beyond the table; the grid's own error is smaller.
    assert (back - offset) / gain == pytest.approx(mean, abs=2e-4)


def generalised_variance(mean, sigma):
    electrons, chances = readout_grid(mean, sigma)
    value = generalised_anscombe(electrons, 1, sigma)
    expected = (chances * value).sum()
    return (chances * (value - expected) ** 2).sum()


@pytest.mark.parametrize("sigma", [0.3, 1, 2, 3, 5])
@pytest.mark.parametrize("mean", [10, 25, 100])
def test_generalised_transform_makes_the_variance_near_one(mean, sigma):
    # The transform is an approximation: 1.5 % off is the worst it does from 10 electrons on.
    assert generalised_variance(mean, sigma) == pytest.approx(1, abs=0.0155)


def test_generalised_transform_fails_near_no_light_as_stated():
    assert generalised_variance(0, 2) == pytest.approx(1.20, abs=0.005)  # the last digit
    assert generalised_variance(0, 0.3) == pytest.approx(0.26, abs=0.005)


def test_generalised_algebraic_inverse_is_too_dark_by_a_quarter_electron():
    electrons, chances = readout_grid(20, 2)
    expected = (chances * generalised_anscombe(electrons, 1, 2)).sum()
    bias = inverse_generalised_anscombe_algebraic(expected, 1, 2) - 20
    assert bias == pytest.approx(-0.25, abs=0.01)  # a quarter of the variance, which is 1


def test_stabilisation_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="-3/8 or more, got -2; .*generalised_anscombe"):
        anscombe(np.array([1.0, -2.0]))
    for call in (
        generalised_anscombe,
        inverse_generalised_anscombe_algebraic,
        inverse_generalised_anscombe_unbiased,
    ):
        with pytest.raises(ValueError, match="gain must be above 0"):
            call(np.ones(3), 0, 1)
        with pytest.raises(ValueError, match="sigma must be 0 or more"):
            call(np.ones(3), 1, -1)
