"""``@tool``: marks a function that the host can call."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isnan
from types import MethodType
from typing import Any, TypeVar, overload

import msgspec

_MARK = "__snakepit_tool__"
_MAX_NAME_BYTES = 64
_MAX_CONCURRENT = 1_000_000
_name_rule = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-.]*")

_Function = TypeVar("_Function", bound=Callable[..., Any])


class ToolMark(msgspec.Struct, frozen=True):
    """The arguments of ``@tool`` for a function."""

    name: str
    description: str | None
    module: str
    """Module in which the function was marked."""
    scope: str
    """The qualified name of the enclosing scope, to detect a second definition in the same scope."""
    line: int
    timeout_s: float | None = None
    idempotent: bool = False
    max_concurrent: int | None = None


_definitions: dict[str, list[ToolMark]] = {}


@overload
def tool(function: _Function, /) -> _Function: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    timeout_s: float | None = None,
    idempotent: bool = False,
    max_concurrent: int | None = None,
) -> Callable[[_Function], _Function]: ...


def tool(
    function: _Function | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    timeout_s: float | None = None,
    idempotent: bool = False,
    max_concurrent: int | None = None,
) -> _Function | Callable[[_Function], _Function]:
    """Makes a function or method callable from the host. Returns the function unchanged.

    A plain or ``async`` generator is a streaming tool: each value that it yields is a chunk. Arguments are checked
    against the annotations before the function runs.

    Args:
        function: the decorated function, when the decorator is used without parentheses.
        name: the name of the tool; default: the name of the function. It consists of letters, digits, ``_``, ``-`` and
            ``.``, starts with a letter or digit and has at most 64 bytes.
        description: the description for the host; default: the first paragraph of the docstring.
        timeout_s: seconds from a call to its result, or to the last chunk of a stream; default: the limit of the pool.
            ``math.inf`` for no limit. The host's settings (``tools``) and the options of a call take precedence.
        idempotent: whether a call may be executed twice: the host then retries it when its worker dies. The host's
            settings and the options of a call take precedence.
        max_concurrent: the number of calls of this tool that run at the same time in the pool; default: no limit but
            the number of workers. Further calls wait. The host's settings take precedence.

    Raises:
        ValueError: the name or a setting is invalid.
        TypeError: the decorated object is not a function, or ``idempotent`` is not a boolean.

    Example:
        >>> @tool
        ... def add(a: float, b: float) -> float:
        ...     return a + b
    """
    _check_settings(timeout_s, idempotent, max_concurrent)

    def mark(target: _Function) -> _Function:
        # Static and class methods only wrap the function.
        inner: Any = target.__func__ if isinstance(target, (staticmethod, classmethod)) else target
        if not callable(inner) or isinstance(inner, type):
            raise TypeError(f"@tool must decorate a function or method; got {inner!r}")
        tool_name = inner.__name__ if name is None else name
        check_tool_name(tool_name, "; set another name with @tool(name=...)")
        code = getattr(inner, "__code__", None)
        made = ToolMark(
            tool_name,
            description,
            module=inner.__module__,
            scope=inner.__qualname__.rpartition(".")[0],
            line=code.co_firstlineno if code is not None else 0,
            timeout_s=None if timeout_s is None else float(timeout_s),
            idempotent=idempotent,
            max_concurrent=max_concurrent,
        )
        try:
            setattr(inner, _MARK, made)
        except AttributeError:
            raise TypeError(f"@tool cannot mark {inner!r}; wrap it in a function") from None
        _definitions.setdefault(made.module, []).append(made)
        return target

    return mark if function is None else mark(function)


def check_tool_name(name: str, remedy: str = "") -> None:
    """Checks the name of a tool.

    Args:
        name: the name.
        remedy: the remedy, which is appended to the message.

    Raises:
        ValueError: the name is invalid.
    """
    if _name_rule.fullmatch(name) is None or len(name) > _MAX_NAME_BYTES:
        raise ValueError(
            "the name of a tool must consist of letters, digits, '_', '-' and '.', start with a letter or digit "
            f"and have at most {_MAX_NAME_BYTES} bytes; got {name!r}{remedy}"
        )


def _check_settings(timeout_s: object, idempotent: object, max_concurrent: object) -> None:
    """Checks the settings of a tool, which may have any type.

    Raises:
        ValueError: a setting is invalid.
        TypeError: ``idempotent`` is not a boolean.
    """
    if timeout_s is not None and not _is_positive(timeout_s):
        raise ValueError(f"timeout_s of @tool must be a number of seconds greater than 0; got {timeout_s!r}")
    if not isinstance(idempotent, bool):
        raise TypeError(f"idempotent of @tool must be True or False; got {idempotent!r}")
    if max_concurrent is None:
        return
    if type(max_concurrent) is not int or not 1 <= max_concurrent <= _MAX_CONCURRENT:
        raise ValueError(
            f"max_concurrent of @tool must be an integer from 1 to {_MAX_CONCURRENT}; got {max_concurrent!r}"
        )


def _is_positive(value: object) -> bool:
    return type(value) in (int, float) and not isnan(value) and value > 0  # type: ignore[arg-type, operator]


def mark_of(candidate: object) -> ToolMark | None:
    """Returns the mark of a tool; ``None`` when an object is not a tool."""
    mark = own_attribute(candidate, _MARK)
    return mark if isinstance(mark, ToolMark) else None


def own_attribute(candidate: object, name: str) -> object:
    """Returns an attribute that was set on a function or a callable object; ``None`` when it is not set.

    No code of the object is executed: a mock or a proxy has every attribute, and reading one would evaluate a lazy
    object such as the settings of Django.
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
    """Returns every tool that was marked in a module, including those that a later definition replaced."""
    return _definitions.get(module, [])
