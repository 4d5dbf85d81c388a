"""Static figures: they show themselves with alternative text and leave nothing global behind."""

import html
import re

import numpy as np
import pytest

from lessons_lib.display.figures import (
    COLOURS,
    DASHES,
    MARKERS,
    Line,
    draw_image,
    draw_signed,
    image_row,
    line_plot,
    new_figure,
)


@pytest.fixture
def picture():
    return np.random.default_rng(0).random((20, 30))


def test_a_figure_shows_itself_with_its_alternative_text(picture):
    figure = image_row({"a": picture, "b": picture}, alt='a "noisy" picture & its twin')
    shown = figure._repr_mimebundle_()
    alt = re.search(r'alt="([^"]*)"', shown["text/html"]).group(1)
    assert html.unescape(alt) == 'a "noisy" picture & its twin'
    assert "data:image/png;base64," in shown["text/html"]


def test_alternative_text_cannot_be_forgotten(picture):
    with pytest.raises(TypeError, match="alt"):
        image_row({"a": picture})


def test_pyplot_knows_nothing_of_them(picture):
    from matplotlib import pyplot

    for _ in range(30):
        image_row({"a": picture}, alt="a picture")._repr_mimebundle_()
    assert pyplot.get_fignums() == []


def test_values_outside_the_range_are_clipped_on_screen_only(picture):
    wild = picture * 4 - 2
    before = wild.copy()
    _, axes = new_figure(alt="one picture")
    draw_image(axes[0, 0], wild, "wild")
    drawn = axes[0, 0].images[0].get_array()
    assert drawn.min() == 0 and drawn.max() == 1
    np.testing.assert_array_equal(wild, before)


def test_curves_differ_by_more_than_colour():
    assert len(set(zip(COLOURS, MARKERS, strict=True))) == len(COLOURS)
    assert len({str(dash) for dash in DASHES[:-1]}) == len(DASHES) - 1
    lines = [Line(str(n), [0, 1], [n, n]) for n in range(4)]
    figure = line_plot(lines, alt="four lines", x_label="x [px]", y_label="y")
    assert len({line.get_linestyle() for line in figure.axes[0].lines}) == 4


def test_the_colour_bar_can_be_left_to_a_neighbour(picture):
    figure, axes = new_figure(2, alt="two signed pictures")
    draw_signed(axes[0, 0], picture - 0.5, "a", 0.5, scale=False)
    draw_signed(axes[0, 1], picture - 0.5, "b", 0.5)
    assert len(figure.axes) == 3
