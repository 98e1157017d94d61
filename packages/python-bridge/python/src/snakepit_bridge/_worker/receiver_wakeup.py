"""Wakes the receiver thread."""

from __future__ import annotations

import threading
from contextlib import suppress


class ReceiverWakeup:
    """A binary semaphore that the receiver thread sleeps on. Any thread may wake it, also in a signal handler.

    It is a single lock, released to wake the thread and acquired by it. So there is no inner lock that an interrupted
    thread could hold, as :class:`threading.Event` has one.
    """

    __slots__ = ("_lock", "is_asleep")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()
        self.is_asleep = False
        """Whether it must be woken before the main thread runs code of the user."""

    def wake(self) -> None:
        """Makes the receiver thread check the main thread at once, and at each tick from now on."""
        self.is_asleep = False
        with suppress(RuntimeError):  # it was woken already
            self._lock.release()

    def wait(self, timeout: float) -> bool:
        """Receiver thread: sleeps until it is woken, for at most this many seconds. Returns whether it was woken."""
        return self._lock.acquire(timeout=timeout)
