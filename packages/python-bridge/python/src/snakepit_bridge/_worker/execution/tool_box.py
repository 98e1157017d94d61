"""From a call to a tool and its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeGuard

from snakepit_bridge._tools import Tool
from snakepit_bridge._values import decode

from .call_refused import CallRefused
from .session_hooks import SessionOver

if TYPE_CHECKING:
    from snakepit_bridge._tools.arguments import Bound

    from .call import Call


class ToolBox:
    """The tools of a worker."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools

    def is_async(self, following: Call | SessionOver) -> TypeGuard[Call]:
        """Whether what comes next is a call that wants an event loop."""
        if isinstance(following, SessionOver):
            return False
        tool = self._tools.get(following.tool)
        return tool is not None and tool.is_async

    def tool_for(self, call: Call) -> Tool:
        """The tool of a call.

        Raises:
            CallRefused: there is none of that name, or it streams and the call does not, or the other way round.
        """
        tool = self._tools.get(call.tool)
        if tool is None:
            names = ", ".join(sorted(self._tools))
            raise CallRefused("UNKNOWN_TOOL", f"there is no tool '{call.tool}'; this worker has {names}")
        if tool.streaming is not call.message.streaming:
            does, use = ("streams", "stream") if tool.streaming else ("does not stream", "execute")
            raise CallRefused("INVALID_ARGUMENT", f"{tool.name}() {does}; call it with {use}()")
        return tool

    @staticmethod
    def arguments_for(tool: Tool, call: Call) -> Bound:
        """The arguments of a call, checked.

        Raises:
            ToolArgumentError: they do not fit the tool.
            SerializationError: they cannot be read.
        """
        return tool.bind(decode(*call.take_arguments()))
