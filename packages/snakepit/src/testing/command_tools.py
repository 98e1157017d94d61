"""Tools for tests of commands."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from snakepit_bridge import tool


@tool
def add(a: float, b: float) -> float:
    """Returns the sum."""
    return a + b


@tool
def echo(value: str) -> str:
    """Returns its argument."""
    return value


@tool
def values() -> dict[str, Any]:
    """Returns values without a counterpart in JSON."""
    return {"large": 2**60, "bytes": b"hi", "set": {1}, "none": None}


@tool
def divide(a: float, b: float) -> float:
    """Returns the quotient."""
    return a / b


@tool
def count(to: int) -> Iterator[int]:
    """Yields 0, 1, …"""
    print("counting")
    yield from range(to)


@tool
def directory() -> str:
    """Returns the working directory."""
    return os.getcwd()  # noqa: PTH109


@tool
def wait(seconds: float) -> str:
    """Waits, and reports how it ended."""
    try:
        print("waiting", flush=True)
        time.sleep(seconds)
    finally:
        print("cleaned up", flush=True)
    return "waited"


@tool
def wait_while_exists(path: str) -> str:
    """Waits until the file at the path is removed."""
    print("waiting", flush=True)
    while os.path.exists(path):  # noqa: PTH110
        time.sleep(0.01)
    return "ended"
