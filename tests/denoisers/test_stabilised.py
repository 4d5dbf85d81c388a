import numpy as np
import pytest
from scipy.stats import poisson

from lessons_lib.denoisers import Gaussian, LocalWiener
from lessons_lib.denoisers.stabilised import Stabilised
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.scenes.development import srgb_decode
from lessons_lib.scenes.noise import add_poisson, add_poisson_gaussian
from lessons_lib.scenes.pictures import picture
from lessons_lib.scenes.stabilisation import generalised_anscombe

ELECTRONS = 100.0


def unchanged(noisy, sigma):
    return noisy.copy()


def test_black_becomes_0_and_white_1_and_the_noise_is_what_it_says():
    denoiser = Stabilised(unchanged, ELECTRONS, read_noise=3.0, black=0.1)
    np.testing.assert_allclose(denoiser.stabilise(np.array([0.1, 1.1])), [0, 1], atol=1e-15)
    rng = np.random.default_rng(0)
    for light in (0.1, 0.3, 1.0):
        noisy = 0.1 + add_poisson_gaussian(np.full((300, 300), light), ELECTRONS, 0.03, rng)
        # The transform's own deviation from 1 is 1.6 % in variance; 90,000 pixels tell a
        # standard deviation to .24 %, of which three.
        assert denoiser.stabilise(noisy).std() == pytest.approx(
            denoiser.inner_sigma, rel=0.008 + 0.0072
        )


def test_the_inner_denoiser_is_told_that_sigma_whatever_the_caller_says():
    told = []

    def watching(noisy, sigma):
        told.append(sigma)
        return noisy

    denoiser = Stabilised(watching, ELECTRONS)
    for sigma in (0.01, 0.5):
        denoiser(np.full((3, 3), 0.5), sigma)
    # Black and white are 2 sqrt(.375) and 2 sqrt(100.375) apart.
    assert told == [pytest.approx(1 / (2 * np.sqrt(100.375) - 2 * np.sqrt(0.375)))] * 2
    noisy = np.full((3, 3), 0.5)
    np.testing.assert_array_equal(denoiser(noisy, 0), noisy)
    assert len(told) == 2


def test_the_algebraic_way_there_and_back_changes_nothing():
    denoiser = Stabilised(unchanged, ELECTRONS, read_noise=2.0, black=0.05, inverse="algebraic")
    noisy = np.linspace(0.05, 1.3, 40).reshape(8, 5)
    # A square of a square root of numbers near 100 electrons, in units of 100 electrons.
    np.testing.assert_allclose(denoiser(noisy, 0.1), noisy, atol=1e-14)


@pytest.mark.parametrize("mean", [2.0, 5.0, 20.0])
def test_a_flat_dark_picture_keeps_its_mean_only_with_the_unbiased_inverse(mean):
    side, shots = 128, 20
    rng = np.random.default_rng(0)
    dark = np.full((side, side), mean / ELECTRONS)
    noisy = [add_poisson(dark, ELECTRONS, rng) for _ in range(shots)]
    found = {}
    for inverse in ("unbiased", "algebraic"):
        denoiser = Stabilised(Gaussian(8.0), ELECTRONS, inverse=inverse)
        found[inverse] = ELECTRONS * np.mean([denoiser(shot, 0.1) for shot in noisy])
    error = np.sqrt(mean / (shots * side**2))  # standard error of the mean, electrons
    # A Gaussian of 8 px leaves a variance of 1 / (4 pi 64) = .0012 in the transform, which
    # bends into .0012 / 4 electrons.
    assert abs(found["unbiased"] - mean) < 3 * error + 0.0003
    counts = np.arange(200)
    expected = poisson.pmf(counts, mean) @ generalised_anscombe(counts, 1.0, 0.0)
    predicted = (expected / 2) ** 2 - 3 / 8  # exact sum, then the algebraic inverse
    assert abs(found["algebraic"] - predicted) < 3 * error + 0.0003
    assert mean - found["algebraic"] == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("read_noise", [0.0, 2.0])
def test_a_denoiser_for_one_sigma_gains_on_photon_noise(read_noise):
    clean = srgb_decode(picture("camera", 192))
    noisy = add_poisson_gaussian(
        clean, ELECTRONS, read_noise / ELECTRONS, np.random.default_rng(0)
    )
    sigma = np.sqrt(clean.mean() / ELECTRONS + (read_noise / ELECTRONS) ** 2)  # its mean power
    plain = psnr(clean, LocalWiener()(noisy, sigma))
    stabilised = psnr(clean, Stabilised(LocalWiener(), ELECTRONS, read_noise)(noisy, sigma))
    # Measured 1.1 and 1.2 dB; a regression guard, no proof.
    assert stabilised > plain + 0.7


def test_a_filter_that_never_looks_at_sigma_gains_nothing():
    clean = srgb_decode(picture("camera", 192))
    noisy = add_poisson(clean, ELECTRONS, np.random.default_rng(0))
    plain = psnr(clean, Gaussian(1.0)(noisy, 0.1))
    stabilised = psnr(clean, Stabilised(Gaussian(1.0), ELECTRONS)(noisy, 0.1))
    # A mean of roots mixes the two sides of an edge unfairly. Measured -.2 dB.
    assert plain - 0.5 < stabilised < plain


def test_noise_that_is_left_over_bends_upwards():
    light = np.full((300, 300), 0.2)
    noisy = add_poisson(light, ELECTRONS, np.random.default_rng(0))
    bias = ELECTRONS * (Stabilised(unchanged, ELECTRONS)(noisy, 0.1).mean() - noisy.mean())
    # y^2 / 4 of a value with variance 1, exact but for the table (2e-4) and the .3 % of 1;
    # the noise's own mean is subtracted.
    assert bias == pytest.approx(0.25, abs=0.002)


@pytest.mark.parametrize("level", [5.0, 80.0])
def test_a_step_counts_in_units_of_its_own_photon_noise(level):
    denoiser = Stabilised(unchanged, ELECTRONS, read_noise=2.0)
    low, high = denoiser.stabilise(np.array([level - 0.5, level + 0.5]) / ELECTRONS)
    predicted = 1 / np.sqrt(level + 3 / 8 + 2.0**2)
    # A central difference: the next term is 1 / (32 (level + 4.4)^2) < 4e-4 of it.
    assert (high - low) / denoiser.inner_sigma == pytest.approx(predicted, rel=4e-4)


def test_no_estimate_is_below_black():
    noisy = np.random.default_rng(0).normal(0.1, 0.05, (30, 30))
    estimate = Stabilised(unchanged, ELECTRONS, read_noise=5.0, black=0.1)(noisy, 0.05)
    assert noisy.min() < 0 and estimate.min() == pytest.approx(0.1, abs=1e-12)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Stabilised(unchanged, 0.5), "electrons_at_white must be from 1 to 1e"),
        (lambda: Stabilised(unchanged, 10, read_noise=-1), r"read_noise \(electrons\) must be"),
        (lambda: Stabilised(unchanged, 10, black=256), r"black \(image units\) must be from -1"),
        (lambda: Stabilised(unchanged, 10, inverse="exact"), "unbiased, algebraic, got 'exact'"),
        (lambda: Stabilised(unchanged, 1, read_noise=50), "a read noise of 50 electrons drowns"),
    ],
)
def test_wrong_settings_are_refused_at_once(make, words):
    with pytest.raises(ValueError, match=words):
        make()
