"""Tools with settings, and tools that end their worker or fail a number of times."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from math import inf
from pathlib import Path

from snakepit_bridge import tool


@tool(timeout_s=0.2, idempotent=True, max_concurrent=3)
def limited(seconds: float) -> str:
    """Sleeps; its own time limit is shorter than that of the pool."""
    time.sleep(seconds)
    return "done"


@tool(timeout_s=inf)
def unlimited() -> str:
    """Has no time limit."""
    return "done"


@tool(timeout_s=0.2)
def limited_stream(seconds: float) -> Iterator[int]:
    """Yields a value after a time."""
    time.sleep(seconds)
    yield 1


@tool
def plain(value: int = 0) -> int:
    """Has no settings."""
    return value


@tool
def crash_until(journal: str, executions: int) -> int:
    """Kills its worker until it has been executed a number of times.

    Args:
        journal: a file that gets one line for each execution.
        executions: the execution that returns.
    """
    done = _record(journal)
    if done < executions:
        os.kill(os.getpid(), 9)
    return done


@tool(idempotent=True)
def repeatable(journal: str, executions: int) -> int:
    """As ``crash_until``, and may be executed twice."""
    return crash_until(journal, executions)


@tool
def raise_until(journal: str, executions: int) -> int:
    """Raises an exception until it has been executed a number of times."""
    done = _record(journal)
    if done < executions:
        raise ValueError(f"execution {done}")
    return done


@tool
def stream_and_crash(journal: str) -> Iterator[int]:
    """Kills its worker before the first chunk."""
    _record(journal)
    os.kill(os.getpid(), 9)
    yield 1


@tool
def segfault(address: int = 0, journal: str = "") -> bytes:
    """Reads memory at an invalid address."""
    if journal:
        _record(journal)
    return ctypes.string_at(address)


@tool
def hold(journal: str, gate: str) -> int:
    """Records its execution, and waits until a file exists."""
    done = _record(journal)
    while not Path(gate).exists():
        time.sleep(0.005)
    return done


def _record(journal: str) -> int:
    """Appends a line to a file, and returns the number of its lines."""
    with Path(journal).open("a") as lines:
        lines.write("executed\n")
    return len(Path(journal).read_text().splitlines())
