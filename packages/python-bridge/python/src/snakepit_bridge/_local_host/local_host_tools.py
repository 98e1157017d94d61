"""Python functions in place of host tools."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .._errors import HostError, HostException, report_exception
from .._tools import Tool, ToolArgumentError, ToolMark, check_tool_name
from .._values import SerializationError
from .local_call import carry

if TYPE_CHECKING:
    from .._contract.payloads import HostTool, HostToolCall, ToolsCallAnswer, ToolsListAnswer

_END = object()


class LocalHostTools:
    """Python functions that are called like the tools of a host."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]], finish: Callable[[Any], Any]) -> None:
        """Checks the functions.

        Args:
            functions: by name; plain or ``async``, or generators of either kind.
            finish: waits for the awaitable that an ``async`` function has returned.

        Raises:
            ValueError: a name is invalid.
            TypeError: a value is not callable.
        """
        for name, function in functions.items():
            check_tool_name(name)
            if not callable(function):
                raise TypeError(f"host tool {name!r} must be a function; got {type(function).__name__}")
        self._finish = finish
        self._tools = {
            name: Tool(ToolMark(name, None, "", "", 0), function, is_bound=False)
            for name, function in functions.items()
        }

    def list(self) -> ToolsListAnswer:
        """Answers ``tools.list``."""
        return {"tools": [_described(tool) for _, tool in sorted(self._tools.items())]}

    def call(self, payload: HostToolCall) -> ToolsCallAnswer:
        """Answers ``tools.call``."""
        name = payload["tool"]
        with _failures_of(name):
            value = self._finish(self._begin(payload, streaming=False))
        return {"value": _sent(name, value)}

    async def call_async(self, payload: HostToolCall) -> ToolsCallAnswer:
        """Answers ``tools.call``."""
        name = payload["tool"]
        with _failures_of(name):
            value = self._begin(payload, streaming=False)
            if inspect.isawaitable(value):
                value = await value
        return {"value": _sent(name, value)}

    def stream(self, payload: HostToolCall) -> Generator[Any, None, None]:
        """Answers ``tools.stream``."""
        name = payload["tool"]
        with _failures_of(name):
            produced = self._begin(payload, streaming=True)
        try:
            while True:
                with _failures_of(name):
                    if isinstance(produced, AsyncGenerator):
                        value = self._finish(anext(produced, _END))
                    else:
                        value = next(produced, _END)
                if value is _END:
                    return
                yield _sent(name, value)
        finally:
            if isinstance(produced, AsyncGenerator):
                self._finish(produced.aclose())
            else:
                produced.close()

    async def stream_async(self, payload: HostToolCall) -> AsyncGenerator[Any, None]:
        """Answers ``tools.stream``."""
        name = payload["tool"]
        with _failures_of(name):
            produced = self._begin(payload, streaming=True)
        try:
            while True:
                with _failures_of(name):
                    if isinstance(produced, AsyncGenerator):
                        value = await anext(produced, _END)
                    else:
                        value = next(produced, _END)
                if value is _END:
                    return
                yield _sent(name, value)
        finally:
            if isinstance(produced, AsyncGenerator):
                await produced.aclose()
            else:
                produced.close()

    def _begin(self, payload: HostToolCall, *, streaming: bool) -> Any:
        """Calls a function and returns its result: a value, an awaitable, or a generator."""
        name = payload["tool"]
        tool = self._tools.get(name)
        if tool is None:
            names = sorted(self._tools)
            message = f'this host has no tool "{name}"; available tools: {", ".join(names) or "none"}'
            raise HostError("UNKNOWN_TOOL", message, {"tool": name, "available": names})
        if tool.streaming is not streaming:
            kind, method = ("yields chunks", "stream") if tool.streaming else ("returns one value", "call")
            details = {"tool": name, "streaming": tool.streaming}
            raise HostError("INVALID_ARGUMENT", f'host tool "{name}" {kind}; use {method}()', details)
        try:
            positional, keywords = tool.bind(_arguments_of(payload))
        except ToolArgumentError as error:
            details = {"tool": name, "argument": error.argument}
            raise HostError("INVALID_ARGUMENT", f'host tool "{name}": {error}', details) from None
        return tool.function(*positional, **keywords)


def _arguments_of(payload: HostToolCall) -> dict[str, Any]:
    arguments = payload.get("args")
    if arguments is None:
        return {}
    if not isinstance(arguments, dict):
        message = f'host tool "{payload["tool"]}": arguments must be a dict by name; got {type(arguments).__name__}'
        raise HostError("INVALID_ARGUMENT", message, {"tool": payload["tool"]})
    return arguments


@contextmanager
def _failures_of(name: str) -> Iterator[None]:
    """Converts an exception of a function to the error that its caller receives."""
    try:
        yield
    except HostError:
        raise
    except Exception as error:
        report = report_exception(error)
        exception = HostException(report.type, report.message, report.traceback)
        message = f'host tool "{name}" threw {report.type}: {report.message}'
        details = {"tool": name, "name": report.type}
        raise HostError("HOST_TOOL_EXCEPTION", message, details, exception=exception) from error


def _sent(name: str, value: Any) -> Any:
    """Returns the result of a function as its caller receives it."""
    try:
        return carry(value, f"result of {name}()")
    except SerializationError as error:
        raise HostError(error.code, f'host tool "{name}": {error}', {"tool": name, "path": error.path}) from None


def _described(tool: Tool) -> HostTool:
    described = tool.descriptor
    kinds = {name: each.kind for name, each in inspect.signature(tool.function).parameters.items()}
    takes_anything = inspect.Parameter.VAR_KEYWORD in kinds.values()
    return {
        "name": described.name,
        "description": described.description,
        "streaming": described.streaming,
        "parameters": [
            {
                "name": each.name,
                "type": each.type or "Any",
                "required": each.required,
                "default": each.default,
                "description": each.description,
            }
            for each in described.parameters
            if kinds[each.name] is not inspect.Parameter.VAR_KEYWORD
        ],
        "schema": None if takes_anything else {"type": "object"},
        "metadata": {},
    }
