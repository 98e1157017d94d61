"""Lets a task wait for a condition that any thread may change."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..receive_turn import ReceiveTurn


class LoopWakeup:
    """Wakes a task on the running event loop, that of the worker or one that a tool runs. For one task at a time."""

    def __init__(self, turn: ReceiveTurn) -> None:
        self._turn = turn
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._waiting: asyncio.Future[None] | None = None

    def wake(self) -> None:
        """Makes the waiting task check its condition. Any thread may call this."""
        if threading.get_ident() == self._thread:
            self._wake()
        else:
            with suppress(RuntimeError):  # the loop was closed meanwhile, so no task waits
                self._loop.call_soon_threadsafe(self._wake)

    async def wait(self, ready: Callable[[], bool], until: float | None) -> bool:
        """Waits until a condition holds; ``False`` when it does not hold by ``until``, on the monotonic clock."""
        if ready():
            return True
        expiry = None if until is None else self._loop.call_later(max(0.0, until - monotonic()), self._wake)
        # Only the loop that serves calls watches the connection itself.
        watched = self._turn.is_watched_by_this_loop()
        try:
            with nullcontext() if watched else self._turn.needed():
                while not ready():
                    if until is not None and monotonic() >= until:
                        return False
                    # Created and awaited on the loop's thread, where it is woken too: no wake-up is lost in between.
                    self._waiting = self._loop.create_future()
                    await self._waiting
        finally:
            self._waiting = None
            if expiry is not None:
                expiry.cancel()
        return True

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
