"""Makes a process look to the code of a target as it looks to a script that Python runs."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

from .._standard_library_first import StandardLibraryFirst, is_standard

# What the package imports when it is needed, and not before.
_LATE_IMPORTS = ("asyncio", "difflib", "queue", "resource", "zoneinfo")


def search_first(directory: Path) -> None:
    """Puts a directory first in the module search path.

    It comes after the standard library if it holds a file that is named like a standard module which this process has
    imported already: that module is used here in any case, and processes of multiprocessing, which get the search
    path, would import the file in its place.
    """
    entry = str(directory)
    if entry not in sys.path:
        hidden = hidden_standard_modules(directory)
        if hidden:
            _import_late_imports()
        is_used = any(Path(name).stem in sys.modules for name in hidden)
        sys.path.insert(_end_of_standard_library() if is_used else 0, entry)
    # A finder may remember that the directory did not hold a file that exists now.
    importlib.invalidate_caches()


def become_script(file: str) -> None:
    """Sets what a script finds in ``sys.argv`` and ``__main__``.

    ``__main__`` is an empty module, as in an interactive session: multiprocessing would import what it names again in
    each process that it starts, and the target is imported there under its own name.

    Args:
        file: the path of the target's file.
    """
    sys.argv = [file]
    sys.modules["__main__"] = ModuleType("__main__")


def hidden_standard_modules(directory: Path) -> list[str]:
    """Files in a directory, and packages, that have the name of a standard module."""
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
