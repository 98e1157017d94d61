"""What carries frames: the port that both transports implement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .._proto.frames_pb2 import Batch

Buffer = bytes | bytearray | memoryview
"""Bytes that travel beside a batch."""

Received = tuple["Batch", Sequence[Buffer]]
"""A batch and what travelled beside it: the buffers of all its payloads, in the order of the frames."""

HANDSHAKE_LIMIT_BYTES = 1 << 20
"""What a host may send in one piece before its Welcome has said how large payloads may be."""

RECORD_ALLOWANCE_BYTES = 1 << 20
"""How much larger than the largest payload a batch may be with its attachments: the frames before that of the payload,
names, metadata. Hosts end a batch long before."""

MAX_ATTACHMENTS = 1 << 20
"""The most attachments of one batch."""

HANDSHAKE_ATTACHMENTS = 1 << 16
"""The most attachments of the batch with the host's Welcome: more than the calls that travel with it can have."""


class ConnectionClosed(Exception):  # noqa: N818 (an end, not always an error)
    """The connection is over; its text says why. Raised by everything that sends or receives from then on."""


class ProtocolViolation(ConnectionClosed):
    """The connection is over because the host sent what it must not."""


class FrameTransport(Protocol):
    """One connection to the host. Everything may be called by any thread; only one at a time may receive."""

    def send(self, batch: Batch, attachments: Sequence[Buffer] = ()) -> None:
        """Sends a batch and waits until the operating system or library has taken it.

        The batch's attachment lengths are filled in here. Batch and attachments may be changed when this returns.

        Raises:
            ConnectionClosed: the connection is over.
        """
        ...

    def offer(self, batch: Batch, timeout: float) -> bool:
        """Sends a batch unless the host does not read; for what may be lost.

        Args:
            batch: without attachments and at most some 64 KiB large.
            timeout: seconds to wait for room.

        Returns:
            Whether it was sent. ``False`` too when the connection is over.
        """
        ...

    def receive(self, timeout: float | None = None) -> Received | None:
        """Waits for a batch.

        Args:
            timeout: seconds to wait for its beginning; ``None`` for as long as it takes, 0 not at all.

        Returns:
            ``None`` when nothing began to arrive in time.

        Raises:
            ConnectionClosed: the connection is over.
            ProtocolViolation: what arrived is not a batch or too large; the connection is over.
        """
        ...

    def has_unread(self) -> bool:
        """Whether something has been taken from the operating system that :meth:`receive` has not returned yet."""
        ...

    def limit_payloads(self, max_payload_bytes: int) -> None:
        """Sets how large a payload may be that the host sends, as its Welcome says."""
        ...

    def fileno(self) -> int:
        """A descriptor that becomes readable when a batch arrives, for an event loop to watch."""
        ...

    def close(self, reason: str) -> None:
        """Ends the connection; whoever is sending or receiving gets :class:`ConnectionClosed` with this reason."""
        ...

    def abandon(self) -> None:
        """Lets go of the connection without ending it, in a forked child whose parent goes on using it."""
        ...
