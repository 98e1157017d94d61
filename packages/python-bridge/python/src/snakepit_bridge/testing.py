"""Calls tools in unit tests, without a host or a worker process.

Example:
    >>> from snakepit_bridge.testing import ToolClient
    >>> with ToolClient("tools.py") as tools:
    ...     assert tools.execute("add", a=1, b=2) == 3
    ...     assert list(tools.stream("count", to=3)) == [0, 1, 2]
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import ExitStack
from functools import partial
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from ._call import executing
from ._local_host import EventRecord, LocalCall, LocalHost, LocalRecorder, SpanRecord, carry
from ._session import Caller, SessionContext
from ._telemetry import recording
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
from ._values import SerializationError
from ._worker import CallContexts, EventLoop

if TYPE_CHECKING:
    from contextvars import Context

    from ._tools import Bound

__all__ = ["EventRecord", "SerializationError", "SpanRecord", "TargetError", "ToolArgumentError", "ToolClient"]

_END = object()


class ToolClient:
    """Calls the tools of a module or adapter as a worker would, in this process.

    Arguments and results are encoded and decoded, so values that cannot be sent fail here too. Exceptions raised by a
    tool propagate unchanged. The client is a context manager: entering it runs ``setup()`` and the functions marked
    with ``@setup``; leaving it runs ``teardown()`` and those marked with ``@teardown``. With a session,
    ``on_session_start()`` runs before the first call and ``on_session_end()`` at the end.

    Tools can use sessions and host tools without a host:

    Example:
        >>> with ToolClient("tools.py", variables={"limit": 3}, host_tools={"search": lambda query: []}) as tools:
        ...     assert tools.execute("answer", question="?") == "nothing found"
        ...     assert tools.session.variables["limit"] == 2

    Spans and events are recorded:

    Example:
        >>> with ToolClient("tools.py") as tools:
        ...     tools.execute("load", model="small")
        ...     assert [each.name for each in tools.spans] == ["read", "parse"]
        ...     assert tools.events[0].measurements == {"rows": 3}
    """

    def __init__(
        self,
        target: str | ModuleType | type[Adapter],
        *,
        options: Mapping[str, Any] = MappingProxyType({}),
        session_id: str | None = None,
        metadata: Mapping[str, str] = MappingProxyType({}),
        session_metadata: Mapping[str, Any] = MappingProxyType({}),
        variables: Mapping[str, Any] = MappingProxyType({}),
        programs: Mapping[str, Any] = MappingProxyType({}),
        host_tools: Mapping[str, Callable[..., Any]] = MappingProxyType({}),
    ) -> None:
        """Loads the tools.

        Args:
            target: the target of a pool (a file, a module, or either with ``:Class``), or the module or adapter class
                itself.
            options: the keyword arguments of the constructor of the adapter class, like ``options`` of ``python()``.
            session_id: the session of the calls; defaults to ``"test"`` when one of ``session_metadata``,
                ``variables`` and ``programs`` is given.
            metadata: the metadata of the calls, in :func:`~snakepit_bridge.current_call`.
            session_metadata: the metadata of the session.
            variables: the session's variables by name: a value, from which the type is inferred (a list of numbers is
                an embedding, a numpy array a tensor), or ``{"type": …, "value": …, "constraints": …, "metadata": …}``.
            programs: the documents of the session's programs by id.
            host_tools: replacements for the host tools, by name: plain or ``async`` functions or generators.
                An exception that one raises reaches the tool as a ``HostToolError``.

        Raises:
            TargetError: the target cannot be loaded, the options do not match its constructor, or that raised.
            SerializationError: an option cannot be sent.
            VariableError: the value of a variable is invalid.
        """
        sent = carry(dict(options), "options")
        loaded = load_adapter(target, sent) if isinstance(target, str) else LoadedAdapter(target.__name__, target, sent)
        self.tools: tuple[ToolDescriptor, ...] = loaded.tools
        """The descriptions of the tools, as a host receives them."""
        self._instance: AdapterInstance = loaded.instantiate()
        self._event_loop = EventLoop()
        if session_id is None and (session_metadata or variables or programs):
            session_id = "test"
        host = LocalHost(
            session_id=session_id,
            session_metadata=session_metadata,
            variables=variables,
            programs=programs,
            host_tools=host_tools,
            finish=self._event_loop.finish,
        )
        self._call = LocalCall("test", session_id, None, metadata, None, host)
        self._is_session_open = False
        self._contexts = CallContexts()
        self.session = SessionContext(Caller(self._call))
        """The session of the tools, for a test to inspect and change."""
        self._recorder = LocalRecorder()

    def __enter__(self) -> ToolClient:
        for hook in self._instance.setups:
            self._event_loop.finish(hook(), keep_context=True)
        self._contexts = CallContexts()
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as stack:
            # Callbacks run in reverse order; all of them run even when one raises.
            stack.callback(self._event_loop.close)
            for hook in reversed(self._instance.teardowns):
                stack.callback(lambda hook: self._event_loop.finish(hook()), hook)
            if self._is_session_open and self._instance.session_end is not None:
                self._event_loop.finish(self._instance.session_end(str(self._call.session_id)))

    @property
    def spans(self) -> list[SpanRecord]:
        """The spans that have ended in calls so far, inner ones first; a test may clear the list."""
        return self._recorder.spans

    @property
    def events(self) -> list[EventRecord]:
        """The events that calls have emitted so far; a test may clear the list."""
        return self._recorder.events

    def execute(self, name: str, /, **arguments: Any) -> Any:
        """Calls a tool and returns its value.

        Raises:
            LookupError: no tool has that name.
            TypeError: the tool streams.
            ToolArgumentError: the arguments do not match the signature.
            SerializationError: an argument or the value cannot be sent.
        """
        tool = self._tool(name, streaming=False)
        return carry(self._contexts.new().run(self._execute, tool, arguments), "result")

    def _execute(self, tool: Tool, arguments: dict[str, Any]) -> Any:
        positional, keywords = self._bind(tool, arguments)
        return self._event_loop.finish(tool.function(*positional, **keywords))

    def stream(self, name: str, /, **arguments: Any) -> Generator[Any, None, None]:
        """Calls a streaming tool and yields its chunks. Closing the iterator early closes the tool's generator.

        Raises:
            LookupError: no tool has that name.
            TypeError: the tool does not stream.
            ToolArgumentError: the arguments do not match the signature.
            SerializationError: an argument or a chunk cannot be sent.
        """
        tool = self._tool(name, streaming=True)
        context = self._contexts.new()
        positional, keywords = context.run(self._bind, tool, arguments)
        return self._chunks(tool.function(*positional, **keywords), context)

    def _chunks(self, produced: Any, context: Context) -> Generator[Any, None, None]:
        # Each step of an async generator runs as a task and must see the context variables that the previous step set.
        finish = partial(self._event_loop.finish, keep_context=True)
        produce, close = (
            (lambda: finish(anext(produced, _END)), lambda: finish(produced.aclose()))
            if isinstance(produced, AsyncGenerator)
            else (lambda: next(produced, _END), produced.close)
        )
        count = 0
        try:
            while True:
                value = context.run(produce)
                if value is _END:
                    return
                yield carry(value, f"chunk[{count}]")
                count += 1
        finally:
            context.run(close)

    def _bind(self, tool: Tool, arguments: dict[str, Any]) -> Bound:
        """Binds the arguments of a call, and starts its session if necessary."""
        executing.set(self._call)
        recording.set(self._recorder)
        session_id = self._call.session_id
        if session_id is not None and not self._is_session_open:
            if self._instance.session_start is not None:
                self._event_loop.finish(self._instance.session_start(session_id))
            self._is_session_open = True
        return tool.bind(carry(arguments, "arguments"))

    def _tool(self, name: str, *, streaming: bool) -> Tool:
        tool = self._instance.tools.get(name)
        if tool is None:
            names = ", ".join(sorted(self._instance.tools))
            raise LookupError(f"the target has no tool '{name}'; available tools: {names}")
        if tool.streaming is not streaming:
            does, method = ("streams", "stream") if tool.streaming else ("does not stream", "execute")
            raise TypeError(f"{name}() {does}; call it with {method}()")
        return tool
