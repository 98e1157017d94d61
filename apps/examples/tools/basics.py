"""A few tools. A tool is a decorated function."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from snakepit_bridge import tool


@tool
def add(a: float, b: float) -> float:
    """Adds two numbers."""
    return a + b


@tool
def greet(name: str, greeting: str = "Hello") -> str:
    """Returns a greeting."""
    return f"{greeting}, {name}!"


@tool
def slow_square(value: int, seconds: float = 0.05) -> dict[str, int]:
    """Squares a number slowly; returns the square and the ID of the process."""
    time.sleep(seconds)
    return {"value": value * value, "pid": os.getpid()}


@tool
def count_down(start: int) -> Iterator[int]:
    """Yields start, start - 1, …, 1."""
    yield from range(start, 0, -1)


@tool
def readings(count: int) -> Iterator[dict[str, float]]:
    """Yields readings as fast as the consumer allows."""
    for number in range(count):
        yield {"number": number, "produced_at": time.time()}


@tool
def divide(a: float, b: float) -> float:
    """Divides two numbers."""
    return a / b


@tool
def sleep(seconds: float) -> None:
    """Sleeps for ``seconds``."""
    time.sleep(seconds)
