"""Finds the source files whose change requires a reload."""

from __future__ import annotations

import site
import sys
import sysconfig
from pathlib import Path

_BRIDGE = Path(__file__).parent.parent


def loaded_source_files() -> list[str]:
    """Returns the absolute paths of the Python files that this process has imported.

    The standard library and installed packages are omitted: they do not change during development.
    """
    installed = _installed()
    files: set[str] = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not file.endswith(".py"):
            continue
        path = Path(file).resolve()
        if not any(path.is_relative_to(directory) for directory in installed):
            files.add(str(path))
    return sorted(files)


def _installed() -> list[Path]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    directories = [sysconfig.get_path(name) for name in names]
    directories += [*site.getsitepackages(), site.getusersitepackages()]
    return [_BRIDGE, *(Path(directory).resolve() for directory in directories if directory)]
