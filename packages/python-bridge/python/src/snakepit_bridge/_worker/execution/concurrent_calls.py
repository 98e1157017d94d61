"""Executes several calls at the same time, as the profile of the worker decides."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from time import monotonic
from typing import TYPE_CHECKING

from ..._errors import print_exception
from ..calls import SessionEnd
from .concurrent_call import ConcurrentCall, ConcurrentCallServices
from .concurrent_sessions import ConcurrentSessions
from .session_hooks import no_hook
from .tool_box import CHECK_TOOL, WORKER_TOOLS

if TYPE_CHECKING:
    import asyncio

    from ..._profiles import Profile
    from ..._thread_safety import RequestTracker, ThreadSafetyChecker
    from ..._tools import AdapterInstance
    from ..calls import Call
    from ..ending import Ending
    from .joined_sends import JoinedSends
    from .worker_parts import WorkerParts

_POLL_S = 0.01
_STOP_S = 1.0


class ConcurrentCalls:
    """Receives calls and passes them to the profile. Used by the main thread.

    Without an event loop the main thread only receives. With one, it runs the loop, which watches the connection.
    """

    def __init__(
        self,
        parts: WorkerParts,
        sends: JoinedSends,
        profile: Profile,
        instance: AdapterInstance,
        *,
        checker: ThreadSafetyChecker,
        tracker: RequestTracker | None,
    ) -> None:
        """Creates the executor.

        Args:
            parts: the parts of the worker.
            sends: sends the answers of the outbox.
            profile: executes the calls; it was started.
            instance: has the hooks for sessions.
            checker: has checked the adapter.
            tracker: counts the calls; ``None`` to count none.
        """
        self._profile = profile
        self._checker = checker
        self._transport = parts.transport
        self._sends = sends
        self._calls = parts.calls
        self._lifecycle = parts.lifecycle
        self._turn = parts.turn
        self._wakeup = parts.wakeup
        self._event_loop = parts.event_loop
        self._signals = parts.signals
        self._sessions = _sessions(parts, instance)
        self._services = ConcurrentCallServices(
            contexts=parts.contexts,
            tools=parts.tools,
            calls=parts.calls,
            outbox=parts.outbox,
            capture=parts.capture,
            host=parts.host,
            sessions=self._sessions,
            event_loop=parts.event_loop,
            tracker=tracker,
            telemetry=parts.telemetry,
            ended=self._call_ended,
        )
        self._uncounted = copy(self._services)
        self._uncounted.tracker = None
        self._serving_loop: asyncio.AbstractEventLoop | None = None

    def serve(self) -> Ending:
        """Executes calls until the worker must end and all of them have ended."""
        # Not before: now log records reach the host.
        self._checker.log_warnings()
        if self._sessions is not None and self._sessions.are_async:
            # Any thread may need it for a hook.
            self._event_loop.get()
        while (ending := self._finished()) is None:
            try:
                if self._event_loop.exists:
                    self._serve_on_loop(self._event_loop.get())
                else:
                    self._receive_and_begin()
            except BaseException as error:
                if not self._signals.take(error):
                    raise
        return ending

    def end_sessions(self) -> None:
        """Stops the profile, and runs the hooks of the remaining sessions; called when the worker ends."""
        ending = self._lifecycle.ending
        kill_at = None if ending is None else ending.kill_at
        try:
            self._profile.stop(_STOP_S if kill_at is None else max(0.0, kill_at - monotonic()))
        except BaseException as error:
            # The teardown of the adapter must run too.
            print_exception(error)
        if self._sessions is not None:
            self._sessions.end_all()

    def leave_to_parent(self) -> None:
        """See :class:`.CallExecutor`. The call that has forked ends the process when it returns."""

    def _call_ended(self) -> None:
        """Any thread: a call was answered."""
        # Otherwise the main thread has nothing to do.
        if self._lifecycle.ending is not None and (loop := self._serving_loop) is not None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(self._advance)

    def _finished(self) -> Ending | None:
        return None if self._calls.by_id or self._calls.pending else self._lifecycle.ending

    def _has_work(self) -> object:
        return self._calls.pending or self._lifecycle.ending is not None

    def _receive_and_begin(self) -> None:
        if self._lifecycle.ending is None:
            self._turn.wait(self._has_work)
        elif not self._calls.pending:
            # The last calls end in other threads, which cannot wake this one.
            self._turn.wait(lambda: self._calls.pending or not self._calls.by_id, monotonic() + _POLL_S)
        self._begin_pending()

    def _serve_on_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        descriptor = self._transport.fileno()
        with self._turn.watched_by_loop(self._advance_soon):
            loop.add_reader(descriptor, self._receive)
            # Frames that were read already do not make the descriptor readable.
            loop.call_soon(self._receive if self._transport.has_unread() else self._advance)
            self._serving_loop = loop
            self._sends.join_in_loop(loop.call_soon)
            try:
                loop.run_forever()
            finally:
                self._sends.join_in_loop(None)
                self._serving_loop = None
                loop.remove_reader(descriptor)

    def _advance_soon(self) -> None:
        loop = self._serving_loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop was closed meanwhile, so no call waits
                loop.call_soon_threadsafe(self._advance)

    def _receive(self) -> None:
        self._turn.receive_available()
        if not self._lifecycle.is_connected and self._serving_loop is not None:
            # The end of a connection stays readable forever.
            self._serving_loop.remove_reader(self._transport.fileno())
        self._advance()

    def _advance(self) -> None:
        # A notice of another thread may come late, when the loop runs hooks of the adapter, and must not stop it.
        if self._serving_loop is None:
            return
        self._begin_pending()
        if self._finished() is not None:
            self._serving_loop.stop()

    def _begin_pending(self) -> None:
        pending = self._calls.pending
        if self._wakeup.is_asleep and pending:
            self._wakeup.wake()
        while pending:
            following = pending.popleft()
            if isinstance(following, SessionEnd):
                if self._sessions is not None:
                    self._sessions.end(following.session_id)
            else:
                self._begin(following)
            # An idle worker must not keep the arguments of its last call in memory.
            del following

    def _begin(self, call: Call) -> None:
        if call.tool in WORKER_TOOLS:
            self._run_worker_tool(call)
            return
        execution = ConcurrentCall(call, self._services)
        try:
            self._profile.execute(execution)
        except BaseException as error:
            # An error of the profile, or of a signal handler of the user.
            execution.reject(error)

    def _run_worker_tool(self, call: Call) -> None:
        """Runs a tool of the worker itself at once, also while all threads are busy."""
        execution = ConcurrentCall(call, self._uncounted)
        try:
            if call.tool == CHECK_TOOL:
                self._profile.check()
            execution.run()
        except BaseException as error:
            execution.reject(error)


def _sessions(parts: WorkerParts, instance: AdapterInstance) -> ConcurrentSessions | None:
    if instance.session_start is None and instance.session_end is None:
        return None
    start, end = instance.session_start or no_hook, instance.session_end or no_hook
    return ConcurrentSessions(start, end, parts.event_loop.get, parts.contexts)
