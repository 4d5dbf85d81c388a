"""axe-core finds nothing wrong with what the course itself puts on a page."""

import axe
import lab
import pytest

SITE = lab.ROOT / "build" / "site"
PAGES = sorted(SITE.rglob("*.html"))

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# JupyterLab's own frame is not the course's; texts, figures, tables and widgets are.
CONTENT = [".jp-RenderedMarkdown", ".jp-OutputArea-output"]


def test_axe_finds_what_is_wrong(chromium):
    page = chromium.new_page()
    page.set_content("<main><h1>A</h1><img src='data:,'><p style='color:#ccc'>pale</p></main>")
    found = "\n".join(axe.violations(page, ["main"]))
    page.close()
    assert "image-alt" in found and "color-contrast" in found


def test_lesson_00_in_jupyterlab(page, lab_address):
    lab.open_notebook(page, lab_address, "00_start_here.ipynb")
    lab.run_all(page)
    choose = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate(choose, theme)
        page.wait_for_function("(theme) => document.body.dataset.jpThemeName === theme", arg=theme)
        page.wait_for_timeout(1000)  # the theme's own style sheet
        for widget in lab.widgets(page):
            lab.wait_until_quiet(page, widget)
        assert axe.violations(page, CONTENT) == [], theme


@pytest.mark.skipif(not PAGES, reason="the site is not built here: make site")
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("width", [1366, 390])
def test_a_page_of_the_site(chromium, path, width):
    page = chromium.new_page(viewport={"width": width, "height": 900})
    complaints = lab.watch(page)
    page.goto(path.as_uri())
    # Formulae are drawn after the page is there; a page without any has nothing to wait for.
    page.wait_for_function("() => !document.querySelector('.math') || "
                           "document.querySelector('mjx-container')", timeout=60_000)  # fmt: skip
    said = list(complaints)  # axe-core's own attempts to read style sheets from disk come later
    found = axe.violations(page)
    overflow = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert found == []
    assert overflow <= width, "the page itself slides sideways"
    assert said == []
