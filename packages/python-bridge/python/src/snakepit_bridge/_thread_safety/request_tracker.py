"""Counts the requests that threads execute."""

from __future__ import annotations

import threading
from time import monotonic
from types import TracebackType
from typing import TypedDict


class ThreadStatistics(TypedDict):
    """The requests of one thread."""

    total: int
    """Requests that have begun."""
    active: int
    """Requests that run now; more than one in an event loop."""
    busy_seconds: float
    """The sum of the durations of the requests."""


class RequestStatistics(TypedDict):
    """The requests of all threads."""

    total: int
    active: int
    peak: int
    """The largest number of requests that ran at the same time."""
    capacity: int
    busy_seconds: float
    utilization: float
    """The part of the capacity that was used since the tracker was created, from 0 to 1."""
    by_thread: dict[str, ThreadStatistics]
    """By the name of the thread."""


class RequestTracker:
    """Counts requests in total, at present and for each thread. A context manager, entered once for each request.

    Example:
        >>> tracker = RequestTracker(capacity=4)
        >>> with tracker:
        ...     answer()
        >>> tracker.statistics()["total"]
        1
    """

    def __init__(self, capacity: int = 1) -> None:
        """Creates the tracker.

        Args:
            capacity: the number of requests that can run at the same time.

        Raises:
            ValueError: the capacity is not positive.
        """
        if capacity < 1:
            raise ValueError(f"capacity of RequestTracker must be a positive integer; got {capacity!r}")
        self._capacity = capacity
        self._created = monotonic()
        # Re-entrant: a signal handler may read the statistics.
        self._lock = threading.RLock()
        self._local = threading.local()
        self._threads: dict[str, _Requests] = {}
        self._active = 0
        self._peak = 0

    def __enter__(self) -> RequestTracker:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def begin(self) -> None:
        """Counts a request that this thread begins."""
        requests = self._requests()
        with self._lock:
            requests.settle()
            requests.total += 1
            requests.active += 1
            self._active += 1
            self._peak = max(self._peak, self._active)

    def end(self) -> None:
        """Counts the end of a request that the same thread has begun.

        Raises:
            RuntimeError: this thread has no active request.
        """
        requests = self._requests()
        with self._lock:
            if requests.active == 0:
                name = threading.current_thread().name
                raise RuntimeError(f"the thread {name} ends a request that it has not begun")
            requests.settle()
            requests.active -= 1
            self._active -= 1

    def statistics(self) -> RequestStatistics:
        """Returns the present statistics."""
        with self._lock:
            by_thread = {name: requests.statistics() for name, requests in self._threads.items()}
            age = monotonic() - self._created
            busy = sum(each["busy_seconds"] for each in by_thread.values())
            return {
                "total": sum(each["total"] for each in by_thread.values()),
                "active": self._active,
                "peak": self._peak,
                "capacity": self._capacity,
                "busy_seconds": busy,
                "utilization": min(1.0, busy / (age * self._capacity)) if age > 0 else 0.0,
                "by_thread": by_thread,
            }

    def _requests(self) -> _Requests:
        try:
            requests: _Requests = self._local.requests
        except AttributeError:
            with self._lock:
                # Threads of the same name are counted together.
                requests = self._threads.setdefault(threading.current_thread().name, _Requests())
            self._local.requests = requests
        return requests


class _Requests:
    """The requests of one thread. Used with the lock of the tracker."""

    def __init__(self) -> None:
        self.total = 0
        self.active = 0
        self._busy_seconds = 0.0
        self._settled_at = monotonic()

    def settle(self) -> None:
        """Adds the time since the last change to the durations of the active requests."""
        now = monotonic()
        self._busy_seconds += self.active * (now - self._settled_at)
        self._settled_at = now

    def statistics(self) -> ThreadStatistics:
        self.settle()
        return {"total": self.total, "active": self.active, "busy_seconds": self._busy_seconds}
