"""What a tool that is not ``async`` has of its session."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from .exchange import settle
from .host_tools import HostTools, call_tool, stream_tool
from .programs import Programs
from .session_facts import SessionFacts
from .variables import Variables

if TYPE_CHECKING:
    from .caller import Caller


class SessionContext(SessionFacts):
    """The session of a call: its variables and programs, and the functions of the host.

    A tool gets it as a parameter that is annotated with it, which the caller does not pass; :func:`current_session`
    gives it anywhere in the tool. It is for tools that are not ``async``, and ends with the call.

    A call without a session has one too: then ``session_id`` is ``None``, and only what belongs to no session can be
    used.

    Example:
        >>> @tool
        ... def answer(question: str, ctx: SessionContext) -> str:
        ...     facts = ctx.tools.search(query=question)
        ...     return model.generate(question, facts, temperature=ctx.variables["temperature"])
    """

    __slots__ = ("_metadata", "_programs", "_tools", "_variables")

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller)
        # Made when they are used: most tools want one of them.
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
        """What is kept with the session; asked for once.

        Raises:
            NoSessionError: the call was made without one.
        """
        if self._metadata is None:
            self._metadata = settle(self._reading_metadata(), self._caller)
        return self._metadata

    def call(self, name: str, /, **arguments: Any) -> Any:
        """Calls a function of the host by its name, without asking first what there is.

        Raises:
            HostToolError: it failed, there is none of that name, it streams, or the arguments do not fit.
        """
        return call_tool(self._caller, name, arguments)

    def stream(self, name: str, /, **arguments: Any) -> Generator[Any, None, None]:
        """Calls a streaming function of the host by its name. Leaving the loop tells the host to stop.

        Raises:
            HostToolError: it failed, there is none of that name, it does not stream, or the arguments do not fit.
        """
        return stream_tool(self._caller, name, arguments)
