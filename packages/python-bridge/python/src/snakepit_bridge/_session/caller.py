"""The call for which a tool runs, as sessions see it."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from snakepit_bridge._worker.call_context import CallContext, executing

from .no_session_error import NoSessionError
from .session_cache import SessionCaches

if TYPE_CHECKING:
    from snakepit_bridge._worker.call import Call

    from .host_channel import AsyncHostStream, HostChannel, HostStream
    from .session_cache import SessionCache

_caches: Final[WeakKeyDictionary[HostChannel, SessionCaches]] = WeakKeyDictionary()
"""What is remembered, by where it was asked for: a worker has one way to its host."""

_making_caches: Final = threading.Lock()


class Caller:
    """A call, and its way to the host."""

    __slots__ = ("_caches", "_call", "_host", "correlation_id", "deadline", "session_id")

    def __init__(self, call: Call | CallContext, host: HostChannel) -> None:
        self._call = call
        self._host = host
        if isinstance(call, CallContext):
            self.session_id = call.session_id
            self.correlation_id = call.correlation_id
        else:
            message = call.message
            self.session_id = message.session_id if message.HasField("session_id") else None
            self.correlation_id = message.correlation_id
        self.deadline = call.deadline
        """When it is given up, on the clock of :func:`time.monotonic`."""
        self._caches = _caches_of(host)

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds until it is given up, never negative; ``None`` for never."""
        return None if self.deadline is None else max(0.0, self.deadline - monotonic())

    def require_session(self, what: str) -> str:
        """The session of the call.

        Args:
            what: what is wanted of it, in the plural.

        Raises:
            NoSessionError: it has none.
        """
        if self.session_id is None:
            raise NoSessionError(what)
        return self.session_id

    def cache(self) -> SessionCache:
        """What is remembered of its session."""
        return self._caches.of(self.session_id)

    def ask(self, method: str, payload: Any) -> Any:
        """Asks the host and waits, blocking the thread."""
        return self._host.request(method, payload, self._call, root=method)

    async def ask_async(self, method: str, payload: Any) -> Any:
        """Asks the host and waits, in a task."""
        return await self._host.request_async(method, payload, self._call, root=method)

    def ask_for_stream(self, method: str, payload: Any) -> HostStream:
        """Asks the host for a stream, which blocks the thread for each value."""
        return self._host.stream(method, payload, self._call, root=method)

    def ask_for_stream_async(self, method: str, payload: Any) -> AsyncHostStream:
        """Asks the host for a stream, each of whose values is awaited in a task."""
        return self._host.stream_async(method, payload, self._call, root=method)


def current_caller(function: str) -> Caller:
    """The call that this thread or task executes.

    Args:
        function: who wants to know, for the message.

    Raises:
        RuntimeError: it executes none.
    """
    call = executing.get()
    host: HostChannel | None = getattr(call, "host", None)
    if call is None or host is None:
        raise RuntimeError(
            f"{function} is for tools while they run; no call is being executed here. A thread that a tool starts "
            "does not inherit its call; run its function in contextvars.copy_context()"
        )
    return Caller(call, host)


def _caches_of(host: HostChannel) -> SessionCaches:
    caches = _caches.get(host)
    if caches is None:
        with _making_caches:
            caches = _caches.get(host)
            if caches is None:
                caches = SessionCaches()
                host.listen(caches)
                _caches[host] = caches
    return caches
