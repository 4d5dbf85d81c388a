"""Somebody at a browser: logs in to the hub over HTTP, starts their server, uses it."""

import json
import re
import time
import uuid

import requests
import websocket

LOGIN_FORM = re.compile(r'name="_xsrf"\s+value="([^"]+)"')


class Visitor:
    """One account's session with the hub and with its own JupyterLab server."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address, self.name = address, name
        self.session = requests.Session()
        page = self.session.get(f"{address}/hub/login", timeout=20)
        form = {"username": name, "password": password, "_xsrf": LOGIN_FORM.search(page.text)[1]}
        reply = self.session.post(f"{address}/hub/login", data=form, timeout=30)
        self.welcome = reply.status_code == 200 and "/hub/login" not in reply.url
        self.reply = reply

    def hub(self, method: str, path: str, **options: object) -> requests.Response:
        """Ask the hub's API with the cookies of the log-in."""
        cookies = {each.name: each.value for each in self.session.cookies if each.path == "/hub/"}
        return self.session.request(
            method, f"{self.address}/hub/api{path}", timeout=30,
            headers={"X-XSRFToken": cookies.get("_xsrf", "")}, **options,
        )  # fmt: skip

    def open_server(self, patience: float = 150) -> None:
        """Start this account's server and get a token for it."""
        reply = self.hub("POST", f"/users/{self.name}/server", json={})
        assert reply.status_code in (201, 202) or "already" in reply.text, reply.text
        until = time.monotonic() + patience
        while not self.is_ready():
            assert time.monotonic() < until, f"{self.name}'s server did not start"
            time.sleep(1)
        self.token = self.hub("POST", f"/users/{self.name}/tokens", json={}).json()["token"]

    def is_ready(self) -> bool:
        """Whether this account's server answers."""
        servers = self.hub("GET", f"/users/{self.name}").json()["servers"]
        return bool(servers.get("", {}).get("ready"))

    def server(
        self, method: str, path: str, owner: str = "", patience: float = 60, **options: object
    ) -> requests.Response:
        """Ask a server, this account's own unless told otherwise."""
        return requests.request(
            method, f"{self.address}/user/{owner or self.name}{path}", timeout=patience,
            headers={"Authorization": f"token {self.token}"}, **options,
        )  # fmt: skip

    def python(self, code: str, patience: float = 60) -> str:
        """Run code in a fresh kernel of this account, through the proxy; return what it prints."""
        kernel = self.server("POST", "/api/kernels").json()["id"]
        address = self.address.replace("http", "ws", 1)
        channel = websocket.create_connection(
            f"{address}/user/{self.name}/api/kernels/{kernel}/channels", timeout=patience,
            header=[f"Authorization: token {self.token}"],
        )  # fmt: skip
        try:
            return run_on(channel, code)
        finally:
            channel.close()
            self.server("DELETE", f"/api/kernels/{kernel}")


def run_on(channel: websocket.WebSocket, code: str) -> str:
    """Send code on a kernel's channel and gather its output until it is idle again."""
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": number}
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}}
    channel.send(json.dumps({
        "header": header, "parent_header": {}, "metadata": {}, "content": content,
        "channel": "shell",
    }))  # fmt: skip
    output = ""
    while True:
        message = json.loads(channel.recv())
        if message["parent_header"].get("msg_id") != number:
            continue
        kind, content = message["msg_type"], message["content"]
        output += content.get("text", "") if kind == "stream" else ""
        output += "\n".join(content["traceback"]) if kind == "error" else ""
        if kind == "status" and content["execution_state"] == "idle":
            return output
