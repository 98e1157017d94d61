"""Reports about the libraries that a module imports, found without the execution of any code."""

from __future__ import annotations

from .command import run_command
from .imports import TargetNotFoundError
from .module_report import ImportedLibrary, ModuleReport, PythonBuild, report

__all__ = [
    "ImportedLibrary",
    "ModuleReport",
    "PythonBuild",
    "TargetNotFoundError",
    "report",
    "run_command",
]
