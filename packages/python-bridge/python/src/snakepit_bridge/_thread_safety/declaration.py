"""How adapters and functions declare that several threads may execute them at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar, overload

import msgspec

from .._tools import Adapter, own_attribute
from .reentrant_lock import InstanceLock

_MARK = "__snakepit_thread_safe__"

_Target = TypeVar("_Target", bound=Callable[..., Any])


class ThreadSafeAdapter(Adapter):
    """Base class of adapters of which several threads may execute tools at the same time.

    It declares the thread safety; the methods must provide it. State that the tools share is either never changed
    after :meth:`setup`, or a :class:`~snakepit_bridge.ThreadLocal`, or used only while :attr:`lock` is held.

    Example:
        >>> class Counter(ThreadSafeAdapter):
        ...     def setup(self) -> None:
        ...         self.count = 0
        ...
        ...     @tool
        ...     @locked
        ...     def increment(self) -> int:
        ...         self.count += 1
        ...         return self.count
    """

    thread_safe: ClassVar[bool] = True

    lock = InstanceLock()
    """The lock of this instance, which :func:`~snakepit_bridge.locked` methods hold. A thread may acquire it several
    times."""


class ThreadSafeMark(msgspec.Struct, frozen=True):
    """The arguments of ``@thread_safe`` for a function."""

    guarded_libraries: tuple[str, ...]


@overload
def thread_safe(target: _Target, /) -> _Target: ...


@overload
def thread_safe(*, guarded_libraries: Sequence[str] = ()) -> Callable[[_Target], _Target]: ...


def thread_safe(
    target: _Target | None = None, /, *, guarded_libraries: Sequence[str] = ()
) -> _Target | Callable[[_Target], _Target]:
    """Declares that several threads may execute a tool at the same time. Returns the decorated object unchanged.

    On an adapter class, it applies to all tools of the class and of its subclasses. On a method or a function of a
    module, it applies to this tool; its order with ``@tool`` does not matter. A module without a class is declared by
    declaring each of its tools.

    Args:
        target: the decorated class or function, when the decorator is used without parentheses.
        guarded_libraries: modules of libraries that are not thread-safe, and that the decorated object never uses in
            two threads at the same time, for example because it holds a lock.

    Raises:
        TypeError: the decorated object is neither an adapter class nor a function, or a name is not a string.

    Example:
        >>> @tool
        ... @thread_safe
        ... def add(a: float, b: float) -> float:
        ...     return a + b
    """
    if isinstance(guarded_libraries, str) or not all(isinstance(each, str) for each in guarded_libraries):
        raise TypeError(f"guarded_libraries of @thread_safe must be a list of modules; got {guarded_libraries!r}")

    def declare(declared: _Target) -> _Target:
        _declare(declared, tuple(guarded_libraries))
        return declared

    return declare if target is None else declare(target)


def _declare(target: Any, guarded_libraries: tuple[str, ...]) -> None:
    if isinstance(target, type):
        if not issubclass(target, Adapter):
            raise TypeError(f"@thread_safe must decorate an adapter class or a function; got {target!r}")
        target.thread_safe = True
        target.guarded_libraries = (*target.guarded_libraries, *guarded_libraries)
        return
    # Static and class methods only wrap the function.
    function = target.__func__ if isinstance(target, (staticmethod, classmethod)) else target
    if not callable(function):
        raise TypeError(f"@thread_safe must decorate an adapter class or a function; got {function!r}")
    try:
        setattr(function, _MARK, ThreadSafeMark(guarded_libraries))
    except AttributeError:
        raise TypeError(f"@thread_safe cannot mark {function!r}; wrap it in a function") from None


def declaration_of(function: object) -> ThreadSafeMark | None:
    """Returns the declaration of a function or method; ``None`` without one."""
    mark = own_attribute(function, _MARK)
    return mark if isinstance(mark, ThreadSafeMark) else None
