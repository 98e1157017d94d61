"""Cancellations that the interpreter ignores, because they were raised in a finalizer."""

from __future__ import annotations

import sys
from _thread import start_new_thread
from collections.abc import Callable
from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING

from ..._errors import Cancelled

if TYPE_CHECKING:
    from .interruption import ToolInterruption

_PAUSE_S = 0.001
"""Until then, the finalizer may have ended; otherwise, the exception is ignored once more."""


def interrupt_again_when_ignored(interruption: ToolInterruption) -> None:
    """Interrupts a tool again when the exception was raised in a finalizer or in the callback of a weak reference.

    The interpreter passes exceptions that it ignores to ``sys.unraisablehook``
    (https://docs.python.org/3/library/sys.html#sys.unraisablehook), and the code that was interrupted continues. All
    other exceptions are passed on.
    """
    report = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        error = unraisable.exc_value
        interrupt = None if error is None else interruption.again(error)
        if interrupt is None:
            report(unraisable)
            return
        while True:
            try:
                # Not in this thread: it would interrupt this function. Not a threading.Thread, whose start waits for
                # the new thread. Without a thread, the host ends the worker after the grace period.
                with suppress(RuntimeError):
                    start_new_thread(_interrupt_soon, (interrupt,))
            except Cancelled as raised:
                # This thread was stopped until the other one interrupted it here.
                interruption.again(raised)
            else:
                return

    sys.unraisablehook = hook


def _interrupt_soon(interrupt: Callable[[], None]) -> None:
    sleep(_PAUSE_S)
    interrupt()
