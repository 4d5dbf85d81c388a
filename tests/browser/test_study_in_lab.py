"""The study in a real JupyterLab: keys, double presses, a file, and going on after a restart."""

import lab
import nbformat
import pytest

from lessons_lib.classroom.study_answers import read_answers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CELL = """
from lessons_lib.classroom.study import Study
from lessons_lib.classroom.study_stimuli import make_stimuli
from lessons_lib.denoisers import Box, Gaussian, Median

methods = {"gauss": Gaussian(1.0), "median": Median(1), "box": Box(2)}
Study("r-1", make_stimuli(("camera man", "cat", "coins"), methods), repeats=1)
"""
SCREENSHOTS = lab.ROOT / "build" / "screenshots"


@pytest.fixture
def study_page(page, lab_address, course_folder):
    """JupyterLab on one notebook with a study in it, and the folder the answers go to."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"
    }  # fmt: skip
    folder = course_folder / "notebooks" / "study_alone"
    folder.mkdir()
    nbformat.write(notebook, folder / "study.ipynb")
    lab.open_notebook(page, lab_address, "study_alone/study.ipynb")
    lab.run_all(page)
    return page, folder


def wait_until(page, condition):
    page.wait_for_function(
        f"() => {{ const d = document.querySelector('.web-study').dataset; return {condition}; }}",
        timeout=60_000,
    )


def press(page, keys):
    number = page.locator(".web-study").get_attribute("data-number")
    for key in keys:
        page.keyboard.press(key)
    wait_until(page, f"d.number !== '{number}' || d.screen !== 'trial'")


def test_keys_answer_once_each_and_a_restart_loses_nothing(study_page):
    page, folder = study_page
    study = page.locator(".web-study")
    assert lab.errors_in(page) == []
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    study.screenshot(path=SCREENSHOTS / "study_consent.png")
    assert not list(folder.rglob("*.csv")), "nothing is kept before consent"
    study.locator("button[data-what=agree]").click()
    wait_until(page, "d.screen === 'trial'")
    study.screenshot(path=SCREENSHOTS / "study_trial.png")

    for key in ("f", "j", "ArrowLeft", "ArrowRight"):
        press(page, [key, key])  # the second press of each comes before the next pair
    (path,) = folder.rglob("*.csv")
    answers = read_answers(path).answers
    assert [one.chosen for one in answers][:1] == ["left"] and 4 <= len(answers) <= 8
    assert all(0 < one.seconds < 600 for one in answers)

    before = len(answers)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    study.get_by_text(f"You have answered {before} of").wait_for(timeout=60_000)
    study.locator("button[data-what=agree]").click()
    wait_until(page, f"d.number === '{before}'")
    while study.get_attribute("data-screen") == "trial":
        press(page, ["j"])
    assert study.get_attribute("data-screen") == "instructions"
    study.screenshot(path=SCREENSHOTS / "study_instructions.png")
    assert study.locator(".web-study-strip").is_visible()
    assert page.complaints == []
