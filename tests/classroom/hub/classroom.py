"""A whole class server on a machine of its own: accounts, folders, the hub, its visitors."""

import socket
import sys
import time
from pathlib import Path

import requests
from hub.machine import ROOT, Machine
from hub.visitor import Visitor

HUB = "notebooks/assignments/jupyterhub"
SETTINGS = f"{ROOT}/{HUB}/class_server.toml"
PYTHON = sys.executable
CULLER_TOKEN = "only-in-this-test"
# The configuration as it is, and beside its culler a second one that the test can start.
WITH_CULLER = f"""
load_subconfig("{ROOT}/{HUB}/jupyterhub_config.py")
c.JupyterHub.services.append({{"name": "cull-now", "api_token": "{CULLER_TOKEN}"}})
c.JupyterHub.load_roles[0]["services"].append("cull-now")
"""
CLASS_LIST = "id,first_name,last_name,email\nada,Ada,Adams,ada@class.example\nbert,Bert,Berg,\n"


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody uses now."""
    doors = [socket.socket() for _ in range(count)]
    for door in doors:
        door.bind(("127.0.0.1", 0))
    ports = [door.getsockname()[1] for door in doors]
    for door in doors:
        door.close()
    return ports


class Classroom:
    """The guide's own steps, on a machine that vanishes afterwards."""

    def __init__(self, **settings: str) -> None:
        self.machine = Machine()
        port, self.hub_port, self.proxy_port = free_ports(3)
        self.address = f"http://127.0.0.1:{port}"
        self.log = self.machine.folder / "hub.log"
        self._settings({"address": f'"{self.address}"', **settings})
        self._accounts()

    def _settings(self, changes: dict[str, str]) -> None:
        path = self.machine.folder / "project" / HUB / "class_server.toml"
        lines = path.read_text().splitlines()
        for name, value in changes.items():
            place = [number for number, line in enumerate(lines) if line.startswith(f"{name} =")]
            lines[place[0]] = f"{name} = {value}"
        path.write_text("\n".join(lines) + "\n")

    def _accounts(self) -> None:
        self.machine.run("useradd --create-home instructor; echo instructor:chalk | chpasswd")
        state = self.machine.folder / "srv/why-edges-blur/hub"
        state.mkdir(parents=True)
        (state / "class.csv").write_text(CLASS_LIST)
        hub = f"{PYTHON} -m lessons_lib.classroom.hub"
        self.machine.run(
            f"umask 077; cd {ROOT}; {hub} accounts > /srv/why-edges-blur/hub/accounts.txt; "
            f"newusers /srv/why-edges-blur/hub/accounts.txt; {hub} prepare"
        )
        lines = (state / "accounts.txt").read_text().splitlines()
        self.passwords = dict(line.split(":")[:2] for line in lines) | {"instructor": "chalk"}

    def open(self, patience: float = 90) -> None:
        """Start the hub as the guide does, and wait until it answers."""
        config = self.machine.folder / "srv" / "jupyterhub_config.py"
        config.write_text(WITH_CULLER)
        ports = (
            f"WHY_EDGES_BLUR_HUB_PORT={self.hub_port} WHY_EDGES_BLUR_PROXY_PORT={self.proxy_port}"
        )
        process = self.machine.start(
            f"cd /srv/why-edges-blur/hub; {ports} exec {Path(PYTHON).parent}/jupyterhub "
            "-f /srv/jupyterhub_config.py", self.log,
        )  # fmt: skip
        until = time.monotonic() + patience
        while time.monotonic() < until:
            assert process.poll() is None, self.log.read_text()
            try:
                if requests.get(f"{self.address}/hub/api/", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.3)
        raise AssertionError(f"the hub did not start:\n{self.log.read_text()}")

    def visitor(self, name: str) -> Visitor:
        """Let an account of the class log in with the password that it was given."""
        return Visitor(self.address, name, self.passwords[name])
