"""A class server's machine that vanishes afterwards: its own accounts, homes and processes.

bubblewrap shows the tests the real machine read-only, with private copies of what a class server
changes: /etc (accounts and passwords), /home, /srv, and the folders of this project that the
server closes. Its processes die with the test, whatever happens, and no account of the real
machine is touched. Only root may become other users, so all of this needs root.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PRIVATE = ("docs", "notebooks/source", "notebooks/assignments", "tests/classroom/assignments")


def why_not() -> str:
    """Say why this machine cannot play a class server; empty if it can."""
    if os.name == "nt" or os.geteuid() != 0:
        return "a class of several accounts needs root"
    if not shutil.which("bwrap"):
        return "needs bubblewrap (Debian: apt install bubblewrap)"
    if not all(map(shutil.which, ("newusers", "useradd"))):
        return "needs newusers and useradd (Debian: apt install passwd)"
    tried = subprocess.run(["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "true"])
    return "bubblewrap does not work here" if tried.returncode else ""


def closed_to_others(path: Path) -> Path | None:
    """Return the uppermost folder on the way to `path` that other accounts may not enter."""
    ways = [each for each in reversed(path.parents) if not each.stat().st_mode & 0o001]
    return ways[0] if ways else None


def view(folder: Path) -> list[str]:
    """bubblewrap's options for a machine whose own files lie in `folder`."""
    wanted = [Path(sys.base_prefix), ROOT, Path(sys.prefix)]
    hidden = {Path("/tmp"), *filter(None, map(closed_to_others, wanted))}
    options = ["--unshare-pid", "--die-with-parent", "--cap-add", "ALL", "--ro-bind", "/", "/"]
    for each in sorted(hidden):
        options += ["--perms", "1777" if each == Path("/tmp") else "0755", "--tmpfs", str(each)]
    for each in wanted:
        above = [parent for parent in hidden if each.is_relative_to(parent)]
        for way in reversed(each.parents) if above else ():
            if way not in above and way.is_relative_to(above[0]):
                options += ["--perms", "0755", "--dir", str(way)]
        options += ["--ro-bind", str(each), str(each)] if above else []
    options += ["--dev", "/dev", "--tmpfs", "/run"]
    for name in ("etc", "home", "srv"):
        options += ["--bind", str(folder / name), f"/{name}"]
    for name in (*PRIVATE, ".git"):
        if (ROOT / name).exists():
            options += ["--bind", str(folder / "project" / name), str(ROOT / name)]
    return options


class Machine:
    """A private view of this machine, on which commands run as root."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="class-server-"))
        self.folder.chmod(0o755)
        for name in ("home", "srv"):
            (self.folder / name).mkdir()
        subprocess.run(["cp", "-a", "/etc", str(self.folder / "etc")], check=True)
        for name in PRIVATE:
            shutil.copytree(ROOT / name, self.folder / "project" / name)
        history = self.folder / "project" / ".git"  # only its place matters, not its content
        if (ROOT / ".git").is_dir():
            history.mkdir()
            (history / "HEAD").write_text("ref: refs/heads/main")
        else:
            history.write_text("gitdir: elsewhere")
        self.running: list[subprocess.Popen] = []

    def command(self, script: str) -> list[str]:
        """The command that runs a shell script on this machine."""
        # bubblewrap's own /proc is covered in places; then no sandbox could start inside it.
        script = f"mount -t proc proc /proc; {script}"
        return ["bwrap", *view(self.folder), "--chdir", str(ROOT), "bash", "-euc", script]

    def run(self, script: str, timeout: float = 60) -> str:
        """Run a script to its end and return what it wrote; its failure is the test's."""
        done = subprocess.run(
            self.command(script), capture_output=True, text=True, timeout=timeout
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, script: str, log: Path) -> subprocess.Popen:
        """Start a script that goes on until the machine is closed."""
        with log.open("wb") as file:
            process = subprocess.Popen(self.command(script), stdout=file, stderr=file)
        self.running.append(process)
        return process

    def close(self) -> None:
        """End every process of this machine and remove its files."""
        for process in self.running:
            process.send_signal(signal.SIGKILL)  # its process namespace dies with it
            process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
