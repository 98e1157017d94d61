from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from snakepit_bridge import tool
from snakepit_bridge._tools import Tool, ToolParameter
from snakepit_bridge._tools.tool_decorator import mark_of


def described(function: Callable[..., Any]) -> Tool:
    mark = mark_of(tool(function))
    assert mark is not None
    return Tool(mark, function, is_bound=False)


def test_the_descriptor_for_the_host() -> None:
    def score(text: str, weights: dict[str, float] | None = None, *, scale: float = 1.5) -> float:
        """Scores a document.

        Args:
            text: What is scored.
            scale: Factor of the result.
        """
        return scale

    descriptor = described(score).descriptor
    assert (descriptor.name, descriptor.description, descriptor.streaming) == ("score", "Scores a document.", False)
    assert descriptor.parameters == (
        ToolParameter("text", "str", required=True, default=None, description="What is scored."),
        ToolParameter("weights", "dict[str, float] | None", required=False, default="None", description=None),
        ToolParameter("scale", "float", required=False, default="1.5", description="Factor of the result."),
    )


def test_parameters_without_annotations() -> None:
    def anything(a, b=3, *c, **d):
        pass

    assert [(each.name, each.type, each.required) for each in described(anything).descriptor.parameters] == [
        ("a", "", True),
        ("b", "", False),
        ("c", "", False),
        ("d", "", False),
    ]


def test_annotations_that_are_not_text() -> None:
    def take(a: Any, b: Any) -> None: ...

    take.__annotations__.update(a=list[int], b=int)
    assert [each.type for each in described(take).descriptor.parameters] == ["list[int]", "int"]


def test_a_default_whose_repr_fails_or_is_long() -> None:
    class Rude:
        def __repr__(self) -> str:
            raise RuntimeError

    def take(a: Any = Rude(), b: Any = "x" * 1000) -> None: ...  # noqa: B008

    defaults = [each.default for each in described(take).descriptor.parameters]
    assert defaults[0] == "<Rude>"
    assert len(defaults[1] or "") == 200


def test_the_kinds_of_functions() -> None:
    def plain() -> None: ...

    async def asynchronous() -> None: ...

    def generator() -> Iterator[int]:
        yield 1

    async def async_generator() -> AsyncIterator[int]:
        yield 1

    @functools.wraps(async_generator)
    def wrapped(*args: Any, **keywords: Any) -> Any:
        return async_generator(*args, **keywords)

    kinds = [described(each) for each in (plain, asynchronous, generator, async_generator, wrapped)]
    assert [(each.streaming, each.is_async) for each in kinds] == [
        (False, False),
        (False, True),
        (True, False),
        (True, True),
        (True, True),
    ]
