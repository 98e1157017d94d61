"""Interrupts tools that run in other threads than the main thread.

``PyThreadState_SetAsyncExc`` raises an exception between two instructions of a thread
(https://docs.python.org/3/c-api/init.html#c.PyThreadState_SetAsyncExc). It does not interrupt a blocking system call or
C code: the exception is raised when that returns.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from time import sleep
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..._errors import Cancelled, CancelledInLoop

if TYPE_CHECKING:
    from ..calls import Call

_POLL_S = 0.000_1
_NO_KEYWORDS: Mapping[str, Any] = MappingProxyType({})


class ThreadInterruption:
    """Raises :class:`.Cancelled` in the tools of threads, once per call, and never outside a tool.

    Replaces :class:`.Interruption` in workers that execute several calls at the same time.
    """

    def __init__(self) -> None:
        self._overdue: deque[_Section] = deque()

    @staticmethod
    def run(
        call: Call,
        function: Callable[..., Any],
        positional: Sequence[Any] = (),
        keywords: Mapping[str, Any] = _NO_KEYWORDS,
    ) -> Any:
        """Runs code of the user in this thread so that it can be interrupted; see :func:`.run_interruptibly`."""
        section = _Section(call)
        try:
            _thread.section = section
            call.on_cancel = section.interrupt
            # It may have been cancelled before it could be interrupted.
            call.raise_if_cancelled()
            return function(*positional, **keywords)
        finally:
            try:
                section.close()
            except Cancelled:
                # The only exception that is raised here; the caller checks whether the call was cancelled.
                section.close()
            _thread.section = None

    def hold(self) -> _Section | None:
        """Prevents interruptions of the tool in this thread while code of the worker runs inside it.

        Returns:
            The argument of :meth:`resume`.

        Raises:
            Cancelled: the call was cancelled.
        """
        section: _Section | None = getattr(_thread, "section", None)
        if section is None or section.is_interrupted or section.is_held:
            return None
        if not section.claim.acquire(blocking=False):
            section.await_exception()
            return None
        section.is_held = True
        return section

    def resume(self, section: _Section | None) -> None:
        """Allows interruptions again.

        Raises:
            Cancelled: the call was cancelled meanwhile.
        """
        if section is not None:
            section.reopen()
            if section.is_due and section.claim.acquire(blocking=False):
                section.is_interrupted = True
                section.call.raise_if_cancelled(CancelledInLoop)

    @staticmethod
    def mark(section: _Section | None) -> None:
        """Records that :class:`.Cancelled` was raised in another way."""
        if section is not None:
            section.is_interrupted = True

    def release(self, section: _Section | None) -> bool:
        """Allows interruptions again, and does not raise.

        Returns:
            Whether the call was cancelled meanwhile; the receiver thread must then interrupt the tool.
        """
        if section is None:
            return False
        is_due = section.is_due
        if is_due:
            self._overdue.append(section)
        section.reopen()
        return is_due

    def protect_thread_starts(self) -> None:
        """Lets no tool be interrupted while it starts a thread. Called once in a worker.

        Before Python 3.12, a new thread has the identifier of its creator until it runs. It would receive the exception
        before it reports its start, and its creator would wait for that forever.
        """
        start_thread = threading.Thread.start

        @wraps(start_thread)
        def start(thread: threading.Thread) -> None:
            section = self.hold()
            try:
                start_thread(thread)
            finally:
                self.resume(section)

        threading.Thread.start = start  # type: ignore[method-assign, assignment]

    def again(self, error: BaseException) -> Callable[[], None] | None:
        """See :class:`.ToolInterruption`."""
        section: _Section | None = getattr(_thread, "section", None)
        if section is None or not section.is_interrupted or not isinstance(error, Cancelled):
            return None
        section.begin_again(was_sent=isinstance(error, _CancelledInThread))
        return section.interrupt

    def interrupt_when_overdue(self) -> None:
        """Receiver thread: interrupts the tools when :meth:`release` could not."""
        while self._overdue:
            self._overdue.popleft().interrupt()


class _Section:
    """A section of a thread that may be interrupted, once.

    The thread that acquires ``claim`` decides: another thread then raises the exception in this one, or this thread
    prevents that. It is never released; a new lock begins a new section.
    """

    __slots__ = ("call", "claim", "is_held", "is_interrupted", "is_sent", "thread")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.thread = threading.get_ident()
        self.claim = threading.Lock()
        self.is_held = False
        """Whether this thread prevents the exception."""
        self.is_sent = False
        """Whether the exception was set; it is raised soon."""
        self.is_interrupted = call.interrupted
        """Whether the exception was raised."""

    @property
    def is_due(self) -> bool:
        return self.call.cancel_reason is not None and not self.is_interrupted

    def reopen(self) -> None:
        """Lets other threads raise the exception again."""
        self.is_held = False
        self.claim = threading.Lock()

    def begin_again(self, *, was_sent: bool) -> None:
        """Lets other threads raise the exception once more; ``was_sent`` is whether another thread has raised it."""
        if was_sent:
            # The other thread may not have finished.
            while not self.is_sent:
                sleep(_POLL_S)
            self.is_sent = False
        self.is_interrupted = self.call.interrupted = False
        self.reopen()

    def interrupt(self) -> None:
        """Any thread: raises the exception in the thread of the section, unless that leaves or protects it."""
        if self.is_due and self.claim.acquire(blocking=False):
            _set_exception(self.thread, _CancelledInThread)
            self.is_sent = True

    def await_exception(self) -> None:
        """Returns never in a section that another thread interrupts: the exception is raised here, or was before."""
        while not self.is_interrupted:
            sleep(_POLL_S)

    def close(self) -> None:
        """Ends the section: afterwards, no exception is raised. May be repeated after an exception."""
        self.call.interrupted = self.is_interrupted
        if self.claim.acquire(blocking=False) or self.is_interrupted:
            return
        while not self.is_sent:
            sleep(_POLL_S)
        _set_exception(self.thread, None)


class _CancelledInThread(CancelledInLoop):
    """The exception in a thread. The interpreter creates the instance, without arguments, in that thread.

    The thread may run an event loop, and another thread cannot determine that.
    """

    def __init__(self) -> None:
        section: _Section | None = getattr(_thread, "section", None)
        if section is not None:
            section.is_interrupted = section.call.interrupted = True
        super().__init__("cancelled" if section is None else section.call.cancel_reason or "cancelled")


_thread = threading.local()
"""``section``: the section that the thread is in."""


def _set_exception(thread: int, kind: type[BaseException] | None) -> None:
    # Lazy, because of the start-up time: few calls are cancelled.
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None if kind is None else ctypes.py_object(kind))
