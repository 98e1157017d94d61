"""Finds the tool and the arguments of a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeGuard

from ..._tools import Tool, ToolMark
from ..._values import decode

if TYPE_CHECKING:
    from ..._tools import Bound
    from ..calls import Call, SessionEnd


CHECK_TOOL = "$check"
"""Name of a tool that does nothing, for health checks. No tool of a user can have this name."""
THREAD_SAFETY_TOOL = "$thread_safety"
"""Name of a tool that returns the report about thread safety. No tool of a user can have this name."""


class CallRejected(Exception):  # noqa: N818 (named for what happened to the call)
    """The worker rejected a call."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """One of the error codes that host and workers share."""


def _check() -> None:
    """Shows that the worker executes calls."""


def _report_thread_safety() -> object:
    # Lazy, because of the start-up time: workers that execute one call at a time have nothing to report.
    from ..._thread_safety import thread_safety_report

    return thread_safety_report()


WORKER_TOOLS: Mapping[str, Callable[[], object]] = {CHECK_TOOL: _check, THREAD_SAFETY_TOOL: _report_thread_safety}
"""The tools that every worker has in addition to those of its adapter, and does not list. None of them blocks."""


class ToolBox:
    """The tools of a worker."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools
        self.async_tools = frozenset(name for name, tool in tools.items() if tool.is_async)
        """The names of the tools that need an event loop."""

    def is_async(self, following: Call | SessionEnd) -> TypeGuard[Call]:
        """Whether the next item of the queue is a call that needs an event loop."""
        return following.tool in self.async_tools

    def bind(self, call: Call) -> tuple[Tool, Bound]:
        """Returns the tool of a call, and its arguments, checked. Releases the encoded arguments.

        Raises:
            CallRejected: no tool has that name, or only one of tool and call streams.
            ToolArgumentError: the arguments do not match the signature.
            SerializationError: the arguments cannot be decoded.
        """
        tool = self._tools.get(call.tool)
        if tool is None or tool.streaming is not call.streaming:
            function = WORKER_TOOLS.get(call.tool)
            if function is None:
                raise self._rejection(call, tool)
            tool = Tool(ToolMark(call.tool, "", __name__, "", 0), function, is_bound=False)
        body, buffers = call.take_arguments()
        if (bind_encoded := tool.bind_encoded) is not None and not buffers:
            bound = bind_encoded(body)
            if bound is not None:
                return tool, bound
        return tool, tool.bind(decode(body, buffers))

    def _rejection(self, call: Call, tool: Tool | None) -> CallRejected:
        if tool is None:
            names = ", ".join(sorted(self._tools))
            return CallRejected("UNKNOWN_TOOL", f"this worker has no tool '{call.tool}'; available tools: {names}")
        does, use = ("streams", "stream") if tool.streaming else ("does not stream", "execute")
        return CallRejected("INVALID_ARGUMENT", f"{tool.name}() {does}; call it with {use}()")
