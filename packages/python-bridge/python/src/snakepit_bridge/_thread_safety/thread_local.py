"""Values of which each thread has a different one."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class ThreadLocal(Generic[Value]):
    """A value that each thread creates when it first uses it: a connection, a parser, a buffer.

    With ``close``, a value is closed when its thread ends, when it is replaced or cleared, or at the end of the
    process, whichever is first. A value whose thread still runs at the end of the process is closed by the main
    thread; for connections of ``sqlite3``, pass ``check_same_thread=False``.

    Example:
        >>> class Orders(ThreadSafeAdapter):
        ...     def setup(self) -> None:
        ...         self.connection = ThreadLocal(lambda: connect("orders.db"), close=lambda each: each.close())
        ...
        ...     @tool
        ...     def count(self) -> int:
        ...         return self.connection.get().execute("SELECT count(*) FROM orders").fetchone()[0]
    """

    def __init__(self, create: Callable[[], Value], *, close: Callable[[Value], object] | None = None) -> None:
        """Creates the storage; no value exists yet.

        Args:
            create: returns a new value. It runs in the thread that will use the value.
            close: releases a value.
        """
        self._create = create
        self._close = close
        self._local = threading.local()
        self._finalizers: dict[object, Callable[[], object]] = {}

    def get(self) -> Value:
        """Returns the value of this thread, and creates it if this thread has none.

        An exception of ``create`` propagates, and the next call tries again.
        """
        try:
            value: Value = self._local.held.value
        except AttributeError:
            pass
        else:
            return value
        value = self._create()
        self._hold(value)
        return value

    def set(self, value: Value) -> None:
        """Replaces the value of this thread, and closes the one before."""
        before = self._local.__dict__.pop("held", None)
        self._hold(value)
        _end(before)

    def clear(self) -> None:
        """Removes the value of this thread, and closes it. The next :meth:`get` creates a new one."""
        _end(self._local.__dict__.pop("held", None))

    def close(self) -> None:
        """Removes and closes the values of all threads, none of which may be using one.

        Every value is closed, even if closing another one raises; the exception propagates.
        """
        # The values live until they are closed here: at their own end, an exception could not propagate.
        before, self._local = self._local, threading.local()
        with ExitStack() as stack:
            for finalizer in self._finalizers.copy().values():
                stack.callback(finalizer)
        del before

    def _hold(self, value: Value) -> None:
        held = _Held(value)
        if self._close is not None:
            key = object()
            # Called at most once: by this class, at the end of the thread, or at the end of the process.
            held.finalizer = weakref.finalize(held, _release, self._finalizers, key, self._close, value)
            self._finalizers[key] = held.finalizer
        self._local.held = held


class _Held(Generic[Value]):
    """The value of one thread."""

    __slots__ = ("__weakref__", "finalizer", "value")

    def __init__(self, value: Value) -> None:
        self.value = value
        self.finalizer: Callable[[], object] | None = None


def _end(held: _Held[Any] | None) -> None:
    if held is not None and held.finalizer is not None:
        held.finalizer()


def _release(
    finalizers: dict[object, Callable[[], object]], key: object, close: Callable[[Value], object], value: Value
) -> None:
    # One atomic operation instead of a lock: the garbage collector may call this anywhere.
    finalizers.pop(key, None)
    close(value)
