"""The session context of ``async`` tools."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from .exchange import settle_async
from .host_tools.async_host_tools import AsyncHostTools, call_tool_async, stream_tool_async
from .programs.async_programs import AsyncPrograms
from .session_facts import SessionFacts
from .variables.async_variables import AsyncVariables

if TYPE_CHECKING:
    from .caller import Caller


class AsyncSessionContext(SessionFacts):
    """The session of a call: its variables and programs, and the functions of the host; every method is awaited.

    The worker injects it into a parameter annotated with this type, which the caller does not pass;
    :func:`current_async_session` returns it anywhere in the tool. It is for ``async`` tools, and is valid until the
    call ends.

    A call without a session has a context too: its ``session_id`` is ``None``, and only global programs and host tools
    can be used.

    Example:
        >>> @tool
        ... async def answer(question: str, ctx: AsyncSessionContext) -> str:
        ...     facts = await ctx.tools.search(query=question)
        ...     return await model.generate(question, facts, temperature=await ctx.variables.get("temperature"))
    """

    for_async_tools = True
    counterpart = "SessionContext"

    __slots__ = ("_metadata", "_programs", "_tools", "_variables")

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller)
        # Created on first use: most tools use one of them.
        self._variables: AsyncVariables | None = None
        self._programs: AsyncPrograms | None = None
        self._tools: AsyncHostTools | None = None
        self._metadata: Mapping[str, Any] | None = None

    @property
    def variables(self) -> AsyncVariables:
        """The typed values of the session."""
        if self._variables is None:
            self._variables = AsyncVariables(self._caller)
        return self._variables

    @property
    def programs(self) -> AsyncPrograms:
        """The named documents of the session, and the global ones."""
        if self._programs is None:
            self._programs = AsyncPrograms(self._caller)
        return self._programs

    @property
    def tools(self) -> AsyncHostTools:
        """The functions of the host."""
        if self._tools is None:
            self._tools = AsyncHostTools(self._caller)
        return self._tools

    async def metadata(self) -> Mapping[str, Any]:
        """Returns the metadata of the session; requested once.

        Raises:
            NoSessionError: the call has no session.
        """
        if self._metadata is None:
            self._metadata = await settle_async(self._reading_metadata(), self._caller)
        return self._metadata

    async def call(self, name: str, /, **arguments: Any) -> Any:
        """Calls a host tool by its name.

        Raises:
            HostToolError: the tool failed, is unknown or streams, or the arguments are invalid.
        """
        return await call_tool_async(self._caller, name, arguments)

    def stream(self, name: str, /, **arguments: Any) -> AsyncGenerator[Any, None]:
        """Calls a streaming host tool by its name. Leaving the loop ends the stream on the host.

        Raises:
            HostToolError: the tool failed, is unknown or does not stream, or the arguments are invalid.
        """
        return stream_tool_async(self._caller, name, arguments)
