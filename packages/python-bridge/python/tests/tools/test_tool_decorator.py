from __future__ import annotations

import functools

import pytest

from snakepit_bridge import tool
from snakepit_bridge._tools.tool_decorator import mark_of


def test_a_function_stays_what_it_is() -> None:
    def add(a: int, b: int) -> int:
        return a + b

    assert tool(add) is add
    assert add(1, 2) == 3


def test_the_name_is_that_of_the_function_or_a_given_one() -> None:
    @tool
    def plain() -> None: ...

    @tool(name="text.clean-up", description="Cleans.")
    def other() -> None: ...

    marks = mark_of(plain), mark_of(other)
    assert [(mark.name, mark.description) for mark in marks if mark] == [("plain", None), ("text.clean-up", "Cleans.")]


@pytest.mark.parametrize("name", ["", "_private", "with space", "ü", "-dash", "a" * 65, "line\n"])
def test_a_name_that_breaks_the_rule_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be the name of a tool: it takes letters.*@tool\(name=\.\.\.\)"):

        @tool(name=name)
        def function() -> None: ...


def test_the_longest_name() -> None:
    @tool(name="a" * 64)
    def function() -> None: ...

    assert mark_of(function) is not None


def test_a_lambda_needs_a_name() -> None:
    with pytest.raises(ValueError, match="'<lambda>' cannot be the name of a tool"):
        tool(lambda: None)


@pytest.mark.parametrize("target", [int, 3, "text"])
def test_only_functions_can_be_tools(target: object) -> None:
    with pytest.raises(TypeError, match="@tool goes on a function or method"):
        tool(target)  # type: ignore[call-overload]


def test_a_builtin_function_needs_a_wrapper() -> None:
    with pytest.raises(TypeError, match="wrap it in a function"):
        tool(len)


def test_a_mark_shines_through_wrappers() -> None:
    @tool
    def inner() -> None: ...

    @functools.wraps(inner)
    def outer() -> None: ...

    assert mark_of(outer) is mark_of(inner)
