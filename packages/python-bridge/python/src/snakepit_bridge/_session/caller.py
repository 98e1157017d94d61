"""The call that a tool runs for, as seen by sessions."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar
from weakref import WeakKeyDictionary

from .._call import executing
from .session_cache import SessionCaches

if TYPE_CHECKING:
    from .._call import AsyncHostStream, ExecutingCall, HostChannel, HostStream
    from .._contract.operation import Request, StreamRequest
    from .session_cache import SessionCache

Answer = TypeVar("Answer")

_caches: Final[WeakKeyDictionary[HostChannel, SessionCaches]] = WeakKeyDictionary()
"""The caches by host channel: a worker has one channel to its host."""

_creating_caches: Final = threading.Lock()


class NoSessionError(RuntimeError):
    """A tool used a part of its session, but its call was made without a session."""

    def __init__(self, what: str) -> None:
        """Creates the error.

        Args:
            what: what the tool used, in the plural.
        """
        super().__init__(
            f"{what} belong to a session, and this call was made without one; "
            "make it with one: session.execute(...), or pit.execute(..., { sessionId })"
        )
        self.what = what

    def __reduce__(self) -> tuple[type[NoSessionError], tuple[str]]:
        return (type(self), (self.what,))


class Caller:
    """A call, and its channel to the host."""

    __slots__ = ("_caches", "_call", "_host", "correlation_id", "deadline", "session_id")

    def __init__(self, call: ExecutingCall) -> None:
        self._call = call
        self._host = call.host
        self.session_id = call.session_id
        self.correlation_id = call.correlation_id
        self.deadline = call.deadline
        """When the caller stops waiting, on the clock of :func:`time.monotonic`; ``None`` for never."""
        self._caches = _caches_of(self._host)

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds until the deadline, never negative; ``None`` without a deadline."""
        return None if self.deadline is None else max(0.0, self.deadline - monotonic())

    def require_session(self, what: str) -> str:
        """Returns the id of the session of the call.

        Args:
            what: what the tool uses of the session, in the plural.

        Raises:
            NoSessionError: the call has no session.
        """
        if self.session_id is None:
            raise NoSessionError(what)
        return self.session_id

    def cache(self) -> SessionCache:
        """Returns the cache of the session of the call."""
        return self._caches.of(self.session_id)

    def ask(self, request: Request[Answer]) -> Answer:
        """Sends a request to the host and returns the answer; blocks the thread."""
        method = request.method
        answer: Answer = self._host.request(method, request.payload, self._call, root=method)
        return answer

    async def ask_async(self, request: Request[Answer]) -> Answer:
        """Sends a request to the host and awaits the answer in a task."""
        method = request.method
        answer: Answer = await self._host.request_async(method, request.payload, self._call, root=method)
        return answer

    def ask_for_stream(self, request: StreamRequest[Answer]) -> HostStream[Answer]:
        """Requests a stream from the host; it blocks the thread for each value."""
        return self._host.stream(request.method, request.payload, self._call, root=request.method)

    def ask_for_stream_async(self, request: StreamRequest[Answer]) -> AsyncHostStream[Answer]:
        """Requests a stream from the host; each value is awaited in a task."""
        return self._host.stream_async(request.method, request.payload, self._call, root=request.method)


def current_caller(what: str) -> Caller:
    """Returns the call that this thread or task executes.

    Args:
        what: what needs the call, for the message.

    Raises:
        RuntimeError: no call is executing here.
    """
    call = executing.get()
    if call is None:
        raise RuntimeError(
            f"{what} must be used in a running tool; no call is executing here. A thread that a tool starts "
            "does not inherit the call; run its function in contextvars.copy_context()"
        )
    return Caller(call)


def _caches_of(host: HostChannel) -> SessionCaches:
    caches = _caches.get(host)
    if caches is None:
        with _creating_caches:
            caches = _caches.get(host)
            if caches is None:
                caches = SessionCaches()
                host.listen(caches)
                _caches[host] = caches
    return caches
