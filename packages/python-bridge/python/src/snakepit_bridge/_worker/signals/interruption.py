"""Interrupts a tool that runs on the main thread.

Unlike ``PyThreadState_SetAsyncExc``, a signal also interrupts ``time.sleep`` and blocking input and output (PEP 475:
the handler runs and its exception propagates).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from ..._errors import Cancelled, CancelledInLoop
from ..._libraries import if_loaded
from .signal_handlers import WORKER_SIGNAL

if TYPE_CHECKING:
    from types import FrameType

    from ..calls import Call

_NO_KEYWORDS: Mapping[str, Any] = MappingProxyType({})


class ToolInterruption(Protocol):
    """What the parts of the worker need that are used by tools: they must not be interrupted themselves."""

    def hold(self) -> Any:
        """Prevents interruptions of the tool while code of the worker runs inside it.

        Returns:
            The argument of the other methods.

        Raises:
            Cancelled: the call was cancelled.
        """
        ...

    def resume(self, held: Any) -> None:
        """Allows interruptions again.

        Raises:
            Cancelled: the call was cancelled meanwhile.
        """
        ...

    def mark(self, held: Any) -> None:
        """Records that :class:`.Cancelled` was raised in another way."""
        ...

    def release(self, held: Any) -> bool:
        """Allows interruptions again, and does not raise.

        Returns:
            Whether the call was cancelled meanwhile; the receiver thread must then interrupt the tool.
        """
        ...

    def again(self, error: BaseException) -> Callable[[], None] | None:
        """Records that the interpreter has ignored an exception in this thread, because a finalizer raised it.

        Returns:
            A function for another thread, which interrupts the tool again; ``None`` if the exception was not the one
            that interrupts a tool.
        """
        ...

    def interrupt_when_overdue(self) -> None:
        """Receiver thread: interrupts the tool when :meth:`release` could not."""
        ...


class Interruption:
    """Raises :class:`.Cancelled` in the tool on the main thread, once per call, and never outside a tool."""

    def __init__(self) -> None:
        """Installs the handler. Called by the main thread."""
        self.call: Call | None = None
        """The call that the main thread executes; set by the main thread."""
        self._is_overdue = False
        self._main_thread = threading.get_ident()
        signal.signal(WORKER_SIGNAL, self._handle)

    def interrupt(self) -> None:
        """Any thread: makes the main thread check at once whether its call was cancelled."""
        signal.pthread_kill(self._main_thread, WORKER_SIGNAL)

    def hold(self) -> Call | None:
        """Prevents interruptions of the tool while code of the worker runs inside it.

        Returns:
            The argument of :meth:`resume`.
        """
        call = self.call
        if call is None or not call.interruptible or threading.get_ident() != self._main_thread:
            return None
        call.interruptible = False
        return call

    def resume(self, call: Call | None) -> None:
        """Allows interruptions again.

        Raises:
            Cancelled: the call was cancelled meanwhile.
        """
        if call is not None:
            call.interruptible = True
            self._raise_if_due(call)

    @staticmethod
    def mark(call: Call | None) -> None:
        """Records that :class:`.Cancelled` was raised in another way."""
        if call is not None:
            call.interrupted = True

    def release(self, call: Call | None) -> bool:
        """Allows interruptions again, and does not raise.

        Returns:
            Whether the call was cancelled meanwhile; the receiver thread must then interrupt the tool.
        """
        if call is None:
            return False
        call.interruptible = True
        self._is_overdue = _is_due(call)
        return self._is_overdue

    def again(self, error: BaseException) -> Callable[[], None] | None:
        """See :class:`ToolInterruption`."""
        call = self.call
        if call is None or not call.interrupted or threading.get_ident() != self._main_thread:
            return None
        if not isinstance(error, Cancelled):
            return None
        call.interrupted = False
        return self.interrupt

    def interrupt_when_overdue(self) -> None:
        """See :class:`ToolInterruption`."""
        if self._is_overdue:
            self._is_overdue = False
            self.interrupt()

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        if self.call is not None:
            self._raise_if_due(self.call)

    @staticmethod
    def _raise_if_due(call: Call) -> None:
        if _is_due(call):
            call.interrupted = True
            call.raise_if_cancelled(CancelledInLoop if _has_loop() else Cancelled)


def run_interruptibly(
    call: Call,
    function: Callable[..., Any],
    positional: Sequence[Any] = (),
    keywords: Mapping[str, Any] = _NO_KEYWORDS,
) -> Any:
    """Runs code of the user so that it can be interrupted.

    The exception may also be raised after the function has returned. It is raised once, so code that catches it is not
    interrupted again.
    """
    try:
        call.interruptible = True
        # It may have been cancelled before it could be interrupted.
        call.raise_if_cancelled()
        return function(*positional, **keywords)
    finally:
        call.interruptible = False


def _has_loop() -> bool:
    """Whether an event loop runs in this thread."""
    asyncio = if_loaded("asyncio", waits=False)
    if asyncio is None or not hasattr(asyncio, "get_running_loop"):
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _is_due(call: Call) -> bool:
    return call.cancel_reason is not None and call.interruptible and not call.interrupted
