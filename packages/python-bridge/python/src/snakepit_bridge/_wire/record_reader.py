"""Reads records from a stream socket, many per system call."""

from __future__ import annotations

import select
import socket
import struct
from typing import NoReturn

from google.protobuf.message import DecodeError

from .._proto.frames_pb2 import Batch
from .frame_transport import (
    HANDSHAKE_ATTACHMENTS,
    HANDSHAKE_LIMIT_BYTES,
    MAX_ATTACHMENTS,
    RECORD_ALLOWANCE_BYTES,
    Buffer,
    ConnectionClosed,
    ProtocolViolation,
    Received,
)

_HEADER_BYTES = 4
_READ_BYTES = 65536
_length_at = struct.Struct(">I").unpack_from
_parse = Batch.FromString


class RecordReader:
    """Splits the data of a socket into batches with their attachments.

    A record is the length of the batch (4 bytes, big-endian), the batch, and its attachments, whose lengths are in the
    batch.
    """

    __slots__ = ("_data", "_max_attachments", "_max_bytes", "_poll", "_socket", "_start")

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        # Read but not returned: _data from _start on. Bytes and an offset, so that the usual record, which is read as
        # a whole and alone, is sliced once and never moved.
        self._data = b""
        self._start = 0
        self._max_bytes = HANDSHAKE_LIMIT_BYTES
        self._max_attachments = HANDSHAKE_ATTACHMENTS

    @property
    def has_unread(self) -> bool:
        """Whether a part of the next record was read."""
        return bool(self._data)

    def limit_payloads(self, max_payload_bytes: int) -> None:
        """Sets the maximum size of payloads."""
        self._max_bytes = max_payload_bytes + RECORD_ALLOWANCE_BYTES
        self._max_attachments = MAX_ATTACHMENTS

    def read(self, timeout: float | None) -> Received | None:
        """Returns the next record; ``None`` when none arrives in time. Waits for the rest of a record that has begun.

        Raises:
            ConnectionClosed: the other side has closed the connection.
            ProtocolViolation: the data is not a record, or too large.
            OSError: the system call failed.
        """
        if not self._data and not self._fill(timeout):
            return None
        data, start = self._data, self._start
        while len(data) - start < _HEADER_BYTES:
            data, start = self._append(data, start)
        length = _length_at(data, start)[0]
        if length > self._max_bytes:
            self._reject_size(length)
        start += _HEADER_BYTES
        end = start + length
        encoded: Buffer
        if end <= len(data):
            encoded = data[start:end]
        else:
            encoded = self._take(start, length)
            data, end = b"", 0
        try:
            batch = _parse(encoded)  # type: ignore[arg-type]  # takes any buffer
        except DecodeError:
            self._reject("an invalid batch of frames")
        if end == len(data):
            self._data, self._start = b"", 0
        else:
            self._data, self._start = data, end
        if batch.attachment_lengths:
            count = len(batch.attachment_lengths)
            if count > self._max_attachments:
                self._reject(f"a batch with {count:,} attachments; the limit is {self._max_attachments:,}")
            lengths = list(batch.attachment_lengths)
            if length + sum(lengths) > self._max_bytes:
                self._reject_size(length + sum(lengths))
            return batch, [self._take(self._start, each) for each in lengths]
        return batch, ()

    def _take(self, start: int, length: int) -> bytearray:
        """Returns the next bytes in a new buffer, most of them read from the system without a copy."""
        taken = bytearray(length)
        ready = min(length, len(self._data) - start)
        taken[:ready] = memoryview(self._data)[start : start + ready]
        start += ready
        if start == len(self._data):
            self._data, self._start = b"", 0
        else:
            self._start = start
        rest = memoryview(taken)[ready:]
        while rest:
            count = self._socket.recv_into(rest, 0, socket.MSG_WAITALL)
            if count == 0:
                raise ConnectionClosed("the host closed the connection in the middle of a record")
            rest = rest[count:]
        return taken

    def _append(self, data: bytes, start: int) -> tuple[bytes, int]:
        more = self._socket.recv(_READ_BYTES)
        if not more:
            raise ConnectionClosed("the host closed the connection in the middle of a record")
        self._data, self._start = data[start:] + more, 0
        return self._data, 0

    def _fill(self, timeout: float | None) -> bool:
        if timeout is not None and not self._poll.poll(timeout * 1000):
            return False
        self._data = self._socket.recv(_READ_BYTES)
        self._start = 0
        if not self._data:
            raise ConnectionClosed("the host closed the connection")
        return True

    def _reject_size(self, size: int) -> NoReturn:
        self._reject(f"a record of {size:,} bytes; the limit is {self._max_bytes:,}")

    def _reject(self, what: str) -> NoReturn:
        raise ProtocolViolation(f"the host sent {what}")
