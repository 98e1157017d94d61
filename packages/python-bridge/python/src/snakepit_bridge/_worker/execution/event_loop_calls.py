"""Executes ``async`` tools, on an event loop that the main thread runs."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from snakepit_bridge._wire import ConnectionClosed

from .call_context import executing
from .failures import failure_of_call

if TYPE_CHECKING:
    from snakepit_bridge._tools import Tool
    from snakepit_bridge._tools.arguments import Bound
    from snakepit_bridge._wire import FrameTransport

    from .attendant import Attendant
    from .call import Call
    from .call_contexts import CallContexts
    from .capture import Capture
    from .host_link import HostLink
    from .inbox import Inbox
    from .outbox import Outbox
    from .session_hooks import SessionHooks
    from .tool_box import ToolBox


class EventLoopCalls:
    """Executes one call after the other.

    Between calls the loop waits for the host, so that tasks which tools have left running go on.
    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        contexts: CallContexts,
        transport: FrameTransport,
        tools: ToolBox,
        inbox: Inbox,
        outbox: Outbox,
        capture: Capture,
        attendant: Attendant,
        host: HostLink,
        sessions: SessionHooks | None,
    ) -> None:
        self._loop = loop
        self._contexts = contexts
        self._transport = transport
        self._tools = tools
        self._inbox = inbox
        self._outbox = outbox
        self._capture = capture
        self._attendant = attendant
        self._host = host
        self._sessions = sessions
        self._task: asyncio.Task[None] | None = None

    def serve(self) -> None:
        """Waits for calls and executes them, until one comes that is not ``async``, or the end."""
        descriptor = self._transport.fileno()
        self._inbox.on_arrival = self._look_soon
        self._loop.add_reader(descriptor, self._receive)
        # What has been taken from the system already makes nothing readable.
        self._loop.call_soon(self._receive if self._transport.has_unread() else self._advance)
        try:
            self._loop.run_forever()
        finally:
            self._loop.remove_reader(descriptor)
            self._inbox.on_arrival = None

    def _look_soon(self) -> None:
        with suppress(RuntimeError):  # the loop has been closed meanwhile, so nobody waits
            self._loop.call_soon_threadsafe(self._advance)

    def _receive(self) -> None:
        self._inbox.receive_ready()
        if not self._inbox.is_connected:
            # The end of a connection stays readable for ever.
            self._loop.remove_reader(self._transport.fileno())
        self._advance()

    def _advance(self) -> None:
        """Begins the next call, or stops the loop when what comes next does not belong into it."""
        if self._task is not None:
            return
        if not self._inbox.pending:
            if self._inbox.ending is not None:
                self._loop.stop()
        elif self._tools.is_async(following := self._inbox.pending[0]):
            self._inbox.pending.popleft()
            self._begin(following)
        else:
            self._loop.stop()

    def _begin(self, call: Call) -> None:
        if self._attendant.dozing:
            self._attendant.rouse()
        call.host = self._host
        call.is_on_loop = True
        # A task runs in a copy of the context that it is created in, which here may be that of the call before.
        task = self._task = self._contexts.run(self._create_task, call)

        def cancel() -> None:
            self._loop.call_soon_threadsafe(task.cancel)

        # A call given up before this line is not begun: the task looks first. It has its first step before any
        # cancellation that comes later, so it always gets to answer.
        call.on_cancel = cancel

    def _create_task(self, call: Call) -> asyncio.Task[None]:
        return self._loop.create_task(self._execute(call), name=f"snakepit {call.tool}()")

    async def _execute(self, call: Call) -> None:
        executing.set(call)
        try:
            try:
                call.raise_if_given_up()
                tool = self._tools.tool_for(call)
                bound = self._tools.arguments_for(tool, call)
                if self._sessions is not None:
                    await self._sessions.begin_async(call)
                    if self._transport.has_unread():
                        # Taken from the system while that has waited for the host.
                        self._loop.call_soon(self._receive)
                if tool.streaming:
                    await self._stream(call, tool, bound)
                else:
                    value = await _run(tool, bound)
                    call.raise_if_given_up()
                    self._capture.flush()
                    self._outbox.result(call, value)
            except ConnectionClosed:
                raise
            except BaseException as error:
                self._capture.flush()
                self._outbox.failure(call, failure_of_call(call, error))
        except ConnectionClosed:
            # Nobody is left to answer; who receives next finds out too, and ends the worker.
            pass
        finally:
            self._inbox.finish(call)
            call.detach()
            self._task = None
            self._advance()

    async def _stream(self, call: Call, tool: Tool, bound: Bound) -> None:
        positional, keywords = bound
        produced: AsyncIterator[Any] = aiter(tool.function(*positional, **keywords))
        credit = _Credit(call, self._loop)
        try:
            async for value in produced:
                if call.granted <= call.chunks_sent:
                    await credit.wait()
                call.raise_if_given_up()
                self._outbox.chunk(call, value)
        finally:
            close: Callable[[], Awaitable[None]] | None = getattr(produced, "aclose", None)
            if close is not None:
                await close()
        self._capture.flush()
        self._outbox.end(call)


class _Credit:
    """Lets a streaming call wait for credit."""

    def __init__(self, call: Call, loop: asyncio.AbstractEventLoop) -> None:
        self._call = call
        self._granted = asyncio.Event()

        def grant() -> None:
            loop.call_soon_threadsafe(self._granted.set)

        call.on_credit = grant

    async def wait(self) -> None:
        while self._call.granted <= self._call.chunks_sent:
            self._granted.clear()
            # Credit that came between looking and clearing is seen here; what comes later sets the event.
            if self._call.granted <= self._call.chunks_sent:
                await self._granted.wait()


async def _run(tool: Tool, bound: Bound) -> Any:
    positional, keywords = bound
    value = tool.function(*positional, **keywords)
    # A decorated function may look like a coroutine function and return its value at once.
    return await value if inspect.isawaitable(value) else value
