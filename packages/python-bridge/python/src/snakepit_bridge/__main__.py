"""``python -m snakepit_bridge``: the entry point of the processes that the host starts."""

from __future__ import annotations

import os
import sys

from ._standard_library_first import StandardLibraryFirst

with StandardLibraryFirst():
    from ._launch import main

_SAFE_PATH = "PYTHONSAFEPATH"
_SET_BY_HOST = "snakepit"


def _exclude_working_directory() -> None:
    """Removes the working directory, which ``python -m`` adds, from the module search path.

    Python 3.11 and newer do not add it when ``PYTHONSAFEPATH`` is set. The variable is deleted, so that scripts started
    by a tool find the modules next to them. multiprocessing passes the option ``-P`` to the processes that it starts.
    """
    if os.environ.get(_SAFE_PATH) == _SET_BY_HOST:
        del os.environ[_SAFE_PATH]
    if not getattr(sys.flags, "safe_path", sys.flags.isolated) and sys.path[:1] == [os.getcwd()]:  # noqa: PTH109
        del sys.path[0]


if __name__ == "__main__":
    _exclude_working_directory()
    main(sys.argv[1:])
