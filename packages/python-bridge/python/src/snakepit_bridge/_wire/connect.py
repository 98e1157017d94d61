"""Dials the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .._libraries import install_command
from .frame_transport import ConnectionClosed
from .socket_transport import SocketTransport

if TYPE_CHECKING:
    from .frame_transport import FrameTransport


def connect(transport: Literal["socket", "grpc"], address: str) -> FrameTransport:
    """Dials the host.

    Args:
        transport: which way the frames go.
        address: the path of a unix socket, or for gRPC a target such as ``host:port`` or ``unix:/path``.

    Raises:
        ConnectionClosed: nobody answers there (over gRPC that shows when receiving), or gRPC is asked for and not
            installed.
    """
    if transport == "socket":
        return SocketTransport.dial(address)
    # Not at the top: a worker on the socket never loads gRPC, which is large and does not survive a fork.
    try:
        from .grpc_transport import GrpcTransport
    except ImportError as error:
        raise ConnectionClosed(
            f"the gRPC transport cannot be loaded ({error}); install it with: {install_command('grpcio')}"
        ) from error
    return GrpcTransport.dial(address)
