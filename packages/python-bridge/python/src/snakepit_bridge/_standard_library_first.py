"""Prevents user files with the names of standard modules from shadowing them in the imports of this package.

The module search path lists a script's directory and ``PYTHONPATH`` before the standard library. A file ``json.py`` in
one of them would break the package, in this process and in those that multiprocessing starts. This module imports only
modules that the interpreter itself loads at startup.
"""

from __future__ import annotations

import gc
import os
import sys

_DIRECTORY = os.path.dirname(os.__file__)  # noqa: PTH120 (pathlib may be one of the hidden modules)


class StandardLibraryFirst:
    """A context manager within which the standard library is searched before all other directories.

    It also pauses the garbage collector: imports create many objects and hardly any garbage, and collections would take
    a tenth of the time.
    """

    def __enter__(self) -> None:
        self._collects = gc.isenabled()
        gc.disable()
        self._before = sys.path
        standard = [entry for entry in sys.path if is_standard(entry)]
        sys.path = [*standard, *sys.path]

    def __exit__(self, *_exception: object) -> None:
        sys.path = self._before
        if self._collects:
            gc.enable()


def is_standard(entry: str) -> bool:
    """Whether an entry of the module search path belongs to the standard library."""
    return entry == _DIRECTORY or entry.endswith("lib-dynload")
