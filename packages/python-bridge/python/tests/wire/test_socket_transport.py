from __future__ import annotations

import array
import fcntl
import os
import socket
import struct
import sys
import termios
import threading
import time
from types import ModuleType

import numpy as np
import pytest

from snakepit_bridge._proto.frames_pb2 import Batch, Frame, Log
from snakepit_bridge._wire import ConnectionClosed, ProtocolViolation, Received, connect
from snakepit_bridge._wire.socket_transport import SocketTransport

from .host_peer import PATIENCE_S, SocketPeer


def record(message: str, *attachments: bytes) -> bytes:
    batch = Batch(frames=[Frame(log=Log(message=message))], attachment_lengths=[len(each) for each in attachments])
    encoded = batch.SerializeToString()
    return struct.pack(">I", len(encoded)) + encoded + b"".join(attachments)


def test_records_may_be_split_anywhere() -> None:
    host, worker = socket.socketpair()
    transport = SocketTransport(worker)
    transport.limit_payloads(1 << 20)
    data = record("one") + record("two", b"abc", b"", b"d" * 50) + record("three")
    received: list[Received] = []

    def receive_three() -> None:
        while len(received) < 3:
            found = transport.receive()
            assert found is not None
            received.append(found)

    for cut in range(1, len(data)):
        received.clear()
        receiver = threading.Thread(target=receive_three)
        receiver.start()
        host.sendall(data[:cut])
        while unread_bytes(worker):
            time.sleep(0)
        host.sendall(data[cut:])
        receiver.join(PATIENCE_S)
        assert [batch.frames[0].log.message for batch, _ in received] == ["one", "two", "three"]
        assert [bytes(each) for each in received[1][1]] == [b"abc", b"", b"d" * 50]
    host.close()
    worker.close()


@pytest.mark.parametrize("numpy", ["loaded", "being imported", "not loaded"])
def test_large_attachments_are_received_into_writable_memory(numpy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sys.modules["numpy"] is np
    if numpy != "loaded":
        monkeypatch.setitem(sys.modules, "numpy", ModuleType("numpy") if numpy == "being imported" else None)
    host, worker = socket.socketpair()
    transport = SocketTransport(worker)
    transport.limit_payloads(1 << 20)
    large = bytes(range(256)) * 1_000
    sender = threading.Thread(target=host.sendall, args=(record("one", b"small", large) + record("two"),))
    sender.start()
    received = transport.receive()
    assert received is not None
    assert [bytes(each) for each in received[1]] == [b"small", large]
    assert not any(memoryview(each).readonly for each in received[1])
    following = transport.receive()
    assert following is not None
    assert following[0].frames[0].log.message == "two"
    sender.join(PATIENCE_S)
    host.close()
    worker.close()


def unread_bytes(sock: socket.socket) -> int:
    count = array.array("i", [0])
    fcntl.ioctl(sock, termios.FIONREAD, count)
    return count[0]


def test_offering_does_not_wait_for_a_host_that_does_not_read(socket_peer: SocketPeer) -> None:
    transport = connect("socket", socket_peer.address)
    socket_peer.accept(reads=False)
    batch = Batch(frames=[Frame(log=Log(message="x" * 10_000))])
    sent = 0
    while transport.offer(batch, 0):
        sent += 1
        assert sent < 10_000
    socket_peer.begin_to_read()
    for _ in range(sent):
        socket_peer.receive()
    assert transport.offer(batch, 0)


def test_garbage_ends_the_connection(socket_peer: SocketPeer) -> None:
    transport = connect("socket", socket_peer.address)
    socket_peer.accept()
    socket_peer.send_raw(struct.pack(">I", 6) + b"\xff" * 6)
    with pytest.raises(ProtocolViolation, match="an invalid batch of frames"):
        transport.receive()


def test_a_foreign_protocol_ends_the_connection(socket_peer: SocketPeer) -> None:
    transport = connect("socket", socket_peer.address)
    socket_peer.accept()
    socket_peer.send_raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(ProtocolViolation, match=r"a record of 1,213,486,160 bytes; the limit is"):
        transport.receive()


@pytest.mark.parametrize("length", [2, 10])
def test_a_truncated_record_is_reported(socket_peer: SocketPeer, length: int) -> None:
    transport = connect("socket", socket_peer.address)
    socket_peer.accept()
    socket_peer.send_raw(record("broken off")[:length])
    socket_peer.hang_up()
    with pytest.raises(ConnectionClosed, match="in the middle of a record"):
        transport.receive()


def test_connecting_fails_when_no_host_listens() -> None:
    with pytest.raises(
        ConnectionClosed, match=r"connecting to the host's socket /nowhere/host.sock failed: .*No such file"
    ):
        connect("socket", "/nowhere/host.sock")


def test_a_path_that_is_too_long_is_rejected() -> None:
    with pytest.raises(ConnectionClosed, match="too long"):
        connect("socket", f"/tmp/{'x' * 200}")  # noqa: S108


def test_a_fork_leaves_the_connection_to_its_parent() -> None:
    host, worker = socket.socketpair()
    transport = SocketTransport(worker)
    pid = os.fork()
    if pid == 0:
        transport.abandon()
        try:
            transport.send(Batch())
        except ConnectionClosed:
            os._exit(0)
        os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    transport.send(Batch(frames=[Frame(log=Log(message="from the parent"))]))
    assert host.recv(1000) == record("from the parent")
    host.close()
    worker.close()
