"""axe-core in a page: what it finds wrong for people who cannot see, point or hear.

axe-core (MPL 2.0) comes inside the package axe-playwright-python and is used by tests only.
"""

import importlib.metadata
from pathlib import Path

from playwright.sync_api import Page

RUN = """async ([context, tags]) => {
  const result = await axe.run(context || document, {
    runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'],
  });
  return result.violations.map((rule) => [rule.id, rule.impact, rule.help,
    rule.nodes.map((node) => node.target.join(' ') + ' : ' + node.html.slice(0, 160))]);
}"""
# Conformance to WCAG 2.2 at levels A and AA, and what axe-core calls best practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def script() -> Path:
    """Where the installed package keeps axe-core."""
    files = importlib.metadata.files("axe-playwright-python") or []
    return next(Path(file.locate()) for file in files if file.name == "axe.min.js")


def violations(page: Page, include: list[str] | None = None) -> list[str]:
    """What axe-core finds in a page, or only inside the elements that ``include`` selects."""
    # Not by a script tag: JupyterLab's module loader would take axe-core for one of its own.
    page.evaluate(f"() => {{ const define = undefined; {script().read_text('utf-8')} }}")
    context = {"include": [[selector] for selector in include]} if include else None
    found = page.evaluate(RUN, [context, TAGS])
    return [f"{rule} ({impact}): {text}\n  " + "\n  ".join(nodes)
            for rule, impact, text, nodes in found]  # fmt: skip
