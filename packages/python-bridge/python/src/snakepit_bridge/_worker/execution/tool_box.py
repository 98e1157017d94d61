"""Finds the tool and the arguments of a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeGuard

from ..._tools import Tool
from ..._values import decode
from ..calls import SessionEnd

if TYPE_CHECKING:
    from ..._tools import Bound
    from ..calls import Call


class CallRejected(Exception):  # noqa: N818 (named for what happened to the call)
    """The worker rejected a call."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """One of the error codes that host and workers share."""


class ToolBox:
    """The tools of a worker."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools

    def is_async(self, following: Call | SessionEnd) -> TypeGuard[Call]:
        """Whether the next item of the queue is a call that needs an event loop."""
        if isinstance(following, SessionEnd):
            return False
        tool = self._tools.get(following.tool)
        return tool is not None and tool.is_async

    def tool_for(self, call: Call) -> Tool:
        """Returns the tool of a call.

        Raises:
            CallRejected: no tool has that name, or only one of tool and call streams.
        """
        tool = self._tools.get(call.tool)
        if tool is None:
            names = ", ".join(sorted(self._tools))
            raise CallRejected("UNKNOWN_TOOL", f"this worker has no tool '{call.tool}'; available tools: {names}")
        if tool.streaming is not call.message.streaming:
            does, use = ("streams", "stream") if tool.streaming else ("does not stream", "execute")
            raise CallRejected("INVALID_ARGUMENT", f"{tool.name}() {does}; call it with {use}()")
        return tool

    @staticmethod
    def arguments_for(tool: Tool, call: Call) -> Bound:
        """Returns the arguments of a call, checked.

        Raises:
            ToolArgumentError: they do not match the signature.
            SerializationError: they cannot be decoded.
        """
        return tool.bind(decode(*call.take_arguments()))
