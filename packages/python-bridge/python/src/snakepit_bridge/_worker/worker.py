"""A connected worker: its parts, and its main loop."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakMethod

from .._errors import print_exception
from .._system import yield_to_others
from .._wire import ConnectionClosed
from .calls import ActiveCalls, SessionEnd
from .capture.capture import Capture
from .capture.log_sender import LogSender
from .execution.call_contexts import CallContexts
from .execution.main_thread_calls import MainThreadCalls
from .execution.outbox import Outbox
from .execution.session_hooks import SessionHooks
from .execution.tool_box import ToolBox
from .frame_dispatch import FrameDispatcher
from .heartbeat_sender import HeartbeatSender
from .lifecycle import Lifecycle
from .receive_turn import ReceiverWakeup, ReceiveTurn
from .receiver_thread import ReceiverThread
from .requests.host_link import HostLink
from .requests.request_table import RequestTable
from .signals.interruption import Interruption
from .signals.signal_handlers import guard_signal_handlers, postpone_handlers
from .state_listeners import StateListeners

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._proto.frames_pb2 import Accept
    from .._tools import AdapterInstance, Hook
    from .._wire import FrameTransport, Received
    from .calls import Call
    from .ending import Ending
    from .execution.event_loop import EventLoop
    from .execution.event_loop_calls import EventLoopCalls
    from .start_permits import StartPermits


class Worker:
    """Executes the calls that arrive on one connection. Created and run by the main thread."""

    def __init__(
        self,
        transport: FrameTransport,
        accept: Accept,
        instance: AdapterInstance,
        event_loop: EventLoop,
        permits: StartPermits | None = None,
    ) -> None:
        self._transport = transport
        self._instance = instance
        self._event_loop = event_loop
        self._pid = os.getpid()
        self._tools = ToolBox(instance.tools)
        self._interruption = Interruption()
        self._contexts = CallContexts()
        self._sessions = _session_hooks(instance, event_loop, self._interruption, self._contexts)
        self._calls = ActiveCalls(permits)
        self._lifecycle = Lifecycle()
        self._wakeup = ReceiverWakeup()
        requests = RequestTable()
        listeners = StateListeners()
        self._dispatcher = FrameDispatcher(
            transport=transport,
            calls=self._calls,
            requests=requests,
            listeners=listeners,
            lifecycle=self._lifecycle,
            wakeup=self._wakeup,
            queue_session_ends=self._sessions is not None,
        )
        self._turn = ReceiveTurn(self._dispatcher, self._wakeup)
        self._outbox = Outbox(transport, accept.max_payload_bytes, self._calls.pending)
        self._log_sender = LogSender(transport, self._calls, self._lifecycle, self._interruption)
        self._capture = Capture(self._log_sender)
        self._signals = guard_signal_handlers()
        self._receiver_thread = ReceiverThread(
            turn=self._turn,
            wakeup=self._wakeup,
            lifecycle=self._lifecycle,
            calls=self._calls,
            heartbeats=HeartbeatSender(transport, self._calls, self._outbox, accept.heartbeat_interval_ms / 1000),
            interruption=self._interruption,
            signals=self._signals,
        )
        self._host = HostLink(
            transport=transport,
            requests=requests,
            calls=self._calls,
            listeners=listeners,
            lifecycle=self._lifecycle,
            turn=self._turn,
            wakeup=self._wakeup,
            interruption=self._interruption,
            max_payload_bytes=accept.max_payload_bytes,
        )
        self._main_thread_calls = MainThreadCalls(
            contexts=self._contexts,
            tools=self._tools,
            calls=self._calls,
            turn=self._turn,
            wakeup=self._wakeup,
            outbox=self._outbox,
            capture=self._capture,
            interruption=self._interruption,
            host=self._host,
            sessions=self._sessions,
        )
        self._event_loop_calls: EventLoopCalls | None = None

    def run(self, first: Received) -> Ending:
        """Executes calls until the worker must end, and returns why it ends.

        Args:
            first: the batch with the host's Accept, and the frames that followed it there.
        """
        _after_fork_in_child(WeakMethod(self._leave_to_parent))
        # Before the first heartbeat: from then on the host may count on a worker that signals do not end.
        self._signals.connect(Worker.run.__code__, self._log_sender.post, self._wakeup.wake)
        self._capture.begin()
        self._dispatcher.dispatch(first)
        self._receiver_thread.start()
        try:
            ending = self._serve()
            if os.getpid() != self._pid:
                # A tool has forked and returned in the child. Everything here belongs to the parent.
                os._exit(os.EX_OK)
            if not self._lifecycle.is_connected:
                self._capture.disconnect()
            # The end of the process, which frees all memory, must not delay the calls of others.
            yield_to_others()
            self._tear_down()
        finally:
            self._signals.disconnect()
            self._capture.end()
            # First the transport: the receiver thread may be receiving.
            self._transport.close("the worker has ended")
            self._receiver_thread.stop()
        return ending

    def _serve(self) -> Ending:
        pending = self._calls.pending
        next_item = self._calls.next
        wakeup = self._wakeup
        execute = self._main_thread_calls.execute
        async_tools = self._tools.async_tools
        if self._event_loop.exists:
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
            if not self._signals.take(error):
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
        from .execution.event_loop_calls import EventLoopCalls

        self._event_loop_calls = EventLoopCalls(
            loop=self._event_loop.get(),
            contexts=self._contexts,
            transport=self._transport,
            tools=self._tools,
            calls=self._calls,
            lifecycle=self._lifecycle,
            turn=self._turn,
            wakeup=self._wakeup,
            outbox=self._outbox,
            capture=self._capture,
            host=self._host,
            sessions=self._sessions,
        )

    def _end_session(self, end: SessionEnd) -> None:
        if self._sessions is None:
            return
        self._send_held()
        # The hook may take long, and the end of the worker must be noticed meanwhile.
        with self._turn.needed():
            self._sessions.end(end)
        self._capture.flush()

    def _tear_down(self) -> None:
        if self._sessions is not None:
            self._sessions.end_all()
        ends: list[Callable[[], None]] = [partial(self._run_teardown, hook) for hook in self._instance.teardowns]
        for end in (*ends, self._event_loop.close):
            try:
                end()
            except BaseException as error:
                # The others must release their resources too.
                print_exception(error)

    def _run_teardown(self, hook: Hook) -> None:
        self._event_loop.finish(hook())

    def _leave_to_parent(self) -> None:
        """In a process that a tool has forked: the connection belongs to the parent."""
        self._transport.abandon()
        self._capture.disconnect()
        self._interruption.call = None
        self._lifecycle.abandon()
        self._calls.pending.clear()


def _after_fork_in_child(method: Callable[[], Callable[[], None] | None]) -> None:
    # The interpreter keeps registered functions until after its modules are deleted; tools must be released earlier.
    def call() -> None:
        if (leave := method()) is not None:
            leave()

    os.register_at_fork(after_in_child=call)


def _session_hooks(
    instance: AdapterInstance, event_loop: EventLoop, interruption: Interruption, contexts: CallContexts
) -> SessionHooks | None:
    if instance.session_start is None and instance.session_end is None:
        return None
    start, end = instance.session_start or _nothing, instance.session_end or _nothing
    return SessionHooks(start, end, event_loop, interruption, contexts)


def _nothing(_session_id: str) -> None:
    """Replaces a missing hook of the adapter."""
