"""The way to the host, as sessions need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from snakepit_bridge._worker.state_listener import StateListener


class HostStream(Protocol):
    """What the host sends, one value after the other. Closing or dropping it tells the host to stop."""

    def __iter__(self) -> Iterator[Any]: ...

    def __next__(self) -> Any: ...

    def close(self) -> None:
        """No more is wanted."""
        ...


class AsyncHostStream(Protocol):
    """What the host sends, one value after the other. Closing or dropping it tells the host to stop."""

    def __aiter__(self) -> AsyncIterator[Any]: ...

    async def __anext__(self) -> Any: ...

    async def aclose(self) -> None:
        """No more is wanted."""
        ...


class HostChannel(Protocol):
    """Asks the host for something, on behalf of a call; a worker's is :class:`~snakepit_bridge._worker.HostLink`.

    A payload is any value that can be sent, called ``root`` in errors. Every method raises
    :class:`~snakepit_bridge.HostError` for what the host answers instead of a value.
    """

    def request(self, method: str, payload: Any, call: Any, *, root: str) -> Any:
        """Asks and waits for the answer, blocking the thread."""
        ...

    def stream(self, method: str, payload: Any, call: Any, *, root: str) -> HostStream:
        """Asks for a stream, which blocks the thread for each value."""
        ...

    async def request_async(self, method: str, payload: Any, call: Any, *, root: str) -> Any:
        """Asks and waits for the answer, in a task."""
        ...

    def stream_async(self, method: str, payload: Any, call: Any, *, root: str) -> AsyncHostStream:
        """Asks for a stream, each of whose values is awaited in a task."""
        ...

    def listen(self, listener: StateListener) -> None:
        """Has a listener told from now on of what has become stale."""
        ...
