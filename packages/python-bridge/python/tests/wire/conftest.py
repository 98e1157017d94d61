from __future__ import annotations

from collections.abc import Iterator

import pytest

from snakepit_bridge._wire import FrameTransport, connect

from .host_peer import PEERS, HostPeer, SocketPeer


@pytest.fixture(params=sorted(PEERS))
def peer(request: pytest.FixtureRequest) -> Iterator[HostPeer]:
    peer = PEERS[request.param]()
    yield peer
    peer.close()


@pytest.fixture
def transport(peer: HostPeer) -> Iterator[FrameTransport]:
    transport = connect(peer.transport, peer.address)
    peer.accept()
    transport.limit_payloads(1 << 26)
    yield transport
    transport.close("the test has ended")


@pytest.fixture
def socket_peer() -> Iterator[SocketPeer]:
    peer = SocketPeer()
    yield peer
    peer.close()
