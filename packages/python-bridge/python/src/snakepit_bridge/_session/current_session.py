"""The session of the running tool."""

from __future__ import annotations

import sys

from .async_session_context import AsyncSessionContext
from .caller import current_caller
from .session_context import SessionContext


def current_session() -> SessionContext:
    """The session of the call that this thread executes, in a tool that is not ``async``.

    Raises:
        RuntimeError: no call is being executed here, or an event loop runs here, which it would block.
    """
    caller = current_caller("current_session()")
    if _is_in_event_loop():
        raise RuntimeError(
            "current_session() would block the event loop that runs here; use current_async_session(), or another "
            "thread (asyncio.to_thread)"
        )
    return SessionContext(caller)


def current_async_session() -> AsyncSessionContext:
    """The session of the call that this task executes, in an ``async`` tool.

    Raises:
        RuntimeError: no call is being executed here, or no event loop runs here, which it needs.
    """
    caller = current_caller("current_async_session()")
    if not _is_in_event_loop():
        raise RuntimeError("current_async_session() is for async code; elsewhere use current_session()")
    return AsyncSessionContext(caller)


def session_of_call(*, is_async: bool) -> SessionContext | AsyncSessionContext:
    """The session of the call that is about to be executed, as its tool takes it."""
    caller = current_caller("a session context")
    return AsyncSessionContext(caller) if is_async else SessionContext(caller)


def _is_in_event_loop() -> bool:
    # Not imported for this: where nobody has, no event loop runs.
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None
