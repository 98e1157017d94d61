"""Executes calls one at a time on the main thread: the profile ``process``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._wire import ConnectionClosed
from ..calls import SessionEnd
from ..signals.signal_handlers import postpone_handlers
from .main_thread_calls import MainThreadCalls
from .session_hooks import SessionHooks, no_hook

if TYPE_CHECKING:
    from ..._tools import AdapterInstance
    from ..calls import Call
    from ..ending import Ending
    from ..signals.interruption import Interruption
    from .event_loop_calls import EventLoopCalls
    from .worker_parts import WorkerParts


class SequentialCalls:
    """Receives calls and executes them on the main thread, ``async`` ones on an event loop that is created for them."""

    def __init__(self, parts: WorkerParts, interruption: Interruption, instance: AdapterInstance) -> None:
        """Creates the executor.

        Args:
            parts: the parts of the worker.
            interruption: interrupts the tool on the main thread.
            instance: has the hooks for sessions.
        """
        self._parts = parts
        self._interruption = interruption
        self._calls = parts.calls
        self._lifecycle = parts.lifecycle
        self._turn = parts.turn
        self._outbox = parts.outbox
        self._sessions = _session_hooks(parts, interruption, instance)
        self._main_thread_calls = MainThreadCalls(
            contexts=parts.contexts,
            tools=parts.tools,
            calls=parts.calls,
            turn=parts.turn,
            wakeup=parts.wakeup,
            outbox=parts.outbox,
            capture=parts.capture,
            interruption=interruption,
            host=parts.host,
            sessions=self._sessions,
            telemetry=parts.telemetry,
        )
        self._event_loop_calls: EventLoopCalls | None = None

    def serve(self) -> Ending:
        """Executes calls until the worker must end, and returns why it ends."""
        pending = self._calls.pending
        next_item = self._calls.next
        wakeup = self._parts.wakeup
        execute = self._main_thread_calls.execute
        async_tools = self._parts.tools.async_tools
        if self._parts.event_loop.exists:
            self._create_event_loop_calls()
        while True:
            # With an event loop even when a call waits, so that the tasks that tools have left running continue.
            following = next_item() if self._event_loop_calls is None else None
            if following is None:
                self._wait_for_work()
                following = next_item()
            if following is None:
                if self._lifecycle.ending is not None:
                    return self._lifecycle.ending
            elif following.tool in async_tools:
                # If the loop exists, an exception has interrupted it: it continues with this call.
                if self._event_loop_calls is None:
                    self._start_loop_for(following)
            else:
                pending.popleft()
                if isinstance(following, SessionEnd):
                    self._end_session(following)
                else:
                    if wakeup.is_asleep:
                        wakeup.wake()
                    execute(following)
            # An idle worker must not keep the arguments of its last call in memory.
            del following

    def end_sessions(self) -> None:
        """Runs the hooks of the remaining sessions; called when the worker ends."""
        if self._sessions is not None:
            self._sessions.end_all()

    def leave_to_parent(self) -> None:
        """See :class:`.CallExecutor`."""
        self._interruption.call = None
        # A tool that is not async may return here. The loop would watch the connection, which this process has not.
        self._event_loop_calls = None

    def _start_loop_for(self, following: Call | SessionEnd) -> None:
        try:
            self._create_event_loop_calls()
        except (OSError, ImportError) as error:
            # No file descriptor is free for a loop. Tools without a loop can still be called.
            self._calls.pending.popleft()
            if not isinstance(following, SessionEnd):
                self._main_thread_calls.reject(following, error)

    def _has_work(self) -> object:
        return self._calls.next() or self._lifecycle.ending is not None

    def _wait_for_work(self) -> None:
        try:
            if self._outbox.held:
                self._send_held()
            if self._event_loop_calls is not None:
                self._event_loop_calls.serve()
            else:
                self._turn.wait(self._has_work)
        except BaseException as error:
            if not self._parts.signals.take(error):
                raise

    @postpone_handlers
    def _send_held(self) -> None:
        try:
            self._outbox.send_held()
        except ConnectionClosed:
            # The connection is lost; the thread that receives next detects this too, and ends the worker.
            self._calls.start_none_ahead()

    def _create_event_loop_calls(self) -> None:
        # Lazy, because of the start-up time: it imports asyncio.
        from .event_loop_calls import EventLoopCalls

        parts = self._parts
        self._event_loop_calls = EventLoopCalls(
            loop=parts.event_loop.get(),
            contexts=parts.contexts,
            transport=parts.transport,
            tools=parts.tools,
            calls=parts.calls,
            lifecycle=parts.lifecycle,
            turn=parts.turn,
            wakeup=parts.wakeup,
            outbox=parts.outbox,
            capture=parts.capture,
            host=parts.host,
            sessions=self._sessions,
            telemetry=parts.telemetry,
        )

    def _end_session(self, end: SessionEnd) -> None:
        if self._sessions is None:
            return
        self._send_held()
        # The hook may take long, and the end of the worker must be noticed meanwhile.
        with self._turn.needed():
            self._sessions.end(end)
        self._parts.capture.flush()


def _session_hooks(parts: WorkerParts, interruption: Interruption, instance: AdapterInstance) -> SessionHooks | None:
    if instance.session_start is None and instance.session_end is None:
        return None
    start, end = instance.session_start or no_hook, instance.session_end or no_hook
    return SessionHooks(start, end, parts.event_loop, interruption, parts.contexts)
