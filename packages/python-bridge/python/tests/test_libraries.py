"""The command that installs a package fits the environment. That the commands work is tested from TypeScript."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from snakepit_bridge._libraries import install_command


class Environment:
    """Makes this interpreter look as if it ran in another environment."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self._patch = monkeypatch
        monkeypatch.chdir(directory)

    def use(self, prefix: str, *, pip: bool, base: str | None = None, config: str = "") -> Path:
        path = self.directory / prefix
        path.mkdir(parents=True, exist_ok=True)
        (path / "pyvenv.cfg").write_text(config)
        self._patch.setattr(sys, "prefix", str(path))
        self._patch.setattr(sys, "base_prefix", str(self.directory / (base or "usr")))
        self._patch.setattr(sys, "executable", str(path / "bin/python3"))
        found = importlib.util.find_spec
        self._patch.setattr(importlib.util, "find_spec", lambda name: found(name) if name != "pip" or pip else None)
        return path


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(tmp_path, monkeypatch)


def test_a_virtual_environment_with_pip_uses_its_pip(environment: Environment) -> None:
    prefix = environment.use("env", pip=True)
    assert install_command("numpy") == f"{prefix}/bin/python3 -m pip install numpy"


def test_a_path_and_a_requirement_are_quoted_for_the_shell(environment: Environment) -> None:
    prefix = environment.use("my env", pip=True)
    assert install_command("grpcio>=1.76") == f"'{prefix}/bin/python3' -m pip install 'grpcio>=1.76'"


def test_an_environment_of_uv_without_a_project_uses_uv(environment: Environment) -> None:
    prefix = environment.use(".venv", pip=False, config="home = /usr/bin\nuv = 0.9.1\n")
    assert install_command("numpy") == f"uv pip install --python {prefix}/bin/python3 numpy"


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "[project]\nname = 'app'\n", "uv.lock": "version = 1\n"},
        {"pyproject.toml": "[tool.uv]\n"},
        {"pyproject.toml": "[[tool.uv.index]]\nurl = 'https://example.org/simple'\n"},
    ],
)
def test_a_project_of_uv_lists_the_package(environment: Environment, files: dict[str, str]) -> None:
    for name, text in files.items():
        (environment.directory / name).write_text(text)
    environment.use(".venv", pip=False)
    assert install_command("numpy") == f"uv add --project {environment.directory} numpy"


def test_a_project_of_poetry_lists_the_package_wherever_its_environment_is(environment: Environment) -> None:
    (environment.directory / "pyproject.toml").write_text("[tool.poetry]\npackage-mode = false\n")
    for prefix in (".venv", "cache/pypoetry/virtualenvs/app-py3.12"):
        environment.use(prefix, pip=True)
        assert install_command("numpy") == f"poetry add --directory {environment.directory} numpy"
    other = environment.use("env", pip=True)
    assert install_command("numpy") == f"{other}/bin/python3 -m pip install numpy"


def test_an_environment_of_conda_uses_its_pip_or_conda(environment: Environment) -> None:
    prefix = environment.use("conda/envs/app", pip=True, base="conda/envs/app")
    (prefix / "conda-meta").mkdir()
    assert install_command("numpy") == f"{prefix}/bin/python3 -m pip install numpy"
    environment.use("conda/envs/app", pip=False, base="conda/envs/app")
    assert install_command("numpy") == f"conda install --prefix {prefix} numpy"


def test_the_python_of_a_distribution_is_not_modified(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = environment.use("usr", pip=True, base="usr")
    assert install_command("numpy") == f"{prefix}/bin/python3 -m pip install numpy"
    monkeypatch.setattr(os, "__file__", str(prefix / "os.py"))
    (prefix / "EXTERNALLY-MANAGED").write_text("[externally-managed]\n")
    assert install_command("numpy") == "npx snakepit setup --with numpy"


def test_an_environment_without_pip_uses_snakepit_setup(environment: Environment) -> None:
    prefix = environment.use("env", pip=False)
    assert install_command("numpy") == f"npx snakepit setup --python {prefix}/bin/python3 --with numpy"
