"""Tools that call the host tools of a client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from snakepit_bridge import HostToolError, SessionContext, tool


@tool
def greet(name: str, ctx: SessionContext) -> str:
    """Calls the client's tool `greet`."""
    return ctx.tools.greet(name=name)


@tool
def count(to: int, ctx: SessionContext) -> Iterator[int]:
    """Passes on the client's stream `count`."""
    yield from ctx.stream("count", to=to)


@tool
def begin_counting(to: int, ctx: SessionContext) -> int:
    """Reads only the first value of the client's stream `count`."""
    with closing(ctx.stream("count", to=to)) as numbers:
        return next(numbers)


@tool
def fail(name: str, ctx: SessionContext) -> list[object]:
    """Returns the error of a call."""
    try:
        ctx.call(name)
    except HostToolError as error:
        return [error.code, error.message, error.details]
    return []


@tool
def wait(ctx: SessionContext) -> None:
    """Calls the client's tool `wait`."""
    ctx.call("wait")
