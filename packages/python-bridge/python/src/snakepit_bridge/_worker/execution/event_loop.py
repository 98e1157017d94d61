"""The event loop of a worker, created on first use."""

from __future__ import annotations

import contextvars
import inspect
import types
from collections.abc import Coroutine, Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from .call_contexts import adopt

if TYPE_CHECKING:
    import asyncio


_Result = TypeVar("_Result")


@types.coroutine
def first_step() -> Generator[None, None, None]:
    """Is awaited first by a coroutine for :func:`begun`."""
    yield


def begun(coroutine: Coroutine[Any, Any, _Result]) -> Coroutine[Any, Any, _Result]:
    """Runs a coroutine up to its :func:`first_step`, and returns it, for a new task.

    A task that is cancelled before it begins does not run its coroutine at all, not even ``finally``. Any tool may do
    that to the tasks of others: ``for task in asyncio.all_tasks(): task.cancel()``. A coroutine that has begun receives
    the cancellation as an exception.
    """
    coroutine.send(None)
    return coroutine


class EventLoop:
    """Owns the loop. asyncio is imported on first use: it would be the largest part of a worker's start-up time."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def exists(self) -> bool:
        """Whether the loop was created; from then on tasks may run on it."""
        return self._loop is not None

    def get(self) -> asyncio.AbstractEventLoop:
        """Returns the loop, and creates it if necessary."""
        if self._loop is None:
            import asyncio

            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop

    def finish(self, outcome: Any, *, keep_context: bool = False) -> Any:
        """Returns the result of a function that may be ``async``, and awaits it if necessary.

        Args:
            outcome: the return value of the function.
            keep_context: whether the context variables that it sets stay set, as those of a plain function do.
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
            # An interrupted task must not continue when the loop runs next.
            if task.cancel():
                with suppress(BaseException):
                    loop.run_until_complete(task)
            raise
        if context is not None:
            adopt(context)
        return value

    def close(self) -> None:
        """Cancels the remaining tasks and closes the loop."""
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
