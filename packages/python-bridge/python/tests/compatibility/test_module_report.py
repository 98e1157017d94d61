from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from snakepit_bridge.compatibility import ModuleReport, TargetNotFoundError, report


def write(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def modules_of(found: ModuleReport) -> list[str]:
    return [each.module for each in found.libraries]


def test_imports_are_found_without_the_execution_of_the_module(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "tools.py": """
import json, sqlite3
import numpy as np
from typing import TYPE_CHECKING
from google.cloud import storage
if TYPE_CHECKING:
    import pandas
def tool():
    from sklearn.svm import SVC
raise SystemExit("executed")
"""
        },
    )
    found = report(str(tmp_path / "tools.py"))
    assert modules_of(found) == ["google.cloud.storage", "numpy", "sklearn", "sqlite3"]
    numpy = found.libraries[1]
    assert (numpy.name, numpy.installed, numpy.imported_at) == ("NumPy", True, [f"{tmp_path / 'tools.py'}:3"])
    assert numpy.version is not None
    assert found.libraries[3].installed
    assert (found.python.version, found.problems) == (".".join(map(str, sys.version_info[:3])), [])


def test_modules_in_the_directory_of_a_file_are_followed(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "tools.py": "import prices\nfrom deep.more import thing\nimport tools",
            "prices.py": "import httpx",
            "deep/more.py": "import redis",
        },
    )
    found = report(str(tmp_path / "tools.py"))
    assert modules_of(found) == ["httpx", "redis"]
    assert len(found.files) == 3


def test_a_module_is_found_without_the_import_of_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        {
            "shop/__init__.py": "raise SystemExit('executed')",
            "shop/tools.py": "from . import prices\nfrom .deep.more import it\nfrom shop import broken",
            "shop/prices.py": "import httpx",
            "shop/deep/__init__.py": "",
            "shop/deep/more.py": "from ..side import x\nimport redis",
            "shop/side.py": "import duckdb",
            "shop/broken.py": "def broken(:",
        },
    )
    found = report("shop.tools:Adapter")
    assert modules_of(found) == ["duckdb", "httpx", "redis"]
    assert sorted(Path(each).relative_to(tmp_path).as_posix() for each in found.files) == [
        "shop/__init__.py",
        "shop/deep/more.py",
        "shop/prices.py",
        "shop/side.py",
        "shop/tools.py",
    ]
    assert len(found.problems) == 1
    assert "broken.py cannot be read" in found.problems[0]
    assert "shop" not in sys.modules


def test_a_library_that_is_not_installed_is_reported(tmp_path: Path) -> None:
    write(tmp_path, {"tools.py": "import a_library_that_is_missing\nimport tensorflow"})
    found = report(str(tmp_path / "tools.py"))
    assert [(each.name, each.known, each.installed) for each in found.libraries] == [
        ("a_library_that_is_missing", False, False),
        ("TensorFlow", True, False),
    ]
    text = "\n".join(found.recommendations)
    assert "a_library_that_is_missing is not installed in" in text
    assert "TensorFlow must not be imported before the workers are forked" in text
    assert 'use startMethod "spawn"' in text


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("./missing.py", r"the file .*missing\.py does not exist; pass the path of a file, or a module"),
        ("no_such_package.module", r"no source code of the module 'no_such_package\.module' was found in"),
        ("two words", r"target must be a file or a module; got 'two words'"),
        ("math", r"no source code of the module 'math'"),
    ],
)
def test_an_unknown_target_is_rejected(
    target: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TargetNotFoundError, match=message):
        report(target)


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakepit_bridge", "compatibility", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)  # noqa: S603


def test_the_command_prints_the_report(tmp_path: Path) -> None:
    write(tmp_path, {"tools.py": "import numpy, matplotlib"})
    done = run("./tools.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "NumPy" in done.stdout
    assert "- matplotlib is not thread-safe: " in done.stdout
    parsed = json.loads(run("tools", "--json", cwd=tmp_path).stdout)
    assert [each["name"] for each in parsed["libraries"]] == ["matplotlib", "NumPy"]
    assert parsed["libraries"][1]["freeThreading"]["since"] == "2.1.0"
    assert set(parsed["python"]) == {"version", "freeThreaded", "gilEnabled"}


def test_the_command_fails_for_an_unknown_target(tmp_path: Path) -> None:
    done = run("./missing.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "missing.py does not exist" in done.stderr
    failed = run("./missing.py", "--json", cwd=tmp_path)
    assert failed.returncode == 1
    assert "missing.py does not exist" in json.loads(failed.stdout)["error"]


def test_an_execution_finds_what_other_libraries_import(tmp_path: Path) -> None:
    write(tmp_path, {"tools.py": "import wrapper\nprint('imported')", "unseen.py": "import sqlite3"})
    write(tmp_path, {"wrapper.py": "import importlib\nimportlib.import_module('unseen')"})
    assert json.loads(run("./tools.py", "--json", cwd=tmp_path).stdout)["libraries"] == []
    done = run("./tools.py", "--json", "--execute", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "imported\n")
    [library] = json.loads(done.stdout)["libraries"]
    assert (library["name"], library["importedAt"], library["loaded"]) == ("SQLite", [], True)


def test_an_execution_that_fails_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"tools.py": "raise RuntimeError('no model')"})
    done = run("./tools.py", "--execute", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no model" in done.stderr


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_the_package_describes_its_commands(option: str) -> None:
    command = [sys.executable, "-m", "snakepit_bridge", option]
    result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert "compatibility MODULE_OR_FILE" in result.stdout
    assert result.stderr == ""
