"""One JupyterLab on a copy of the notebooks, and one Chromium, for a worker's browser tests."""

import shutil

import lab
import pytest


@pytest.fixture(scope="session")
def course_folder(tmp_path_factory):
    """A copy of the lessons that a browser may change; tests may add notebooks to it."""
    folder = tmp_path_factory.mktemp("course")
    ignore = shutil.ignore_patterns("source", ".ipynb_checkpoints")
    shutil.copytree(lab.ROOT / "notebooks", folder / "notebooks", ignore=ignore)
    return folder


@pytest.fixture(scope="session")
def lab_address(course_folder):
    if lab.find_chromium() is None:
        pytest.skip("no Chromium here: install it (Debian: apt install chromium) or set CHROMIUM")
    with lab.running_lab(course_folder / "notebooks", course_folder / "state") as address:
        yield address


@pytest.fixture(scope="session")
def chromium(lab_address):
    with lab.running_browser() as browser:
        yield browser


@pytest.fixture
def page(chromium):
    """A page that collects what the console complains about, in ``page.complaints``."""
    page = chromium.new_page(viewport={"width": 1500, "height": 1000})
    page.complaints = lab.watch(page)
    yield page
    lab.close_kernels(page)
    page.close()
