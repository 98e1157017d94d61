"""The tools of bundled-app.ts."""

from collections.abc import Iterator

from snakepit_bridge import SessionContext, tool


@tool
def add(a: float, b: float) -> float:
    """Adds two numbers."""
    return a + b


@tool
def count_down(start: int) -> Iterator[int]:
    """Yields start, start - 1, …, 1."""
    yield from range(start, 0, -1)


@tool
def remember(name: str, value: int, ctx: SessionContext) -> None:
    """Creates a variable of the session."""
    ctx.variables.register(name, "integer", value)


@tool
def ask_twice(value: int | str, ctx: SessionContext) -> object:
    """Calls a host tool, also with an argument that its schema rejects."""
    return ctx.tools.twice(value=value)
