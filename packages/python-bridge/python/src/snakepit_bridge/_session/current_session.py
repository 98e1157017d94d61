"""The session of the running tool."""

from __future__ import annotations

from .._libraries import if_loaded
from .async_session_context import AsyncSessionContext
from .caller import current_caller
from .session_context import SessionContext


def current_session() -> SessionContext:
    """Returns the session of the call that this thread executes, for tools that are not ``async``.

    Raises:
        RuntimeError: no call is executing here, or an event loop runs in this thread, which it would block.
    """
    caller = current_caller("current_session()")
    if _is_in_event_loop():
        raise RuntimeError(
            "current_session() would block the event loop of this thread; use current_async_session(), or another "
            "thread (asyncio.to_thread)"
        )
    return SessionContext(caller)


def current_async_session() -> AsyncSessionContext:
    """Returns the session of the call that this task executes, for ``async`` tools.

    Raises:
        RuntimeError: no call is executing here, or no event loop runs in this thread.
    """
    caller = current_caller("current_async_session()")
    if not _is_in_event_loop():
        raise RuntimeError("current_async_session() needs a running event loop; in other code use current_session()")
    return AsyncSessionContext(caller)


def _is_in_event_loop() -> bool:
    asyncio = if_loaded("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None
