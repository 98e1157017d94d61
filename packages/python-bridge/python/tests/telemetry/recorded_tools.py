"""Tools that record spans and events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

from snakepit_bridge import emit, span, tool


class Broken:
    """Has a failing conversion for each class of values."""

    class Text(str):
        def __str__(self) -> str:
            raise RuntimeError

    class Integer(int):
        def __int__(self) -> int:
            raise RuntimeError

    class Number(float):
        def __float__(self) -> float:
            raise RuntimeError

    class List(list[int]):
        def __iter__(self) -> Iterator[int]:
            raise RuntimeError

    class Mapping(dict[str, int]):
        def items(self) -> Any:
            raise RuntimeError


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
        digits=10**5_000,
        broken_text=Broken.Text("x"),
        broken_integer=Broken.Integer(1),
        broken_number=Broken.Number(1.0),
        broken_list=Broken.List([1]),
    ):
        pass
    with span("many", {f"a{number}": number for number in range(100)}) as many:
        many.set({f"b{number}": number for number in range(100)})
        many.set(a0="changed")
    with span("unreadable", Broken.Mapping(a=1)):
        emit("measured", {"large": 10**400, "small": -(10**400), "decimal": Decimal("0.5")}, Broken.Mapping(a=1))


@span("exchanged")
async def exchanged() -> AsyncGenerator[Any, Any]:
    """Yields what it is sent, and the names of the exceptions that are raised in it."""
    received: Any = "first"
    while received != "end":
        try:
            received = yield received
        except LookupError as error:
            received = type(error).__name__


@tool
async def exchange() -> list[Any]:
    """Sends values and exceptions to a decorated generator."""
    generator = exchanged()
    received = [await anext(generator), await generator.asend(2), await generator.athrow(KeyError("x"))]
    with suppress(StopAsyncIteration):
        await generator.asend("end")
    return received
