"""Noise of one photo: strength, brightness, blotches; what is texture, and what is nothing."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from lessons_lib.denoisers import colour
from lessons_lib.diagnosis import photo_noise_blocks
from lessons_lib.diagnosis.noise_level import autocorrelation
from lessons_lib.diagnosis.photo_noise import measure_photo_noise, no_more_than_colour
from lessons_lib.diagnosis.photo_noise_words import noise_words
from lessons_lib.scenes.camera import demosaic, mosaic
from lessons_lib.scenes.pictures import picture
from lessons_lib.scenes.standard_sets import standard_pairs


def rng(seed=0):
    return np.random.default_rng(seed)


def white(shape=(400, 500, 3), sigma=0.05, level=0.5, seed=0):
    return level + sigma * rng(seed).standard_normal(shape)


@pytest.mark.parametrize("sigma", [0.005, 0.05, 0.2])
@pytest.mark.parametrize("shape", [(300, 400), (300, 400, 1), (300, 400, 3)], ids=str)
def test_white_noise_is_measured_and_called_white(sigma, shape):
    # Around 5, far from black and white, where nothing is clipped.
    noisy = 0.5 + np.clip(sigma * rng().standard_normal(shape), -0.49, 0.49)
    found = measure_photo_noise(noisy)
    # 10 % of 7,000 overlapping blocks, of each a quartile of powers: 3 % measured; choosing
    # quiet blocks by the numbers that are measured would give 20 % too little.
    assert found.sigma == pytest.approx(sigma, rel=0.06)
    assert found.is_white and found.correlation_length == 1
    assert found.blotch_areas == pytest.approx(1, abs=0.1)
    assert not found.is_none and not found.is_darkness


def test_quiet_blocks_are_not_chosen_by_what_is_measured():
    """The half of the frequencies that chose a block does not measure it: no bias."""
    powers = rng(1).standard_normal((4000, 1, 8, 8)) ** 2
    assert photo_noise_blocks.quiet_spectrum(powers)[0].mean() == pytest.approx(1, abs=0.05)
    naive = powers[np.argsort(powers.mean((1, 2, 3)))[:400]]
    assert naive.mean() < 0.75


@pytest.mark.parametrize("width", [0.5, 0.8])
def test_blotchy_noise_has_the_area_of_its_own_autocorrelation(width):
    noise = gaussian_filter(0.1 * rng().standard_normal((500, 600, 3)), (width, width, 0))
    found = measure_photo_noise(0.5 + noise)
    table = autocorrelation(noise[..., 0], 7)
    # Parseval: the sum of squared autocorrelations. Blocks of 8 px blur the spectrum's peak at
    # frequency 0, so that large areas are read too small: measured .97 and .75.
    assert (found.blotch_areas / np.sum(table**2) > 0.7).all()
    assert (found.blotch_areas / np.sum(table**2) < 1.1).all()
    assert found.sigma == pytest.approx(noise.std(), rel=0.05)
    np.testing.assert_allclose(found.autocorrelation(7), table, atol=0.06)
    assert not found.is_white and found.correlation_length in (2, 3, 4)


def test_demosaiced_noise_has_the_textbook_variances():
    noise = demosaic(mosaic(0.05 * rng().standard_normal((400, 500, 3))))
    found = measure_photo_noise(0.5 + noise)
    # .5625, .625, .5625 of the variance for red, green, blue (development.demosaic).
    assert found.sigma == pytest.approx(0.05 * np.sqrt((0.5625 * 2 + 0.625) / 3), rel=0.05)
    assert found.blotch_areas.min() > 1.7 and not found.is_white


def test_noise_against_brightness_is_followed():
    ramp = np.linspace(0.1, 0.9, 600)[:, np.newaxis, np.newaxis] * np.ones((600, 500, 3))
    noisy = ramp + 0.1 * np.sqrt(ramp) * rng().standard_normal(ramp.shape)
    levels, sigmas, counts = measure_photo_noise(noisy).curve
    # The quiet blocks of a bin are its darker ones; their own brightness is reported.
    np.testing.assert_allclose(sigmas, 0.1 * np.sqrt(levels), rtol=0.08)
    assert counts.min() > 1000


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_a_picture_over_the_noise_changes_little(name):
    clean = np.clip(picture(name)[:300, :400].astype(float), 0, 1) * 0.8 + 0.1
    found = measure_photo_noise(clean + 0.06 * rng().standard_normal(clean.shape))
    # Luminance is held to the colours; fine texture remains: measured .98 to 1.10.
    assert found.sigma == pytest.approx(0.06, rel=0.15)
    assert found.is_white


def test_grey_texture_is_not_taken_for_noise_where_colours_tell():
    texture = gaussian_filter(rng(1).standard_normal((300, 300)), 0.7)
    texture = 0.1 * texture / texture.std()
    noisy = 0.5 + texture[..., np.newaxis] + 0.02 * rng().standard_normal((300, 300, 3))
    found = measure_photo_noise(noisy)
    assert found.sigma == pytest.approx(0.02, rel=0.1)
    assert found.doubted < 0.3
    assert any("taken for texture" in line for line in noise_words(found))
    grey = measure_photo_noise(noisy[..., 0])
    assert grey.sigma > 0.05, "without colour there is no telling"
    assert any("grey picture" in line for line in noise_words(grey))


def test_a_grey_picture_in_a_colour_file_is_grey():
    grey = white((200, 200))
    found = measure_photo_noise(np.repeat(grey[..., np.newaxis], 3, axis=2))
    # White noise that is equal in all channels: luminance sqrt 3 sigma, no colour.
    assert found.sigmas[0] == pytest.approx(0.05 * np.sqrt(3), rel=0.08)
    assert found.doubted == 1
    assert no_more_than_colour(found) is found


@pytest.mark.parametrize("level", [0.2, 0.5, 1.0])
def test_no_noise_at_all_is_said_in_words(level):
    found = measure_photo_noise(np.full((64, 80, 3), level))
    assert found.is_none and not found.is_darkness
    assert "No noise at all" in noise_words(found)[0]


@pytest.mark.parametrize(
    "dark", [np.zeros((64, 80, 3)), np.clip(0.02 * rng().standard_normal((64, 80, 3)), 0, 1)]
)
def test_total_darkness_is_said_in_words(dark):
    found = measure_photo_noise(dark)
    assert found.is_darkness
    assert "Total darkness" in noise_words(found)[0]


def test_a_dim_photo_is_not_darkness():
    dim = 0.05 * picture("astronaut")[:200, :200] + 0.002 * rng().standard_normal((200, 200, 3))
    assert not measure_photo_noise(dim).is_darkness


def test_clipped_highlights_are_left_out_and_named():
    noisy = white((300, 300, 3), 0.03)
    noisy[:150] = 1.0
    found = measure_photo_noise(np.clip(noisy, 0, 1))
    assert found.sigma == pytest.approx(0.03, rel=0.08)
    assert found.at_white == pytest.approx(0.5, abs=0.02)
    assert any("clipped at white" in line for line in noise_words(found))


def test_any_size_costs_the_same_and_odd_ones_work():
    for shape in [(16, 16), (17, 300, 3), (16, 2000), (1200, 2500, 3)]:
        found = measure_photo_noise(white(shape).astype(np.float32))
        assert np.isfinite(found.spectra).all() and found.counts.sum() <= 30_000


@pytest.mark.parametrize(
    ("image", "words"),
    [(np.zeros((15, 40)), "at least 16 x 16"), (np.zeros((20, 20), np.uint8), "as_image")],
)
def test_bad_input_is_refused(image, words):
    with pytest.raises(ValueError, match=words):
        measure_photo_noise(image)
    with pytest.raises(ValueError, match="from 0 to 7"):
        measure_photo_noise(white()).autocorrelation(8)


def test_words_tell_white_from_blotchy():
    said = noise_words(measure_photo_noise(white()))
    assert any("each pixel has its own" in line for line in said)
    smooth = 0.5 + gaussian_filter(0.1 * rng().standard_normal((300, 300, 3)), (1, 1, 0))
    assert any("blotchy" in line for line in noise_words(measure_photo_noise(smooth)))


def test_opponent_colours_are_those_of_the_denoisers():
    """Both rooms must not import each other; the matrix stands in each."""
    np.testing.assert_array_equal(photo_noise_blocks.OPPONENT, colour.OPPONENT)


def test_on_real_photos_sigma_is_within_a_factor_of_two(shared_data):
    for noisy, clean in list(standard_pairs("CC15", shared_data).values())[::3]:
        true = np.sqrt(np.mean((noisy - clean) ** 2))
        # Measured .45 and more on all 15: texture is doubted, blotches beyond 8 px are unseen.
        assert 0.4 < measure_photo_noise(noisy).sigma / true < 1.3
