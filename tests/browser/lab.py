"""A real JupyterLab and a real Chromium for the browser tests and the benchmark."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PLACES = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find_chromium() -> str | None:
    """Path of a Chromium, from CHROMIUM or one of the usual places."""
    candidates = (os.environ.get("CHROMIUM"), *PLACES)
    return next((place for place in candidates if place and Path(place).exists()), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def apart(state: Path) -> dict[str, str]:
    """An environment in which Jupyter keeps all its settings under ``state``."""
    return {
        **os.environ,
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
        "IPYTHONDIR": str(state / "ipython"),
    }


@contextmanager
def running_lab(folder: Path, state: Path) -> Iterator[str]:
    """Start JupyterLab on ``folder``; yields its address with the token.

    All of its settings live under ``state``, so that neither the user's settings nor an
    open workspace can change what a test sees.
    """
    settings = state / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    wish = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(wish))
    port, token = free_port(), secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--LabApp.expose_app_in_browser=True",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    # Kernels that talk through files cannot pick a port that somebody else has just taken;
    # the files' folder must have a short name.
    with (state / "server.log").open("w") as log, TemporaryDirectory() as runtime:
        surroundings = {**apart(state), "JUPYTER_RUNTIME_DIR": runtime}
        if sys.platform != "win32":
            command.append("--KernelManager.transport=ipc")
        server = subprocess.Popen(command, stdout=log, stderr=log, env=surroundings)
        try:
            wait_for_server(f"http://127.0.0.1:{port}/api?token={token}", server)
            yield f"http://127.0.0.1:{port}/lab/workspaces/{{}}/tree/{{}}?token={token}"
        finally:
            server.terminate()
            server.wait(20)


def wait_for_server(address: str, server: subprocess.Popen, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended with status {server.returncode}")
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not answer within {seconds:.0f} s")


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def open_notebook(page: Page, address: str, name: str) -> None:
    """Open a notebook and wait until its kernel is ready.

    Each call gets a workspace of its own, or JupyterLab would open again what an earlier
    page had open.
    """
    page.goto(address.format(secrets.token_hex(4), name), wait_until="domcontentloaded")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    # A command given before the kernel is there opens the dialog 'Select Kernel'.
    page.locator(".jp-KernelName", has_text="Python").wait_for(timeout=60_000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=60_000)


def close_kernels(page: Page) -> None:
    """Shut down every kernel of the server, so that the next test has the machine to itself."""
    page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")


COUNTS = """() => {
  const app = window.jupyterapp;
  const model = app.shell.currentWidget.content.model;
  let total = 0, done = 0;
  for (const cell of model.cells) {
    if (cell.type !== 'code' || !cell.sharedModel.getSource().trim()) continue;
    total += 1;
    if (cell.executionCount && cell.executionState !== 'running') done += 1;
  }
  return [total, done];
}"""


def run_all(page: Page, seconds: float = 600) -> None:
    """Run every cell and wait until the last one is done.

    The command is dropped silently if it comes before the kernel listens, so it is given
    again while nothing has run.
    """
    deadline = time.monotonic() + seconds
    command = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
    page.evaluate(command)
    asked = time.monotonic()
    while time.monotonic() < deadline:
        total, done = page.evaluate(COUNTS)
        busy = page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").count() == 0
        if done == total > 0 and not busy:
            return
        if done < total and not busy and time.monotonic() - asked > 5:
            page.evaluate(command)
            asked = time.monotonic()
        page.wait_for_timeout(200)
    raise AssertionError(f"only {done} of {total} cells ran within {seconds} s")


def errors_in(page: Page) -> list[str]:
    """Texts of all error outputs in the notebook's model, drawn on screen or not."""
    return page.evaluate("""() => {
      const found = [];
      for (const cell of window.jupyterapp.shell.currentWidget.content.model.cells)
        if (cell.type === 'code')
          for (const output of cell.outputs.toJSON())
            if (output.output_type === 'error') found.push(output.ename + ': ' + output.evalue);
      return found;
    }""")


# JupyterLab itself complains about these on every page, with an empty notebook too.
KNOWN_COMPLAINTS = (
    "favicon",
    "Failed to load resource",  # optional services that this server does not offer
    "The element has no supported sources",
)


def watch(page: Page) -> list[str]:
    """Collect what a page complains about while it lives."""
    complaints: list[str] = []

    def note(text: str) -> None:
        if not any(known in text for known in KNOWN_COMPLAINTS):
            complaints.append(text)

    page.on("console", lambda message: message.type == "error" and note(message.text))
    page.on("pageerror", lambda error: note(f"uncaught: {error}"))
    return complaints


def widgets(page: Page) -> list:
    """All widgets of the course in the open notebook, top to bottom, scrolled into being.

    JupyterLab draws only the cells near the screen, so the page is walked through first.
    """
    page.evaluate("""async () => {
      const notebook = window.jupyterapp.shell.currentWidget.content;
      for (let i = 0; i < notebook.widgets.length; i++) {
        await notebook.scrollToItem(i, 'smart');
        await new Promise((done) => setTimeout(done, 60));
      }
    }""")
    return page.locator(".web-view").all()


def fingerprint(widget) -> str:
    """A short text that changes when a picture of the widget changes."""
    return widget.evaluate("""(root) => [...root.querySelectorAll('canvas')].map((canvas) => {
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let sum = 0;
      for (let i = 0; i < data.length; i++) sum = (sum * 31 + data[i]) | 0;
      return sum;
    }).join()""")


def wait_until_quiet(page: Page, widget, seconds: float = 60) -> None:
    """Wait until nothing has been under way for a third of a second."""
    deadline, quiet = time.monotonic() + seconds, 0
    while quiet < 7:
        if time.monotonic() > deadline:
            raise AssertionError(f"the widget is still busy after {seconds} s")
        page.wait_for_timeout(50)
        quiet = quiet + 1 if widget.get_attribute("aria-busy") is None else 0


def wait_for_change(page: Page, widget, before: str, seconds: float = 20) -> str:
    """Wait until a picture of the widget differs from ``before`` and nothing is under way."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        after = fingerprint(widget)
        if after != before and widget.get_attribute("aria-busy") is None:
            return after
        page.wait_for_timeout(50)
    raise AssertionError(f"no picture changed within {seconds} s")
