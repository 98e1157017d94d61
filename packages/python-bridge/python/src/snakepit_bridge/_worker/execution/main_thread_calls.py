"""Executes tools that are not ``async`` on the main thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..._call import executing
from ..._wire import ConnectionClosed
from ..signals.interruption import run_interruptibly
from .failures import failure_of_call

if TYPE_CHECKING:
    from ..._call import HostChannel
    from ..._tools import Bound, Tool
    from ..calls import ActiveCalls, Call
    from ..capture.capture import Capture
    from ..receive_turn import ReceiverWakeup, ReceiveTurn
    from ..signals.interruption import Interruption
    from ..worker_telemetry import WorkerTelemetry
    from .call_contexts import CallContexts
    from .outbox import Outbox
    from .session_hooks import SessionHooks
    from .tool_box import ToolBox


class MainThreadCalls:
    """Executes calls one at a time."""

    def __init__(
        self,
        *,
        contexts: CallContexts,
        tools: ToolBox,
        calls: ActiveCalls,
        turn: ReceiveTurn,
        wakeup: ReceiverWakeup,
        outbox: Outbox,
        capture: Capture,
        interruption: Interruption,
        host: HostChannel,
        sessions: SessionHooks | None,
        telemetry: WorkerTelemetry,
    ) -> None:
        self._new_context = contexts.new
        self._tools = tools
        self._remove = calls.remove
        self._start_none_ahead = calls.start_none_ahead
        self._turn = turn
        self._wakeup = wakeup
        self._outbox = outbox
        self._capture = capture
        self._interruption = interruption
        self._interrupt = interruption.interrupt
        self._host = host
        self._sessions = sessions
        self._telemetry = telemetry

    def execute(self, call: Call) -> None:
        """Executes a call and answers it. Never raises."""
        self._new_context().run(self._execute, call)

    def reject(self, call: Call, error: Exception) -> None:
        """Answers a call that cannot be executed."""
        call.started_at = monotonic()
        with suppress(ConnectionClosed):
            self._outbox.failure(call, failure_of_call(call, error))
        self._remove(call)

    def _execute(self, call: Call) -> None:
        call.started_at = monotonic()
        executing.set(call)
        call.host = self._host
        self._interruption.call = call
        call.on_cancel = self._interrupt
        if self._telemetry.is_on:
            self._telemetry.begin(call)
        try:
            try:
                if call.cancel_reason is not None:
                    call.raise_if_cancelled()
                tool, bound = self._tools.bind(call)
                if self._outbox.held:
                    self._outbox.send_before(call.tool)
                if self._sessions is not None:
                    self._sessions.begin(call)
                if tool.streaming:
                    self._stream(call, tool, bound)
                    return
                positional, keywords = bound
                # The body of run_interruptibly, inlined: this runs for each call.
                try:
                    call.interruptible = True
                    if call.cancel_reason is not None:
                        call.raise_if_cancelled()
                    value = tool.function(*positional, **keywords)
                finally:
                    call.interruptible = False
                if call.cancel_reason is not None:
                    call.raise_if_cancelled()
                self._capture.flush()
                self._outbox.result(call, value, may_hold=True)
            except ConnectionClosed:
                raise
            except BaseException as error:
                self._capture.flush()
                self._outbox.failure(call, failure_of_call(call, error))
        except ConnectionClosed:
            # The connection is lost; the thread that receives next detects this too, and ends the worker.
            self._start_none_ahead()
        finally:
            self._interruption.call = None
            call.on_cancel = None
            self._remove(call)

    def _stream(self, call: Call, tool: Tool, bound: Bound) -> None:
        produced: Iterator[Any] = iter(run_interruptibly(call, tool.function, *bound))
        try:
            self._send_chunks(call, produced.__next__)
        finally:
            close = getattr(produced, "close", None)
            if close is not None:
                close()
        self._capture.flush()
        self._outbox.end(call)

    def _send_chunks(self, call: Call, produce: Callable[[], Any]) -> None:
        send = self._outbox.chunk

        def can_continue() -> bool:
            return call.granted > call.chunks_sent or call.cancel_reason is not None

        while True:
            # The body of run_interruptibly, inlined: this runs for each chunk.
            try:
                try:
                    call.interruptible = True
                    if call.cancel_reason is not None:
                        call.raise_if_cancelled()
                    value = produce()
                finally:
                    call.interruptible = False
            except StopIteration:
                return
            if call.granted <= call.chunks_sent:
                self._outbox.send_held()
                self._turn.wait(can_continue)
                # From here on the receiver thread must receive cancellations.
                if self._wakeup.is_asleep:
                    self._wakeup.wake()
            if call.cancel_reason is not None:
                call.raise_if_cancelled()
            send(call, value, may_hold=True)
