"""Interrupts a tool that runs on the main thread.

A signal does what ``PyThreadState_SetAsyncExc`` cannot: it also wakes ``time.sleep`` and blocking input and output
(PEP 475 runs the handler and lets its exception out).
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .cancelled import Cancelled, CancelledInLoop
from .signal_handlers import WORKER_SIGNAL

if TYPE_CHECKING:
    from types import FrameType

    from .call import Call

_NO_KEYWORDS: Mapping[str, Any] = MappingProxyType({})


class Interruption:
    """Raises :class:`.Cancelled` in the tool on the main thread, once a call, and never outside a tool."""

    def __init__(self) -> None:
        """Installs the handler. Called by the main thread."""
        self.call: Call | None = None
        """The call whose tool the main thread runs; set by the main thread."""
        self._is_overdue = False
        self._main_thread = threading.get_ident()
        signal.signal(WORKER_SIGNAL, self._handle)

    def interrupt(self) -> None:
        """Any thread: has the main thread look at once whether its call was given up."""
        signal.pthread_kill(self._main_thread, WORKER_SIGNAL)

    def hold(self) -> Call | None:
        """Keeps the tool from being interrupted while the worker's own code runs inside it.

        Returns:
            What is to be handed to :meth:`resume`.
        """
        call = self.call
        if call is None or not call.interruptible or threading.get_ident() != self._main_thread:
            return None
        call.interruptible = False
        return call

    def resume(self, call: Call | None) -> None:
        """Lets the tool be interrupted again.

        Raises:
            Cancelled: it should have been, meanwhile.
        """
        if call is not None:
            call.interruptible = True
            self._raise_if_due(call)

    @staticmethod
    def mark(call: Call | None) -> None:
        """The tool has been interrupted in another way: :class:`.Cancelled` is on its way already."""
        if call is not None:
            call.interrupted = True

    def release(self, call: Call | None) -> bool:
        """As :meth:`resume`, but raises nothing.

        Returns:
            Whether the tool should have been interrupted meanwhile; the attendant is to see to it.
        """
        if call is None:
            return False
        call.interruptible = True
        self._is_overdue = _is_due(call)
        return self._is_overdue

    def interrupt_when_overdue(self) -> None:
        """Attendant: does what :meth:`release` has left to it."""
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
            call.raise_if_given_up(CancelledInLoop if _has_loop() else Cancelled)


def run_interruptibly(
    call: Call,
    function: Callable[..., Any],
    positional: Sequence[Any] = (),
    keywords: Mapping[str, Any] = _NO_KEYWORDS,
) -> Any:
    """Runs code of the user so that it can be interrupted.

    The exception may also come when the function has returned already. It comes once: whoever catches it need not
    fear a second one.
    """
    try:
        call.interruptible = True
        # It may have been given up before it could be interrupted.
        call.raise_if_given_up()
        return function(*positional, **keywords)
    finally:
        call.interruptible = False


def _has_loop() -> bool:
    """Whether an event loop runs in this thread."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _is_due(call: Call) -> bool:
    return call.cancel_reason is not None and call.interruptible and not call.interrupted
