"""One request to the host, from its sending to its answer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from snakepit_bridge._values import decode

from .credit_window import CreditWindow
from .host_error import connection_lost, error_of_failure

if TYPE_CHECKING:
    from snakepit_bridge._proto.frames_pb2 import Reply, ReplyChunk
    from snakepit_bridge._wire import Buffer

    from .call import Call

Chunk = tuple[bytes, Sequence["Buffer"]]
"""The body of a value and what travelled beside it."""


class HostRequest:
    """A request that gives one value.

    Whoever receives writes the answer and wakes; whoever has asked does everything else.
    """

    __slots__ = ("_buffers", "_loss", "_reply", "call", "id", "method", "wake")

    def __init__(self, method: str, call: Call | None, wake: Callable[[], None] | None = None) -> None:
        """Makes it.

        Args:
            method: what is asked.
            call: on whose behalf; ``None`` for no call.
            wake: tells whoever waits that something has changed; called by any thread. The main thread of a worker
                needs none: it receives itself.
        """
        self.method = method
        self.call = call
        self.wake = wake
        self.id = 0
        """Given out when it is sent."""
        self._reply: Reply | None = None
        self._buffers: Sequence[Buffer] = ()
        self._loss: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is answered, or will never be."""
        return self._reply is not None or self._loss is not None

    def is_ready(self) -> bool:
        """Whether there is nothing to wait for any more."""
        call = self.call
        return (
            self._reply is not None or self._loss is not None or (call is not None and call.cancel_reason is not None)
        )

    def answer(self, reply: Reply, buffers: Sequence[Buffer]) -> None:
        """The host has answered."""
        self._buffers = buffers
        self._reply = reply
        self.notify()

    def lose(self, reason: str) -> None:
        """The connection is over, and with it all hope of an answer."""
        self._loss = reason
        self.notify()

    def notify(self) -> None:
        """Has whoever waits look again."""
        if self.wake is not None:
            self.wake()

    def value(self) -> Any:
        """What the host has answered.

        Raises:
            HostError: it has refused or failed, or the connection is over.
            SerializationError: its answer cannot be read.
        """
        reply = self._outcome()
        return decode(reply.value.body, self._buffers)

    def _outcome(self) -> Reply:
        reply = self._reply
        if reply is None:
            raise connection_lost(self._loss or "nobody has told why")
        if reply.HasField("failure"):
            raise error_of_failure(reply.failure)
        return reply


class HostStreamRequest(HostRequest):
    """A request that gives a stream of values."""

    __slots__ = ("_granted", "_received", "arrived", "chunks", "window")

    def __init__(self, method: str, call: Call | None, wake: Callable[[], None] | None = None) -> None:
        """See :class:`HostRequest`; without ``wake`` it is for threads, and wakes them through ``arrived``."""
        self.arrived = threading.Event() if wake is None else None
        """Set when there is something new."""
        super().__init__(method, call, wake if self.arrived is None else self.arrived.set)
        self.chunks: deque[Chunk] = deque()
        """What has arrived and was not taken."""
        self.window = CreditWindow()
        self._granted = CreditWindow.INITIAL
        self._received = 0

    def is_ready(self) -> bool:
        """See :class:`HostRequest`."""
        return bool(self.chunks) or super().is_ready()

    def add(self, message: ReplyChunk, buffers: Sequence[Buffer]) -> bool:
        """The next value has arrived. ``False`` when there was no credit for it."""
        if self._received >= self._granted:
            return False
        self._received += 1
        # Not the message: that would keep the whole batch in memory.
        self.chunks.append((message.value.body, buffers))
        self.notify()
        return True

    def take(self) -> tuple[Any, int]:
        """The next value, and how many more are to be granted to the host; only when there is one.

        Raises:
            SerializationError: it cannot be read.
        """
        body, buffers = self.chunks.popleft()
        credit = self.window.consumed(len(body) + sum(map(len, buffers)))
        # Before the host is told, and so before it can send them.
        self._granted += credit
        return decode(body, buffers), credit

    def expect_end(self) -> None:
        """Makes sure that a stream which is over has ended as it should.

        Raises:
            HostError: the host has refused or failed, or the connection is over.
        """
        self._outcome()
