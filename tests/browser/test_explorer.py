"""`make explorer`, the very command of bootstrap.py: the microscope alone, no code, no network."""

import subprocess
from contextlib import contextmanager
from urllib.parse import urlsplit

import build_explorer
import lab
import pytest

import bootstrap

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@contextmanager
def running_explorer(folder):
    """Start the lecture hall's server; yields its address."""
    port = lab.free_port()
    extra = ["--no-browser", f"--port={port}", "--Voila.port_retries=0"]
    command, environment = bootstrap.explorer_command(extra)
    path = environment["JUPYTER_PATH"]
    with (folder / "log").open("w") as log:
        surroundings = {**environment, **lab.apart(folder), "JUPYTER_PATH": path}
        server = subprocess.Popen(
            command, cwd=lab.ROOT, stdout=log, stderr=log, env=surroundings
        )
    try:
        lab.wait_for_server(f"http://127.0.0.1:{port}/voila/static/voila.js", server)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def explorer(chromium, tmp_path_factory):
    """The page on a projector's screen, with what it complains about and whom it asks."""
    with running_explorer(tmp_path_factory.mktemp("explorer")) as address:
        page = chromium.new_page(viewport={"width": 1920, "height": 1080})
        page.complaints, page.asked = lab.watch(page), []
        page.on("request", lambda request: page.asked.append(request.url))
        # The page is there once the kernel has run: on a busy machine that takes a minute.
        page.goto(address, timeout=240_000)
        page.locator(".web-view canvas").first.wait_for(timeout=240_000)
        yield page
        page.close()


def test_the_committed_notebook_is_the_built_one():
    text = build_explorer.TARGET.read_text(encoding="utf-8")
    assert text == build_explorer.built(), "out of date; run: python tools/build_explorer.py"


def test_a_slider_changes_the_pictures_and_no_code_is_shown(explorer):
    widget = explorer.locator(".web-view")
    slider = widget.locator("input[data-name=strength]")
    before = lab.fingerprint(widget)
    slider.fill("4")
    lab.wait_for_change(explorer, widget, before)
    assert widget.locator(".web-message").text_content() == ""
    body = explorer.locator("body").inner_text()
    assert "Blur explorer" in body and "method noise" in body
    assert "import" not in body and "blur_microscope" not in body
    assert explorer.locator(".jp-InputArea-editor:visible").count() == 0


def test_pictures_and_plots_fit_a_projector(explorer):
    widget = explorer.locator(".web-view")
    widget.locator("canvas.web-plot[aria-label*='contrast/sigma 8']").wait_for(timeout=20_000)
    folder = lab.ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    explorer.screenshot(path=folder / "explorer.png")
    box = widget.bounding_box()
    assert box["x"] + box["width"] <= 1920
    lowest = max(canvas.bounding_box()["y"] + canvas.bounding_box()["height"]
                 for canvas in widget.locator("canvas[role=img]").all())  # fmt: skip
    assert lowest <= 1080, "a plot lies below the screen's edge"


def test_it_works_without_a_network(explorer):
    hosts = {urlsplit(url).hostname for url in explorer.asked if url.startswith("http")}
    assert hosts == {"127.0.0.1"}
    assert explorer.complaints == []
