"""What `make lab` opens: the very command of bootstrap.py, visited in a browser."""

import subprocess

import lab
import pytest

import bootstrap

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_make_lab_opens_lesson_00_without_a_pop_up(chromium, tmp_path):
    bootstrap.quiet_news()
    port, token = lab.free_port(), "a-token-of-the-test"
    extra = ["--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    command = bootstrap.lab_command([*extra, f"--IdentityProvider.token={token}"])
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=lab.ROOT, stdout=log, stderr=log, env=lab.apart(tmp_path)
        )
    try:
        lab.wait_for_server(f"http://127.0.0.1:{port}/api?token={token}", server)
        page = chromium.new_page(viewport={"width": 1366, "height": 800})
        page.goto(f"http://127.0.0.1:{port}/?token={token}")  # the address that Jupyter prints
        title = page.locator(".jp-Notebook h1", has_text="00 Start here")
        title.wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
        page.screenshot(path=tmp_path / "lab.png")
        page.close()
    finally:
        server.terminate()
        server.wait(20)
