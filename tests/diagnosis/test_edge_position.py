"""The bound on an edge's place, and the fit that reaches it."""

import math

import numpy as np
import pytest
from scipy.special import ndtr

from lessons_lib.diagnosis.edge_position import locate_edge, position_bound

PIXELS = np.arange(33)


def profile(place, contrast=0.5, blur=1.0, low=0.25):
    return low + contrast * ndtr((PIXELS - np.asarray(place)[..., None]) / blur)


def test_the_number_of_the_lesson():
    assert position_bound(0.5, 0.1, 1.0, 16) == pytest.approx(0.0941, abs=5e-5)


@pytest.mark.parametrize("blur", [0.5, 1.0, 2.5])
@pytest.mark.parametrize("place", [16.0, 16.3])
def test_the_bound_is_the_inverse_fisher_information_of_the_pixels(blur, place):
    step = 1e-5
    slope = (profile(place + step, blur=blur) - profile(place - step, blur=blur)) / (2 * step)
    information = 7 * (slope**2).sum() / 0.1**2
    # Poisson's sum formula: the sum over whole pixels strays from the integral by a share
    # of at most 2 exp(-(pi b)^2), the bound by half of that (to first order).
    tolerance = 1e-6 + 1.2 * math.exp(-((math.pi * blur) ** 2))
    assert position_bound(0.5, 0.1, blur, 7) == pytest.approx(information**-0.5, rel=tolerance)


def test_clean_edges_are_found_exactly():
    places = np.linspace(4, 28, 101)
    np.testing.assert_allclose(locate_edge(profile(places), 0.5, 1.0, low=0.25), places, atol=1e-9)
    np.testing.assert_allclose(
        locate_edge(profile(places, blur=3.0), 0.5, 3.0, low=0.25), places, atol=1e-9
    )


def test_the_fit_reaches_the_bound():
    rng = np.random.default_rng(0)
    places = rng.uniform(15.5, 16.5, 2000)
    # Sixteen rows of one edge, averaged: nothing is lost.
    noise = 0.1 * rng.standard_normal((2000, 16, 33))
    found = locate_edge((profile(places)[:, None] + noise).mean(axis=1), 0.5, 1.0, low=0.25)
    bound = position_bound(0.5, 0.1, 1.0, 16)
    # LESSONS.md asks for 5 %; 2,000 draws have a standard error of 1.6 %.
    assert (found - places).std() == pytest.approx(bound, rel=0.05)
    assert abs((found - places).mean()) < 4 * bound / math.sqrt(2000)


def test_the_fit_is_the_least_squares_place_also_in_strong_noise():
    noisy = profile(16.2) + 0.15 * np.random.default_rng(1).standard_normal((50, 33))
    found = locate_edge(noisy, 0.5, 1.0, low=0.25)
    fine = np.linspace(0, 32, 32_001)
    misfit = ((noisy[:, None] - profile(fine)) ** 2).sum(axis=2)
    # A brute-force search on a grid of 0.001 px.
    np.testing.assert_allclose(found, fine[misfit.argmin(axis=1)], atol=2e-3)


def test_shapes_and_borders():
    assert locate_edge(profile(np.full((4, 3), 12.0)), 0.5, 1.0).shape == (4, 3)
    assert locate_edge(profile(12.0), 0.5, 1.0, low=0.25).shape == ()
    flat = np.full((2, 33), 0.25)
    found = locate_edge(flat, 0.5, 1.0, low=0.25)
    assert (found >= 30).all() and (found <= 32).all()  # all dark: the edge is at the far end


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: position_bound(0, 0.1, 1, 16), "contrast must be above 0, got 0; mirror"),
        (lambda: position_bound(0.5, -0.1, 1, 16), "sigma must be at least 0"),
        (lambda: position_bound(0.5, 0.1, 0.2, 16), "blur must be at least 0.5 px, got 0.2"),
        (lambda: position_bound(0.5, 0.1, 1, 0), "rows must be at least 1"),
        (lambda: locate_edge(np.zeros((3, 7)), 0.5, 1), r"at least 8 .* shape \(3, 7\)"),
        (lambda: locate_edge(np.full(9, np.nan), 0.5, 1), "finite pixels"),
        (lambda: locate_edge(np.float64(1), 0.5, 1), "on the last axis"),
    ],
)
def test_impossible_questions_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
