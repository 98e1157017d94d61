"""``@setup`` and ``@teardown``: functions of a module that run at the start and at the end of each worker."""

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

    Use it to open connections, load models and seed random number generators: connections opened at import would be
    shared by all forked workers. Several functions run in the order of their definitions. An exception fails the start
    of the worker (``WORKER_START_FAILED``).

    Raises:
        TypeError: the decorated object is not a function.

    Example:
        >>> @setup
        ... def connect() -> None:
        ...     global connection
        ...     connection = sqlite3.connect("cache.db")
    """
    return _marked(function, "setup")


def teardown(function: _Function, /) -> _Function:
    """Runs a function once in each worker, after its last call. The function may be ``async``.

    It runs when the worker ends without a crash: when the pool closes or replaces the worker. Several functions run in
    reverse order. An exception is logged.

    Raises:
        TypeError: the decorated object is not a function.

    Example:
        >>> @teardown
        ... def disconnect() -> None:
        ...     connection.close()
    """
    return _marked(function, "teardown")


def hooks_of_module(module: ModuleType) -> tuple[tuple[Hook, ...], tuple[Hook, ...]]:
    """Returns the functions of a module to run at the start and at the end of a worker, in the order of execution.

    Imported functions are included, so that a module can share its connection with other modules.
    """
    found = {id(value): value for value in vars(module).values() if _mark_of(value) is not None}.values()
    at_start = tuple(each for each in found if _mark_of(each) == "setup")
    at_end = tuple(each for each in found if _mark_of(each) == "teardown")
    return at_start, at_end[::-1]


def _marked(function: _Function, kind: Literal["setup", "teardown"]) -> _Function:
    if not callable(function) or isinstance(function, type):
        raise TypeError(f"@{kind} must decorate a function without parameters; got {function!r}")
    if "." in getattr(function, "__qualname__", "").rpartition("<locals>.")[2]:
        raise TypeError(f"@{kind} must decorate a function of a module; in an adapter class, override {kind}() instead")
    setattr(function, _MARK, kind)
    return function


def _mark_of(candidate: object) -> str | None:
    mark = own_attribute(candidate, _MARK)
    return mark if isinstance(mark, str) and callable(candidate) else None
