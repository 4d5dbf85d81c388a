"""JupyterHub for one class: accounts of the machine, one environment, limits, nbgrader.

As root: jupyterhub -f notebooks/assignments/jupyterhub/jupyterhub_config.py
The numbers stand in class_server.toml; docs/INSTRUCTORS.md leads through it.
"""

import os
import sys
from pathlib import Path

from lessons_lib.classroom.hub.prepare import problems, unreachable
from lessons_lib.classroom.hub.settings import (
    FILE_VARIABLE,
    read_class,
    read_settings,
    settings_file,
)

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
SETTINGS = read_settings()

found = [*problems(SETTINGS), *unreachable(SETTINGS)]
if found:
    raise SystemExit("\n- ".join(["The class server does not start:", *found]))


def roles(name: str) -> list[str]:
    """Name the folders of settings that an account's JupyterLab and nbgrader read."""
    return [*(["instructor", "form"] if name == SETTINGS.instructor else ["student"]), "everyone"]


c = get_config()

# Who may log in: the class list and the instructor, with the machine's own passwords.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = {*read_class(SETTINGS.class_list), SETTINGS.instructor}
c.Authenticator.delete_invalid_users = True

# Where it listens and keeps its files.
c.JupyterHub.bind_url = SETTINGS.address
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ.get('WHY_EDGES_BLUR_HUB_PORT', 8081)}"
c.JupyterHub.cookie_secret_file = str(SETTINGS.state / "cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{SETTINGS.state / 'jupyterhub.sqlite'}"
c.JupyterHub.cleanup_servers = True
c.ConfigurableHTTPProxy.command = [str(BIN / "configurable-http-proxy")]
c.ConfigurableHTTPProxy.pid_file = str(SETTINGS.state / "proxy.pid")
c.ConfigurableHTTPProxy.api_url = (
    f"http://127.0.0.1:{os.environ.get('WHY_EDGES_BLUR_PROXY_PORT', 8001)}"
)

# A learner's server: the account's own process in the one environment, with limits.
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.JupyterHub.active_server_limit = SETTINGS.servers
c.Spawner.cmd = [sys.executable, "-m", "lessons_lib.classroom.hub.start"]
c.Spawner.ip = "127.0.0.1"
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 120  # thirty servers that start at once are slow
c.Spawner.environment = {
    FILE_VARIABLE: str(settings_file()),
    "OMP_NUM_THREADS": str(SETTINGS.threads),
    "NUMBA_NUM_THREADS": str(SETTINGS.threads),
    "OMP_WAIT_POLICY": "passive",  # waiting threads sleep: many learners share the cores
    "JUPYTER_CONFIG_PATH": lambda spawner: os.pathsep.join(
        str(HERE / folder) for folder in roles(spawner.user.name)
    ),
    "PATH": lambda spawner: os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)]),
}

# Stop servers that nobody uses: one that idles still holds its kernels' memory.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            *(sys.executable, "-m", "jupyterhub_idle_culler"),
            f"--timeout={60 * SETTINGS.idle_minutes}",
        ],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
