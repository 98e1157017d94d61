"""Sets up a process for the code of a target as Python does for a script."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

from .._standard_library_first import StandardLibraryFirst, is_standard

# Modules that the package imports lazily.
_LATE_IMPORTS = ("asyncio", "difflib", "queue", "resource", "zoneinfo")


def search_first(directory: Path) -> None:
    """Puts a directory first in the module search path.

    The directory comes after the standard library if one of its files has the name of a standard module that this
    process has imported already. This process uses the standard module in any case, while processes started by
    multiprocessing inherit the search path and would import the file instead.
    """
    entry = str(directory)
    if entry not in sys.path:
        hidden = hidden_standard_modules(directory)
        if hidden:
            _import_late_imports()
        is_used = any(Path(name).stem in sys.modules for name in hidden)
        sys.path.insert(_end_of_standard_library() if is_used else 0, entry)
    # A finder may have cached that the directory does not contain a file that exists now.
    importlib.invalidate_caches()


def become_script(file: str) -> None:
    """Sets ``sys.argv`` and ``__main__`` as for a script.

    ``__main__`` is an empty module, as in an interactive session: multiprocessing would import the file of ``__main__``
    again in each process that it starts, where the target is imported under its own name.

    Args:
        file: the path of the target's file.
    """
    sys.argv = [file]
    sys.modules["__main__"] = ModuleType("__main__")


def hidden_standard_modules(directory: Path) -> list[str]:
    """Returns the files and packages in a directory that have the name of a standard module."""
    try:
        names = os.listdir(directory)  # noqa: PTH208 (only names are needed)
    except OSError:
        return []
    standard = sys.stdlib_module_names
    return [
        name
        for name in sorted(names)
        if name.removesuffix(".py") in standard
        and (name.endswith(".py") or (directory / name / "__init__.py").exists())
    ]


def _import_late_imports() -> None:
    with StandardLibraryFirst():
        for name in _LATE_IMPORTS:
            importlib.import_module(name)


def _end_of_standard_library() -> int:
    return max((index + 1 for index, entry in enumerate(sys.path) if is_standard(entry)), default=0)
