"""The host tools that a call can use, and the errors of their calls."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from ..._contract.operations import TOOLS_LIST
from ..._errors import HostError, HostToolError
from ..._values import SerializationError
from ..host_tool_descriptor import HostToolDescriptor, HostToolList, read_descriptor

if TYPE_CHECKING:
    from ..._contract.operation import Request
    from ..caller import Caller
    from ..exchange import Exchange

Answer = TypeVar("Answer")


class UnknownHostToolError(HostToolError, KeyError, AttributeError):
    """The host has no tool of that name."""

    # KeyError's own would put the message into quotation marks.
    __str__ = Exception.__str__


def listed(caller: Caller, *, fresh: bool = False) -> Exchange[HostToolList]:
    """Returns the tools of the host, from the cache unless it is too old or ``fresh`` is set."""
    cache = caller.cache()
    tools = cache.tools
    since, now = cache.changes, monotonic()
    if tools is not None and tools.is_fresh(now) and not fresh:
        return tools
    reply = yield from asked(TOOLS_LIST.request({}))
    tools = HostToolList(now, {each["name"]: read_descriptor(each) for each in reply["tools"]})
    cache.keep_tools(tools, since)
    return tools


def found(caller: Caller, name: str) -> Exchange[HostToolDescriptor]:
    """Returns the descriptor of a host tool.

    Raises:
        UnknownHostToolError: the host has no tool of that name.
    """
    known = caller.cache().tools
    tools = yield from listed(caller)
    if name not in tools.by_name and tools is known:
        # It may have been registered since.
        tools = yield from listed(caller, fresh=True)
    descriptor = tools.by_name.get(name)
    if descriptor is None:
        raise unknown_host_tool(name, tools)
    return descriptor


def asked(request: Request[Answer]) -> Exchange[Answer]:
    """Sends a request about host tools and returns the reply.

    Raises:
        HostToolError: the request failed.
        SerializationError: an argument cannot be sent.
    """
    try:
        answer: Answer = yield request
    except HostError as failure:
        raise as_tool_error(failure) from failure.__cause__
    except SerializationError as error:
        raise of_arguments(error, request.method, request.payload.get("tool")) from None
    return answer


def as_tool_error(failure: HostError) -> HostToolError:
    """Returns the same failure as a :class:`HostToolError`."""
    if isinstance(failure, HostToolError):
        return failure
    return HostToolError(failure.code, failure.message, failure.details, failure.python, failure.exception)


def of_arguments(error: SerializationError, method: str, tool: Any) -> SerializationError:
    """Returns the same error, naming the tool whose arguments cannot be sent."""
    name = f'host tool "{tool}"'
    return error.called(f"{method}.args", f"{name}: args").called(method, f"arguments of {name}")


def unknown_host_tool(name: str, tools: HostToolList) -> UnknownHostToolError:
    """Returns the error of a tool that is not in the list."""
    # Lazy, because of the start-up time: only this error needs it.
    from difflib import get_close_matches

    names = sorted(tools.by_name)
    near = get_close_matches(name, names, 1)
    hint = f"; did you mean '{near[0]}'?" if near else ";"
    return UnknownHostToolError(
        "UNKNOWN_TOOL",
        f"this host has no tool '{name}'{hint} available tools: {', '.join(names) or 'none'}",
        {"tool": name, "available": names},
    )
