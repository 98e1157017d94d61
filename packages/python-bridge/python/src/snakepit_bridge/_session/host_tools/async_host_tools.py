"""Host tools for ``async`` tools."""

from __future__ import annotations

import warnings
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._contract.operations import TOOLS_CALL, TOOLS_STREAM
from ..._errors import HostError, HostToolError
from ..._values import SerializationError
from ..exchange import settle_async
from .host_tool_list import as_tool_error, asked, found, listed, of_arguments
from .host_tools import described, named_arguments

if TYPE_CHECKING:
    from ..._call import AsyncHostStream
    from ..caller import Caller
    from ..host_tool_descriptor import HostToolDescriptor


class AsyncHostTools:
    """The functions of the host that this call can use: those of its session and the global ones.

    ``await tools.name(...)`` or ``await tools["dotted.name"](...)`` calls one, with arguments by name or in the order
    of its parameters; ``async for value in tools.name(...)`` calls one that streams. An unknown name raises when it is
    called.

    A tool that fails raises :class:`HostToolError`, with the code, message and details of the host's error.

    Example:
        >>> @tool
        ... async def total(text: str, ctx: AsyncSessionContext) -> float:
        ...     return sum(await ctx.tools.parse_json(text=text))
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def __getattr__(self, name: str) -> Callable[..., AsyncHostToolCall]:
        if name.startswith("_"):
            # Python itself and its tools look these up; no name of a tool begins with an underscore.
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __getitem__(self, name: str) -> Callable[..., AsyncHostToolCall]:
        """Returns a function that calls a tool. It has signature and docstring once the tools are cached."""
        caller = self._caller

        def function(*positional: Any, **keywords: Any) -> AsyncHostToolCall:
            return AsyncHostToolCall(caller, name, positional, keywords)

        known = self._known().get(name)
        return function if known is None else described(function, known)

    def __contains__(self, name: object) -> bool:
        raise TypeError("`in` cannot await the host; use `in` with await ctx.tools.list()")

    __iter__ = None
    """Iteration must be awaited: ``await tools.list()``."""

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *(name for name in self._known() if name.isidentifier())]

    async def list(self) -> tuple[HostToolDescriptor, ...]:
        """Returns the descriptors of the tools, from the host and not from the cache."""
        tools = await settle_async(listed(self._caller, fresh=True), self._caller)
        return tuple(tools.by_name.values())

    def _known(self) -> Mapping[str, HostToolDescriptor]:
        tools = self._caller.cache().tools
        return {} if tools is None else tools.by_name


class AsyncHostToolCall:
    """A call of a host tool. It starts when it is awaited, or iterated over if the tool streams.

    One that is dropped before that emits a :class:`RuntimeWarning`, as a coroutine does.
    """

    __slots__ = ("_caller", "_has_started", "_keywords", "_name", "_positional")

    def __init__(self, caller: Caller, name: str, positional: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        self._caller = caller
        self._name = name
        self._positional = positional
        self._keywords = keywords
        self._has_started = False

    def __await__(self) -> Generator[Any, None, Any]:
        self._has_started = True
        return self._value().__await__()

    def __aiter__(self) -> AsyncGenerator[Any, None]:
        self._has_started = True
        return self._values()

    def __del__(self) -> None:
        if not self._has_started:
            warnings.warn(
                f'host tool "{self._name}" was not called: the call was never awaited', RuntimeWarning, stacklevel=2
            )

    async def _value(self) -> Any:
        arguments = await self._arguments()
        try:
            return await call_tool_async(self._caller, self._name, arguments)
        except HostToolError as failure:
            await self._explain(failure)
            raise

    async def _values(self) -> AsyncGenerator[Any, None]:
        values = stream_tool_async(self._caller, self._name, await self._arguments())
        try:
            async for value in values:
                yield value
        except HostToolError as failure:
            await self._explain(failure)
            raise
        finally:
            await values.aclose()

    async def _arguments(self) -> Mapping[str, Any]:
        if not self._positional:
            return self._keywords
        descriptor = await settle_async(found(self._caller, self._name), self._caller)
        return named_arguments(descriptor, self._positional, self._keywords)

    async def _explain(self, failure: HostToolError) -> None:
        """Raises the detailed error when this tool is unknown, and not one that the host called in turn."""
        if failure.code == "UNKNOWN_TOOL" and failure.details.get("tool") == self._name:
            await settle_async(found(self._caller, self._name), self._caller)


async def call_tool_async(caller: Caller, name: str, arguments: Any) -> Any:
    """Calls a tool and awaits its value."""
    return (await settle_async(asked(TOOLS_CALL.request({"tool": name, "args": arguments})), caller))["value"]


def stream_tool_async(caller: Caller, name: str, arguments: Any) -> AsyncGenerator[Any, None]:
    """Calls a streaming tool and yields its values; each is awaited."""
    try:
        return _values_of(name, caller.ask_for_stream_async(TOOLS_STREAM.request({"tool": name, "args": arguments})))
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        raise of_arguments(error, TOOLS_STREAM.method, name) from None


async def _values_of(name: str, stream: AsyncHostStream[Any]) -> AsyncGenerator[Any, None]:
    try:
        async for value in stream:
            yield value
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        raise of_arguments(error, TOOLS_STREAM.method, name) from None
    finally:
        await stream.aclose()
