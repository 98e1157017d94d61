"""The one event loop of a worker, made when something needs it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class EventLoop:
    """Holds the loop. asyncio is not loaded before it is needed: it is the largest part of a worker's start."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def exists(self) -> bool:
        """Whether it has been made; from then on tasks may be running on it."""
        return self._loop is not None

    def get(self) -> asyncio.AbstractEventLoop:
        """The loop, made if need be."""
        if self._loop is None:
            import asyncio

            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop

    def run_hook(self, hook: Callable[[], Any]) -> None:
        """Calls a function that may be ``async`` and lets it finish."""
        outcome = hook()
        if inspect.isawaitable(outcome):

            async def finish() -> None:
                await outcome

            self.get().run_until_complete(finish())

    def close(self) -> None:
        """Cancels what still runs and closes the loop."""
        if self._loop is None:
            return
        import asyncio

        loop, self._loop = self._loop, None
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()
