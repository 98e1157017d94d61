"""The hooks of an adapter for the start and the end of sessions."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ..._errors import Cancelled, print_exception
from ..calls import SessionEnd
from ..signals.interruption import run_interruptibly

if TYPE_CHECKING:
    from ..calls import Call
    from ..signals.interruption import Interruption
    from .call_contexts import CallContexts
    from .event_loop import EventLoop

Hook = Callable[[str], "Awaitable[None] | None"]


def no_hook(_session_id: str) -> None:
    """Replaces a missing hook of the adapter."""


class SessionStartError(Exception):
    """``on_session_start`` raised; its exception is the cause."""


class SessionHooks:
    """Runs ``on_session_start`` and ``on_session_end``. Used by the main thread."""

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
        """Runs ``on_session_start`` when the call that is about to be executed is the first of its session here.

        Raises:
            SessionStartError: it raised. The next call of the session retries.
            Cancelled: the call was cancelled.
        """
        session_id = self._new_session(call)
        if session_id is None:
            return
        returned: list[Any] = []
        try:
            run_interruptibly(call, self._run_start, (session_id, returned))
        except Cancelled:
            raise
        except BaseException as error:
            raise SessionStartError from error
        finally:
            self._record(session_id, returned)

    async def begin_async(self, call: Call) -> None:
        """Does the same in a task of the worker's event loop."""
        # Lazy, because of the start-up time: asyncio is loaded already when this runs.
        from asyncio import CancelledError

        session_id = self._new_session(call)
        if session_id is None:
            return
        returned: list[Any] = []
        try:
            self._start_on_loop(call, session_id, returned)
            if inspect.isawaitable(returned[0]):
                if call.cancel_reason is not None:
                    # The task was not cancelled meanwhile. The coroutine of the hook does not begin.
                    _close(returned[0])
                    call.raise_if_cancelled()
                await _finish(returned)
        except (Cancelled, CancelledError):
            raise
        except BaseException as error:
            raise SessionStartError from error
        finally:
            self._record(session_id, returned)
        call.raise_if_cancelled()

    def end(self, end: SessionEnd) -> None:
        """Runs ``on_session_end`` for a session that has started here. An exception is printed."""
        if end.session_id not in self._started:
            return
        del self._started[end.session_id]
        try:
            self._contexts.new().run(self._run_end, end.session_id)
        except BaseException as error:
            # Nothing depends on it, but it must not be lost.
            print_exception(error)

    def end_all(self) -> None:
        """Ends the remaining sessions."""
        for session_id in list(self._started):
            self.end(SessionEnd(session_id))

    def _run_end(self, session_id: str) -> None:
        self._event_loop.finish(self._end(session_id))

    def _run_start(self, session_id: str, returned: list[Any]) -> None:
        self._call_start(session_id, returned)
        if inspect.isawaitable(returned[0]):
            self._event_loop.finish(_finish(returned), keep_context=True)

    def _call_start(self, session_id: str, returned: list[Any]) -> None:
        """Adds what the hook returns to a list. No signal handler runs between: the call is cancelled before or after.

        Between two Python instructions, it could raise, and the hook would be repeated although it has returned.
        """
        returned.extend(map(self._start, (session_id,)))

    def _record(self, session_id: str, returned: list[Any]) -> None:
        """Records that the session has started if the hook has returned, also when its call was then cancelled."""
        if returned and not inspect.isawaitable(returned[-1]):
            self._started[session_id] = None

    def _start_on_loop(self, call: Call, session_id: str, returned: list[Any]) -> None:
        """Runs a hook that is not ``async`` as if no loop existed: it may block, since no other call is executing."""
        on_cancel = call.on_cancel
        self._interruption.call = call
        call.on_cancel = self._interruption.interrupt
        call.is_on_loop = False
        try:
            run_interruptibly(call, self._call_start, (session_id, returned))
        finally:
            call.is_on_loop = True
            call.on_cancel = on_cancel
            self._interruption.call = None

    def _new_session(self, call: Call) -> str | None:
        session_id = call.session_id
        return None if session_id is None or session_id in self._started else session_id


async def _finish(returned: list[Any]) -> None:
    """Awaits what an ``async`` hook has returned, and adds the value of that."""
    returned.append(await returned[-1])


def _close(awaitable: Any) -> None:
    """Discards a coroutine that has not begun, without the warning that it was never awaited."""
    close = getattr(awaitable, "close", None)
    if close is not None:
        close()
