"""The profile ``async``: one event loop."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import ClassVar

from .profile import Profile, ProfileCall
from .thread_pool import ThreadPool

_MAX_THREADS = min(32, (os.cpu_count() or 1) + 4)
"""As many as the default executor of asyncio has
(https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ThreadPoolExecutor)."""


class AsyncProfile(Profile):
    """Executes calls as tasks of the event loop of the worker; tools that are not ``async`` run in threads.

    An ``async`` tool must not block: it would block the other calls of its worker.
    """

    default_capacity: ClassVar[int] = 512

    def __init__(self, capacity: int | None = None) -> None:
        super().__init__(capacity)
        self._threads = ThreadPool(min(_MAX_THREADS, self.capacity), "snakepit-call")

    def execute(self, call: ProfileCall) -> None:
        """See :meth:`.Profile.execute`."""
        if call.is_async:
            call.start_task()
        else:
            self._threads.add(call.run)

    def metadata(self) -> Mapping[str, str]:
        """See :meth:`.Profile.metadata`."""
        return {"threads": str(self._threads.size)}

    def stop(self, timeout: float) -> None:
        """See :meth:`.Profile.stop`."""
        self._threads.stop(timeout)
