"""Binds one value to a parameter of any annotation, as a call does."""

from __future__ import annotations

from typing import Any

import pytest

from snakepit_bridge._tools.arguments import ArgumentBinder, ToolArgumentError
from snakepit_bridge._tools.tool_signature import read_parameters


def binder(annotation: Any) -> ArgumentBinder:
    """The binder of ``take(value: annotation)``."""

    def take(value: Any) -> Any:
        return value

    take.__annotations__["value"] = annotation
    return ArgumentBinder("take", read_parameters(take, is_bound=False))


def bound(annotation: Any, value: Any) -> Any:
    """The converted value that the function receives."""
    return binder(annotation).bind({"value": value})[0][0]


def rejection(annotation: Any, value: Any) -> str:
    """The message of the error; the value must not reach the function."""
    with pytest.raises(ToolArgumentError) as caught:
        bound(annotation, value)
    assert caught.value.argument == "value"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return str(caught.value).removeprefix("take(): ")


def unchecked(annotation: Any) -> str | None:
    """Why values of the annotation are not checked."""
    return binder(annotation).unchecked.get("value")
