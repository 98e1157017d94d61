"""Runs real code in all interleavings of two threads.

Each thread runs alone until its next scheduling point: an operation on a lock, or a call of :meth:`Schedule.step`.
There the explorer picks the thread that runs next. It replays a scenario with every sequence of choices, depth first,
so it finds each interleaving at this granularity, as loom does for Rust.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType


class DeadlockError(Exception):
    """No thread can run, and not all have finished."""


class _Stopped(BaseException):
    """Ends a thread of an interleaving that has ended."""


class Schedule:
    """One interleaving: which thread runs at each scheduling point."""

    def __init__(self, choices: list[int]) -> None:
        self._choices = choices
        self.taken: list[tuple[int, int]] = []
        """The choice made at each point where several threads could run, and their number."""
        self.trace: list[str] = []
        self._changed = threading.Condition()
        self._running: int | None = None
        self._waiting: dict[int, Callable[[], bool]] = {}
        self._finished: set[int] = set()
        self._errors: list[BaseException] = []
        self._is_stopped = False
        self._numbers: dict[int, int] = {}

    def run(self, *bodies: Callable[[], None]) -> None:
        """Runs the bodies in threads, interleaved by the choices, and raises what they raise."""
        threads = [threading.Thread(target=self._body, args=(index, body)) for index, body in enumerate(bodies)]
        for thread in threads:
            thread.start()
        try:
            with self._changed:
                self._changed.wait_for(lambda: len(self._waiting) == len(bodies))
                self._pick()
                self._changed.wait_for(lambda: self._errors or len(self._finished) == len(bodies))
        finally:
            with self._changed:
                self._is_stopped = True
                self._changed.notify_all()
            for thread in threads:
                thread.join()
        if self._errors:
            raise self._errors[0]

    def step(self, what: str, can_run: Callable[[], bool] = lambda: True) -> None:
        """A scheduling point: another thread may run, until ``can_run`` holds and this one is picked."""
        me = self._numbers[threading.get_ident()]
        with self._changed:
            self._waiting[me] = can_run
            self._pick()
            self._changed.wait_for(lambda: self._running == me or self._is_stopped)
            if self._is_stopped:
                raise _Stopped
            self.trace.append(f"{me}: {what}")

    def _body(self, index: int, body: Callable[[], None]) -> None:
        self._numbers[threading.get_ident()] = index
        with self._changed:
            self._waiting[index] = lambda: True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._running == index or self._is_stopped)
        try:
            if not self._is_stopped:
                body()
        except _Stopped:
            return
        except BaseException as error:
            self._errors.append(error)
        with self._changed:
            self._finished.add(index)
            if not self._errors and self._waiting:
                self._pick()
            self._changed.notify_all()

    def _pick(self) -> None:
        runnable = [index for index, can_run in sorted(self._waiting.items()) if can_run()]
        if not runnable:
            self._running = None
            self._errors.append(DeadlockError("\n".join(self.trace)))
        else:
            choice = 0
            if len(runnable) > 1:
                position = len(self.taken)
                choice = self._choices[position] if position < len(self._choices) else 0
                self.taken.append((choice, len(runnable)))
            self._running = runnable[choice]
            del self._waiting[self._running]
        self._changed.notify_all()


class ScheduledLock:
    """A lock whose operations are scheduling points, and which only its owner can release.

    Finite time-outs are not supported: time does not pass here.
    """

    def __init__(self, schedule: Schedule, name: str) -> None:
        self._schedule = schedule
        self._name = name
        self.is_held = False
        self._owner = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        assert timeout == -1
        self._schedule.step(f"acquire {self._name}", lambda: not (blocking and self.is_held))
        if self.is_held:
            return False
        self.is_held = True
        self._owner = threading.get_ident()
        return True

    def release(self) -> None:
        self._schedule.step(f"release {self._name}")
        if not self.is_held or self._owner != threading.get_ident():
            raise RuntimeError("cannot release un-acquired lock")
        self.is_held = False

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None, /
    ) -> None:
        if kind is None or not issubclass(kind, _Stopped):
            self.release()


def explore(scenario: Callable[[Schedule], None], most: int = 100_000) -> int:
    """Runs a scenario in all interleavings and returns their number.

    Args:
        scenario: creates the objects, calls :meth:`Schedule.run` and checks the outcome.
        most: fails when there are more interleavings.
    """
    choices: list[int] = []
    for count in range(1, most + 1):
        schedule = Schedule(choices)
        scenario(schedule)
        taken = schedule.taken
        while taken and taken[-1][0] == taken[-1][1] - 1:
            taken.pop()
        if not taken:
            return count
        choices = [choice for choice, _ in taken[:-1]] + [taken[-1][0] + 1]
    raise AssertionError(f"more than {most} interleavings")
