"""A connected worker: its parts, and its main loop."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakMethod

from .._errors import print_exception
from .._system import yield_to_others
from .capture.capture import Capture
from .capture.log_sender import LogSender
from .ending import end_forked_child
from .execution.call_contexts import CallContexts
from .execution.outbox import Outbox
from .execution.tool_box import ToolBox
from .execution.worker_parts import WorkerParts
from .frame_dispatch import FrameDispatcher
from .heartbeat_sender import HeartbeatSender
from .lifecycle import Lifecycle
from .receive_turn import ReceiverWakeup, ReceiveTurn
from .receiver_thread import ReceiverThread
from .requests.host_link import HostLink
from .requests.request_table import RequestTable
from .signals.ignored_exceptions import interrupt_again_when_ignored
from .signals.signal_handlers import guard_signal_handlers
from .state_listeners import StateListeners
from .worker_telemetry import WorkerTelemetry

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._proto.frames_pb2 import Accept
    from .._tools import AdapterInstance, Hook
    from .._wire import FrameTransport, Received
    from .calls import ActiveCalls
    from .ending import Ending
    from .execution.event_loop import EventLoop
    from .execution.execution import Execution
    from .handshake import WorkerBoot


class Worker:
    """Executes the calls that arrive on one connection. Created and run by the main thread."""

    def __init__(
        self,
        transport: FrameTransport,
        accept: Accept,
        instance: AdapterInstance,
        event_loop: EventLoop,
        *,
        execution: Execution,
        calls: ActiveCalls,
        boot: WorkerBoot,
    ) -> None:
        """Creates the worker.

        Args:
            transport: the connection.
            accept: the answer of the host to Hello.
            instance: the tools and hooks.
            event_loop: the event loop of the worker.
            execution: executes the calls.
            calls: an empty collection for the calls.
            boot: the names of the worker and its pool.
        """
        self._transport = transport
        self._instance = instance
        self._event_loop = event_loop
        self._pid = os.getpid()
        interruption = self._interruption = execution.interruption
        self._calls = calls
        self._lifecycle = Lifecycle()
        self._wakeup = ReceiverWakeup()
        requests = RequestTable()
        listeners = StateListeners()
        self._telemetry = WorkerTelemetry(transport, calls, interruption, pool=boot.pool, worker_id=boot.worker_id)
        has_hooks = instance.session_start is not None or instance.session_end is not None
        self._dispatcher = FrameDispatcher(
            transport=transport,
            calls=self._calls,
            requests=requests,
            listeners=listeners,
            lifecycle=self._lifecycle,
            wakeup=self._wakeup,
            telemetry=self._telemetry,
            queue_session_ends=has_hooks,
            send_stacks=self._send_stacks,
        )
        turn = ReceiveTurn(self._dispatcher, self._wakeup, shares_loop=execution.is_concurrent)
        self._log_sender = LogSender(transport, self._calls, self._lifecycle, interruption)
        self._capture = Capture(self._log_sender)
        self._signals = guard_signal_handlers()
        host = HostLink(
            transport=transport,
            requests=requests,
            calls=self._calls,
            listeners=listeners,
            lifecycle=self._lifecycle,
            turn=turn,
            wakeup=self._wakeup,
            interruption=interruption,
            max_payload_bytes=accept.max_payload_bytes,
        )
        outbox = Outbox(execution.answers, accept.max_payload_bytes, self._calls.pending)
        self._receiver_thread = ReceiverThread(
            turn=turn,
            wakeup=self._wakeup,
            lifecycle=self._lifecycle,
            calls=self._calls,
            heartbeats=HeartbeatSender(transport, self._calls, outbox, accept.heartbeat_interval_ms / 1000),
            interruption=interruption,
            signals=self._signals,
            telemetry=self._telemetry,
        )
        parts = WorkerParts(
            transport=transport,
            tools=ToolBox(instance.tools),
            calls=self._calls,
            lifecycle=self._lifecycle,
            turn=turn,
            wakeup=self._wakeup,
            outbox=outbox,
            capture=self._capture,
            host=host,
            event_loop=event_loop,
            contexts=CallContexts(),
            signals=self._signals,
            telemetry=self._telemetry,
        )
        self._executor = execution.executor(parts, instance)

    def run(self, first: Received) -> Ending:
        """Executes calls until the worker must end, and returns why it ends.

        Args:
            first: the batch with the host's Accept, and the frames that followed it there.
        """
        _after_fork_in_child(WeakMethod(self._leave_to_parent))
        # Before the first heartbeat: from then on the host may count on a worker that signals do not end.
        self._signals.connect(Worker.run.__code__, self._log_sender.post, self._wakeup.wake)
        interrupt_again_when_ignored(self._interruption)
        self._capture.begin()
        self._dispatcher.dispatch(first)
        self._receiver_thread.start()
        try:
            ending = self._serve()
            if not self._lifecycle.is_connected:
                self._capture.disconnect()
            # The end of the process, which frees all memory, must not delay the calls of others.
            yield_to_others()
            self._tear_down()
        finally:
            self._telemetry.end()
            self._signals.disconnect()
            self._capture.end()
            # First the transport: the receiver thread may be receiving.
            self._transport.close("the worker has ended")
            self._receiver_thread.stop()
        return ending

    def _serve(self) -> Ending:
        try:
            ending = self._executor.serve()
        except BaseException as error:
            if os.getpid() != self._pid:
                # A task has forked and raised in the child: SystemExit, as a rule.
                end_forked_child(error)
            raise
        if os.getpid() != self._pid:
            # A tool has forked and returned in the child. Everything here belongs to the parent.
            os._exit(os.EX_OK)
        return ending

    def _tear_down(self) -> None:
        self._executor.end_sessions()
        ends: list[Callable[[], None]] = [partial(self._run_teardown, hook) for hook in self._instance.teardowns]
        for end in (*ends, self._event_loop.close):
            try:
                end()
            except BaseException as error:
                # The others must release their resources too.
                print_exception(error)

    def _run_teardown(self, hook: Hook) -> None:
        self._event_loop.finish(hook())

    def _send_stacks(self, request_id: int) -> None:
        # Lazy, because of the start-up time: few workers are asked.
        from .stacks import read_stacks

        loop = self._event_loop.get() if self._event_loop.exists else None
        batch = read_stacks(request_id, loop)
        self._transport.send(batch)

    def _leave_to_parent(self) -> None:
        """In a process that a tool has forked: the connection belongs to the parent."""
        self._transport.abandon()
        self._capture.disconnect()
        self._signals.disconnect()
        self._executor.leave_to_parent()
        self._telemetry.leave_to_parent()
        self._lifecycle.abandon()
        self._calls.pending.clear()


def _after_fork_in_child(method: Callable[[], Callable[[], None] | None]) -> None:
    # The interpreter keeps registered functions until after its modules are deleted; tools must be released earlier.
    def call() -> None:
        if (leave := method()) is not None:
            leave()

    os.register_at_fork(after_in_child=call)
