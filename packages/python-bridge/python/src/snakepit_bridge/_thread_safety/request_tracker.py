"""Counts the requests that threads execute."""

from __future__ import annotations

import threading
from time import monotonic
from types import TracebackType
from typing import NamedTuple, TypedDict


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
        self._local = threading.local()
        # Re-entrant: a signal handler may read the statistics.
        self._lock = threading.RLock()
        self._threads: list[_Requests] = []
        self._ended: dict[str, _State] = {}
        """The requests of threads that have ended, by the names of the threads."""

    def __enter__(self) -> RequestTracker:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def begin(self) -> None:
        """Counts a request that this thread begins."""
        try:
            requests: _Requests = self._local.requests
        except AttributeError:
            requests = self._add_thread()
        total, active, busy, since = requests.state
        now = monotonic()
        requests.state = (total + 1, active + 1, busy + active * (now - since), now)

    def end(self) -> None:
        """Counts the end of a request that the same thread has begun.

        Raises:
            RuntimeError: this thread has no active request.
        """
        try:
            requests: _Requests = self._local.requests
        except AttributeError:
            requests = self._add_thread()
        total, active, busy, since = requests.state
        if active == 0:
            raise RuntimeError(f"the thread {requests.thread.name} ends a request that it has not begun")
        now = monotonic()
        requests.state = (total, active - 1, busy + active * (now - since), now)

    def statistics(self) -> RequestStatistics:
        """Returns the present statistics. Threads of the same name are counted together."""
        now = monotonic()
        with self._lock:
            self._release_ended()
            states = dict(self._ended)
            for requests in self._threads:
                name = requests.thread.name
                states[name] = _sum(states.get(name), requests.at(now))
        by_thread: dict[str, ThreadStatistics] = {
            name: {"total": each.total, "active": each.active, "busy_seconds": each.busy_seconds}
            for name, each in states.items()
        }
        busy = sum(each.busy_seconds for each in states.values())
        age = now - self._created
        return {
            "total": sum(each.total for each in states.values()),
            "active": sum(each.active for each in states.values()),
            "capacity": self._capacity,
            "busy_seconds": busy,
            "utilization": min(1.0, busy / (age * self._capacity)) if age > 0 else 0.0,
            "by_thread": by_thread,
        }

    def _add_thread(self) -> _Requests:
        requests = self._local.requests = _Requests(threading.current_thread())
        with self._lock:
            self._release_ended()
            self._threads.append(requests)
        return requests

    def _release_ended(self) -> None:
        """Adds up the requests of threads that have ended, so that any number of threads takes no memory."""
        ended = [each for each in self._threads if not each.thread.is_alive()]
        for requests in ended:
            name = requests.thread.name
            self._ended[name] = _sum(self._ended.get(name), requests.at(monotonic()))
            self._threads.remove(requests)


class _State(NamedTuple):
    """The requests of one thread or several."""

    total: int
    active: int
    busy_seconds: float


def _sum(first: _State | None, second: _State) -> _State:
    if first is None:
        return second
    return _State(first.total + second.total, first.active + second.active, first.busy_seconds + second.busy_seconds)


class _Requests:
    """The requests of one thread, which only that thread changes."""

    __slots__ = ("state", "thread")

    def __init__(self, thread: threading.Thread) -> None:
        self.thread = thread
        self.state: tuple[int, int, float, float] = (0, 0, 0.0, monotonic())
        """Total, active, busy seconds, and when they changed. Replaced as a whole, so other threads need no lock."""

    def at(self, now: float) -> _State:
        """Returns the requests at a time."""
        total, active, busy, since = self.state
        return _State(total, active, busy + active * max(0.0, now - since))
