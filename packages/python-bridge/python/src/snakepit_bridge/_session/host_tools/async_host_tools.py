"""Functions of the host, for ``async`` tools."""

from __future__ import annotations

import warnings
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snakepit_bridge._values import SerializationError
from snakepit_bridge._worker.host_error import HostError, HostToolError

from .exchange import settle_async
from .host_tool_arguments import named_arguments
from .host_tool_list import as_tool_error, asked, found, listed, of_arguments
from .host_tools import described

if TYPE_CHECKING:
    from .caller import Caller
    from .host_channel import AsyncHostStream
    from .host_tool import HostToolDescriptor


class AsyncHostTools:
    """The functions of the host that this call can use: those of its session and the global ones.

    ``await tools.name(...)`` or ``await tools["dotted.name"](...)`` calls one, with arguments by name or in the order
    of its parameters; ``async for value in tools.name(...)`` one that streams. Whether there is one shows when it is
    called.

    What a tool raises comes out as :class:`HostToolError`, with the code, message and details of the host's error.

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
            # What Python itself and its tools look for; no tool's name begins like this.
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __getitem__(self, name: str) -> Callable[..., AsyncHostToolCall]:
        """A function that calls a tool. It has signature and docstring once the tools were listed."""
        caller = self._caller

        def function(*positional: Any, **keywords: Any) -> AsyncHostToolCall:
            return AsyncHostToolCall(caller, name, positional, keywords)

        known = self._known().get(name)
        return function if known is None else described(function, known)

    def __contains__(self, name: object) -> bool:
        raise TypeError("whether the host has a tool has to be awaited: look into await ctx.tools.list()")

    __iter__ = None
    """They have to be awaited: ``await tools.list()``."""

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *(name for name in self._known() if name.isidentifier())]

    async def list(self) -> tuple[HostToolDescriptor, ...]:
        """What is known of the tools, asked of the host."""
        tools = await settle_async(listed(self._caller, fresh=True), self._caller)
        return tuple(tools.by_name.values())

    def _known(self) -> Mapping[str, HostToolDescriptor]:
        tools = self._caller.cache().tools
        return {} if tools is None else tools.by_name


class AsyncHostToolCall:
    """A call of a tool of the host: to be awaited, or iterated over if the tool streams. It begins with that.

    One that is dropped before warns with a :class:`RuntimeWarning`, as a coroutine does.
    """

    __slots__ = ("_caller", "_has_begun", "_keywords", "_name", "_positional")

    def __init__(self, caller: Caller, name: str, positional: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        self._caller = caller
        self._name = name
        self._positional = positional
        self._keywords = keywords
        self._has_begun = False

    def __await__(self) -> Generator[Any, None, Any]:
        self._has_begun = True
        return self._value().__await__()

    def __aiter__(self) -> AsyncGenerator[Any, None]:
        self._has_begun = True
        return self._values()

    def __del__(self) -> None:
        if not self._has_begun:
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
        """Looks whether it is this tool that is unknown, and not one that the host has asked for in turn."""
        if failure.code == "UNKNOWN_TOOL" and failure.details.get("tool") == self._name:
            await settle_async(found(self._caller, self._name), self._caller)


async def call_tool_async(caller: Caller, name: str, arguments: Any) -> Any:
    """Calls a tool and awaits its value."""
    return (await settle_async(asked(("tools.call", {"tool": name, "args": arguments})), caller))["value"]


def stream_tool_async(caller: Caller, name: str, arguments: Any) -> AsyncGenerator[Any, None]:
    """Calls a tool that streams; each of its values is awaited."""
    try:
        return _values_of(name, caller.ask_for_stream_async("tools.stream", {"tool": name, "args": arguments}))
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        raise of_arguments(error, "tools.stream", name) from None


async def _values_of(name: str, stream: AsyncHostStream) -> AsyncGenerator[Any, None]:
    try:
        async for value in stream:
            yield value
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        raise of_arguments(error, "tools.stream", name) from None
    finally:
        await stream.aclose()
