"""README promises only what is there."""

import re
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / name
    for name in ("README.md", "data/README.md", "docs/INSTRUCTORS.md", "CONTRIBUTING.md")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith("http")]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["denoiser table", "latency table", "lesson table"])
def test_the_measured_tables_are_filled(name):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->")[0]
    assert table.count("|") > 10
    assert "Measured by `make" in table, "a figure without its machine and command"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_command_exists(page):
    code = "\n".join(re.findall(r"`[^`]+`|```.*?```", page.read_text("utf-8"), flags=re.DOTALL))
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", code, flags=re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = makefile.split("\n\n")[1].split(":")[0].split()
    assert named <= set(targets) <= {*bootstrap.COMMANDS, "setup", "help"}
    if page == ROOT / "README.md":
        assert len(named) > 5
