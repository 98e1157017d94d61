"""Tools of the workers that the fuzz battery sends calls to. None of them raises, whatever its arguments are."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from snakepit_bridge import SessionContext, tool
from snakepit_bridge._system import ProcessUsage


@tool
def echo(value: Any = None) -> Any:
    """Returns its argument."""
    return value


@tool
async def echo_later(value: Any = None) -> Any:
    """Returns its argument from the event loop."""
    return value


@tool
def typed(
    count: int = 0,
    names: list[str] | None = None,
    when: datetime | None = None,
    amount: Decimal | None = None,
    table: dict[str, float] | None = None,
) -> int:
    """Has parameters whose values are checked."""
    return count if names is None else len(names)


@tool
def collect(*values: Any, **named: Any) -> int:
    """Takes any arguments."""
    return len(values) + len(named)


@tool
def numbers(to: int = 3) -> Iterator[int]:
    """Streams at most ten numbers."""
    yield from range(max(0, min(to, 10)))


@tool
def ask(session: SessionContext, what: str = "get") -> Any:  # noqa: PLR0911 - one answer for each request
    """Sends a request to the host, which answers with anything."""
    match what:
        case "get":
            return session.variables.get("x")
        case "list":
            return len(session.variables.list())
        case "describe":
            return session.variables.describe("x").name
        case "watch":
            return sum(1 for _ in session.variables.watch("x"))
        case "program":
            return session.programs.get("p") is None
        case "tools":
            return [each.name for each in session.tools.list()]
        case "stream":
            return sum(1 for _ in session.stream("tool", a=1))
        case _:
            return session.call("tool", a=1)


@cache
def _usage() -> ProcessUsage:
    """Returns the only reader of the usage, which keeps a descriptor open."""
    return ProcessUsage()


@tool
def resources() -> dict[str, int]:
    """Measures this process after a garbage collection."""
    gc.collect()
    return {
        "rssBytes": _usage().read().rss_bytes,
        "descriptors": len(os.listdir("/dev/fd")),  # noqa: PTH208 - the names are not needed
        "threads": threading.active_count(),
    }
