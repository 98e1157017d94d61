"""Whether libraries may be used in several threads, after a fork, and without the global interpreter lock.

:func:`check` answers for one library, and :func:`report` for the imports of a module, which
``python -m snakepit_bridge compatibility`` prints.
"""

from __future__ import annotations

from ._compatibility import Compatibility, Fork, FreeThreading, Threads, check
from ._import_report import ImportedLibrary, ModuleReport, PythonBuild, TargetNotFoundError, report

__all__ = [
    "Compatibility",
    "Fork",
    "FreeThreading",
    "ImportedLibrary",
    "ModuleReport",
    "PythonBuild",
    "TargetNotFoundError",
    "Threads",
    "check",
    "report",
]
