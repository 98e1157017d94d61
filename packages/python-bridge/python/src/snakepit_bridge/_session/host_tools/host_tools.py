"""Host tools for tools that are not ``async``."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._contract.operations import TOOLS_CALL, TOOLS_STREAM
from ..._errors import HostError
from ..._values import SerializationError
from ..exchange import settle
from .host_tool_list import UnknownHostToolError, as_tool_error, asked, found, listed, of_arguments

if TYPE_CHECKING:
    from ..._call import HostStream
    from ..caller import Caller
    from ..host_tool_descriptor import HostToolDescriptor


class HostTools:
    """The functions of the host that this call can use: those of its session and the global ones.

    ``tools.name(...)`` or ``tools["dotted.name"](...)`` calls one, with arguments by name or in the order of its
    parameters; one that streams returns an iterator. ``in`` checks for a tool, iteration yields descriptors, and
    ``help(tools.name)`` shows the parameters. The list of tools is cached for a few seconds.

    A tool that fails raises :class:`HostToolError`, with the code, message and details of the host's error.

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
            # Python itself and its tools look these up; no name of a tool begins with an underscore.
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __getitem__(self, name: str) -> Callable[..., Any]:
        """Returns a function that calls a tool.

        Raises:
            UnknownHostToolError: the host has no tool of that name.
        """
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._function(settle(found(self._caller, name), self._caller))
        return function

    def __contains__(self, name: object) -> bool:
        """Whether the host has a tool of that name."""
        if not isinstance(name, str):
            return False
        try:
            settle(found(self._caller, name), self._caller)
        except UnknownHostToolError:
            return False
        return True

    def __iter__(self) -> Iterator[HostToolDescriptor]:
        """Iterates over the descriptors of the tools."""
        return iter(self.list())

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *(each.name for each in self.list() if each.name.isidentifier())]

    def list(self) -> tuple[HostToolDescriptor, ...]:
        """Returns the descriptors of the tools, from the host and not from the cache."""
        return tuple(settle(listed(self._caller, fresh=True), self._caller).by_name.values())

    def _function(self, descriptor: HostToolDescriptor) -> Callable[..., Any]:
        caller = self._caller
        run = stream_tool if descriptor.streaming else call_tool

        def function(*positional: Any, **keywords: Any) -> Any:
            return run(caller, descriptor.name, named_arguments(descriptor, positional, keywords))

        return described(function, descriptor)


def call_tool(caller: Caller, name: str, arguments: Any) -> Any:
    """Calls a tool and returns its value; blocks the thread."""
    return settle(asked(TOOLS_CALL.request({"tool": name, "args": arguments})), caller)["value"]


def stream_tool(caller: Caller, name: str, arguments: Any) -> Generator[Any, None, None]:
    """Calls a streaming tool and yields its values; blocks the thread for each of them."""
    try:
        return _values_of(name, caller.ask_for_stream(TOOLS_STREAM.request({"tool": name, "args": arguments})))
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        raise of_arguments(error, TOOLS_STREAM.method, name) from None


def named_arguments(
    descriptor: HostToolDescriptor, positional: Sequence[Any], keywords: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Returns the arguments by name: positional arguments get the names of the parameters. The host checks the rest.

    Raises:
        TypeError: more arguments than parameters, or an argument passed twice.
    """
    if not positional:
        return keywords
    names = [each.name for each in descriptor.parameters]
    if len(positional) > len(names):
        takes = f"{len(names)} positional argument{'' if len(names) == 1 else 's'}"
        raise TypeError(f"{descriptor.name}() takes {takes} and {len(positional)} were given")
    arguments = dict(zip(names, positional, strict=False))
    for name in keywords:
        if name in arguments:
            raise TypeError(f"{descriptor.name}() got multiple values for argument '{name}'")
    return {**arguments, **keywords}


def described(function: Callable[..., Any], descriptor: HostToolDescriptor) -> Callable[..., Any]:
    """Returns the same function, with the name, signature and docstring of the tool."""
    function.__name__ = function.__qualname__ = descriptor.name
    function.__module__ = "host"
    function.__doc__ = descriptor.docstring
    function.__signature__ = descriptor.signature  # type: ignore[attr-defined]
    return function


def _values_of(name: str, stream: HostStream[Any]) -> Generator[Any, None, None]:
    try:
        yield from stream
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        raise of_arguments(error, TOOLS_STREAM.method, name) from None
    finally:
        stream.close()
