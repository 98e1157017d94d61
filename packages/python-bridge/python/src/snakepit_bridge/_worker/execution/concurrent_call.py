"""A call of a worker that executes several at the same time."""

from __future__ import annotations

import inspect
import os
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..._call import executing
from ..._errors import print_exception
from ..._wire import ConnectionClosed
from ..signals.thread_interruption import ThreadInterruption
from .event_loop import begun, first_step
from .failures import failure_of_call

if TYPE_CHECKING:
    from ..._call import HostChannel
    from ..._thread_safety import RequestTracker
    from ..._tools import Bound, Tool
    from ..calls import ActiveCalls, Call
    from ..capture.capture import Capture
    from ..worker_telemetry import WorkerTelemetry
    from .call_contexts import CallContexts
    from .concurrent_sessions import ConcurrentSessions, WorkerSession
    from .event_loop import EventLoop
    from .outbox import Outbox
    from .tool_box import ToolBox

_run_interruptibly = ThreadInterruption.run


class ConcurrentCallServices:
    """What the calls of a worker share."""

    __slots__ = (
        "calls",
        "capture",
        "contexts",
        "ended",
        "event_loop",
        "host",
        "outbox",
        "pid",
        "sessions",
        "telemetry",
        "tools",
        "tracker",
    )

    def __init__(
        self,
        *,
        contexts: CallContexts,
        tools: ToolBox,
        calls: ActiveCalls,
        outbox: Outbox,
        capture: Capture,
        host: HostChannel,
        sessions: ConcurrentSessions | None,
        event_loop: EventLoop,
        tracker: RequestTracker | None,
        telemetry: WorkerTelemetry,
        ended: Callable[[], None],
    ) -> None:
        """Creates the services.

        Args:
            contexts: creates the context of each call.
            tools: finds the tool and the arguments of a call.
            calls: the calls that are not answered.
            outbox: sends answers; used by several threads.
            capture: sends what tools print.
            host: sends the requests of tools.
            sessions: the hooks of the adapter for sessions; ``None`` without hooks.
            event_loop: the event loop of the worker.
            tracker: counts the calls; ``None`` to count none.
            telemetry: records spans and events.
            ended: called by any thread when a call was answered.
        """
        self.contexts = contexts
        self.tools = tools
        self.calls = calls
        self.outbox = outbox
        self.capture = capture
        self.host = host
        self.sessions = sessions
        self.event_loop = event_loop
        self.tracker = tracker
        self.telemetry = telemetry
        self.ended = ended
        self.pid = os.getpid()


