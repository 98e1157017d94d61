"""The session context of tools that are not ``async``."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from .exchange import settle
from .host_tools.host_tools import HostTools, call_tool, stream_tool
from .programs.programs import Programs
from .session_facts import SessionFacts
from .variables.variables import Variables

if TYPE_CHECKING:
    from .caller import Caller


class SessionContext(SessionFacts):
    """The session of a call: its variables and programs, and the functions of the host.

    The worker injects it into a parameter annotated with this type, which the caller does not pass;
    :func:`current_session` returns it anywhere in the tool. It is for tools that are not ``async``, and is valid until
    the call ends.

    A call without a session has a context too: its ``session_id`` is ``None``, and only global programs and host tools
    can be used.

    Example:
        >>> @tool
        ... def answer(question: str, ctx: SessionContext) -> str:
        ...     facts = ctx.tools.search(query=question)
        ...     return model.generate(question, facts, temperature=ctx.variables["temperature"])
    """

    for_async_tools = False
    counterpart = "AsyncSessionContext"

    __slots__ = ("_metadata", "_programs", "_tools", "_variables")

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller)
        # Created on first use: most tools use one of them.
        self._variables: Variables | None = None
        self._programs: Programs | None = None
        self._tools: HostTools | None = None
        self._metadata: Mapping[str, Any] | None = None

    @property
    def variables(self) -> Variables:
        """The typed values of the session."""
        if self._variables is None:
            self._variables = Variables(self._caller)
        return self._variables

    @property
    def programs(self) -> Programs:
        """The named documents of the session, and the global ones."""
        if self._programs is None:
            self._programs = Programs(self._caller)
        return self._programs

    @property
    def tools(self) -> HostTools:
        """The functions of the host."""
        if self._tools is None:
            self._tools = HostTools(self._caller)
        return self._tools

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Returns the metadata of the session; requested once.

        Raises:
            NoSessionError: the call has no session.
        """
        if self._metadata is None:
            self._metadata = settle(self._reading_metadata(), self._caller)
        return self._metadata

    def call(self, name: str, /, **arguments: Any) -> Any:
        """Calls a host tool by its name, without requesting the list of tools first.

        Raises:
            HostToolError: the tool failed, is unknown or streams, or the arguments are invalid.
        """
        return call_tool(self._caller, name, arguments)

    def stream(self, name: str, /, **arguments: Any) -> Generator[Any, None, None]:
        """Calls a streaming host tool by its name. Leaving the loop ends the stream on the host.

        Raises:
            HostToolError: the tool failed, is unknown or does not stream, or the arguments are invalid.
        """
        return stream_tool(self._caller, name, arguments)
