"""Modules of files that no module name leads to: ``my.tools.py``, or ``json.py`` next to the standard ``json``.

Their names are those of submodules of this one and hold the path, so that every process that can import this package
can import them too: processes that multiprocessing or joblib start find functions and classes by the module's name
(https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled).
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

__path__: list[str] = []
"""Makes this module a package; its submodules are found by :class:`_Finder` alone."""

_PREFIX = f"{__name__}."


def module_name_of(file: Path) -> str:
    """The name under which the module of a file can be imported in any process.

    Args:
        file: an absolute path.
    """
    # A dot separates packages.
    return _PREFIX + str(file).replace("%", "%25").replace(".", "%2E")


class _Finder:
    """Finds the file of a name that :func:`module_name_of` made."""

    @staticmethod
    def find_spec(
        fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_PREFIX):
            return None
        file = fullname[len(_PREFIX) :].replace("%2E", ".").replace("%25", "%")
        return importlib.util.spec_from_file_location(fullname, file)


sys.meta_path.append(_Finder)
