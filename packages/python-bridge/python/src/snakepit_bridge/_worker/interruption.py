"""Interrupts a tool that runs on the main thread.

A signal does what ``PyThreadState_SetAsyncExc`` cannot: it also wakes ``time.sleep`` and blocking input and output
(PEP 475 runs the handler and lets its exception out).
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from .cancelled import Cancelled

if TYPE_CHECKING:
    from types import FrameType

    from .call import Call

# Ignored by default, so that it harms nobody where no handler is installed, and used by nearly nobody else; the Go
# runtime chose it for the same reasons (https://go.dev/src/runtime/signal_unix.go).
_SIGNAL = signal.SIGURG


class Interruption:
    """Raises :class:`Cancelled` in the tool on the main thread, once a call, and never outside a tool."""

    def __init__(self) -> None:
        """Installs the handler. Called by the main thread."""
        self.call: Call | None = None
        """The call whose tool the main thread runs; set by the main thread."""
        self._main_thread = threading.get_ident()
        signal.signal(_SIGNAL, self._handle)

    def interrupt(self) -> None:
        """Any thread: has the main thread look at once whether its call was given up."""
        signal.pthread_kill(self._main_thread, _SIGNAL)

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

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        if self.call is not None:
            self._raise_if_due(self.call)

    @staticmethod
    def _raise_if_due(call: Call) -> None:
        if call.cancel_reason is not None and call.interruptible and not call.interrupted:
            call.interrupted = True
            raise Cancelled(call.cancel_reason)
