"""The fit finds known places and widths, and builds its templates once for each geometry."""

import math

import numpy as np
import pytest
from scipy.special import ndtr

from lessons_lib.diagnosis import edge_fit
from lessons_lib.diagnosis.edge_fit import RISE, fit_edge
from lessons_lib.scenes.phantoms import SlantedEdge


def test_rise_is_the_normal_distribution_s_own():
    assert ndtr(RISE / 2) == pytest.approx(0.9, abs=1e-15)


@pytest.mark.parametrize(("place", "blur"), [(0.0, 1.5), (1.3, 0.8), (-3.1, 2.9)])
def test_a_blurred_edge_at_any_place_is_found_in_every_strip(place, blur):
    edge = SlantedEdge(size=48)
    image = 0.3 + 0.2 * ndtr((edge.distance() - place) / blur)
    places, widths = fit_edge(image[None], edge)
    assert places.shape == widths.shape == (4, 1)
    # Grid steps of 0.25 px and 20 %, each refined by a parabola through three scores: a
    # tenth of a step is twice the worst of these cases.
    np.testing.assert_allclose(places, place, atol=0.25 / 10)
    np.testing.assert_allclose(widths, RISE * blur, rtol=0.2 / 10)


def test_the_levels_and_the_edge_s_own_contrast_do_not_matter():
    edge, faint = SlantedEdge(size=48), SlantedEdge(size=48, contrast=0.01, mean=0.9)
    image = ndtr(edge.distance() / 1.5)[None]
    np.testing.assert_array_equal(fit_edge(image, edge), fit_edge(image, faint))
    # Rounding only: all scores of a fit are scaled alike.
    np.testing.assert_allclose(fit_edge(image, edge), fit_edge(3 + 4 * image, edge), atol=1e-9)


def test_another_angle_or_offset_gets_templates_of_its_own():
    for edge in (SlantedEdge(48), SlantedEdge(48, angle=-12.0), SlantedEdge(48, offset=4.0)):
        places, _ = fit_edge(edge.image()[None], edge)
        # A shift by 4 px, or by the 10 px that 17 degrees make at the border, would show.
        np.testing.assert_allclose(places, 0, atol=0.03)


def test_the_templates_are_built_once_and_shared_read_only():
    edge_fit._strips.cache_clear()
    image = SlantedEdge(size=64).image()[None]
    for contrast in (0.5, 0.4, 0.3, 0.2):
        fit_edge(image, SlantedEdge(size=64, contrast=contrast))
    assert edge_fit._strips.cache_info().misses == 1
    assert edge_fit._strips.cache_info().hits == 3
    with pytest.raises(ValueError, match="read-only"):
        edge_fit._strips(64, 5.0, 0.0)[0].templates[0, 0] = math.nan


def test_few_templates_stay_in_memory():
    for size in (24, 36, 48, 60):
        edge = SlantedEdge(size=size)
        fit_edge(edge.image()[None], edge)
    assert edge_fit._strips.cache_info().currsize <= 2
