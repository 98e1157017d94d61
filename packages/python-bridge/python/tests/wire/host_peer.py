"""The host's end of a connection, for tests: small, blocking, one worker."""

from __future__ import annotations

import queue
import socket
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import grpc

from snakepit_bridge._proto.frames_pb2 import Batch
from snakepit_bridge._proto.worker_link_pb2 import AttachRequest, AttachResponse

PATIENCE_S = 120.0
"""Seconds that a test waits for an expected event; only a failing test waits that long."""


class PeerClosedError(Exception):
    """The worker has ended the connection."""


class HostPeer(Protocol):
    """The common part of both peers."""

    transport: str
    address: str

    def accept(self) -> None: ...

    def send(self, batch: Batch, attachments: Sequence[bytes] = ()) -> None: ...

    def receive(self) -> tuple[Batch, list[bytes]]: ...

    def hang_up(self) -> None: ...

    def close(self) -> None: ...


class SocketPeer:
    """Listens on a Unix socket and accepts one connection."""

    transport = "socket"

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="snakepit-test-")
        self.address = str(Path(self._directory.name) / "host.sock")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.address)
        self._listener.listen(1)
        self._listener.settimeout(PATIENCE_S)
        self._connection: socket.socket | None = None
        self._received: queue.SimpleQueue[tuple[Batch, list[bytes]] | None] = queue.SimpleQueue()
        self._to_send: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def accept(self, *, reads: bool = True) -> None:
        self._connection, _ = self._listener.accept()
        self._begin(self._write)
        if reads:
            self.begin_to_read()

    def begin_to_read(self) -> None:
        self._begin(self._read)

    def send(self, batch: Batch, attachments: Sequence[bytes] = ()) -> None:
        batch.attachment_lengths[:] = [len(each) for each in attachments]
        encoded = batch.SerializeToString()
        self.send_raw(struct.pack(">I", len(encoded)) + encoded + b"".join(attachments))

    def send_raw(self, data: bytes) -> None:
        self._to_send.put(data)

    def receive(self) -> tuple[Batch, list[bytes]]:
        received = self._received.get(timeout=PATIENCE_S)
        if received is None:
            raise PeerClosedError
        return received

    def hang_up(self) -> None:
        self._to_send.put(None)

    def close(self) -> None:
        self.hang_up()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        if self._connection is not None:
            self._connection.close()
        self._listener.close()
        self._directory.cleanup()

    def _begin(self, run: Callable[[socket.socket], None]) -> None:
        assert self._connection is not None
        thread = threading.Thread(target=run, args=(self._connection,))
        self._threads.append(thread)
        thread.start()

    def _write(self, connection: socket.socket) -> None:
        with suppress(OSError):
            while (data := self._to_send.get()) is not None:
                connection.sendall(data)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def _read(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        with suppress(OSError, struct.error):
            while True:
                batch = Batch.FromString(stream.read(struct.unpack(">I", stream.read(4))[0]))
                self._received.put((batch, [stream.read(length) for length in batch.attachment_lengths]))
        stream.close()
        self._received.put(None)
        self._to_send.put(None)


class GrpcPeer:
    """Serves ``WorkerLink.Attach`` to one worker."""

    transport = "grpc"

    def __init__(self) -> None:
        self._received: queue.SimpleQueue[AttachRequest | None] = queue.SimpleQueue()
        self._to_send: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._attached = threading.Event()
        self._pool = ThreadPoolExecutor(4)
        unlimited = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
        self._server = grpc.server(self._pool, options=unlimited)
        attach = grpc.stream_stream_rpc_method_handler(
            self._attach, request_deserializer=AttachRequest.FromString, response_serializer=None
        )
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("snakepit.bridge.v1.WorkerLink", {"Attach": attach})]
        )
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def accept(self) -> None:
        assert self._attached.wait(PATIENCE_S)

    def send(self, batch: Batch, attachments: Sequence[bytes] = ()) -> None:
        self.send_raw(AttachResponse(batch=batch, attachments=attachments).SerializeToString())

    def send_raw(self, data: bytes) -> None:
        self._to_send.put(data)

    def receive(self) -> tuple[Batch, list[bytes]]:
        request = self._received.get(timeout=PATIENCE_S)
        if request is None:
            raise PeerClosedError
        return request.batch, list(request.attachments)

    def hang_up(self) -> None:
        self._to_send.put(None)

    def close(self) -> None:
        self.hang_up()
        self._server.stop(None).wait()
        self._pool.shutdown()

    def _attach(self, requests: Iterator[AttachRequest], _context: grpc.ServicerContext) -> Iterator[bytes]:
        self._attached.set()
        reader = threading.Thread(target=self._read, args=(requests,))
        reader.start()
        while (data := self._to_send.get()) is not None:
            yield data

    def _read(self, requests: Iterator[AttachRequest]) -> None:
        try:
            for request in requests:
                self._received.put(request)
        except grpc.RpcError:
            pass
        self._received.put(None)
        self._to_send.put(None)


PEERS = {"socket": SocketPeer, "grpc": GrpcPeer}
