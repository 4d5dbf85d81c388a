"""JupyterHub's configuration: it refuses an open server, and says what the settings say."""

import json
import os

import pytest
from traitlets.config import PyFileConfigLoader

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a class server is a Linux machine")

from lessons_lib.classroom.hub import prepare  # noqa: E402
from lessons_lib.classroom.hub.settings import DEFAULT_FILE, FILE_VARIABLE  # noqa: E402

HUB = DEFAULT_FILE.parent


def load():
    return PyFileConfigLoader("jupyterhub_config.py", path=str(HUB)).load_config()


@pytest.fixture
def settings_file(tmp_path, monkeypatch):
    class_list = tmp_path / "class.csv"
    class_list.write_text("id\nada\nbert\n")
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    path = tmp_path / "class.toml"
    path.write_text(text.replace("/srv/why-edges-blur/hub/class.csv", str(class_list)))
    monkeypatch.setenv(FILE_VARIABLE, str(path))


def test_a_server_with_open_folders_does_not_start(settings_file):
    with pytest.raises(SystemExit, match="(?s)does not start:.*python -m lessons_lib.classroom"):
        load()


def test_the_settings_reach_the_hub(settings_file, monkeypatch):
    monkeypatch.setattr(prepare, "problems", lambda settings: [])
    monkeypatch.setattr(prepare, "unreachable", lambda settings: [])
    config = load()
    assert config.Authenticator.allowed_users == {"ada", "bert", "instructor"}
    assert config.JupyterHub.active_server_limit == 30
    assert config.Spawner.environment["OMP_NUM_THREADS"] == "2"
    assert "--timeout=3600" in config.JupyterHub.services[0]["command"]
    assert config.JupyterHub.bind_url == "http://127.0.0.1:8000"


def extensions(folder: str) -> dict[str, bool]:
    text = (HUB / folder / "jupyter_server_config.json").read_text(encoding="utf-8")
    return json.loads(text)["ServerApp"]["jpserver_extensions"]


def test_only_the_instructor_has_the_form():
    form = "nbgrader.server_extensions.formgrader"
    assert extensions("form")[form]
    assert not extensions("student")[form]
    assert not extensions("image")[form]
    page = json.loads((HUB / "student/labconfig/page_config.json").read_text(encoding="utf-8"))
    assert page["disabledExtensions"]["@jupyter/nbgrader:formgrader"]
    assert not page["disabledExtensions"]["@jupyter/nbgrader"]
