"""Wraps the functions of tools, to detect that two threads execute one of them at the same time."""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from threading import get_ident
from typing import TYPE_CHECKING, Any

from .report import ToolReport

if TYPE_CHECKING:
    from .._tools import Tool


class ThreadSafetyError(Exception):
    """A call was rejected: another thread executes the same tool, which does not declare that this is safe.

    Raised by the worker instead of executing the tool, only with ``threadSafety: "strict"``. The caller receives it as
    ``PYTHON_EXCEPTION``.
    """


class ToolGuard:
    """Counts the calls of one tool, and the threads inside of it."""

    def __init__(
        self,
        tool: Tool,
        *,
        is_declared: bool,
        is_strict: bool,
        on_concurrent: Callable[[str, list[str]], None],
        on_import: Callable[[], None],
    ) -> None:
        """Creates the guard of a tool.

        Args:
            tool: the tool.
            is_declared: whether the tool is declared as thread-safe.
            is_strict: whether a concurrent call of a tool that is not declared is rejected.
            on_concurrent: called with the name of the tool and those of the threads at its first concurrent call.
            on_import: called when the process has imported modules since the last call of any tool.
        """
        self._name = tool.name
        self._tool = tool
        self._is_declared = is_declared
        self._is_strict = is_strict
        # Async tools share the thread of one event loop.
        self._is_checked = not is_declared and not tool.is_async
        self._on_concurrent = on_concurrent
        self._on_import = on_import
        self._lock = threading.Lock()
        self._inside: dict[object, int] = {}
        self._entered = 0
        self._maximum = 0
        self._rejected = 0
        self._is_reported = False
        self._modules = 0

    def guarded(self) -> Tool:
        """Returns the tool with a function that counts."""
        return self._tool.of(functools.wraps(self._tool.function)(self._wrapper()))

    def report(self) -> ToolReport:
        """Returns the numbers for the report."""
        with self._lock:
            return {
                "tool": self._name,
                "declared": self._is_declared,
                "is_async": self._tool.is_async,
                "entered": self._entered,
                "concurrent_maximum": max(self._maximum, min(self._entered, 1)),
                "rejected": self._rejected,
            }

    def _wrapper(self) -> Callable[..., Any]:
        if self._tool.streaming:
            return self._async_stream_wrapper() if self._tool.is_async else self._stream_wrapper()
        return self._async_wrapper() if self._tool.is_async else self._plain_wrapper()

    def _plain_wrapper(self) -> Callable[..., Any]:
        function, lock, inside, modules = self._tool.function, self._lock, self._inside, sys.modules
        # One operation in C, so that no exception of a cancellation can keep a call from being removed.
        leave = inside.pop

        def run(*args: Any, **kwargs: Any) -> Any:
            # The body of _enter, inlined: this runs for each call. A thread executes one call at a time.
            thread = get_ident()
            try:
                others = None
                with lock:
                    if inside:
                        others = self._meet(thread)
                    self._entered += 1
                    inside[thread] = thread
                if others:
                    self._report(others, thread)
                if len(modules) != self._modules:
                    self._note_imports()
                return function(*args, **kwargs)
            finally:
                leave(thread, None)

        return run

    def _stream_wrapper(self) -> Callable[..., Any]:
        function, enter, leave = self._tool.function, self._enter, self._inside.pop

        def run(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            key = object()
            try:
                enter(key)
                return (yield from function(*args, **kwargs))
            finally:
                leave(key, None)

        return run

    def _async_wrapper(self) -> Callable[..., Any]:
        function, enter, leave = self._tool.function, self._enter, self._inside.pop

        async def run(*args: Any, **kwargs: Any) -> Any:
            key = object()
            try:
                enter(key)
                value = function(*args, **kwargs)
                # A decorated function may look like a coroutine function and return its value directly.
                return await value if inspect.isawaitable(value) else value
            finally:
                leave(key, None)

        return run

    def _async_stream_wrapper(self) -> Callable[..., Any]:
        function, enter, leave = self._tool.function, self._enter, self._inside.pop

        async def run(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
            key = object()
            try:
                enter(key)
                produced = aiter(function(*args, **kwargs))
                try:
                    async for value in produced:
                        yield value
                finally:
                    close = getattr(produced, "aclose", None)
                    if close is not None:
                        await close()
            finally:
                leave(key, None)

        return run

    def _enter(self, key: object) -> None:
        thread = get_ident()
        with self._lock:
            others = self._meet(thread) if self._inside else None
            self._entered += 1
            self._inside[key] = thread
        if others:
            self._report(others, thread)
        if len(sys.modules) != self._modules:
            self._note_imports()

    def _meet(self, thread: int) -> list[int]:
        """Returns the other threads inside of the tool, if it is not declared. Called with the lock."""
        # A copy, because calls are removed without the lock.
        inside = self._inside.copy()
        others = [each for each in inside.values() if each != thread] if self._is_checked else []
        if others and self._is_strict:
            self._rejected += 1
            self._reject(thread, others)
        self._maximum = max(self._maximum, len(inside) + 1)
        return others

    def _report(self, others: list[int], thread: int) -> None:
        if not self._is_reported:
            self._is_reported = True
            self._on_concurrent(self._name, _names_of([*others, thread]))

    def _note_imports(self) -> None:
        self._modules = len(sys.modules)
        self._on_import()

    def _reject(self, thread: int, others: list[int]) -> None:
        raise ThreadSafetyError(
            f"{self._name}() was called in {_names_of([thread])[0]} while {', '.join(_names_of(others))} executes it, "
            "and it is not declared as thread-safe; make it thread-safe and mark it with @thread_safe, or hold a lock "
            "with @locked and mark it too"
        )


def _names_of(threads: list[int]) -> list[str]:
    names = {each.ident: each.name for each in threading.enumerate()}
    return sorted(names.get(each, f"thread {each}") for each in threads)
