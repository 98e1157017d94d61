"""``@tool``: marks a function as one that the host may call."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MethodType
from typing import Any, TypeVar, overload

_MARK = "__snakepit_tool__"
_MAX_NAME_BYTES = 64
_name_rule = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-.]*")

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class ToolMark:
    """The arguments of ``@tool`` for a function."""

    name: str
    description: str | None
    module: str
    """Module in which the function was marked."""
    place: str
    """Where: the dotted name of what encloses the function, so that a second definition in the same place shows."""
    line: int


_definitions: dict[str, list[ToolMark]] = {}


@overload
def tool(function: _Function, /) -> _Function: ...


@overload
def tool(*, name: str | None = None, description: str | None = None) -> Callable[[_Function], _Function]: ...


def tool(
    function: _Function | None = None, /, *, name: str | None = None, description: str | None = None
) -> _Function | Callable[[_Function], _Function]:
    """Makes a function or method callable from the host. The function itself stays as it is.

    A generator, plain or ``async``, streams: each value that it yields is a chunk. Arguments are checked against
    the annotations before the function runs.

    Args:
        function: what is decorated, when the decorator is used without brackets.
        name: what the host calls it; the function's own name by default. Letters, digits, ``_``, ``-`` and ``.``,
            at most 64 bytes, beginning with a letter or digit.
        description: what the host is told of it; the first paragraph of the docstring by default.

    Raises:
        ValueError: the name breaks the rule.
        TypeError: what is decorated is not a function.

    Example:
        >>> @tool
        ... def add(a: float, b: float) -> float:
        ...     return a + b
    """

    def mark(target: _Function) -> _Function:
        # A static or class method is only a shell around the function.
        inner: Any = target.__func__ if isinstance(target, (staticmethod, classmethod)) else target
        if not callable(inner) or isinstance(inner, type):
            raise TypeError(f"@tool goes on a function or method, not on {inner!r}")
        tool_name = inner.__name__ if name is None else name
        check_tool_name(tool_name, "; give another one with @tool(name=...)")
        code = getattr(inner, "__code__", None)
        made = ToolMark(
            tool_name,
            description,
            module=inner.__module__,
            place=inner.__qualname__.rpartition(".")[0],
            line=code.co_firstlineno if code is not None else 0,
        )
        try:
            setattr(inner, _MARK, made)
        except AttributeError:
            raise TypeError(f"@tool cannot mark {inner!r}; wrap it in a function") from None
        _definitions.setdefault(made.module, []).append(made)
        return target

    return mark if function is None else mark(function)


def check_tool_name(name: str, remedy: str = "") -> None:
    """Accepts the name of a tool.

    Args:
        name: what it is to be called.
        remedy: what to do about a wrong one, behind the message.

    Raises:
        ValueError: it breaks the rule.
    """
    if _name_rule.fullmatch(name) is None or len(name) > _MAX_NAME_BYTES:
        raise ValueError(
            f"{name!r} cannot be the name of a tool: it takes letters, digits, '_', '-' and '.', begins with "
            f"a letter or digit and has at most {_MAX_NAME_BYTES} bytes{remedy}"
        )


def mark_of(candidate: object) -> ToolMark | None:
    """Returns the mark of a tool, or ``None`` when an object is not a tool."""
    mark = own_attribute(candidate, _MARK)
    return mark if isinstance(mark, ToolMark) else None


def own_attribute(candidate: object, name: str) -> object:
    """Returns an attribute that was set on a function or a callable object; ``None`` when it was not.

    No code of the object is executed: a mock or a proxy has any attribute, and reading one evaluates a lazy object,
    such as the settings of Django.
    """
    function = candidate.__func__ if type(candidate) is MethodType else candidate
    try:
        attributes = object.__getattribute__(function, "__dict__")
    except AttributeError:
        return None
    return attributes.get(name) if type(attributes) is dict else None


def forget_definitions(module: str) -> None:
    """Forgets the tools of a module that is about to be imported, or whose import failed."""
    _definitions.pop(module, None)


def definitions_in(module: str) -> list[ToolMark]:
    """Every tool that was marked in a module, also one whose name was taken by a later definition."""
    return _definitions.get(module, [])
