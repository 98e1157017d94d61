"""Ports between sessions and the host: requests in one direction, notices of changed state in the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Protocol, TypeVar

Value_co = TypeVar("Value_co", covariant=True)


class HostStream(Protocol[Value_co]):
    """Values that the host sends one at a time. Closing or dropping the stream ends it on the host."""

    def __iter__(self) -> Iterator[Value_co]: ...

    def __next__(self) -> Value_co: ...

    def close(self) -> None:
        """Ends the stream on the host."""
        ...


class AsyncHostStream(Protocol[Value_co]):
    """Values that the host sends one at a time. Closing or dropping the stream ends it on the host."""

    def __aiter__(self) -> AsyncIterator[Value_co]: ...

    async def __anext__(self) -> Value_co: ...

    async def aclose(self) -> None:
        """Ends the stream on the host."""
        ...


class StateListener(Protocol):
    """Is notified of state that changed on the host.

    Called by the thread that receives: the methods must return quickly and must not send requests to the host.
    """

    def invalidated(self, session_id: str, keys: Sequence[str]) -> None:
        """The cached values of a session under these keys are stale; without keys, all of its values are."""
        ...

    def session_ended(self, session_id: str) -> None:
        """A session has ended."""
        ...


class HostChannel(Protocol):
    """Sends requests to the host on behalf of a call.

    A payload is any value that can be sent; errors call it ``root``. Every method raises
    :class:`~snakepit_bridge.HostError` when the host replies with an error.
    """

    def request(self, method: str, payload: Any, call: Any, *, root: str) -> Any:
        """Returns the reply; blocks the thread until it has arrived."""
        ...

    def stream(self, method: str, payload: Any, call: Any, *, root: str) -> HostStream[Any]:
        """Returns a stream of values; blocks the thread for each of them."""
        ...

    async def request_async(self, method: str, payload: Any, call: Any, *, root: str) -> Any:
        """Returns the reply; awaits it in a task."""
        ...

    def stream_async(self, method: str, payload: Any, call: Any, *, root: str) -> AsyncHostStream[Any]:
        """Returns a stream of values, each of which is awaited in a task."""
        ...

    def listen(self, listener: StateListener) -> None:
        """Notifies a listener of changed state from now on."""
        ...
