"""The tools of the comparison: every peer serves these functions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any


def add(a: float, b: float) -> float:
    """Returns the sum: a small call."""
    return a + b


def visit(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Increments the visits of each record and returns the records."""
    for record in records:
        record["visits"] += 1
    return records


def total_visits(records: list[dict[str, Any]]) -> int:
    """Returns the sum of the visits of all records."""
    return sum(record["visits"] for record in records)


def count(to: int) -> Iterator[int]:
    """Yields the integers below `to` as fast as it can."""
    yield from range(to)


def work(ms: float) -> float:
    """Uses the processor for `ms` milliseconds, also when others compete for it."""
    end = time.thread_time() + ms / 1_000
    while time.thread_time() < end:
        pass
    return ms


TOOLS = {"add": add, "visit": visit, "total_visits": total_visits, "count": count, "work": work}
"""The functions by name, for the peers that look them up."""
