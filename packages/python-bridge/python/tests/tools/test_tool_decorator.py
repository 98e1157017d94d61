from __future__ import annotations

import functools

import pytest

from snakepit_bridge import tool
from snakepit_bridge._tools.tool_decorator import mark_of


def test_the_decorator_returns_the_function_unchanged() -> None:
    def add(a: int, b: int) -> int:
        return a + b

    assert tool(add) is add
    assert add(1, 2) == 3


def test_the_name_defaults_to_the_name_of_the_function() -> None:
    @tool
    def plain() -> None: ...

    @tool(name="text.clean-up", description="Cleans.")
    def other() -> None: ...

    marks = mark_of(plain), mark_of(other)
    assert [(mark.name, mark.description) for mark in marks if mark] == [("plain", None), ("text.clean-up", "Cleans.")]


@pytest.mark.parametrize("name", ["", "_private", "with space", "ü", "-dash", "a" * 65, "line\n"])
def test_an_invalid_name_is_rejected_with_the_rule(name: str) -> None:
    with pytest.raises(ValueError, match=r"the name of a tool must consist of letters.*@tool\(name=\.\.\.\)"):

        @tool(name=name)
        def function() -> None: ...


def test_the_longest_name_is_accepted() -> None:
    @tool(name="a" * 64)
    def function() -> None: ...

    assert mark_of(function) is not None


def test_a_lambda_needs_a_name() -> None:
    with pytest.raises(ValueError, match=r"the name of a tool must .*; got '<lambda>'"):
        tool(lambda: None)


@pytest.mark.parametrize("target", [int, 3, "text"])
def test_only_functions_can_be_tools(target: object) -> None:
    with pytest.raises(TypeError, match="@tool must decorate a function or method"):
        tool(target)  # type: ignore[call-overload]


def test_a_builtin_function_needs_a_wrapper() -> None:
    with pytest.raises(TypeError, match="wrap it in a function"):
        tool(len)


def test_the_mark_is_found_through_wrappers() -> None:
    @tool
    def inner() -> None: ...

    @functools.wraps(inner)
    def outer() -> None: ...

    assert mark_of(outer) is mark_of(inner)
