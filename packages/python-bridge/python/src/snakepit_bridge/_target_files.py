"""Modules of files that cannot be imported by name: ``my.tools.py``, or ``json.py``, which the standard module shadows.

They are imported as submodules of this module whose names contain the path. So every process that can import this
package can import them too: multiprocessing and joblib find functions and classes by the name of their module
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
"""Makes this module a package. Only :class:`_Finder` finds its submodules."""

_PREFIX = f"{__name__}."


def module_name_of(file: Path) -> str:
    """Returns the name under which any process can import the module of a file.

    Args:
        file: an absolute path.
    """
    # Dots separate packages.
    return _PREFIX + str(file).replace("%", "%25").replace(".", "%2E")


class _Finder:
    """Finds the file for a name that :func:`module_name_of` returned."""

    @staticmethod
    def find_spec(
        fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_PREFIX):
            return None
        file = fullname[len(_PREFIX) :].replace("%2E", ".").replace("%25", "%")
        return importlib.util.spec_from_file_location(fullname, file)


sys.meta_path.append(_Finder)
