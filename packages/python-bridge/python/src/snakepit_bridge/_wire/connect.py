"""Connects to the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .._libraries import install_command
from .frame_transport import ConnectionClosed
from .socket_transport import SocketTransport

if TYPE_CHECKING:
    from .frame_transport import FrameTransport


def connect(transport: Literal["socket", "grpc"], address: str) -> FrameTransport:
    """Connects to the host.

    Args:
        transport: the transport of the frames.
        address: the path of a Unix socket, or for gRPC a target such as ``host:port`` or ``unix:/path``.

    Raises:
        ConnectionClosed: no host listens there (over gRPC the first receive raises it), or gRPC is not installed.
    """
    if transport == "socket":
        return SocketTransport.dial(address)
    # Lazy, because a worker on the socket must not load gRPC: it is large and does not survive a fork.
    try:
        from .grpc_transport import GrpcTransport
    except ImportError as error:
        raise ConnectionClosed(
            f"the gRPC transport cannot be loaded ({error}); install it with: {install_command('grpcio')}"
        ) from error
    return GrpcTransport.dial(address)
