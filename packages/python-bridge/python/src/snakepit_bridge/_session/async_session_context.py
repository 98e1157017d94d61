"""What an ``async`` tool has of its session."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from .async_host_tools import AsyncHostTools, call_tool_async, stream_tool_async
from .async_programs import AsyncPrograms
from .async_variables import AsyncVariables
from .exchange import settle_async
from .session_facts import SessionFacts

if TYPE_CHECKING:
    from .caller import Caller


class AsyncSessionContext(SessionFacts):
    """The session of a call: its variables and programs, and the functions of the host; all of it is awaited.

    A tool gets it as a parameter that is annotated with it, which the caller does not pass;
    :func:`current_async_session` gives it anywhere in the tool. It is for ``async`` tools, and ends with the call.

    A call without a session has one too: then ``session_id`` is ``None``, and only what belongs to no session can be
    used.

    Example:
        >>> @tool
        ... async def answer(question: str, ctx: AsyncSessionContext) -> str:
        ...     facts = await ctx.tools.search(query=question)
        ...     return await model.generate(question, facts, temperature=await ctx.variables.get("temperature"))
    """

    __slots__ = ("_metadata", "_programs", "_tools", "_variables")

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller)
        # Made when they are used: most tools want one of them.
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
        """What is kept with the session; asked for once.

        Raises:
            NoSessionError: the call was made without one.
        """
        if self._metadata is None:
            self._metadata = await settle_async(self._reading_metadata(), self._caller)
        return self._metadata

    async def call(self, name: str, /, **arguments: Any) -> Any:
        """Calls a function of the host by its name.

        Raises:
            HostToolError: it failed, there is none of that name, it streams, or the arguments do not fit.
        """
        return await call_tool_async(self._caller, name, arguments)

    def stream(self, name: str, /, **arguments: Any) -> AsyncGenerator[Any, None]:
        """Calls a streaming function of the host by its name. Leaving the loop tells the host to stop.

        Raises:
            HostToolError: it failed, there is none of that name, it does not stream, or the arguments do not fit.
        """
        return stream_tool_async(self._caller, name, arguments)
