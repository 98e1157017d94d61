"""Operations of the host and requests for them, with the types of their payloads and answers."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

Payload = TypeVar("Payload")
Answer = TypeVar("Answer")


class Request(Generic[Answer]):
    """A request that the host answers with one value."""

    __slots__ = ("method", "payload")

    def __init__(self, method: str, payload: Any) -> None:
        self.method = method
        self.payload = payload


class StreamRequest(Generic[Answer]):
    """A request that the host answers with a stream of values."""

    __slots__ = ("method", "payload")

    def __init__(self, method: str, payload: Any) -> None:
        self.method = method
        self.payload = payload


class ValueOperation(Generic[Payload, Answer]):
    """An operation that returns one value."""

    __slots__ = ("method",)

    def __init__(self, method: str) -> None:
        self.method = method

    def request(self, payload: Payload) -> Request[Answer]:
        """Returns a request with this payload."""
        return Request(self.method, payload)


class StreamOperation(Generic[Payload, Answer]):
    """An operation that returns a stream of values."""

    __slots__ = ("method",)

    def __init__(self, method: str) -> None:
        self.method = method

    def request(self, payload: Payload) -> StreamRequest[Answer]:
        """Returns a request with this payload."""
        return StreamRequest(self.method, payload)