class ConcurrentCall:
    """Executes one call; see :class:`.ProfileCall`."""

    __slots__ = ("_begun", "_call", "_services")

    def __init__(self, call: Call, services: ConcurrentCallServices) -> None:
        self._call = call
        self._services = services
        self._begun = threading.Lock()
        """Acquired, and never released, by the thread that executes or rejects the call."""

    @property
    def tool(self) -> str:
        """See :class:`.ProfileCall`."""
        return self._call.tool

    @property
    def is_async(self) -> bool:
        """See :class:`.ProfileCall`."""
        return self._call.tool in self._services.tools.async_tools

    @property
    def session_id(self) -> str | None:
        """See :class:`.ProfileCall`."""
        return self._call.session_id

    def run(self) -> None:
        """See :class:`.ProfileCall`."""
        if self.is_async:
            self.reject(TypeError(f"the tool '{self.tool}' is async; its profile must call start_task(), not run()"))
        elif self._begun.acquire(blocking=False):
            self._services.contexts.new().run(self._run)

    def start_task(self) -> None:
        """See :class:`.ProfileCall`."""
        call, services = self._call, self._services
        try:
            loop = services.event_loop.get()
        except (OSError, ImportError) as error:
            # No file descriptor is free for a loop. Tools without a loop can still be called.
            self.reject(error)
            return
        if not self._begun.acquire(blocking=False):
            return
        call.host = services.host
        call.is_on_loop = True
        # With a name, because a generated one takes a fifth of the time of everything here.
        if sys.version_info >= (3, 11):
            task = loop.create_task(begun(self._execute()), name=call.tool, context=services.contexts.new())
        else:
            # A task runs in a copy of the context that it is created in.
            task = services.contexts.new().run(partial(loop.create_task, begun(self._execute()), name=call.tool))

        def cancel() -> None:
            loop.call_soon_threadsafe(task.cancel)

        # A call that was cancelled before this line is not executed: the task checks first. The coroutine has begun, so
        # it always answers, also when a tool cancels the task.
        call.on_cancel = cancel

    def reject(self, error: BaseException) -> None:
        """Answers a call that cannot be executed, unless its execution has begun: the error is then printed."""
        if not self._begun.acquire(blocking=False):
            print_exception(error)
            return
        self._call.started_at = monotonic()
        self._fail(error)
        self._end(None)

    def _run(self) -> None:
        call, services = self._call, self._services
        call.started_at = monotonic()
        executing.set(call)
        call.host = services.host
        session: WorkerSession | None = None
        if services.tracker is not None:
            services.tracker.begin()
        if services.telemetry.is_on:
            services.telemetry.begin(call)
        try:
            call.raise_if_cancelled()
            tool, bound = services.tools.bind(call)
            if services.sessions is not None and (session_id := call.session_id) is not None:
                session = services.sessions.join(session_id)
                services.sessions.begin(call, session)
            if tool.streaming:
                self._stream(tool, bound)
            else:
                value = _run_interruptibly(call, tool.function, *bound)
                call.raise_if_cancelled()
                services.capture.flush(call)
                services.outbox.result(call, value)
        except ConnectionClosed:
            pass  # the thread that receives detects this too, and ends the worker
        except BaseException as error:
            self._fail(error)
        finally:
            if services.tracker is not None:
                services.tracker.end()
            self._end(session)

    async def _execute(self) -> None:
        call, services = self._call, self._services
        call.started_at = monotonic()
        session: WorkerSession | None = None
        if services.tracker is not None:
            services.tracker.begin()
        try:
            await first_step()
            # Now in the context of the task.
            executing.set(call)
            if services.telemetry.is_on:
                services.telemetry.begin(call)
            if call.cancel_reason is not None:
                call.raise_if_cancelled()
            tool, bound = services.tools.bind(call)
            if services.sessions is not None and (session_id := call.session_id) is not None:
                session = services.sessions.join(session_id)
                await services.sessions.begin_async(call, session)
            if tool.streaming:
                await self._stream_async(tool, bound)
            else:
                positional, keywords = bound
                value = tool.function(*positional, **keywords)
                # A decorated function may look like a coroutine function and return its value directly.
                if inspect.isawaitable(value):
                    value = await value
                if call.cancel_reason is not None:
                    call.raise_if_cancelled()
                services.capture.flush(call)
                services.outbox.result(call, value)
        except ConnectionClosed:
            pass  # the thread that receives detects this too, and ends the worker
        except BaseException as error:
            self._fail(error)
        finally:
            if services.tracker is not None:
                services.tracker.end()
            self._end(session)

    def _fail(self, error: BaseException) -> None:
        self._services.capture.flush(self._call)
        # The thread that receives detects a lost connection too, and ends the worker.
        with suppress(ConnectionClosed):
            self._services.outbox.failure(self._call, failure_of_call(self._call, error))

    def _end(self, session: WorkerSession | None) -> None:
        call, services = self._call, self._services
        if os.getpid() != services.pid:
            # The tool has forked and returned in the child. Everything here belongs to the parent.
            os._exit(os.EX_OK)
        services.calls.remove(call)
        call.detach()
        if session is not None and services.sessions is not None:
            services.sessions.leave(session)
        services.ended()

    def _stream(self, tool: Tool, bound: Bound) -> None:
        call = self._call
        produced: Iterator[Any] = iter(_run_interruptibly(call, tool.function, *bound))
        credit = _ThreadCredit(call)
        send = self._services.outbox.chunk
        try:
            while True:
                try:
                    value = _run_interruptibly(call, produced.__next__)
                except StopIteration:
                    break
                if call.granted <= call.chunks_sent:
                    credit.wait()
                call.raise_if_cancelled()
                send(call, value)
        finally:
            close = getattr(produced, "close", None)
            if close is not None:
                close()
        self._services.capture.flush(call)
        self._services.outbox.end(call)

    async def _stream_async(self, tool: Tool, bound: Bound) -> None:
        # Lazy: asyncio is loaded already when this runs.
        from .event_loop_calls import LoopCredit

        call = self._call
        positional, keywords = bound
        produced: AsyncIterator[Any] = aiter(tool.function(*positional, **keywords))
        credit = LoopCredit(call, self._services.event_loop.get())
        try:
            async for value in produced:
                if call.granted <= call.chunks_sent:
                    await credit.wait()
                call.raise_if_cancelled()
                self._services.outbox.chunk(call, value)
        finally:
            close: Callable[[], Awaitable[None]] | None = getattr(produced, "aclose", None)
            if close is not None:
                await close()
        self._services.capture.flush(call)
        self._services.outbox.end(call)


class _ThreadCredit:
    """Waits in a thread for credit of a streaming call, or for its cancellation."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._changed = threading.Event()
        call.on_credit = self._changed.set

    def wait(self) -> None:
        call = self._call
        call.on_cancel = self._changed.set
        while True:
            self._changed.clear()
            # What has changed before is seen here; a later change sets the event.
            if call.granted > call.chunks_sent or call.cancel_reason is not None:
                return
            self._changed.wait()
