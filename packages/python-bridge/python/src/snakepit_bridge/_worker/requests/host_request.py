"""One request to the host, from its sending to its reply."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..._values import decode
from ..signals.signal_handlers import postpone_handlers
from .credit_window import CreditWindow
from .request_errors import connection_lost, error_of_failure

if TYPE_CHECKING:
    from ..._proto.frames_pb2 import Reply, ReplyChunk
    from ..._wire import Buffer
    from ..calls import Call

Chunk = tuple[bytes, Sequence["Buffer"]]
"""The body of a value, and its out-of-band buffers."""


class HostRequest:
    """A request for one value.

    The thread that receives writes the reply and wakes the waiting thread, which does everything else.
    """

    __slots__ = ("_buffers", "_loss", "_reply", "call", "id", "method", "wake")

    def __init__(self, method: str, call: Call | None, wake: Callable[[], None] | None = None) -> None:
        """Creates the request.

        Args:
            method: the operation of the host.
            call: the call that sends the request; ``None`` for none.
            wake: wakes the waiting thread or task; called by any thread. The main thread of a worker needs none: it
                receives itself.
        """
        self.method = method
        self.call = call
        self.wake = wake
        self.id = 0
        """Assigned when it is sent."""
        self._reply: Reply | None = None
        self._buffers: Sequence[Buffer] = ()
        self._loss: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was answered, or never will be."""
        return self._reply is not None or self._loss is not None

    def is_ready(self) -> bool:
        """Whether the waiting thread can continue."""
        call = self.call
        return (
            self._reply is not None or self._loss is not None or (call is not None and call.cancel_reason is not None)
        )

    def answer(self, reply: Reply, buffers: Sequence[Buffer]) -> None:
        """Stores the reply of the host."""
        self._buffers = buffers
        self._reply = reply
        self.notify()

    def lose(self, reason: str) -> None:
        """Fails the request: the connection is lost."""
        self._loss = reason
        self.notify()

    def notify(self) -> None:
        """Makes the waiting thread or task check again."""
        if self.wake is not None:
            self.wake()

    def value(self) -> Any:
        """Returns the value of the reply.

        Raises:
            HostError: the host rejected the request or failed, or the connection is lost.
            SerializationError: the reply cannot be decoded.
        """
        reply = self._outcome()
        return _decode(reply.value.body, self._buffers)

    def _outcome(self) -> Reply:
        reply = self._reply
        if reply is None:
            raise connection_lost(self._loss or "for an unknown reason")
        if reply.HasField("failure"):
            raise error_of_failure(reply.failure)
        return reply


class HostStreamRequest(HostRequest):
    """A request for a stream of values."""

    __slots__ = ("_granted", "_received", "arrived", "chunks", "window")

    def __init__(self, method: str, call: Call | None, wake: Callable[[], None] | None = None) -> None:
        """See :class:`HostRequest`; without ``wake``, threads wait for the event ``arrived``."""
        self.arrived = threading.Event() if wake is None else None
        """Set when something has arrived."""
        super().__init__(method, call, wake if self.arrived is None else self.arrived.set)
        self.chunks: deque[Chunk] = deque()
        """Chunks that have arrived and were not taken."""
        self.window = CreditWindow()
        self._granted = CreditWindow.INITIAL
        self._received = 0

    def is_ready(self) -> bool:
        """See :class:`HostRequest`."""
        return bool(self.chunks) or super().is_ready()

    def add(self, message: ReplyChunk, buffers: Sequence[Buffer]) -> bool:
        """Adds the next chunk. Returns ``False`` when the host had no credit for it."""
        if self._received >= self._granted:
            return False
        self._received += 1
        # Not the message, which would keep the whole batch in memory.
        self.chunks.append((message.value.body, buffers))
        self.notify()
        return True

    def take(self) -> tuple[Any, int]:
        """Returns the next value and the credit to grant to the host; only when a chunk has arrived.

        Raises:
            SerializationError: the value cannot be decoded.
        """
        body, buffers = self.chunks.popleft()
        credit = self.window.consumed(len(body) + sum(map(len, buffers)))
        # Before it is granted, and so before the host can use it.
        self._granted += credit
        return _decode(body, buffers), credit

    def expect_end(self) -> None:
        """Checks that a stream has ended without an error.

        Raises:
            HostError: the host rejected the request or failed, or the connection is lost.
        """
        self._outcome()


@postpone_handlers
def _decode(body: bytes, buffers: Sequence[Buffer]) -> Any:
    # Postponed, because the exception of a handler would be reported as data that cannot be decoded.
    return decode(body, buffers)
