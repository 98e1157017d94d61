"""Keeps user files that are named like standard modules out of the package's own imports.

A script's directory comes before the standard library on the module search path, and so does ``PYTHONPATH``. A file
``json.py`` there would break the package, here and in processes that multiprocessing starts. This module itself
imports nothing but what the interpreter has loaded before it runs any code.
"""

from __future__ import annotations

import os
import sys

_DIRECTORY = os.path.dirname(os.__file__)  # noqa: PTH120 (pathlib may be one of the hidden modules)


class StandardLibraryFirst:
    """Searches the standard library before all other directories, as long as this context lasts."""

    def __enter__(self) -> None:
        self._before = sys.path
        standard = [entry for entry in sys.path if is_standard(entry)]
        sys.path = [*standard, *sys.path]

    def __exit__(self, *_exception: object) -> None:
        sys.path = self._before


def is_standard(entry: str) -> bool:
    """Whether an entry of the module search path belongs to the standard library."""
    return entry == _DIRECTORY or entry.endswith("lib-dynload")
