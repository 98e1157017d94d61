"""Tools that never end."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import threading

from snakepit_bridge import tool

_lock = threading.Lock()


@tool
def pid() -> int:
    """Returns the process ID of the worker."""
    return os.getpid()


@tool
def spin() -> None:
    """Runs Python code forever, until it is cancelled."""
    while True:
        pass


@tool
def spin_regardless() -> None:
    """Runs Python code forever, and ignores its cancellation."""
    while True:
        try:
            while True:
                pass
        except BaseException:  # noqa: S112
            continue


@tool
def wait_for_lock() -> None:
    """Waits for a lock that no one releases, until it is cancelled."""
    _lock.acquire(blocking=False)
    _lock.acquire()


@tool
def wait_for_lock_regardless() -> None:
    """Waits for a lock that no one releases, and ignores its cancellation."""
    _lock.acquire(blocking=False)
    while True:
        try:
            _lock.acquire()
        except BaseException:  # noqa: S112
            continue


@tool
def sleep_in_c() -> None:
    """Sleeps in C code that holds the GIL: a PyDLL keeps it, unlike a CDLL."""
    sys.setswitchinterval(1_000_000)
    ctypes.PyDLL(None).sleep(600)


@tool
def backtrack() -> None:
    """Matches a pattern whose time is exponential, in C code that holds the GIL."""
    sys.setswitchinterval(1_000_000)
    re.match(r"(a+)+$", "a" * 100 + "b")


@tool
def hide_stacks() -> None:
    """Holds the GIL in a process whose stderr is closed, so that no stack can be written."""
    sys.setswitchinterval(1_000_000)
    os.close(2)
    ctypes.PyDLL(None).sleep(600)
