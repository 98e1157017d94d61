"""The tools of the host that a call can use."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from snakepit_bridge._values import SerializationError
from snakepit_bridge._worker.host_error import HostError, HostToolError

from .host_tool import HostToolDescriptor, read_descriptor

if TYPE_CHECKING:
    from .caller import Caller
    from .exchange import Exchange

_CACHE_SECONDS: Final = 5.0
"""For how long a list is used. A name that is not in it is looked for again at once."""


class UnknownHostToolError(HostToolError, KeyError, AttributeError):
    """The host has no tool of that name."""

    # Otherwise that of KeyError, which puts the message into quotation marks.
    __str__ = Exception.__str__


class HostToolList:
    """What the host has answered when it was asked for its tools."""

    __slots__ = ("at", "by_name")

    def __init__(self, at: float, by_name: Mapping[str, HostToolDescriptor]) -> None:
        self.at = at
        """When it was asked, on the clock of :func:`time.monotonic`."""
        self.by_name = by_name

    @property
    def is_fresh(self) -> bool:
        """Whether it may still be used."""
        return monotonic() - self.at < _CACHE_SECONDS


def listed(caller: Caller, *, fresh: bool = False) -> Exchange[HostToolList]:
    """The tools of the host, asked for unless that was done lately."""
    cache = caller.cache()
    tools = cache.tools
    if tools is not None and tools.is_fresh and not fresh:
        return tools
    since, at = cache.changes, monotonic()
    told = yield from asked(("tools.list", {}))
    tools = HostToolList(at, {each["name"]: read_descriptor(each) for each in told["tools"]})
    cache.keep_tools(tools, since)
    return tools


def found(caller: Caller, name: str) -> Exchange[HostToolDescriptor]:
    """A tool of the host.

    Raises:
        UnknownHostToolError: there is none of that name.
    """
    known = caller.cache().tools
    tools = yield from listed(caller)
    if name not in tools.by_name and tools is known:
        # It may have come since.
        tools = yield from listed(caller, fresh=True)
    descriptor = tools.by_name.get(name)
    if descriptor is None:
        raise unknown_host_tool(name, tools)
    return descriptor


def asked(question: tuple[str, Any]) -> Exchange[Any]:
    """Asks the host for something about its tools.

    Raises:
        HostToolError: it failed.
        SerializationError: an argument cannot be sent.
    """
    try:
        return (yield question)
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        method, payload = question
        raise of_arguments(error, method, payload.get("tool")) from None


def as_tool_error(failure: HostError) -> HostToolError:
    """The same failure, as that of a tool."""
    if isinstance(failure, HostToolError):
        return failure
    return HostToolError(failure.code, failure.message, failure.details, failure.python, failure.exception)


def of_arguments(error: SerializationError, method: str, tool: Any) -> SerializationError:
    """The same error, naming the tool whose arguments cannot be sent."""
    name = f'host tool "{tool}"'
    return error.called(f"{method}.args", f"{name}: args").called(method, f"arguments of {name}")


def unknown_host_tool(name: str, tools: HostToolList) -> UnknownHostToolError:
    """The error of a tool that is not in the list."""
    # Not at the top: nobody needs it who makes no mistake.
    from difflib import get_close_matches

    names = sorted(tools.by_name)
    near = get_close_matches(name, names, 1)
    hint = f"; did you mean '{near[0]}'?" if near else "."
    return UnknownHostToolError(
        "UNKNOWN_TOOL",
        f"this host has no tool '{name}'{hint} Its tools: {', '.join(names) or 'none'}",
        {"tool": name, "available": names},
    )
