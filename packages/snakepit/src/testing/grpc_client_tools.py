"""Tools for a gRPC client that does not use Snakepit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from snakepit_bridge import tool


@tool
def add(a: float, b: float) -> float:
    """Returns the sum."""
    return a + b


@tool
def count(to: int) -> Iterator[int]:
    """Yields 0, 1, …"""
    yield from range(to)


@tool
def fail() -> None:
    """Raises an exception."""
    raise ValueError("bad")


@tool
def wait() -> None:
    """Waits to be cancelled."""
    time.sleep(60)


@tool
def execute_program(program_id: str, program_data: dict[str, Any]) -> str:
    """Executes a program."""
    return f"{program_id} {program_data['prompt']}s"
