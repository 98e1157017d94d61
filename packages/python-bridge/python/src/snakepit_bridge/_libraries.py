"""Libraries: whether the process has loaded one, loading one on first use, and the command that installs one."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any


def if_loaded(module: str, *, waits: bool = True) -> Any:
    """Returns a module if this process has imported it, ``None`` otherwise.

    A library that is not loaded has created no values and has no state, so callers need not import it to check.

    Args:
        module: the full name of the module.
        waits: whether to wait while another thread is importing the module, which then lacks attributes.
    """
    found = sys.modules.get(module)
    if found is not None and waits and getattr(getattr(found, "__spec__", None), "_initializing", False):
        # Returns the module as it is when this thread is importing it.
        return importlib.import_module(module)
    return found


def load_on_first_use(name: str) -> None:
    """Replaces a module that is not loaded by one that is loaded when an attribute of it is first accessed.

    Args:
        name: the full name of a module in a package.
    """
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    # Otherwise the next import of the name would load it.
    package, _, child = name.rpartition(".")
    setattr(sys.modules[package], child, module)


def install_command(requirement: str) -> str:
    """Returns the command that permanently installs a package into the environment of this interpreter.

    Args:
        requirement: a package, such as ``numpy`` or ``grpcio>=1.76``.
    """
    python = shlex.quote(sys.executable)
    package = shlex.quote(requirement)
    prefix = Path(sys.prefix)
    has_pip = importlib.util.find_spec("pip") is not None
    with_pip = f"{python} -m pip install {package}"
    if (prefix / "conda-meta").is_dir():
        return with_pip if has_pip else f"conda install --prefix {shlex.quote(sys.prefix)} {package}"
    if sys.prefix == sys.base_prefix and (_is_externally_managed() or not has_pip):
        # Distributions forbid changes (PEP 668); this command creates an environment.
        return f"npx snakepit setup --with {package}"
    project = _project_of(prefix)
    if project is not None:
        manager, directory = project
        option = "--project" if manager == "uv" else "--directory"
        return f"{manager} add {option} {shlex.quote(str(directory))} {package}"
    if has_pip:
        return with_pip
    made_by_uv = re.search(r"^uv = ", _content_of(prefix / "pyvenv.cfg"), re.MULTILINE) is not None
    command = "uv pip install --python {} {}" if made_by_uv else "npx snakepit setup --python {} --with {}"
    return command.format(python, package)


def _is_externally_managed() -> bool:
    return Path(os.__file__).with_name("EXTERNALLY-MANAGED").exists()


def _project_of(prefix: Path) -> tuple[str, Path] | None:
    """Returns the package manager and the directory of the project that owns an environment."""
    managers: tuple[str, ...] = ("uv", "poetry")
    start = prefix.parent
    if prefix.name != ".venv":
        # Only poetry keeps environments elsewhere, for the project in which the host runs.
        if "pypoetry" not in prefix.parts:
            return None
        managers, start = ("poetry",), Path.cwd()
    for directory in (start, *start.parents):
        manifest = _content_of(directory / "pyproject.toml")
        for manager in managers if manifest else ():
            marked = re.search(rf"^\[+tool\.{manager}[.\]]", manifest, re.MULTILINE) is not None
            if marked or (directory / f"{manager}.lock").exists():
                return manager, directory
    return None


def _content_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
