"""Calls tools in unit tests, without a host and without a worker process.

Example:
    >>> from snakepit_bridge.testing import ToolClient
    >>> with ToolClient("tools.py") as tools:
    ...     assert tools.execute("add", a=1, b=2) == 3
    ...     assert list(tools.stream("count", to=3)) == [0, 1, 2]
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType, ModuleType
from typing import Any

from ._tools import (
    Adapter,
    AdapterInstance,
    LoadedAdapter,
    TargetError,
    Tool,
    ToolArgumentError,
    ToolDescriptor,
    load_adapter,
)
from ._values import SerializationError, decode, encode
from ._worker.call_context import CallContext, executing
from ._worker.event_loop import EventLoop

__all__ = ["SerializationError", "TargetError", "ToolArgumentError", "ToolClient"]

_END = object()


class ToolClient:
    """Calls the tools of a module or adapter as a worker would, in this process.

    Arguments and values take the way over the wire, so what a host could not send or receive fails here too.
    Exceptions of a tool come out as they are. A context manager: ``setup()`` runs when it is entered and
    ``teardown()`` when it is left.
    """

    def __init__(
        self,
        target: str | ModuleType | type[Adapter],
        *,
        session_id: str | None = None,
        metadata: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Finds the tools.

        Args:
            target: what a pool would be given (a file, a module, or either with ``:Class``), or the module or
                adapter class itself.
            session_id: what :func:`~snakepit_bridge.current_call` tells the tools.
            metadata: likewise.

        Raises:
            TargetError: the target cannot be loaded or its constructor raised.
        """
        loaded = load_adapter(target) if isinstance(target, str) else LoadedAdapter(target.__name__, target)
        self.tools: tuple[ToolDescriptor, ...] = loaded.tools
        """What a host is told of the tools."""
        self._instance: AdapterInstance = loaded.instantiate()
        self._event_loop = EventLoop()
        self._context = CallContext("test", session_id, None, metadata, None)

    def __enter__(self) -> ToolClient:
        self._event_loop.finish(self._instance.setup())
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._event_loop.finish(self._instance.teardown())
        finally:
            self._event_loop.close()

    def execute(self, name: str, /, **arguments: Any) -> Any:
        """Calls a tool and returns its value.

        Raises:
            LookupError: there is no such tool.
            TypeError: it streams.
            ToolArgumentError: the arguments do not fit.
            SerializationError: an argument or the value cannot be sent.
        """
        tool = self._tool(name, streaming=False)
        positional, keywords = tool.bind(_send(arguments, "arguments"))
        with self._calling():
            value = self._event_loop.finish(tool.function(*positional, **keywords))
        return _send(value, "result")

    def stream(self, name: str, /, **arguments: Any) -> Generator[Any, None, None]:
        """Calls a streaming tool and yields its chunks. Closing it, or leaving early, closes the tool's generator.

        Raises:
            LookupError: there is no such tool.
            TypeError: it does not stream.
            ToolArgumentError: the arguments do not fit.
            SerializationError: an argument or a chunk cannot be sent.
        """
        tool = self._tool(name, streaming=True)
        positional, keywords = tool.bind(_send(arguments, "arguments"))
        return self._chunks(tool.function(*positional, **keywords))

    def _chunks(self, produced: Any) -> Generator[Any, None, None]:
        finish = self._event_loop.finish
        produce, close = (
            (lambda: finish(anext(produced, _END)), lambda: finish(produced.aclose()))
            if isinstance(produced, AsyncGenerator)
            else (lambda: next(produced, _END), produced.close)
        )
        count = 0
        try:
            while True:
                with self._calling():
                    value = produce()
                if value is _END:
                    return
                yield _send(value, f"chunk[{count}]")
                count += 1
        finally:
            close()

    def _tool(self, name: str, *, streaming: bool) -> Tool:
        tool = self._instance.tools.get(name)
        if tool is None:
            names = ", ".join(sorted(self._instance.tools))
            raise LookupError(f"there is no tool '{name}'; there are {names}")
        if tool.streaming is not streaming:
            raise TypeError(f"{name}() {'streams' if tool.streaming else 'does not stream'}; use the other method")
        return tool

    @contextmanager
    def _calling(self) -> Iterator[None]:
        token = executing.set(self._context)
        try:
            yield
        finally:
            executing.reset(token)


def _send(value: Any, root: str) -> Any:
    encoded = encode(value, root=root)
    # Copied, as they would be: the other side never sees later changes.
    return decode(encoded.body, [bytearray(each) for each in encoded.buffers])
