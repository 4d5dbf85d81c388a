"""Strength from sigma alone: legal settings at every sigma, and what they reach."""

import numpy as np
import pytest

from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.denoisers.rules import RULES, rule
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.scenes.pictures import picture
from lessons_lib.scenes.standard_sets import standard_set

# The best Python peer for the same method on Set12 at 15, 25 and 50 of 255, from
# ../shared/data/README.md; regression guards, on the real thing in benchmarks/.
PEERS = {
    "bilateral": (30.17, 27.44, 23.97),
    "total variation": (30.54, 28.04, 25.09),
    "wavelet, undecimated": (30.13, 27.92, 24.76),
    "local DCT": (31.6, 29.0, 25.6),
}

every_rule = pytest.mark.parametrize("name", RULES)


@every_rule
@pytest.mark.parametrize("sigma", [1e-4, 0.02, 0.1, 0.5, 1.0])
def test_a_rule_gives_a_denoiser_at_every_sigma(name, sigma):
    denoiser = rule(name).denoiser(sigma)
    assert isinstance(denoiser, Denoiser) and denoiser == rule(name).denoiser(sigma)
    noisy = 0.5 + sigma * np.random.default_rng(0).standard_normal((20, 20))
    assert np.isfinite(denoiser(noisy, sigma)).all()


@every_rule
@pytest.mark.parametrize("level", [15, 25, 50])
def test_a_rule_helps(name, level):
    clean, sigma = picture("camera", 128), level / 255
    noisy = clean + sigma * np.random.default_rng(0).standard_normal(clean.shape)
    # Even the plain box gains 1 dB on a picture with large flat parts.
    assert psnr(clean, rule(name).denoiser(sigma)(noisy, sigma)) > psnr(clean, noisy) + 1


@pytest.mark.parametrize("name", PEERS)
def test_set12_is_at_least_the_peers(name, shared_data):
    images = standard_set("Set12", shared_data).values()
    for level, wanted in zip((15, 25, 50), PEERS[name], strict=True):
        sigma, scores = level / 255, []
        denoiser = rule(name).denoiser(sigma)
        for clean in images:
            noise = np.random.default_rng(0).standard_normal(clean.shape)
            noisy = (clean + sigma * noise).astype(np.float32)
            estimate = np.clip(denoiser(noisy, sigma), 0, 1)
            scores.append(psnr(clean, estimate.astype(np.float64)))
        assert np.mean(scores) >= wanted


def test_a_rule_is_a_denoiser():
    noisy = np.random.default_rng(0).normal(0.5, 0.1, (9, 9))
    bilateral = rule("bilateral")
    assert isinstance(bilateral, Denoiser)
    np.testing.assert_array_equal(bilateral(noisy, 0.1), bilateral.denoiser(0.1)(noisy, 0.1))
    np.testing.assert_array_equal(bilateral(noisy, 0.0), noisy)
    with pytest.raises(ValueError, match="as_image"):
        bilateral(np.zeros((4, 4), np.uint8), 0.1)


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(ValueError, match="no rule for 'bm3d'; choose one of box, Gaussian"):
        rule("bm3d")


def test_a_sigma_of_255_is_refused():
    with pytest.raises(ValueError, match="divide by 255"):
        rule("median").denoiser(25)
