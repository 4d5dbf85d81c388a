"""Each lesson in a real JupyterLab: run all, move every slider, see pictures change."""

import lab
import pytest

LESSONS = sorted(path.name for path in (lab.ROOT / "notebooks").glob("*.ipynb"))
SCREENSHOTS = lab.ROOT / "build" / "screenshots"

# One worker runs all of them, so that one JupyterLab and one Chromium are enough.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def other_value(slider) -> str:
    """A legal value of a slider that is not the present one, near its middle."""
    low, high, step = (float(slider.get_attribute(name)) for name in ("min", "max", "step"))
    now = float(slider.input_value())
    middle = low + step * round((high - low) / step / 2)
    value = middle if abs(middle - now) > step / 2 else middle + step
    return f"{value:g}"


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_moves_and_can_be_heard_and_reached(page, lab_address, name):
    lab.open_notebook(page, lab_address, name)
    lab.run_all(page)
    assert lab.errors_in(page) == []
    found = lab.widgets(page)
    assert found, "the lesson has no widget"
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for number, widget in enumerate(found):
        widget.scroll_into_view_if_needed()
        has_names(widget)
        arrow_keys_move_a_slider(page, widget)
        move_every_slider(page, widget)
        widget.screenshot(path=SCREENSHOTS / f"{name.removesuffix('.ipynb')}_{number}.png")
        assert widget.locator(".web-message").text_content() == ""
    nameless = page.evaluate("""() => [...document.querySelectorAll('.jp-OutputArea img')]
        .filter((image) => !image.alt || image.alt.length < 10).length""")
    assert nameless == 0, "a figure has no alternative text"
    assert page.complaints == []


def move_every_slider(page, widget):
    """Each slider changes the pictures, and nothing is complained about."""
    for slider in widget.locator("input[type=range]:enabled").all():
        before = lab.fingerprint(widget)
        slider.fill(other_value(slider))
        lab.wait_for_change(page, widget, before)
        assert widget.locator(".web-message").text_content() == ""
    lab.wait_until_quiet(page, widget)


def has_names(widget):
    """The widget, its controls and its pictures have names for who cannot see them."""
    assert widget.get_attribute("aria-label")
    for control in widget.locator(".web-control").all():
        assert control.text_content().strip(), "a control has no label"
    for canvas in widget.locator("canvas[role=img]").all():
        assert len(canvas.get_attribute("aria-label")) > 10


def arrow_keys_move_a_slider(page, widget):
    """The first slider, and back again: what comes next starts as the lesson left it."""
    slider = widget.locator("input[type=range]:enabled").first
    slider.focus()
    before = slider.input_value()
    keys = ["ArrowLeft", "ArrowRight"]
    if before != slider.get_attribute("max"):
        keys.reverse()
    for _ in range(3):
        page.keyboard.press(keys[0])
    assert slider.input_value() != before, "the arrow keys do not move the slider"
    for _ in range(3):
        page.keyboard.press(keys[1])
    lab.wait_until_quiet(page, widget)
