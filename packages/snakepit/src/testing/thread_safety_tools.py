"""Tools that two threads enter at the same time."""

from __future__ import annotations

import threading

from snakepit_bridge import (
    Adapter,
    ThreadSafeAdapter,
    ThreadSafetyReport,
    locked,
    thread_safe,
    thread_safety_report,
    tool,
)


class Undeclared(Adapter):
    def __init__(self) -> None:
        self.both = threading.Barrier(2)
        self.entered = threading.Event()
        self.may_leave = threading.Event()

    @tool
    def meet(self) -> str:
        """Returns when another thread has entered it too."""
        self.both.wait()
        return threading.current_thread().name

    @tool
    def occupy(self) -> str:
        """Returns when `leave` was called."""
        self.entered.set()
        self.may_leave.wait()
        return "left"

    @tool
    @locked
    def hold_lock(self) -> str:
        """Returns when `leave` was called."""
        return self.occupy()

    @tool
    @locked
    def use_lock(self) -> str:
        return "used"

    @tool
    def leave(self) -> None:
        self.may_leave.set()

    @tool
    def wait_for_entry(self) -> None:
        self.entered.wait()

    @tool
    def report(self) -> ThreadSafetyReport:
        return thread_safety_report()


class Partly(Undeclared):
    @thread_safe
    @tool
    def leave(self) -> None:
        self.may_leave.set()


class Declared(Undeclared, ThreadSafeAdapter):
    thread_safe = True
