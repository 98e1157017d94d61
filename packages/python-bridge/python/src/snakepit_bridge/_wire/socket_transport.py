"""Frames over a Unix socket."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from google.protobuf.message import DecodeError

from .._libraries import if_loaded
from .._proto.frames_pb2 import Batch
from .frame_transport import (
    HANDSHAKE_ATTACHMENTS,
    HANDSHAKE_LIMIT_BYTES,
    LENGTH_BYTES,
    MAX_ATTACHMENTS,
    RECORD_ALLOWANCE_BYTES,
    Buffer,
    ConnectionClosed,
    ProtocolViolation,
    Received,
    record_length,
)
from .unsent_records import UnsentRecords

_READ_BYTES = 65536
_length_at = struct.Struct(">I").unpack_from
_parse = Batch.FromString
# The maximum number of buffers of a system call (IOV_MAX), 1024 on Linux and macOS.
_MAX_PARTS = 1024
_MAX_POSTED = 1000
_BROKEN_OFF = "the host closed the connection in the middle of a record"
_MIN_UNINITIALIZED_BYTES = 1 << 16
_COPIED_BYTES = 1 << 15
"""Up to this size, a second part costs more than copying it behind the first."""


class SocketTransport:
    """A connection over a stream socket. See :class:`.frame_transport.FrameTransport`."""

    __slots__ = (
        "_closed",
        "_holds",
        "_posted",
        "_reader",
        "_sendall",
        "_sending",
        "_sent_bytes",
        "_socket",
        "_unsent",
        "_writable",
    )

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(True)
        self._socket = sock
        self._sendall = sock.sendall
        self._sent_bytes = 0
        self._unsent: UnsentRecords | None = None
        self._holds = False
        """Whether there are unsent records."""
        self._reader = RecordReader(sock)
        self._sending = threading.Lock()
        self._posted: deque[bytes] = deque()
        """Records that the thread that holds the lock sends next."""
        self._writable = select.poll()
        self._writable.register(sock, select.POLLOUT)
        self._closed: ConnectionClosed | None = None

    @staticmethod
    def dial(path: str) -> SocketTransport:
        """Connects to the socket at a path.

        Raises:
            ConnectionClosed: no host listens there, or the path is longer than the system allows.
        """
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(path)
        except OSError as error:
            sock.close()
            raise ConnectionClosed(f"connecting to the host's socket {path} failed: {error}") from error
        return SocketTransport(sock)

    def send(self, batch: Batch, attachments: Sequence[Buffer] = ()) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        if attachments:
            self._send_with(batch, attachments)
            return
        encoded = batch.SerializeToString()
        self.send_record(record_length(len(encoded)), encoded)

    def send_record(self, head: bytes, body: bytes) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        if len(body) > _COPIED_BYTES:
            self._send_parts([memoryview(head), memoryview(body)])
            return
        try:
            with self._sending:
                self._write(head + body)
        except OSError as error:
            raise self._broken(error) from error
        if self._posted:
            self._send_posted(waits=True)

    def send_records(self, parts: Sequence[bytes]) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        self.send_record(b"".join(parts), b"")

    def hold_record(self, record: bytes) -> bool:
        """See :class:`.frame_transport.FrameTransport`."""
        with self._sending:
            unsent = self._unsent
            if unsent is None or not unsent.add(record, self._sent_bytes):
                return False
            self._holds = True
        if self._posted:
            self._send_posted(waits=True)
        return True

    def send_held(self) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        try:
            with self._sending:
                self._write(b"")
        except OSError as error:
            raise self._broken(error) from error
        if self._posted:
            self._send_posted(waits=True)

    def hold_in(self, unsent: UnsentRecords) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        self._unsent = unsent

    def _write(self, record: bytes) -> None:
        """Sends the unsent records and another one. The caller holds the lock."""
        if self._holds and self._unsent is not None:
            self._holds = False
            record = self._unsent.take() + record
        self._sent_bytes += len(record)
        self._sendall(record)

    def _send_with(self, batch: Batch, attachments: Sequence[Buffer]) -> None:
        views = [memoryview(each).cast("B") for each in attachments]
        batch.attachment_lengths[:] = [view.nbytes for view in views]
        encoded = batch.SerializeToString()
        del batch.attachment_lengths[:]
        self._send_parts([memoryview(record_length(len(encoded)) + encoded), *views])

    def _send_parts(self, parts: list[memoryview]) -> None:
        """Sends a record without copying its parts."""
        try:
            with self._sending:
                if self._holds and self._unsent is not None:
                    self._holds = False
                    parts.insert(0, memoryview(self._unsent.take()))
                self._sent_bytes += sum(part.nbytes for part in parts)
                self._send_all(parts)
        except OSError as error:
            raise self._broken(error) from error
        if self._posted:
            self._send_posted(waits=True)

    def _send_all(self, parts: list[memoryview]) -> None:
        first = 0
        while first < len(parts):
            sent = self._socket.sendmsg(parts[first : first + _MAX_PARTS])
            while first < len(parts) and sent >= parts[first].nbytes:
                sent -= parts[first].nbytes
                first += 1
            if sent:
                parts[first] = parts[first][sent:]

    def offer(self, batch: Batch, timeout: float) -> bool:
        """See :class:`.frame_transport.FrameTransport`."""
        encoded = batch.SerializeToString()
        if not self._sending.acquire(timeout=timeout):
            return False
        try:
            # A socket counts as writable only while most of its buffer is free, so this does not wait in sendall.
            if self._closed is not None or not self._writable.poll(timeout * 1000):
                return False
            self._write(record_length(len(encoded)) + encoded)
        except OSError as error:
            _check_is_from_system(error)
            # The thread that receives notices the loss too, and reports it.
            return False
        finally:
            self._sending.release()
        if self._posted:
            self._send_posted(waits=False)
        return True

    def post(self, batch: Batch) -> bool:
        """See :class:`.frame_transport.FrameTransport`."""
        if len(self._posted) >= _MAX_POSTED:
            return False
        encoded = batch.SerializeToString()
        self._posted.append(record_length(len(encoded)) + encoded)
        self._send_posted(waits=False)
        return True

    def _send_posted(self, *, waits: bool) -> None:
        # Who releases the lock looks at the queue afterwards, and who adds to the queue tries the lock afterwards: so
        # nothing stays in the queue because of the lock.
        posted = self._posted
        while posted and self._sending.acquire(blocking=False):
            try:
                while posted and self._closed is None:
                    if not waits and not self._writable.poll(0):
                        return
                    self._write(posted.popleft())
            except OSError as error:
                _check_is_from_system(error)
                # The thread that receives notices the loss too, and reports it.
                return
            finally:
                self._sending.release()
            if self._closed is not None:
                return

    def receive(self, timeout: float | None = None) -> Received | None:
        """See :class:`.frame_transport.FrameTransport`."""
        try:
            return self._reader.read(timeout)
        except ConnectionClosed as closed:
            raise self._close(closed) from None
        except OSError as error:
            raise self._broken(error) from error

    def has_unread(self) -> bool:
        """See :class:`.frame_transport.FrameTransport`."""
        return self._reader.has_unread

    def limit_payloads(self, max_payload_bytes: int) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        self._reader.limit_payloads(max_payload_bytes)

    def fileno(self) -> int:
        """See :class:`.frame_transport.FrameTransport`."""
        return self._socket.fileno()

    def close(self, reason: str) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        self._close(ConnectionClosed(reason))

    def abandon(self) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        # A thread of the parent may have held the lock at the fork.
        self._sending = threading.Lock()
        self._posted.clear()
        self._unsent = None
        self._holds = False
        self._closed = ConnectionClosed("this process is a fork of a worker and has no connection")
        self._socket.close()

    def _broken(self, error: OSError) -> ConnectionClosed:
        _check_is_from_system(error)
        return self._close(ConnectionClosed(f"the connection to the host broke: {error}"))

    def _close(self, why: ConnectionClosed) -> ConnectionClosed:
        """Stores the first reason and returns it as an exception to raise."""
        if self._closed is None:
            self._closed = why
            # Not close(): another thread may be in a system call on this descriptor, and its number must not be reused
            # before that returns. The finalizer of the socket closes it.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        return type(self._closed)(*self._closed.args)


def _check_is_from_system(error: OSError) -> None:
    """Raises an error that a signal handler of the tool has raised, such as the TimeoutError of an alarm."""
    if error.errno is None:
        raise error


def _new_buffer(length: int) -> bytearray | memoryview:
    """Returns a writable buffer, preferably of memory that is not set to zero: that takes longer than filling it."""
    # While another thread is importing numpy, it may lack the function.
    empty: Any = getattr(if_loaded("numpy", waits=False), "empty", None) if length >= _MIN_UNINITIALIZED_BYTES else None
    if empty is None:
        return bytearray(length)
    buffer: memoryview = empty(length, "u1").data
    return buffer


class RecordReader:
    """Splits the data of a socket into batches with their attachments.

    A record is the length of the batch (4 bytes, big-endian), the batch, and its attachments, whose lengths are in the
    batch.
    """

    __slots__ = ("_data", "_max_attachments", "_max_bytes", "_poll", "_recv", "_socket", "_start")

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._recv = sock.recv
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
        data, start = self._data, self._start
        if not data:
            if timeout is not None and not self._poll.poll(timeout * 1000):
                return None
            data, start = self._append(data, start, "the host closed the connection")
        while len(data) - start < LENGTH_BYTES:
            data, start = self._append(data, start)
        (length,) = _length_at(data, start)
        if length > self._max_bytes:
            self._reject_size(length)
        start += LENGTH_BYTES
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

    def _take(self, start: int, length: int) -> Buffer:
        """Returns the next bytes in a new buffer, most of them read from the system without a copy."""
        taken = _new_buffer(length)
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
                raise ConnectionClosed(_BROKEN_OFF)
            rest = rest[count:]
        return taken

    def _append(self, data: bytes, start: int, at_end: str = _BROKEN_OFF) -> tuple[bytes, int]:
        more = self._recv(_READ_BYTES)
        if not more:
            raise ConnectionClosed(at_end)
        self._data, self._start = data[start:] + more if data else more, 0
        return self._data, 0

    def _reject_size(self, size: int) -> NoReturn:
        self._reject(f"a record of {size:,} bytes; the limit is {self._max_bytes:,}")

    def _reject(self, what: str) -> NoReturn:
        raise ProtocolViolation(f"the host sent {what}")
