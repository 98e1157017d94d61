"""Tools that call what a client offers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from snakepit_bridge import HostToolError, SessionContext, tool


@tool
def greet(name: str, ctx: SessionContext) -> str:
    """Has the client greet."""
    return ctx.tools.greet(name=name)


@tool
def count(to: int, ctx: SessionContext) -> Iterator[int]:
    """Has the client count."""
    yield from ctx.stream("count", to=to)


@tool
def begin_counting(to: int, ctx: SessionContext) -> int:
    """Has the client count, and listens to the beginning only."""
    with closing(ctx.stream("count", to=to)) as numbers:
        return next(numbers)


@tool
def fail(name: str, ctx: SessionContext) -> list[object]:
    """How a call fails."""
    try:
        ctx.call(name)
    except HostToolError as error:
        return [error.code, error.message, error.details]
    return []


@tool
def wait(ctx: SessionContext) -> None:
    """Has the client wait."""
    ctx.call("wait")
