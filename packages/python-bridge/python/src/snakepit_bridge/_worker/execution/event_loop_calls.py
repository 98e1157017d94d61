"""Executes ``async`` tools on an event loop that the main thread runs."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..._call import executing
from ..._wire import ConnectionClosed
from .event_loop import begun, first_step
from .failures import failure_of_call

if TYPE_CHECKING:
    from ..._call import HostChannel
    from ..._tools import Bound, Tool
    from ..._wire import FrameTransport
    from ..calls import ActiveCalls, Call
    from ..capture.capture import Capture
    from ..lifecycle import Lifecycle
    from ..receive_turn import ReceiverWakeup, ReceiveTurn
    from ..worker_telemetry import WorkerTelemetry
    from .call_contexts import CallContexts
    from .outbox import Outbox
    from .session_hooks import SessionHooks
    from .tool_box import ToolBox


class EventLoopCalls:
    """Executes calls one at a time.

    Between calls the loop waits for the host, so that tasks that tools have left running continue.
    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        contexts: CallContexts,
        transport: FrameTransport,
        tools: ToolBox,
        calls: ActiveCalls,
        lifecycle: Lifecycle,
        turn: ReceiveTurn,
        wakeup: ReceiverWakeup,
        outbox: Outbox,
        capture: Capture,
        host: HostChannel,
        sessions: SessionHooks | None,
        telemetry: WorkerTelemetry,
    ) -> None:
        self._loop = loop
        self._contexts = contexts
        self._transport = transport
        self._tools = tools
        self._calls = calls
        self._lifecycle = lifecycle
        self._turn = turn
        self._wakeup = wakeup
        self._outbox = outbox
        self._capture = capture
        self._host = host
        self._sessions = sessions
        self._telemetry = telemetry
        self._task: asyncio.Task[None] | None = None
        self._is_serving = False

    def serve(self) -> None:
        """Waits for calls and executes them, until the next one is not ``async`` or the worker must end."""
        descriptor = self._transport.fileno()
        with self._turn.watched_by_loop(self._advance_soon):
            self._loop.add_reader(descriptor, self._receive)
            # Frames that were read already do not make the descriptor readable.
            self._loop.call_soon(self._receive if self._transport.has_unread() else self._advance)
            self._is_serving = True
            try:
                self._loop.run_forever()
            finally:
                self._is_serving = False
                self._loop.remove_reader(descriptor)

    def _advance_soon(self) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile, so no call waits
            self._loop.call_soon_threadsafe(self._advance)

    def _receive(self) -> None:
        self._turn.receive_available()
        if not self._lifecycle.is_connected:
            # The end of a connection stays readable forever.
            self._loop.remove_reader(self._transport.fileno())
        self._advance()

    def _advance(self) -> None:
        """Begins the next call, or stops the loop when the next call is not ``async``."""
        # A notice of the receiver thread may come late, when the loop runs hooks of the adapter, and must not stop it.
        if self._task is not None or not self._is_serving:
            return
        following = self._calls.next()
        if following is None:
            if self._lifecycle.ending is not None:
                self._loop.stop()
        elif self._tools.is_async(following):
            self._calls.pending.popleft()
            self._begin(following)
        else:
            self._loop.stop()

    def _begin(self, call: Call) -> None:
        if self._wakeup.is_asleep:
            self._wakeup.wake()
        call.host = self._host
        call.is_on_loop = True
        # A task runs in a copy of the context that it is created in, which may be that of the previous call.
        task = self._task = self._contexts.new().run(self._create_task, call)

        def cancel() -> None:
            self._loop.call_soon_threadsafe(task.cancel)

        # A call that was cancelled before this line is not executed: the task checks first. The coroutine has begun, so
        # it always answers, also when a tool cancels the task.
        call.on_cancel = cancel

    def _create_task(self, call: Call) -> asyncio.Task[None]:
        return self._loop.create_task(begun(self._execute(call)), name=f"snakepit {call.tool}()")

    async def _execute(self, call: Call) -> None:
        call.started_at = monotonic()
        try:
            try:
                await first_step()
                # Now in the context of the task.
                executing.set(call)
                if self._telemetry.is_on:
                    self._telemetry.begin(call)
                call.raise_if_cancelled()
                tool, bound = self._tools.bind(call)
                if self._sessions is not None:
                    await self._sessions.begin_async(call)
                    if self._transport.has_unread():
                        # Frames that were read while the hook waited for the host.
                        self._loop.call_soon(self._receive)
                if tool.streaming:
                    await self._stream(call, tool, bound)
                else:
                    value = await _run(tool, bound)
                    call.raise_if_cancelled()
                    self._capture.flush()
                    self._outbox.result(call, value)
            except ConnectionClosed:
                raise
            except BaseException as error:
                self._capture.flush()
                self._outbox.failure(call, failure_of_call(call, error))
        except ConnectionClosed:
            # The connection is lost; the thread that receives next detects this too, and ends the worker.
            self._calls.start_none_ahead()
        finally:
            self._calls.remove(call)
            call.detach()
            self._task = None
            self._advance()

    async def _stream(self, call: Call, tool: Tool, bound: Bound) -> None:
        positional, keywords = bound
        produced: AsyncIterator[Any] = aiter(tool.function(*positional, **keywords))
        credit = LoopCredit(call, self._loop)
        try:
            async for value in produced:
                if call.granted <= call.chunks_sent:
                    await credit.wait()
                call.raise_if_cancelled()
                self._outbox.chunk(call, value)
        finally:
            close: Callable[[], Awaitable[None]] | None = getattr(produced, "aclose", None)
            if close is not None:
                await close()
        self._capture.flush()
        self._outbox.end(call)


class LoopCredit:
    """Waits for credit of a streaming call."""

    def __init__(self, call: Call, loop: asyncio.AbstractEventLoop) -> None:
        self._call = call
        self._granted = asyncio.Event()

        def grant() -> None:
            loop.call_soon_threadsafe(self._granted.set)

        call.on_credit = grant

    async def wait(self) -> None:
        while self._call.granted <= self._call.chunks_sent:
            self._granted.clear()
            # Credit that arrived between the check and clear() is seen here; later credit sets the event.
            if self._call.granted <= self._call.chunks_sent:
                await self._granted.wait()


async def _run(tool: Tool, bound: Bound) -> Any:
    positional, keywords = bound
    value = tool.function(*positional, **keywords)
    # A decorated function may look like a coroutine function and return its value directly.
    return await value if inspect.isawaitable(value) else value
