"""A worker at work: what it consists of, and its main loop."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakMethod

from snakepit_bridge._tools import print_exception

from .attendant import Attendant
from .call_contexts import CallContexts
from .capture import Capture
from .capture.log_sender import LogSender
from .heart import Heart
from .host_link import HostLink
from .inbox import Inbox
from .interruption import Interruption
from .main_thread_calls import MainThreadCalls
from .outbox import Outbox
from .request_table import RequestTable
from .session_hooks import SessionHooks, SessionOver
from .signal_handlers import guard_signal_handlers
from .tool_box import ToolBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from snakepit_bridge._proto.frames_pb2 import Welcome
    from snakepit_bridge._tools import AdapterInstance
    from snakepit_bridge._tools.hooks import Hook
    from snakepit_bridge._wire import FrameTransport, Received

    from .ending import Ending
    from .event_loop import EventLoop
    from .event_loop_calls import EventLoopCalls


class Worker:
    """Executes the calls that arrive on one connection. Made and run by the main thread."""

    def __init__(
        self, transport: FrameTransport, welcome: Welcome, instance: AdapterInstance, event_loop: EventLoop
    ) -> None:
        self._transport = transport
        self._instance = instance
        self._event_loop = event_loop
        self._pid = os.getpid()
        self._tools = ToolBox(instance.tools)
        self._interruption = Interruption()
        self._contexts = CallContexts()
        self._sessions = _session_hooks(instance, event_loop, self._interruption, self._contexts)
        requests = RequestTable()
        self._inbox = Inbox(transport, requests, wants_sessions=self._sessions is not None)
        self._outbox = Outbox(transport, welcome.max_payload_bytes)
        sender = LogSender(transport, self._inbox, self._interruption)
        self._capture = Capture(sender)
        self._log_sender = sender
        self._signals = guard_signal_handlers()
        heart = Heart(transport, self._inbox, self._outbox, welcome.heartbeat_interval_ms / 1000)
        self._attendant = Attendant(self._inbox, heart, self._interruption, self._signals)
        self._host = HostLink(
            transport=transport,
            requests=requests,
            inbox=self._inbox,
            interruption=self._interruption,
            attendant=self._attendant,
            max_payload_bytes=welcome.max_payload_bytes,
        )
        self._main_thread_calls = MainThreadCalls(
            contexts=self._contexts,
            tools=self._tools,
            inbox=self._inbox,
            outbox=self._outbox,
            capture=self._capture,
            interruption=self._interruption,
            attendant=self._attendant,
            host=self._host,
            sessions=self._sessions,
        )
        self._event_loop_calls: EventLoopCalls | None = None

    def run(self, first: Received) -> Ending:
        """Works until the end is decided and returns it.

        Args:
            first: the batch with the host's Welcome, and what followed in it.
        """
        _after_fork_in_child(WeakMethod(self._leave_to_parent))
        self._capture.begin()
        self._inbox.take(first)
        self._attendant.start()
        self._signals.connect(Worker.run.__code__, self._log_sender, self._attendant.rouse)
        try:
            ending = self._serve()
            if os.getpid() != self._pid:
                # A tool has forked and let the child return. Everything here belongs to the parent.
                os._exit(os.EX_OK)
            if not self._inbox.is_connected:
                self._capture.disconnect()
            self._tear_down()
        finally:
            self._signals.disconnect()
            self._capture.end()
            # First this: the attendant may be receiving.
            self._transport.close("the worker has ended")
            self._attendant.stop()
        return ending

    def _serve(self) -> Ending:
        inbox = self._inbox
        attendant = self._attendant
        execute = self._main_thread_calls.execute
        if self._event_loop.exists:
            self._make_event_loop_calls()
        while True:
            self._wait_for_work()
            if not inbox.pending:
                if inbox.ending is not None:
                    return inbox.ending
            elif self._tools.is_async(following := inbox.pending[0]):
                # With a loop, something has raised in it and ended it early: it goes on, and takes the call.
                if self._event_loop_calls is None:
                    try:
                        self._make_event_loop_calls()
                    except (OSError, ImportError) as error:
                        # No file descriptor is left for a loop. Tools that need none can still be called.
                        inbox.pending.popleft()
                        self._main_thread_calls.refuse(following, error)
                del following
            else:
                following = inbox.pending.popleft()
                if isinstance(following, SessionOver):
                    self._end_session(following)
                else:
                    if attendant.dozing:
                        attendant.rouse()
                    execute(following)
                # An idle worker must not hold the arguments of its last call.
                del following

    def _wait_for_work(self) -> None:
        try:
            if self._event_loop_calls is not None:
                self._event_loop_calls.serve()
            else:
                self._inbox.wait(self._inbox.has_work)
        except BaseException as error:
            if not self._signals.take(error):
                raise

    def _make_event_loop_calls(self) -> None:
        # Not at the top: it brings asyncio along.
        from .event_loop_calls import EventLoopCalls

        self._event_loop_calls = EventLoopCalls(
            loop=self._event_loop.get(),
            contexts=self._contexts,
            transport=self._transport,
            tools=self._tools,
            inbox=self._inbox,
            outbox=self._outbox,
            capture=self._capture,
            attendant=self._attendant,
            host=self._host,
            sessions=self._sessions,
        )

    def _end_session(self, over: SessionOver) -> None:
        if self._sessions is None:
            return
        # It may take its time, and somebody has to hear of the worker's end.
        with self._inbox.attended():
            self._sessions.end(over)
        self._capture.flush()

    def _tear_down(self) -> None:
        if self._sessions is not None:
            self._sessions.end_all()
        ends: list[Callable[[], None]] = [partial(self._run_teardown, hook) for hook in self._instance.teardowns]
        for end in (*ends, self._event_loop.close):
            try:
                end()
            except BaseException as error:
                # The others have something to close too.
                print_exception(error)

    def _run_teardown(self, hook: Hook) -> None:
        self._event_loop.finish(hook())

    def _leave_to_parent(self) -> None:
        """In a process that a tool has forked: the connection is the parent's."""
        self._transport.abandon()
        self._capture.disconnect()
        self._interruption.call = None
        self._inbox.abandon()


def _after_fork_in_child(method: Callable[[], Callable[[], None] | None]) -> None:
    # The interpreter keeps what is registered until after its modules are gone, and the tools must not live that long.
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
    """The hook that an adapter does not have."""
