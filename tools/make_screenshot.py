#!/usr/bin/env python3
"""Take README's picture of the blur microscope, in a real JupyterLab: docs/blur_microscope.png."""

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))
import lab  # noqa: E402  (the browser tests' own driver)


def main() -> None:
    """Open lesson 00, choose the median, and photograph its widget."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "notebooks").mkdir()
        shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", folder / "notebooks")
        with lab.running_lab(folder / "notebooks", folder / "state") as address:
            with lab.running_browser() as browser:
                page = browser.new_page(viewport={"width": 1500, "height": 1100})
                lab.open_notebook(page, address, "00_start_here.ipynb")
                lab.run_all(page)
                widget = lab.widgets(page)[0]
                widget.scroll_into_view_if_needed()
                widget.locator("select[data-name=denoiser]").select_option(index=1)
                page.wait_for_timeout(4000)  # the blur curve comes last
                target = ROOT / "docs" / "blur_microscope.png"
                target.parent.mkdir(exist_ok=True)
                widget.screenshot(path=target)
                print(f"written: {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
