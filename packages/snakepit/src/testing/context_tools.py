"""Tools that return the context of a call in Python."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

from snakepit_bridge import current_call, tool


@tool
def echo(value):  # without an annotation: any value, and no warning at start
    """Returns its argument."""
    return value


@tool
def context() -> dict[str, object]:
    """Returns the options of the call."""
    call = current_call()
    return {
        "correlation": call.correlation_id,
        "session": call.session_id,
        "traceparent": call.traceparent,
        "metadata": dict(call.metadata),
        "remaining": call.remaining_seconds,
    }


@tool
def talk(message: str) -> None:
    """Prints and logs."""
    print(message)
    logging.getLogger("app.talk").warning("logged %s", message)


@tool
def variable(name: str) -> str | None:
    """Returns a variable of the worker's environment."""
    return os.environ.get(name)


@tool
def numbers(to: int) -> Iterator[int]:
    """Yields 0, 1, …"""
    yield from range(to)
