"""The profile ``thread``: a pool of threads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .._system import has_global_lock
from .profile import Profile, ProfileCall
from .thread_pool import ThreadPool


class ThreadProfile(Profile):
    """Executes each call in a thread of a pool; ``async`` tools share the event loop of the worker.

    The tools must be safe for threads. Without a global interpreter lock, they use all cores; with it, they overlap
    while they wait or run code that releases it, as numpy does.
    """

    default_capacity: ClassVar[int] = 16

    def __init__(self, capacity: int | None = None) -> None:
        super().__init__(capacity)
        self._threads = ThreadPool(self.capacity, "snakepit-call")

    def execute(self, call: ProfileCall) -> None:
        """See :meth:`.Profile.execute`."""
        if call.is_async:
            call.start_task()
        else:
            self._threads.add(call.run)

    def metadata(self) -> Mapping[str, str]:
        """See :meth:`.Profile.metadata`."""
        return {"threads": str(self.capacity), "gil": "enabled" if has_global_lock() else "disabled"}

    def stop(self, timeout: float) -> None:
        """See :meth:`.Profile.stop`."""
        self._threads.stop(timeout)
