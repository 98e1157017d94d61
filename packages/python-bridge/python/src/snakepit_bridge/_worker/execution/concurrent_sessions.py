"""The hooks of an adapter for sessions, in a worker that executes several calls at the same time."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING

from ..._errors import Cancelled, print_exception
from ..signals.thread_interruption import ThreadInterruption
from .event_loop import begun, first_step
from .session_hooks import Hook, SessionStartError

if TYPE_CHECKING:
    import asyncio

    from ..calls import Call
    from .call_contexts import CallContexts


class ConcurrentSessions:
    """Runs ``on_session_start`` before the first call of a session and ``on_session_end`` after its last one.

    Calls that arrive during the start wait for it. A hook that is not ``async`` runs in a thread, an ``async`` one on
    the event loop of the worker, whatever the kind of tool.
    """

    def __init__(
        self, start: Hook, end: Hook, loop: Callable[[], asyncio.AbstractEventLoop], contexts: CallContexts
    ) -> None:
        """Creates the hooks.

        Args:
            start: ``on_session_start``.
            end: ``on_session_end``.
            loop: returns the event loop of the worker, which the main thread runs; called if a hook is ``async``.
            contexts: creates the contexts of the hooks.
        """
        self._start = start
        self._end = end
        self._is_async_start = inspect.iscoroutinefunction(start)
        self._is_async_end = inspect.iscoroutinefunction(end)
        self._loop = loop
        self._contexts = contexts
        self._lock = threading.Lock()
        self._sessions: dict[str, WorkerSession] = {}
        self._ending: set[WorkerSession] = set()
        """Those whose hook runs in another thread or in a task."""

    @property
    def are_async(self) -> bool:
        """Whether a hook needs the event loop."""
        return self._is_async_start or self._is_async_end

    def join(self, session_id: str) -> WorkerSession:
        """Returns the session of a call that begins, and counts the call."""
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None or session.has_ended:
                session = self._sessions[session_id] = WorkerSession(session_id, session)
            session.calls += 1
            return session

    def begin(self, call: Call, session: WorkerSession) -> None:
        """Starts the session unless it has started, in the thread that executes the call.

        Raises:
            SessionStartError: the hook raised. The next call of the session retries.
            Cancelled: the call was cancelled.
        """
        while not session.is_started:
            attempt, is_own = self._attempt(session)
            if not is_own:
                attempt.exception()
                call.raise_if_cancelled()
                continue
            try:
                if session.previous is not None:
                    session.previous.ended.exception()
                if self._is_async_start:
                    self._start_on_loop(call, session.id)
                else:
                    ThreadInterruption.run(call, self._start, (session.id,))
                _raise_if_interrupted(call)
            except Cancelled:
                raise
            except BaseException as error:
                raise SessionStartError from error
            else:
                session.has_started()
            finally:
                self._attempted(session, attempt)
        call.raise_if_cancelled()

    async def begin_async(self, call: Call, session: WorkerSession) -> None:
        """Does the same in a task of the event loop of the worker."""
        # Lazy, because of the start-up time: asyncio is loaded already when this runs.
        import asyncio

        while not session.is_started:
            attempt, is_own = self._attempt(session)
            if not is_own:
                await asyncio.wait([asyncio.wrap_future(attempt)])
                continue
            try:
                if session.previous is not None:
                    await asyncio.wait([asyncio.wrap_future(session.previous.ended)])
                if self._is_async_start:
                    started = self._start(session.id)
                    assert started is not None  # noqa: S101 (it is a coroutine function)
                    await started
                else:
                    await self._start_in_thread(call, session)
                _raise_if_interrupted(call)
            except (Cancelled, asyncio.CancelledError):
                raise
            except BaseException as error:
                raise SessionStartError from error
            else:
                session.has_started()
            finally:
                self._attempted(session, attempt)
        call.raise_if_cancelled()

    def leave(self, session: WorkerSession) -> None:
        """The call that has joined the session has ended."""
        with self._lock:
            session.calls -= 1
        self._end_if_unused(session)

    def end(self, session_id: str) -> None:
        """Runs the hook in another thread or in a task when the last call of a session has ended."""
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None:
                return
            session.has_ended = True
        self._end_if_unused(session)

    def end_all(self) -> None:
        """Waits for the hooks that run, and runs those of the remaining sessions.

        Called by the main thread, which no longer runs the event loop.
        """
        with self._lock:
            ending = [session.ended for session in self._ending]
        if ending:
            self._wait_for_all(ending)
        with self._lock:
            sessions = list(self._sessions.values())
            self._sessions.clear()
        for session in sessions:
            if session.is_started and not session.is_ending:
                session.is_ending = True
                if self._is_async_end:
                    self._contexts.new().run(self._loop().run_until_complete, begun(self._run_end_async(session)))
                else:
                    self._run_end(session)

    def _attempt(self, session: WorkerSession) -> tuple[Future[None], bool]:
        """Returns the current attempt to start the session, and whether the caller has to make it."""
        with self._lock:
            if session.attempt is not None:
                return session.attempt, False
            session.attempt = Future()
            return session.attempt, True

    def _attempted(self, session: WorkerSession, attempt: Future[None]) -> None:
        with self._lock:
            session.attempt = None
        attempt.set_result(None)

    def _end_if_unused(self, session: WorkerSession) -> None:
        with self._lock:
            if not session.has_ended or session.calls > 0 or session.is_ending:
                return
            session.is_ending = True
            if not session.is_started:
                self._forget(session)
                return
            self._ending.add(session)
        if self._is_async_end:
            import asyncio

            end = begun(self._run_end_async(session))
            self._contexts.new().run(asyncio.run_coroutine_threadsafe, end, self._loop())
            return
        thread = threading.Thread(target=self._run_end, args=(session,), name="snakepit-session-end", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # The system allows no more threads.
            self._run_end(session)

    def _start_on_loop(self, call: Call, session_id: str) -> None:
        """Runs an ``async`` hook on the event loop of the worker, and waits for its end. A cancellation cancels it."""
        # Lazy, because of the start-up time: few adapters have such hooks.

        loop = self._loop()
        outcome: Future[None] = Future()

        async def run() -> None:
            started = self._start(session_id)
            assert started is not None  # noqa: S101 (it is a coroutine function)
            await started

        def report(task: asyncio.Task[None]) -> None:
            if task.cancelled():
                outcome.set_exception(Cancelled(call.cancel_reason or "cancelled"))
            elif (error := task.exception()) is not None:
                outcome.set_exception(error)
            else:
                outcome.set_result(None)

        def begin() -> None:
            task = loop.create_task(run())
            task.add_done_callback(report)

            def cancel() -> None:
                loop.call_soon_threadsafe(task.cancel)

            call.on_cancel = cancel
            if call.cancel_reason is not None:
                task.cancel()

        # In a copy of the context of this thread.
        loop.call_soon_threadsafe(begin)
        try:
            outcome.result()
        finally:
            call.on_cancel = None

    async def _start_in_thread(self, call: Call, session: WorkerSession) -> None:
        """Runs a hook that is not ``async`` for a task. A cancellation interrupts the hook, so that none runs twice.

        When a tool cancels the task, without a cancellation of the call, the task ends with the hook.
        """
        import asyncio

        cancel_task = call.on_cancel
        run = partial(copy_context().run, ThreadInterruption.run, call, self._start, (session.id,))
        # Not to_thread() in a task, which the tool would cancel too.
        hook = asyncio.get_running_loop().run_in_executor(None, run)
        cancelled: asyncio.CancelledError | None = None
        try:
            while not hook.done():
                try:
                    await asyncio.wait([hook])
                except asyncio.CancelledError as error:
                    cancelled = error
            hook.result()
        finally:
            call.on_cancel = cancel_task
        if cancelled is not None:
            _raise_if_interrupted(call)
            session.has_started()
            raise cancelled

    def _run_end(self, session: WorkerSession) -> None:
        try:
            self._contexts.new().run(self._end, session.id)
        except BaseException as error:
            # Nothing depends on it, but it must not be lost.
            print_exception(error)
        finally:
            self._has_ended(session)

    async def _run_end_async(self, session: WorkerSession) -> None:
        # Lazy, because of the start-up time: asyncio is loaded already when this runs.
        import asyncio

        try:
            # A tool that cancels all tasks does not prevent the hook, which releases what the session has.
            with suppress(asyncio.CancelledError):
                await first_step()
            ended = self._end(session.id)
            assert ended is not None  # noqa: S101 (it is a coroutine function)
            await ended
        except BaseException as error:
            print_exception(error)
        finally:
            self._has_ended(session)

    def _wait_for_all(self, ending: list[Future[None]]) -> None:
        if not self._is_async_end:
            futures.wait(ending)
            return
        import asyncio

        async def wait() -> None:
            await asyncio.wait([asyncio.wrap_future(each) for each in ending])

        self._loop().run_until_complete(wait())

    def _has_ended(self, session: WorkerSession) -> None:
        with self._lock:
            self._ending.discard(session)
            self._forget(session)

    def _forget(self, session: WorkerSession) -> None:
        """Removes a session that has ended. The caller holds the lock."""
        if self._sessions.get(session.id) is session:
            del self._sessions[session.id]
        session.ended.set_result(None)


def _raise_if_interrupted(call: Call) -> None:
    """Raises :class:`.Cancelled` if the hook has caught it, because the hook is perhaps incomplete.

    A hook that returned before has started the session, so that its end must run, although the call was cancelled.
    """
    if call.interrupted:
        call.raise_if_cancelled()


class WorkerSession:
    """A session in this worker. The lock of the hooks protects it."""

    __slots__ = ("attempt", "calls", "ended", "has_ended", "id", "is_ending", "is_started", "previous")

    def __init__(self, session_id: str, previous: WorkerSession | None) -> None:
        self.id = session_id
        self.previous = previous
        """A session with the same ID that has ended, while its hook has not."""
        self.calls = 0
        """The number of calls that have joined it and not left."""
        self.attempt: Future[None] | None = None
        """The running attempt to start it."""
        self.is_started = False
        self.has_ended = False
        """Whether the host has ended it."""
        self.is_ending = False
        """Whether its end is handled, since its last call has left."""
        self.ended: Future[None] = Future()
        """Done when its hook has returned."""

    def has_started(self) -> None:
        """The hook has returned."""
        self.is_started = True
        self.previous = None
