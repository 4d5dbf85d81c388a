"""The conda and the pip way install the same versions, and bootstrap.py fails with clear words."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import bootstrap

ROOT = Path(__file__).resolve().parents[1]

# Names that differ between the two worlds.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "PyWavelets": "pywavelets"}
CONDA_ONLY = {"python", "pip", "pytorch-cpu"}


def pip_pins(name: str = "requirements.txt") -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(len(pin) == 2 for pin in pins), "every requirement is pinned with =="
    return dict(pins)


def conda_pins() -> tuple[dict[str, str], list[str]]:
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    plain = [entry for entry in content["dependencies"] if isinstance(entry, str)]
    nested = [entry["pip"] for entry in content["dependencies"] if isinstance(entry, dict)]
    pins = {name: version for name, _, version in (entry.partition("=") for entry in plain)}
    return pins, nested[0]


def test_conda_and_pip_agree():
    conda, extra = conda_pins()
    for name, version in pip_pins().items():
        expected = CONDA_NAMES.get(name, name)
        assert conda.get(expected) == version or f"{name}=={version}" in extra, name
    known = {CONDA_NAMES.get(name, name) for name in pip_pins()} | CONDA_ONLY
    assert set(conda) <= known


def test_torch_is_the_same_version_everywhere():
    assert conda_pins()[0]["pytorch-cpu"] == bootstrap.TORCH
    # A requirement named torch would bring CUDA on Linux.
    asked = pip_pins().keys() | pip_pins("requirements-test.txt").keys()
    assert not {"torch", "pytorch"} & asked


def test_python_versions_agree():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    low, high = bootstrap.SUPPORTED
    assert f'requires-python = ">={low[0]}.{low[1]},<{high[0]}.{high[1] + 1}"' in project
    conda = conda_pins()[0]["python"].split(".")
    assert low <= (int(conda[0]), int(conda[1])) <= high


def test_bootstrap_needs_only_the_standard_library():
    tree = ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"))
    names = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert names <= sys.stdlib_module_names


def test_another_python_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 0))
    with pytest.raises(SystemExit, match=r"needs 3\.11 to 3\.13.*PYTHON="):
        bootstrap.check_python()


def test_cuda_is_never_installed_silently(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(bootstrap, "has_torch", lambda: False)
    monkeypatch.setattr(bootstrap, "pip", lambda *words, quiet=False: asked.append(words))
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap.platform, "machine", lambda: "x86_64")
    bootstrap.install_torch(allow_cuda=False)
    assert [words[1] for words in asked] == [f"torch=={bootstrap.TORCH}+cpu"] * 2
    assert "--cuda-torch" in capsys.readouterr().out


def test_elsewhere_the_plain_wheel_is_taken(monkeypatch):
    asked = []
    monkeypatch.setattr(bootstrap, "has_torch", lambda: False)
    monkeypatch.setattr(bootstrap, "pip", lambda *words, quiet=False: asked.append(words) or True)
    monkeypatch.setattr(bootstrap.sys, "platform", "darwin")
    bootstrap.install_torch(allow_cuda=False)
    assert asked == [("install", f"torch=={bootstrap.TORCH}", "-q")]


def test_help_lists_the_commands():
    text = subprocess.run(
        [sys.executable, ROOT / "bootstrap.py", "help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(re.search(rf"\b{word}\b", text) for word in ("lab", "test", "setup", "notebooks"))


def test_the_code_is_clean():
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "."], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
