"""Tells an adapter of the sessions that it meets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snakepit_bridge._tools import print_exception

from .cancelled import Cancelled
from .interruption import run_interruptibly

if TYPE_CHECKING:
    from .call import Call
    from .call_contexts import CallContexts
    from .event_loop import EventLoop
    from .interruption import Interruption

Hook = Callable[[str], "Awaitable[None] | None"]


@dataclass(frozen=True)
class SessionOver:
    """A session has ended; it waits among the calls for its turn."""

    session_id: str


class SessionStartError(Exception):
    """``on_session_start`` raised; the cause is what it raised."""


class SessionHooks:
    """Runs ``on_session_start`` and ``on_session_end``. Belongs to the main thread."""

    def __init__(
        self, start: Hook, end: Hook, event_loop: EventLoop, interruption: Interruption, contexts: CallContexts
    ) -> None:
        self._start = start
        self._end = end
        self._event_loop = event_loop
        self._interruption = interruption
        self._contexts = contexts
        self._started: dict[str, None] = {}

    def begin(self, call: Call) -> None:
        """Runs ``on_session_start`` when the call, which is about to be executed, is the first of its session here.

        Raises:
            SessionStartError: it raised. The session's next call tries again.
            Cancelled: the call was given up.
        """
        session_id = self._new_session(call)
        if session_id is None:
            return
        try:
            run_interruptibly(call, self._run_start, (session_id,))
        except Cancelled:
            raise
        except BaseException as error:
            raise SessionStartError from error
        self._started[session_id] = None

    async def begin_async(self, call: Call) -> None:
        """As :meth:`begin`, in a task of the worker's event loop."""
        # Not at the top: it brings asyncio along, which is loaded here.
        from asyncio import CancelledError

        session_id = self._new_session(call)
        if session_id is None:
            return
        try:
            outcome = self._start_on_loop(call, session_id)
            call.raise_if_given_up()
            if outcome is not None:
                await outcome
        except (Cancelled, CancelledError):
            raise
        except BaseException as error:
            raise SessionStartError from error
        self._started[session_id] = None

    def end(self, over: SessionOver) -> None:
        """Runs ``on_session_end``, for a session that has begun here. What it raises is printed."""
        if over.session_id not in self._started:
            return
        del self._started[over.session_id]
        try:
            self._contexts.run(self._run_end, over.session_id)
        except BaseException as error:
            # Nothing depends on it any more, but it must not be lost.
            print_exception(error)

    def end_all(self) -> None:
        """Ends the sessions that are left."""
        for session_id in list(self._started):
            self.end(SessionOver(session_id))

    def _run_end(self, session_id: str) -> None:
        self._event_loop.finish(self._end(session_id))

    def _run_start(self, session_id: str) -> None:
        self._event_loop.finish(self._start(session_id), keep_context=True)

    def _start_on_loop(self, call: Call, session_id: str) -> Awaitable[None] | None:
        """Runs a hook that is not ``async`` as if there was no loop, which it may block: no other call is at work."""
        on_cancel = call.on_cancel
        self._interruption.call = call
        call.on_cancel = self._interruption.interrupt
        call.is_on_loop = False
        try:
            outcome: Awaitable[None] | None = run_interruptibly(call, self._start, (session_id,))
            return outcome
        finally:
            call.is_on_loop = True
            call.on_cancel = on_cancel
            self._interruption.call = None

    def _new_session(self, call: Call) -> str | None:
        message = call.message
        if not message.HasField("session_id") or message.session_id in self._started:
            return None
        return message.session_id
