"""The port that both transports of frames implement, and the payloads of frames."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from .._proto.payload_pb2 import PAYLOAD_FORMAT_MESSAGEPACK

if TYPE_CHECKING:
    from .._proto.frames_pb2 import Batch
    from .._proto.payload_pb2 import Payload
    from .._values import Encoded
    from .unsent_records import UnsentRecords

record_length = struct.Struct(">I").pack
"""Encodes the length of a batch, which precedes it on a socket."""

LENGTH_BYTES = 4
"""The number of bytes of an encoded length."""

Buffer = bytes | bytearray | memoryview
"""Bytes that are sent next to a batch."""

Received = tuple["Batch", Sequence[Buffer]]
"""A batch and its attachments: the buffers of all its payloads, in the order of the frames."""

HANDSHAKE_LIMIT_BYTES = 1 << 20
"""The maximum size of a record before the host's Accept has set the maximum size of payloads."""

RECORD_ALLOWANCE_BYTES = 1 << 20
"""How much larger than the largest payload a batch may be with its attachments: other frames, names, metadata. Hosts
end a batch long before."""

MAX_ATTACHMENTS = 1 << 20
"""The maximum number of attachments of a batch."""

HANDSHAKE_ATTACHMENTS = 1 << 16
"""The maximum number of attachments of the batch with the host's Accept: more than the calls in it can have."""


class ConnectionClosed(Exception):  # noqa: N818 (an end, not always an error)
    """The connection is closed; the message contains the reason. Every later send and receive raises it."""


class ProtocolViolation(ConnectionClosed):
    """The connection is closed because the host violated the protocol."""


class FrameTransport(Protocol):
    """A connection to the host. Any thread may call its methods; only one at a time may receive."""

    def send(self, batch: Batch, attachments: Sequence[Buffer] = ()) -> None:
        """Sends a batch and waits until the operating system or library has accepted it.

        Sets the attachment lengths of the batch. Batch and attachments may be changed when this returns.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        ...

    def send_record(self, head: bytes, body: bytes) -> None:
        """Sends a serialized batch without attachments, like :meth:`send`.

        Args:
            head: the length of the batch, as :func:`record_length` encodes it, and the beginning of the batch.
            body: the rest of the batch, which is not copied if it is large.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        ...

    def send_records(self, parts: Sequence[bytes]) -> None:
        """Sends several serialized batches without attachments, in one system call if possible.

        Args:
            parts: the two arguments of :meth:`send_record` for each batch, one after another; about 64 KiB in total.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        ...

    def hold_record(self, record: bytes) -> bool:
        """Keeps a serialized batch without attachments, and sends it with the next one or by :meth:`send_held`.

        The host gets it even if the process dies before, and within milliseconds if nothing is sent.

        Args:
            record: the length of the batch, as :func:`record_length` encodes it, and the batch.

        Returns:
            ``False`` when it was not kept: the host does not support it, or too much is kept already.
        """
        ...

    def send_held(self) -> None:
        """Sends what :meth:`hold_record` has kept.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        ...

    def hold_in(self, unsent: UnsentRecords) -> None:
        """Sets the file that :meth:`hold_record` uses, which the host has opened."""
        ...

    def offer(self, batch: Batch, timeout: float) -> bool:
        """Sends a batch unless the host does not read; for data that may be lost.

        Args:
            batch: has no attachments and at most about 64 KiB.
            timeout: seconds to wait for room.

        Returns:
            Whether it was sent; ``False`` too when the connection is closed.
        """
        ...

    def post(self, batch: Batch) -> bool:
        """Sends a batch without ever waiting, also in a signal handler or finalizer that has interrupted a send.

        While a batch is being sent, or the host does not read, it is sent right after another one. It is lost with the
        connection.

        Args:
            batch: has no attachments and at most about 64 KiB.

        Returns:
            ``False`` when so many batches wait that this one was dropped.
        """
        ...

    def receive(self, timeout: float | None = None) -> Received | None:
        """Waits for a batch.

        Args:
            timeout: seconds to wait for its first byte; ``None`` waits forever, 0 does not wait.

        Returns:
            ``None`` when no batch began to arrive in time.

        Raises:
            ConnectionClosed: the connection is closed.
            ProtocolViolation: the data is not a batch or too large; the connection is closed.
        """
        ...

    def has_unread(self) -> bool:
        """Whether data was read from the operating system that :meth:`receive` has not returned yet."""
        ...

    def limit_payloads(self, max_payload_bytes: int) -> None:
        """Sets the maximum size of payloads from the host, as given in its Accept."""
        ...

    def fileno(self) -> int:
        """A descriptor that becomes readable when a batch arrives, for an event loop to watch."""
        ...

    def close(self, reason: str) -> None:
        """Closes the connection; every send and receive raises :class:`ConnectionClosed` with this reason."""
        ...

    def abandon(self) -> None:
        """Releases the connection without closing it, in a forked child whose parent continues to use it."""
        ...


def fill_payload(payload: Payload, encoded: Encoded) -> None:
    """Writes a value into a frame; its buffers are sent next to the batch."""
    payload.format = PAYLOAD_FORMAT_MESSAGEPACK
    payload.body = encoded.body
    if encoded.buffers:
        payload.buffer_lengths[:] = [each.nbytes for each in encoded.buffers]
