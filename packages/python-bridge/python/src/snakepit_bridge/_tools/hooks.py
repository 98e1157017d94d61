"""``@setup`` and ``@teardown``: what a module of functions does at the start and at the end of each worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any, Literal, TypeVar

from .tool_decorator import own_attribute

_MARK = "__snakepit_hook__"

Hook = Callable[[], Awaitable[None] | None]
_Function = TypeVar("_Function", bound=Callable[[], Any])


def setup(function: _Function, /) -> _Function:
    """Runs a function once in each worker, before its first call. The function may be ``async``.

    The place to open connections, to load models and to seed random number generators: what is opened at import is
    shared by all forked workers. Several are run in the order in which they are written. What one raises fails the
    start of the worker (``WORKER_START_FAILED``).

    Raises:
        TypeError: what is decorated is not a function.

    Example:
        >>> @setup
        ... def connect() -> None:
        ...     global connection
        ...     connection = sqlite3.connect("cache.db")
    """
    return _marked(function, "setup")


def teardown(function: _Function, /) -> _Function:
    """Runs a function once in each worker, after its last call. The function may be ``async``.

    It runs when the worker ends without a crash: the pool closes, or replaces the worker. Several are run in reverse
    order. What one raises is logged.

    Raises:
        TypeError: what is decorated is not a function.

    Example:
        >>> @teardown
        ... def disconnect() -> None:
        ...     connection.close()
    """
    return _marked(function, "teardown")


def hooks_of_module(module: ModuleType) -> tuple[tuple[Hook, ...], tuple[Hook, ...]]:
    """Returns the functions of a module to run at the start and at the end of a worker, in the order to run them.

    Those that it imports are included, so that a module can share its connection with others.
    """
    found = {id(value): value for value in vars(module).values() if _mark_of(value) is not None}.values()
    at_start = tuple(each for each in found if _mark_of(each) == "setup")
    at_end = tuple(each for each in found if _mark_of(each) == "teardown")
    return at_start, at_end[::-1]


def _marked(function: _Function, kind: Literal["setup", "teardown"]) -> _Function:
    if not callable(function) or isinstance(function, type):
        raise TypeError(f"@{kind} must decorate a function without parameters; got {function!r}")
    if "." in getattr(function, "__qualname__", "").rpartition("<locals>.")[2]:
        raise TypeError(f"@{kind} is for functions of a module; an adapter class overrides {kind}() instead")
    setattr(function, _MARK, kind)
    return function


def _mark_of(candidate: object) -> str | None:
    mark = own_attribute(candidate, _MARK)
    return mark if isinstance(mark, str) and callable(candidate) else None
