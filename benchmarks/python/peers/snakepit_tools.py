"""The tools of the comparison as tools of Snakepit, which finds those that this module defines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import peer_tools
from snakepit_bridge import tool


@tool
def add(a: float, b: float) -> float:
    """Returns the sum: a small call."""
    return peer_tools.add(a, b)


@tool
def visit(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Increments the visits of each record and returns the records."""
    return peer_tools.visit(records)


@tool
def total_visits(records: list[dict[str, Any]]) -> int:
    """Returns the sum of the visits of all records."""
    return peer_tools.total_visits(records)


@tool
def echo(message: dict[str, Any]) -> dict[str, Any]:
    """Returns a message with an array of numpy. To name that type, every worker would import numpy at its start."""
    return message


@tool
def count(to: int) -> Iterator[int]:
    """Yields the integers below `to` as fast as it can."""
    yield from range(to)


@tool
def work(ms: float) -> float:
    """Uses the processor for `ms` milliseconds, also when others compete for it."""
    return peer_tools.work(ms)


@tool
def process_time() -> float:
    """Returns the processor time of this worker in seconds, user and system."""
    return time.process_time()
