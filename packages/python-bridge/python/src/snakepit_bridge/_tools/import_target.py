"""Imports the module of a target."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from .import_failure import explain_import_failure
from .target import Target
from .target_error import TargetError
from .tool_decorator import forget_definitions


def import_target(target: Target) -> ModuleType:
    """Imports the module that a target names. A module that fails is not left behind.

    A file's directory and, for a module, the working directory come first in the search path, as they do when
    Python runs a script or ``python -m``.

    Raises:
        TargetError: it is not there, or importing it fails.
    """
    if target.file is not None:
        _check_file(target, target.file)
        _search_first(target.file.parent)
        name = _module_name(target.file)
    else:
        assert target.module is not None  # noqa: S101 (a target is a file or a module)
        _search_first(Path.cwd())
        name = target.module
    forget_definitions(name)
    try:
        return _import_file(target.file, name) if target.file is not None else importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        forget_definitions(name)
        raise explain_import_failure(target, error) from error


def _check_file(target: Target, file: Path) -> None:
    if file.is_dir():
        raise TargetError(f"'{target.text}' is a directory; name a file in it, or the package as a module")
    if not file.exists():
        raise TargetError(f"there is no file {file} (target '{target.text}'); check the path")


def _search_first(directory: Path) -> None:
    entry = str(directory)
    if entry not in sys.path:
        sys.path.insert(0, entry)
    # A finder may remember that the directory did not hold a file that is there now.
    importlib.invalidate_caches()


def _module_name(file: Path) -> str:
    """The name under which other modules would import the file too, unless that is somebody else's."""
    name = file.stem
    if name.isidentifier() and name not in sys.modules:
        found = importlib.util.find_spec(name)
        if found is not None and found.origin is not None and Path(found.origin) == file:
            return name
    return f"_snakepit_target_{''.join(each if each.isalnum() else '_' for each in name)}"


def _import_file(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
