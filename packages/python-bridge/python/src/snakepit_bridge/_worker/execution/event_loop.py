"""The one event loop of a worker, made when something needs it."""

from __future__ import annotations

import contextvars
import inspect
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .call_contexts import adopt

if TYPE_CHECKING:
    import asyncio


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

    def finish(self, outcome: Any, *, keep_context: bool = False) -> Any:
        """What a function returned that may be ``async``: awaited if it has to be.

        Args:
            outcome: what the function returned.
            keep_context: whether the context variables that it sets stay set here, as those of a plain function do.
        """
        if not inspect.isawaitable(outcome):
            return outcome
        context: contextvars.Context | None = None

        async def wait() -> Any:
            nonlocal context
            try:
                return await outcome
            finally:
                if keep_context:
                    context = contextvars.copy_context()

        loop = self.get()
        task = loop.create_task(wait())
        try:
            value = loop.run_until_complete(task)
        except BaseException:
            # What was interrupted must not go on when the loop runs next.
            if task.cancel():
                with suppress(BaseException):
                    loop.run_until_complete(task)
            raise
        if context is not None:
            adopt(context)
        return value

    def close(self) -> None:
        """Cancels what still runs and closes the loop."""
        if self._loop is None:
            return
        import asyncio

        loop, self._loop = self._loop, None

        async def end() -> None:
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await loop.shutdown_asyncgens()
            await loop.shutdown_default_executor()

        loop.run_until_complete(end())
        asyncio.set_event_loop(None)
        loop.close()
