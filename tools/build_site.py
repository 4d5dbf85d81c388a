#!/usr/bin/env python3
"""Build the course as static pages: build/site/index.html. Works without a network.

    python tools/build_site.py               all lessons, two at a time
    python tools/build_site.py --jobs 1      one at a time
    python tools/build_site.py --only 00 03  these lessons alone, for a quick look

A lesson runs again only if it, the library behind it or its data changed. Every warning of
Sphinx, every dead link inside the site and every picture without a name is an error.
"""

import argparse
import importlib.metadata
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import build_notebooks as builder
import nbformat
import site_links
from site_execution import run_all
from site_pages import Figures, page

ROOT = builder.ROOT
TEMPLATE = ROOT / "docs" / "site"
STAGE = ROOT / "build" / "site-source"
SITE = ROOT / "build" / "site"
DOCTREES = ROOT / "build" / "site-doctrees"
MATHJAX = "tex-svg-full.js"  # one file: all of TeX's extensions, and outlines instead of fonts

# What axe-core finds in Furo's own parts, and what mends it.
NAMES = {
    "**/*.html": {'class="sidebar-drawer"': 'class="sidebar-drawer" aria-label="All pages"'},
    "lessons/*.html": {'class="toc-drawer"': 'class="toc-drawer" aria-label="This page"'},
    "search.html": {'<div id="search-results">': '<h1>Search</h1><div id="search-results">'},
}


def lesson_table(names: list[str]) -> str:
    """README's table of lessons, with links to pages instead of notebooks.

    Parameters
    ----------
    names : list of str
        Lessons to keep; one that README does not have is refused.
    """
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|.*\|$", text.split("## Lessons")[1].split("\n## ")[0], re.MULTILINE)
    kept = [row for row in rows[2:] if any(f"notebooks/{name}.ipynb" in row for name in names)]
    if len(kept) != len(names):
        raise ValueError(
            f"expected one row in README's table of lessons for each of {len(names)} lessons, "
            f"found {len(kept)}; add the missing row"
        )
    return "\n".join([*rows[:2], *kept]).replace("(notebooks/", "(lessons/")


def changes() -> str:
    """CHANGELOG.md without its title, to stand on a page of the site."""
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n", 1)[1].strip()


def mathjax_file() -> Path:
    """Where the installed package keeps MathJax."""
    files = importlib.metadata.files("sphinx-mathjax-offline") or []
    return next(Path(file.locate()) for file in files if file.name == MATHJAX)


def stage(sources: list[Path], jobs: int) -> None:
    """Lay out everything that Sphinx reads, in a fresh folder."""
    shutil.rmtree(STAGE, ignore_errors=True)
    shutil.copytree(TEMPLATE, STAGE)
    shutil.copy(ROOT / "docs" / "blur_microscope.png", STAGE)
    (STAGE / "mathjax").mkdir()
    shutil.copy(mathjax_file(), STAGE / "mathjax" / "mathjax.js")
    names = [source.stem for source in sources]
    fill(STAGE / "index.md", LESSONS=lesson_table(names),
         TOCTREE="\n".join(f"lessons/{name}" for name in names))  # fmt: skip
    fill(STAGE / "about.md", CHANGELOG=changes())
    figures = Figures(STAGE / "extra" / "figures", "../figures")
    (STAGE / "lessons").mkdir()
    for source, notebook, widgets, ran in run_all(sources, jobs):
        print(f"{source.stem}: {'run' if ran else 'as before'}", flush=True)
        target = STAGE / "lessons" / f"{source.stem}.ipynb"
        nbformat.write(page(notebook, widgets, figures), target)


def fill(path: Path, **texts: str) -> None:
    """Put texts where a page of the template has a line with their name."""
    content = path.read_text(encoding="utf-8")
    for name, text in texts.items():
        content = re.sub(f"^{name}$", lambda _, text=text: text, content, flags=re.MULTILINE)
    path.write_text(content, encoding="utf-8")


def sphinx() -> int:
    """Turn the staged sources into pages; a warning is an error. Returns the exit status."""
    shutil.rmtree(SITE, ignore_errors=True)
    options = ["-b", "html", "-W", "--keep-going", "-q", "-d", DOCTREES]
    return subprocess.call([sys.executable, "-m", "sphinx", *options, STAGE, SITE])


def name_parts() -> None:
    """Give the theme's nameless parts names, for who moves through a page by ear.

    Raises
    ------
    ValueError
        If the theme has changed and a part is not found.
    """
    for pattern, change in NAMES.items():
        for path in SITE.glob(pattern):
            text = path.read_text(encoding="utf-8")
            for before, after in change.items():
                if before not in text:
                    raise ValueError(f"{path.name} has no {before!r}: mend NAMES in {__file__}")
                text = text.replace(before, after)
            path.write_text(text, encoding="utf-8")


def main() -> int:
    """Run the lessons, build the pages, check them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2, help="lessons that run at a time")
    parser.add_argument("--only", nargs="+", metavar="NN", help="numbers of the lessons to build")
    options = parser.parse_args()
    sources = sorted(builder.SOURCES.glob("*.py"))
    if options.only:
        sources = [path for path in sources if path.stem[:2] in options.only]
    started = time.perf_counter()
    stage(sources, options.jobs)
    status = sphinx()
    name_parts()
    wrong = site_links.problems(SITE)
    print("\n".join(wrong))
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) / 1e6
    seconds = time.perf_counter() - started
    print(f"{SITE / 'index.html'}: {len(sources)} lessons, {size:.1f} MB, {seconds:.0f} s")
    return int(bool(status or wrong))


if __name__ == "__main__":
    sys.exit(main())
