#!/usr/bin/env python3
"""Time what a new learner waits for: from a fresh clone to the first slider that moves.

    python -m benchmarks.first_slider

Clones what is committed here into a temporary folder, runs `make lab`'s own command there (a
new environment, so packages are downloaded or come from pip's cache), opens the address in a
headless Chromium, runs lesson 00, and moves a slider as soon as one is there.
"""

import os
import secrets
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks import report
from tests.browser import lab

GOAL = 180
LONGEST = 1800


def wait_until(page: lab.Page, ready: str) -> None:
    """Wait for a selector for as long as the slowest machine may take."""
    page.wait_for_selector(ready, timeout=LONGEST * 1000)


def first_slider(address: str) -> float:
    """Open lesson 00 as the learner does, run it, move the first slider; return when it moved."""
    with lab.running_browser() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.goto(address, wait_until="domcontentloaded")
        wait_until(page, ".jp-Notebook .jp-Cell")
        page.locator(".jp-KernelName", has_text="Python").wait_for(timeout=LONGEST * 1000)
        wait_until(page, ".jp-Notebook-ExecutionIndicator[data-status='idle']")
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        wait_until(page, ".web-view canvas")
        widget = page.locator(".web-view").first
        lab.wait_until_quiet(page, widget, LONGEST)
        slider = widget.locator("input[type=range]").first
        before = lab.fingerprint(widget)
        slider.focus()
        slider.press("ArrowRight")
        lab.wait_for_change(page, widget, before, LONGEST)
        moved = time.monotonic()
        lab.close_kernels(page)  # or one would go on while its environment is deleted
        page.wait_for_timeout(3000)
        return moved


def main() -> None:
    """Clone, start, move, print."""
    with tempfile.TemporaryDirectory() as temporary:
        course = Path(temporary) / "course"
        started = time.monotonic()
        subprocess.run(["git", "clone", "-q", str(report.ROOT), str(course)], check=True)
        cloned = time.monotonic()
        port, token = lab.free_port(), secrets.token_hex(16)
        command = [
            "make", "-s", "lab", "ARGS=--no-browser --allow-root "
            f"--ServerApp.port={port} --IdentityProvider.token={token} "
            "--LabApp.expose_app_in_browser=True",
        ]  # fmt: skip
        # A list of fonts of its own: a new learner has none, and this one is soon deleted.
        surroundings = lab.apart(Path(temporary)) | {"MPLCONFIGDIR": f"{temporary}/matplotlib"}
        log = (Path(temporary) / "log").open("w")
        server = subprocess.Popen(command, cwd=course, stdout=log, stderr=log, env=surroundings)
        try:
            lab.wait_for_server(f"http://127.0.0.1:{port}/api?token={token}", server, LONGEST)
            served = time.monotonic()
            moved = first_slider(f"http://127.0.0.1:{port}/?token={token}")
        finally:
            subprocess.run(["pkill", "-f", token], check=False)
            server.wait(60)
    print(
        f"clone {cloned - started:.0f} s, set-up until JupyterLab answers {served - cloned:.0f} s "
        f"(downloads included), from there to the slider {moved - served:.0f} s; "
        f"{moved - started:.0f} s in all (goal: {GOAL} s without downloads), "
        f"{os.cpu_count()} cores; {report.machine()}"
    )


if __name__ == "__main__":
    main()
