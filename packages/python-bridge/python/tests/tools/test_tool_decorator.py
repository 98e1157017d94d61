from __future__ import annotations

import functools
import math
import re
from typing import Any

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


def test_the_settings_of_a_tool_are_part_of_its_mark() -> None:
    @tool(timeout_s=2, idempotent=True, max_concurrent=3)
    def limited() -> None: ...

    @tool(timeout_s=math.inf)
    def unlimited() -> None: ...

    marks = [mark for each in (limited, unlimited) if (mark := mark_of(each)) is not None]
    assert [(mark.timeout_s, mark.idempotent, mark.max_concurrent) for mark in marks] == [
        (2.0, True, 3),
        (math.inf, False, None),
    ]


@pytest.mark.parametrize(
    ("setting", "rule"),
    [
        ({"timeout_s": 0}, "timeout_s of @tool must be a number of seconds greater than 0; got 0"),
        ({"timeout_s": math.nan}, "timeout_s of @tool must be a number of seconds"),
        ({"timeout_s": True}, "timeout_s of @tool must be a number of seconds"),
        ({"timeout_s": "1s"}, "timeout_s of @tool must be a number of seconds greater than 0; got '1s'"),
        ({"idempotent": 1}, "idempotent of @tool must be True or False; got 1"),
        ({"max_concurrent": 0}, "max_concurrent of @tool must be an integer from 1 to 1000000; got 0"),
        ({"max_concurrent": True}, "max_concurrent of @tool must be an integer"),
        ({"max_concurrent": 1.5}, "max_concurrent of @tool must be an integer"),
    ],
)
def test_an_invalid_setting_is_rejected_with_the_rule(setting: dict[str, Any], rule: str) -> None:
    with pytest.raises((ValueError, TypeError), match=re.escape(rule)):
        tool(**setting)
