"""Tools that record spans and events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

from snakepit_bridge import emit, span, tool


class Unprintable:
    """Cannot be converted to a string."""

    def __str__(self) -> str:
        raise RuntimeError


@tool
def nested() -> None:
    """Has a span within a span."""
    with span("outer", {"model.name": "small"}, size=3) as outer:
        emit("inside", {"seconds": 0.5}, {"cached": True})
        with span("inner"):
            pass
        outer.set(size=4)
        outer.set({"done": True})


@tool
def failing() -> None:
    """Fails within a span."""
    with span("outer"), span("inner"):
        raise ValueError("bad")


@span("decorated")
def decorated(value: int) -> int:
    """Calls itself."""
    return decorated(value - 1) if value else 0


@span("awaited")
async def awaited() -> int:
    """Has a span in a task."""
    async with span("inner"):
        return 1


@span("generated")
def generated() -> Iterator[int]:
    """Yields within a span."""
    with span("inner"):
        yield 1
        yield 2


@span("generated.async")
async def generated_async() -> AsyncIterator[int]:
    """Yields within a span of a task."""
    yield 1
    yield 2


@tool
async def decorators() -> list[Any]:
    """Uses each kind of decorated function."""
    values = [each async for each in generated_async()]
    return [decorated(1), await awaited(), list(generated()), values]


@tool
@span("streamed")
def streamed() -> Iterator[int]:
    """Yields two numbers within a span."""
    yield 1
    emit("between")
    yield 2


@tool
def attributes() -> None:
    """Records attributes of all kinds."""
    with span(
        "attributes",
        text="t" * 2_000,
        truth=True,
        number=1.5,
        large=2**70,
        nothing=None,
        mixed=[1, "two"],
        numbers=(1, 2.5),
        decimal=Decimal("0.5"),
        broken=Unprintable(),
        surrogate="\ud800",
        many=list(range(100)),
    ):
        pass
    with span("many", {f"a{number}": number for number in range(100)}):
        pass
