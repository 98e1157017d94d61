"""One call, from its arrival to its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from .cancelled import Cancelled

if TYPE_CHECKING:
    from snakepit_bridge._proto import frames_pb2
    from snakepit_bridge._wire import Buffer

    from .cancelled import CancelReason
    from .host_link import HostLink


_LARGE_BYTES = 1 << 16


class Call:
    """A call that has arrived and is not answered yet.

    Whoever receives writes ``cancel_reason`` and ``granted``; everything else is written by the main thread alone. So
    no field needs a lock.
    """

    __slots__ = (
        "arrived_at",
        "buffers",
        "cancel_reason",
        "chunks_sent",
        "deadline",
        "granted",
        "host",
        "id",
        "interrupted",
        "interruptible",
        "is_on_loop",
        "message",
        "on_cancel",
        "on_credit",
        "tool",
    )

    def __init__(self, message: frames_pb2.Call, buffers: Sequence[Buffer]) -> None:
        self.message = message
        self.buffers = buffers
        self.id = message.id
        self.tool = message.tool
        self.arrived_at = now = monotonic()
        remaining = message.remaining_ms
        self.deadline = now + remaining / 1000 if remaining else None
        """When the caller gives up, on the monotonic clock."""
        self.granted = message.credit
        """Chunks that may be sent in all."""
        self.chunks_sent = 0
        self.cancel_reason: CancelReason | None = None
        """Why the call was given up; ``None`` while it was not."""
        self.interruptible = False
        """Whether the main thread is in code of the user, where :class:`Cancelled` may be raised."""
        self.interrupted = False
        """Whether it has been raised; that happens once."""
        self.host: HostLink
        """Where to ask the host for something; set when the call begins to be executed."""
        self.is_on_loop = False
        """Whether the worker's event loop executes it, which must not be blocked."""
        self.on_cancel: Callable[[], None] | None = None
        """Tells whoever executes the call that it was given up; called by any thread."""
        self.on_credit: Callable[[], None] | None = None
        """Tells whoever executes the call that there is credit; called by any thread."""

    def cancel(self, reason: CancelReason) -> None:
        """Gives the call up; only the first reason counts."""
        if self.cancel_reason is None:
            self.cancel_reason = reason
            # Read once: the main thread resets it when the call is over.
            if (on_cancel := self.on_cancel) is not None:
                on_cancel()

    def raise_if_given_up(self, kind: type[Cancelled] = Cancelled) -> None:
        """Raises :class:`Cancelled` when the call was given up."""
        if self.cancel_reason is not None:
            raise kind(self.cancel_reason)

    def grant(self, chunks: int) -> None:
        """Lets so many chunks more be sent."""
        self.granted += chunks
        if (on_credit := self.on_credit) is not None:
            on_credit()

    def take_arguments(self) -> tuple[bytes, Sequence[Buffer]]:
        """Returns the encoded arguments and their buffers. From then on the call does not hold them any more."""
        message = self.message
        body, buffers = message.args.body, self.buffers
        self.buffers = ()
        if len(body) > _LARGE_BYTES:
            # A protobuf message occupies its memory until it is dropped, whatever is cleared in it.
            message.ClearField("args")
            self.message = type(message)()
            self.message.CopyFrom(message)
        return body, buffers

    def detach(self) -> None:
        """Drops what leads from the call to the one who executed it, and so back to the call."""
        self.on_cancel = None
        self.on_credit = None
