#!/usr/bin/env python3
"""Build the lecture hall's notebook: notebooks/explorer/blur_explorer.ipynb from its source."""

import build_notebooks as builder

SOURCE = builder.SOURCES / "explorer" / "blur_explorer.py"
TARGET = builder.NOTEBOOKS / "explorer" / "blur_explorer.ipynb"
TITLE = "Blur explorer"  # stands in the browser's tab


def built() -> str:
    """The exact content of the notebook."""
    notebook = builder.learner_version(builder.read_source(SOURCE))
    notebook.metadata["title"] = TITLE
    return builder.text_of(notebook)


if __name__ == "__main__":
    TARGET.write_text(built(), encoding="utf-8", newline="\n")
    print(f"written: {TARGET.name}")
