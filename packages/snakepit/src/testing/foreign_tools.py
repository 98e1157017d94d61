"""Tools for a client that is not ours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from snakepit_bridge import tool


@tool
def add(a: float, b: float) -> float:
    """Adds."""
    return a + b


@tool
def count(to: int) -> Iterator[int]:
    """Counts."""
    yield from range(to)


@tool
def fail() -> None:
    """Raises."""
    raise ValueError("bad")


@tool
def wait() -> None:
    """Waits to be cancelled."""
    time.sleep(60)


@tool
def execute_program(program_id: str, program_data: dict[str, Any]) -> str:
    """Executes a program."""
    return f"{program_id} {program_data['prompt']}s"
