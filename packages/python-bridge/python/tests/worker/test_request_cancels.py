from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from snakepit_bridge._proto.frames_pb2 import Batch, Frame
from snakepit_bridge._wire.socket_transport import SocketTransport
from snakepit_bridge._worker.requests.request_cancels import RequestCancels


@pytest.fixture
def ends() -> Iterator[tuple[SocketTransport, SocketTransport]]:
    here, there = socket.socketpair()
    with here, there:
        yield SocketTransport(here), SocketTransport(there)


def cancelled(host: SocketTransport) -> int:
    received = host.receive(20)
    assert received is not None
    return received[0].frames[0].cancel.id


def test_a_cancel_frame_is_sent(ends: tuple[SocketTransport, SocketTransport]) -> None:
    worker, host = ends
    RequestCancels(worker).send(7)
    assert cancelled(host) == 7


def test_a_finalizer_in_the_middle_of_a_send_does_not_block(ends: tuple[SocketTransport, SocketTransport]) -> None:
    worker, host = ends
    cancels = RequestCancels(worker)
    with worker._sending:  # as it is while a record is being sent
        cancels.send(7)
        assert host.receive(0) is None
    worker.send(Batch(frames=[Frame(cancel={"id": 8})]))
    assert cancelled(host) == 8
    assert cancelled(host) == 7
