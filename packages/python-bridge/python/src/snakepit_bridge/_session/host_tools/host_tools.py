"""Functions of the host, for tools that are not ``async``."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from snakepit_bridge._values import SerializationError
from snakepit_bridge._worker.host_error import HostError

from .exchange import settle
from .host_tool_arguments import named_arguments
from .host_tool_list import UnknownHostToolError, as_tool_error, asked, found, listed, of_arguments

if TYPE_CHECKING:
    from .caller import Caller
    from .host_channel import HostStream
    from .host_tool import HostToolDescriptor


class HostTools:
    """The functions of the host that this call can use: those of its session and the global ones.

    ``tools.name(...)`` or ``tools["dotted.name"](...)`` calls one, with arguments by name or in the order of its
    parameters; one that streams gives an iterator. ``in`` tells whether there is one, iterating gives descriptors, and
    ``help(tools.name)`` shows what it takes. What there is is asked for once in a few seconds.

    What a tool raises comes out as :class:`HostToolError`, with the code, message and details of the host's error.

    Example:
        >>> @tool
        ... def total(text: str, ctx: SessionContext) -> float:
        ...     return sum(ctx.tools.parse_json(text=text))
    """

    __slots__ = ("_caller", "_functions")

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._functions: dict[str, Callable[..., Any]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            # What Python itself and its tools look for; no tool's name begins like this.
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __getitem__(self, name: str) -> Callable[..., Any]:
        """A function that calls a tool.

        Raises:
            UnknownHostToolError: there is none of that name.
        """
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._function(settle(found(self._caller, name), self._caller))
        return function

    def __contains__(self, name: object) -> bool:
        """Whether there is a tool of that name."""
        if not isinstance(name, str):
            return False
        try:
            settle(found(self._caller, name), self._caller)
        except UnknownHostToolError:
            return False
        return True

    def __iter__(self) -> Iterator[HostToolDescriptor]:
        """What is known of the tools."""
        return iter(self.list())

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *(each.name for each in self.list() if each.name.isidentifier())]

    def list(self) -> tuple[HostToolDescriptor, ...]:
        """What is known of the tools, asked of the host."""
        return tuple(settle(listed(self._caller, fresh=True), self._caller).by_name.values())

    def _function(self, descriptor: HostToolDescriptor) -> Callable[..., Any]:
        caller = self._caller
        run = stream_tool if descriptor.streaming else call_tool

        def function(*positional: Any, **keywords: Any) -> Any:
            return run(caller, descriptor.name, named_arguments(descriptor, positional, keywords))

        return described(function, descriptor)


def call_tool(caller: Caller, name: str, arguments: Any) -> Any:
    """Calls a tool and waits for its value, blocking the thread."""
    return settle(asked(("tools.call", {"tool": name, "args": arguments})), caller)["value"]


def stream_tool(caller: Caller, name: str, arguments: Any) -> Generator[Any, None, None]:
    """Calls a tool that streams; its values are to be iterated over, blocking the thread for each."""
    try:
        return _values_of(name, caller.ask_for_stream("tools.stream", {"tool": name, "args": arguments}))
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        raise of_arguments(error, "tools.stream", name) from None


def described(function: Callable[..., Any], descriptor: HostToolDescriptor) -> Callable[..., Any]:
    """The same function, with name, signature and docstring of the tool."""
    function.__name__ = function.__qualname__ = descriptor.name
    function.__module__ = "host"
    function.__doc__ = descriptor.docstring
    function.__signature__ = descriptor.signature  # type: ignore[attr-defined]
    return function


def _values_of(name: str, stream: HostStream) -> Generator[Any, None, None]:
    try:
        yield from stream
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        raise of_arguments(error, "tools.stream", name) from None
    finally:
        stream.close()
