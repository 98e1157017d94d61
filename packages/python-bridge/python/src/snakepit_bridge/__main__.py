"""``python -m snakepit_bridge``: the programs that the host starts."""

from __future__ import annotations

import os
import sys

from ._standard_library_first import StandardLibraryFirst

with StandardLibraryFirst():
    from ._launch import main

_SAFE_PATH = "PYTHONSAFEPATH"
_SET_BY_HOST = "snakepit"


def _leave_out_working_directory() -> None:
    """Takes the working directory off the module search path, where ``python -m`` has put it.

    Python 3.11 and newer do not put it there when ``PYTHONSAFEPATH`` is set. The variable is for this process alone:
    scripts that a tool starts find their neighbors as usual. What multiprocessing starts gets the option ``-P``.
    """
    if os.environ.get(_SAFE_PATH) == _SET_BY_HOST:
        del os.environ[_SAFE_PATH]
    if not getattr(sys.flags, "safe_path", sys.flags.isolated) and sys.path[:1] == [os.getcwd()]:  # noqa: PTH109
        del sys.path[0]


if __name__ == "__main__":
    _leave_out_working_directory()
    main(sys.argv[1:])
