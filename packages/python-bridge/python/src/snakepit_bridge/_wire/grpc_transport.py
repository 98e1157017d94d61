"""Frames over the bidirectional stream ``WorkerLink.Attach``."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import grpc
from google.protobuf.message import DecodeError

from .._proto.frames_pb2 import Batch
from .._proto.worker_link_pb2 import AttachRequest, AttachResponse
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
)

if TYPE_CHECKING:
    from .unsent_records import UnsentRecords

# Called by name and not through the generated stub, which fails to load with a grpcio older than its generator.
_ATTACH = "/snakepit.bridge.v1.WorkerLink/Attach"
# This transport and the host limit sizes; gRPC's own limit of 4 MiB is too low.
_OPTIONS = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
# Requests are merged up to this size; beyond it, merging saves nothing.
_MERGE_BYTES = 1 << 18
# The number of batches queued for gRPC at which the connection accepts no more data that may be lost.
_CLOGGED_BATCHES = 64
_CLOGGED_POLL_S = 0.005
_CLOSE_S = 1.0
_EMPTY_REQUEST = AttachRequest(batch=Batch()).SerializeToString()


class GrpcTransport:
    """A connection over gRPC. See :class:`.frame_transport.FrameTransport`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._incoming: queue.SimpleQueue[bytes | ConnectionClosed] = queue.SimpleQueue()
        # Wakes an event loop; created on first use.
        self._wakeup: tuple[socket.socket, socket.socket] | None = None
        self._closed: ConnectionClosed | None = None
        self._max_bytes = HANDSHAKE_LIMIT_BYTES
        self._max_attachments = HANDSHAKE_ATTACHMENTS
        self._channel = grpc.insecure_channel(address, options=_OPTIONS)
        attach = self._channel.stream_stream(_ATTACH, request_serializer=None, response_deserializer=None)
        self._stream = attach(self._requests())
        self._reader = threading.Thread(target=self._read, name="snakepit-grpc-reader", daemon=True)
        self._reader.start()

    @staticmethod
    def dial(address: str) -> GrpcTransport:
        """Starts connecting; the first receive raises when no host listens."""
        return GrpcTransport(address)

    def send(self, batch: Batch, attachments: Sequence[Buffer] = ()) -> None:
        """See :class:`.frame_transport.FrameTransport`.

        Does not wait for gRPC to accept the batch: capacity and credit bound the queue.
        """
        if self._closed is not None:
            raise _again(self._closed)
        request = AttachRequest(batch=batch, attachments=[bytes(each) for each in attachments])
        self._outgoing.put(request.SerializeToString())

    def send_record(self, head: bytes, body: bytes) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        self.send(Batch.FromString(head[LENGTH_BYTES:] + body))

    def send_records(self, parts: Sequence[bytes]) -> None:
        """See :class:`.frame_transport.FrameTransport`. The thread of gRPC joins them."""
        for head, body in zip(parts[::2], parts[1::2], strict=True):
            self.send_record(head, body)

    def hold_record(self, record: bytes) -> bool:
        """See :class:`.frame_transport.FrameTransport`. gRPC has its own buffers: nothing is kept."""
        return False

    def send_held(self) -> None:
        """See :class:`.frame_transport.FrameTransport`."""

    def hold_in(self, unsent: UnsentRecords) -> None:
        """See :class:`.frame_transport.FrameTransport`."""

    def offer(self, batch: Batch, timeout: float) -> bool:
        """See :class:`.frame_transport.FrameTransport`."""
        give_up_at = time.monotonic() + timeout
        while self._closed is None:
            if self._outgoing.qsize() < _CLOGGED_BATCHES:
                self._outgoing.put(AttachRequest(batch=batch).SerializeToString())
                return True
            if time.monotonic() >= give_up_at:
                return False
            # gRPC does not notify about free capacity; this is the rare case of a full queue.
            time.sleep(_CLOGGED_POLL_S)
        return False

    def post(self, batch: Batch) -> bool:
        """See :class:`.frame_transport.FrameTransport`."""
        if self._closed is None:
            self._outgoing.put(AttachRequest(batch=batch).SerializeToString())
        return True

    def receive(self, timeout: float | None = None) -> Received | None:
        """See :class:`.frame_transport.FrameTransport`."""
        if self._wakeup is not None:
            with suppress(BlockingIOError):
                self._wakeup[0].recv(4096)
        try:
            message = self._incoming.get(timeout != 0, timeout)
        except queue.Empty:
            return None
        if isinstance(message, ConnectionClosed):
            # The next receive raises it too.
            self._incoming.put(message)
            raise _again(message)
        if len(message) > self._max_bytes:
            problem = f"the host sent a record of {len(message):,} bytes; the limit is {self._max_bytes:,}"
            raise self._close(ProtocolViolation(problem))
        try:
            response = AttachResponse.FromString(message)
        except DecodeError:
            raise self._close(ProtocolViolation("the host sent an invalid batch of frames")) from None
        count = len(response.attachments)
        if count > self._max_attachments:
            problem = f"the host sent a batch with {count:,} attachments; the limit is {self._max_attachments:,}"
            raise self._close(ProtocolViolation(problem))
        # Copied into buffers that can be written to, as those of the socket are.
        return response.batch, [bytearray(each) for each in response.attachments]

    def has_unread(self) -> bool:
        """See :class:`.frame_transport.FrameTransport`."""
        return not self._incoming.empty()

    def limit_payloads(self, max_payload_bytes: int) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        self._max_bytes = max_payload_bytes + RECORD_ALLOWANCE_BYTES
        self._max_attachments = MAX_ATTACHMENTS

    def fileno(self) -> int:
        """See :class:`.frame_transport.FrameTransport`."""
        if self._wakeup is None:
            pair = socket.socketpair()
            for end in pair:
                end.setblocking(False)
            self._wakeup = pair
        return self._wakeup[0].fileno()

    def close(self, reason: str) -> None:
        """See :class:`.frame_transport.FrameTransport`. Waits up to a second until queued batches are sent."""
        self._close(ConnectionClosed(reason))

    def abandon(self) -> None:
        """See :class:`.frame_transport.FrameTransport`."""
        # gRPC itself drops the connection in a forked child.
        self._closed = ConnectionClosed("this process is a fork of a worker and has no connection")

    def _requests(self) -> Iterator[bytes]:
        """Yields what the thread of gRPC sends: all queued requests, merged into one message."""
        while (request := self._outgoing.get()) is not None:
            merged = [request]
            size = len(request)
            del request
            while size < _MERGE_BYTES:
                try:
                    following = self._outgoing.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    yield b"".join(merged)
                    return
                merged.append(following)
                size += len(following)
            # Concatenated messages are one message with their fields merged
            # (https://protobuf.dev/programming-guides/encoding/#last-one-wins).
            if len(merged) > 1:
                merged = [b"".join(merged)]
            yield merged.pop()
            if size > _MERGE_BYTES:
                # gRPC keeps the last request in memory until it gets another one.
                yield _EMPTY_REQUEST

    def _read(self) -> None:
        try:
            for message in self._stream:
                self._incoming.put(message)
                # It must not be kept in memory until the next one arrives.
                del message
                self._wake_loop()
            end = ConnectionClosed("the host closed the connection")
        except grpc.RpcError as error:
            end = ConnectionClosed(self._describe(error))
        self._incoming.put(self._closed or end)
        self._closed = self._closed or end
        self._outgoing.put(None)
        self._wake_loop()

    def _describe(self, error: grpc.RpcError) -> str:
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            return f"connecting to the host at {self._address} failed: {error.details()}"
        return f"the host ended the connection: {error.code().name}: {error.details()}"

    def _wake_loop(self) -> None:
        if self._wakeup is not None:
            # When the buffer is full, the loop is woken already.
            with suppress(BlockingIOError):
                self._wakeup[1].send(b"\0")

    def _close(self, why: ConnectionClosed) -> ConnectionClosed:
        """Stores the first reason and returns it as an exception to raise."""
        if self._closed is None:
            self._closed = why
            self._outgoing.put(None)
            self._reader.join(_CLOSE_S)
            self._stream.cancel()  # type: ignore[no-untyped-call]  # the stubs lack it
        return _again(self._closed)


def _again(closed: ConnectionClosed) -> ConnectionClosed:
    return type(closed)(*closed.args)
