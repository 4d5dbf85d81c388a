"""The site's pieces: a small lesson becomes a page without a kernel, and a bad page is refused."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import build_notebooks as builder
import build_site
import nbformat
import pytest
import site_execution
import site_links
import site_pages
import yaml

ROOT = Path(__file__).resolve().parents[1]
LESSON = """# %% [markdown]
# # 00 A small lesson
# The mean of squares is $x^2$.
#
# $$\\sum_i x_i^2$$
#
# # A part
# ## Below the part

# %%
from lessons_lib.display.widgets import blur_microscope
from lessons_lib.display.figures import Line, line_plot
from lessons_lib.diagnosis.scoreboard import Scoreboard
print("<script>")
line_plot([Line("a", [0, 1], [0, 1])], alt="A rising line.", x_label="x", y_label="y")

# %%
Scoreboard()

# %%
blur_microscope(picture="slanted edge", size=64)
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The small lesson, run once; and what its widgets showed in the end."""
    source = tmp_path_factory.mktemp("source") / "00_start_here.py"
    source.write_text(LESSON, encoding="utf-8")
    notebook = builder.learner_version(builder.read_source(source))
    return notebook, site_execution.execute(notebook)


@pytest.fixture(scope="module")
def site(executed, tmp_path_factory):
    """The small lesson as a site of its own."""
    folder = tmp_path_factory.mktemp("site")
    patch = pytest.MonkeyPatch()
    patch.setattr(build_site, "STAGE", folder / "stage")
    patch.setattr(build_site, "SITE", folder / "site")
    patch.setattr(build_site, "DOCTREES", folder / "doctrees")
    notebook, widgets = executed
    rows = [(Path("00_start_here.py"), nbformat.from_dict(notebook), widgets, True)]
    patch.setattr(build_site, "run_all", lambda sources, jobs: iter(rows))
    build_site.stage([row[0] for row in rows], jobs=1)
    assert build_site.sphinx() == 0
    build_site.name_parts()
    patch.undo()
    return folder / "site"


def test_a_page_needs_no_kernel_and_no_other_server(site):
    text = (site / "lessons" / "00_start_here.html").read_text(encoding="utf-8")
    assert "widget-view" not in text and "base64" not in text
    assert "the widget <strong>Blur microscope</strong> stands here" in text
    pictures = re.findall(r'<img[^>]*alt="([^"]+)"[^>]*src="../figures', text)
    pictures += re.findall(r'src="../figures[^>]*alt="([^"]+)"', text)
    assert "A rising line." in pictures and len(pictures) >= 8  # the widget shows 5 and 2 plots
    assert "&lt;script&gt;" in text, "what a cell prints is text"
    assert text.count("<h1>") == 1 and "<h2>A part" in text and "<h3>Below the part" in text
    assert site_links.problems(site) == []


def test_what_a_page_gets_wrong_is_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<img src="gone.png"><a href="b.html">b</a><a href="#x">x</a>'
        '<script src="https://example.org/a.js"></script><a href="https://example.org">fine</a>'
    )
    found = "\n".join(site_links.problems(tmp_path))
    for part in ("gone.png, which", "b.html, which", "#x, a place", "a.js from another server",
                 "gone.png without alternative text"):  # fmt: skip
        assert part in found
    assert len(found.splitlines()) == 5


def test_a_lesson_that_warns_makes_no_page(executed, tmp_path):
    output = nbformat.v4.new_output("stream", name="stderr", text="something is deprecated")
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    figures = site_pages.Figures(tmp_path, "..")
    with pytest.raises(ValueError, match="expected no warning .* got: something is deprecated"):
        site_pages.page(nbformat.v4.new_notebook(cells=[cell]), {}, figures)


@pytest.mark.parametrize(("says", "kept"), [("nothing", True), ("a warning", False)])
def test_only_a_run_without_a_warning_is_kept(tmp_path, monkeypatch, says, kept):
    def execute(notebook):
        if says != "nothing":
            output = nbformat.v4.new_output("stream", name="stderr", text=says)
            notebook.cells[-1].outputs = [output]
        return {}

    source = tmp_path / "00_start_here.py"
    source.write_text(LESSON, encoding="utf-8")
    monkeypatch.setattr(site_execution, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(site_execution, "execute", execute)
    ran = [site_execution.run_or_read(source)[2] for _ in range(2)]
    assert ran == [True, not kept]


def test_a_lesson_runs_again_if_what_it_imports_changes():
    files = site_execution.modules_behind("from lessons_lib.denoisers import CATALOGUE")
    names = {path.relative_to(ROOT).as_posix() for path in files}
    assert {"lessons_lib/__init__.py", "lessons_lib/denoisers/__init__.py"} < names
    assert "lessons_lib/denoisers/linear.py" in names, "what is imported by what is imported"
    assert not any(name.startswith("lessons_lib/command_line") for name in names)


def test_the_table_of_lessons_is_that_of_the_readme():
    names = [path.stem for path in sorted(builder.SOURCES.glob("*.py"))]
    table = build_site.lesson_table(names)
    assert all(f"(lessons/{name}.ipynb)" in table for name in names)
    with pytest.raises(ValueError, match="add the missing row"):
        build_site.lesson_table(["99_not_there"])


def test_who_cites_finds_the_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    version = citation["version"]
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+), (\S+)$", build_site.changes(), re.MULTILINE)
    assert newest.groups() == (version, str(citation["date-released"]))


def test_binder_and_codespaces_can_start():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"].split()[1:] == ["bootstrap.py", "setup"]
    if shutil.which("bash"):
        subprocess.run(["bash", "-n", ROOT / "postBuild"], check=True)
    script = (ROOT / "postBuild").read_text(encoding="utf-8")
    embedded = script.split("END'\n")[1].split("\nEND")[0]
    compile(embedded, "postBuild", "exec")
    assert sys.platform == "win32" or (ROOT / "postBuild").stat().st_mode & 0o100
