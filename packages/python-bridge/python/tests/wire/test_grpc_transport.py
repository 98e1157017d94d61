from __future__ import annotations

import sys

import pytest

from snakepit_bridge._wire import ConnectionClosed, ProtocolViolation, connect

from .host_peer import GrpcPeer


def test_connecting_fails_when_no_host_listens() -> None:
    transport = connect("grpc", "unix:/nowhere/host.sock")
    with pytest.raises(ConnectionClosed, match=r"connecting to the host at unix:/nowhere/host\.sock failed"):
        transport.receive()


def test_connecting_over_grpc_without_the_library_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grpc", None)
    monkeypatch.delitem(sys.modules, "snakepit_bridge._wire.grpc_transport", raising=False)
    with pytest.raises(ConnectionClosed, match=r"-m pip install grpcio"):
        connect("grpc", "localhost:1")


def test_garbage_ends_the_connection() -> None:
    peer = GrpcPeer()
    try:
        transport = connect("grpc", peer.address)
        peer.accept()
        peer.send_raw(b"\xff" * 6)
        with pytest.raises(ProtocolViolation, match="an invalid batch of frames"):
            transport.receive()
        with pytest.raises(ConnectionClosed):
            transport.receive()
    finally:
        peer.close()
