"""Tools for tests that observe and operate a host from another process."""

from __future__ import annotations

import os
import time

from snakepit_bridge import tool


@tool
def pid() -> int:
    """Returns the process ID of the worker."""
    return os.getpid()


@tool
def hold(path: str) -> str:
    """Waits until a file exists. Creates another one when it is in ``wait_for``."""
    wait_for(path)
    return "released"


def wait_for(path: str) -> None:
    with open(f"{path}.begun", "w"):  # noqa: PTH123
        pass
    while not os.path.exists(path):  # noqa: PTH110
        time.sleep(0.01)


@tool
def fail(message: str) -> None:
    """Raises an exception."""
    raise ValueError(message)
