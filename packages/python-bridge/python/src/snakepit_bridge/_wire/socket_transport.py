"""Frames over a unix socket."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from .frame_transport import Buffer, ConnectionClosed, Received
from .record_reader import RecordReader

if TYPE_CHECKING:
    from .._proto.frames_pb2 import Batch

_header = struct.Struct(">I").pack
# The maximum number of buffers of a system call (IOV_MAX), 1024 on Linux and macOS.
_MAX_PARTS = 1024


class SocketTransport:
    """A connection over a stream socket. See :class:`.frame_transport.FrameTransport`."""

    __slots__ = ("_closed", "_reader", "_sending", "_socket", "_writable")

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(True)
        self._socket = sock
        self._reader = RecordReader(sock)
        self._sending = threading.Lock()
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
        record = _header(len(encoded)) + encoded
        try:
            with self._sending:
                self._socket.sendall(record)
        except OSError as error:
            _check_is_from_system(error)
            raise self._close(ConnectionClosed(f"the connection to the host broke: {error}")) from error

    def _send_with(self, batch: Batch, attachments: Sequence[Buffer]) -> None:
        views = [memoryview(each).cast("B") for each in attachments]
        batch.attachment_lengths[:] = [view.nbytes for view in views]
        encoded = batch.SerializeToString()
        del batch.attachment_lengths[:]
        parts = [memoryview(_header(len(encoded)) + encoded), *views]
        try:
            with self._sending:
                self._send_parts(parts)
        except OSError as error:
            _check_is_from_system(error)
            raise self._close(ConnectionClosed(f"the connection to the host broke: {error}")) from error

    def _send_parts(self, parts: list[memoryview]) -> None:
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
            self._socket.sendall(_header(len(encoded)) + encoded)
        except OSError as error:
            _check_is_from_system(error)
            # The thread that receives notices the loss too, and reports it.
            return False
        finally:
            self._sending.release()
        return True

    def receive(self, timeout: float | None = None) -> Received | None:
        """See :class:`.frame_transport.FrameTransport`."""
        try:
            return self._reader.read(timeout)
        except ConnectionClosed as closed:
            raise self._close(closed) from None
        except OSError as error:
            _check_is_from_system(error)
            raise self._close(ConnectionClosed(f"the connection to the host broke: {error}")) from error

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
        self._closed = ConnectionClosed("this process is a fork of a worker and has no connection")
        self._socket.close()

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
