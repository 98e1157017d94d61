"""Lets a task wait for something that any thread may bring about."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .inbox import Inbox


class LoopBell:
    """A bell on the running event loop, the worker's or one that a tool runs. For one task at a time."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._waiting: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Has whoever waits look again. Any thread may call this."""
        if threading.get_ident() == self._thread:
            self._wake()
        else:
            with suppress(RuntimeError):  # the loop has been closed meanwhile, so nobody waits
                self._loop.call_soon_threadsafe(self._wake)

    async def wait(self, ready: Callable[[], bool], until: float | None) -> bool:
        """Waits until something is so; ``False`` when it is not in time, which is on the monotonic clock."""
        if ready():
            return True
        expiry = None if until is None else self._loop.call_later(max(0.0, until - monotonic()), self._wake)
        # Only the loop that serves calls watches the connection itself.
        watched = self._inbox.is_watched_by_this_loop()
        try:
            with nullcontext() if watched else self._inbox.attended():
                while not ready():
                    if until is not None and monotonic() >= until:
                        return False
                    # Made and awaited on the loop's thread, where it is woken too: no ring falls in between.
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
